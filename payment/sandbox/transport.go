package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"syscall"
)

// Transport is the way to both acquirers without a socket: whatever its host,
// a request is handled by Handler in the caller's goroutine. A closed
// connection is io.ErrUnexpectedEOF, a reset one syscall.ECONNRESET. It runs
// inside testing/synctest.
func (s *Sandbox) Transport() http.RoundTripper { return inProcess{s.Handler()} }

type inProcess struct{ handler http.Handler }

// RoundTrip implements http.RoundTripper.
func (t inProcess) RoundTrip(r *http.Request) (response *http.Response, err error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	served := r.Clone(r.Context())
	if served.Body == nil {
		served.Body = http.NoBody
	}
	defer func() { _ = served.Body.Close() }()
	if _, named := served.Header["User-Agent"]; !named {
		served.Header.Set("User-Agent", "Go-http-client/1.1") // as net/http would
	}
	w := &recorder{header: http.Header{}, status: http.StatusOK}
	defer func() {
		switch p := recover(); p {
		case nil:
		case http.ErrAbortHandler:
			response, err = nil, errors.Join(r.Context().Err(), fmt.Errorf("sandbox: connection closed: %w", io.ErrUnexpectedEOF))
		case errReset:
			response, err = nil, fmt.Errorf("sandbox: %w", syscall.ECONNRESET)
		default:
			panic(p)
		}
	}()
	t.handler.ServeHTTP(w, served)
	return &http.Response{
		Status: fmt.Sprintf("%d %s", w.status, http.StatusText(w.status)), StatusCode: w.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: w.header,
		Body: io.NopCloser(bytes.NewReader(w.body.Bytes())), ContentLength: int64(w.body.Len()), Request: r,
	}, nil
}

// recorder keeps an answer.
type recorder struct {
	header http.Header
	status int
	wrote  bool
	body   bytes.Buffer
}

func (w *recorder) Header() http.Header { return w.header }

func (w *recorder) WriteHeader(status int) {
	if !w.wrote {
		w.status, w.wrote = status, true
	}
}

func (w *recorder) Write(p []byte) (int, error) {
	w.wrote = true
	return w.body.Write(p)
}
