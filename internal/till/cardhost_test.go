package till_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
	"abacus/payment/iso8583"
	"abacus/payment/sandbox"
)

// hostDesk is a till with the sandbox's card host, its record in a file.
type hostDesk struct {
	*world
	box    *sandbox.Sandbox
	down   atomic.Bool
	record *iso8583.File
}

func atHostDesk(t *testing.T, change func(*till.Settings), f func(*hostDesk)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		setup := &sandbox.Setup{Card: sandbox.CardSetup{
			TPDU: "6000030000", Header: "603100311000", Merchant: "898000000000001", Terminal: "10000001", MasterKey: strings.Repeat("0123456789ABCDEF", 2),
		}}
		c := &hostDesk{box: sandbox.New(setup, sandbox.Options{Now: time.Now})}
		c.world = &world{t: t, dir: t.TempDir(), wechat: newAcquirer(payment.WeChat), alipay: newAcquirer(payment.Alipay), set: settings()}
		c.set.SettleAtClose, c.set.ShiftRequired = true, true
		change(&c.set)
		c.begin()
		c.do(till.ShiftOpen{})
		f(c)
		c.end()
		if err := c.box.Close(); err != nil {
			t.Error(err)
		}
	})
}

// begin starts a run of the till on the record there is.
func (c *hostDesk) begin() {
	c.t.Helper()
	account := c.box.Setup().Card
	tpdu, err1 := iso8583.ParseTPDU(account.TPDU)
	header, err2 := iso8583.ParseHeader(account.Header)
	key, err3 := iso8583.ParseKey(account.MasterKey)
	file, err4 := iso8583.OpenFile(filepath.Join(c.dir, "card.jsonl"))
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		c.t.Fatal(err)
	}
	record, err := iso8583.OpenRecord(file)
	if err != nil {
		c.t.Fatal(err)
	}
	c.record = file
	c.remind(record)
	host, err := iso8583.New(iso8583.Config{
		Merchant: account.Merchant, Terminal: account.Terminal, TPDU: tpdu, Header: header, MasterKey: key, Record: record, Now: time.Now,
		Dial: func(ctx context.Context) (net.Conn, error) {
			if c.down.Load() {
				return nil, errors.New("no line")
			}
			return c.box.DialCard(ctx)
		},
	})
	if err != nil {
		c.t.Fatal(err)
	}
	c.more = map[payment.Channel]payment.Provider{payment.Card: host}
	c.start()
	c.do(till.Login{Operator: "1001", PIN: "246810"})
}

// remind holds the record against the book, as the program does before a start.
func (c *hostDesk) remind(record *iso8583.Record) {
	c.t.Helper()
	began := time.Now()
	books, err := ledger.Open(c.t.Context(), ledger.Options{
		Path: filepath.Join(c.dir, "journal.db"), HeadPath: filepath.Join(c.dir, "journal.head"), Store: c.set.Store, Till: c.set.Till,
		Currency: money.CNY, Now: time.Now, Monotonic: func() time.Duration { return time.Since(began) }, Day: c.set.Day, Random: rand.Reader,
	})
	if err != nil {
		c.t.Fatal(err)
	}
	forgot, again, err := till.Forgot(c.t.Context(), books, record)
	if err == nil && again {
		err = record.Born(iso8583.Birth{At: time.Now(), Doubted: forgot.Doubted, Missing: forgot.Missing})
	}
	if err := errors.Join(err, books.Close()); err != nil {
		c.t.Fatal(err)
	}
}

func (c *hostDesk) end() {
	c.t.Helper()
	c.stop()
	if err := c.record.Close(); err != nil {
		c.t.Error(err)
	}
}

func (c *hostDesk) again() { c.end(); c.begin() }

// track is a fresh card's stripe.
func (c *hostDesk) track(behaviour string) string {
	c.t.Helper()
	track, err := c.box.NewCode("card", sandbox.Customer{Behaviour: behaviour})
	if err != nil {
		c.t.Fatal(err)
	}
	return track
}

func (c *hostDesk) paid(fen int64) ledger.Payment {
	c.t.Helper()
	s := c.sale(fen)
	p := c.wait(c.do(till.SalePay{Sale: s.ID, Method: "card", Code: c.track("pay")}).(ledger.Payment).ID)
	if p.State != ledger.PaymentPaid {
		c.t.Fatalf("%+v", p)
	}
	return p
}

