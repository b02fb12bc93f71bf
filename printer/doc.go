// Package printer puts sales and reports on paper and on the screen.
//
// It knows nothing of the books: the till fills plain structs (Receipt,
// RefundSlip, Report), which become a Document, a list of rows that has no
// width yet. ESCPOS and Text give it the width of a paper or of a screen. A
// Sink takes the bytes to a printer, and the Spooler does so in the
// background, in order, and never the same job twice.
package printer
