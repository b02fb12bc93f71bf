package till_test

import (
	"slices"
	"testing"

	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

// A customer who has paid a part takes no more than that: the sale is done with
// what was paid, and no second payment. Else nothing could end it but to give
// the money back and take it again.
func TestASaleCutDownToWhatWasPaid(t *testing.T) {
	for name, cut := range map[string]till.Command{
		"a line removed":      till.SaleRemove{Line: 2},
		"a discount":          till.SaleDiscount{Amount: money.Fen(4000), Reason: "老顾客"},
		"a discount by line":  till.SaleDiscount{Line: 2, Percent: 100, Reason: "赠品"},
		"fewer of the second": till.SaleSetQuantity{Line: 2, Quantity: ledger.One},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.do(till.ShiftOpen{})
				s := w.sale(6000)
				second := till.SaleAdd{Amount: money.Fen(2000), Quantity: 2 * ledger.One}
				paid := money.Fen(6000)
				if _, fewer := cut.(till.SaleSetQuantity); fewer {
					paid = money.Fen(8000)
				}
				w.do(second)
				p := w.do(till.SalePay{Method: "cash", Amount: paid}).(ledger.Payment)
				w.do(cut)
				w.refuses(till.FaultNothingDue, till.SalePay{Method: "auto", Code: code(payment.WeChat)})
				w.refuses(till.FaultNothingDue, till.SalePay{Method: "cash", Tendered: money.Fen(100)})
				w.refuses(till.FaultTooMuch, till.SalePay{Method: "cash", Amount: money.Fen(1)})
				drawers := len(w.paper.jobs)
				for range 2 { // the same request twice does it once
					if got := w.do(till.Keyed{Key: "k", Command: till.SalePay{Method: "cash"}}).(ledger.Payment); got.ID != p.ID {
						w.t.Errorf("answered with %+v", got)
					}
				}
				s = w.do(till.SaleGet{Sale: s.ID}).(ledger.Sale)
				if s.State != ledger.SaleDone || !s.Paid.Equal(paid) || !s.Total.Equal(paid) || len(s.Payments) != 1 {
					w.t.Fatalf("%+v", s)
				}
				if jobs := w.paper.jobs[drawers:]; !slices.Equal(jobs, []string{"sale-" + s.ID}) {
					w.t.Errorf("printed %v", jobs)
				}
				if x := w.do(till.ReportX{}).(ledger.Report); !x.Cash.Expected.Equal(paid) || x.Sales != 1 || x.Channels[0].Count != 1 {
					w.t.Errorf("%+v", x)
				}
				w.balanced()
			})
		})
	}
}