func (c *hostDesk) fault(operation, fault string) {
	c.t.Helper()
	if err := c.box.AddFault(sandbox.Fault{Channel: "card", Operation: operation, Fault: fault}); err != nil {
		c.t.Fatal(err)
	}
}

// settlements are the settlements in the book.
func (c *hostDesk) settlements() []ledger.CardsSettled {
	c.t.Helper()
	entries, err := c.books.Entries(c.t.Context(), 0, 10_000)
	if err != nil {
		c.t.Fatal(err)
	}
	var out []ledger.CardsSettled
	for _, e := range entries {
		if e.Kind == ledger.KindCardsSettled {
			var s ledger.CardsSettled
			if err := json.Unmarshal(e.Payload, &s); err != nil {
				c.t.Fatal(err)
			}
			out = append(out, s)
		}
	}
	return out
}

func (c *hostDesk) told(code string) bool {
	return slices.ContainsFunc(c.snapshot().Notices, func(n till.Notice) bool { return n.Code == code })
}

// A shift's close settles the batch beside it; journal, terminal and host agree,
// and it is in the book once.
func TestCardsSettledAtClose(t *testing.T) {
	atHostDesk(t, func(*till.Settings) {}, func(c *hostDesk) {
		c.paid(1000)
		back := c.paid(500)
		c.do(till.RefundCreate{Payment: back.ID, Amount: money.Fen(200), Reason: "坏了"})
		time.Sleep(time.Minute)
		c.do(till.ShiftClose{})
		time.Sleep(time.Minute)
		got := c.settlements()
		if len(got) != 1 || got[0].Differs() || !got[0].Compared || got[0].SaleCount != 2 || got[0].BookSales.Minor() != 1500 || got[0].BookReturns.Minor() != 200 {
			t.Fatalf("settlements: %+v", got)
		}
		if !c.told(till.NoticeCardsSettled) {
			t.Error("nobody was told")
		}
		// Nothing in the next batch: its close settles nothing.
		c.do(till.ShiftOpen{})
		c.do(till.ShiftClose{})
		time.Sleep(time.Minute)
		c.again()
		time.Sleep(time.Minute)
		if n := len(c.settlements()); n != 1 {
			t.Errorf("%d settlements", n)
		}
	})
}

// A close of which the till hears only that the book has stopped, and which was
// done, settles the batch once the book is back.
func TestCardsSettledAtACloseInDoubt(t *testing.T) {
	atHostDesk(t, func(*till.Settings) {}, func(c *hostDesk) {
		c.paid(1000)
		time.Sleep(time.Minute)
		if _, err := c.books.CloseShift(c.t.Context(), "1001", money.Fen(0), 0, ledger.Batch{}); err != nil {
			c.t.Fatal(err)
		}
		c.untold = func(b ledger.Batch) bool { return b.Drafts[0].Kind == ledger.KindDrawerOpened }
		c.refuses(till.FaultJournalStopped, till.DrawerOpen{Reason: "数钱"})
		time.Sleep(time.Minute)
		if v := c.snapshot(); v.Trouble != nil || v.Shift != nil {
			c.t.Fatalf("%v, shift %+v", v.Trouble, v.Shift)
		}
		if got := c.settlements(); len(got) != 1 || got[0].Differs() || got[0].SaleCount != 1 {
			c.t.Errorf("settlements: %+v", got)
		}
	})
}

// The line is down at the close, an answer is lost, the till is restarted: the
// settlement goes on until it is done, and its report is written once.
func TestSettlementOverOutageAndRestart(t *testing.T) {
	atHostDesk(t, func(*till.Settings) {}, func(c *hostDesk) {
		c.paid(1000)
		c.down.Store(true)
		if z := c.do(till.ShiftClose{}).(ledger.Report); z.Number != 1 {
			t.Errorf("Z %d", z.Number)
		}
		time.Sleep(2 * time.Minute)
		if len(c.settlements()) != 0 || !c.told(till.NoticeCardsUnsettled) {
			t.Error("settled without a line, or nobody was told")
		}
		c.again()
		c.fault("settle", "drop-answer")
		c.down.Store(false)
		synced := c.do(till.JournalSync{}).(till.Synced)
		if synced.Cards != nil || !synced.CardsOwed || synced.Journal != nil {
			t.Errorf("the answer was lost: %+v", synced)
		}
		c.again()
		time.Sleep(10 * time.Minute)
		got := c.settlements()
		if len(got) != 1 || got[0].Differs() || got[0].Sales.Minor() != 1000 {
			t.Fatalf("settlements: %+v", got)
		}
		if synced := c.do(till.JournalSync{}).(till.Synced); synced.Cards != nil || synced.CardsOwed {
			t.Errorf("owed still: %+v", synced)
		}
		c.do(till.ShiftOpen{})
		c.paid(70)
		if s := c.do(till.CardSettle{}).(ledger.CardsSettled); s.Batch != "000002" || s.Sales.Minor() != 70 || s.Differs() {
			t.Errorf("next settlement: %+v", s)
		}
	})
}

