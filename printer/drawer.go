package printer

import (
	"fmt"
	"time"
)

// Pulse is how the cash drawer at the printer is opened. The zero Pulse is the
// usual one: connector pin 2, 50 ms on, 500 ms off.
type Pulse struct {
	Pin     int           // 2 or 5
	On, Off time.Duration // up to 510 ms, in steps of 2 ms
}

// The usual pulse, and the unit the command counts in.
const (
	pulseUnit = 2 * time.Millisecond
	pulseOn   = 50 * time.Millisecond
	pulseOff  = 500 * time.Millisecond
	pulseMost = 255 * pulseUnit
)

// Command is the drawer's command, ESC p m t1 t2: a job of its own, so that the
// drawer opens without a receipt and a repeated receipt opens no drawer. Give
// it to the Spooler as an urgent job.
func (p Pulse) Command() ([]byte, error) {
	connector := map[int]byte{0: 0, 2: 0, 5: 1}
	m, ok := connector[p.Pin]
	if !ok {
		return nil, fmt.Errorf("drawer on pin %d: use 2 or 5", p.Pin)
	}
	on, off := or(p.On, pulseOn), or(p.Off, pulseOff)
	if on > pulseMost || off > pulseMost {
		return nil, fmt.Errorf("drawer pulse of %v on, %v off: at most %v each", on, off, pulseMost)
	}
	return []byte{0x1b, 'p', m, byte(on / pulseUnit), byte(off / pulseUnit)}, nil
}
