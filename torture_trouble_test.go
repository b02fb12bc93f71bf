package main

import (
	"math/rand/v2"
	"os/exec"
	"time"
)

// troubles of a till: each does its harm and takes it away again.
func (k *counter) troubles() map[string]func(*rand.Rand) error {
	all := map[string]func(*rand.Rand) error{
		"till killed": func(dice *rand.Rand) error {
			k.kill()
			return k.start()
		},
		"till killed while starting": func(dice *rand.Rand) error {
			k.kill()
			c, err := startTill(k.s.acquirer().config(), k.data, k.env)
			if err != nil {
				return err
			}
			wait(k.s.Context(), time.Duration(dice.IntN(60))*time.Millisecond)
			c.kill()
			return k.start()
		},
		"clock wrong": func(dice *rand.Rand) error {
			return k.wrongClock(clockErrors[dice.IntN(len(clockErrors))], dice)
		},
		"till ended in order": func(*rand.Rand) error {
			if c := k.take(); c != nil {
				c.stop()
			}
			return k.start()
		},
	}
	if canStop {
		all["till stopped"] = func(dice *rand.Rand) error { return k.s.freeze(k.running, dice) }
	}
	for name, do := range k.disk.troubles(k) {
		all[name] = do
	}
	return all
}

// clockErrors are how clocks are wrong: a little, beyond what an acquirer takes,
// by a time zone, by days, dead.
var clockErrors = []time.Duration{
	-time.Second, -3 * time.Minute, 3 * time.Minute, -20 * time.Minute, 20 * time.Minute,
	-8 * time.Hour, 8 * time.Hour, -3 * 24 * time.Hour, 3 * 24 * time.Hour, -20000 * 24 * time.Hour,
}

// wrongClock sets the till's clock wrong for a moment and right again: both jump
// under it while it sells, and mostly it is started with the wrong one.
func (k *counter) wrongClock(off time.Duration, dice *rand.Rand) error {
	if err := setClock(k.clock, off); err != nil {
		return err
	}
	if dice.IntN(3) > 0 {
		k.s.count("till started with a wrong clock")
		k.kill()
		if err := k.start(); err != nil {
			return err
		}
	}
	wait(k.s.Context(), time.Duration(300+dice.IntN(2700))*time.Millisecond)
	return setClock(k.clock, 0)
}

// troubles of the acquirers.
func (s *street) troubles() map[string]func(*rand.Rand) error {
	all := map[string]func(*rand.Rand) error{
		"sandbox killed": func(*rand.Rand) error {
			if err := s.restartBox(); err != nil {
				return err
			}
			return planFaults(s.acquirer())
		},
		"sandbox down for a while": func(dice *rand.Rand) error {
			s.acquirer().kill()
			wait(s.Context(), time.Duration(500+dice.IntN(2500))*time.Millisecond)
			if err := s.restartBox(); err != nil {
				return err
			}
			return planFaults(s.acquirer())
		},
	}
	if canStop {
		all["sandbox stopped"] = func(dice *rand.Rand) error {
			return s.freeze(func() *exec.Cmd { return s.acquirer().cmd }, dice)
		}
	}
	return all
}

// running is the till's process.
func (k *counter) running() *exec.Cmd {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.c == nil {
		return nil
	}
	return k.c.cmd
}

// freeze stops a process and lets it go on: for two seconds at most, in a long
// run now and then for a minute.
func (s *street) freeze(process func() *exec.Cmd, dice *rand.Rand) error {
	pause := time.Duration(100+dice.IntN(1900)) * time.Millisecond
	if *tortureTime >= 5*time.Minute && dice.IntN(20) == 0 {
		pause = time.Minute
		s.count("stopped for a minute")
	}
	cmd := process()
	if cmd == nil {
		return nil
	}
	if err := stopProcess(cmd.Process); err != nil {
		return err
	}
	wait(s.Context(), pause)
	return continueProcess(cmd.Process)
}
