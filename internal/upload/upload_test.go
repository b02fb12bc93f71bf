package upload

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"abacus/internal/money"
	"abacus/ledger"
	"abacus/payment/sandbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// keys are made once: RSA keys take time.
var keys = sync.OnceValue(func() *sandbox.Setup {
	setup, err := sandbox.Prepare(context.Background(), "", sandbox.Options{})
	if err != nil {
		panic(err)
	}
	return setup
})

// desk is a book with a sender, and the sandbox that keeps its copy.
type desk struct {
	t      testing.TB
	box    *sandbox.Sandbox
	books  *ledger.Ledger
	sender *Sender
	down   atomic.Bool // no line at all
	calls  atomic.Int64
}

func (d *desk) RoundTrip(r *http.Request) (*http.Response, error) {
	d.calls.Add(1)
	if d.down.Load() {
		return nil, errors.New("no route to host")
	}
	return d.box.Transport().RoundTrip(r)
}

func options(dir string) ledger.Options {
	return ledger.Options{Path: filepath.Join(dir, "journal.db"), Till: "01", Currency: money.CNY}
}

func newDesk(t testing.TB, dir string) *desk {
	t.Helper()
	d := &desk{t: t, box: sandbox.New(keys(), sandbox.Options{})}
	var err error
	if d.books, err = ledger.Open(t.Context(), options(dir)); err != nil {
		t.Fatal(err)
	}
	setup := keys().Journal
	d.sender = New(Options{
		Keeper: &Client{Address: "https://keeper.invalid/journal", Store: "0001", Till: "01", Key: setup.TillKey, Public: setup.PublicKey,
			HTTP: &http.Client{Transport: d}, Now: time.Now, Random: rand.Reader},
		Open: func() (*ledger.Tail, error) { return ledger.OpenTail(options(dir)) },
		Head: func() (ledger.Head, error) { return d.books.Head(), nil }, Seen: File(filepath.Join(dir, "journal.sent")),
		Jitter: func(most time.Duration) time.Duration { return most / 2 },
	})
	return d
}

func (d *desk) close() {
	if err := errors.Join(d.sender.Close(), d.books.Close()); err != nil {
		d.t.Error(err)
	}
}

// write puts n entries into the book.
func (d *desk) write(n int) {
	d.t.Helper()
	for n > 0 {
		var b ledger.Batch
		for range min(n, 50) {
			b.Drafts = append(b.Drafts, ledger.Draft{Kind: ledger.KindNote, Payload: ledger.Note{About: "test", Text: "<顾客> \"x\" " + strings.Repeat("y", n%90)}})
		}
		n -= len(b.Drafts)
		if _, err := d.books.Append(d.t.Context(), b); err != nil {
			d.t.Fatal(err)
		}
	}
}

// held compares the keeper's copy with the book.
func (d *desk) held() sandbox.JournalCopy {
	d.t.Helper()
	copies := d.box.Journals()
	head := d.books.Head()
	if len(copies) != 1 || copies[0].Number != head.Number || copies[0].Hash != head.Hash.String() {
		d.t.Fatalf("the keeper holds %+v, the book ends at %d %s", copies, head.Number, head.Hash)
	}
	return copies[0]
}

func TestEverythingIsSentOnceInOrder(t *testing.T) {
	d := newDesk(t, t.TempDir())
	defer d.close()
	for _, n := range []int{0, 1, 499, 501, 3, 1300} {
		d.write(n)
		if left := d.sender.Status().Left; left != int64(n) {
			t.Errorf("%d left, %d were written", left, n)
		}
		st, err := d.sender.Sync(t.Context())
		if err != nil || st.Left != 0 || !st.Asked || st.Cause != None {
			t.Fatalf("%+v, %v", st, err)
		}
		if c := d.held(); c.Repeated != 0 {
			t.Errorf("%d entries came twice", c.Repeated)
		}
	}
}

// Whatever happens to requests and answers, in the end everything is there,
// and the till has never believed what the keeper did not say.
func TestFaults(t *testing.T) {
	for _, fault := range []string{"drop-request", "drop-answer", "http:503", "http-after:502", "http:404", "reset", "garbage", "bad-signature", "duplicate"} {
		t.Run(fault, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(t, t.TempDir())
				defer d.close()
				d.write(1700)
				if err := d.box.AddFault(sandbox.Fault{Channel: "journal", Fault: fault, Probability: 0.6, Seed: 7}); err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithCancel(t.Context())
				done := make(chan struct{})
				go func() { defer close(done); d.sender.Run(ctx) }()
				for range 40 {
					time.Sleep(time.Minute)
					d.write(1)
				}
				d.box.ClearFaults()
				time.Sleep(2 * mostPause)
				synctest.Wait()
				d.held()
				cancel()
				<-done
			})
		})
	}
}

