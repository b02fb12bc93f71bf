package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"abacus/internal/config"
	"abacus/internal/doctor"
	"abacus/internal/headless"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
	"abacus/payment/wire"
	"abacus/printer"
	"abacus/scanner"
	"abacus/scanner/device"
)

// doctorCommand looks everything over, beside a running till or without one.
func (p *program) doctorCommand() *cobra.Command {
	return &cobra.Command{Use: "doctor", Short: p.texts.Command.AboutDoctor, Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		cfg, err := p.load()
		if err != nil {
			return err
		}
		// The folder that the first start would make: without it nothing can be
		// said about its disk.
		if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
			return p.failed(err)
		}
		pid, held, err := holder(cfg)
		examiner := &doctor.Doctor{Now: clock, Probes: append([]doctor.Probe{
			doctor.Till{Holder: func() (int, bool, error) { return pid, held, err }},
		}, slices.Concat(probes(cfg), []doctor.Probe{copyProbe(cfg)}, devices(cfg, held), cards(cfg, !held))...)}
		r := examiner.Examine(c.Context())
		if p.asJSON {
			err = headless.WriteExamination(os.Stdout, r, p.texts)
		} else {
			err = p.writeExamination(r)
		}
		switch {
		case err != nil:
			return p.failed(err)
		case r.NeedsPerson():
			return &exit{code: exitPerson}
		}
		return nil
	}}
}

// writeExamination prints one line for each thing found, and its remedy under
// it.
func (p *program) writeExamination(r doctor.Report) error {
	var b strings.Builder
	for _, f := range r.Findings {
		say, hint := p.texts.Finding(f.Code, f.Args)
		fmt.Fprintf(&b, "[%s] %s: %s\n", p.texts.Doctor.States[string(f.State)], p.texts.Check(f.Check), say)
		if hint != "" && f.State != doctor.Well {
			fmt.Fprintf(&b, "    → %s\n", hint)
		}
	}
	_, err := os.Stdout.WriteString(b.String())
	return err
}

// holder is the process on the data folder. To find out, the lock is taken and
// given back at once.
func holder(cfg *config.Config) (pid int, held bool, err error) {
	release, err := ledger.LockDir(cfg.Data)
	var h *ledger.Held
	switch {
	case errors.As(err, &h):
		return h.PID, true, nil
	case err != nil:
		return 0, false, err
	}
	release()
	return 0, false, nil
}

// examination is the doctor of a running till: the devices are the till's own,
// so what they said last is told instead of asking behind its back.
func (s *shop) examination() *doctor.Doctor {
	here := doctor.Func{Of: "till", Run: func(context.Context) []doctor.Finding {
		return []doctor.Finding{{State: doctor.Note, Code: "till-here"}}
	}}
	lamps := doctor.Func{Of: "printer", Run: func(ctx context.Context) []doctor.Finding {
		watching, done := context.WithCancel(ctx)
		defer done()
		if v := <-s.core.Watch(watching); v != nil {
			return s.lamps(v)
		}
		return nil
	}}
	return &doctor.Doctor{Now: clock, Probes: append(append([]doctor.Probe{here}, append(s.sameLevel(probes(s.cfg)), cards(s.cfg, false)...)...), s.headProbe(), s.copyProbe(), lamps)}
}

// headProbe tells what only the running till knows of the file that guards the
// book's end: that it had to be made anew, or cannot be written.
func (s *shop) headProbe() doctor.Probe {
	return doctor.Func{Of: "book", Run: func(context.Context) []doctor.Finding {
		books := s.books.Load()
		switch {
		case books == nil:
		case books.HeadError() != nil:
			return []doctor.Finding{{State: doctor.Fault, Code: "head-unwritten"}}
		case books.HeadMissing():
			return []doctor.Finding{{State: doctor.Fault, Code: "head-missing"}}
		}
		return nil
	}}
}

