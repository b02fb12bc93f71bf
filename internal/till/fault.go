package till

// The codes of faults. internal/lang has a sentence and a remedy for each; the
// comment names the arguments.
const (
	FaultNotReady          = "not-ready"           // the books are still being opened
	FaultNotSignedIn       = "not-signed-in"       //
	FaultWrongPIN          = "wrong-pin"           // tries left (int)
	FaultLockedOut         = "locked-out"          // until (time.Time)
	FaultNotPermitted      = "not-permitted"       // needed role (string)
	FaultNoShift           = "no-shift"            //
	FaultShiftOpen         = "shift-open"          // shift (string)
	FaultNoSale            = "no-sale"             // sale (string, may be empty)
	FaultSaleClosed        = "sale-closed"         // sale, state (string)
	FaultFrontOpen         = "front-open"          // no other sale comes to the front: the one there is not finished; sale (string)
	FaultSaleEmpty         = "sale-empty"          //
	FaultSalePaid          = "sale-paid"           // money has been taken: refund it first; sale (string)
	FaultPaymentOpen       = "payment-open"        // an attempt is in the air: no second charge, no change; payment (string)
	FaultUnknownGoods      = "unknown-goods"       // text (string)
	FaultSeveralGoods      = "several-goods"       // text (string), how many (int)
	FaultBadQuantity       = "bad-quantity"        //
	FaultBadAmount         = "bad-amount"          // text (string)
	FaultTooMuch           = "too-much"            // most allowed (money.Amount)
	FaultTooLittle         = "too-little"          // least needed (money.Amount)
	FaultNothingDue        = "nothing-due"         //
	FaultNoLine            = "no-line"             // line (int)
	FaultBadDiscount       = "bad-discount"        //
	FaultReasonNeeded      = "reason-needed"       //
	FaultNoPayment         = "no-payment"          // payment (string)
	FaultPaymentFinal      = "payment-final"       // payment, state (string)
	FaultMethodOff         = "method-off"          // method (string)
	FaultCannotPresent     = "cannot-present"      // method (string)
	FaultNotPayCode        = "not-pay-code"        // what was scanned, masked (string)
	FaultMerchantPage      = "merchant-page"       // the customer shows the wrong page
	FaultWrongChannel      = "wrong-channel"       // channel of the code (string)
	FaultCodeUsed          = "code-used"           // this pay code has an attempt already
	FaultHuabei            = "huabei"              // instalments not allowed here
	FaultNoRefund          = "no-refund"           // refund (string)
	FaultRefundTooMuch     = "refund-too-much"     // left (money.Amount)
	FaultNotRefundable     = "not-refundable"      // payment, state (string)
	FaultNoReport          = "no-report"           // number (int64)
	FaultKeyReused         = "key-reused"          // key (string)
	FaultBadInput          = "bad-input"           // which field (string)
	FaultDiskFull          = "disk-full"           // nothing was written: there was no room
	FaultNoSpace           = "no-space"            // nothing new is begun; free, and what must be (doctor.Bytes)
	FaultJournalStopped    = "journal-stopped"     // the book takes no entries; detail (string)
	FaultJournalBroken     = "journal-broken"      // the book does not verify; first bad number (int64), detail (string), why (string, a word of ledger.Verdict)
	FaultNotStarted        = "not-started"         // what a start needs is wrong, the book is not; what (string)
	FaultNewerBook         = "newer-book"          // the book was written by a newer program
	FaultNoKeeper          = "no-keeper"           // nobody keeps a copy of the journal
	FaultSandboxOnly       = "sandbox-only"        //
	FaultTerminalOwes      = "terminal-owes"       // the bank terminal still owes the end of another payment or refund; which (string)
	FaultSwipeThere        = "swipe-there"         // cards are taken by the bank terminal
	FaultSwipeAgain        = "swipe-again"         // a card's stripe was not read whole
	FaultChipCard          = "chip-card"           // a chip card was swiped
	FaultNoCard            = "no-card"             // no card was put into the reader in time
	FaultCardPIN           = "card-pin"            // this card payment needs the cardholder's PIN
	FaultCardPINForm       = "card-pin-form"       //
	FaultNoCardPIN         = "no-card-pin"         // no PIN of a bank's card is keyed at this till
	FaultCardTerminal      = "card-terminal"       // the bank terminal did not do what was asked
	FaultCardHost          = "card-host"           // the card host did not do what was asked
	FaultNoHolds           = "no-holds"            // nothing here keeps money of a card aside
	FaultNoHold            = "no-hold"             // hold (string)
	FaultHoldState         = "hold-state"          // hold, state (string)
	FaultHoldTooMuch       = "hold-too-much"       // held (money.Amount)
	FaultHoldNotToday      = "hold-not-today"      // completed on another day: refund it; payment (string)
	FaultSlipNumbers       = "slip-numbers"        // not the numbers of a slip
	FaultSlipUsed          = "slip-used"           // the slip is that of another payment; which (string)
	FaultTellsItself       = "tells-itself"        // its end is not a person's to tell; which (string)
	FaultClosing           = "closing"             // the till is shutting down
	FaultInternal          = "internal"            // detail (string)
	FaultPrepaidNumber     = "prepaid-number"      // not a number of the shop's cards: misread, or mistyped; what was read, masked (string)
	FaultNoPrepaid         = "no-prepaid"          // a card that this till has not issued; mask (string)
	FaultPrepaidExists     = "prepaid-exists"      // mask (string)
	FaultPrepaidFrozen     = "prepaid-frozen"      // mask (string)
	FaultPrepaidOver       = "prepaid-over"        // mask, last day (string)
	FaultPrepaidNotOver    = "prepaid-not-over"    // nothing to book off; mask (string)
	FaultPrepaidShort      = "prepaid-short"       // on the card (money.Amount)
	FaultPrepaidFull       = "prepaid-full"        // most allowed on a card (money.Amount)
	FaultPrepaidForPrepaid = "prepaid-for-prepaid" // a prepaid card does not top another one up
	FaultPINNeeded         = "pin-needed"          // mask (string)
	FaultPrepaidPIN        = "prepaid-pin"         // wrong; tries left (int)
	FaultPINForm           = "pin-form"            //
	FaultTopUpAlone        = "top-up-alone"        // goods and top-up do not go on one sale
	FaultTopUpSpent        = "top-up-spent"        // left on the card (money.Amount)
	FaultFindUnasked       = "find-unasked"        // not in the book, and not everybody could be asked: the channels that could not (string each)
	FaultFoundElsewhere    = "found-elsewhere"     // an order of the shop's that this till did not make; channel, order (string)
	FaultFoundOtherBook    = "found-other-book"    // an order that this till made and that is not in this book; channel, order (string)
	FaultNotOwed           = "not-owed"            // nothing waits there for a person; refund, state (string)
)

