package config

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	"abacus/internal/lang"
)

const (
	cashier = "cashier"
	manager = "manager"
)

func (l *loader) checkOperators() *fault {
	c := l.config
	if len(c.Operators) == 0 {
		if !c.Sandbox.On() {
			return &fault{"operators", func(t *lang.Config) string { return t.NoOperators }}
		}
		c.Operators = sampleOperators()
	}
	known, managers := map[string]bool{}, 0
	for i := range c.Operators {
		o, key := &c.Operators[i], item("operators", i)
		if o.Name == "" {
			o.Name = o.ID
		}
		if f := first(
			identifier(key+".id", o.ID, 16, ""),
			twice(key+".id", o.ID, known[o.ID]),
			text(key+".name", o.Name, 20),
			oneOf(key+".role", o.Role, cashier, manager),
			checkPIN(key, *o, c.Sandbox.On()),
			checkBadge(key+".badge", o.Badge, known),
		); f != nil {
			return f
		}
		known[o.ID], known[o.Badge] = true, true
		if o.Role == manager {
			managers++
		}
	}
	if managers == 0 {
		return &fault{"operators", func(t *lang.Config) string { return t.NoManager }}
	}
	return nil
}

// checkBadge wants a text with a letter, so that the sign-in can tell it from a
// PIN that comes as fast as a scan, and one that is nobody's number.
func checkBadge(key, badge string, taken map[string]bool) *fault {
	switch {
	case badge == "":
		return nil
	case len(badge) < leastBadge || len(badge) > 64 || onlyDigits(badge):
		return &fault{key, func(t *lang.Config) string { return fmt.Sprintf(t.BadgeForm, leastBadge) }}
	}
	return first(identifier(key, badge, 64, "-_"), twice(key, badge, taken[badge]))
}

const leastBadge = 4

func checkPIN(key string, o Operator, sandbox bool) *fault {
	pin := o.PIN.Reveal()
	switch {
	case pin == "" && o.PINHash == "":
		return &fault{key + ".pin", func(t *lang.Config) string { return t.PINMissing }}
	case pin != "" && o.PINHash != "":
		return &fault{key + ".pin", func(t *lang.Config) string { return fmt.Sprintf(t.BothSet, "pin_hash") }}
	case pin == "":
		if _, ok := parseHash(o.PINHash); !ok {
			return &fault{key + ".pin_hash", func(t *lang.Config) string { return t.HashShape }}
		}
	case !onlyDigits(pin) || len(pin) < 6 || len(pin) > 12:
		return &fault{key + ".pin", func(t *lang.Config) string { return t.PINShape }}
	case pin == sandboxPIN && sandbox:
	case pin == sandboxPIN:
		return &fault{key + ".pin", func(t *lang.Config) string { return t.PINSandbox }}
	case weakPIN(pin, o.ID):
		return &fault{key + ".pin", func(t *lang.Config) string { return t.PINWeak }}
	}
	return nil
}

func (l *loader) checkPrinter() *fault {
	p := &l.config.Printer
	if f := first(
		oneOf("printer.kind", p.Kind, "none", "file", "tcp", "device", "serial", "cups"),
		oneOf("printer.flow", p.Flow, "none", "rts", "dtr"),
		within("printer.baud", p.Baud, leastBaud, mostBaud),
		oneOf("printer.text", p.Text, "gb18030", "bitmap"),
		oneOf("printer.width", strconv.Itoa(p.Width), "58", "80"),
		within("printer.copies", p.Copies, 1, 3),
		oneOf("printer.language", p.Language, string(lang.Chinese), string(lang.English), auto),
	); f != nil {
		return f
	}
	if p.Language == auto {
		p.Language = string(l.config.Language)
	}
	switch p.Kind {
	case "file", "device", "serial":
		return needed("printer.path", p.Path, "printer.kind: "+p.Kind)
	case "cups":
		return first(needed("printer.queue", p.Queue, "printer.kind: cups"), queueName(p.Queue), noLateDrawer(p.Drawer))
	case "tcp":
		return first(needed("printer.address", p.Address, "printer.kind: tcp"), hostPort("printer.address", p.Address))
	}
	return nil
}

func (l *loader) checkDisplay() *fault {
	d := &l.config.Display
	if f := first(
		oneOf("display.kind", d.Kind, "none", "serial"),
		oneOf("display.text", d.Text, "ascii", "gb18030"),
		within("display.baud", d.Baud, leastBaud, mostBaud),
	); f != nil || d.Kind == "none" {
		return f
	}
	return needed("display.path", d.Path, "display.kind: "+d.Kind)
}

// The speeds of serial lines that devices of a counter know.
const (
	leastBaud = 1200
	mostBaud  = 921600
)

// queueName keeps a name from being read as an option of lp.
func queueName(name string) *fault {
	if !strings.HasPrefix(name, "-") && !strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r == '/' || r == 0x7f }) {
		return nil
	}
	return &fault{"printer.queue", func(t *lang.Config) string { return t.QueueName }}
}

// noLateDrawer: a queue gives its printer everything it kept, also the drawer's
// pulse, whenever the printer comes back.
func noLateDrawer(drawer bool) *fault {
	if !drawer {
		return nil
	}
	return &fault{"printer.drawer", func(t *lang.Config) string { return t.LateDrawer }}
}

func hostPort(key, address string) *fault {
	host, port, err := net.SplitHostPort(address)
	if n, bad := strconv.Atoi(port); err == nil && host != "" && bad == nil && n > 0 && n < 1<<16 {
		return nil
	}
	return &fault{key, func(t *lang.Config) string { return fmt.Sprintf(t.NotHostPort, address) }}
}
