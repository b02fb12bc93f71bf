package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"abacus/internal/lang"
	"abacus/internal/upload"
	"abacus/ledger"
	"abacus/printer"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func now() time.Time { return noon }

// codes is what was found, as "state check code", and shows that each has its
// sentence, and a remedy where a person is needed, in both languages.
func codes(t *testing.T, p Probe) string {
	t.Helper()
	d := &Doctor{Now: now, Probes: []Probe{p}}
	var out []string
	for _, f := range d.Examine(t.Context()).Findings {
		out = append(out, string(f.State)+" "+f.Check+" "+f.Code)
		for _, tag := range []lang.Tag{lang.Chinese, lang.English} {
			texts := lang.Must(tag)
			say, hint := texts.Finding(f.Code, f.Args)
			if _, known := texts.Doctor.Findings[f.Code]; !known || strings.Contains(say+hint, "…") && !long(f.Args) {
				t.Errorf("%s: %s says %q, %q", tag, f.Code, say, hint)
			}
			if hint == "" && (f.State == Fault || f.State == Unknown) {
				t.Errorf("%s: %s has no remedy", tag, f.Code)
			}
			if _, known := texts.Doctor.Checks[f.Check]; !known {
				t.Errorf("%s: the check %s has no name", tag, f.Check)
			}
		}
	}
	return strings.Join(out, "; ")
}

func long(args []any) bool {
	for _, a := range args {
		if text, ok := a.(string); ok && len(text) > 40 {
			return true
		}
	}
	return false
}

func expect(t *testing.T, name string, p Probe, want string) {
	t.Helper()
	if got := codes(t, p); got != want {
		t.Errorf("%s: found %q, not %q", name, got, want)
	}
}

func TestNetwork(t *testing.T) {
	up := func() ([]string, error) { return []string{"192.168.1.20"}, nil }
	none := func() ([]string, error) { return nil, nil }
	knows := func(_ context.Context, host string) ([]string, error) {
		if host == "api.mch.weixin.qq.com" {
			return []string{"198.51.100.1"}, nil
		}
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	wechat := "api.mch.weixin.qq.com"
	expect(t, "all well", Network{up, knows, []string{wechat}}, "well network network-up; well names names-well")
	expect(t, "a name", Network{up, knows, []string{wechat, "x.invalid"}}, "well network network-up; fault names name-unknown")
	expect(t, "no cable", Network{none, knows, []string{wechat}}, "fault network network-none")
	expect(t, "sandbox", Network{none, knows, []string{"127.0.0.1", "localhost"}}, "note network network-not-needed")
	expect(t, "address", Network{up, knows, []string{"198.51.100.7"}}, "well network network-up")
}

// server answers as the test says.
type server struct {
	date string
	ends time.Time
	err  error
}

func (s server) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.err != nil {
		return nil, s.err
	}
	if s.date == "hang" {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	return &http.Response{StatusCode: 404, Header: http.Header{"Date": {s.date}}, Body: io.NopCloser(strings.NewReader("")),
		TLS: &tls.ConnectionState{PeerCertificates: []*x509.Certificate{{NotAfter: s.ends}}}}, nil
}

func TestAcquirer(t *testing.T) {
	good := noon.AddDate(1, 0, 0)
	at := func(off time.Duration) string { return noon.Add(-off).Format(http.TimeFormat) }
	for _, c := range []struct {
		name   string
		server server
		want   string
	}{
		{"well", server{at(0), good, nil}, "well acquirer acquirer-well; well clock clock-well"},
		{"a little off", server{at(20 * time.Second), good, nil}, "well acquirer acquirer-well; well clock clock-well"},
		{"ahead", server{at(45 * time.Second), good, nil}, "well acquirer acquirer-well; fault clock clock-ahead"},
		{"behind", server{at(-45 * time.Second), good, nil}, "well acquirer acquirer-well; fault clock clock-behind"},
		{"refused ahead", server{at(time.Hour), good, nil}, "well acquirer acquirer-well; fault clock clock-refused-ahead"},
		{"refused behind", server{at(-6 * time.Minute), good, nil}, "well acquirer acquirer-well; fault clock clock-refused-behind"},
		{"no date", server{"", good, nil}, "well acquirer acquirer-well; note clock clock-unknown"},
		{"its certificate ends", server{at(0), noon.AddDate(0, 0, 3), nil}, "well acquirer acquirer-well; note acquirer acquirer-ends; well clock clock-well"},
		{"name", server{err: &net.DNSError{Err: "no such host"}}, "fault acquirer acquirer-no-name"},
		{"refused", server{err: &net.OpError{Op: "dial", Err: errors.New("refused")}}, "fault acquirer acquirer-unreachable"},
		{"expired", server{err: &tls.CertificateVerificationError{Err: x509.CertificateInvalidError{Reason: x509.Expired}}}, "fault acquirer acquirer-expired"},
		{"not a server's", server{err: &tls.CertificateVerificationError{Err: x509.CertificateInvalidError{Reason: x509.IncompatibleUsage}}}, "fault acquirer acquirer-untrusted"},
		{"between", server{err: &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}}, "fault acquirer acquirer-untrusted"},
		{"portal", server{err: &tls.CertificateVerificationError{Err: x509.HostnameError{Certificate: &x509.Certificate{}}}}, "fault acquirer acquirer-wrong-name"},
	} {
		expect(t, c.name, Acquirer{"wechat", "https://api.mch.weixin.qq.com", c.server, now}, c.want)
	}
	expect(t, "address", Acquirer{"alipay", "https://bad host\x7f", server{}, now}, "fault acquirer acquirer-unreachable")
	synctest.Test(t, func(t *testing.T) {
		expect(t, "silent", Acquirer{"alipay", "https://x.invalid", server{date: "hang"}, now}, "fault acquirer acquirer-silent")
	})
}