// What the printer says of itself: the code is noticePrinter and the Cause of
// its link. It is taken back when it holds no longer.
const (
	noticePrinter = "printer-"

	NoticePrinterNoAnswer  = "printer-no-answer"
	NoticePrinterCoverOpen = "printer-cover-open"
	NoticePrinterPaperOut  = "printer-paper-out"
	NoticePrinterFault     = "printer-fault"
	NoticePrinterOffline   = "printer-offline"
	NoticePrinterPaperLow  = "printer-paper-low"
	NoticePrinterUnproven  = "printer-unproven" // it prints and does not say when that is done
)

// The codes of notices: things that happened by themselves.
const (
	NoticeSettled         = "settled"          // after a restart; payment, state (string)
	NoticeAsideEnded      = "aside-ended"      // not the payment that the sale in front shows; payment, state (string)
	NoticeLatePaid        = "late-paid"        // paid after it was given up or refused, being returned; payment (string)
	NoticeStillPayable    = "still-payable"    // ended, and the customer could pay it yet: being undone; payment (string)
	NoticePaidBack        = "paid-back"        // payment (string)
	NoticeGivenBack       = "given-back"       // found paid, and others have given some of it back at the acquirer; payment (string)
	NoticeRefundDone      = "refund-done"      // refund (string)
	NoticeRefundFailed    = "refund-failed"    // refund (string)
	NoticeRefundOwed      = "refund-owed"      // the refund of money that came late was refused: a person must end it; refund (string)
	NoticePrintFailed     = "print-failed"     // sale (string)
	NoticePrintUnknown    = "print-unknown"    // sale (string): look at the paper, reprint is a copy
	NoticeReportUnprinted = "report-unprinted" // number (string) of a Z that did not print, or not wholly
	NoticeRefundUnprinted = "refund-unprinted" // its slip did not print, or not wholly; refund (string)
	NoticeDrawerStuck     = "drawer-stuck"     // the drawer was not opened
	NoticeHoldSettled     = "hold-settled"     // by itself; hold, state (string)
	NoticeHoldFailed      = "hold-failed"      // a hold could not be released; hold (string)
	NoticeSlipUnprinted   = "slip-unprinted"   // the paper of a hold; hold (string)
	NoticeStranger        = "stranger"         // an answer that belongs to nobody; channel (string)
	NoticeLateKept        = "late-kept"        // a payment came late to a sale whose money has been given back: it is kept; payment (string)
	NoticeLateCounts      = "late-counts"      // a payment came after it was given up, and its sale was still owed it: it is kept; payment (string)
	NoticeChannelGone     = "channel-gone"     // no longer configured, and payments of it are in doubt; channel (string)
	NoticeChannelStopped  = "channel-stopped"  // configuration refused; channel (string)
	NoticeResumed         = "resumed"          // how many were open at the start (int)
	NoticeRecovered       = "recovered"        // an unfinished sale was found; sale (string)
	NoticeLastDone        = "last-done"        // the last sale was done just before the till was cut off; sale (string), total (money.Amount)
	NoticeJournalDiffers  = "journal-differs"  // the copy of the journal is not of this journal; entry (int64)
	NoticeDoubles         = "doubles"          // at day end: how many charges may have been taken twice (int)
	NoticeCardsSettled    = "cards-settled"    // by itself, and all agree; batch (string), how many transactions (int)
	NoticeCardsDiffer     = "cards-differ"     // settled, but host, terminal and journal do not count the same; batch (string)
	NoticeCardsUnsettled  = "cards-unsettled"  // the host did not settle yet, it is tried again
	NoticeSpaceLow        = "space-low"        // free, and from where on nothing new is sold (doctor.Bytes)
	NoticeSpaceFull       = "space-full"       // nothing new is sold; free, and what must be (doctor.Bytes)
	NoticeSpaceSells      = "space-sells"      // sells again, and should have more; free, and from where on it does not (doctor.Bytes)
	NoticeSpaceBack       = "space-back"       // enough again; free (doctor.Bytes)
	NoticeContradiction   = "contradiction"    // the acquirer now says otherwise about an ended payment; payment (string), what it says (string)
)

