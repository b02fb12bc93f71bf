package sandbox_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"abacus/payment/sandbox"
)

// described is sandbox.json as a till reads it.
type described struct {
	Control string            `json:"control"`
	CA      string            `json:"ca"`
	WeChat  map[string]string `json:"wechat"`
	Alipay  map[string]string `json:"alipay"`
}

// served is a sandbox on sockets and a till connected to it.
func served(t *testing.T, dir string) *till {
	t.Helper()
	box, err := sandbox.Start(t.Context(), dir, sandbox.Options{Control: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { box.Close() })
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: box.Setup().Roots}}
	t.Cleanup(transport.CloseIdleConnections)
	return &till{T: t, box: box, setup: box.Setup(), http: &http.Client{Transport: transport}, base: box.Base(), now: time.Now()}
}

func readDescription(t *testing.T, dir string) (d described) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "sandbox.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestServesOverTLSAndLeavesNothingBehind(t *testing.T) {
	leak := goleak.IgnoreCurrent()
	k := served(t, t.TempDir())
	for _, c := range k.channels() {
		number := k.number()
		word, err := c.charge(number, k.code(c.name, "pay"))
		if err != nil {
			t.Fatal(word, err)
		}
		k.holds(number, "paid", 100, 0, 0)
		k.fault(c.name, "charge", "reset")
		if _, err := c.charge(k.number(), k.code(c.name, "pay")); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("reset: %v", err)
		}
		k.fault(c.name, "charge", "drop-answer")
		number = k.number()
		if _, err := c.charge(number, k.code(c.name, "pay")); !errors.Is(err, io.EOF) {
			t.Errorf("drop-answer: %v", err)
		}
		k.holds(number, "paid", 100, 0, 0)
	}
	if _, err := http.Get(k.base); err == nil {
		t.Error("the certificate is trusted by everybody")
	}
	k.http.CloseIdleConnections()
	http.DefaultClient.CloseIdleConnections()
	if err := k.box.Close(); err != nil {
		t.Error(err)
	}
	if err := k.box.Close(); err != nil {
		t.Error(err)
	}
	goleak.VerifyNone(t, leak)
}

