package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const canStop = true

func stopProcess(p *os.Process) error     { return p.Signal(syscall.SIGSTOP) }
func continueProcess(p *os.Process) error { return p.Signal(syscall.SIGCONT) }

// disk is what can be done to a till's data folder. With the right to mount it
// is a small file system of its own, else only the till's files are kept from
// growing.
type disk struct {
	mounted bool
	asRoot  bool
}

const roomy = "size=2g"

// prepareDisk gives the first till a file system that can be full and
// read-only. The second one gets its limit as a process.
func (k *counter) prepareDisk() {
	k.disk.asRoot = os.Geteuid() == 0
	if k.number != 0 {
		return
	}
	if err := os.MkdirAll(k.data, 0o700); err != nil {
		k.s.Fatal(err)
	}
	if err := unix.Mount("tmpfs", k.data, "tmpfs", 0, roomy); err != nil {
		k.s.Logf("no full disk in this run, a limit on files instead: mount: %v", err)
		return
	}
	k.disk.mounted = true
	k.s.Cleanup(func() {
		k.kill()
		_ = unix.Unmount(k.data, unix.MNT_DETACH)
	})
}

func (d disk) troubles(k *counter) map[string]func(*rand.Rand) error {
	all := map[string]func(*rand.Rand) error{"files cannot grow": k.limitFiles}
	if d.mounted {
		all = map[string]func(*rand.Rand) error{"disk full": k.fillDisk, "data folder read-only": k.lockFolder}
	} else if !d.asRoot {
		all["data folder read-only"] = k.lockFolder
	}
	return all
}

// fillDisk makes the file system as small as what lies on it.
func (k *counter) fillDisk(dice *rand.Rand) error {
	var s unix.Statfs_t
	if err := unix.Statfs(k.data, &s); err != nil {
		return err
	}
	used := (s.Blocks - s.Bfree) * uint64(s.Bsize)
	tight := fmt.Sprintf("size=%d", used+uint64(dice.IntN(64<<10)))
	if err := unix.Mount("tmpfs", k.data, "tmpfs", unix.MS_REMOUNT, tight); err != nil {
		return nil // it has grown meanwhile
	}
	wait(k.s.Context(), time.Duration(500+dice.IntN(1500))*time.Millisecond)
	if dice.IntN(3) == 0 {
		k.kill() // and nothing is left to start with
		if err := k.startRefused(); err != nil {
			return err
		}
	}
	if err := unix.Mount("tmpfs", k.data, "tmpfs", unix.MS_REMOUNT, roomy); err != nil {
		return err
	}
	if k.running() == nil {
		return k.start()
	}
	return nil
}

// lockFolder starts the till on a folder it cannot write to.
func (k *counter) lockFolder(*rand.Rand) error {
	k.kill()
	lock, unlock := func() error { return os.Chmod(k.data, 0o500) }, func() error { return os.Chmod(k.data, 0o700) }
	if k.disk.mounted {
		lock = func() error { return unix.Mount("tmpfs", k.data, "tmpfs", unix.MS_REMOUNT|unix.MS_RDONLY, roomy) }
		unlock = func() error { return unix.Mount("tmpfs", k.data, "tmpfs", unix.MS_REMOUNT, roomy) }
	}
	if err := lock(); err != nil {
		return err
	}
	refused := k.startRefused()
	if err := unlock(); err != nil {
		return err
	}
	if refused != nil {
		return refused
	}
	return k.start()
}

// startRefused starts a till that cannot work: it must end with a sentence, or
// show one, or, where there is still a little room, sell.
func (k *counter) startRefused() error {
	cmd, err := programCommand(k.env, "headless", "--config", k.s.acquirer().config(), "--data", k.data)
	if err != nil {
		return err
	}
	var out, errs bytes.Buffer
	cmd.Stdin = bytes.NewReader([]byte(`{"jsonrpc":"2.0","id":1,"method":"till.snapshot","params":{}}` + "\n"))
	cmd.Stdout, cmd.Stderr = &out, &errs
	failed := cmd.Run()
	snapshot := bytes.TrimSpace(out.Bytes())
	switch {
	case failed != nil && errs.Len() > 0 && !bytes.Contains(errs.Bytes(), []byte("goroutine ")):
		return nil
	case dig(snapshot, "result.ready") == "true", dig(snapshot, "result.trouble.say") != "":
		return nil
	}
	return fmt.Errorf("a till without room says nothing of it: %v, %s, %s", failed, out.Bytes(), errs.Bytes())
}

// limitFiles keeps the till's files from growing any further (RLIMIT_FSIZE,
// set from outside on the running process).
func (k *counter) limitFiles(dice *rand.Rand) error {
	cmd := k.running()
	if cmd == nil {
		return nil
	}
	most := int64(0)
	for _, name := range []string{"journal.db", "journal.db-wal", "abacus.log"} {
		if info, err := os.Stat(filepath.Join(k.data, name)); err == nil {
			most = max(most, info.Size())
		}
	}
	set := func(limit uint64) error {
		return unix.Prlimit(cmd.Process.Pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: limit, Max: unix.RLIM_INFINITY}, nil)
	}
	if err := set(uint64(most) + uint64(dice.IntN(64<<10))); err != nil {
		return err
	}
	wait(k.s.Context(), time.Duration(500+dice.IntN(1500))*time.Millisecond)
	return set(unix.RLIM_INFINITY)
}