// The file that guards the book's end.
const (
	NoticeHeadMissing   = "head-missing"   // gone or unreadable at the start; it is made anew
	NoticeHeadUnwritten = "head-unwritten" // it cannot be written
)

// NoticeUnchecked says that the check of the whole book could not run; it is
// tried again.
const NoticeUnchecked = "book-unchecked"

// How a scanner with a line of its own does: DeviceScanner, "-" and the
// device's Trouble; the scanner (string).
const (
	NoticeScannerBack        = "scanner-back"
	NoticeScannerGone        = "scanner-gone"        // unplugged
	NoticeScannerMissing     = "scanner-missing"     // never seen since the start
	NoticeScannerDenied      = "scanner-denied"      // no permission
	NoticeScannerBusy        = "scanner-busy"        // another program holds it
	NoticeScannerKeyboard    = "scanner-keyboard"    // somebody's keyboard was configured
	NoticeScannerUnsupported = "scanner-unsupported" // this system cannot grab one
	NoticeScannerFlood       = "scanner-flood"       // more codes than the till takes; some were dropped
	NoticeScannerBroken      = "scanner-broken"      // anything else
)

// How the customer display does, in the same manner: DeviceDisplay.
const (
	NoticeDisplayBack    = "display-back"
	NoticeDisplayGone    = "display-gone"
	NoticeDisplayMissing = "display-missing"
	NoticeDisplayDenied  = "display-denied"
	NoticeDisplayBusy    = "display-busy"
	NoticeDisplayBroken  = "display-broken"
)
