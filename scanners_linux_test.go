package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/creack/pty"
)

// scannerState is what a snapshot says of the scanner and of the sale.
type scannerState struct {
	Devices []struct{ State, Trouble string }
	Scan    struct{ Kind, Payment string }
	Sale    struct {
		Lines []struct{ Quantity float64 }
	}
}

// The whole program with a scanner on a serial line: not there, plugged in,
// scanned, pulled out, plugged in again on another line, scanned again.
func TestASerialScanner(t *testing.T) {
	dir := t.TempDir()
	link, config := filepath.Join(dir, "usb-Scanner"), filepath.Join(dir, "config.yaml")
	text := fmt.Sprintf("shift: {required: false}\nscanner: {devices: [{kind: serial, device: %q, name: counter}]}\n", filepath.Join(dir, "usb-*"))
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	till, err := startTill(config, filepath.Join(dir, "data"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer till.kill()
	if _, err := till.call("operator.login", map[string]string{"operator": "1001", "pin": "246810"}); err != nil {
		t.Fatal(err)
	}
	until := func(what string, done func(scannerState) bool) {
		t.Helper()
		if err := eventually(30*time.Second, func() (bool, error) {
			var s scannerState
			line, err := till.call("till.snapshot", nil)
			if err != nil {
				return false, err
			}
			return json.Unmarshal(line, &s) == nil && done(s), nil
		}); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	device := func(state, trouble string) func(scannerState) bool {
		return func(s scannerState) bool {
			return len(s.Devices) == 1 && s.Devices[0].State == state && s.Devices[0].Trouble == trouble
		}
	}
	for sold := 1.0; sold <= 2; sold++ {
		scanner, line, err := pty.Open()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(line.Name(), link); err != nil {
			t.Fatal(err)
		}
		until("the scanner is there", device("up", ""))
		_ = line.Close()
		if _, err := scanner.WriteString("]E06901234567892\r\n"); err != nil {
			t.Fatal(err)
		}
		until("the scan is sold", func(s scannerState) bool {
			return s.Scan.Kind == "goods" && len(s.Sale.Lines) == 1 && s.Sale.Lines[0].Quantity == sold
		})
		_, _ = os.Remove(link), scanner.Close()
		until("the scanner is missed", device("down", "gone"))
	}
	if code := till.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}
