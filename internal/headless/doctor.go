package headless

import (
	"encoding/json"
	"io"
	"time"

	"abacus/internal/doctor"
	"abacus/internal/lang"
)

// examinationOf is what the doctor found, as JSON has it.
type examinationOf struct {
	At       time.Time   `json:"at"`
	Well     bool        `json:"well"` // nothing needs a person
	Findings []findingOf `json:"findings"`
}

type findingOf struct {
	Check string       `json:"check"`
	State doctor.State `json:"state"`
	Code  string       `json:"code"`
	Args  []any        `json:"args,omitempty"`
	Say   string       `json:"say"`
	Hint  string       `json:"hint,omitempty"`
}

func examinationView(r doctor.Report, texts *lang.Texts) examinationOf {
	v := examinationOf{At: r.At, Well: !r.NeedsPerson(), Findings: []findingOf{}}
	for _, f := range r.Findings {
		say, hint := texts.Finding(f.Code, f.Args)
		v.Findings = append(v.Findings, findingOf{Check: f.Check, State: f.State, Code: f.Code, Args: f.Args, Say: say, Hint: hint})
	}
	return v
}

// WriteExamination writes what the doctor found as the method till.doctor
// answers it.
func WriteExamination(w io.Writer, r doctor.Report, texts *lang.Texts) error {
	return json.NewEncoder(w).Encode(examinationView(r, texts))
}
