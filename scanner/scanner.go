// Package scanner takes in what comes from the counter: keystrokes of a
// keyboard-wedge scanner, told from a person's typing (Wedge), and scanned
// text, told apart by its content (Parse).
//
// It reads no clock and does no I/O; whoever owns the keyboard brings the times.
package scanner
