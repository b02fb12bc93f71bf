package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"abacus/internal/config"
	"abacus/internal/doctor"
	"abacus/internal/lang"
	"abacus/internal/till"
	"abacus/payment"
	"abacus/printer"
	"abacus/scanner/device"
)

// doctorSays runs the doctor, with settings KEY=VALUE, and holds what it finds;
// what it says of this machine's disk is not asked, so the exit code is only
// compared with "well".
func doctorSays(ts *testscript.TestScript, _ bool, args []string) {
	s := ts.Value("stage").(*stage)
	var env []string
	for len(args) > 1 && strings.Contains(args[1], "=") {
		env, args = append(env, args[1]), slices.Delete(args, 1, 2)
	}
	cmd, err := programCommand(env, "doctor", "--json", "--config", filepath.Join(s.work, "box", "config.yaml"), "--data", filepath.Join(s.work, args[0]))
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

// Whatever becomes of a customer display, the cashier gets a sentence and the
// doctor a remedy.
func TestEveryTroubleOfTheDisplayIsFound(t *testing.T) {
	d := till.Device{Kind: till.DeviceDisplay, Name: "ttyUSB1", Line: "serial", State: till.LinkUp}
	for _, c := range []struct {
		err     error
		trouble device.Cause
		code    string
	}{
		{nil, "", "device-well"},
		{&printer.DisplayLost{Err: io.ErrClosedPipe}, device.Gone, "device-missing"},
		{fs.ErrNotExist, device.Missing, "device-missing"},
		{fs.ErrPermission, device.Denied, "device-denied"},
		{errors.New("input/output error"), device.Broken, "device-failed"},
	} {
		now := displayState(d, c.err)
		f := deviceFinding(now)
		if now.Trouble != string(c.trouble) || f.Code != c.code || f.Check != "display" {
			t.Errorf("%v: %+v, %+v", c.err, now, f)
		}
		for _, tag := range []lang.Tag{lang.Chinese, lang.English} {
			if say := lang.Must(tag).Notice("display-"+now.Trouble, []any{now.Name}); c.err != nil && !strings.Contains(say, "ttyUSB1") {
				t.Errorf("%s: %v: %q", tag, c.err, say)
			}
		}
	}
}

// A till that takes no cards because it could not even begin with them says so,
// and one whose record is damaged before it is started.
func TestCardsThatCannotBegin(t *testing.T) {
	s := &shop{cfg: &config.Config{Card: config.CardChannel{Via: "host"}}}
	has := func(found []doctor.Finding, code string) bool {
		return slices.ContainsFunc(found, func(f doctor.Finding) bool { return f.Code == code })
	}
	if !has(s.lamps(&till.Snapshot{Ready: true}), "host-off") {
		t.Error("nothing said of a card host that is off")
	}
	if has(s.lamps(&till.Snapshot{Ready: true, Methods: []till.Method{{Channel: payment.Card}}}), "host-off") {
		t.Error("a card host that works is said to be off")
	}
	path := filepath.Join(t.TempDir(), "card.jsonl")
	for text, fault := range map[string]bool{"": false, "{\"trace\":7}\n": false, "{\"trace\":7}\n{\"tr": false, "{\"trace\":7}\n\x00\x00\x00ce\":8}\n": false, "{\"trace\":7}\n}{\n": true} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if found := cardRecord(path); has(found, "host-record") != fault {
			t.Errorf("%q: found %+v", text, found)
		}
	}
	for at, told := range map[time.Time]bool{clock().Add(-time.Hour): true, clock().Add(-60 * 24 * time.Hour): false} {
		text := fmt.Sprintf(`{"born":{"at":%q,"doubted":["A1"]}}`+"\n", at.Format(time.RFC3339))
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if found := cardRecord(path); has(found, "host-record-lost") != told {
			t.Errorf("a record lost at %s: %+v", at, found)
		}
	}
	if found := cardRecord(filepath.Join(path, "none")); len(found) != 1 {
		t.Errorf("a path that is none: %+v", found)
	}
	if found := cardRecord(path + ".none"); found != nil {
		t.Errorf("no record: %+v", found)
	}
}

// A till whose only call goes to a card host or a printer needs a network too.
func TestWhomTheTillCalls(t *testing.T) {
	c := &config.Config{Card: config.CardChannel{Via: "host", Address: "cards.example:7004"}, Printer: config.Printer{Kind: "tcp", Address: "192.0.2.9:9100"},
		Journal: config.Journal{Address: "https://keeper.example/journal"}}
	if got := called(c, []doctor.Acquirer{{Address: "https://api.mch.weixin.qq.com"}}); !slices.Equal(got, []string{"keeper.example", "api.mch.weixin.qq.com", "cards.example", "192.0.2.9"}) {
		t.Errorf("called: %v", got)
	}
	c = &config.Config{Card: config.CardChannel{Via: "terminal", Address: "cards.example:7004"}, Printer: config.Printer{Kind: "device", Address: "192.0.2.9:9100"}}
	if got := called(c, nil); len(got) != 0 {
		t.Errorf("called: %v", got)
	}
}
