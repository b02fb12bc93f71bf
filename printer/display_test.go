package printer_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"
	"pgregory.net/rapid"

	"abacus/printer"
)

// pole is the display's side of the line.
type pole struct {
	mu     sync.Mutex
	got    bytes.Buffer
	opened int
	gone   bool
	wrote  chan struct{} // nil, or told of a write
}

func (p *pole) open() (io.WriteCloser, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone {
		return nil, errors.New("not plugged in")
	}
	p.opened++
	return p, nil
}

func (p *pole) Write(data []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone {
		return 0, errors.New("unplugged")
	}
	select {
	case p.wrote <- struct{}{}:
	default:
	}
	return p.got.Write(data)
}

func (p *pole) Close() error { return nil }

// rows are the last two rows written.
func (p *pole) rows(t testing.TB) (upper, lower string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := p.got.String()
	u, l := strings.LastIndex(text, "\x1bQA"), strings.LastIndex(text, "\x1bQB")
	if u < 0 || l < u || !strings.HasSuffix(text, "\r") {
		t.Fatalf("got %q", text)
	}
	return text[u+3 : l-1], text[l+3 : len(text)-1]
}

func TestDisplay(t *testing.T) {
	tests := []struct {
		name         string
		chinese      bool
		row          printer.DisplayRow
		want, wantGB string
	}{
		{"fits", true, printer.DisplayRow{Left: "Cola", Right: "3.50"}, "Cola            3.50", ""},
		{"Chinese", true, printer.DisplayRow{Left: "农夫山泉 550ml", Right: "12.00"}, "", "农夫山泉 550ml 12.00"},
		{"too long", true, printer.DisplayRow{Left: "南孚电池五号二粒装", Right: "7.90"}, "", "南孚电池五号二  7.90"},
		{"ASCII only", false, printer.DisplayRow{Left: "农夫山泉 550ml", Right: "12.00"}, "550ml          12.00", ""},
		{"nothing left", false, printer.DisplayRow{Left: "农夫山泉"}, strings.Repeat(" ", 20), ""},
		{"commands", false, printer.DisplayRow{Left: "\x1bQB\x0c!"}, " QB !               "[1:] + " ", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &pole{}
				ctx, cancel := context.WithCancel(t.Context())
				d := printer.NewDisplay(printer.Display{Open: p.open, Chinese: test.chinese})
				go d.Run(ctx)
				d.Show(test.row, printer.DisplayRow{Right: "1.00"})
				synctest.Wait()
				upper, lower := p.rows(t)
				want := test.want
				if test.wantGB != "" {
					want, _ = simplifiedchinese.GB18030.NewEncoder().String(test.wantGB)
				}
				if upper != want || lower != strings.Repeat(" ", 16)+"1.00" {
					t.Errorf("got %q and %q, want %q", upper, lower, want)
				}
				cancel()
			})
		})
	}
}

// Whatever is to be shown: 20 columns, no command, and the figure whole.
func TestDisplayRowsAreAsWideAsTheDisplay(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		row := printer.DisplayRow{Left: rapid.String().Draw(rt, "left"), Right: rapid.StringMatching(`[0-9.]{0,12}`).Draw(rt, "right")}
		p := &pole{wrote: make(chan struct{}, 1)}
		ctx, cancel := context.WithCancel(context.Background())
		d := printer.NewDisplay(printer.Display{Open: p.open, Chinese: rapid.Bool().Draw(rt, "chinese")})
		d.Show(row, row)
		done := make(chan struct{})
		go func() { d.Run(ctx); close(done) }()
		<-p.wrote
		cancel()
		<-done
		upper, _ := p.rows(t)
		if len(upper) != printer.DisplayColumns || !strings.HasSuffix(upper, row.Right) || strings.ContainsFunc(upper, func(r rune) bool { return r < ' ' }) {
			rt.Fatalf("row %q", upper)
		}
	})
}

// A display that was unplugged shows the newest again when it is back.
func TestADisplayThatComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pole{gone: true}
		var trouble []bool
		ctx, cancel := context.WithCancel(t.Context())
		d := printer.NewDisplay(printer.Display{Open: p.open, Trouble: func(err error) { trouble = append(trouble, err != nil) }})
		go d.Run(ctx)
		for _, text := range []string{"one", "two", "three"} {
			d.Show(printer.DisplayRow{Left: text}, printer.DisplayRow{})
		}
		time.Sleep(time.Minute)
		p.mu.Lock()
		p.gone = false
		p.mu.Unlock()
		time.Sleep(time.Minute)
		synctest.Wait()
		if upper, _ := p.rows(t); strings.TrimSpace(upper) != "three" || p.opened != 1 || len(trouble) != 2 || !trouble[0] || trouble[1] {
			t.Errorf("shows %q, opened %d times, trouble %v", upper, p.opened, trouble)
		}
		cancel()
	})
}
