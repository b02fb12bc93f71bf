// Package iso8583 takes cards at an acquirer's host that speaks ISO 8583 the
// way UnionPay's terminals do: sign-in with key exchange, sale, void, refund,
// reversal, balance inquiry, settlement with batch upload, and echo, each with
// TPDU, header and MAC.
//
// Live card traffic needs a certified terminal: a till must see neither track
// nor PIN. This link serves laboratories, sealed relays and tests.
//
// Such a host cannot be asked what became of an order. What is certain is in
// the terminal's own record (Record): every transaction is on disk there with
// its trace and batch number before it leaves. One whose answer did not come
// is reversed, and until the host has acknowledged that, nothing else that
// touches money goes out, after a restart neither. What is not in the record
// has never left. The settlement of a batch is kept there too, until somebody
// has taken what came of it.
package iso8583
