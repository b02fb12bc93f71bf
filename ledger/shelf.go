package ledger

import (
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// shelf is where the projections lie: the tables of a database, or, with the
// prefix "temp.", a second set of them that Rebuild and Verify fill.
type shelf struct {
	c      *conn
	prefix string
	sql    map[string]string // statements with the prefix put in
	doc    []byte            // reused

	finished []int64 // sales that are live in the index only, by entry
}

func newShelf(c *conn, prefix string) *shelf {
	return &shelf{c: c, prefix: prefix, sql: map[string]string{}}
}

// text puts the prefix where a statement says @.
func (s *shelf) text(query string) string {
	t, ok := s.sql[query]
	if !ok {
		t = strings.ReplaceAll(query, "@", s.prefix)
		s.sql[query] = t
	}
	return t
}

func (s *shelf) sale(id string) (*card[Sale], error)       { return load[Sale](s, "sales", id) }
func (s *shelf) refund(id string) (*card[Refund], error)   { return load[Refund](s, "refunds", id) }
func (s *shelf) shift(id string) (*card[Shift], error)     { return load[Shift](s, "shifts", id) }
func (s *shelf) report(id string) (*card[Report], error)   { return load[Report](s, "reports", id) }
func (s *shelf) tally(id string) (*card[tally], error)     { return load[tally](s, "tallies", id) }
func (s *shelf) receipt(id string) (*card[receipt], error) { return load[receipt](s, "receipts", id) }
func (s *shelf) prepaidCard(id string) (*card[Prepaid], error) {
	return load[Prepaid](s, "prepaid", id)
}
func (s *shelf) prepaidMove(id string) (*card[PrepaidMove], error) {
	return load[PrepaidMove](s, "prepaid_moves", id)
}

// payment goes by the sale if the identity names it: the sale knows its
// payments, and theirs follow its entry.
func (s *shelf) payment(id string) (*card[Payment], error) {
	c, err := first(list[Payment](s, "SELECT entry, id, doc FROM @payments WHERE id = ? AND entry > (SELECT entry FROM @sales WHERE id = ? "+
		"AND ? IN (SELECT value FROM json_each(doc, '$.payments'))) ORDER BY entry LIMIT 1", id, saleOf(id), id))
	if c != nil || err != nil {
		return c, err
	}
	return first(list[Payment](s, "SELECT entry, id, doc FROM @payments WHERE odd = 1 AND id = ?", id))
}

func load[T any](s *shelf, table, id string) (*card[T], error) {
	return first(list[T](s, "SELECT entry, id, doc FROM @"+table+" WHERE id = ?", id))
}

func first[T any](cards []*card[T], err error) (*card[T], error) {
	if len(cards) == 0 {
		return nil, err
	}
	return cards[0], err
}

// list reads cards by a query that gives entry, id and doc.
func list[T any](s *shelf, query string, args ...any) ([]*card[T], error) {
	var cards []*card[T]
	err := s.c.each(s.text(query), args, func(row []driver.Value) error {
		c := &card[T]{}
		var doc string
		if err := scan(row, &c.entry, &c.id, &doc); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(doc), &c.doc); err != nil {
			return fmt.Errorf("projection of %s: %w", c.id, err)
		}
		cards = append(cards, c)
		return nil
	})
	return cards, err
}

// restore fills the books with what must be in memory: the desk. Live objects
// are read when they are first listed or touched, so that opening a ledger
// takes the same time however long the journal is and however much is open.
func (s *shelf) restore(b *books) error {
	b.sales.fetch = func() ([]*card[Sale], error) { return s.liveSales(b) }
	later(s, b.payments, "SELECT entry, id, doc FROM @payments WHERE state IN ('waiting', 'checking') AND state <> 'paid'"+
		" UNION SELECT entry, id, doc FROM @payments WHERE watch = 1")
	later(s, b.refunds, "SELECT entry, id, doc FROM @refunds WHERE open = 1")
	later(s, b.holds, "SELECT entry, id, doc FROM @holds WHERE open = 1")
	later(s, b.receipts, "SELECT entry, id, doc FROM @receipts WHERE result = ''")
	return s.restoreDesk(b)
}

func later[T any](s *shelf, d *drawer[T], query string) {
	d.fetch = func() ([]*card[T], error) { return list[T](s, query) }
}

// liveSales reads the sales of earlier runs and notes those that are finished
// though the index of live ones still has them.
func (s *shelf) liveSales(b *books) ([]*card[Sale], error) {
	cards, err := list[Sale](s, "SELECT entry, id, doc FROM @sales WHERE live = 1")
	return slices.DeleteFunc(cards, func(c *card[Sale]) bool {
		over := !b.sales.live(&c.doc)
		if over && !slices.Contains(s.finished, c.entry) {
			s.finished = append(s.finished, c.entry)
		}
		return over
	}), err
}

// retire takes finished sales out of the index of live ones in the commit that
// puts a new one in: the page is written then anyway.
func (s *shelf) retire(b *books) error {
	if !b.sales.grows() {
		return nil
	}
	for _, entry := range s.finished {
		if err := s.c.exec(s.text("UPDATE @sales SET live = 0 WHERE entry = ?"), entry); err != nil {
			return err
		}
	}
	return nil
}

// accept makes what write has put on disk valid.
func (s *shelf) accept(b *books) {
	if b.sales.grows() {
		s.finished = s.finished[:0] // retired by this commit
	}
	for _, c := range b.sales.order {
		if old := b.sales.kept[c.id]; !b.sales.live(&c.doc) && (old == nil || b.sales.live(&old.doc)) {
			s.finished = append(s.finished, c.entry)
		}
	}
	b.accept()
}

