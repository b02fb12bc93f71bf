package main

import (
	"context"

	"abacus/internal/config"
	"abacus/internal/doctor"
	"abacus/internal/till"
)

// limits are where the till and its doctor find the disk short.
func limits(cfg *config.Config) doctor.Limits {
	return doctor.Limits{Warn: doctor.Bytes(cfg.Disk.Warn), Stop: doctor.Bytes(cfg.Disk.Stop)}
}

// dataDisk is the disk of the data folder, for the till to watch.
func dataDisk(cfg *config.Config) *till.Disk {
	return &till.Disk{Limits: limits(cfg), Free: func() (doctor.Bytes, error) {
		space, err := doctor.Measure(cfg.Data)
		return doctor.Bytes(space.Free), err
	}}
}

// sameLevel has a running till's doctor judge the disk as the till does: a level
// that holds is left a little above where it began.
func (s *shop) sameLevel(probes []doctor.Probe) []doctor.Probe {
	for i, p := range probes {
		if d, ok := p.(doctor.Disk); ok {
			d.Held = s.level
			probes[i] = d
		}
	}
	return probes
}

func (s *shop) level() doctor.Level {
	watching, done := context.WithCancel(context.Background())
	defer done()
	if v := <-s.core.Watch(watching); v != nil && v.Space != nil {
		return v.Space.Level
	}
	return doctor.Enough
}
