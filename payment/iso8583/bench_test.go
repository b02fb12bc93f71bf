package iso8583

import (
	"io"
	"net"
	"testing"
	"time"
)

// BenchmarkMessage packs and seals a sale and checks and reads its answer, as a
// ratio to sending the same bytes over loopback and back in the same run.
func BenchmarkMessage(b *testing.B) {
	key, err := ParseKey("A1B2C3D4E5F60718F1E2D3C4B5A69788")
	if err != nil {
		b.Fatal(err)
	}
	mac, err := NewMAC(ECB, key)
	if err != nil {
		b.Fatal(err)
	}
	asked := messageNamed(b, "d_sale_mag_req")
	answer := unhex(b, messageNamed(b, "d_sale_mag_resp").Hex)[frameHead:]
	line := loopback(b)
	var ours, limit time.Duration
	back := make([]byte, len(answer))
	b.ReportAllocs()
	for b.Loop() {
		start := time.Now()
		m := NewMessage(asked.MTI)
		for id, text := range map[int]string{2: "", 3: "000000", 4: "000000010000", 11: "000002", 22: "022", 25: "00", 41: "10000001", 42: "898110000000001", 49: "156", 60: "22000001000500"} {
			m.Set(id, text)
		}
		m.Set(fieldTrack2, "6224242300000069D30121010000000000000")
		if _, err := m.Seal(mac); err != nil {
			b.Fatal(err)
		}
		if !Sealed(answer, mac) {
			b.Fatal("the answer's MAC does not fit")
		}
		if _, err := Unpack(answer); err != nil {
			b.Fatal(err)
		}
		ours += time.Since(start)
		start = time.Now()
		if _, err := line.Write(answer); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(line, back); err != nil {
			b.Fatal(err)
		}
		limit += time.Since(start)
	}
	b.ReportMetric(float64(ours)/float64(limit), "x-loopback")
	b.ReportMetric(float64(ours.Microseconds())/float64(b.N), "µs/message")
}

// loopback is a line to somebody who says everything back.
func loopback(b *testing.B) net.Conn {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		_, _ = io.Copy(conn, conn)
		_ = conn.Close()
	}()
	line, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = line.Close(); _ = l.Close(); <-ended })
	return line
}
