package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

var blockCuts = flag.Int("cuts", 4, "power cuts of TestBlockDeviceCut for each file system")

// TestBlockDeviceCut lets the till sell on a file system of a block device of
// its own and takes the device as a power cut would leave it: without what only
// the page cache has. Every sale acknowledged by then is in the book. It needs
// the right to mount, and says so where it has not.
func TestBlockDeviceCut(t *testing.T) {
	t.Parallel()
	b, err := startBox(filepath.Join(t.TempDir(), "box"))
	if err != nil {
		t.Fatal(err)
	}
	defer b.stop()
	for _, kind := range []string{"ext4", "xfs"} {
		t.Run(kind, func(t *testing.T) {
			d, err := newBlockDevice(t, kind)
			if err != nil {
				t.Skipf("not tried here: %v", err)
			}
			if err := d.cuts(t, b); err != nil {
				t.Error(err)
			}
		})
	}
}

// blockDevice is a file system in a file, mounted through a loop device.
type blockDevice struct {
	kind, image, dir, copy, look string
}

func newBlockDevice(t *testing.T, kind string) (*blockDevice, error) {
	root := t.TempDir()
	d := &blockDevice{kind, filepath.Join(root, "image"), filepath.Join(root, "disk"), filepath.Join(root, "copy"), filepath.Join(root, "look")}
	for _, dir := range []string{d.dir, d.look} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return nil, err
		}
	}
	size, force := "64M", "-F"
	if kind == "xfs" {
		size, force = "320M", "-f"
	}
	for _, command := range [][]string{
		{"truncate", "-s", size, d.image}, {"mkfs." + kind, "-q", force, d.image}, {"mount", "-o", "loop", d.image, d.dir},
	} {
		if err := shell(command...); err != nil {
			return nil, err
		}
	}
	t.Cleanup(func() { _ = shell("umount", d.dir) })
	return d, nil
}

func shell(command ...string) error {
	out, err := exec.Command(command[0], command[1:]...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w %s", strings.Join(command, " "), err, out)
	}
	return nil
}

// writes is how much the device has been asked for so far.
func (d *blockDevice) writes() (string, error) {
	device, err := d.device()
	if err != nil {
		return "", err
	}
	stat, err := os.ReadFile(filepath.Join("/sys/block", device, "stat"))
	return string(stat), err
}

// device is the kernel's name of it.
func (d *blockDevice) device() (string, error) {
	mounts, err := os.ReadFile("/proc/mounts")
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(mounts)) {
		if f := strings.Fields(line); len(f) > 1 && f[1] == d.dir {
			return filepath.Base(f[0]), nil
		}
	}
	return "", fmt.Errorf("%s is not mounted", d.dir)
}

// cut copies the device while the till stands still. A copy during which the
// kernel wrote something back is no single moment and is made again.
func (d *blockDevice) cut(till *os.Process, mark string) error {
	if err := stopProcess(till); err != nil {
		return err
	}
	defer func() { _ = continueProcess(till) }()
	if err := os.WriteFile(filepath.Join(d.dir, unsynced), []byte(mark), 0o600); err != nil {
		return err
	}
	for range 20 {
		before, err := d.writes()
		if err != nil {
			return err
		}
		if err := shell("cp", "--sparse=always", d.image, d.copy); err != nil {
			return err
		}
		if after, err := d.writes(); err == nil && after == before {
			return nil
		}
	}
	return fmt.Errorf("the device never comes to rest")
}

// unsynced is a file of which nobody wants the disk to know: that a cut takes
// it shows that a cut takes what is not synced.
const unsynced = "unsynced"

// cuts sells and cuts the power again and again.
func (d *blockDevice) cuts(t *testing.T, b *box) error {
	dice := rand.New(rand.NewPCG(*tortureSeed, 300))
	var mu sync.Mutex
	acknowledged := map[string]bool{}
	c, err := startTill(b.config(), filepath.Join(d.dir, "till"), []string{"ABACUS_DISK_STOP=16MiB"}, func(result json.RawMessage) {
		if dig(result, "state") == "paid" && dig(result, "payment") != "" {
			mu.Lock()
			defer mu.Unlock()
			acknowledged[dig(result, "payment")] = true
		}
	})
	if err != nil {
		return err
	}
	defer c.kill()
	go sellForCash(c)
	known, most, taken := 0, 0, 0
	for n := range *blockCuts {
		mark := fmt.Sprint("cut ", n)
		wait(t.Context(), time.Duration(20+dice.IntN(200))*time.Millisecond)
		mu.Lock()
		before := maps.Clone(acknowledged)
		mu.Unlock()
		if err := d.cut(c.cmd.Process, mark); err != nil {
			return err
		}
		held, found, err := d.afterCut(t, before)
		if err != nil {
			return err
		}
		known, most = len(before), max(most, held-len(before))
		if found != mark {
			taken++
		}
	}
	if taken == 0 {
		return fmt.Errorf("no cut took what was not synced: these are no power cuts")
	}
	t.Logf("%s: %d cuts, %d of which took an unsynced file; %d sales acknowledged by the last one, none lost, at most %d there that nobody had been told of",
		d.kind, *blockCuts, taken, known, most)
	return nil
}

// sellForCash sells until the till is gone.
func sellForCash(c *client) {
	for {
		sale, err := ring(c)
		if err != nil {
			return
		}
		if _, err := c.call("sale.pay", map[string]any{"sale": sale, "method": "cash"}); err != nil {
			return
		}
	}
}

// afterCut looks at the book on the device that was cut off, and for the mark.
func (d *blockDevice) afterCut(t *testing.T, acknowledged map[string]bool) (held int, mark string, err error) {
	options := "loop"
	if d.kind == "xfs" {
		options += ",nouuid"
	}
	if err := shell("mount", "-o", options, d.copy, d.look); err != nil {
		return 0, "", err
	}
	defer func() {
		if gone := shell("umount", d.look); err == nil {
			err = gone
		}
	}()
	found, _ := os.ReadFile(filepath.Join(d.look, unsynced)) // or gone
	held, err = bookHolds(t, filepath.Join(d.look, "till"), acknowledged)
	return held, string(found), err
}
