package ledger

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"github.com/pressly/goose/v3"
)

// TestOlderBooksAreBroughtUpToDate puts a day's book into the first schema and
// opens it.
func TestOlderBooksAreBroughtUpToDate(t *testing.T) {
	s := newShop(t)
	s.busyDay()
	_, paid := s.paymentIn(PaymentChecking)
	s.must(Draft{Kind: KindPaymentMoved, Payload: PaymentMoved{Payment: paid, State: PaymentPaid, AcquirerReference: "4200001"}})
	s.must(refund(paid, paid+"-R1", 300, RefundChecking))
	late, _ := s.paidLate()
	if err := s.l.Close(); err != nil {
		t.Fatal(err)
	}
	now := s.opt.Path
	s.opt.Path += ".old"
	s.firstSchema(now)
	s.open()
	s.sound()
	if pay, err := s.l.PaymentByReference(t.Context(), "4200001"); err != nil || pay.ID != paid {
		t.Errorf("by the acquirer's number: %+v, %v", pay, err)
	}
	if live, err := s.l.LiveSales(t.Context()); err != nil || len(live) != 3 {
		t.Errorf("live sales %+v, %v", live, err)
	}
	if over, err := s.l.Overpaid(t.Context()); err != nil || len(over) != 1 || over[0].ID != late {
		t.Errorf("sales that hold too much: %+v, %v", over, err)
	}
	if open, err := s.l.OpenRefunds(t.Context()); err != nil || len(open) != 1 || open[0].ID != paid+"-R1" {
		t.Errorf("open refunds %+v, %v", open, err)
	}
	s.sold(100)
	s.sound()
}

// firstSchema makes the book at the shop's path one of schema 1, with the
// content of another book.
func (s *shop) firstSchema(from string) {
	s.t.Helper()
	db, err := sql.Open("sqlite", dsn(s.opt.Path, "", false))
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // ATTACH holds for one connection
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		s.t.Fatal(err)
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := provider.UpTo(s.t.Context(), 1); err != nil {
		s.t.Fatal(err)
	}
	statements := []string{
		"ATTACH '" + from + "' AS now",
		"INSERT INTO sales SELECT entry, id, state, doc FROM now.sales",
		"INSERT INTO payments SELECT entry, id, state, order_number, watch, code_hash, doc FROM now.payments",
		"INSERT INTO refunds SELECT entry, id, state, refund_number, doc FROM now.refunds",
		"INSERT INTO tallies SELECT entry, id, day, shift, gross, refunds, doc FROM now.tallies",
	}
	for _, table := range []string{"journal", "installation", "shifts", "reports", "receipts", "request_keys"} {
		statements = append(statements, fmt.Sprintf("INSERT INTO main.%[1]s SELECT * FROM now.%[1]s", table))
	}
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			s.t.Fatalf("%s: %v", statement, err)
		}
	}
}

// TestRottenProjectionsAreBroughtUpToDate: what rebuilding can make anew must not
// keep an older book from being brought up to date, since only then it can be
// rebuilt.
func TestRottenProjectionsAreBroughtUpToDate(t *testing.T) {
	for name, change := range map[string]string{
		"a sale cut short":          "UPDATE sales SET doc = substr(doc, 1, 30)",
		"a sale of nothing":         "UPDATE sales SET doc = '{}'",
		"a sale of too much":        `UPDATE sales SET doc = replace(doc, '"paid":{"minor":', '"paid":{"minor":1e30,"was":')`,
		"a payment cut short":       "UPDATE payments SET doc = substr(doc, 1, 30)",
		"a payment of nothing":      "UPDATE payments SET doc = ''",
		"a reference of many parts": `UPDATE payments SET doc = '{"acquirer_reference":["a"]}'`,
		"a refund of nothing":       "UPDATE refunds SET doc = ''",
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			s.busyDay()
			if err := s.l.Close(); err != nil {
				t.Fatal(err)
			}
			now := s.opt.Path
			s.opt.Path += ".old"
			s.firstSchema(now)
			c, err := openConn(dsn(s.opt.Path, "", false))
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(c.exec(change), c.close()); err != nil {
				t.Fatal(err)
			}
			s.open()
			if v, err := Verify(t.Context(), s.opt); err != nil || v.Why != WhyProjection {
				t.Errorf("verify: %+v, %v", v, err)
			}
			if found, err := s.l.Rebuild(t.Context()); err != nil || len(found) == 0 {
				t.Errorf("rebuild: %q, %v", found, err)
			}
			s.sound()
			s.sold(100)
			s.sound()
		})
	}
}