func TestDescription(t *testing.T) {
	dir := t.TempDir()
	k := served(t, dir)
	d := readDescription(t, dir)
	k.want("control", d.Control, k.box.ControlURL())
	k.want("base", d.WeChat["base"], k.box.Base())
	k.want("gateway", d.Alipay["gateway"], k.box.Gateway())
	for _, name := range []string{"appid", "mchid", "merchant_serial", "platform_serial", "public_key_id"} {
		if d.WeChat[name] == "" {
			t.Errorf("wechat.%s is empty", name)
		}
	}
	k.want("apiv3 key", len(d.WeChat["apiv3_key"]), 32)
	k.want("apiv2 key", len(d.WeChat["apiv2_key"]), 32)
	files := []string{d.CA, d.WeChat["merchant_key"], d.WeChat["platform_cert"], d.WeChat["public_key"], d.Alipay["app_key"], d.Alipay["alipay_public_key"]}
	for _, file := range files {
		data, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil || !bytes.HasPrefix(data, []byte("-----BEGIN ")) {
			t.Errorf("%s: %v %.20q", file, err, data)
		}
	}
	config, err := os.ReadFile(filepath.Join(dir, "config.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range append(files, d.Control, d.WeChat["base"], d.Alipay["gateway"], d.WeChat["apiv3_key"], d.Alipay["app_id"],
		`id: "1001"`, `pin: "246810"`, "role: manager", "required: false") {
		if !strings.Contains(string(config), text) {
			t.Errorf("config.yaml lacks %q", text)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "identity.json")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("identity.json: %v %v", info.Mode(), err)
	}
}

// Same folder again: same keys, same books, same clock, same ports.
func TestSameFolderAgain(t *testing.T) {
	dir := t.TempDir()
	k := served(t, dir)
	before := readDescription(t, dir)
	paid, open := k.number(), k.number()
	k.codepay(paid, k.code("wechat", "pay"), 100)
	k.wechatRefund(paid, "R1", 30, 100)
	k.codepay(open, k.code("wechat", "password:3600"), 100)
	declined := k.number()
	k.codepay(declined, k.code("wechat", "decline:risk"), 100)
	present := k.number()
	_, native := k.native(present, 250)
	k.advance(30 * time.Minute)
	k.box.Close()
	if err := os.WriteFile(filepath.Join(dir, "books.jsonl"), append(readFile(t, dir, "books.jsonl"), `{"order":{"cha`...), 0o600); err != nil {
		t.Fatal(err)
	}

	k = served(t, dir)
	k.orders = 10
	after := readDescription(t, dir)
	k.want("description", toJSON(after), toJSON(before))
	k.holds(paid, "paid", 100, 30, 0)
	k.holds(open, "waiting", 0, 0, 0)
	k.holds(declined, "declined", 0, 0, 0)
	status, answer := k.wechatRefund(paid, "R1", 30, 100)
	k.want("same refund", said(status, answer) != "INVALID_REQUEST", true)
	k.holds(paid, "paid", 100, 30, 0)
	if _, err := k.box.Scan(native["code_url"].(string), sandbox.Customer{}); err != nil {
		t.Error(err)
	}
	k.advance(30 * time.Minute) // with the half hour before the restart: the password is in
	k.holds(open, "paid", 100, 0, 0)
	k.holds(present, "paid", 250, 0, 0)
	k.want("no clutter", strings.Count(string(readFile(t, dir, "books.jsonl")), `"T00001abc"`), 1)
}

func readFile(t *testing.T, dir, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestBusyFolderAndDamage(t *testing.T) {
	dir := t.TempDir()
	k := served(t, dir)
	if _, err := sandbox.Start(t.Context(), dir, sandbox.Options{}); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("a second sandbox: %v", err)
	}
	k.box.Close()
	for name, text := range map[string]string{"books.jsonl": "{\"order\":7}\n", "identity.json": "{}", "sandbox.json": "["} {
		kept := readFile(t, dir, name)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		box, err := sandbox.Start(t.Context(), dir, sandbox.Options{})
		switch {
		case name == "sandbox.json" && err != nil: // only a hint for ports
			t.Error(err)
		case name == "sandbox.json":
			box.Close()
		case err == nil || !strings.Contains(err.Error(), name):
			t.Errorf("%s damaged: %v", name, err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), kept, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	k = served(t, dir) // nothing stays locked after a failed start
	k.box.Close()
	status, answer := 0, object(nil)
	k.http.Transport = k.box.Transport()
	status, answer = k.codepay(k.number(), k.code("wechat", "pay"), 100)
	k.want("closed books", said(status, answer), "SYSTEM_ERROR")
}

func TestOnlyLoopback(t *testing.T) {
	dir := t.TempDir()
	for _, address := range []string{"0.0.0.0:0", "192.0.2.1:0", "example.com:0", "127.0.0.1", ":0", "127.0.0.1:x"} {
		if box, err := sandbox.Start(t.Context(), dir, sandbox.Options{Control: true, Listen: address}); err == nil {
			box.Close()
			t.Errorf("%s: served", address)
		}
	}
	if _, err := sandbox.Start(t.Context(), "", sandbox.Options{}); err == nil {
		t.Error("no folder: served")
	}
	box, err := sandbox.Start(t.Context(), dir, sandbox.Options{})
	if err != nil || box.ControlURL() != "" {
		t.Fatalf("without control: %v %q", err, box.ControlURL())
	}
	box.Close()
	if _, err := os.Stat(filepath.Join(dir, "config.yaml")); err == nil {
		t.Error("a configuration without control")
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := sandbox.Prepare(cancelled, t.TempDir(), sandbox.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestRunSaysWhenItIsReady(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	read, write := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- sandbox.Run(ctx, t.TempDir(), "127.0.0.1:0", write) }()
	var line struct {
		Ready   bool   `json:"ready"`
		Control string `json:"control"`
	}
	if err := json.NewDecoder(read).Decode(&line); err != nil || !line.Ready {
		t.Fatal(line, err)
	}
	response, err := http.PostForm(line.Control+"/codes", url.Values{})
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != 400 {
		t.Error(response.Status)
	}
	http.DefaultClient.CloseIdleConnections()
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, err := http.Get(line.Control + "/books"); err == nil {
		t.Error("served after its end")
	}
}
