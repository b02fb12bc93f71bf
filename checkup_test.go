package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"abacus/internal/doctor"
	"abacus/internal/lang"
	"abacus/internal/till"
	"abacus/scanner/device"
)

// doctorSays runs the doctor and holds what it finds; what it says of this
// machine's disk is not asked, so the exit code is only compared with "well".
func doctorSays(ts *testscript.TestScript, _ bool, args []string) {
	s := ts.Value("stage").(*stage)
	cmd, err := programCommand(nil, "doctor", "--json", "--config", filepath.Join(s.work, "box", "config.yaml"), "--data", filepath.Join(s.work, args[0]))
	ts.Check(err)
	var out bytes.Buffer
	cmd.Stdout = &out
	_ = cmd.Run()
	var said struct {
		Well     bool
		Findings []struct{ Code, Say string }
	}
	if err := json.Unmarshal(out.Bytes(), &said); err != nil {
		ts.Fatalf("%v: %s", err, &out)
	}
	if code := cmd.ProcessState.ExitCode(); said.Well && code != exitDone || !said.Well && code != exitPerson {
		ts.Fatalf("exit code %d with %s", code, &out)
	}
	var codes []string
	for _, f := range said.Findings {
		codes = append(codes, f.Code)
		if f.Say == "" {
			ts.Fatalf("%s says nothing", f.Code)
		}
	}
	for _, want := range args[1:] {
		code, not := strings.CutPrefix(want, "!")
		if slices.Contains(codes, code) == not {
			ts.Fatalf("%s is not what was found: %s", want, codes)
		}
	}
}

// Whatever a scanner's lamp can say, the doctor has a sentence and a remedy
// for it.
func TestEveryTroubleOfADeviceIsFound(t *testing.T) {
	seen := map[string]bool{}
	for _, trouble := range []device.Cause{device.Missing, device.Denied, device.Busy, device.Keyboard, device.Unsupported, device.Flood, device.Broken} {
		f := deviceFinding(till.Device{Kind: till.DeviceScanner, Name: "counter", State: till.LinkDown, Trouble: string(trouble)})
		say, hint := lang.Must(lang.English).Finding(f.Code, f.Args)
		if f.State != doctor.Fault || say == "" || hint == "" || seen[f.Code] {
			t.Errorf("%s: %+v: %q, %q", trouble, f, say, hint)
		}
		seen[f.Code] = true
	}
	if f := deviceFinding(till.Device{Kind: till.DeviceScanner, Name: "counter", State: till.LinkUp}); f.State != doctor.Well {
		t.Errorf("a scanner that is well: %+v", f)
	}
}