// A settlement somebody has asked for, and whose answer was lost, goes on by
// itself too, though no card comes after it.
func TestSettlementAskedForGoesOn(t *testing.T) {
	atHostDesk(t, func(*till.Settings) {}, func(c *hostDesk) {
		c.paid(1000)
		time.Sleep(time.Minute)
		c.fault("settle", "drop-answer")
		c.refuses(till.FaultCardHost, till.CardSettle{})
		time.Sleep(15 * time.Minute)
		if got := c.settlements(); len(got) != 1 || got[0].Differs() || got[0].Sales.Minor() != 1000 || !c.told(till.NoticeCardsSettled) {
			t.Errorf("settlements: %+v", got)
		}
	})
}

// A settlement that was owed is brought to its end by somebody who
// synchronises; what is left of the plan to try it again leaves the batch of
// the next shift alone.
func TestSettlementIsNotTriedBehindItsEnd(t *testing.T) {
	atHostDesk(t, func(*till.Settings) {}, func(c *hostDesk) {
		c.paid(1000)
		c.down.Store(true)
		c.do(till.ShiftClose{})
		time.Sleep(3 * time.Minute)
		c.down.Store(false)
		if synced := c.do(till.JournalSync{}).(till.Synced); synced.Cards == nil || synced.CardsOwed {
			t.Fatalf("not settled: %+v", synced)
		}
		c.do(till.ShiftOpen{})
		c.paid(70)
		time.Sleep(15 * time.Minute)
		if got := c.settlements(); len(got) != 1 {
			t.Errorf("settlements: %+v", got)
		}
	})
}

// However many want the same settlement at one moment, it is one.
func TestSettlementWantedByTwoAtOnce(t *testing.T) {
	atHostDesk(t, func(*till.Settings) {}, func(c *hostDesk) {
		c.paid(1000)
		c.down.Store(true)
		c.do(till.ShiftClose{})
		time.Sleep(time.Minute)
		c.down.Store(false)
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				if _, err := c.core.Do(c.t.Context(), till.JournalSync{}); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		time.Sleep(15 * time.Minute)
		if got := c.settlements(); len(got) != 1 || got[0].Sales.Minor() != 1000 {
			t.Errorf("settlements: %+v", got)
		}
	})
}

// The host has closed the batch, and the till ended before that was in the
// book. What was sold meanwhile is in the next batch, and nothing differs.
func TestSettlementIsBookedLater(t *testing.T) {
	atHostDesk(t, func(*till.Settings) {}, func(c *hostDesk) {
		c.paid(1000)
		host := c.more[payment.Card].(payment.BatchKeeper)
		time.Sleep(time.Second)
		if wanted, err := host.Want(); err != nil || !wanted {
			t.Fatal(wanted, err)
		}
		if s := host.Settle(c.t.Context()); !s.Done {
			t.Fatal(s)
		}
		time.Sleep(time.Second)
		c.paid(70)
		synced := c.do(till.JournalSync{}).(till.Synced)
		if s := synced.Cards; s == nil || s.Differs() || s.SaleCount != 1 || s.BookSaleCount != 1 {
			t.Errorf("settlement: %+v", s)
		}
		if s := c.do(till.CardSettle{}).(ledger.CardsSettled); s.Differs() || s.Sales.Minor() != 70 {
			t.Errorf("next settlement: %+v", s)
		}
	})
}

