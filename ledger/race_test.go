//go:build race

package ledger

// thin leaves out most of the exhaustive crash tests under the race detector,
// which makes SQLite some thirty times slower and looks for something else.
const thin = 12