func TestCertificate(t *testing.T) {
	begin := noon.AddDate(-1, 0, 0)
	of := "wechat.platform_cert_file"
	expect(t, "well", Certificate{of, begin, noon.AddDate(0, 2, 0), now}, "well certificate certificate-well")
	expect(t, "soon", Certificate{of, begin, noon.AddDate(0, 0, 9), now}, "fault certificate certificate-ending")
	expect(t, "now", Certificate{of, begin, noon, now}, "fault certificate certificate-ended")
	expect(t, "early", Certificate{of, noon.Add(time.Second), noon.AddDate(1, 0, 0), now}, "fault certificate certificate-early")
}

var limits = Limits{Warn: 512 << 20, Stop: 64 << 20}

// A level begins where it is set, and ends an eighth above.
func TestLevels(t *testing.T) {
	const mega = 1 << 20
	for _, c := range []struct {
		free Bytes
		held Level
		want Level
	}{
		{512 * mega, "", Enough}, {512*mega - 1, "", Low}, {64 * mega, "", Low}, {64*mega - 1, "", Full}, {0, "", Full}, {-1, "", Full},
		{512 * mega, Enough, Enough}, {512*mega - 1, Enough, Low}, {64 * mega, Enough, Low}, {64*mega - 1, Enough, Full},
		{575 * mega, Low, Low}, {576 * mega, Low, Enough}, {71 * mega, Low, Low}, {64 * mega, Low, Low}, {64*mega - 1, Low, Full},
		{64 * mega, Full, Full}, {72*mega - 1, Full, Full}, {72 * mega, Full, Low}, {575 * mega, Full, Low}, {576 * mega, Full, Enough},
	} {
		if got := limits.Level(c.free, c.held); got != c.want {
			t.Errorf("%v free, %q held: %s, want %s", c.free, c.held, got, c.want)
		}
	}
}

func TestBytesForPeople(t *testing.T) {
	for b, want := range map[Bytes]string{0: "0 KiB", 900 << 10: "900 KiB", 64 << 20: "64 MiB", 9 << 30: "9216 MiB", 100 << 30: "100 GiB"} {
		if got := b.String(); got != want {
			t.Errorf("%d: %s, want %s", b, got, want)
		}
	}
}

