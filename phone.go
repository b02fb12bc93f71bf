package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"abacus/payment"
)

// phone is the sandbox's customer, reached as anybody reaches the sandbox.
type phone struct {
	control string
	http    *http.Client
}

func (p *phone) Wallet(ctx context.Context, channel payment.Channel, behaviour string) (string, error) {
	var answer struct{ Code string }
	err := p.post(ctx, "/codes", map[string]string{"channel": string(channel), "behaviour": behaviour}, &answer)
	return answer.Code, err
}

func (p *phone) Scan(ctx context.Context, orderCode, behaviour string) error {
	return p.post(ctx, "/scan", map[string]string{"code": orderCode, "behaviour": behaviour}, nil)
}

func (p *phone) post(ctx context.Context, path string, body any, answer any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.control+path, bytes.NewReader(data))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := p.http.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode >= 300 {
		return fmt.Errorf("sandbox control %s: %s", path, response.Status)
	}
	if answer == nil {
		return nil
	}
	return json.NewDecoder(response.Body).Decode(answer)
}
