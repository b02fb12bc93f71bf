package main

import (
	"context"

	"abacus/internal/lang"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/printer"
)

// customerDisplay shows the customer what the till shows the cashier. It only
// watches: nothing waits for it.
func (s *shop) customerDisplay() {
	c := s.cfg.Display
	if c.Kind != "serial" {
		return
	}
	chinese := c.Text == "gb18030"
	texts := &lang.Must(lang.English).Paper
	if chinese {
		texts = &lang.Must(s.cfg.Language).Paper
	}
	display := printer.NewDisplay(printer.Display{Path: c.Path, Baud: c.Baud, Chinese: chinese, Trouble: func(err error) {
		if err != nil {
			s.log.Warn("customer display", "error", err)
		}
	}})
	ctx, stop := context.WithCancel(context.Background())
	shown, worked := make(chan struct{}), make(chan struct{})
	go func() { defer close(worked); display.Run(ctx) }()
	go func() {
		defer close(shown)
		var before [2]printer.DisplayRow
		for v := range s.core.Watch(ctx) {
			if rows := customerRows(v, texts, chinese); rows != before {
				display.Show(rows[0], rows[1])
				before = rows
			}
		}
	}()
	s.atEnd(func(context.Context) { stop(); <-shown; <-worked })
}

// customerRows are the last item and the total while a sale is open, then what
// was to be paid and the change.
func customerRows(v *till.Snapshot, texts *lang.Paper, chinese bool) [2]printer.DisplayRow {
	s := v.Sale
	if s == nil || len(s.Lines) == 0 {
		return [2]printer.DisplayRow{{Left: v.Identity.Store}}
	}
	total := printer.DisplayRow{Left: texts.Total, Right: s.Total.Decimal()}
	if s.State == ledger.SaleDone {
		if v.Attempt != nil && !v.Attempt.Payment.Tendered.IsZero() {
			return [2]printer.DisplayRow{total, {Left: texts.Change, Right: v.Attempt.Payment.Change.Decimal()}}
		}
		return [2]printer.DisplayRow{total, {Left: texts.Paid, Right: s.Total.Decimal()}}
	}
	for i := len(s.Lines) - 1; i >= 0; i-- {
		if l := s.Lines[i]; !l.Removed {
			name := l.Name
			if !chinese && l.NameEn != "" {
				name = l.NameEn
			}
			return [2]printer.DisplayRow{{Left: name, Right: l.Amount.Sub(l.Discount).Decimal()}, total}
		}
	}
	return [2]printer.DisplayRow{{Left: v.Identity.Store}, total}
}
