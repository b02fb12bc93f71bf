package ledger

import "abacus/internal/money"

func (b *books) saleOpened(e *Entry, p SaleOpened) error {
	if e.Sale == "" {
		return refuse(RefuseNoSale, "", "a sale needs an identity")
	}
	if p.Currency != b.currency {
		return refuse(RefuseCurrency, e.Sale, "%q in a book of %s", p.Currency, b.currency)
	}
	if b.sales.taken(e.Sale) {
		return refuse(RefuseExists, e.Sale, "this sale exists")
	}
	b.sales.add(e.Sale, e.Number, Sale{ID: e.Sale, Reference: p.Reference, State: SaleOpen, Day: e.Day, Shift: e.Shift,
		Operator: e.Operator, Currency: p.Currency, OpenedAt: e.Time, Lines: []Line{},
		Total: b.zero(), Paid: b.zero(), Refunded: b.zero()})
	return nil
}

// sale is the sale of an entry, to be changed.
func (b *books) sale(id string) (*Sale, error) {
	sale, err := b.sales.edit(id)
	if sale == nil {
		return nil, orRefuse(err, RefuseNoSale, id, "no such sale")
	}
	return sale, nil
}

// changeable is the sale of an entry that changes its lines: it must be open
// and no attempt may be in the air that a manager has not written off for now.
func (b *books) changeable(id string) (*Sale, error) {
	sale, err := b.sale(id)
	if err != nil {
		return nil, err
	}
	if sale.State != SaleOpen {
		return nil, refuse(RefuseSaleState, id, "the sale is %s", sale.State)
	}
	open, err := b.inTheAir(sale)
	if err != nil {
		return nil, err
	}
	if open != "" {
		return nil, refuse(RefusePaymentOpen, id, "payment %s is open", open)
	}
	return sale, nil
}

// inTheAir is the sale's open attempt, unless forced.
func (b *books) inTheAir(sale *Sale) (string, error) {
	if sale.Open == "" {
		return "", nil
	}
	pay, err := b.payments.see(sale.Open)
	if pay == nil || pay.Forced {
		return "", err
	}
	return sale.Open, nil
}

// line is a line that still counts.
func (s *Sale) line(no int) (*Line, error) {
	if no < 1 || no > len(s.Lines) || s.Lines[no-1].Removed {
		return nil, refuse(RefuseLine, s.ID, "there is no line %d", no)
	}
	return &s.Lines[no-1], nil
}

// net is the money that is really there: paid, less refunds asked or done.
func (s *Sale) net() money.Amount { return s.Paid.Sub(s.Refunded) }

// addUp sets the total anew and refuses one below nothing or below the money
// already taken.
func (b *books) addUp(s *Sale) error {
	total := b.zero()
	for i := range s.Lines {
		if line := &s.Lines[i]; !line.Removed {
			total = total.Add(line.Amount).Sub(line.Discount)
		}
	}
	s.Total = total.Sub(s.Discount)
	switch {
	case !s.Total.Valid() || s.Total.Negative():
		return refuse(RefuseAmount, s.ID, "the total would be %s", s.Total)
	case s.Total.Less(s.net()):
		return refuse(RefuseSalePaid, s.ID, "%s has been paid, the total would be %s", s.net(), s.Total)
	}
	return nil
}

func (b *books) lineAdded(e *Entry, p LineAdded) error {
	sale, err := b.changeable(e.Sale)
	if err != nil {
		return err
	}
	line := p.Line
	if line.No != len(sale.Lines)+1 || line.Removed {
		return refuse(RefuseLine, e.Sale, "line %d cannot follow %d lines", line.No, len(sale.Lines))
	}
	if err := b.checkLine(sale.ID, &line); err != nil {
		return err
	}
	if err := b.apartFromGoods(sale, &line); err != nil {
		return err
	}
	sale.Lines = append(sale.Lines, line)
	return b.addUp(sale)
}

func (b *books) lineChanged(e *Entry, p LineChanged) error {
	sale, err := b.changeable(e.Sale)
	if err != nil {
		return err
	}
	line, err := sale.line(p.No)
	if err != nil {
		return err
	}
	if line.Prepaid != "" {
		return refuse(RefusePrepaid, sale.ID, "a top-up is removed and entered anew")
	}
	line.Quantity, line.Price, line.Amount = p.Quantity, p.Price, p.Amount
	if err := b.checkLine(sale.ID, line); err != nil {
		return err
	}
	return b.addUp(sale)
}

