//go:build !linux

package main

import (
	"math/rand/v2"
	"os"
)

// Elsewhere processes are only killed.
const canStop = false

func stopProcess(*os.Process) error     { return nil }
func continueProcess(*os.Process) error { return nil }

type disk struct{}

func (*counter) prepareDisk() {}

func (disk) troubles(*counter) map[string]func(*rand.Rand) error { return nil }