// A week without a line costs few tries, and one batch after another when it
// is back.
func TestAWeekOffline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, t.TempDir())
		defer d.close()
		d.down.Store(true)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); d.sender.Run(ctx) }()
		for range 7 {
			d.write(300)
			time.Sleep(24 * time.Hour)
		}
		synctest.Wait()
		if st := d.sender.Status(); st.Left != 2100 || st.Cause != Unreachable {
			t.Errorf("after a week: %+v", st)
		}
		if most, calls := int64(7*24*12), d.calls.Load(); calls > most+20 {
			t.Errorf("%d tries in a week, %d would do", calls, most)
		}
		d.down.Store(false)
		d.calls.Store(0)
		time.Sleep(mostPause + mostPause/4)
		synctest.Wait()
		if c, calls := d.held(), d.calls.Load(); c.Repeated != 0 || calls > 8 {
			t.Errorf("%d came twice, %d calls", c.Repeated, calls)
		}
		cancel()
		<-done
	})
}

// After a restart the count is known without asking, and nothing is sent again.
func TestRestart(t *testing.T) {
	dir := t.TempDir()
	d := newDesk(t, dir)
	d.write(700)
	if _, err := d.sender.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.write(3)
	d.close()
	again := newDesk(t, dir)
	defer again.close()
	again.box = d.box
	again.down.Store(true)
	if st, err := again.sender.Recall(t.Context()); err != nil || st.Left != 3 || st.Asked {
		t.Errorf("%+v, %v", st, err)
	}
	if _, err := again.sender.Sync(t.Context()); !errors.Is(err, ErrUnreachable) {
		t.Errorf("offline: %v", err)
	}
	again.down.Store(false)
	if st, err := again.sender.Ask(t.Context()); err != nil || st.Left != 3 || !st.Asked {
		t.Errorf("%+v, %v", st, err)
	}
	if _, err := again.sender.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c := again.held(); c.Repeated != 0 {
		t.Errorf("%d entries came twice", c.Repeated)
	}
}

// A fall on the way is as an answer nobody can read: told, and tried again.
func TestAFallIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, t.TempDir())
		defer d.close()
		head, falls := d.sender.o.Head, true
		d.sender.o.Head = func() (ledger.Head, error) {
			if falls {
				falls = false
				panic("246810")
			}
			return head()
		}
		st, err := d.sender.Sync(t.Context())
		if st.Cause != BadAnswer || err == nil || strings.Contains(err.Error(), "246810") {
			t.Errorf("after a fall: %+v, %v", st, err)
		}
		if st, err = d.sender.Sync(t.Context()); st.Cause != None || err != nil {
			t.Errorf("afterwards: %+v, %v", st, err)
		}
	})
}

// A book whose end cannot be read is not taken for one that is wholly copied,
// whenever that happens.
func TestAnEndThatCannotBeReadIsNotComplete(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, t.TempDir())
		defer d.close()
		d.write(3)
		head := d.sender.o.Head
		failed := false
		unreadable := func(after int) {
			failed = false
			d.sender.o.Head = func() (ledger.Head, error) {
				if after--; after < 0 {
					failed = true
					return ledger.Head{}, errors.New("disk I/O error (266)")
				}
				return head()
			}
		}
		for _, what := range []func(context.Context) (Status, error){d.sender.Sync, d.sender.Ask} {
			for after := 0; after == 0 || failed; after++ {
				unreadable(after)
				if st, _ := what(t.Context()); failed && (st.Cause != Unreadable || st.Err == nil) {
					code, _ := st.Code()
					t.Errorf("after %d readings: %s", after, code)
				}
			}
		}
		d.sender.o.Head = head
		if st, err := d.sender.Sync(t.Context()); err != nil || st.Cause != None || st.Held.Number != 3 {
			t.Errorf("afterwards: %+v, %v", st, err)
		}
		d.held()
	})
}

