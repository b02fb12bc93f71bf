package pinpad

import (
	"context"
	"io"
	"net"

	"go.bug.st/serial"
)

// TCP reaches a terminal on the network.
func TCP(address string, dial func(ctx context.Context, network, address string) (net.Conn, error)) Dial {
	return func(ctx context.Context) (io.ReadWriteCloser, error) { return dial(ctx, "tcp", address) }
}

// Serial reaches a terminal on a serial or USB-serial line: 8 data bits, no
// parity, one stop bit.
func Serial(path string, baud int) Dial {
	return func(context.Context) (io.ReadWriteCloser, error) {
		port, err := serial.Open(path, &serial.Mode{BaudRate: baud})
		if err != nil {
			return nil, err
		}
		_ = port.ResetInputBuffer() // what an earlier run left; a pseudo-terminal cannot
		return port, nil
	}
}
