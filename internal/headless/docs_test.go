package headless

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"abacus/internal/goods"
	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
	"abacus/payment/alipay"
	"abacus/payment/sandbox"
	"abacus/payment/wechat"
	"abacus/scanner"
)

// TestIntegratorExamples sends every request of docs/integrator.md, in order,
// to a till on the acquirers' sandbox and compares the answers. "→" is a
// request to the till, or with a method in front one to the sandbox's control
// API; "←" is what must come back. "…" stands for what differs from day to day.
func TestIntegratorExamples(t *testing.T) {
	text, err := os.ReadFile("../../docs/integrator.md")
	if err != nil {
		t.Fatal(err)
	}
	setup, err := sandbox.Prepare(t.Context(), "", sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		box := sandbox.New(setup, sandbox.Options{})
		core, end := tillAt(t, dir, box)
		defer end()
		w := wire2(t.Context(), core)
		w.lines.Buffer(nil, 1<<20)
		d := &dialogue{t: t, box: box.Control(), wire: w, bound: map[string]string{}}
		examples := 0
		for i, block := range regexp.MustCompile("(?s)```json\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
			if d.block = i + 1; !d.run(block[1]) {
				break // what follows builds on it
			}
			examples += strings.Count(block[1], "→")
		}
		if examples < 25 && !t.Failed() {
			t.Errorf("only %d examples found", examples)
		}
		w.send.Close()
		<-w.done
	})
}

// TestDocumentNamesWhatWaits compares the methods that later requests may
// overtake with those the document says so of.
func TestDocumentNamesWhatWaits(t *testing.T) {
	text, err := os.ReadFile("../../docs/integrator.md")
	if err != nil {
		t.Fatal(err)
	}
	sentence := regexp.MustCompile(`(?s)lets later requests overtake it:((?:[\s,]+` + "`[a-z.]+`" + `)+)\.`).FindStringSubmatch(string(text))
	if sentence == nil {
		t.Fatal("the document has no sentence that names what lets later requests overtake it")
	}
	told := strings.FieldsFunc(sentence[1], func(r rune) bool { return strings.ContainsRune("`, \n", r) })
	var wait []string
	for name, m := range methods {
		if m.waits {
			wait = append(wait, name)
		}
	}
	slices.Sort(told)
	slices.Sort(wait)
	if !slices.Equal(told, wait) {
		t.Errorf("the document names %v, and these wait: %v", told, wait)
	}
}

// dialogue is one run through the document. Numbers differ from those printed
// there, so bound maps a printed one to the one that came.
type dialogue struct {
	t     *testing.T
	block int
	box   http.Handler
	wire  *wired
	bound map[string]string
}

func (d *dialogue) run(block string) bool {
	var answers []string
	lines := bufio.NewScanner(strings.NewReader(block))
	for lines.Scan() {
		line := lines.Text()
		request, isRequest := strings.CutPrefix(line, "→ ")
		answer, isAnswer := strings.CutPrefix(line, "← ")
		switch {
		case isRequest:
			answers = append(answers, d.ask(d.replaced(request))...)
		case isAnswer:
			i := slices.IndexFunc(answers, func(a string) bool { return d.fits(answer, a) })
			for n := 0; i < 0 && n < 8 && strings.Contains(answer, `"method":`); n++ { // a notification may come later
				answers = append(answers, d.wire.read(d.t))
				if d.fits(answer, answers[len(answers)-1]) {
					i = len(answers) - 1
				}
			}
			if i < 0 {
				d.t.Errorf("block %d: expected\n%s\ngot\n%s", d.block, d.replaced(answer), strings.Join(answers, "\n"))
				return false
			}
			answers = slices.Delete(answers, i, i+1)
		case line != "":
			d.t.Errorf("block %d: a line that is neither request nor answer: %s", d.block, line)
		}
	}
	return true
}

// ask sends one request and reads up to its answer.
func (d *dialogue) ask(request string) []string {
	if method, rest, _ := strings.Cut(request, " "); strings.ToUpper(method) == method && !strings.HasPrefix(request, "{") && !strings.HasPrefix(request, "[") {
		path, body, _ := strings.Cut(rest, " ")
		recorder := httptest.NewRecorder()
		d.box.ServeHTTP(recorder, httptest.NewRequest(method, path, strings.NewReader(body)))
		if recorder.Code >= 300 {
			d.t.Errorf("block %d: %s: %s", d.block, request, recorder.Body)
		}
		return []string{strings.TrimSpace(recorder.Body.String())}
	}
	d.wire.call(request)
	var got []string
	for len(got) == 0 || strings.Contains(got[len(got)-1], `"method":"till.snapshot"`) {
		got = append(got, d.wire.read(d.t))
	}
	return got
}

func (d *dialogue) replaced(request string) string {
	for printed, came := range d.bound {
		request = strings.ReplaceAll(request, `"`+printed+`"`, `"`+came+`"`)
	}
	return request
}

// numbered are the fields whose values are this run's own.
var numbered = []string{"sale", "payment", "order", "refund", "code", "order_code", "number"}

