package headless

import (
	"time"

	"abacus/internal/till"
)

type deviceOf struct {
	Kind    string         `json:"kind"` // "scanner", "display"
	Name    string         `json:"name"`
	Line    string         `json:"line"` // "serial", "evdev"
	State   till.LinkState `json:"state"`
	Trouble string         `json:"trouble,omitempty"`
	Say     string         `json:"say,omitempty"` // what is wrong, and what to do
	Since   time.Time      `json:"since"`
}

// loneScanOf is what a device's scan came to, or why it was refused.
type loneScanOf struct {
	At      time.Time `json:"at"`
	Device  string    `json:"device"`
	Payment string    `json:"payment,omitempty"` // its number; payment.get tells the rest
	Error   *problem  `json:"error,omitempty"`
	scannedOf
}

func (s *session) deviceView(d till.Device) deviceOf {
	v := deviceOf{d.Kind, d.Name, d.Line, d.State, d.Trouble, "", d.Since}
	if d.Trouble != "" {
		v.Say = s.texts.Notice(d.Kind+"-"+d.Trouble, []any{d.Name})
	}
	return v
}

func (s *session) loneScanView(l *till.LoneScan) *loneScanOf {
	if l == nil {
		return nil
	}
	v := &loneScanOf{At: l.At, Device: l.Device, scannedOf: s.scanned(l.Scanned)}
	if p := l.Scanned.Payment; p != nil {
		v.Payment = p.ID
	}
	if l.Scanned.Confirm.Positive() { // nobody but the till has read the code, so sale.pay cannot have it
		v.Say, v.Hint = s.texts.Scan(string(l.Scanned.Kind), "confirm-alone", l.Scanned.Mask)
	}
	if f := l.Fault; f != nil {
		say, hint := s.texts.Fault(f.Code, f.Args)
		v.Say, v.Hint = say, hint
		v.Error = &problem{Code: f.Code, Say: say, Hint: hint, Args: plain(f.Args)}
	}
	return v
}
