// Package ledger is the shop's book: an append-only, gap-free, hash-chained
// journal on SQLite, and the projections that derive from it.
//
// Every change of money is an entry; corrections are new entries. Projections
// (sales, payments, refunds, shifts, totals) are written in the entry's own
// transaction by the same fold that Rebuild uses. The end of the chain is kept
// outside the database too, because a truncated write-ahead log passes every
// check of SQLite and of the chain itself.
package ledger