func keep[T any](s *shelf, d *drawer[T], query string, args ...any) error {
	cards, err := list[T](s, query, args...)
	for _, c := range cards {
		d.kept[c.id] = c
	}
	return err
}

func (s *shelf) restoreDesk(b *books) error {
	last, err := list[Shift](s, "SELECT entry, id, doc FROM @shifts ORDER BY entry DESC LIMIT 1")
	if err != nil {
		return err
	}
	for _, c := range last {
		b.desk.shiftNumber = c.doc.Number
		b.shifts.kept[c.id] = c
		if c.doc.ClosedAt.IsZero() {
			b.desk.shift = c.id
		}
	}
	zs, err := list[Report](s, "SELECT entry, id, doc FROM @reports ORDER BY entry DESC LIMIT 1")
	if err != nil {
		return err
	}
	for _, c := range zs {
		b.desk.z = c.doc.Number
	}
	if b.desk.shift != "" {
		if err := keep(s, b.tallies, "SELECT entry, id, doc FROM @tallies WHERE shift = ?", b.desk.shift); err != nil {
			return err
		}
		for _, c := range inOrder(b.tallies.kept) {
			b.desk.days = append(b.desk.days, c.doc.Day)
		}
	}
	b.kept = b.desk
	return nil
}

// write puts every changed object into the database. New ones are inserted, so
// that an identity or number used before is an error of SQLite's.
func (s *shelf) write(b *books) error {
	err := put(s, b.sales, "INSERT INTO @sales (state, surplus, doc, id, entry) VALUES (?, ?, ?, ?, ?)",
		"UPDATE @sales SET state = ?, surplus = ?, doc = ? WHERE entry = ?", func(x *Sale) []any { return []any{string(x.State), x.Surplus().Minor()} }, nil)
	if err == nil {
		err = s.retire(b)
	}
	if err != nil {
		return err
	}
	err = put(s, b.payments, "INSERT INTO @payments (state, watch, reference, doc, order_number, odd_order, code_hash, odd, id, entry) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		"UPDATE @payments SET state = ?, watch = ?, reference = ?, doc = ? WHERE entry = ?",
		func(x *Payment) []any { return []any{string(x.State), x.Watch, x.AcquirerReference} }, fixedOfPayment)
	if err != nil {
		return err
	}
	err = put(s, b.refunds, "INSERT INTO @refunds (state, open, doc, refund_number, id, entry) VALUES (?, ?, ?, ?, ?, ?)",
		"UPDATE @refunds SET state = ?, open = ?, doc = ? WHERE entry = ?",
		func(x *Refund) []any { return []any{string(x.State), x.Open()} }, func(x *Refund) []any { return []any{x.Number} })
	if err != nil {
		return err
	}
	return s.writeRest(b)
}

func fixedOfPayment(p *Payment) []any {
	odd := saleOf(p.ID) != p.Sale
	return []any{p.Order, odd || paymentOf(p.Order) != p.ID, p.CodeHash, odd}
}

func (s *shelf) writeRest(b *books) error {
	err := put(s, b.tallies, "INSERT INTO @tallies (gross, refunds, prepaid, doc, day, shift, id, entry) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		"UPDATE @tallies SET gross = ?, refunds = ?, prepaid = ?, doc = ? WHERE entry = ?",
		func(x *tally) []any { return []any{x.Gross.Minor(), x.Refunds.Minor(), x.Prepaid.change().Minor()} }, func(x *tally) []any { return []any{x.Day, x.Shift} })
	if err != nil {
		return err
	}
	err = put(s, b.receipts, "INSERT INTO @receipts (result, doc, id, entry) VALUES (?, ?, ?, ?)",
		"UPDATE @receipts SET result = ?, doc = ? WHERE entry = ?", func(x *receipt) []any { return []any{x.Result} }, nil)
	if err != nil {
		return err
	}
	err = put(s, b.shifts, "INSERT INTO @shifts (doc, id, entry) VALUES (?, ?, ?)", "UPDATE @shifts SET doc = ? WHERE entry = ?", nil, nil)
	if err != nil {
		return err
	}
	if err := errors.Join(s.writePrepaid(b), s.writeHolds(b)); err != nil {
		return err
	}
	return put(s, b.reports, "INSERT INTO @reports (doc, id, entry) VALUES (?, ?, ?)", "UPDATE @reports SET doc = ? WHERE entry = ?", nil, nil)
}

// put writes one drawer's changes. The columns of a row are those that move,
// the document, those that never change, the identity, and the entry.
func put[T any](s *shelf, d *drawer[T], insert, update string, moving, fixed func(*T) []any) error {
	for _, c := range d.order {
		doc, err := appendDoc(s.doc[:0], &c.doc)
		if err != nil {
			return fmt.Errorf("projection of %s: %w", c.id, err)
		}
		s.doc = doc
		var args []any
		if moving != nil {
			args = moving(&c.doc)
		}
		args = append(args, string(doc))
		query := update
		if c.fresh {
			query = insert
			if fixed != nil {
				args = append(args, fixed(&c.doc)...)
			}
			args = append(args, c.id)
		}
		if err := s.c.exec(s.text(query), append(args, c.entry)...); err != nil {
			if isDuplicate(err) {
				return refuse(duplicateCode(err), c.id, "%v", err)
			}
			return err
		}
	}
	return nil
}

// duplicateCode tells a number used before from an identity used before.
func duplicateCode(err error) string {
	if strings.Contains(err.Error(), "_number") {
		return RefuseOrderUsed
	}
	return RefuseExists
}
