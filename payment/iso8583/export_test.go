package iso8583

// Begin is the record's own, for tests from outside.
func Begin(r *Record, s Slip) (Slip, error) { return r.begin(s) }
