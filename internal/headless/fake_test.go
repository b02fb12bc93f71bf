package headless

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"abacus/internal/lang"
	"abacus/internal/money"
	"abacus/internal/till"
)

var update = flag.Bool("update", false, "write the golden files anew")

// fakeCore answers with what the test says and remembers what it was asked.
type fakeCore struct {
	answer func(context.Context, till.Command) (till.Result, error)

	mu       sync.Mutex
	commands []till.Command
	snapshot *till.Snapshot
	watchers map[chan *till.Snapshot]bool
}

func newFake(answer func(context.Context, till.Command) (till.Result, error)) *fakeCore {
	return &fakeCore{
		answer: answer, watchers: map[chan *till.Snapshot]bool{},
		snapshot: &till.Snapshot{Version: 1, Ready: true, Identity: identity},
	}
}

var identity = till.Identity{Version: "1.2.3", Store: "S1", Till: "01", Currency: money.CNY, Sandbox: true}

func (f *fakeCore) Do(ctx context.Context, c till.Command) (till.Result, error) {
	if _, ok := c.(till.Hello); ok {
		return identity, nil
	}
	f.mu.Lock()
	f.commands = append(f.commands, c)
	f.mu.Unlock()
	if f.answer == nil {
		return nil, nil
	}
	return f.answer(ctx, c)
}

func (f *fakeCore) Watch(ctx context.Context) <-chan *till.Snapshot {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := make(chan *till.Snapshot, 1)
	c <- f.snapshot
	f.watchers[c] = true
	context.AfterFunc(ctx, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.watchers, c)
		close(c)
	})
	return c
}

// show publishes a snapshot the way the core does: latest wins, never waits.
func (f *fakeCore) show(change func(*till.Snapshot)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	next := *f.snapshot
	next.Version++
	change(&next)
	f.snapshot = &next
	for c := range f.watchers {
		select {
		case <-c:
		default:
		}
		c <- &next
	}
}

func (f *fakeCore) asked() []till.Command {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]till.Command(nil), f.commands...)
}

// exchange serves the lines given and returns the lines answered.
func exchange(t testing.TB, core till.Core, requests ...string) []string {
	t.Helper()
	var out bytes.Buffer
	in := strings.NewReader(strings.Join(requests, "\n") + "\n")
	if err := Serve(context.Background(), Options{Core: core, Language: lang.Chinese, In: in, Out: &out}); err != nil {
		t.Fatalf("Serve: %v", err)
	}
	text := strings.TrimSuffix(out.String(), "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

type reply struct {
	ID     json.RawMessage
	Result json.RawMessage
	Error  *struct {
		Code    int
		Message string
		Data    problem
	}
}

func parse(t testing.TB, text string) reply {
	t.Helper()
	var r reply
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatalf("answer %q: %v", text, err)
	}
	return r
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run the test with -update and look at the difference.\ngot:\n%s", path, got)
	}
}

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}
