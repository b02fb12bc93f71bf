//go:build race

package till_test

// shortRuns is few under the race detector, which makes a simulated day some
// twenty times longer and looks for something else.
const shortRuns = 4