// lamps are the devices as the till sees them.
func (s *shop) lamps(v *till.Snapshot) []doctor.Finding {
	var found []doctor.Finding
	for _, l := range v.Links {
		switch {
		case l.Name == "printer" && l.State == till.LinkOff:
			found = append(found, doctor.Finding{Check: "printer", State: doctor.Note, Code: "printer-none"})
		case l.Name == "printer":
			f := doctor.PrinterFinding(printer.Condition(l.Cause))
			f.Check = "printer"
			found = append(found, f)
		case l.Name == string(payment.Card) && s.cfg.Pinpad.On() && !s.cfg.Card.ViaHost():
			f := doctor.Finding{Check: "terminal", State: doctor.Well, Code: "host-well", Args: []any{"terminal", terminalAt(s.cfg.Pinpad)}}
			if l.State == till.LinkDown {
				f.State, f.Code = doctor.Fault, "host-unreachable"
			}
			found = append(found, f)
		}
	}
	for _, d := range v.Devices {
		found = append(found, deviceFinding(d))
	}
	if len(s.cfg.Scanner.Devices) == 0 {
		found = append(found, keyboardScanner())
	}
	if takes := func(m till.Method) bool { return m.Channel == payment.Card }; s.cfg.Card.ViaHost() && v.Ready && !slices.ContainsFunc(v.Methods, takes) {
		found = append(found, doctor.Finding{Check: "cardhost", State: doctor.Fault, Code: "host-off"})
	}
	return found
}

// deviceFinding says of a device what its lamp says.
func deviceFinding(d till.Device) doctor.Finding {
	f := doctor.Finding{Check: d.Kind, State: doctor.Fault, Code: "device-failed", Args: []any{d.Name}}
	switch device.Cause(d.Trouble) {
	case "":
		if d.State == till.LinkUp {
			f.State, f.Code = doctor.Well, "device-well"
		}
	case device.Missing, device.Gone:
		f.Code = "device-missing"
	case device.Denied:
		f.Code = "device-denied"
	case device.Busy:
		f.Code = "device-taken"
	case device.Keyboard:
		f.Code = "device-foreign"
	case device.Unsupported:
		f.Code = "device-system"
	case device.Flood:
		f.Code = "device-flood"
	}
	return f
}

func keyboardScanner() doctor.Finding {
	return doctor.Finding{Check: "scanner", State: doctor.Note, Code: "scanner-wedge"}
}

func terminalAt(p config.Pinpad) string {
	if p.Kind == "tcp" {
		return p.Address
	}
	return p.Path
}

// probes are all that does not touch a device.
func probes(cfg *config.Config) []doctor.Probe {
	var servers []doctor.Acquirer
	client := wire.NewClient(cfg.TLS.Roots)
	add := func(who, address string) {
		servers = append(servers, doctor.Acquirer{Who: who, Address: address, HTTP: client.Transport, Now: clock})
	}
	if cfg.WeChat.On() {
		add("wechat", cfg.WeChat.Base)
	}
	if cfg.Alipay.On() {
		add("alipay", cfg.Alipay.Gateway)
	}
	all := []doctor.Probe{doctor.Network{Interfaces: addresses, LookupHost: net.DefaultResolver.LookupHost, Hosts: called(cfg, servers)}}
	for _, a := range servers {
		all = append(all, a)
	}
	if len(servers) == 0 {
		all = append(all, doctor.Func{Of: "acquirer", Run: func(context.Context) []doctor.Finding {
			return []doctor.Finding{{State: doctor.Note, Code: "acquirers-none"}}
		}})
	}
	if c := cfg.WeChat.PlatformCert; c != nil {
		all = append(all, certificateProbe("wechat.platform_cert_file", c))
	}
	all = append(all, doctor.Disk{Dir: cfg.Data, Measure: doctor.Measure, Sync: doctor.SyncTimes, Limits: limits(cfg)})
	return append(all, bookProbe(cfg))
}

