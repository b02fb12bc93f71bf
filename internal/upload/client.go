package upload

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"abacus/ledger"
)

// Client is the keeper over HTTPS. The form of requests and answers is this
// till's own; docs/integrator.md describes it.
type Client struct {
	Address string // https://…
	Store   string
	Till    string
	Key     *rsa.PrivateKey // this till's; signs batches
	Public  *rsa.PublicKey  // the keeper's; checks answers
	HTTP    *http.Client
	Now     func() time.Time
	Random  io.Reader
}

const (
	batchFormat     = "abacus-journal-batch"
	signatureHeader = "Abacus-Signature"
	keyHeader       = "Abacus-Key"
	callTimeout     = 30 * time.Second
	answerLimit     = 64 << 10
)

// batchHead is the first line of a batch.
type batchHead struct {
	Format   string      `json:"format"`
	Version  int         `json:"version"`
	Store    string      `json:"store"`
	Till     string      `json:"till"`
	Mark     string      `json:"mark"`
	First    int64       `json:"first"`
	Last     int64       `json:"last"` // First-1: only asks
	Previous ledger.Hash `json:"previous"`
	Sent     string      `json:"sent"`
	Nonce    string      `json:"nonce"` // no two requests are the same, so no answer fits two
}

// held is the keeper's answer.
type held struct {
	Till    string      `json:"till"`
	Mark    string      `json:"mark"`
	Number  int64       `json:"number"`
	Hash    ledger.Hash `json:"hash"`
	Request string      `json:"request"` // SHA-256 of the body it answers, hexadecimal
	Problem string      `json:"problem"`
	At      int64       `json:"at"`
}

// Send implements Keeper.
func (c *Client) Send(ctx context.Context, mark string, p ledger.Page) (Answer, error) {
	body, err := c.batch(mark, p)
	if err != nil {
		return Answer{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.Address, bytes.NewReader(body))
	if err != nil {
		return Answer{}, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	digest := sha256.Sum256(body)
	signature, err := rsa.SignPKCS1v15(c.Random, c.Key, crypto.SHA256, digest[:])
	if err != nil {
		return Answer{}, fmt.Errorf("sign a batch: %w", err)
	}
	request.Header.Set("Content-Type", "application/x-ndjson")
	request.Header.Set(signatureHeader, base64.StdEncoding.EncodeToString(signature))
	request.Header.Set(keyHeader, KeyID(&c.Key.PublicKey))
	response, err := c.HTTP.Do(request)
	if err != nil {
		return Answer{}, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, answerLimit+1))
	if err != nil {
		return Answer{}, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	return c.answer(response, text, mark, hex.EncodeToString(digest[:]))
}

func (c *Client) batch(mark string, p ledger.Page) ([]byte, error) {
	nonce := make([]byte, 16)
	if _, err := io.ReadFull(c.Random, nonce); err != nil {
		return nil, fmt.Errorf("draw a nonce: %w", err)
	}
	head, err := json.Marshal(batchHead{
		Format: batchFormat, Version: 1, Store: c.Store, Till: c.Till, Mark: mark, First: p.First, Last: p.Last, Previous: p.Previous,
		Sent: c.Now().Format(time.RFC3339), Nonce: hex.EncodeToString(nonce),
	})
	if err != nil {
		return nil, err
	}
	return append(append(head, '\n'), p.Lines...), nil
}

// answer believes only what the keeper has signed, to this very request.
func (c *Client) answer(response *http.Response, text []byte, mark, request string) (Answer, error) {
	switch response.StatusCode {
	case http.StatusOK, http.StatusConflict:
	case http.StatusUnauthorized, http.StatusForbidden:
		return Answer{}, fmt.Errorf("%w: %s", ErrRefused, response.Status)
	default:
		return Answer{}, fmt.Errorf("%w: %s", ErrUnreachable, response.Status)
	}
	h, err := c.parse(text, response.Header.Get(signatureHeader))
	switch {
	case err != nil:
		return Answer{}, fmt.Errorf("%w: %w", ErrBadAnswer, err)
	case h.Request != request, h.Till != c.Till, h.Mark != mark, h.Number < 0:
		return Answer{}, fmt.Errorf("%w: it is to another question", ErrBadAnswer)
	}
	return Answer{Held: ledger.Head{Number: h.Number, Hash: h.Hash}, Problem: h.Problem, At: h.At}, nil
}

func (c *Client) parse(text []byte, signature string) (held, error) {
	var h held
	if len(text) > answerLimit {
		return h, errors.New("too long")
	}
	raw, err := base64.StdEncoding.DecodeString(signature)
	if err != nil {
		return h, errors.New("no signature")
	}
	digest := sha256.Sum256(text)
	if err := rsa.VerifyPKCS1v15(c.Public, crypto.SHA256, digest[:], raw); err != nil {
		return h, errors.New("the signature does not fit")
	}
	return h, json.Unmarshal(text, &h)
}

// KeyID names a public key: the first 16 bytes of SHA-256 of its PKIX form, in
// hexadecimal.
func KeyID(key *rsa.PublicKey) string {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return "" // only for kinds of keys other than RSA
	}
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:16])
}
