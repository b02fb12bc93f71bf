package headless

import (
	"encoding/json"
	"io"

	"abacus/internal/lang"
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

// WriteUpload writes how far the copy goes as the method journal.sync answers
// it.
func WriteUpload(w io.Writer, s upload.Status, texts *lang.Texts) error {
	return json.NewEncoder(w).Encode(uploadView(s, texts))
}
