package sandbox

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"
)

const maxControlBody = 16 << 10

// Control is the API by which scripts and people play the customer and plan
// faults: POST /codes, POST /scan, GET /books, POST and DELETE /faults, POST
// /clock; GET /journals, how far the copies of the tills' journals go; for the
// bank terminal POST and GET /cards, the next customers there, and POST /cable. Bodies are JSON; amounts are fen. A bad request is 400 with
// {"error": …}.
func (s *Sandbox) Control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /codes", s.postCodes)
	mux.HandleFunc("POST /scan", s.postScan)
	mux.HandleFunc("GET /books", s.getBooks)
	mux.HandleFunc("POST /faults", s.postFaults)
	mux.HandleFunc("DELETE /faults", func(w http.ResponseWriter, _ *http.Request) {
		s.ClearFaults()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST /clock", s.postClock)
	mux.HandleFunc("GET /journals", func(w http.ResponseWriter, _ *http.Request) { writeControl(w, s.Journals()) })
	mux.HandleFunc("POST /cards", s.postCards)
	mux.HandleFunc("GET /cards", s.getCards)
	mux.HandleFunc("POST /cable", s.postCable)
	return mux
}

// customerBody is a Customer on the wire.
type customerBody struct {
	Behaviour string `json:"behaviour"`
	Balance   int64  `json:"balance"` // fen
	Funding   string `json:"funding"`
}

func (c customerBody) customer() Customer {
	return Customer{Behaviour: c.Behaviour, Balance: fen(c.Balance), Funding: c.Funding}
}

func (s *Sandbox) postCodes(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Channel string `json:"channel"`
		customerBody
	}
	if !readControl(w, r, &in) {
		return
	}
	code, err := s.NewCode(in.Channel, in.customer())
	if err != nil {
		complain(w, http.StatusBadRequest, err)
		return
	}
	writeControl(w, map[string]any{
		"code": code, "channel": in.Channel,
		"expires": s.Clock().Add(s.options.CodeLife).In(beijing).Format(time.RFC3339),
	})
}

func (s *Sandbox) postCards(w http.ResponseWriter, r *http.Request) {
	var in customerBody
	if !readControl(w, r, &in) {
		return
	}
	if err := s.AddCard(in.customer()); err != nil {
		complain(w, http.StatusBadRequest, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *Sandbox) getCards(w http.ResponseWriter, _ *http.Request) {
	writeControl(w, map[string]int{"waiting": s.CardsWaiting()})
}

func (s *Sandbox) postCable(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Pulled bool `json:"pulled"`
	}
	if !readControl(w, r, &in) {
		return
	}
	s.PullCable(in.Pulled)
	w.WriteHeader(http.StatusNoContent)
}

func (s *Sandbox) postScan(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Code  string `json:"code"`
		Order string `json:"order"`
		customerBody
	}
	if !readControl(w, r, &in) {
		return
	}
	if (in.Code == "") == (in.Order == "") {
		complain(w, http.StatusBadRequest, errors.New("give either code, the text of the order code, or order, its number"))
		return
	}
	result, err := s.Scan(orElse(in.Code, in.Order), in.customer())
	if err != nil {
		complain(w, http.StatusBadRequest, err)
		return
	}
	writeControl(w, result)
}

func (s *Sandbox) getBooks(w http.ResponseWriter, _ *http.Request) {
	entries, err := s.Books()
	if err != nil {
		complain(w, http.StatusInternalServerError, err)
		return
	}
	writeControl(w, entries)
}

func (s *Sandbox) postFaults(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Channel     string   `json:"channel"`
		Operation   string   `json:"operation"`
		Fault       string   `json:"fault"`
		Times       *int     `json:"times"`
		Probability *float64 `json:"probability"`
		Seed        uint64   `json:"seed"`
	}
	if !readControl(w, r, &in) {
		return
	}
	f := Fault{Channel: in.Channel, Operation: in.Operation, Fault: in.Fault, Seed: in.Seed}
	if f.Channel == "any" {
		f.Channel = ""
	}
	if in.Times != nil {
		if f.Times = *in.Times; f.Times < 1 {
			complain(w, http.StatusBadRequest, errors.New("times is how often the fault strikes, at least 1"))
			return
		}
	}
	if in.Probability != nil {
		if f.Probability = *in.Probability; f.Probability == 0 {
			complain(w, http.StatusBadRequest, errors.New("probability is above 0 up to 1"))
			return
		}
	}
	if err := s.AddFault(f); err != nil {
		complain(w, http.StatusBadRequest, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *Sandbox) postClock(w http.ResponseWriter, r *http.Request) {
	var in struct {
		AdvanceMS int64 `json:"advance_ms"`
	}
	if !readControl(w, r, &in) {
		return
	}
	const most = int64(10 * 365 * 24 * time.Hour / time.Millisecond)
	if in.AdvanceMS < 0 || in.AdvanceMS > most {
		complain(w, http.StatusBadRequest, errors.New("advance_ms is 0 or more milliseconds, at most ten years"))
		return
	}
	if err := s.Advance(time.Duration(in.AdvanceMS) * time.Millisecond); err != nil {
		complain(w, http.StatusInternalServerError, err)
		return
	}
	writeControl(w, map[string]any{"now": s.Clock().In(beijing).Format(time.RFC3339Nano)})
}

// readControl reads one JSON object; a field it does not know is a mistake
// that would otherwise go unnoticed.
func readControl(w http.ResponseWriter, r *http.Request, v any) bool {
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxControlBody))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(v)
	if err == nil {
		if _, extra := decoder.Token(); !errors.Is(extra, io.EOF) {
			err = errors.New("more than one JSON value")
		}
	}
	if err != nil {
		complain(w, http.StatusBadRequest, errors.New("the body is not the JSON object expected: "+clip(err.Error())))
	}
	return err == nil
}

func writeControl(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(append(encode(v), '\n'))
}

func complain(w http.ResponseWriter, status int, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(encode(map[string]string{"error": err.Error()}), '\n'))
}
