package headless

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"abacus/internal/lang"
	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestBadLinesAreAnsweredAndTheLineLives(t *testing.T) {
	long := `{"jsonrpc":"2.0","id":9,"method":"till.hello","params":{"x":"` + strings.Repeat("x", lineLimit) + `"}}`
	for _, c := range []struct {
		name, line string
		code       int
		word       string
	}{
		{"no JSON", `hello`, -32700, "bad-json"},
		{"half an object", `{"jsonrpc":"2.0","id":1`, -32700, "bad-json"},
		{"not UTF-8", "\xff\xfe\x00", -32700, "bad-json"},
		{"too deep", strings.Repeat("[", 20000), -32700, "bad-json"},
		{"a number", `42`, -32600, "bad-request"},
		{"no version", `{"id":1,"method":"till.hello"}`, -32600, "bad-request"},
		{"no method", `{"jsonrpc":"2.0","id":1}`, -32600, "bad-request"},
		{"extra fields", `{"jsonrpc":"2.0","id":1,"method":"till.hello","parms":{}}`, -32600, "bad-request"},
		{"params a text", `{"jsonrpc":"2.0","id":1,"method":"till.hello","params":"x"}`, -32600, "bad-request"},
		{"method a number", `{"jsonrpc":"2.0","id":1,"method":7}`, -32600, "bad-request"},
		{"id an object", `{"jsonrpc":"2.0","id":{},"method":"till.hello"}`, -32600, "bad-request"},
		{"an answer", `{"jsonrpc":"2.0","id":1,"result":{}}`, -32600, "bad-request"},
		{"empty batch", `[]`, -32600, "bad-request"},
		{"too long", long, -32600, "line-too-long"},
		{"unknown method", `{"jsonrpc":"2.0","id":1,"method":"sale.stael"}`, -32601, "unknown-method"},
		{"a built-in of the library", `{"jsonrpc":"2.0","id":1,"method":"rpc.serverInfo"}`, -32601, "unknown-method"},
	} {
		t.Run(c.name, func(t *testing.T) {
			answers := exchange(t, newFake(nil), c.line, "", "  ", `{"jsonrpc":"2.0","id":2,"method":"till.hello"}`)
			if len(answers) != 2 {
				t.Fatalf("answers: %q", answers)
			}
			slices.SortFunc(answers, func(a, b string) int { // jrpc2 answers what it refuses itself at once
				return strings.Index(a, `"error"`) - strings.Index(b, `"error"`)
			})
			if r := parse(t, answers[0]); string(r.ID) != "2" || r.Error != nil {
				t.Errorf("the next request: %s", answers[0])
			}
			r := parse(t, answers[1])
			if r.Error == nil || r.Error.Code != c.code || r.Error.Data.Code != c.word {
				t.Fatalf("%s, want %d %s", answers[1], c.code, c.word)
			}
			if r.Error.Data.Say == "" || r.Error.Data.Hint == "" {
				t.Errorf("no sentence: %s", answers[1])
			}
		})
	}
}

// A web page may make the browser beside the till post commands to its port.
func TestABrowserIsCutOff(t *testing.T) {
	core := newFake(nil)
	answers := exchange(t, core, "POST / HTTP/1.1\r", "Host: 127.0.0.1\r", "\r", `{"jsonrpc":"2.0","id":1,"method":"sale.hold"}`)
	if len(core.asked()) != 0 || len(answers) != 1 || parse(t, answers[0]).Error == nil {
		t.Errorf("asked %v, answered %q", core.asked(), answers)
	}
}

func TestBatch(t *testing.T) {
	core := newFake(nil)
	answers := exchange(t, core, `[{"jsonrpc":"2.0","id":1,"method":"sale.hold"},{"jsonrpc":"2.0","method":"sale.recall"},`+
		`{"jsonrpc":"2.0","id":1.5,"method":"no"},{"x":1}]`)
	var got []reply
	if len(answers) != 1 || json.Unmarshal([]byte(answers[0]), &got) != nil || len(got) != 3 {
		t.Fatalf("answers %q", answers)
	}
	if string(got[0].Result) != "{}" || got[1].Error.Code != -32601 || got[2].Error.Data.Code != "bad-request" {
		t.Errorf("answers %s", answers[0])
	}
	if len(core.asked()) != 2 {
		t.Errorf("asked %v", core.asked())
	}
}

