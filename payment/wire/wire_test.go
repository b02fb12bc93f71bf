package wire

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"abacus/internal/money"
	"abacus/payment"
)

const code = "281234567890123456"

func TestCleanMasksPayCodes(t *testing.T) {
	for text, want := range map[string]string{
		"code " + code + " used":             "code 28…56 used",
		"130061098828009406":                 "13…06",
		"trade 2026010122001400000000000001": "trade 2026010122001400000000000001",
		"4200000925202601014997714292":       "4200000925202601014997714292",
		"a\x1b[2J\nb\u202ec\u200b\ufffd  d":  "a [2J b c d",
		strings.Repeat("界", detailLimit+1):   strings.Repeat("界", detailLimit) + "…",
	} {
		if got := Clean(text, ""); got != want {
			t.Errorf("Clean(%q) = %q, want %q", text, got, want)
		}
	}
	if got := Clean("7777777"+code+"7777777", code); strings.Contains(got, code) {
		t.Errorf("the code in play stays within longer digits: %s", got)
	}
}

func TestCleanProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, after := rapid.String().Draw(t, "before"), rapid.String().Draw(t, "after")
		got := Clean(before+code+after, code)
		if strings.Contains(got, code) || len([]rune(got)) > detailLimit+1 || strings.ContainsAny(got, "\x1b\r\n") {
			t.Fatalf("got %q", got)
		}
	})
}

func TestCleanAnswer(t *testing.T) {
	a := CleanAnswer(payment.Answer{
		Outcome: payment.Waiting, Detail: code, Reference: code, Payer: code, Funding: code,
		Err: &url.Error{Op: "Post", URL: "https://x/?c=" + code, Err: errors.New(code)},
	}, code)
	if text := fmt.Sprintf("%+v %#v", a, a.Err); strings.Contains(text, code) {
		t.Error(text)
	}
	if a := CleanAnswer(payment.Answer{Outcome: payment.Waiting, OrderCode: "weixin://" + code}, code); a.Outcome != payment.Unknown {
		t.Error("an order code made of a pay code is shown")
	}
	r := CleanRefund(payment.RefundAnswer{Detail: code, Reference: code, Err: errors.New(code)})
	if text := fmt.Sprintf("%+v", r); strings.Contains(text, code) {
		t.Error(text)
	}
	if !errors.Is(CleanError(fmt.Errorf("x: %w", context.Canceled), ""), context.Canceled) {
		t.Error("the end of the context is no longer recognisable")
	}
}

func TestFailure(t *testing.T) {
	for want, errs := range map[payment.Reason][]error{
		payment.NotSent: {
			&net.OpError{Op: "dial", Err: errors.New("connection refused")},
			&net.DNSError{Err: "no such host"},
			&url.Error{Op: "Post", URL: "https://x", Err: x509.UnknownAuthorityError{}},
		},
		payment.NoAnswer: {
			context.DeadlineExceeded, context.Canceled, io.ErrUnexpectedEOF, errors.New("broken"),
			&net.OpError{Op: "read", Err: errors.New("connection reset")},
			&url.Error{Op: "Post", URL: "https://x", Err: context.DeadlineExceeded},
		},
		payment.BadAnswer: {fmt.Errorf("reading: %w", ErrTooLarge)},
	} {
		for _, err := range errs {
			got, cause := Failure(err)
			if got != want || cause == nil || strings.Contains(cause.Error(), "https://x") {
				t.Errorf("%v: got %s, %v; want %s", err, got, cause, want)
			}
		}
	}
}

type constant struct{ body string }

func (c constant) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(c.body))}, nil
}

func TestGuardBoundsAnswers(t *testing.T) {
	for size, want := range map[int]error{0: nil, 1: nil, AnswerLimit: nil, AnswerLimit + 1: ErrTooLarge, 3 * AnswerLimit: ErrTooLarge} {
		c := Guard(&http.Client{Transport: constant{strings.Repeat("x", size)}})
		resp, err := c.Get("https://x.test")
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if !errors.Is(err, want) || want == nil && len(body) != size {
			t.Errorf("%d bytes: read %d, %v", size, len(body), err)
		}
		_ = resp.Body.Close()
	}
	if original := (&http.Client{Transport: constant{}}); Guard(original) == original || original.CheckRedirect != nil {
		t.Error("the caller's client was changed")
	}
}

func TestNewClientKeepsConnectionsAndSessions(t *testing.T) {
	transport := NewClient(nil).Transport.(*http.Transport)
	if transport.MaxIdleConnsPerHost == 0 || transport.TLSClientConfig.ClientSessionCache == nil || transport.TLSClientConfig.InsecureSkipVerify {
		t.Errorf("transport %+v", transport)
	}
}

func TestChecks(t *testing.T) {
	good := payment.Charge{Order: "T_000001", Amount: money.Fen(1), Code: code}
	if err := CheckCharge(good, false); err != nil {
		t.Error(err)
	}
	bare := good
	bare.Code = ""
	if err := CheckCharge(bare, true); err != nil {
		t.Error("presenting needs no code:", err)
	}
	if a := Unsent(CheckCharge(bare, false)); a.Outcome != payment.Declined || a.Reason != payment.CodeInvalid {
		t.Errorf("got %+v", a)
	}
	good.Order = code + "/"
	if err := CheckCharge(good, false); err == nil || strings.Contains(err.Error(), code) {
		t.Errorf("got %v", err)
	}
}

func TestFillTiming(t *testing.T) {
	defaults := payment.Timing{CallTimeout: 1, FirstQuery: 2, QueryInterval: 3, Deadline: 4, NoReverseUntil: 5, OrderCodeLife: 6, CodePoll: 7}
	if got := FillTiming(payment.Timing{}, defaults); got != defaults {
		t.Errorf("got %+v", got)
	}
	own := payment.Timing{CallTimeout: 9, FirstQuery: 9, QueryInterval: 9, Deadline: 9, NoReverseUntil: time.Second, OrderCodeLife: 9, CodePoll: 9}
	if got := FillTiming(own, defaults); got != own {
		t.Errorf("got %+v", got)
	}
}

func TestMaskID(t *testing.T) {
	for id, want := range map[string]string{"": "", "abc": "***", "ofyak5qR_1wYsC99CsWA6R9MJazA": "ofy…azA"} {
		if got := MaskID(id); got != want {
			t.Errorf("MaskID(%q) = %q, want %q", id, got, want)
		}
	}
}
