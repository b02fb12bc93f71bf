package headless

import (
	"encoding/json"
	"io"

	"abacus/internal/lang"
	"abacus/internal/till"
	"abacus/internal/upload"
	"abacus/ledger"
)

// uploadOf is how far the copy of the journal goes, as JSON has it.
type uploadOf struct {
	Number int64        `json:"number"`
	Hash   ledger.Hash  `json:"hash"`
	Left   int64        `json:"left"`
	Cause  upload.Cause `json:"cause"`
	Say    string       `json:"say"`
	Hint   string       `json:"hint,omitempty"`
}

func uploadView(s upload.Status, texts *lang.Texts) uploadOf {
	say, hint := texts.Finding(s.Code())
	return uploadOf{Number: s.Held.Number, Hash: s.Held.Hash, Left: s.Left, Cause: s.Cause, Say: say, Hint: hint}
}

// syncedOf is what a synchronisation brought; what there is nobody for is left
// out.
type syncedOf struct {
	*uploadOf
	Cards     *settledOf `json:"cards,omitempty"`
	CardsOwed bool       `json:"cards_owed,omitempty"`
}

func syncedView(r till.Synced, texts *lang.Texts) syncedOf {
	out := syncedOf{CardsOwed: r.CardsOwed}
	if r.Journal != nil {
		v := uploadView(*r.Journal, texts)
		out.uploadOf = &v
	}
	if r.Cards != nil {
		v := settledView(*r.Cards)
		out.Cards = &v
	}
	return out
}

// WriteSynced writes what a synchronisation brought as the method journal.sync
// answers it.
func WriteSynced(w io.Writer, r till.Synced, texts *lang.Texts) error {
	return json.NewEncoder(w).Encode(syncedView(r, texts))
}
