package doctor

// Bytes is an amount of room on a disk.
type Bytes int64

// String is the amount for people.
func (b Bytes) String() string {
	const kilo, mega, giga = 1 << 10, 1 << 20, 1 << 30
	switch {
	case b >= 10*giga:
		return itoa(int64(b/giga)) + " GiB"
	case b >= mega:
		return itoa(int64(b/mega)) + " MiB"
	}
	return itoa(int64(b/kilo)) + " KiB"
}

// Level is how much room the book's disk has left, as far as selling goes.
type Level string

// The levels.
const (
	Enough Level = "enough"
	Low    Level = "low"  // a person should see to it; the till sells
	Full   Level = "full" // nothing new is sold: the rest is for what has begun, and for the day's end
)

// Limits are where the levels begin. The till and its doctor go by the same.
type Limits struct {
	Warn Bytes // with less it is Low
	Stop Bytes // with less it is Full
}

// Level judges how much is free. A level that held is left an eighth above where
// it begins: else a file that comes and goes there would have the till stop and
// sell again by turns.
func (l Limits) Level(free Bytes, held Level) Level {
	switch {
	case free < l.Stop || held == Full && free < l.Back(Full):
		return Full
	case free < l.Warn || held != Enough && held != "" && free < l.Back(Low):
		return Low
	}
	return Enough
}

// Back is what must be free for a level to be left.
func (l Limits) Back(level Level) Bytes {
	limit := l.Warn
	if level == Full {
		limit = l.Stop
	}
	return limit + limit/8
}
