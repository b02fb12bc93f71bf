package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// runEnv makes the test binary be the program itself, so that tests start real
// processes that can be killed.
const runEnv = "TILL_TEST_RUN"

func TestMain(m *testing.M) {
	if os.Getenv(runEnv) != "" {
		if path := os.Getenv(clockEnv); path != "" {
			clock = clockOf(path)
		}
		os.Exit(run(os.Args[1:]))
	}
	testscript.Main(m, map[string]func(){"abacus": func() { os.Exit(run(os.Args[1:])) }})
}

// quick is a scheme's clock for tests against the sandbox: the same order of
// things, in seconds instead of minutes.
func quick() []string {
	var env []string
	for _, channel := range []string{"WECHAT", "ALIPAY"} {
		for key, value := range map[string]string{
			"CALL_TIMEOUT": "1s", "FIRST_QUERY": "300ms", "QUERY_INTERVAL": "300ms", "DEADLINE": "2s",
			"NO_REVERSE_UNTIL": "500ms", "CODE_POLL": "300ms", "WATCH": "200ms",
		} {
			env = append(env, "ABACUS_"+channel+"_TIMING_"+key+"="+value)
		}
	}
	return env
}

// program runs the program as a process of its own.
func programCommand(env []string, args ...string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(append(os.Environ(), runEnv+"=1", "LANG=zh_CN.UTF-8"), env...)
	return cmd, nil
}

// box is a running `abacus sandbox`.
type box struct {
	dir     string
	control string
	cmd     *exec.Cmd

	mu     sync.Mutex
	issued []string // pay codes
}

func startBox(dir string) (*box, error) {
	cmd, err := programCommand(nil, "sandbox", "--dir", dir)
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	var ready struct {
		Ready   bool
		Control string
	}
	if err != nil || json.Unmarshal(line, &ready) != nil || !ready.Ready {
		_ = cmd.Process.Kill()
		return nil, fmt.Errorf("sandbox said %q: %w", line, err)
	}
	return &box{dir: dir, control: ready.Control, cmd: cmd}, nil
}

func (b *box) stop() {
	_ = b.cmd.Process.Signal(os.Interrupt)
	_ = b.cmd.Wait()
}

func (b *box) kill() {
	_ = b.cmd.Process.Kill()
	_ = b.cmd.Wait()
}

func (b *box) config() string { return filepath.Join(b.dir, "config.yaml") }

// post asks the sandbox's control for something.
func (b *box) request(method, path string, body any, answer any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequest(method, b.control+path, bytes.NewReader(data))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, text)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(text, answer)
}

func (b *box) code(channel, behaviour string) (string, error) {
	var answer struct{ Code string }
	err := b.request(http.MethodPost, "/codes", map[string]string{"channel": channel, "behaviour": behaviour}, &answer)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.issued = append(b.issued, answer.Code)
	return answer.Code, err
}

// booked is one order in the acquirer's books.
type booked struct {
	Channel, Order, State                string
	Amount, Captured, Refunded, Reversed int64
}

func (b *box) books() (map[string]booked, error) {
	var list []booked
	if err := b.request(http.MethodGet, "/books", nil, &list); err != nil {
		return nil, err
	}
	out := map[string]booked{}
	for _, o := range list {
		out[o.Order] = o
	}
	return out, nil
}

// kept is what the merchant keeps, all in all.
func (b *box) kept() (int64, error) {
	books, err := b.books()
	var kept int64
	for _, o := range books {
		kept += o.Captured - o.Refunded - o.Reversed
	}
	return kept, err
}

// client drives a running `abacus headless`.
type client struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	mu     sync.Mutex
	next   int
	wait   map[int]chan rpcAnswer
	gone   chan struct{}
	unread error                          // why reading stopped, once gone; nil: the output ended
	seen   []func(result json.RawMessage) // of every result
}

type rpcAnswer struct {
	Result json.RawMessage
	Error  *rpcError
}

type rpcError struct {
	Code    int
	Message string
	Data    struct{ Code, Say, Hint string }
}

func (e *rpcError) Error() string { return fmt.Sprintf("%d %s %s", e.Code, e.Data.Code, e.Message) }

func startTill(config, data string, env []string, seen ...func(json.RawMessage)) (*client, error) {
	cmd, err := programCommand(env, "headless", "--config", config, "--data", data)
	if err != nil {
		return nil, err
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	c := &client{cmd: cmd, in: in, wait: map[int]chan rpcAnswer{}, gone: make(chan struct{}), seen: seen}
	go c.read(out)
	return c, nil
}

func (c *client) read(out io.Reader) {
	defer close(c.gone)
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 8<<20)
	defer func() { c.unread = lines.Err() }()
	for lines.Scan() {
		var m struct {
			ID int
			rpcAnswer
		}
		if json.Unmarshal(lines.Bytes(), &m) != nil || m.ID == 0 {
			continue
		}
		for _, see := range c.seen {
			see(m.Result)
		}
		c.mu.Lock()
		if w := c.wait[m.ID]; w != nil {
			w <- m.rpcAnswer
			delete(c.wait, m.ID)
		}
		c.mu.Unlock()
	}
}

// call makes one call; params are JSON or anything that marshals.
func (c *client) call(method string, params any) (json.RawMessage, error) {
	c.mu.Lock()
	c.next++
	id, w := c.next, make(chan rpcAnswer, 1)
	c.wait[id] = w
	line, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": id, "method": method, "params": params})
	if err == nil {
		_, err = c.in.Write(append(line, '\n'))
	}
	c.mu.Unlock()
	if err != nil {
		return nil, err
	}
	select {
	case a := <-w:
		if a.Error != nil {
			return nil, a.Error
		}
		return a.Result, nil
	case <-c.gone:
		return nil, fmt.Errorf("%s: the till is gone", method)
	}
}

func (c *client) kill() {
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
	<-c.gone
}

// stop ends the till in order and gives its exit code.
func (c *client) stop() int {
	_ = c.in.Close()
	<-c.gone
	_ = c.cmd.Wait()
	return c.cmd.ProcessState.ExitCode()
}

// payments are all of a till's payments by order number.
type paid struct {
	Payment, Order, Channel, State, Reason string
	Amount                                 int64
}

func (c *client) payments() ([]paid, error) {
	raw, err := c.call("payment.list", map[string]any{"limit": 1000})
	if err != nil {
		return nil, err
	}
	var list []paid
	var wrapped struct{ Payments []paid }
	if json.Unmarshal(raw, &list) != nil {
		if err := json.Unmarshal(raw, &wrapped); err != nil {
			return nil, err
		}
		list = wrapped.Payments
	}
	return list, nil
}

// eventually waits for something that comes about by itself in another
// process.
func eventually(within time.Duration, done func() (bool, error)) error {
	deadline := time.After(within)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, err := done()
		if ok {
			return nil
		}
		select {
		case <-tick.C:
		case <-deadline:
			return fmt.Errorf("not within %v: %w", within, err)
		}
	}
}