// A batch that is full is settled by itself before the next sale goes out; the
// cashier sees a sale that is paid, and the book gets the report.
func TestFullBatchIsSettledBesideTheSale(t *testing.T) {
	atHostDesk(t, func(*till.Settings) {}, func(c *hostDesk) {
		c.end()
		const most = 999
		var lines strings.Builder
		lines.WriteString(`{"batch":1}` + "\n")
		for n := range most {
			slip := iso8583.Slip{Number: fmt.Sprintf("full_%d", n), Kind: iso8583.Sale, State: iso8583.Approved, Batch: 1, Trace: n + 1, Amount: money.Fen(1), At: time.Now()}
			line, err := json.Marshal(map[string]any{"slip": slip, "trace": slip.Trace})
			if err != nil {
				t.Fatal(err)
			}
			lines.Write(append(line, '\n'))
		}
		if err := os.WriteFile(filepath.Join(c.dir, "card.jsonl"), []byte(lines.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		c.begin()
		time.Sleep(time.Second)
		c.paid(70)
		time.Sleep(time.Minute)
		got := c.settlements()
		if len(got) != 1 || got[0].SaleCount != most || got[0].Uploaded != most || !c.told(till.NoticeCardsDiffer) {
			t.Fatalf("settlements: %+v", got)
		}
		if s := c.do(till.CardSettle{}).(ledger.CardsSettled); s.Batch != "000002" || s.Differs() || s.Sales.Minor() != 70 {
			t.Errorf("next settlement: %+v", s)
		}
	})
}

// doubt leaves a charge in doubt that the host has: its answer was lost, its
// reversal did not arrive, the till ended.
func (c *hostDesk) doubt(fen int64) ledger.Payment {
	c.t.Helper()
	c.fault("charge", "drop-answer")
	c.fault("reverse", "drop-request")
	p := c.do(till.SalePay{Sale: c.sale(fen).ID, Method: "card", Code: c.track("pay")}).(ledger.Payment)
	time.Sleep(time.Second / 2) // the reversal is repeated after one
	c.end()
	return p
}

// captured is what the host keeps of an order.
func (c *hostDesk) captured(order string) int64 {
	c.t.Helper()
	entries, err := c.box.Books()
	if err != nil {
		c.t.Fatal(err)
	}
	for _, e := range entries {
		if e.Order == order {
			return e.Captured - e.Refunded - e.Reversed
		}
	}
	return 0
}

// The terminal's record is gone, or an old copy was put back, while a charge is
// in doubt: it is not said to have never left. What was begun since is told of as
// ever, whatever the clock says.
func TestChargeInDoubtWithoutItsRecord(t *testing.T) {
	for name, lose := range map[string]func(path string, old []byte) error{
		"deleted":     func(path string, _ []byte) error { return os.Remove(path) },
		"emptied":     func(path string, _ []byte) error { return os.WriteFile(path, nil, 0o600) },
		"an old copy": func(path string, old []byte) error { return os.WriteFile(path, old, 0o600) },
		"kept":        func(string, []byte) error { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			atHostDesk(t, func(*till.Settings) {}, func(c *hostDesk) {
				path := filepath.Join(c.dir, "card.jsonl")
				c.paid(10)
				old, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				c.paid(1000)
				p := c.doubt(500)
				if err := lose(path, old); err != nil {
					t.Fatal(err)
				}
				c.begin()
				time.Sleep(10 * time.Minute)
				got := c.payment(p.ID)
				if name == "kept" {
					if got.State != ledger.PaymentReversed || c.captured(p.Order) != 0 {
						t.Errorf("with its record: %+v, the host keeps %d", got, c.captured(p.Order))
					}
					return
				}
				if got.State.Final() || c.captured(p.Order) != 500 {
					t.Fatalf("%s/%s, the host keeps %d", got.State, got.Reason, c.captured(p.Order))
				}
				if got.Reason != string(payment.RecordLost) {
					t.Errorf("reason %q", got.Reason)
				}
				before := c.books.Head().Number
				time.Sleep(24 * time.Hour)
				if n := c.books.Head().Number - before; n > 10 {
					t.Errorf("%d entries in a day, of something that nobody can tell", n)
				}
				c.again()
				time.Sleep(10 * time.Minute)
				if got = c.payment(p.ID); got.State.Final() {
					t.Errorf("after a restart: %s/%s", got.State, got.Reason)
				}
				// The manager has asked the bank.
				c.do(till.PaymentForce{Payment: p.ID, Reason: "银行说没有"})
				q := c.doubt(70)
				c.begin()
				time.Sleep(10 * time.Minute)
				if got := c.payment(q.ID); !got.State.Final() || c.captured(q.Order) != 0 {
					t.Errorf("a charge begun since: %s/%s, the host keeps %d", got.State, got.Reason, c.captured(q.Order))
				}
			})
		})
	}
}

// A copy of the record that lacks nothing but what is in doubt, a charge or a
// refund, is found out as well: the book has what the record answered about it.
func TestRecordThatLacksOnlyTheDoubt(t *testing.T) {
	atHostDesk(t, func(*till.Settings) {}, func(c *hostDesk) {
		path := filepath.Join(c.dir, "card.jsonl")
		paid := c.paid(1000)
		time.Sleep(time.Minute)
		old, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		c.fault("refund", "drop-answer")
		r := c.do(till.RefundCreate{Payment: paid.ID, Amount: money.Fen(300), Reason: "坏了"}).(ledger.Refund)
		time.Sleep(time.Second / 2)
		c.end()
		if err := os.WriteFile(path, old, 0o600); err != nil {
			t.Fatal(err)
		}
		c.begin()
		time.Sleep(10 * time.Minute)
		if r = c.do(till.RefundGet{Refund: r.ID}).(ledger.Refund); !r.Open() || r.Reason != string(payment.RecordLost) || c.captured(paid.Order) != 700 {
			t.Errorf("refund: %s/%s, the host keeps %d of 1000", r.State, r.Reason, c.captured(paid.Order))
		}

		if old, err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
		p := c.doubt(500)
		if err := os.WriteFile(path, old, 0o600); err != nil {
			t.Fatal(err)
		}
		c.begin()
		time.Sleep(10 * time.Minute)
		if p = c.payment(p.ID); p.State.Final() || p.Reason != string(payment.RecordLost) || c.captured(p.Order) != 500 {
			t.Errorf("charge: %s/%s, the host keeps %d", p.State, p.Reason, c.captured(p.Order))
		}
	})
}

// A copy of the record taken while a payment was under way is put back after it
// was paid: the payment stands, whatever leaves next.
func TestACopyOfTheMomentOfPaying(t *testing.T) {
	atHostDesk(t, func(*till.Settings) {}, func(c *hostDesk) {
		path := filepath.Join(c.dir, "card.jsonl")
		p := c.paid(1000)
		time.Sleep(time.Hour)
		c.end()
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		pending := bytes.Index(text, []byte(`"state":"pending"`))
		end := pending + bytes.IndexByte(text[pending:], '\n') + 1
		if err := os.WriteFile(path, text[:end], 0o600); err != nil {
			t.Fatal(err)
		}
		c.begin()
		c.paid(70)
		if c.captured(p.Order) != 1000 || c.payment(p.ID).State != ledger.PaymentPaid {
			t.Errorf("the host keeps %d of %+v", c.captured(p.Order), c.payment(p.ID))
		}
		if s := c.do(till.CardSettle{}).(ledger.CardsSettled); s.Differs() || s.Sales.Minor() != 1070 {
			t.Errorf("settlement: %+v", s)
		}
	})
}

// A new shop: its first card payment is cut off by a power cut before it leaves.
// The record has always been there, so it tells, without looking at a clock.
func TestFirstChargeOfAShop(t *testing.T) {
	atHostDesk(t, func(*till.Settings) {}, func(c *hostDesk) {
		c.fault("charge", "delay:60000")
		p := c.do(till.SalePay{Sale: c.sale(500).ID, Method: "card", Code: c.track("pay")}).(ledger.Payment)
		time.Sleep(time.Second)
		c.end()
		text, err := os.ReadFile(filepath.Join(c.dir, "card.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		first, _, _ := strings.Cut(string(text), "\n")
		if !strings.Contains(first, `"born"`) {
			t.Errorf("the record begins with %s", first)
		}
		// As if the power had gone between the book's intent and the record's.
		if err := os.WriteFile(filepath.Join(c.dir, "card.jsonl"), []byte(first+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		c.begin()
		time.Sleep(10 * time.Minute)
		if got := c.payment(p.ID); got.State != ledger.PaymentReversed {
			t.Errorf("%s/%s", got.State, got.Reason)
		}
	})
}

// What the terminal has and the journal has not, and the other way round, is
// named in the settlement.
func TestSettlementNamesWhatDiffers(t *testing.T) {
	atHostDesk(t, func(*till.Settings) {}, func(c *hostDesk) {
		c.paid(1000)
		host := c.more[payment.Card]
		time.Sleep(time.Second)
		swipe := &payment.Swipe{Track2: []byte(strings.Trim(c.track("pay"), ";?"))}
		if a := host.Charge(c.t.Context(), payment.Charge{Order: "stranger_1", Amount: money.Fen(5), Swipe: swipe}); a.Outcome != payment.Paid {
			t.Fatal(a)
		}
		r, err := c.core.Do(c.t.Context(), till.CardSettle{})
		s, _ := r.(ledger.CardsSettled)
		if err != nil || !s.Agrees || !s.Differs() || fmt.Sprint(s.Unmatched) != "[stranger_1]" || s.BookSaleCount != 1 || s.SaleCount != 2 {
			t.Errorf("settlement: %+v, %v", s, err)
		}
	})
}

// batchOf is a host that has settled a batch of so many.
type batchOf struct {
	payment.BatchKeeper
	items []payment.Settled
}

func (b batchOf) Settle(context.Context) payment.Settlement {
	return payment.Settlement{Batch: "000002", Done: true, Agrees: true, Items: b.items}
}

func (b batchOf) Told(string) error { return nil }

func (b batchOf) Counted(string) (string, bool) { return "", false }

// Where a batch began the book says, not a clock that was wrong for a while:
// batches before it are not counted again, and what it lacks is missed.
func TestSettlementUnderAWrongClock(t *testing.T) {
	atHostDesk(t, func(*till.Settings) {}, func(c *hostDesk) {
		c.paid(1000)
		c.do(till.CardSettle{})
		var items []payment.Settled
		for _, fen := range []int64{70, 80} {
			p := c.paid(fen)
			items = append(items, payment.Settled{Number: p.Order, Amount: p.Amount, At: p.StartedAt})
		}
		forgotten := c.paid(90)
		for name, at := range map[string]time.Time{"behind": time.Unix(0, 0), "right": items[0].At, "ahead": items[0].At.AddDate(100, 0, 0)} {
			items[0].At = at
			var got ledger.CardsSettled
			_, _, err := till.SettleBatch(t.Context(), c.books, batchOf{items: items}, c.set.Day, func(_ string, s ledger.CardsSettled) error {
				got = s
				return nil
			})
			if err != nil || fmt.Sprint(got.Unmatched) != fmt.Sprint([]string{forgotten.Order}) || got.BookSaleCount != 3 || got.BookSales.Minor() != 240 {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
		}
	})
}

// The PIN is asked for above the small amount before anything leaves, and below
// it once the host has wanted one; it is in no entry.
func TestPINOfCards(t *testing.T) {
	atHostDesk(t, func(s *till.Settings) { s.CardPIN, s.SignAbove = true, money.Fen(1000) }, func(c *hostDesk) {
		sale, track := c.sale(1500), c.track("pin:735519")
		pay := till.SalePay{Sale: sale.ID, Method: "card", Code: track}
		c.refuses(till.FaultCardPIN, pay)
		pay.PIN = "7355"
		if p := c.wait(c.do(pay).(ledger.Payment).ID); p.Reason != string(payment.PINWrong) {
			t.Errorf("%+v", p)
		}
		pay.PIN = ""
		pay.Amount = money.Fen(500)
		c.refuses(till.FaultCardPIN, pay) // the bank wants one by now
		pay.PIN = "73x5"
		c.refuses(till.FaultCardPINForm, pay)
		pay.PIN, pay.Amount = "735519", money.Amount{}
		if p := c.wait(c.do(pay).(ledger.Payment).ID); p.State != ledger.PaymentPaid {
			t.Errorf("%+v", p)
		}
		entries, err := c.books.Entries(c.t.Context(), 0, 10_000)
		text, _ := json.Marshal(entries)
		if text := string(text); err != nil || strings.Contains(text, "735519") || strings.Contains(text, `"7355`) {
			t.Error("the PIN is in the book", err)
		}
	})
	atHostDesk(t, func(*till.Settings) {}, func(c *hostDesk) {
		c.refuses(till.FaultNoCardPIN, till.SalePay{Sale: c.sale(100).ID, Method: "card", Code: c.track("pay"), PIN: "123456"})
	})
}
