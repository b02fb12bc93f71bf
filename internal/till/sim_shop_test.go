package till_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"abacus/internal/faultdisk"
	"abacus/internal/goods"
	"abacus/internal/lang"
	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
	"abacus/payment/alipay"
	"abacus/payment/sandbox"
	"abacus/payment/wechat"
	"abacus/printer"
	"abacus/scanner"
)

const (
	simBooks = "/till/journal.db"
	simHead  = "/till/journal.head"
	simPIN   = "97316438520117"
)

// sim is one simulated shop: the whole till with the real books on a disk that
// fails, the real clients of both acquirers over a line that fails, and the
// acquirers' sandbox. One goroutine is the people at the counter.
type sim struct {
	t     *testing.T
	plan  *simPlan
	bug   *simBug
	began time.Time
	box   *sandbox.Sandbox
	line  *simLine
	wires sync.WaitGroup // requests on their way
	calm  atomic.Bool    // no more trouble

	disk     *faultdisk.Disk
	unsynced atomic.Bool // the log holds writes that no sync has followed
	loose    atomic.Bool // the last commit that was told as done was not synced
	boot     int         // runs of the program so far
	run      *simRun
	rotten   bool              // the database is an older one
	refused  bool              // and the till has seen it
	older    map[string][]byte // the files as the last run in order left them
	newer    map[string][]byte // and as they must be put back
	olderEnd int64             // the last entry in older

	log     bytes.Buffer               // what all runs logged
	paper   bytes.Buffer               // what came out of the printer,
	out     map[string]bool            // and of which jobs
	papers  map[string]map[string]bool // by job: which orders it is to name as paid
	codes   []string                   // pay codes that customers showed
	desk    *simDesk                   // the bank's terminal; nil: none
	host    *simHost                   // the card host; nil: none
	prepaid *simPrepaid                // nil: there are none

	counter
	verdict

	// What planted bugs go by.
	done  map[string]bool // orders with which a till has done
	late  *faultdisk.Disk // the disk as it was before the last commit was on it
	ghost *faultdisk.Disk // and as a failed commit has left it
}

// simRun is one run of the program, from its start to its end.
type simRun struct {
	core    *till.Till
	books   *ledger.Ledger
	spooler *printer.Spooler
	power   context.Context // ends with the electricity
	cut     context.CancelFunc
	stop    func()        // ends the core and waits
	wrong   time.Duration // the program's clock in this run
	luck    *rand.Rand    // of commits
}

func newSim(t *testing.T, plan *simPlan, bug *simBug, telling bool) *sim {
	setup, err := simSetup()
	if err != nil {
		t.Fatal(err)
	}
	s := &sim{t: t, plan: plan, bug: bug, began: time.Now(), done: map[string]bool{}, papers: map[string]map[string]bool{}, counter: counter{lessened: map[string]bool{}}}
	if bug == nil {
		s.bug = &simBug{}
	}
	s.box = sandbox.New(setup, sandbox.Options{Random: randomBytes{dice(plan.seed, "sandbox")}, Sign: signSHA256, NoBatch: plan.noBatch()})
	s.telling = telling
	s.line = newSimLine(s)
	s.openCards()
	s.verdict.init()
	s.disk = faultdisk.New(faultdisk.Options{Unrecorded: !telling})
	if !plan.fresh {
		for name, bytes := range simTemplate() {
			s.disk.Put(name, bytes)
		}
	}
	return s
}

// simTemplate is a book just made; making one is most of a short day's work.
var simTemplate = sync.OnceValue(func() map[string][]byte {
	disk := faultdisk.New(faultdisk.Options{})
	books, err := ledger.Open(context.Background(), ledger.Options{
		Path: simBooks, HeadPath: simHead, VFS: disk.VFS(), Files: disk, Currency: money.CNY, Random: strings.NewReader("abacus"),
	})
	if err != nil {
		panic(err) // no test goes on from here
	}
	if err := errors.Join(books.Close(), disk.Release()); err != nil {
		panic(err)
	}
	return filesOf(disk)
})

func filesOf(disk *faultdisk.Disk) map[string][]byte {
	files := map[string][]byte{}
	for _, name := range disk.Names() {
		files[name] = disk.Peek(name)
	}
	return files
}

// randomBytes is luck as a stream.
type randomBytes struct{ r *rand.Rand }

