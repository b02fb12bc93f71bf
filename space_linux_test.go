package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"abacus/internal/config"
	"abacus/internal/doctor"
	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
)

// smallDisk is a till's data folder on a file system of its own.
type smallDisk struct{ dir, ballast string }

func newSmallDisk(t *testing.T) (*smallDisk, error) {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=64m"); err != nil {
		return nil, err
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	return &smallDisk{dir, filepath.Join(dir, "ballast")}, nil
}

// leave lays a file on the disk so that this much stays free.
func (d *smallDisk) leave(free int64) error {
	space, err := doctor.Measure(d.dir)
	if err != nil {
		return err
	}
	f, err := os.Create(d.ballast)
	if err != nil {
		return err
	}
	return errors.Join(unix.Fallocate(int(f.Fd()), 0, 0, space.Free-free), f.Close())
}

// spaceIs waits until the till says so of its disk.
func spaceIs(c *client, want string) error {
	return eventually(30*time.Second, func() (bool, error) {
		raw, err := c.call("till.snapshot", map[string]any{})
		return dig(raw, "space.state") == want, err
	})
}

// TestDiskRunsShort lets a till work on a disk that others fill: nothing new is
// sold, what has begun is finished, the day is closed; and as soon as there is
// room it sells again, the same process. It needs the right to mount, and says
// so where it has not.
func TestDiskRunsShort(t *testing.T) {
	t.Parallel()
	b, err := startBox(filepath.Join(t.TempDir(), "box"))
	if err != nil {
		t.Fatal(err)
	}
	defer b.stop()
	d, err := newSmallDisk(t)
	if err != nil {
		t.Skipf("not tried here: mount: %v", err)
	}
	env := append(quick(), "ABACUS_DISK_WARN=24MiB", "ABACUS_DISK_STOP=16MiB")
	before := openBeforeTheDisk(t, b, d, env)
	if err := d.leave(12 << 20); err != nil {
		t.Fatal(err)
	}
	c, err := startTill(b.config(), filepath.Join(d.dir, "till"), env)
	if err != nil {
		t.Fatal(err)
	}
	defer c.kill()
	if err := spaceIs(c, "full"); err != nil {
		t.Fatal(err)
	}
	k := &shortCounter{t: t, b: b, c: c}
	k.must("operator.login", map[string]any{"operator": "1001", "pin": "246810"})
	k.nothingNew(before)
	k.finishes(before)
	if err := os.Remove(d.ballast); err != nil {
		t.Fatal(err)
	}
	if err := spaceIs(c, "enough"); err != nil {
		t.Fatal(err)
	}
	k.must("shift.open", map[string]any{"float": 0})
	sale := dig(k.must("sale.add", map[string]any{"amount": 900}), "sale")
	if dig(k.must("sale.pay", map[string]any{"sale": sale, "method": "cash"}), "state") != "paid" {
		t.Error("there is room, and it does not sell")
	}
	journal := string(k.must("journal.list", map[string]any{"limit": 1000}))
	for _, level := range []string{"full", "enough"} {
		if n := strings.Count(journal, `"about":"disk space","text":"`+level+`, `); n != 1 {
			t.Errorf("the journal says %d times that it is %s", n, level)
		}
	}
}

// begun is what was open when the disk ran short.
type begun struct{ part, unpaid, paid string }

// openBeforeTheDisk sells while there is room, and leaves a sale that is paid in
// part and one that is not paid; then the till ends.
func openBeforeTheDisk(t *testing.T, b *box, d *smallDisk, env []string) (o begun) {
	t.Helper()
	c, err := startTill(b.config(), filepath.Join(d.dir, "till"), env)
	if err != nil {
		t.Fatal(err)
	}
	k := &shortCounter{t: t, b: b, c: c}
	k.must("operator.login", map[string]any{"operator": "1001", "pin": "246810"})
	k.must("shift.open", map[string]any{"float": 0})
	open := func() string {
		sale := dig(k.must("sale.open", map[string]any{}), "sale")
		k.must("sale.add", map[string]any{"sale": sale, "amount": 1000})
		return sale
	}
	o.paid = open()
	k.pays(o.paid)
	o.part = open()
	k.must("sale.pay", map[string]any{"sale": o.part, "method": "cash", "amount": 400})
	o.unpaid = open()
	if code := c.stop(); code != 0 {
		t.Errorf("ended with %d", code)
	}
	return o
}

