package till

import (
	"context"

	"abacus/internal/upload"
	"abacus/ledger"
	"abacus/payment"
)

// Synced is what a synchronisation brought.
type Synced struct {
	Journal   *upload.Status       // nil: nobody keeps a copy
	Cards     *ledger.CardsSettled // nil: no settlement was owed, or it is owed still
	CardsOwed bool
}

// sync settles and sends in the caller's goroutine: host and keeper may be
// slow. What is in the way is told by the result, not as a refusal.
func (t *Till) sync(ctx context.Context, c JournalSync) (Result, error) {
	var keeper Uploader
	var host payment.BatchKeeper
	_, err := t.inside(ctx, func(ctx context.Context) (Result, error) {
		if err := t.permit(c); err != nil {
			return nil, err
		}
		keeper, host = t.parts.Upload, t.keeper()
		if keeper == nil && host == nil {
			return nil, fault(FaultNoKeeper)
		}
		return nil, nil
	})
	if err != nil {
		return nil, err
	}
	var out Synced
	if host != nil && host.Owes() {
		settled, s, owed, err := t.settleIfOwed(ctx, host)
		if err == nil && owed && s.Done {
			out.Cards = &settled
		}
		out.CardsOwed = host.Owes()
	}
	if keeper != nil {
		status, _ := keeper.Sync(ctx)
		out.Journal = &status
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return out, nil
}

// Uploaded takes in how far the copy of the journal goes. A copy that is not of
// this journal is told and noted once: one of the two was changed.
func (t *Till) Uploaded(ctx context.Context, s upload.Status) {
	t.post(ctx, func() {
		if t.parts == nil {
			return
		}
		if d := s.Differs; d != nil && t.differs != d.Number {
			t.differs = d.Number
			t.notice(Notice{Code: NoticeJournalDiffers, Args: []any{d.Number}})
			_, _ = t.write(ledger.Batch{Drafts: []ledger.Draft{t.draft(ledger.KindNote, "", ledger.Note{About: "journal copy", Text: d.Error()})}})
		}
		t.publish()
	})
}
