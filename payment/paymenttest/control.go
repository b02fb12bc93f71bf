// Package paymenttest is the conformance suite that every provider passes: it
// runs a provider against an acquirer's sandbox over real sockets and compares
// what the provider says with the sandbox's books.
//
// The sandbox is driven through its HTTP control API alone, so the suite
// shares no type with it and runs as well against one in another process.
package paymenttest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"
)

// Control is the handle on a sandbox: its HTTP control API.
type Control struct {
	URL     string // "http://127.0.0.1:PORT"
	Channel string
}

// Customer is how a customer behaves; empty fields are the sandbox's defaults.
type Customer struct {
	Behaviour string // "pay", "password:SECONDS", "never", "decline:CODE"
	Balance   int64  // fen
	Funding   string
}

// Entry is one order as the acquirer believes it; amounts in fen.
type Entry struct {
	Channel  string `json:"channel"`
	Order    string `json:"order"`
	Amount   int64  `json:"amount"`
	State    string `json:"state"`
	Captured int64  `json:"captured"`
	Refunded int64  `json:"refunded"`
	Reversed int64  `json:"reversed"`
}

// Kept is what the merchant keeps of the order, in fen.
func (e Entry) Kept() int64 { return e.Captured - e.Refunded - e.Reversed }

// Code opens a customer's wallet and returns the pay code it shows.
func (c Control) Code(t testing.TB, customer Customer) string {
	t.Helper()
	var out struct {
		Code string `json:"code"`
	}
	c.do(t, http.MethodPost, "/codes", customer.body("channel", c.Channel), &out)
	if out.Code == "" {
		t.Fatal("the wallet shows no code")
	}
	return out.Code
}

// Scan is a customer scanning an order code; it reports whether the sandbox
// let them.
func (c Control) Scan(t testing.TB, orderCode string, customer Customer) bool {
	t.Helper()
	return c.try(t, http.MethodPost, "/scan", customer.body("code", orderCode), nil) < http.StatusBadRequest
}

// Books is the entry of one order, the zero Entry if the acquirer has none.
func (c Control) Books(t testing.TB, order string) Entry {
	t.Helper()
	var entries []Entry
	c.do(t, http.MethodGet, "/books", nil, &entries)
	for _, e := range entries {
		if e.Channel == c.Channel && e.Order == order {
			return e
		}
	}
	return Entry{}
}

// Fault lets the next request of an operation suffer a fault, once.
func (c Control) Fault(t testing.TB, operation, fault string) {
	t.Helper()
	c.do(t, http.MethodPost, "/faults",
		map[string]any{"channel": c.Channel, "operation": operation, "fault": fault, "times": 1}, nil)
}

// ClearFaults empties the plan of faults.
func (c Control) ClearFaults(t testing.TB) {
	t.Helper()
	c.do(t, http.MethodDelete, "/faults", nil, nil)
}

// Advance moves the sandbox's clock.
func (c Control) Advance(t testing.TB, d time.Duration) {
	t.Helper()
	c.do(t, http.MethodPost, "/clock", map[string]any{"advance_ms": d.Milliseconds()}, nil)
}

func (c Customer) body(key, value string) map[string]any {
	body := map[string]any{key: value}
	if c.Behaviour != "" {
		body["behaviour"] = c.Behaviour
	}
	if c.Balance != 0 {
		body["balance"] = c.Balance
	}
	if c.Funding != "" {
		body["funding"] = c.Funding
	}
	return body
}

func (c Control) do(t testing.TB, method, path string, in, out any) {
	t.Helper()
	if status := c.try(t, method, path, in, out); status >= http.StatusBadRequest {
		t.Fatalf("control %s %s %v: status %d", method, path, in, status)
	}
}

func (c Control) try(t testing.TB, method, path string, in, out any) int {
	t.Helper()
	var body bytes.Buffer
	if in != nil {
		if err := json.NewEncoder(&body).Encode(in); err != nil {
			t.Fatal(err)
		}
	}
	request, err := http.NewRequestWithContext(t.Context(), method, c.URL+path, &body)
	if err != nil {
		t.Fatal(err)
	}
	request.Close = true // no connection of the suite outlives its test
	resp, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if out != nil && resp.StatusCode < http.StatusBadRequest {
		if err := json.Unmarshal(text, out); err != nil {
			t.Fatalf("control %s: %v", path, err)
		}
	}
	return resp.StatusCode
}
