// Package pinpad takes money through a bank terminal beside the till
// (收银一体化, semi-integrated): the till sends an amount, the terminal does
// card, PIN, QR code, host and reversal, and answers approved or declined. No
// PIN and no whole card number ever come here.
//
// The dialect is the fixed-width record of the widely published bankall
// interface (银联商务 MIS), in frames STX LEN DATA ETX LRC with ACK and NAK.
// Another acquirer's dialect is another table of fields and codes.
//
// Such a terminal knows no order numbers: each of its transactions has a trace
// number (凭证号), one above the one before. What became of a charge whose
// answer is lost is told by asking for the last transaction and, if need be,
// for those between it and where the terminal stood before (mark.go,
// lookup.go). A request whose ACK is lost is never sent again: many terminals
// would charge twice.
package pinpad
