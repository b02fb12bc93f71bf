package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestScripts runs whole programs: sandbox, tills, kills, restarts. Beside
// testscript's own commands there are
//
//	box start | stop                       the acquirers' sandbox in $WORK/box
//	box code CHANNEL BEHAVIOUR VAR         a customer opens the wallet
//	box scan TEXT [BEHAVIOUR]              a customer scans the till's order code
//	box card BEHAVIOUR                     the next customer at the bank terminal
//	box cable out | in                     the terminal's line
//	box fault JSON | clear                 the fault plan
//	box holds TILL NUMBER                  how far the copy of the one till's journal goes
//	box keeps FEN                          what the merchant keeps, all in all
//	box takes FEN                          until the merchant keeps that much
//	till NAME start [KEY=VALUE…]           a headless till with its data in $WORK/NAME
//	till NAME call METHOD JSON [PATH=WANT | PATH>VAR]…
//	till NAME until METHOD JSON PATH=WANT  the call is repeated until it answers so
//	till NAME fails METHOD JSON CODE       the call is refused with this code
//	till NAME kill | stop [CODE]           CODE is how it must end, 0 when not given
//	doctor NAME CODE…                      abacus doctor on NAME's data finds these, !CODE: not these
//
// $VARs are expanded inside JSON.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Vars = append(e.Vars, "LANG=zh_CN.UTF-8", "XDG_DATA_HOME="+e.WorkDir, "HOME="+e.WorkDir)
			s := &stage{work: e.WorkDir, tills: map[string]*client{}}
			e.Values["stage"] = s
			e.Defer(s.clear)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"box": boxCommand, "till": tillCommand, "flip": flipCommand, "doctor": doctorSays},
	})
}

type stage struct {
	work  string
	box   *box
	tills map[string]*client
}

func (s *stage) clear() {
	for _, c := range s.tills {
		c.kill()
	}
	if s.box != nil {
		s.box.stop()
	}
}

func boxCommand(ts *testscript.TestScript, neg bool, args []string) {
	s := ts.Value("stage").(*stage)
	for i := range args {
		args[i] = os.Expand(args[i], ts.Getenv)
	}
	switch args[0] {
	case "start":
		b, err := startBox(filepath.Join(s.work, "box"))
		ts.Check(err)
		s.box = b
		ts.Setenv("CONTROL", b.control)
		ts.Setenv("CONFIG", b.config())
	case "stop":
		s.box.stop()
		s.box = nil
	case "code":
		code, err := s.box.code(args[1], args[2])
		ts.Check(err)
		ts.Setenv(args[3], code)
	case "scan":
		body := map[string]string{"code": args[1]}
		if len(args) > 2 {
			body["behaviour"] = args[2]
		}
		ts.Check(s.box.request(http.MethodPost, "/scan", body, nil))
	case "card":
		ts.Check(s.box.request(http.MethodPost, "/cards", map[string]string{"behaviour": args[1]}, nil))
	case "served": // until the terminal has come to every customer
		ts.Check(eventually(20*time.Second, func() (bool, error) {
			var cards struct{ Waiting int }
			err := s.box.request(http.MethodGet, "/cards", nil, &cards)
			return cards.Waiting == 0, err
		}))
	case "cable":
		ts.Check(s.box.request(http.MethodPost, "/cable", map[string]bool{"pulled": args[1] == "out"}, nil))
	case "fault":
		ts.Check(s.box.request(http.MethodPost, "/faults", json.RawMessage(args[1]), nil))
	case "clear":
		ts.Check(s.box.request(http.MethodDelete, "/faults", nil, nil))
	case "holds":
		var copies []struct {
			Till   string
			Number int64
		}
		ts.Check(s.box.request(http.MethodGet, "/journals", nil, &copies))
		if len(copies) != 1 || copies[0].Till != args[1] || fmt.Sprint(copies[0].Number) != args[2] {
			ts.Fatalf("the copies are %+v", copies)
		}
	case "keeps":
		kept, err := s.box.kept()
		ts.Check(err)
		if fmt.Sprint(kept) != args[1] {
			ts.Fatalf("the merchant keeps %d, want %s", kept, args[1])
		}
	case "takes": // until the merchant keeps that much
		ts.Check(eventually(20*time.Second, func() (bool, error) {
			kept, err := s.box.kept()
			return fmt.Sprint(kept) == args[1], err
		}))
	default:
		ts.Fatalf("box %s?", args[0])
	}
}

