package till_test

// simBug is a known mistake, put in to see whether the simulation finds it.
type simBug struct{}
