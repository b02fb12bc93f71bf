package till

import (
	"context"

	"abacus/internal/upload"
	"abacus/ledger"
)

// syncJournal sends in the caller's goroutine: the keeper may be slow. What is
// in the way is told by the status, not as a refusal.
func (t *Till) syncJournal(ctx context.Context, c JournalSync) (Result, error) {
	r, err := t.inside(ctx, func() (Result, error) {
		if err := t.permit(c); err != nil {
			return nil, err
		}
		if t.parts.Upload == nil {
			return nil, fault(FaultNoKeeper)
		}
		return t.parts.Upload, nil
	})
	if err != nil {
		return nil, err
	}
	status, _ := r.(Uploader).Sync(ctx)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return status, nil
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