func (b randomBytes) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(b.r.Uint32())
	}
	return len(p), nil
}

// under reports whether a spell is on. Spells are a matter of time alone.
func (s *sim) under(kind string) bool {
	since := time.Since(s.began)
	for _, spell := range s.plan.spells {
		if spell.kind == kind && !s.calm.Load() && spell.from <= since && since < spell.to {
			return true
		}
	}
	return false
}

// clockError is by how much the machine's clock is wrong now.
func (s *sim) clockError() (wrong time.Duration) {
	since := time.Since(s.began)
	for _, spell := range s.plan.spells {
		if spell.kind == spellClock && !s.calm.Load() && spell.from <= since && since < spell.to {
			wrong += spell.size
		}
	}
	return wrong
}

func (s *sim) wallClock() time.Time { return time.Now().Add(s.clockError()) }

func (s *sim) off() bool { return s.run == nil || s.run.power.Err() != nil }

// watchDisk is the disk's plan for one run: when the power goes, and the
// weather's faults.
func (s *sim) watchDisk(b simBoot) {
	luck := dice(s.plan.seed, "disk of boot", s.boot)
	run, disk := s.run, s.disk
	fails := func(op faultdisk.Op) faultdisk.Fault {
		if run.power.Err() != nil {
			return faultdisk.PowerOff
		}
		if b.ops > 0 && op.N >= b.ops && !s.calm.Load() {
			s.tell("power: cut at operation %d, %s of %s", op.N, op.Kind, op.Path)
			run.cut()
			return faultdisk.PowerOff
		}
		if s.bug.unsynced && strings.HasSuffix(op.Path, "-wal") && op.Kind == faultdisk.Sync {
			s.late = disk.Clone()
		}
		switch {
		case b.slip > 0 && op.N >= b.slip && op.Kind == faultdisk.Sync && !s.calm.Load():
			s.tell("disk: one sync of %s fails", op.Path)
			b.slip = 0
			if s.bug.ghosts && strings.HasSuffix(op.Path, "-wal") {
				s.ghost, s.writing = disk.Clone(), false // the till is told at once
			}
			return faultdisk.Fail
		case s.under(spellFull):
			return faultdisk.Full
		case s.under(spellFailing) && luck.IntN(6) == 0:
			return pick(luck, faultdisk.Fail, faultdisk.Torn)
		}
		return faultdisk.None
	}
	disk.Plan(func(op faultdisk.Op) faultdisk.Fault {
		f := fails(op)
		switch log := strings.HasSuffix(op.Path, "-wal"); {
		case log && op.Kind == faultdisk.Write:
			s.unsynced.Store(true)
		case log && op.Kind == faultdisk.Sync && f == faultdisk.None:
			s.unsynced.Store(false)
		}
		return f
	})
}

// start starts the program. It fails when the power goes meanwhile, or the disk
// does.
func (s *sim) start(b simBoot) error {
	s.boot++
	s.tell("start %d", s.boot)
	run := &simRun{stop: func() {}, luck: dice(s.plan.seed, "commits of boot", s.boot)}
	run.power, run.cut = context.WithCancel(context.Background())
	s.run = run
	s.watchDisk(b)
	s.disk.Seed(dice(s.plan.seed, "bytes of boot", s.boot))
	started, wrong := time.Now(), s.clockError()
	run.wrong = wrong
	opt := s.bookOptions()
	opt.Monotonic = func() time.Duration { return time.Since(started) }
	var err error
	if run.books, err = ledger.Open(run.power, opt); err != nil {
		s.refusedBook(err)
		return err
	}
	s.rotten = false // it was no older one
	s.checkKept()
	// Within a run the program's clock does not jump: Go's time goes by the
	// machine's monotonic clock.
	run.core = till.New(s.settings(), func() time.Time { return time.Now().Add(wrong) }, slog.New(slog.NewTextHandler(simLog{s}, &slog.HandlerOptions{ReplaceAttr: noTime})))
	run.core.Tap(func(v *till.Snapshot) { s.shown(run, v) })
	run.core.Between(s.append)
	s.runCore()
	parts, err := s.parts()
	if err != nil {
		s.t.Fatal(err) // of the test's own making
	}
	return run.core.Start(run.power, parts)
}