// fits reads the printed answer as JSON in which "…" is a value that may be
// anything, or at the end of an object or list more of the same.
func (d *dialogue) fits(printed, came string) bool {
	if printed == "…" {
		return true
	}
	printed = regexp.MustCompile(`…([}\]])`).ReplaceAllString(printed, `"…":0$1`)
	printed = strings.ReplaceAll(printed, `["…":0]`, `["…"]`)
	printed = regexp.MustCompile(`:…([,}])`).ReplaceAllString(printed, `:"…"$1`)
	printed = regexp.MustCompile(`,"…":0\]`).ReplaceAllString(printed, `,"…"]`)
	want, err := decode(printed)
	if err != nil {
		d.t.Fatalf("block %d: the printed answer is no JSON: %v\n%s", d.block, err, printed)
	}
	got, err := decode(came)
	if err != nil {
		return false
	}
	bound := map[string]string{}
	if !d.same("", want, got, bound) {
		return false
	}
	for printed, value := range bound {
		d.bound[printed] = value
	}
	return true
}

func decode(text string) (any, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var v any
	err := decoder.Decode(&v)
	return v, err
}

func (d *dialogue) same(key string, want, got any, bound map[string]string) bool {
	switch want := want.(type) {
	case map[string]any:
		got, ok := got.(map[string]any)
		_, more := want["…"]
		if !ok || !more && len(got) != len(want) {
			return false
		}
		for name, value := range want {
			came, there := got[name]
			if name != "…" && (!there || !d.same(name, value, came, bound)) {
				return false
			}
		}
		return true
	case []any:
		got, ok := got.([]any)
		more := len(want) > 0 && want[len(want)-1] == "…"
		if more {
			want = want[:len(want)-1]
		}
		if !ok || len(got) < len(want) || !more && len(got) != len(want) {
			return false
		}
		for i := range want {
			if !d.same(key, want[i], got[i], bound) {
				return false
			}
		}
		return true
	case string:
		return d.sameText(key, want, got, bound)
	}
	return want == got
}

func (d *dialogue) sameText(key, want string, got any, bound map[string]string) bool {
	text, ok := got.(string)
	switch {
	case want == "…":
		return true
	case !ok:
		return false
	case key == "state" && want == "checking": // the acquirers here answer at once, and may have before this did
		return true
	case d.bound[want] != "":
		return d.bound[want] == text
	case slices.Contains(numbered, key) && want != "" && (key != "code" || len(want) >= 16): // a pay code, not an error's
		bound[want] = text
		return true
	}
	for printed, came := range d.bound { // a number inside a sentence
		want = strings.ReplaceAll(want, printed, came)
	}
	pattern := strings.ReplaceAll(regexp.QuoteMeta(want), "…", ".*")
	return regexp.MustCompile("^(?s:" + pattern + ")$").MatchString(text)
}

// tillAt is a till as main puts it together, on a sandbox without sockets.
func tillAt(t *testing.T, dir string, box *sandbox.Sandbox) (*till.Till, func()) {
	t.Helper()
	began := time.Now()
	day := func(t time.Time) string { return t.Format("2006-01-02") }
	books, err := ledger.Open(t.Context(), ledger.Options{
		Path: filepath.Join(dir, "journal.db"), HeadPath: filepath.Join(dir, "journal.head"), Store: "S1", Till: "01",
		Currency: money.CNY, Now: time.Now, Monotonic: func() time.Duration { return time.Since(began) }, Day: day, Random: rand.Reader,
	})
	if err != nil {
		t.Fatal(err)
	}
	core := till.New(till.Settings{
		Version: "0.1.0", Store: "算盘便利店", StoreID: "0001", Till: "01", Currency: money.CNY, Day: day, Sandbox: true,
		Operators: []till.Account{{Operator: till.Operator{ID: "1001", Name: "王芳", Role: till.Manager}, Check: func(pin string) bool { return pin == "246810" }}},
	}, nil, nil)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = core.Run(ctx) }()
	err = core.Start(t.Context(), till.Parts{
		Books: books, Goods: goods.Sample(), Formats: scanner.Formats{Currency: money.CNY, Weighed: scanner.DefaultLabels()},
		Providers: acquirers(t, box), Customer: customer{box},
	})
	if err != nil {
		t.Fatal(err)
	}
	return core, func() {
		cancel()
		<-ended
		if err := books.Close(); err != nil {
			t.Error(err)
		}
	}
}

func acquirers(t *testing.T, box *sandbox.Sandbox) map[payment.Channel]payment.Provider {
	t.Helper()
	client, w, a := &http.Client{Transport: box.Transport()}, box.Setup().WeChat, box.Setup().Alipay
	wechatPay, err := wechat.New(wechat.Config{
		Base: "https://wechat.invalid", AppID: w.AppID, MchID: w.MchID, MerchantSerial: w.MerchantSerial, MerchantKey: w.MerchantKey,
		APIv3Key: w.APIv3Key, PublicKeyID: w.PublicKeyID, PublicKey: w.PublicKey, HTTP: client, StoreID: "0001",
	})
	if err != nil {
		t.Fatal(err)
	}
	aliPay, err := alipay.New(alipay.Config{
		Gateway: "https://alipay.invalid/gateway.do", AppID: a.AppID, AppKey: a.AppKey, PublicKey: a.AlipayPublicKey, HTTP: client, StoreID: "0001",
	})
	if err != nil {
		t.Fatal(err)
	}
	return map[payment.Channel]payment.Provider{payment.WeChat: wechatPay, payment.Alipay: aliPay}
}

// customer is the sandbox's customer at the counter.
type customer struct{ box *sandbox.Sandbox }

func (c customer) Wallet(_ context.Context, channel payment.Channel, behaviour string) (string, error) {
	return c.box.NewCode(string(channel), sandbox.Customer{Behaviour: behaviour})
}

func (c customer) Scan(_ context.Context, orderCode, behaviour string) error {
	_, err := c.box.Scan(orderCode, sandbox.Customer{Behaviour: behaviour})
	return err
}