// A batch's results are all kept until the last is there, so its length has a
// limit, as what is owed for single lines has.
func TestABatchOfTooMany(t *testing.T) {
	for n, fits := range map[int]bool{openLimit: true, openLimit + 1: false, 12_000: false} {
		core := newFake(nil)
		requests := []string{`{"jsonrpc":"2.0","method":"sale.hold"}`}
		for i := range n - 1 {
			requests = append(requests, fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"sale.hold"}`, 10+i))
		}
		answers := exchange(t, core, "["+strings.Join(requests, ",")+"]", `{"jsonrpc":"2.0","id":2,"method":"sale.recall"}`)
		if len(answers) != 2 {
			t.Fatalf("%d: answers %.300q", n, answers)
		}
		if asked := len(core.asked()); fits && asked != n+1 || !fits && asked != 1 {
			t.Errorf("%d: asked %d times", n, asked)
		}
		if fits {
			continue
		}
		r := parse(t, answers[0])
		if r.Error == nil || r.Error.Code != -32600 || r.Error.Data.Code != "batch-too-long" || r.Error.Data.Say == "" || r.Error.Data.Hint == "" {
			t.Errorf("%d: answer %.300s", n, answers[0])
		}
	}
}

// TestInOrder pipes more requests than may be open at once without reading.
func TestInOrder(t *testing.T) {
	const many = 3 * openLimit
	core := newFake(nil)
	var lines []string
	for i := range many {
		id := fmt.Sprintf(`"id":%d,`, i)
		if i%7 == 0 {
			id = "" // a notification
		}
		lines = append(lines, fmt.Sprintf(`{"jsonrpc":"2.0",%s"method":"sale.get","params":{"sale":"%d"}}`, id, i))
	}
	exchange(t, core, lines...)
	asked := core.asked()
	if len(asked) != many {
		t.Fatalf("%d of %d were done", len(asked), many)
	}
	for i, c := range asked {
		if want := (till.SaleGet{Sale: fmt.Sprint(i)}); c != want {
			t.Fatalf("number %d was %v", i, c)
		}
	}
}

// wired is a client on pipes.
type wired struct {
	send  *io.PipeWriter
	lines *bufio.Scanner
	done  chan error
}

func (w *wired) call(text string) { _, _ = io.WriteString(w.send, text+"\n") }

func (w *wired) read(t *testing.T) string {
	t.Helper()
	if !w.lines.Scan() {
		t.Fatalf("no answer: %v", w.lines.Err())
	}
	return w.lines.Text()
}

func wire2(ctx context.Context, core till.Core) *wired {
	in, send := io.Pipe()
	receive, out := io.Pipe()
	w := &wired{send: send, lines: bufio.NewScanner(receive), done: make(chan error, 1)}
	go func() {
		w.done <- Serve(ctx, Options{Core: core, Language: lang.English, In: in, Out: out})
		_, _ = in.Close(), out.Close()
	}()
	return w
}

func TestWaitHoldsNothingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		core := newFake(func(ctx context.Context, c till.Command) (till.Result, error) {
			if w, ok := c.(till.PaymentWait); ok {
				select {
				case <-time.After(w.Timeout):
				case <-ctx.Done():
				}
				return ledger.Payment{ID: w.Payment, State: ledger.PaymentChecking}, nil
			}
			return nil, nil
		})
		w := wire2(t.Context(), core)
		start := time.Now()
		w.call(`{"jsonrpc":"2.0","id":1,"method":"payment.wait","params":{"payment":"p","timeout_ms":5000}}`)
		w.call(`{"jsonrpc":"2.0","id":2,"method":"sale.hold"}`)
		if r := parse(t, w.read(t)); string(r.ID) != "2" || time.Since(start) > 0 {
			t.Errorf("answer %s first, after %v", r.ID, time.Since(start))
		}
		w.send.Close() // the end of the input waits for the answer
		r := parse(t, w.read(t))
		if string(r.ID) != "1" || !strings.Contains(string(r.Result), `"state":"checking"`) || time.Since(start) != 5*time.Second {
			t.Errorf("answer %s %s after %v", r.ID, r.Result, time.Since(start))
		}
		if err := <-w.done; err != nil {
			t.Error(err)
		}
	})
}

// Asking an acquirer holds nothing up either, nor does anything else that waits
// for somebody outside.
func TestNothingThatWaitsHoldsAnythingUp(t *testing.T) {
	for name, m := range methods {
		if !m.waits {
			continue
		}
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				core := newFake(func(_ context.Context, c till.Command) (till.Result, error) {
					if _, next := c.(till.SaleHold); next {
						return ledger.Sale{ID: "s"}, nil
					}
					time.Sleep(15 * time.Second)
					return nil, &till.Fault{Code: till.FaultNotReady}
				})
				w := wire2(t.Context(), core)
				start := time.Now()
				w.call(`{"jsonrpc":"2.0","id":1,"method":"` + name + `"}`)
				w.call(`{"jsonrpc":"2.0","id":2,"method":"sale.hold"}`)
				if r := parse(t, w.read(t)); string(r.ID) != "2" || time.Since(start) > 0 {
					t.Errorf("answer %s first, after %v", r.ID, time.Since(start))
				}
				w.send.Close()
				if r := parse(t, w.read(t)); string(r.ID) != "1" || r.Error == nil || r.Error.Message != "not-ready" || time.Since(start) != 15*time.Second {
					t.Errorf("answer %s %+v after %v", r.ID, r.Error, time.Since(start))
				}
				if err := <-w.done; err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestEndOfContextEndsEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		core := newFake(func(ctx context.Context, _ till.Command) (till.Result, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		})
		ctx, end := context.WithCancel(t.Context())
		w := wire2(ctx, core)
		w.call(`{"jsonrpc":"2.0","id":1,"method":"sale.hold"}`)
		w.call(`{"jsonrpc":"2.0","id":2,"method":"sale.hold"}`)
		w.call(`{"jsonrpc":"2.0","method":"sale.hold"}`)
		synctest.Wait()
		end() // while the client neither writes nor reads
		if err := <-w.done; !errors.Is(err, context.Canceled) {
			t.Errorf("Serve: %v", err)
		}
	})
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestNobodyReadsAnyMore(t *testing.T) {
	in, send := io.Pipe()
	go func() { _, _ = io.WriteString(send, `{"jsonrpc":"2.0","id":1,"method":"sale.hold"}`+"\n") }()
	err := Serve(t.Context(), Options{Core: newFake(nil), Language: lang.English, In: in, Out: brokenWriter{}})
	if !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("Serve: %v", err)
	}
	send.Close()
}

func TestUnknownLanguage(t *testing.T) {
	if err := Serve(t.Context(), Options{Core: newFake(nil), Language: "fr"}); err == nil {
		t.Error("served in French")
	}
}

func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		core := newFake(nil)
		w := wire2(t.Context(), core)
		w.call(`{"jsonrpc":"2.0","id":1,"method":"till.watch"}`)
		if r := parse(t, w.read(t)); !strings.Contains(string(r.Result), `"snapshot":1,`) {
			t.Fatalf("answer %s", r.Result)
		}
		w.call(`{"jsonrpc":"2.0","id":2,"method":"till.watch"}`) // a second time streams nothing twice
		w.read(t)
		synctest.Wait()
		for unsent := range 500 { // the client does not read; the core goes on
			core.show(func(s *till.Snapshot) { s.Unsent = unsent + 1 })
		}
		synctest.Wait()
		var pushes []string
		for len(pushes) == 0 || !strings.Contains(pushes[len(pushes)-1], `"unsent":500,`) {
			pushes = append(pushes, w.read(t))
		}
		if len(pushes) > 2 || !strings.HasPrefix(pushes[0], `{"jsonrpc":"2.0","method":"till.snapshot","params":{"snapshot":`) {
			t.Errorf("%d notifications, the first %.200s", len(pushes), pushes[0])
		}
		w.send.Close()
		if err := <-w.done; err != nil {
			t.Error(err)
		}
	})
}

// TestOrderCodeIsWaitedFor: sale.pay answers with the code the acquirer gives,
// or with what became of it.
func TestOrderCodeIsWaitedFor(t *testing.T) {
	started := ledger.Payment{ID: "p", Order: "o", Channel: "wechat", Amount: money.Fen(1136), Present: true, State: ledger.PaymentChecking}
	for name, c := range map[string]struct {
		end        func(*ledger.Payment, *till.Attempt)
		want, code string
	}{
		"shown": {func(p *ledger.Payment, a *till.Attempt) {
			p.State, a.Phase, a.OrderCode = ledger.PaymentWaiting, payment.Shown, "weixin://wxpay/bizpayurl?pr=x"
		}, `"state":"waiting"`, `"order_code":"weixin://wxpay/bizpayurl?pr=x"`},
		"in doubt": {func(_ *ledger.Payment, a *till.Attempt) { a.Phase = payment.Asking }, `"state":"checking"`, `"phase":"asking"`},
		"refused": {func(p *ledger.Payment, _ *till.Attempt) {
			p.State, p.Reason = ledger.PaymentDeclined, "configuration"
		}, `"state":"declined"`, `"reason":"configuration"`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				now := started
				core := newFake(nil)
				core.answer = func(_ context.Context, c till.Command) (till.Result, error) {
					core.mu.Lock()
					defer core.mu.Unlock()
					return now, nil
				}
				w := wire2(t.Context(), core)
				w.call(`{"jsonrpc":"2.0","id":1,"method":"sale.pay","params":{"method":"wechat","present":true}}`)
				synctest.Wait()
				core.show(func(s *till.Snapshot) { s.Attempt = &till.Attempt{Payment: started, Phase: payment.Sending} })
				synctest.Wait()
				core.show(func(s *till.Snapshot) {
					a := till.Attempt{Payment: started, Phase: payment.Sending}
					c.end(&now, &a)
					a.Payment = now
					s.Attempt, s.Doubt = nil, []till.Attempt{a} // another sale is in front by now
					if now.State.Final() {
						s.Doubt = nil
					}
				})
				r := parse(t, w.read(t))
				if text := string(r.Result); !strings.Contains(text, c.want) || !strings.Contains(text, c.code) {
					t.Errorf("answer %s", text)
				}
				w.send.Close()
				<-w.done
			})
		})
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		err  error
		code int
		word string
		args string
	}{
		{&till.Fault{Code: till.FaultPaymentOpen, Args: []any{"p1"}}, -32000, "payment-open", `["p1"]`},
		{&till.Fault{Code: till.FaultTooMuch, Args: []any{money.Fen(50000)}}, -32000, "too-much", `[50000]`},
		{&till.Fault{Code: till.FaultLockedOut, Args: []any{at("2026-11-21T14:32:00+08:00")}}, -32000, "locked-out", `["2026-11-21T14:32:00+08:00"]`},
		{&till.Fault{Code: till.FaultFindUnasked, Args: []any{"wechat", "alipay"}}, -32000, "find-unasked", `["wechat","alipay"]`},
		{fmt.Errorf("do: %w", &till.Fault{Code: till.FaultNoShift}), -32000, "no-shift", ``},
		{context.DeadlineExceeded, -32000, "interrupted", ``},
		{errors.New("disk on fire"), -32603, "internal", ``},
	} {
		core := newFake(func(context.Context, till.Command) (till.Result, error) { return nil, c.err })
		text := exchange(t, core, `{"jsonrpc":"2.0","id":"a","method":"sale.hold"}`)[0]
		r := parse(t, text)
		if r.Error == nil || r.Error.Code != c.code || r.Error.Data.Code != c.word || r.Error.Message != c.word {
			t.Errorf("%v: %s", c.err, text)
			continue
		}
		args, _ := json.Marshal(r.Error.Data.Args)
		if c.args != "" && string(args) != c.args || r.Error.Data.Say == "" {
			t.Errorf("%v: %s", c.err, text)
		}
	}
}

// A request that makes this package's code fall is answered, and so is the next.
func TestAFallIsAnswered(t *testing.T) {
	core := newFake(func(context.Context, till.Command) (till.Result, error) { panic("246810") })
	lines := exchange(t, core, `{"jsonrpc":"2.0","id":1,"method":"sale.hold"}`, `{"jsonrpc":"2.0","id":2,"method":"till.hello"}`)
	if len(lines) != 2 || parse(t, lines[0]).Error == nil || parse(t, lines[0]).Error.Data.Code != till.FaultInternal || parse(t, lines[1]).Error != nil {
		t.Errorf("answers: %q", lines)
	}
	if strings.Contains(strings.Join(lines, ""), "246810") {
		t.Errorf("the panic's value is told: %q", lines)
	}
}

// FuzzLines: whatever comes in, every line that comes out is JSON-RPC, and the
// till answers what follows.
func FuzzLines(f *testing.F) {
	for _, seed := range []string{
		`{"jsonrpc":"2.0","id":1,"method":"sale.add","params":{"amount":1136}}`,
		`{"jsonrpc":"2.0","method":"sale.hold"}`,
		`[{"jsonrpc":"2.0","id":1,"method":"till.hello"},{"jsonrpc":"2.0","id":1,"method":"till.hello"}]`,
		`{"jsonrpc":"2.0","id":null,"method":"sale.pay","params":[1,2]}`,
		`{"jsonrpc":"2.0","id":1,"method":"till.watch"}`,
		"{\n}\r\n[\x00", `{"jsonrpc":"2.0","id":"\n","error":{"code":1}}`, `null`, "GET / HTTP/1.1",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		last := `{"jsonrpc":"2.0","id":"the last","method":"till.hello"}`
		answered := false
		for _, text := range exchange(t, newFake(nil), string(data), last) {
			var one, many = answeredLine{}, []answeredLine{}
			if json.Unmarshal([]byte(text), &one) != nil && json.Unmarshal([]byte(text), &many) != nil {
				t.Fatalf("came out: %q", text)
			}
			answered = answered || string(one.ID) == `"the last"` && one.Error == nil
		}
		cut := slices.ContainsFunc(strings.Split(string(data), "\n"), func(l string) bool { return isHTTP([]byte(l)) })
		if !answered && !cut {
			t.Fatalf("no answer after %q", data)
		}
	})
}

type answeredLine struct {
	ID    json.RawMessage
	Error json.RawMessage
}
