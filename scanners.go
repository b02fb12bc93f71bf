package main

import (
	"context"
	"sync"

	"abacus/internal/config"
	"abacus/internal/till"
	"abacus/scanner"
	"abacus/scanner/device"
)

// scansAhead is how many codes may wait for the till. What a scanner sends
// beyond is dropped, and the cashier is told.
const scansAhead = 32

// watchScanners keeps the scanners with a line of their own until the till
// ends. take gets each scan with the name of its scanner, and says whether it
// could.
func (s *shop) watchScanners(take func(name string, scan scanner.Scan) bool) {
	ctx, stop := context.WithCancel(context.Background())
	var keepers sync.WaitGroup
	for _, d := range s.cfg.Scanner.Devices {
		options := device.Options{
			Now:    clock,
			Scan:   func(scan scanner.Scan) bool { return take(d.Name, scan) },
			Report: func(st device.Status) { s.scannerSeen(ctx, d, st) },
		}
		keepers.Go(func() { s.guarded(func() { device.Keep(ctx, sourceOf(d), options) }) })
	}
	s.atEnd(func(context.Context) { stop(); keepers.Wait() })
}

func sourceOf(d config.Device) device.Source {
	framing := scanner.Lines{Prefix: d.Prefix, Suffix: d.Suffix}
	if d.Kind == "evdev" {
		return device.Evdev(d.Device, framing)
	}
	return device.Serial(d.Device, d.Baud, framing)
}

func (s *shop) scannerSeen(ctx context.Context, d config.Device, st device.Status) {
	state := till.LinkDown
	if st.Up {
		state = till.LinkUp
	}
	s.log.Info("scanner", "name", d.Name, "device", d.Device, "up", st.Up, "cause", st.Cause, "error", st.Err)
	s.core.DeviceSeen(ctx, till.Device{Kind: till.DeviceScanner, Name: d.Name, Line: d.Kind, State: state, Trouble: string(st.Cause)})
}

// toScreen gives the scans to the screen, which alone knows what is open on it.
func (s *shop) toScreen() <-chan scanner.Scan {
	scans := make(chan scanner.Scan, scansAhead)
	s.watchScanners(func(_ string, scan scanner.Scan) bool {
		select {
		case scans <- scan:
			return true
		default:
			return false
		}
	})
	return scans
}

// toCore gives the scans to the core, one after the other, where there is no
// screen.
func (s *shop) toCore() {
	type from struct {
		name string
		scan scanner.Scan
	}
	scans := make(chan from, scansAhead)
	ctx, stop := context.WithCancel(context.Background())
	var taking sync.WaitGroup
	taking.Go(func() {
		s.guarded(func() {
			for {
				select {
				case f := <-scans:
					s.core.ScanAlone(ctx, f.name, f.scan.Text, f.scan.Torn)
				case <-ctx.Done():
					return
				}
			}
		})
	})
	s.watchScanners(func(name string, scan scanner.Scan) bool {
		select {
		case scans <- from{name, scan}:
			return true
		default:
			return false
		}
	})
	s.atEnd(func(context.Context) { stop(); taking.Wait() })
}
