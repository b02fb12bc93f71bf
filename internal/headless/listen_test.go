package headless

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"abacus/internal/lang"
	"abacus/internal/till"
)

// listening starts Listen and gives its address and a function to end it.
func listening(t *testing.T, core till.Core, address string) (string, func() error) {
	t.Helper()
	ctx, end := context.WithCancel(context.Background())
	ready, done := make(chan string, 1), make(chan error, 1)
	go func() {
		done <- Listen(ctx, address, Options{Core: core, Language: lang.English, Ready: func(a string) { ready <- a }})
	}()
	select {
	case a := <-ready:
		return a, func() error { end(); return <-done }
	case err := <-done:
		end()
		t.Fatal(err)
	}
	return "", nil
}

func dial(t *testing.T, network, address string) (net.Conn, *bufio.Scanner) {
	t.Helper()
	c, err := net.Dial(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c, bufio.NewScanner(c)
}

func TestClientsShareTheCore(t *testing.T) {
	core := newFake(nil)
	address, end := listening(t, core, "127.0.0.1:0")
	const clients, each = 8, 50
	var all sync.WaitGroup
	for i := range clients {
		c, lines := dial(t, "tcp", address)
		all.Go(func() {
			fmt.Fprintln(c, `{"jsonrpc":"2.0","id":"w","method":"till.watch"}`)
			for n := range each {
				fmt.Fprintf(c, `{"jsonrpc":"2.0","id":%d,"method":"sale.get","params":{"sale":"%d-%d"}}`+"\n", n, i, n)
				if n%10 == 0 {
					core.show(func(s *till.Snapshot) { s.Unsent++ })
				}
			}
			for got := 0; got < each+1; { // pushes come in between
				if !lines.Scan() {
					t.Errorf("client %d: %v", i, lines.Err())
					return
				}
				if strings.Contains(lines.Text(), `"id":`) {
					got++
				}
			}
		})
	}
	all.Wait()
	if got := len(core.asked()); got != clients*each {
		t.Errorf("%d commands, want %d", got, clients*each)
	}
	if err := end(); !errors.Is(err, context.Canceled) { // with all of them still connected
		t.Error(err)
	}
}

func TestAClientThatGoesAwayLeavesTheOthers(t *testing.T) {
	core := newFake(nil)
	address, end := listening(t, core, "127.0.0.1:0")
	defer end()
	gone, _ := dial(t, "tcp", address)
	fmt.Fprint(gone, `{"jsonrpc":"2.0","id":1,"method":"till.wat`)
	gone.Close()
	c, lines := dial(t, "tcp", address)
	fmt.Fprintln(c, `{"jsonrpc":"2.0","id":1,"method":"till.hello"}`)
	if !lines.Scan() || parse(t, lines.Text()).Error != nil {
		t.Errorf("answer %q", lines.Text())
	}
}

func TestSocket(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Log("file modes mean nothing here")
		return
	}
	path := filepath.Join(t.TempDir(), "till.sock")
	address, end := listening(t, newFake(nil), "unix:"+path)
	if address != "unix:"+path {
		t.Errorf("address %s", address)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	c, lines := dial(t, "unix", path)
	fmt.Fprintln(c, `{"jsonrpc":"2.0","id":1,"method":"till.hello"}`)
	if !lines.Scan() || parse(t, lines.Text()).Error != nil {
		t.Errorf("answer %q", lines.Text())
	}
	err := Listen(t.Context(), "unix:"+path, Options{Core: newFake(nil), Language: lang.English})
	if err == nil || !strings.Contains(err.Error(), "another program listens") {
		t.Errorf("a second till: %v", err)
	}
	if err := end(); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestStaleSocketIsReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "till.sock")
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	dead.SetUnlinkOnClose(false) // as after a kill -9
	dead.Close()
	_, end := listening(t, newFake(nil), "unix:"+path)
	if err := end(); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestOnlyThisMachine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "books.db")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{
		"0.0.0.0:0", ":0", "[::]:0", "192.168.1.5:0", "shop.example:80", "7000", "", "unix:" + file, "unix:/no/such/place/s",
		"unix:" + filepath.Join(t.TempDir(), strings.Repeat("x", 200)),
	} {
		err := Listen(t.Context(), address, Options{Core: newFake(nil), Language: lang.English})
		if err == nil || !strings.HasPrefix(err.Error(), "headless: ") {
			t.Errorf("%s: %v", address, err)
		}
	}
	if _, err := os.Stat(file); err != nil {
		t.Errorf("a file was removed: %v", err)
	}
}
