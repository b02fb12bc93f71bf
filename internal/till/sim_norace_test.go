//go:build !race

package till_test

const shortRuns = 30
