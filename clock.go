package main

import "time"

// clock is where everything in the program takes the time from. Nothing that a
// user can set reaches it: tests exchange it, to run real processes whose clock
// is wrong or jumps.
var clock = time.Now