func (s *sim) runCore() {
	run := s.run
	ctx, end := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := run.core.Run(ctx); err != nil {
			s.fail("fell", "%v: %s", err, s.log.Bytes())
		}
	}()
	run.stop = func() { end(); <-ended }
}

func (s *sim) bookOptions() ledger.Options {
	o := ledger.Options{
		Path: simBooks, HeadPath: simHead, VFS: s.disk.VFS(), Files: s.disk, Store: "sim", Till: "01", Currency: money.CNY,
		Now: s.wallClock, Day: settings().Day, Random: randomBytes{dice(s.plan.seed, "mark")},
	}
	if s.bug.noHead {
		o.HeadPath = ""
	}
	return o
}

// simLog keeps what the till logs, which must hold no secret.
type simLog struct{ s *sim }

func (l simLog) Write(line []byte) (int, error) {
	if !l.s.off() { // in the dark goroutines end in any order
		l.s.tell("log: %s", bytes.TrimSpace(line))
	}
	return l.s.log.Write(line)
}

// noTime leaves the time out of log lines: their order says enough.
func noTime(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

func (s *sim) settings() till.Settings {
	set := settings()
	luck := dice(s.plan.seed, "jitter", s.boot)
	set.Jitter = func(most time.Duration) time.Duration { return time.Duration(luck.Int64N(int64(most) + 1)) }
	for i := range set.Operators {
		set.Operators[i].Check = func(pin string) bool { return pin == simPIN }
	}
	s.prepaidSettings(&set)
	set.SettleAtClose = s.host != nil && dice(s.plan.seed, "settle at close").IntN(2) == 0
	return set
}

// simTiming asks less often while a customer acts: most questions of a day are
// of that kind, and they are all alike.
var simTiming = payment.Timing{QueryInterval: 14 * time.Second, CodePoll: 19 * time.Second, OrderCodeLife: time.Minute}

// simGoods are read once: no till changes them.
var simGoods = sync.OnceValue(goods.Sample)

func (s *sim) parts() (till.Parts, error) {
	setup := s.box.Setup()
	client := &http.Client{Transport: s.line}
	w, err := wechat.New(wechat.Config{
		Base: "https://wechat.test", AppID: setup.WeChat.AppID, MchID: setup.WeChat.MchID, MerchantSerial: setup.WeChat.MerchantSerial,
		MerchantKey: setup.WeChat.MerchantKey, APIv3Key: setup.WeChat.APIv3Key, PublicKeyID: setup.WeChat.PublicKeyID,
		PublicKey: setup.WeChat.PublicKey, HTTP: client, Now: s.wallClock, Timing: simTiming,
		Signer: quickSigner{setup.WeChat.MchID, setup.WeChat.MerchantSerial, setup.WeChat.MerchantKey},
	})
	if err != nil {
		return till.Parts{}, err
	}
	a, err := alipay.New(alipay.Config{
		Gateway: "https://alipay.test/gateway.do", AppID: setup.Alipay.AppID, AppKey: setup.Alipay.AppKey,
		PublicKey: setup.Alipay.AlipayPublicKey, HTTP: client, Timing: simTiming,
	})
	if err != nil {
		return till.Parts{}, err
	}
	s.run.spooler = printer.NewSpooler(s.run.power, printer.Options{
		Sink: &simPrinter{s: s}, Begin: s.run.core.PrintBegins, Report: s.run.core.PrintResult,
	})
	providers := s.providers(w, a)
	if err := s.addCards(providers); err != nil {
		return till.Parts{}, err
	}
	width, err := printer.PaperOf(80)
	return till.Parts{
		Books: s.run.books, Goods: simGoods(), Formats: scanner.Formats{Currency: money.CNY, Weighed: scanner.DefaultLabels()},
		Providers: providers,
		Paper:     &till.Paper{Spooler: simSpooler{s}, Width: width, Texts: &lang.Must(lang.Chinese).Paper, Copies: 1, Drawer: true},
	}, err
}

// providers are the channels' clients, with a bug in them if one is planted.
func (s *sim) providers(clients ...fullProvider) map[payment.Channel]payment.Provider {
	out := map[payment.Channel]payment.Provider{}
	fill := func() {
		for _, c := range clients {
			out[c.Channel()] = c
			if s.bug.answer != nil || s.bug.refund != nil || s.bug.unsent != nil || s.bug.timing != nil {
				out[c.Channel()] = &simClient{c, s}
			}
		}
	}
	if !s.bug.forgetful {
		fill()
		return out
	}
	// They come when what was open has found none of them.
	started := time.Now()
	run := s.run
	run.core.Tap(func(v *till.Snapshot) {
		if len(out) == 0 && time.Since(started) > 2*time.Second {
			fill()
		}
		s.shown(run, v)
	})
	return out
}

// end ends a run in order, as far as the disk lets it.
func (s *sim) end() {
	run := s.run
	if run.spooler != nil {
		ctx, done := context.WithTimeout(context.Background(), 2*time.Second)
		run.spooler.Close(ctx)
		done()
	}
	run.stop()
	run.cut()
	if run.books != nil {
		_ = run.books.Close() // fails where the disk does
	}
	s.run = nil
	s.changeDisk(s.disk.Clone())
}

// rot is somebody who copies yesterday's database over today's: the till must
// see it before the first sale. The head file lies elsewhere; one that the disk
// has not taken since guards nothing.
func (s *sim) rot() {
	now := filesOf(s.disk)
	if s.rotten = s.rotten && s.older != nil && (s.bug.noHead || headIn(now[simHead]) > s.olderEnd); s.rotten {
		s.tell("somebody puts the database of an earlier end back")
		s.putBack(s.older)
	}
	s.newer, s.older, s.olderEnd = now, now, s.acked
}

// headIn is the latest end that a head file names.
func headIn(file []byte) (latest int64) {
	for line := range strings.Lines(string(file)) {
		if word := strings.Fields(line); len(word) == 6 { // else it is torn
			end, _ := strconv.ParseInt(word[2], 10, 64)
			latest = max(latest, end)
		}
	}
	return latest
}

func (s *sim) putBack(files map[string][]byte) {
	for _, name := range []string{simBooks, simBooks + "-wal", simBooks + "-shm"} {
		s.disk.Put(name, files[name])
	}
}

// crash is what is left when the power has gone, or the process has died.
func (s *sim) crash(b simBoot) {
	run := s.run
	run.cut()
	s.disk.PowerOff()
	run.stop()
	if run.books != nil {
		_ = run.books.Close()
	}
	s.run = nil
	s.crashed = true
	s.cuts++
	switch {
	case b.kill && s.ghost == nil:
		s.changeDisk(s.disk.Clone())
	case s.ghost != nil:
		s.changeDisk(s.ghost)
	case s.late != nil:
		s.changeDisk(s.late.Cut(dice(b.damage, "cut")))
	default:
		s.changeDisk(s.disk.Cut(dice(b.damage, "cut")))
		s.unsynced.Store(false) // what is left is on it
		s.host.synced(s.disk)
	}
}

func (s *sim) changeDisk(next *faultdisk.Disk) {
	if err := s.disk.Release(); err != nil {
		s.fail("disk", "%v", err)
	}
	if s.telling {
		for _, op := range s.disk.Ops() {
			s.diskTrace = append(s.diskTrace, fmt.Sprintf("boot %d: %+v", s.boot, op))
		}
	}
	s.disk = next
}

// simSpooler hands jobs to the real spooler, after a look at what they say.
type simSpooler struct{ s *sim }

func (p simSpooler) Submit(job printer.Job) error {
	if p.s.off() {
		return nil
	}
	p.s.checkPaper(job)
	return p.s.run.spooler.Submit(job)
}

// simPrinter is a receipt printer that runs out of paper.
type simPrinter struct {
	s *sim
	n int
}

func (p *simPrinter) Send(ctx context.Context, job printer.Job) error {
	p.n++
	r := dice(p.s.plan.seed, "printer", p.s.boot, p.n)
	if err := sleep(ctx, time.Duration(r.Int64N(int64(2*time.Second)))); err != nil {
		return fmt.Errorf("stopped: %w", err)
	}
	trouble := !p.s.calm.Load() && (r.Float64() < p.s.plan.printer || p.s.under(spellPrinter))
	if trouble && r.IntN(2) == 0 {
		return fmt.Errorf("no paper: %w", printer.ErrNotSent)
	}
	if err := job.Begins(ctx); err != nil {
		return fmt.Errorf("%w: %w", printer.ErrNotSent, err)
	}
	p.s.printedOnce(job)
	if trouble {
		return io.ErrShortWrite
	}
	return nil
}