func TestDisk(t *testing.T) {
	held := func(d Disk, l Level) Disk {
		d.Held = func() Level { return l }
		return d
	}
	disk := func(s Space, sync time.Duration, errs ...error) Disk {
		d := Disk{Dir: "/d", Measure: func(string) (Space, error) { return s, nil }, Limits: limits}
		d.Sync = func(_ context.Context, _ string, n int) ([]time.Duration, error) {
			if len(errs) > 0 {
				return nil, errs[0]
			}
			times := make([]time.Duration, n)
			for i := range times {
				times[i] = sync
			}
			times[0] = time.Minute // one slow write says nothing
			return times, nil
		}
		return d
	}
	const plenty = 100 << 30
	ms := time.Millisecond
	for _, c := range []struct {
		name string
		disk Disk
		want string
	}{
		{"well", disk(Space{plenty, "ext4"}, ms), "well disk disk-well; well sync sync-well"},
		{"low", disk(Space{300 << 20, "ext4"}, ms), "fault disk disk-low; well sync sync-well"},
		{"full", disk(Space{900 << 10, "xfs"}, ms), "fault disk disk-full; well sync sync-well"},
		{"full to the running till", held(disk(Space{70 << 20, "xfs"}, ms), Full), "fault disk disk-full; well sync sync-well"},
		{"low to the running till", held(disk(Space{70 << 20, "xfs"}, ms), Low), "fault disk disk-low; well sync sync-well"},
		{"memory", disk(Space{plenty, "tmpfs"}, 2*time.Microsecond), "well disk disk-well; fault disk disk-memory; fault sync sync-instant"},
		{"container", disk(Space{plenty, "overlay"}, ms), "well disk disk-well; note disk disk-layers; well sync sync-well"},
		{"server", disk(Space{plenty, "nfs"}, ms), "well disk disk-well; fault disk disk-network; well sync sync-well"},
		{"stick", disk(Space{plenty, "FAT32"}, ms), "well disk disk-well; note disk disk-no-journal; well sync sync-well"},
		{"slow", disk(Space{plenty, ""}, 800*ms), "well disk disk-well; fault sync sync-slow"},
		{"broken", disk(Space{plenty, ""}, 0, errors.New("input/output error")), "well disk disk-well; fault sync sync-failed"},
		{"foreign", disk(Space{plenty, ""}, 0, &fs.PathError{Err: fs.ErrPermission}), "well disk disk-well; fault sync disk-denied"},
		{"gone", Disk{Dir: "/d", Measure: func(string) (Space, error) { return Space{}, fs.ErrNotExist }}, "fault disk disk-unreadable"},
	} {
		expect(t, c.name, c.disk, c.want)
	}
}

func TestSyncTimesLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	times, err := SyncTimes(t.Context(), dir, 3)
	if err != nil || len(times) != 3 {
		t.Errorf("%v, %v", times, err)
	}
	if left, err := fs.Glob(os.DirFS(dir), "*"); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if _, err := SyncTimes(t.Context(), dir+"/none", 1); err == nil {
		t.Error("a folder that is not there was written to")
	}
}

func TestBook(t *testing.T) {
	book := func(v ledger.Verdict, err error, open int, last time.Time) Book {
		return Book{Now: now, Verify: func(context.Context) (ledger.Verdict, error) { return v, err },
			Look: func(context.Context) (int, time.Time, error) { return open, last, nil }}
	}
	sound := ledger.Verdict{OK: true, Entries: 7}
	for _, c := range []struct {
		name string
		book Book
		want string
	}{
		{"well", book(sound, nil, 0, noon), "well book book-well; well doubt doubt-none"},
		{"doubt", book(sound, nil, 2, noon), "well book book-well; fault doubt doubt-open"},
		{"clock back", book(sound, nil, 0, noon.Add(time.Hour)), "well book book-well; well doubt doubt-none; fault clock clock-before-book"},
		{"broken", book(ledger.Verdict{Bad: 12, Detail: "changed"}, nil, 0, noon), "fault book book-broken"},
		{"sums", book(ledger.Verdict{Why: ledger.WhyProjection, Differences: []string{"x"}}, nil, 0, noon), "fault book book-sums"},
		{"schema", book(ledger.Verdict{Why: ledger.WhySchema, Detail: "changed"}, nil, 0, noon), "fault book book-broken"},
		{"head gone", book(ledger.Verdict{OK: true, HeadMissing: true}, nil, 0, noon), "well book book-well; fault book head-missing; well doubt doubt-none"},
		{"new", book(ledger.Verdict{}, fs.ErrNotExist, 0, noon), "note book book-none"},
		{"unreadable", book(ledger.Verdict{}, errors.New("disk I/O error"), 0, noon), "fault book book-unreadable"},
	} {
		expect(t, c.name, c.book, c.want)
	}
	lost := book(sound, nil, 0, noon)
	lost.Look = func(context.Context) (int, time.Time, error) { return 0, noon, errors.New("disk I/O error") }
	expect(t, "look", lost, "well book book-well; fault book book-unreadable")
}

func TestTill(t *testing.T) {
	holder := func(pid int, held bool, err error) Till {
		return Till{func() (int, bool, error) { return pid, held, err }}
	}
	expect(t, "running", holder(4711, true, nil), "note till till-running")
	expect(t, "still", holder(0, false, nil), "note till till-still")
	expect(t, "denied", holder(0, false, fs.ErrPermission), "fault till till-locked-out")
}

