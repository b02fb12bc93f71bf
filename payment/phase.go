package payment

// Phase is where an attempt stands inside the till; screens see it beside the
// payment's state.
type Phase string

// The phases of an attempt.
const (
	Preparing Phase = "preparing" // the terminal is asked whether it is ready; nothing has been sent
	Sending   Phase = "sending"   // charge or present sent, nothing known yet
	Shown     Phase = "shown"     // order code on the screen, or the customer enters a password
	Asking    Phase = "asking"    // in doubt: being queried
	Undoing   Phase = "undoing"   // being reversed or closed, until acknowledged
	Ended     Phase = "ended"     // paid, declined or reversed
	Watching  Phase = "watching"  // reversed or refused, and asked about again for a late success
)
