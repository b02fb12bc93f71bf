package main

import (
	"abacus/internal/config"
	"abacus/internal/doctor"
)

// limits are where the till and its doctor find the disk short.
func limits(cfg *config.Config) doctor.Limits {
	return doctor.Limits{Warn: doctor.Bytes(cfg.Disk.Warn), Stop: doctor.Bytes(cfg.Disk.Stop)}
}