// called are the hosts of all that the till calls, over the internet or in the
// shop's own network.
func called(cfg *config.Config, servers []doctor.Acquirer) []string {
	urls := []string{cfg.Journal.Address}
	for _, a := range servers {
		urls = append(urls, a.Address)
	}
	var hosts []string
	for _, address := range urls {
		if u, err := url.Parse(address); err == nil && u.Hostname() != "" {
			hosts = append(hosts, u.Hostname())
		}
	}
	for _, line := range []struct {
		used    bool
		address string
	}{
		{cfg.Card.ViaHost() && !cfg.Sandbox.Embedded, cfg.Card.Address}, {cfg.Pinpad.Kind == "tcp", cfg.Pinpad.Address}, {cfg.Printer.Kind == "tcp", cfg.Printer.Address},
	} {
		if host, _, err := net.SplitHostPort(line.address); err == nil && line.used && !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	return hosts
}

func certificateProbe(setting string, c *x509.Certificate) doctor.Probe {
	return doctor.Certificate{Of: setting, Begin: c.NotBefore, End: c.NotAfter, Now: clock}
}

func bookProbe(cfg *config.Config) doctor.Probe {
	return doctor.Book{
		Now: clock,
		Verify: func(ctx context.Context) (ledger.Verdict, error) {
			if untouched(cfg) {
				return ledger.Verdict{}, fs.ErrNotExist // there has never been one
			}
			return ledger.Verify(ctx, bookOptions(cfg))
		},
		Look: func(ctx context.Context) (open int, last time.Time, err error) {
			books, err := ledger.OpenView(ctx, bookOptions(cfg))
			if err != nil {
				return 0, time.Time{}, err
			}
			defer func() { err = errors.Join(err, books.Close()) }()
			count, err := books.CountOpen(ctx)
			if err != nil {
				return 0, time.Time{}, err
			}
			holds, err := books.OpenHolds(ctx)
			if err != nil {
				return 0, time.Time{}, err
			}
			open = count.Payments + count.Refunds
			for _, h := range holds {
				if h.State.InDoubt() {
					open++
				}
			}
			end, err := books.Entries(ctx, books.Head().Number-1, 1)
			if err == nil && len(end) == 1 {
				last = end[0].Time
			}
			return open, last, err
		},
	}
}

// devices are asked directly, unless a running till has them.
func devices(cfg *config.Config, held bool) []doctor.Probe {
	sink := sinkOf(cfg.Printer)
	p := doctor.Printer{Absent: sink == nil, Busy: held}
	if l, ok := sink.(printer.Looker); ok {
		p.Look = l.Look
	}
	all := []doctor.Probe{p}
	switch pad := cfg.Pinpad; {
	case !pad.On():
	case held:
		all = append(all, busy("terminal"))
	case pad.Kind == "tcp":
		all = append(all, doctor.Host{Of: "terminal", Who: "terminal", Address: pad.Address, Dial: (&net.Dialer{}).DialContext})
	default:
		all = append(all, doctor.File{Of: "terminal", Path: pad.Path, Open: opens(device.Serial(pad.Path, pad.Baud, scanner.Lines{}))})
	}
	for _, d := range cfg.Scanner.Devices {
		if held {
			all = append(all, busy("scanner"))
			break
		}
		all = append(all, doctor.File{Of: "scanner", Path: d.Name, Open: opens(sourceOf(d))})
	}
	if len(cfg.Scanner.Devices) == 0 {
		all = append(all, doctor.Func{Of: "scanner", Run: func(context.Context) []doctor.Finding { return []doctor.Finding{keyboardScanner()} }})
	}
	switch d := cfg.Display; {
	case d.Kind == "none":
	case held:
		all = append(all, busy("display"))
	default:
		all = append(all, doctor.File{Of: "display", Path: d.Path, Open: opens(device.Serial(d.Path, d.Baud, scanner.Lines{}))})
	}
	return all
}

func busy(check string) doctor.Probe {
	return doctor.Func{Of: check, Run: func(context.Context) []doctor.Finding {
		return []doctor.Finding{{State: doctor.Note, Code: "device-busy"}}
	}}
}

// opens tries a device as the till opens it.
func opens(source device.Source) func(string) error {
	return func(string) error {
		port, err := source.Open()
		switch {
		case device.CauseOf(err) == device.Busy:
			return errors.Join(doctor.ErrTaken, err)
		case err != nil:
			return err
		}
		return port.Close()
	}
}

// addresses are those of network interfaces that are up, without loopback.
func addresses() ([]string, error) {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	var out []string
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagLoopback != 0 {
			continue
		}
		list, err := i.Addrs()
		if err != nil {
			continue // one that cannot be read does not hide the others
		}
		for _, a := range list {
			if ip, ok := a.(*net.IPNet); ok && ip.IP.IsGlobalUnicast() {
				out = append(out, ip.IP.String())
			}
		}
	}
	return out, nil
}
