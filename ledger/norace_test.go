//go:build !race

package ledger

const thin = 1
