package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// turnReadOnly makes the kernel believe that it has met a mistake on the disk,
// upon which it takes no more writes, whatever is open.
func (d *blockDevice) turnReadOnly() error {
	device, err := d.device()
	if err != nil {
		return err
	}
	if err := shell("mount", "-o", "remount,errors=remount-ro", d.dir); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join("/sys/fs/ext4", device, "trigger_fs_error"), []byte("1"), 0)
}

// TestDiskTurnsReadOnly takes the disk away under a till that sells: it stops at
// the first thing it cannot write down, says so, shows nothing as paid; its book
// can be read beside it. On a disk that is well again everything acknowledged is
// there, and what was under way comes to its end. It needs the right to mount,
// and says so where it has not.
func TestDiskTurnsReadOnly(t *testing.T) {
	t.Parallel()
	b, err := startBox(filepath.Join(t.TempDir(), "box"))
	if err != nil {
		t.Fatal(err)
	}
	defer b.stop()
	d, err := newBlockDevice(t, "ext4")
	if err != nil {
		t.Skipf("not tried here: %v", err)
	}
	env, data := append(quick(), "ABACUS_DISK_STOP=16MiB"), filepath.Join(d.dir, "till")
	c, err := startTill(b.config(), data, env)
	if err != nil {
		t.Fatal(err)
	}
	defer c.kill()
	k := &shortCounter{t: t, b: b, c: c}
	told, underWay := sellsUntilReadOnly(k, d)
	if t.Failed() {
		return
	}
	readsBeside(t, b, data, "journal", "verify")
	readsBeside(t, b, data, "journal", "list")
	if code := c.stop(); code == 0 {
		t.Error("ends as if all were well")
	}
	for _, command := range [][]string{{"umount", d.dir}, {"e2fsck", "-p", "-f", d.image}, {"mount", "-o", "loop", d.image, d.dir}} {
		// e2fsck tells with 1 that it has mended something: the mistake it was told of.
		if err := shell(command...); err != nil && !strings.Contains(err.Error(), "exit status 1 ") {
			t.Fatal(err)
		}
	}
	if k.c, err = startTill(b.config(), data, env); err != nil {
		t.Fatal(err)
	}
	defer k.c.kill()
	k.must("operator.login", map[string]any{"operator": "1001", "pin": "246810"})
	paid := map[string]bool{}
	for _, id := range append(told, underWay) {
		paid[id] = true
		if state := dig(k.must("payment.wait", map[string]any{"payment": id}), "state"); state != "paid" {
			t.Errorf("payment %s is %s", id, state)
		}
	}
	k.must("shift.close", map[string]any{"counted": 1100})
	if code := k.c.stop(); code != 0 {
		t.Errorf("ended with %d", code)
	}
	if _, err := bookHolds(t, data, paid); err != nil {
		t.Error(err)
	}
}

// sellsUntilReadOnly sells for cash and by phone; the disk goes while a customer
// enters a password. told are the payments acknowledged.
func sellsUntilReadOnly(k *shortCounter, d *blockDevice) (told []string, underWay string) {
	k.t.Helper()
	k.must("operator.login", map[string]any{"operator": "1001", "pin": "246810"})
	k.must("shift.open", map[string]any{"float": 0})
	open := func() string {
		sale := dig(k.must("sale.open", map[string]any{}), "sale")
		k.must("sale.add", map[string]any{"sale": sale, "amount": 1100})
		return sale
	}
	told = append(told, dig(k.must("sale.pay", map[string]any{"sale": open(), "method": "cash"}), "payment"))
	code, err := k.b.code("wechat", "password:1")
	if err != nil {
		k.t.Fatal(err)
	}
	underWay = dig(k.must("sale.pay", map[string]any{"sale": open(), "method": "auto", "code": code}), "payment")
	if err := d.turnReadOnly(); err != nil {
		k.t.Fatal(err)
	}
	var snapshot json.RawMessage
	if err := eventually(20*time.Second, func() (bool, error) {
		snapshot = k.must("till.snapshot", map[string]any{})
		return dig(snapshot, "trouble") != "", nil
	}); err != nil {
		k.t.Errorf("it goes on as if nothing were: %v: %s", err, snapshot)
	}
	if state := dig(k.must("payment.get", map[string]any{"payment": underWay}), "state"); state == "paid" {
		k.t.Errorf("payment %s is shown as paid and cannot be written down", underWay)
	}
	var refused *rpcError
	_, err = k.c.call("sale.open", map[string]any{})
	if !errors.As(err, &refused) || refused.Data.Code != "journal-stopped" || refused.Data.Say == "" || refused.Data.Hint == "" {
		k.t.Errorf("a new sale: %v", err)
	}
	return told, underWay
}

// readsBeside runs a command on the data folder of a till that runs.
func readsBeside(t *testing.T, b *box, data string, args ...string) {
	t.Helper()
	cmd, err := programCommand(nil, append(args, "--config", b.config(), "--data", data)...)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v beside the till: %v %s", args, err, out)
	}
}