func TestPrinter(t *testing.T) {
	says := func(s printer.Status, answers bool) Printer {
		return Printer{Look: func(context.Context) (printer.Status, bool) { return s, answers }}
	}
	for _, c := range []struct {
		printer Printer
		want    string
	}{
		{Printer{Absent: true}, "note printer printer-none"},
		{Printer{Busy: true}, "note printer device-busy"},
		{Printer{}, "note printer printer-mute"},
		{says(printer.Status{}, false), "note printer printer-mute"},
		{says(printer.Status{}, true), "well printer printer-well"},
		{says(printer.Status{Lost: true}, true), "fault printer printer-no-answer"},
		{says(printer.Status{CoverOpen: true, PaperOut: true}, true), "fault printer printer-cover-open"},
		{says(printer.Status{PaperOut: true}, true), "fault printer printer-paper-out"},
		{says(printer.Status{Fault: true}, true), "fault printer printer-fault"},
		{says(printer.Status{Offline: true}, true), "fault printer printer-offline"},
		{says(printer.Status{PaperLow: true}, true), "note printer printer-paper-low"},
		{says(printer.Status{Unproven: true}, true), "fault printer printer-unproven"},
	} {
		expect(t, c.want, c.printer, c.want)
	}
}

func TestFile(t *testing.T) {
	of := func(err error) File {
		return File{"display", "/dev/ttyUSB1", func(string) error { return err }}
	}
	expect(t, "well", of(nil), "well display device-well")
	expect(t, "gone", of(&fs.PathError{Err: fs.ErrNotExist}), "fault display device-missing")
	expect(t, "denied", of(&fs.PathError{Err: fs.ErrPermission}), "fault display device-denied")
	expect(t, "busy", of(fmt.Errorf("%w: it is open", ErrTaken)), "fault display device-taken")
	expect(t, "system", of(errors.ErrUnsupported), "fault display device-system")
	expect(t, "broken", of(errors.New("input/output error")), "fault display device-failed")
}

// A check that hangs costs its own time only, is told, and is not begun again
// while it hangs.
func TestAHangingCheckIsLeftBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var begun atomic.Int64
		release := make(chan struct{})
		d := &Doctor{Now: time.Now, Probes: []Probe{
			Func{"disk", func(context.Context) []Finding { begun.Add(1); <-release; return nil }}, // a disk does not hear ctx
			Func{"printer", func(context.Context) []Finding { return []Finding{well("printer-well")} }},
		}}
		for range 2 {
			start := time.Now()
			r := d.Examine(t.Context())
			if len(r.Findings) != 2 || r.Findings[0].Code != "no-end" || !r.NeedsPerson() || r.Findings[1].Code != "printer-well" {
				t.Errorf("found %v", r.Findings)
			}
			if took := time.Since(start); took > patience+grace {
				t.Errorf("took %v", took)
			}
		}
		if n := begun.Load(); n != 1 {
			t.Errorf("begun %d times", n)
		}
		close(release)
		synctest.Wait()
		if r := d.Examine(t.Context()); len(r.Findings) != 1 || begun.Load() != 2 {
			t.Errorf("after it came back: %v, begun %d times", r.Findings, begun.Load())
		}
	})
}

func TestACheckThatFallsIsToldAndTheOthersGoOn(t *testing.T) {
	d := &Doctor{Now: time.Now, Probes: []Probe{
		Func{"scanner", func(context.Context) []Finding { panic("246810") }},
		Func{"printer", func(context.Context) []Finding { return []Finding{well("printer-well")} }},
	}}
	r := d.Examine(t.Context())
	if len(r.Findings) != 2 || r.Findings[0].Check != "scanner" || r.Findings[0].Code != "fell" || !r.NeedsPerson() || r.Findings[1].Code != "printer-well" {
		t.Errorf("found %v", r.Findings)
	}
}

// All run at once: together they take as long as the slowest.
func TestChecksRunTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := Func{"acquirer", func(context.Context) []Finding { time.Sleep(5 * time.Second); return nil }}
		start := time.Now()
		(&Doctor{Now: time.Now, Probes: []Probe{slow, slow, slow, slow}}).Examine(t.Context())
		if took := time.Since(start); took != 5*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

func TestJournal(t *testing.T) {
	says := func(s upload.Status) Journal { return Journal{func(context.Context) upload.Status { return s }} }
	expect(t, "nobody", Journal{}, "note journal journal-none")
	expect(t, "well", says(upload.Status{Held: ledger.Head{Number: 7}, Asked: true}), "well journal journal-well")
	expect(t, "behind", says(upload.Status{Left: 3, Asked: true}), "note journal journal-behind")
	for _, cause := range []upload.Cause{upload.Unreachable, upload.Refused, upload.BadAnswer, upload.Unreadable} {
		expect(t, string(cause), says(upload.Status{Left: 3, Cause: cause}), "fault journal journal-"+string(cause))
	}
	expect(t, "differs", says(upload.Status{Cause: upload.Differs, Differs: &upload.Difference{Number: 7}}), "fault journal journal-differs")
	expect(t, "ahead", says(upload.Status{Cause: upload.Differs, Differs: &upload.Difference{Number: 9, Ours: 7, Ahead: true}}), "fault journal journal-ahead")
}
