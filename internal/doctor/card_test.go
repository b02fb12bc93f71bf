package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"testing"
	"testing/synctest"
)

func TestHost(t *testing.T) {
	dial := func(err error) func(context.Context, string, string) (net.Conn, error) {
		return func(context.Context, string, string) (net.Conn, error) {
			if err != nil {
				return nil, err
			}
			ours, theirs := net.Pipe()
			return ours, theirs.Close()
		}
	}
	refused := &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"well", nil, "well cardhost host-well"},
		{"down", errors.New("connection refused"), "fault cardhost host-unreachable"},
		{"name", &net.OpError{Op: "dial", Err: &net.DNSError{}}, "fault cardhost host-no-name"},
		{"late", &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}, "fault cardhost host-silent"},
		{"no TLS", tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, "fault cardhost host-no-tls"},
		{"stranger", refused, "fault cardhost host-untrusted"},
		{"expired", &tls.CertificateVerificationError{Err: x509.CertificateInvalidError{Reason: x509.Expired}}, "fault cardhost host-expired"},
		{"another", &tls.CertificateVerificationError{Err: x509.HostnameError{Certificate: &x509.Certificate{}}}, "fault cardhost host-wrong-name"},
	} {
		expect(t, c.name, Host{"cardhost", "cardhost", "host.example:7004", dial(c.err)}, c.want)
	}
	synctest.Test(t, func(t *testing.T) {
		hangs := func(ctx context.Context, _, _ string) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() }
		expect(t, "silent", Host{"terminal", "terminal", "192.0.2.7:8000", hangs}, "fault terminal host-silent")
	})
}

func TestCardReader(t *testing.T) {
	reader := func(want string, err error, names ...string) CardReader {
		return CardReader{"/run/pcscd/pcscd.comm", want, func(context.Context) ([]string, error) { return names, err }}
	}
	service := func(err error) error {
		return fmt.Errorf("the smart card service does not answer (%w)", &net.OpError{Op: "dial", Err: &os.SyscallError{Syscall: "connect", Err: err}})
	}
	for _, c := range []struct {
		name   string
		reader CardReader
		want   string
	}{
		{"any", reader("", nil, "ACS ACR39U", "Gemalto"), "well cardreader reader-well"},
		{"named", reader("Gem", nil, "ACS ACR39U", "Gemalto"), "well cardreader reader-well"},
		{"another", reader("Identiv", nil, "ACS ACR39U"), "fault cardreader reader-other"},
		{"unplugged", reader("", nil), "fault cardreader reader-none"},
		{"not installed", reader("", service(fs.ErrNotExist)), "fault cardreader reader-no-service"},
		{"not allowed", reader("", service(fs.ErrPermission)), "fault cardreader reader-denied"},
		{"ended", reader("", service(errors.New("connection refused"))), "fault cardreader reader-service-down"},
	} {
		expect(t, c.name, c.reader, c.want)
	}
}
