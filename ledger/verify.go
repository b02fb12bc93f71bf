package ledger

const (
	WhyGap      = "gap"
	WhyPrevious = "previous"
	WhyHash     = "hash"
)