// shortCounter works at a till whose disk is short.
type shortCounter struct {
	t *testing.T
	b *box
	c *client
}

func (k *shortCounter) must(method string, params any) json.RawMessage {
	k.t.Helper()
	raw, err := k.c.call(method, params)
	if err != nil {
		k.t.Fatalf("%s: %v", method, err)
	}
	return raw
}

// code is a fresh pay code.
func (k *shortCounter) code() string {
	k.t.Helper()
	code, err := k.b.code("wechat", "pay")
	if err != nil {
		k.t.Fatal(err)
	}
	return code
}

// pays lets a customer pay what is due by phone.
func (k *shortCounter) pays(sale string) {
	k.t.Helper()
	id := dig(k.must("sale.pay", map[string]any{"sale": sale, "method": "auto", "code": k.code()}), "payment")
	if state := dig(k.must("payment.wait", map[string]any{"payment": id}), "state"); state != "paid" {
		k.t.Errorf("payment %s is %s", id, state)
	}
}

// nothingNew tries to begin things.
func (k *shortCounter) nothingNew(o begun) {
	k.t.Helper()
	for method, params := range map[string]any{
		"sale.open": map[string]any{}, "prepaid.issue": map[string]any{"number": "9800123412341235"},
		"sale.pay": map[string]any{"sale": o.unpaid, "method": "auto", "code": k.code()},
	} {
		var refused *rpcError
		_, err := k.c.call(method, params)
		if !errors.As(err, &refused) || refused.Data.Code != "no-space" || refused.Data.Say == "" || refused.Data.Hint == "" {
			k.t.Errorf("%s: %v", method, err)
		}
	}
	found := string(k.must("till.doctor", map[string]any{}))
	if !strings.Contains(found, `"disk-full"`) {
		k.t.Errorf("the doctor does not see it: %s", found)
	}
}

// finishes ends what had begun, and the day.
func (k *shortCounter) finishes(o begun) {
	k.t.Helper()
	k.pays(o.part)
	k.must("sale.pay", map[string]any{"sale": o.unpaid, "method": "cash"})
	r := dig(k.must("refund.create", map[string]any{"sale": o.paid, "reason": "returned"}), "refund")
	if err := waitRefund(k.c, r); err != nil {
		k.t.Error(err)
	}
	for _, sale := range []string{o.part, o.unpaid} {
		if state := dig(k.must("sale.get", map[string]any{"sale": sale}), "state"); state != "done" {
			k.t.Errorf("sale %s is %s", sale, state)
		}
	}
	if z := dig(k.must("shift.close", map[string]any{"counted": 1400}), "report.number"); z != "1" {
		k.t.Errorf("Z %s", z)
	}
}

// TestNoRoomToOpenTheBook: a disk without room for what opening a book writes is
// told as that, and tried again until there is room. It needs the right to mount,
// and says so where it has not.
func TestNoRoomToOpenTheBook(t *testing.T) {
	d, err := newSmallDisk(t)
	if err != nil {
		t.Logf("not tried here: mount: %v", err)
		return
	}
	synctest.Test(t, func(t *testing.T) {
		if err := d.leave(0); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		cfg := &config.Config{Data: d.dir, Currency: money.CNY, Till: "01"}
		s := &shop{cfg: cfg, core: till.New(till.Settings{}, nil, nil), log: slog.New(slog.DiscardHandler)}
		core := make(chan error)
		go func() { core <- s.core.Run(ctx) }()
		var books *ledger.Ledger
		opened := make(chan error, 1)
		go func() {
			var err error
			books, err = s.openBooks(ctx)
			opened <- err
		}()
		time.Sleep(3 * openEvery)
		select {
		case err := <-opened:
			t.Errorf("not waited for room: %v", err)
			opened <- err
		default:
			if v := <-s.core.Watch(ctx); v.Trouble == nil || v.Trouble.Code != till.FaultDiskFull {
				t.Errorf("says %+v", v.Trouble)
			}
		}
		if err := os.Remove(d.ballast); err != nil {
			t.Fatal(err)
		}
		if err := <-opened; err != nil {
			t.Errorf("with room: %v", err)
		} else if err := books.Close(); err != nil {
			t.Error(err)
		}
		stop()
		<-core
	})
}
