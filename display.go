package main

import (
	"context"
	"errors"
	"path/filepath"

	"abacus/internal/config"
	"abacus/internal/lang"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/printer"
	"abacus/scanner/device"
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
	ctx, stop := context.WithCancel(context.Background())
	shows := till.Device{Kind: till.DeviceDisplay, Name: displayName(c), Line: c.Kind, State: till.LinkUp}
	display := printer.NewDisplay(printer.Display{Path: c.Path, Baud: c.Baud, Chinese: chinese, Trouble: func(err error) {
		s.log.Info("customer display", "name", shows.Name, "error", err)
		s.core.DeviceSeen(ctx, displayState(shows, err))
	}})
	s.core.DeviceSeen(ctx, shows)
	shown, worked := make(chan struct{}), make(chan struct{})
	go func() { defer close(worked); s.guarded(func() { display.Run(ctx) }) }()
	go func() {
		defer close(shown)
		s.guarded(func() {
			var before [2]printer.DisplayRow
			for v := range s.core.Watch(ctx) {
				if rows := customerRows(v, texts, chinese); rows != before {
					display.Show(rows[0], rows[1])
					before = rows
				}
			}
		})
	}()
	s.atEnd(func(context.Context) { stop(); <-shown; <-worked })
}

// displayName is what people call a display that has no other name.
func displayName(c config.Display) string {
	name := []rune(filepath.Base(c.Path))
	return string(name[:min(len(name), 24)])
}

// displayState is what an error of the display, or none, says of it. A write
// fails only on a display that was there.
func displayState(d till.Device, err error) till.Device {
	if err == nil {
		return d
	}
	d.State = till.LinkDown
	var lost *printer.DisplayLost
	switch cause := device.CauseOf(err); {
	case errors.As(err, &lost):
		d.Trouble = string(device.Gone)
	case cause == device.Missing, cause == device.Denied, cause == device.Busy:
		d.Trouble = string(cause)
	default:
		d.Trouble = string(device.Broken)
	}
	return d
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
