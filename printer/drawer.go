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

// The usual pulse, and the units the commands count in.
const (
	pulseUnit = 2 * time.Millisecond
	pulseOn   = 50 * time.Millisecond
	pulseOff  = 500 * time.Millisecond
	pulseMost = 255 * pulseUnit
	pulseNow  = 100 * time.Millisecond // the unit of DLE DC4
)

// Job is the drawer's command, ESC p m t1 t2, as an urgent job of its own: the
// drawer opens without a receipt, and a repeated receipt opens no drawer. A
// printer that has stopped, for want of paper mostly, gets DLE DC4 1 m t, which
// it obeys at once; ESC p would wait in it and open the drawer when the new
// paper comes, with nobody there.
func (p Pulse) Job(id string) (Job, error) {
	connector := map[int]byte{0: 0, 2: 0, 5: 1}
	m, ok := connector[p.Pin]
	if !ok {
		return Job{}, fmt.Errorf("drawer on pin %d: use 2 or 5", p.Pin)
	}
	on, off := or(p.On, pulseOn), or(p.Off, pulseOff)
	if on > pulseMost || off > pulseMost {
		return Job{}, fmt.Errorf("drawer pulse of %v on, %v off: at most %v each", on, off, pulseMost)
	}
	return Job{
		ID: id, Urgent: true,
		Data:    []byte{0x1b, 'p', m, byte(on / pulseUnit), byte(off / pulseUnit)},
		Instead: []byte{0x10, 0x14, 1, m, byte(min((on+pulseNow-1)/pulseNow, 8))},
	}, nil
}