func (b *books) checkLine(sale string, line *Line) error {
	if err := b.accepts(sale, line.Price, line.Amount, line.Discount); err != nil {
		return err
	}
	switch {
	case line.Quantity <= 0:
		return refuse(RefuseLine, sale, "quantity %d of line %d", line.Quantity, line.No)
	case line.Amount.Negative() || line.Price.Negative() || line.Discount.Negative() || line.Amount.Less(line.Discount):
		return refuse(RefuseAmount, sale, "line %d of %s less %s", line.No, line.Amount, line.Discount)
	}
	return nil
}

func (b *books) lineRemoved(e *Entry, p LineRemoved) error {
	sale, err := b.changeable(e.Sale)
	if err != nil {
		return err
	}
	line, err := sale.line(p.No)
	if err != nil {
		return err
	}
	if err := b.accepts(sale.ID, p.Amount); err != nil {
		return err
	}
	line.Removed = true
	t, err := b.tally(e)
	if err != nil {
		return err
	}
	t.Removed++
	return b.addUp(sale)
}

func (b *books) discounted(e *Entry, p Discounted) error {
	sale, err := b.changeable(e.Sale)
	if err != nil {
		return err
	}
	if err := b.accepts(sale.ID, p.Amount); err != nil {
		return err
	}
	if p.Amount.Negative() {
		return refuse(RefuseAmount, sale.ID, "a discount of %s", p.Amount)
	}
	if sale.TopUp() != "" && !p.Amount.IsZero() {
		return refuse(RefusePrepaid, sale.ID, "a discount on a top-up would make money")
	}
	if p.No == 0 {
		sale.Discount, sale.DiscountOf = p.Amount, p.Reason
		return b.addUp(sale)
	}
	line, err := sale.line(p.No)
	if err != nil {
		return err
	}
	line.Discount, line.Reason = p.Amount, p.Reason
	if err := b.checkLine(sale.ID, line); err != nil {
		return err
	}
	return b.addUp(sale)
}

func (b *books) saleMoved(e *Entry, p SaleMoved) error {
	sale, err := b.sale(e.Sale)
	if err != nil {
		return err
	}
	switch {
	case e.Kind == KindSaleHeld && sale.State == SaleOpen:
		sale.State = SaleHeld
		return nil
	case e.Kind == KindSaleRecalled && sale.State == SaleHeld:
		sale.State = SaleOpen
		return nil
	case sale.State != SaleOpen && sale.State != SaleHeld:
	case e.Kind == KindSaleDone:
		return b.saleDone(e, sale, p)
	case e.Kind == KindSaleVoided:
		return b.saleVoided(e, sale)
	}
	return refuse(RefuseSaleState, sale.ID, "%s of a sale that is %s", e.Kind, sale.State)
}

// saleDone finishes a sale. One that is paid more than its total, by a late
// success, may be finished too: the money too much is refunded from the book.
func (b *books) saleDone(e *Entry, sale *Sale, p SaleMoved) error {
	open, err := b.inTheAir(sale)
	if err != nil {
		return err
	}
	if open != "" {
		return refuse(RefusePaymentOpen, sale.ID, "payment %s is open", open)
	}
	if due := sale.Total.Sub(sale.net()); due.Positive() {
		return refuse(RefuseDue, sale.ID, "%s is due", due)
	}
	discounts, lines := b.zero().Add(sale.Discount), 0
	for _, line := range sale.Lines {
		if !line.Removed {
			lines++
			discounts = discounts.Add(line.Discount)
		}
	}
	if lines == 0 {
		return refuse(RefuseSaleEmpty, sale.ID, "nothing was sold")
	}
	t, err := b.tally(e)
	if err != nil {
		return err
	}
	t.Sales++
	t.Discounts = t.Discounts.Add(discounts)
	sale.State, sale.ClosedAt = SaleDone, e.Time
	if p.BySale {
		if err := b.owesNothing(sale, ""); err != nil {
			return err
		}
	}
	return b.toppedUp(e, sale)
}

// saleVoided gives a sale up. Even a forced attempt must have ended: the money
// of a void sale has nowhere to belong.
func (b *books) saleVoided(e *Entry, sale *Sale) error {
	if sale.Open != "" {
		return refuse(RefusePaymentOpen, sale.ID, "payment %s is open", sale.Open)
	}
	if !sale.net().IsZero() {
		return refuse(RefuseSalePaid, sale.ID, "%s has been paid and not refunded", sale.net())
	}
	t, err := b.tally(e)
	if err != nil {
		return err
	}
	t.Voided++
	sale.State, sale.ClosedAt = SaleVoid, e.Time
	return nil
}
