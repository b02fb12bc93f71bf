package headless

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/creachadair/jrpc2"

	"abacus/internal/doctor"
	"abacus/internal/lang"
	"abacus/internal/money"
	"abacus/internal/till"
)

// refused is the JSON-RPC code of everything the till itself refuses; which of
// its reasons it is stands in data.code.
const refused jrpc2.Code = -32000

// problem is the data of every error.
type problem struct {
	Code  string `json:"code"`
	Say   string `json:"say"`
	Hint  string `json:"hint"`
	Field string `json:"field,omitempty"` // the parameter at fault
	Args  []any  `json:"args,omitempty"`  // what the sentence is about, for programs
}

// badParam is a parameter that is wrong, and why: a key of lang's Words.
type badParam struct{ field, why string }

func (b badParam) Error() string { return "parameter " + b.field + ": " + b.why }

// unknownMethod is the name of a method there is none of.
type unknownMethod string

func (u unknownMethod) Error() string { return "unknown method " + string(u) }

// refuse turns an error into JSON-RPC's, with sentences for people.
func (s *session) refuse(err error) error {
	var (
		fault   *till.Fault
		bad     badParam
		unknown unknownMethod
	)
	switch {
	case errors.As(err, &fault):
		return newError(s.texts, refused, fault.Code, "", fault.Args...)
	case errors.As(err, &bad):
		return newError(s.texts, jrpc2.InvalidParams, "bad-params", bad.field, bad.field, bad.why)
	case errors.As(err, &unknown):
		return newError(s.texts, jrpc2.MethodNotFound, "unknown-method", "", string(unknown))
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return newError(s.texts, refused, "interrupted", "")
	}
	return newError(s.texts, jrpc2.InternalError, till.FaultInternal, "", err.Error())
}

func newError(texts *lang.Texts, code jrpc2.Code, word, field string, args ...any) *jrpc2.Error {
	say, hint := texts.Fault(word, args)
	p := problem{Code: word, Say: say, Hint: hint, Field: field}
	if code == refused {
		p.Args = plain(args)
	}
	data, err := json.Marshal(p)
	if err != nil { // texts and plain values always encode
		panic(err)
	}
	return &jrpc2.Error{Code: code, Message: word, Data: data}
}

// plain are arguments as JSON has them: amounts and bytes as integers, times as RFC 3339,
// whatever is neither number nor text as its text.
func plain(args []any) []any {
	var out []any
	for _, arg := range args {
		switch a := arg.(type) {
		case money.Amount:
			out = append(out, a.Minor())
		case doctor.Bytes:
			out = append(out, int64(a))
		case time.Time:
			out = append(out, a.Format(time.RFC3339Nano))
		case string, int, int64, bool, nil:
			out = append(out, a)
		default:
			out = append(out, fmt.Sprint(a))
		}
	}
	return out
}

// encodeError is an error line for a request whose id could not be read.
func encodeError(texts *lang.Texts, code jrpc2.Code, word string, args ...any) []byte {
	text, err := json.Marshal(answered{Version: jrpc2.Version, ID: json.RawMessage("null"), Error: newError(texts, code, word, "", args...)})
	if err != nil { // newError's data is JSON
		panic(err)
	}
	return text
}

type answered struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *jrpc2.Error    `json:"error,omitempty"`
}

// explain adds say and hint to the errors that jrpc2 makes by itself, for what
// is not JSON or not a request. Everything else passes unchanged.
func explain(texts *lang.Texts, answer []byte) []byte {
	if !bytes.Contains(answer, []byte(`,"error":{"code":`)) {
		return answer
	}
	var one answered
	if json.Unmarshal(answer, &one) == nil {
		return one.explained(texts, answer)
	}
	var batch []answered
	if json.Unmarshal(answer, &batch) != nil {
		return answer
	}
	var out [][]byte
	for _, one := range batch {
		text, err := json.Marshal(one)
		if err != nil {
			return answer
		}
		out = append(out, one.explained(texts, text))
	}
	return append(append([]byte{'['}, bytes.Join(out, []byte{','})...), ']')
}

// notJSON is what jrpc2 says of a line that is no JSON; its other parse errors
// are about JSON that is no request.
const notJSON = "invalid request value"

func (a answered) explained(texts *lang.Texts, text []byte) []byte {
	var known problem
	if a.Error == nil || json.Unmarshal(a.Error.Data, &known) == nil && known.Say != "" {
		return text
	}
	code, word := a.Error.Code, "bad-request"
	switch {
	case code == jrpc2.ParseError && a.Error.Message == notJSON:
		word = "bad-json"
	case code == jrpc2.ParseError:
		code = jrpc2.InvalidRequest
	case code != jrpc2.InvalidRequest:
		word = till.FaultInternal
	}
	told := newError(texts, code, word, "", a.Error.Message)
	told.Message = a.Error.Message
	a.Error = told
	if better, err := json.Marshal(a); err == nil {
		return better
	}
	return text
}
