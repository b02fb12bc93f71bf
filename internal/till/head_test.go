package till_test

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"abacus/internal/faultdisk"
	"abacus/internal/till"
	"abacus/ledger"
)

// A head file that cannot be written leaves the book's end unguarded. That is
// no reason not to sell, but it is told once and noted; a sync that succeeds
// does not hide the write that failed before it.
func TestHeadFileThatCannotBeWritten(t *testing.T) {
	for _, kind := range []faultdisk.Kind{faultdisk.Write, faultdisk.Sync} {
		inWorld(t, func(w *world) {
			w.onFailingDisk(func(*atomic.Bool) {
				var failing atomic.Bool
				w.disk.Plan(func(op faultdisk.Op) faultdisk.Fault {
					if failing.Load() && op.Kind == kind && strings.HasSuffix(op.Path, ".head") {
						return faultdisk.Fail
					}
					return faultdisk.None
				})
				sell := func() {
					w.do(till.SalePay{Sale: w.sale(900).ID, Method: "cash"})
					time.Sleep(time.Minute)
				}
				told := func() bool {
					return slices.ContainsFunc(w.snapshot().Notices, func(n till.Notice) bool { return n.Code == till.NoticeHeadUnwritten })
				}
				sell()
				if told() || w.books.HeadError() != nil {
					w.t.Errorf("%v: told of a file that is well: %v", kind, w.books.HeadError())
				}
				failing.Store(true)
				sell()
				sell()
				if !told() || w.books.HeadError() == nil {
					w.t.Errorf("%v: told %v, error %v", kind, told(), w.books.HeadError())
				}
				entries, err := w.books.Entries(w.t.Context(), 0, 1000)
				if err != nil {
					w.t.Fatal(err)
				}
				noted := slices.DeleteFunc(entries, func(e ledger.Entry) bool {
					return e.Kind != ledger.KindNote || !strings.Contains(string(e.Payload), "journal.head")
				})
				if len(noted) != 1 {
					w.t.Errorf("%v: noted %d times", kind, len(noted))
				}
				failing.Store(false)
				sell()
				if w.books.HeadError() != nil {
					w.t.Errorf("%v: written again, and still %v", kind, w.books.HeadError())
				}
			})
		})
	}
}
