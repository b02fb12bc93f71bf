package pinpad

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/encoding/simplifiedchinese"

	"abacus/internal/money"
)

// kind is a transaction type of the record. Source: the bankall interface
// description (types 00 to 06, 21 to 24, 60 and 64).
type kind string

const (
	kindSale           kind = "00"
	kindVoid           kind = "01"
	kindRefund         kind = "02"
	kindBalance        kind = "03"
	kindLast           kind = "04" // with trace 000000 the last transaction, else that one
	kindSignOn         kind = "05"
	kindSettle         kind = "06"
	kindHold           kind = "21" // pre-authorisation
	kindHoldCancel     kind = "22"
	kindComplete       kind = "23" // takes the money held, or less of it
	kindCompleteCancel kind = "24"
	kindCode           kind = "60" // sale by the code on the customer's phone
)

// request is what the till asks; empty fields travel as zeros or blanks.
type request struct {
	kind      kind
	amount    money.Amount
	date      string // of the original, yyyymmdd
	reference string // of the original, 12 digits
	trace     int    // of the original
	auth      string // of the pre-authorisation, 6 characters
	code      string // the customer's, for kindCode
}

// width of a request's record, and of the additional data that follows it where
// there is any.
const (
	requestWidth = 59
	extraWidth   = 100
)

// mostAmount is what twelve digits hold, and money.Amount too.
const mostAmount = 999_999_999_999

// encode writes the record: till 8, operator 8, type 2, amount 12 in fen, date
// and reference and trace of the original 8, 12 and 6, check digits 3.
func (q request) encode(till, operator, check string) ([]byte, error) {
	amount := q.amount.Minor()
	if amount < 0 || amount > mostAmount || len(q.date) > 8 || len(q.reference) > 12 || len(q.code) > extraWidth || len(q.auth) > extraWidth {
		return nil, errors.New("a field does not fit into the terminal's record")
	}
	trace := "000000"
	if q.trace > 0 {
		trace = fmt.Sprintf("%06d", q.trace)
	}
	text := pad(till, 8) + pad(operator, 8) + string(q.kind) + fmt.Sprintf("%012d", amount) +
		pad(q.date, 8) + pad(q.reference, 12) + trace + check
	if extra := q.code + q.auth; extra != "" {
		text += pad(extra, extraWidth)
	}
	return []byte(text), nil
}

// pad makes text exactly width bytes of printable ASCII, left-aligned.
func pad(text string, width int) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, text)
	return fmt.Sprintf("%-*.*s", width, width, text)
}

// Record is one transaction as the terminal tells it. It holds nothing of a
// card but its first six and last four digits.
type Record struct {
	Code      string // "00" is done
	Issuer    string // four digits, see lang
	Card      string // masked
	Trace     int    // 凭证号; 0: none
	Amount    money.Amount
	Text      string // the terminal's words
	Merchant  string
	Terminal  string
	Batch     string
	Date      string // MMDD
	Time      string // HHMMSS
	Reference string // 参考号, the network's
	Auth      string
	check     string
}

// responseWidth is the record's: code 2, issuer 4, card 20, trace 6, amount 12,
// text 40 in GBK, merchant 15, terminal 8, batch 6, date 4, time 6, reference
// 12, authorisation 6, settlement date 4, check digits 3.
const responseWidth = 148

var errRecord = errors.New("the terminal's answer is not a record of its dialect")

// parse reads a response record. Additional data behind it is not looked at.
func parse(data []byte) (Record, error) {
	if len(data) < responseWidth {
		return Record{}, errRecord
	}
	field := func(width int) string {
		text := data[:width]
		data = data[width:]
		return clean(text)
	}
	r := Record{Code: field(2), Issuer: field(4), Card: maskCard(field(20))}
	trace, amount := field(6), field(12)
	r.Text, r.Merchant, r.Terminal, r.Batch = hideNumbers(field(40)), field(15), field(8), field(6)
	r.Date, r.Time, r.Reference, r.Auth = field(4), field(6), field(12), field(6)
	_ = field(4)
	r.check = field(3)
	number, traceOK := digitsOf(trace, 6)
	fen, amountOK := digitsOf(amount, 12)
	if len(r.Code) != 2 || len(r.check) != 3 || !traceOK || !amountOK || !printable(r.Code+r.Reference+r.Issuer+r.Batch+r.Auth) {
		return Record{}, errRecord
	}
	if r.Code == approved && (strings.Trim(r.Date, "0123456789") != "" || strings.Trim(r.Time, "0123456789") != "") {
		return Record{}, errRecord
	}
	r.Trace, r.Amount = int(number), money.Fen(fen)
	return r, nil
}

// digitsOf reads a number; blank is nothing.
func digitsOf(text string, width int) (int64, bool) {
	if text == "" {
		return 0, true
	}
	if len(text) > width || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}

func printable(text string) bool {
	for _, r := range text {
		if r < ' ' || r > '~' {
			return false
		}
	}
	return true
}

// clean reads GBK; control characters, which a terminal would obey, and what is
// no GBK become blanks.
func clean(data []byte) string {
	text, err := simplifiedchinese.GBK.NewDecoder().Bytes(data)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, string(text)))
}

// maskCard leaves the first six and the last four digits of a card number,
// whatever the terminal sent; what is too short to be one is not shown.
func maskCard(card string) string {
	switch n := len(card); {
	case card == "":
		return ""
	case n < 13 || !printable(card):
		return "****"
	default:
		return card[:6] + strings.Repeat("*", n-10) + card[n-4:]
	}
}

var cardNumber = regexp.MustCompile(`[0-9][0-9 -]{11,}[0-9]`)

// hideNumbers masks what could be a card number in the terminal's words.
func hideNumbers(text string) string {
	return cardNumber.ReplaceAllStringFunc(text, maskCard)
}
