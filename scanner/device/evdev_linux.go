package device

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"abacus/scanner"
)

// Evdev is a scanner that is a USB or Bluetooth keyboard, taken for the till
// alone: neither terminal nor input method sees its keys. device is a path such
// as /dev/input/by-id/usb-…-event-kbd, a pattern of paths, or the pattern of a
// device's name, "*Barcode*".
func Evdev(device string, framing scanner.Lines) Source {
	const wordBytes = int(unsafe.Sizeof(unix.Timeval{}.Sec))
	return Source{
		Open:   func() (Port, error) { return openInput(device) },
		Decode: func() Decoder { return NewKeys(framing, wordBytes) },
	}
}

// The requests to an input device. Source: the Linux kernel's input.h.
const (
	grab    = 0x40044590 // EVIOCGRAB
	keyBits = 0x80000000 | mapBytes<<16 | 'E'<<8 | 0x20 + evKey
	// mapBytes is enough of the map of keys for a keyboard's.
	mapBytes = 32
)

const (
	inputDevices = "/dev/input"
	inputNames   = "/sys/class/input/event*/device/name"
)

func openInput(device string) (Port, error) {
	if strings.HasPrefix(device, "/") {
		found, err := find(device)
		if err != nil {
			return nil, err
		}
		return take(found)
	}
	paths, err := named(device)
	if err != nil {
		return nil, err
	}
	failure := error(fmt.Errorf("%w %q: %w", errNoMatch, device, fs.ErrNotExist))
	for _, p := range paths {
		port, err := take(p)
		if err == nil {
			return port, nil
		}
		failure = err
	}
	return nil, failure
}

// named are the devices whose name has the pattern, in the order in which they
// were plugged in.
func named(pattern string) ([]string, error) {
	names, err := filepath.Glob(inputNames)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, file := range names {
		name, err := os.ReadFile(file)
		if err != nil {
			continue // unplugged in between
		}
		fits, err := path.Match(strings.ToLower(pattern), strings.ToLower(strings.TrimSpace(string(name))))
		if err != nil {
			return nil, err
		}
		if fits {
			found = append(found, filepath.Join(inputDevices, filepath.Base(filepath.Dir(filepath.Dir(file)))))
		}
	}
	slices.SortFunc(found, func(a, b string) int { return eventNumber(a) - eventNumber(b) })
	return found, nil
}

func eventNumber(p string) int {
	n, _ := strconv.Atoi(strings.TrimPrefix(filepath.Base(p), "event"))
	return n
}

// take opens a device without blocking, so that reading it has deadlines and
// can be ended, and grabs it.
func take(p string) (Port, error) {
	f, err := os.OpenFile(p, os.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if err := grabbed(f); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("%s: %w", p, err)
	}
	return &input{f}, nil
}

func grabbed(f *os.File) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failure error
	err = raw.Control(func(fd uintptr) {
		if !typesDigits(int(fd)) {
			failure = fmt.Errorf("%w: it has no digits", errNoMatch)
			return
		}
		failure = unix.IoctlSetInt(int(fd), grab, 1)
	})
	if errors.Is(failure, unix.EBUSY) {
		return errBusy
	}
	return errors.Join(err, failure)
}

// typesDigits reports whether a device has the keys that a scanner presses;
// many scanners are a second device with volume keys, too.
func typesDigits(fd int) bool {
	var keys [mapBytes]byte
	_, _, failed := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), keyBits, uintptr(unsafe.Pointer(&keys)))
	for _, code := range []uint{2, 11, keyEnter} { // 1, 0 and Enter
		if keys[code/8]&(1<<(code%8)) == 0 {
			return false
		}
	}
	return failed == 0
}

// input is a grabbed device. Closing it gives it back.
type input struct{ f *os.File }

func (i *input) Read(p []byte, patience time.Duration) (int, error) {
	deadline := time.Time{}
	if patience > 0 {
		deadline = time.Now().Add(patience)
	}
	if err := i.f.SetReadDeadline(deadline); err != nil {
		return 0, err
	}
	n, err := i.f.Read(p)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return n, nil
	}
	return n, err
}

func (i *input) Close() error { return i.f.Close() }