// Two that send at once take turns.
func TestOneAtATime(t *testing.T) {
	d := newDesk(t, t.TempDir())
	defer d.close()
	d.write(1200)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if _, err := d.sender.Sync(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if c := d.held(); c.Repeated != 0 {
		t.Errorf("%d entries came twice", c.Repeated)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	<-d.sender.turn
	if _, err := d.sender.Sync(gone); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting for a turn after the end: %v", err)
	}
	d.sender.turn <- struct{}{}
}

// scripted is a keeper that answers as the test says.
type scripted struct{ answer Answer }

func (s scripted) Send(context.Context, string, ledger.Page) (Answer, error) { return s.answer, nil }

// A copy that is not of this journal is told, whatever makes it so, and Run
// leaves it alone.
func TestDifferences(t *testing.T) {
	d := newDesk(t, t.TempDir())
	defer d.close()
	d.write(20)
	other := ledger.Hash(sha256.Sum256([]byte("x")))
	head := d.books.Head()
	for _, c := range []struct {
		name  string
		a     Answer
		want  Difference
		cause Cause
		code  string
	}{
		{"other hash", Answer{Held: ledger.Head{Number: 12, Hash: other}}, Difference{Number: 12, Ours: 20}, Differs, "journal-differs"},
		{"other mark", Answer{Held: ledger.Head{Hash: other}}, Difference{Ours: 20}, Differs, "journal-differs"},
		{"further", Answer{Held: ledger.Head{Number: 30, Hash: other}}, Difference{Number: 30, Ours: 20, Ahead: true}, Differs, "journal-ahead"},
		{"fork", Answer{Held: head, Problem: "fork", At: 7}, Difference{Number: 7, Ours: 20}, Differs, "journal-differs"},
		{"broken", Answer{Held: head, Problem: "broken", At: 8}, Difference{Number: 8, Ours: 20}, Differs, "journal-differs"},
	} {
		d.sender.o.Keeper = scripted{c.a}
		st, err := d.sender.Sync(t.Context())
		var got *Difference
		if !errors.As(err, &got) || *got != c.want || st.Cause != c.cause || st.Differs == nil || got.Error() == "" {
			t.Errorf("%s: %+v, %v", c.name, st, err)
		}
		if code, args := st.Code(); code != c.code || len(args) == 0 {
			t.Errorf("%s: %s %v", c.name, code, args)
		}
		if held := File(filepath.Join(filepath.Dir(d.path()), "journal.sent")).Load(d.books.Mark()); held.Number != 0 {
			t.Errorf("%s: %d was remembered as held", c.name, held.Number)
		}
	}
	// A keeper that takes nothing does not keep us busy.
	first, err := d.sender.tail.HashAt(0)
	if err != nil {
		t.Fatal(err)
	}
	d.sender.o.Keeper = scripted{Answer{Held: ledger.Head{Hash: first}, Problem: "gap"}}
	if st, err := d.sender.Sync(t.Context()); !errors.Is(err, ErrBadAnswer) || st.Cause != BadAnswer {
		t.Errorf("%+v, %v", st, err)
	}
}

func (d *desk) path() string {
	return string(d.sender.o.Seen.(File))
}

// The keeper does not take what somebody else signed, and the till does not
// believe what somebody else answers.
func TestStrangers(t *testing.T) {
	d := newDesk(t, t.TempDir())
	defer d.close()
	d.write(3)
	client := d.sender.o.Keeper.(*Client)
	right := client.Key
	client.Key = keys().Alipay.AppKey
	if st, err := d.sender.Sync(t.Context()); !errors.Is(err, ErrRefused) || st.Cause != Refused {
		t.Errorf("another till's key: %+v, %v", st, err)
	}
	client.Key, client.Public = right, &keys().WeChat.MerchantKey.PublicKey
	if st, err := d.sender.Sync(t.Context()); !errors.Is(err, ErrBadAnswer) || st.Cause != BadAnswer || st.Asked {
		t.Errorf("another keeper's key: %+v, %v", st, err)
	}
	client.Public = keys().Journal.PublicKey
	client.HTTP = &http.Client{Transport: &replay{next: d}}
	if st, err := d.sender.Sync(t.Context()); !errors.Is(err, ErrBadAnswer) || st.Cause != BadAnswer {
		t.Errorf("an answer of before: %+v, %v", st, err)
	}
}

// replay answers every request but the first with the first answer.
type replay struct {
	next  http.RoundTripper
	first *http.Request
}

func (r *replay) RoundTrip(q *http.Request) (*http.Response, error) {
	if r.first == nil {
		r.first = q
	}
	again := r.first.Clone(q.Context())
	again.Body, _ = r.first.GetBody()
	return r.next.RoundTrip(again)
}

func TestMemory(t *testing.T) {
	f := File(filepath.Join(t.TempDir(), "journal.sent"))
	if h := f.Load("k3f9"); h != (ledger.Head{}) {
		t.Errorf("nothing was saved: %v", h)
	}
	want := ledger.Head{Number: 1234, Hash: ledger.Hash(sha256.Sum256(nil))}
	f.Save("k3f9", ledger.Head{Number: 7})
	f.Save("k3f9", want)
	if h := f.Load("k3f9"); h != want {
		t.Errorf("%v, want %v", h, want)
	}
	if h := f.Load("aaaa"); h != (ledger.Head{}) {
		t.Errorf("of another book: %v", h)
	}
	File(filepath.Join(t.TempDir(), "none", "x")).Save("k3f9", want) // a hint that cannot be kept
}

func FuzzMemory(f *testing.F) {
	f.Add([]byte("abacus-sent-1 k3f9 12 " + strings.Repeat("0", 64) + "\n"))
	f.Add([]byte("abacus-sent-1 k3f9 -1 zz"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if h := parseMemory(text, "k3f9"); h.Number < 0 {
			t.Errorf("%q is %v", text, h)
		}
	})
}

// No bytes without the keeper's signature are ever believed.
func FuzzAnswer(f *testing.F) {
	f.Add(200, []byte(`{"till":"01","mark":"k3f9","number":3,"hash":"00","request":""}`), "AAAA")
	f.Add(409, []byte(`{}`), "")
	f.Fuzz(func(t *testing.T, status int, text []byte, signature string) {
		c := &Client{Till: "01", Public: keys().Journal.PublicKey}
		sum := sha256.Sum256(text)
		a, err := c.answer(&http.Response{StatusCode: status, Status: fmt.Sprint(status), Header: http.Header{signatureHeader: {signature}}},
			text, "k3f9", hex.EncodeToString(sum[:]))
		if err == nil {
			t.Errorf("%d %q %q was believed: %+v", status, text, signature, a)
		}
	})
}
