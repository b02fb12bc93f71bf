package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"abacus/internal/lang"
	"abacus/internal/till"
	"abacus/ledger"
)

// squeeze is text without the spaces that wrapping puts in and takes out.
func squeeze(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text)
}

// What is so and what to do stand on the smallest screen whole, however long
// they are, below a sale and below a list.
func TestNoMessageIsCut(t *testing.T) {
	for _, tag := range []lang.Tag{lang.Chinese, lang.English} {
		r := still(t, Options{Language: tag}, checking(), area{80, 24})
		shows := func(what string, texts ...string) {
			t.Helper()
			r.stale = true
			frame := r.View()
			for _, text := range texts {
				if !strings.Contains(squeeze(ansi.Strip(frame)), squeeze(text)) {
					t.Errorf("%s, %s: %q is cut:\n%s", tag, what, text, ansi.Strip(frame))
				}
			}
			if err := exact(frame, area{80, 24}, false); err != nil {
				t.Errorf("%s, %s: %v", tag, what, err)
			}
		}
		words := lang.Must(tag)
		says := map[string]message{}
		for code := range words.Say.Faults {
			say, hint := words.Fault(code, []any{"20261121-0042-1", "manager"})
			says[code] = message{bad, say, hint}
		}
		for reason := range words.Say.Reasons {
			for _, state := range []ledger.RefundState{ledger.RefundChecking, ledger.RefundAbnormal, ledger.RefundRefused} {
				say, hint := words.Refund(string(state), reason)
				says["refund "+string(state)+" "+reason] = message{info, say, hint}
			}
			say, hint := words.Asked(lang.AskedOf{Channel: "alipay", Outcome: "unknown", Reason: reason, State: "checking", Heard: true})
			says["asked "+reason] = message{info, say, hint}
		}
		for _, open := range []func(){func() { r.home(); r.base = r.sell }, func() { r.openDoubt() }} {
			open()
			for what, m := range says {
				r.say = m
				shows(what, m.say, m.hint)
			}
			r.say = message{}
			for code := range words.Say.Notices {
				args := []any{"20261121-0042-1-R1", "paid"}
				r.snap.Notices = []till.Notice{{At: morning().Add(time.Second), Code: code, Args: args}}
				shows(code, words.Notice(code, args))
			}
			r.snap.Notices = nil
		}
	}
}

// Below an order code, too, and the code stays as it was.
func TestNoMessageIsCutBelowACode(t *testing.T) {
	const edge = 39 // what is left of it is code
	cells := func(frame string, from, to int) string {
		var rows []string
		for _, line := range strings.Split(ansi.Strip(frame), "\n") {
			rows = append(rows, ansi.Cut(line, from, to))
		}
		return strings.Join(rows, "\n")
	}
	owed := till.Notice{At: morning().Add(time.Second), Code: till.NoticeRefundOwed, Args: []any{"20261121-0040-1-R1"}}
	for _, tag := range []lang.Tag{lang.Chinese, lang.English} {
		for _, code := range []string{"https://qr.alipay.com/bax03431lq0tfdk2bsgo00d0", "weixin://wxpay/bizpayurl?pr=abcdefg"} {
			s := presenting()
			s.Attempt.OrderCode = code
			r := still(t, Options{Language: tag}, s, area{80, 24})
			before := strings.Split(cells(r.View(), 0, edge), "\n")
			shows := func(texts ...string) {
				t.Helper()
				r.stale = true
				frame := r.View()
				all := squeeze(ansi.Strip(frame)) + squeeze(cells(frame, edge, 80))
				for _, text := range texts {
					if !strings.Contains(all, squeeze(text)) {
						t.Errorf("%s: %q is cut:\n%s", tag, text, ansi.Strip(frame))
					}
				}
				if err := exact(frame, area{80, 24}, false); err != nil {
					t.Errorf("%s: %v", tag, err)
				}
				for i, row := range strings.Split(cells(frame, 0, edge), "\n")[:21] {
					if i > 1 && row != before[i] {
						t.Errorf("%s: row %d of the code was %q, is %q", tag, i, before[i], row)
					}
				}
			}
			say, hint := r.words.Fault(till.FaultPaymentOpen, []any{"20261121-0042-1"})
			r.say = message{bad, say, hint}
			shows(say, hint)
			r.say, r.snap.Notices = message{}, []till.Notice{owed}
			shows(r.words.Notice(owed.Code, owed.Args))
		}
	}
}

// A notice goes when it has been read: not behind a message, not behind another
// notice, and not while somebody types on.
func TestANoticeIsNotTypedAway(t *testing.T) {
	s := signedOut()
	for i, sale := range []string{"20261121-0039", "20261121-0040", "20261121-0041"} {
		s.Notices = append(s.Notices, till.Notice{At: morning().Add(time.Duration(i+1) * time.Millisecond), Code: till.NoticePrintFailed, Args: []any{sale}})
	}
	at(t, s, func(c *counter) {
		c.rest(2 * time.Second)
		c.sees("20261121-0039")
		c.keys("246810<enter>") // a second or so
		c.show(func() *till.Snapshot { n := idle(); n.Notices = s.Notices; return n }())
		c.sees("20261121-0040")
		c.keys("<up>")
		c.sees("20261121-0041")
		c.keys("<f7>")
		c.sees("No sale is held") // in its place
		c.rest(2 * time.Second)
		c.keys("<up>")
		c.sees("20261121-0041")
		c.rest(time.Second)
		c.keys("<up>")
		c.seesNot("20261121-0041")
	})
}

// A till that does not sell says so to a scan, and not that it soon will.
func TestAScanAtATillThatDoesNotSell(t *testing.T) {
	at(t, starting(), func(c *counter) {
		c.scan(goodsCode, tea.KeyEnter)
		c.sees("scan again in a moment")
	})
	at(t, broken(), func(c *counter) {
		c.scan(goodsCode, tea.KeyEnter)
		c.seesNot("in a moment")
		c.sees("✖ This till does not sell now. Nothing was recorded.", "Do not sell. Manager")
		c.asked()
	})
}

// Many payments that ended together are told in one sentence, so that nobody reads
// a hundred to come to the one that needs a person.
func TestManyEndsAreOneSentence(t *testing.T) {
	s := idle()
	tell := func(code string, args ...any) {
		s.Notices = append(s.Notices, till.Notice{At: morning().Add(time.Duration(len(s.Notices)+1) * time.Millisecond), Code: code, Args: args, Payment: args[0].(string)})
	}
	for i := range 40 {
		tell(till.NoticeSettled, fmt.Sprintf("20261121-%04d-1", 100+i), "reversed")
	}
	tell(till.NoticeRefundOwed, "20261121-0034-1-R1")
	tell(till.NoticeAsideEnded, "20261121-0200-1", "paid")
	at(t, s, func(c *counter) {
		c.sees("40 payments have their results", "Records")
		c.rest(2 * time.Second)
		c.keys("<f9>")
		c.sees("20261121-0034-1-R1")
		c.rest(2 * time.Second)
		c.keys("<esc>")
		c.sees("20261121-0200-1", "paid")
	})
	at(t, s, func(c *counter) {
		c.root.noticed = s.Notices[4].At
		c.root.words = lang.Must(lang.Chinese)
		c.root.stale = true
		c.sees("35 笔付款已有结果", "付款记录")
	})
}
