package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// doors says which of our own packages each package may import. A package
// without a row is a new room: give it one, as narrow as it can be. "*" stands
// for one acquirer or method each.
var doors = map[string][]string{
	"internal/fall":  {},
	"internal/money": {},
	"internal/lang":  {"internal/money"},
	"internal/goods": {"internal/money"},

	// The four that never import each other.
	"ledger":  {"internal/money"},
	"payment": {"internal/money"},
	"scanner": {"internal/money"},
	"printer": {"internal/fall", "internal/money", "internal/lang"},

	"scanner/device": {"internal/fall", "scanner"},

	"payment/wire": {"internal/money", "payment"},
	"payment/*":    {"internal/money", "payment", "payment/wire"},
	// A codec shared with a client would hide a shared mistake.
	"payment/sandbox":     {"internal/money"},
	"payment/paymenttest": {"internal/money", "payment", "payment/sandbox"},

	"internal/report": {"internal/money", "internal/lang", "ledger", "printer"},
	"internal/till": {
		"internal/fall", "internal/money", "internal/lang", "internal/goods", "internal/report", "internal/doctor", "internal/upload", "ledger", "payment", "scanner", "printer",
	},
	"internal/config": {"internal/money", "internal/lang", "payment", "scanner"},
	"internal/doctor": {"internal/fall", "internal/upload", "ledger", "printer"},
	"internal/upload": {"internal/fall", "ledger"},

	// For tests only: see TestTestSupportStaysOut.
	"internal/faultdisk": {},

	// The faces: the core, and the types of what it shows.
	"tui": {
		"internal/fall", "internal/money", "internal/lang", "internal/doctor", "internal/upload", "internal/goods", "internal/till", "ledger", "payment", "scanner",
		"tui/theme", "tui/theme/early",
	},
	"tui/theme":         {},
	"tui/theme/early":   {},
	"internal/headless": {"internal/fall", "internal/money", "internal/lang", "internal/doctor", "internal/upload", "internal/goods", "internal/till", "ledger", "payment"},
}

// onlyIn says where a package of others may be imported: an exchange of it
// then touches one room.
var onlyIn = map[string][]string{
	"github.com/spf13/viper":             {"internal/config"},
	"github.com/charmbracelet/bubbletea": {"tui"},
	"modernc.org/sqlite":                 {"ledger", "internal/faultdisk"},
	"github.com/creachadair/jrpc2":       {"internal/headless"},
}

type listed struct {
	ImportPath string
	Standard   bool
	Imports    []string
	CgoFiles   []string
}

// list is `go list` for a system, with cgo allowed so that a package that
// wants it cannot hide.
func list(t *testing.T, system string, args ...string) []listed {
	t.Helper()
	command := exec.Command("go", append([]string{"list", "-json"}, args...)...)
	command.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=1")
	var stderr strings.Builder
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var all []listed
	decoder := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

var systems = []string{"linux", "windows"}

func TestDoors(t *testing.T) {
	for _, system := range systems {
		for _, p := range list(t, system, "./...") {
			room, ours := strings.CutPrefix(p.ImportPath, "abacus/")
			if !ours {
				continue // main ties the knot and may import everything
			}
			allowed, known := doors[room]
			if one, ok := strings.CutPrefix(room, "payment/"); !known && ok && !strings.Contains(one, "/") {
				allowed, known = doors["payment/*"], true
			}
			if !known {
				t.Errorf("%s has no row in the table of doors", room)
			}
			for _, imported := range p.Imports {
				if other, ours := strings.CutPrefix(imported, "abacus/"); ours && !slices.Contains(allowed, other) {
					t.Errorf("%s: %s imports %s", system, room, other)
				}
			}
		}
	}
}

func TestLibrariesStayInTheirRoom(t *testing.T) {
	for _, p := range list(t, "linux", "./...") {
		room := strings.TrimPrefix(p.ImportPath, "abacus/")
		for _, imported := range p.Imports {
			for library, homes := range onlyIn {
				inside := slices.ContainsFunc(homes, func(home string) bool { return room == home || strings.HasPrefix(room, home+"/") })
				if (imported == library || strings.HasPrefix(imported, library+"/")) && !inside {
					t.Errorf("%s imports %s, which belongs to %q", room, imported, homes)
				}
			}
		}
	}
}

// What makes disks fail must not be in the till.
func TestTestSupportStaysOut(t *testing.T) {
	for _, p := range list(t, "linux", "-deps", ".") {
		if p.ImportPath == "abacus/internal/faultdisk" {
			t.Errorf("the program links %s", p.ImportPath)
		}
	}
}

// The program is one file that runs anywhere: nothing in it wants a C compiler.
func TestNoCgo(t *testing.T) {
	for _, p := range list(t, "linux", "-deps", ".") {
		if !p.Standard && len(p.CgoFiles) > 0 {
			t.Errorf("%s uses cgo: %v", p.ImportPath, p.CgoFiles)
		}
	}
}
