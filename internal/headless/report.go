package headless

import (
	"encoding/json"
	"io"

	"abacus/ledger"
)

// WriteReport writes an X or Z as report.x and report.z answer it.
func WriteReport(w io.Writer, r ledger.Report) error {
	return json.NewEncoder(w).Encode(reportView(r))
}