func tillCommand(ts *testscript.TestScript, neg bool, args []string) {
	s := ts.Value("stage").(*stage)
	name, verb, rest := args[0], args[1], args[2:]
	for i := range rest {
		rest[i] = os.Expand(rest[i], ts.Getenv)
	}
	switch verb {
	case "start":
		c, err := startTill(s.box.config(), filepath.Join(s.work, name), append(quick(), rest...))
		ts.Check(err)
		s.tills[name] = c
	case "kill":
		s.tills[name].kill()
		delete(s.tills, name)
	case "stop":
		if code := fmt.Sprint(s.tills[name].stop()); code != strings.Join(append(rest, "0")[:1], "") {
			ts.Fatalf("till %s ended with %s", name, code)
		}
		delete(s.tills, name)
	case "call":
		result, err := s.tills[name].call(rest[0], json.RawMessage(rest[1]))
		ts.Check(err)
		ts.Logf("%s", result)
		check(ts, result, rest[2:])
	case "until":
		path, want, _ := strings.Cut(rest[2], "=")
		ts.Check(eventually(20*time.Second, func() (bool, error) {
			result, err := s.tills[name].call(rest[0], json.RawMessage(rest[1]))
			return err == nil && dig(result, path) == want, err
		}))
	case "fails":
		result, err := s.tills[name].call(rest[0], json.RawMessage(rest[1]))
		var refused *rpcError
		if !errors.As(err, &refused) || refused.Data.Code != rest[2] || refused.Data.Say == "" {
			ts.Fatalf("%s, %v; want the refusal %s", result, err, rest[2])
		}
	default:
		ts.Fatalf("till %s?", verb)
	}
}

// check holds PATH=WANT and keeps PATH>VAR; a path goes through objects and
// lists by dots: payments.0.state.
func check(ts *testscript.TestScript, result json.RawMessage, wants []string) {
	for _, want := range wants {
		i := strings.IndexAny(want, "=>")
		if i < 0 {
			ts.Fatalf("%q is neither PATH=WANT nor PATH>VAR", want)
		}
		value := dig(result, want[:i])
		if want[i] == '>' {
			ts.Setenv(want[i+1:], value)
		} else if value != want[i+1:] {
			ts.Fatalf("%s is %q, want %q in %s", want[:i], value, want[i+1:], result)
		}
	}
}

func dig(raw json.RawMessage, path string) string {
	for _, key := range strings.Split(path, ".") {
		var list []json.RawMessage
		var object map[string]json.RawMessage
		var index int
		if _, err := fmt.Sscan(key, &index); err == nil && json.Unmarshal(raw, &list) == nil && index < len(list) {
			raw = list[index]
			continue
		}
		if json.Unmarshal(raw, &object) != nil {
			return ""
		}
		raw = object[key]
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}

// flipCommand changes one byte of a file wherever a text stands, since a
// database may hold stale copies of a page: flip FILE TEXT.
func flipCommand(ts *testscript.TestScript, neg bool, args []string) {
	path := ts.MkAbs(args[0])
	data, err := os.ReadFile(path)
	ts.Check(err)
	if !bytes.Contains(data, []byte(args[1])) {
		ts.Fatalf("%s does not hold %q", args[0], args[1])
	}
	flipped := []byte(args[1])
	flipped[0] ^= 1
	data = bytes.ReplaceAll(data, []byte(args[1]), flipped)
	ts.Check(os.WriteFile(path, data, 0o600))
}
