package iso8583

// Begin is the record's own, for tests from outside.
func Begin(r *Record, s Slip) (Slip, error) { return r.begin(s) }

// Most makes a batch full with so many sales or returns.
func Most(c *Client, most int) { c.most = most }
