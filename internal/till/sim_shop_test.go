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
	"strings"
	"sync"
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
	bug   *simBug // nil: none is planted
	began time.Time
	box   *sandbox.Sandbox
	line  *simLine
	wires sync.WaitGroup // requests on their way
	calm  bool           // no more trouble

	disk     *faultdisk.Disk
	unsynced bool // the log holds writes that no sync has followed
	boot     int  // runs of the program so far
	run      *simRun

	log   bytes.Buffer    // what all runs logged
	paper bytes.Buffer    // what came out of the printer,
	out   map[string]bool // and of which jobs
	codes []string        // pay codes that customers showed

	counter
	verdict
}

// simRun is one run of the program, from its start to its end.
type simRun struct {
	core    *till.Till
	books   *ledger.Ledger
	spooler *printer.Spooler
	power   context.Context // ends with the electricity
	cut     context.CancelFunc
	stop    func() // ends the core and waits
}

func newSim(t *testing.T, plan *simPlan, bug *simBug) *sim {
	setup, err := simSetup()
	if err != nil {
		t.Fatal(err)
	}
	s := &sim{t: t, plan: plan, bug: bug, began: time.Now()}
	s.box = sandbox.New(setup, sandbox.Options{Random: randomBytes{dice(plan.seed, "sandbox")}})
	s.line = newSimLine(s)
	s.verdict.init()
	s.disk = faultdisk.New(faultdisk.Options{Rand: dice(plan.seed, "disk")})
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
		Path: simBooks, VFS: disk.VFS(), Currency: money.CNY, Random: strings.NewReader("abacus"),
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
		if spell.kind == kind && !s.calm && spell.from <= since && since < spell.to {
			return true
		}
	}
	return false
}

// clockError is by how much the machine's clock is wrong now.
func (s *sim) clockError() (wrong time.Duration) {
	since := time.Since(s.began)
	for _, spell := range s.plan.spells {
		if spell.kind == spellClock && !s.calm && spell.from <= since && since < spell.to {
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
	s.unsynced = false
	disk.Plan(func(op faultdisk.Op) faultdisk.Fault {
		if run.power.Err() != nil {
			return faultdisk.PowerOff
		}
		if b.ops > 0 && op.N >= b.ops && !s.calm {
			s.tell("power: cut at operation %d, %s of %s", op.N, op.Kind, op.Path)
			run.cut()
			return faultdisk.PowerOff
		}
		if strings.HasSuffix(op.Path, "-wal") {
			s.unsynced = op.Kind != faultdisk.Sync && (s.unsynced || op.Kind == faultdisk.Write)
		}
		switch {
		case s.under(spellFull):
			return faultdisk.Full
		case s.under(spellFailing) && luck.IntN(6) == 0:
			return pick(luck, faultdisk.Fail, faultdisk.Torn)
		}
		return faultdisk.None
	})
}

// start starts the program. It fails when the power goes meanwhile, or the disk
// does.
func (s *sim) start(b simBoot) error {
	s.boot++
	s.tell("start %d", s.boot)
	run := &simRun{stop: func() {}}
	run.power, run.cut = context.WithCancel(context.Background())
	s.run = run
	s.watchDisk(b)
	started, wrong := time.Now(), s.clockError()
	opt := s.bookOptions()
	opt.Monotonic = func() time.Duration { return time.Since(started) }
	var err error
	if run.books, err = ledger.Open(run.power, opt); err != nil {
		s.brokenBook(err)
		return err
	}
	s.checkKept()
	// Within a run the program's clock does not jump: Go's time goes by the
	// machine's monotonic clock.
	run.core = till.New(s.settings(), func() time.Time { return time.Now().Add(wrong) }, slog.New(slog.NewTextHandler(simLog{s}, &slog.HandlerOptions{ReplaceAttr: noTime})))
	run.core.Tap(func(v *till.Snapshot) { s.shown(run, v) })
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
	go func() { defer close(ended); _ = run.core.Run(ctx) }()
	run.stop = func() { end(); <-ended }
}

func (s *sim) bookOptions() ledger.Options {
	return ledger.Options{
		Path: simBooks, HeadPath: simHead, VFS: s.disk.VFS(), Files: s.disk, Store: "sim", Till: "01", Currency: money.CNY,
		Now: s.wallClock, Day: settings().Day, Random: randomBytes{dice(s.plan.seed, "mark")},
	}
}

// simLog keeps what the till logs, which must hold no secret.
type simLog struct{ s *sim }

func (l simLog) Write(line []byte) (int, error) {
	l.s.tell("log: %s", bytes.TrimSpace(line))
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
	return set
}

func (s *sim) parts() (till.Parts, error) {
	setup := s.box.Setup()
	client := &http.Client{Transport: s.line}
	w, err := wechat.New(wechat.Config{
		Base: "https://wechat.test", AppID: setup.WeChat.AppID, MchID: setup.WeChat.MchID, MerchantSerial: setup.WeChat.MerchantSerial,
		MerchantKey: setup.WeChat.MerchantKey, APIv3Key: setup.WeChat.APIv3Key, PublicKeyID: setup.WeChat.PublicKeyID,
		PublicKey: setup.WeChat.PublicKey, HTTP: client, Now: s.wallClock,
	})
	if err != nil {
		return till.Parts{}, err
	}
	a, err := alipay.New(alipay.Config{
		Gateway: "https://alipay.test/gateway.do", AppID: setup.Alipay.AppID, AppKey: setup.Alipay.AppKey,
		PublicKey: setup.Alipay.AlipayPublicKey, HTTP: client,
	})
	if err != nil {
		return till.Parts{}, err
	}
	s.run.spooler = printer.NewSpooler(s.run.power, printer.Options{
		Sink: &simPrinter{s: s}, Begin: s.run.core.PrintBegins, Report: s.run.core.PrintResult,
	})
	width, err := printer.PaperOf(80)
	return till.Parts{
		Books: s.run.books, Goods: goods.Sample(), Formats: scanner.Formats{Currency: money.CNY, Weighed: scanner.DefaultLabels()},
		Providers: map[payment.Channel]payment.Provider{payment.WeChat: w, payment.Alipay: a},
		Paper:     &till.Paper{Spooler: simSpooler{s}, Width: width, Texts: &lang.Must(lang.Chinese).Paper, Copies: 1, Drawer: true},
	}, err
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
	if b.kill {
		s.changeDisk(s.disk.Clone())
	} else {
		s.changeDisk(s.disk.Cut(dice(b.damage, "cut")))
	}
}

func (s *sim) changeDisk(next *faultdisk.Disk) {
	if err := s.disk.Release(); err != nil {
		s.fail("disk", "%v", err)
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
	trouble := !p.s.calm && (r.Float64() < p.s.plan.printer || p.s.under(spellPrinter))
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
