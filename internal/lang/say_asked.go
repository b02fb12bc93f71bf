package lang

import "abacus/internal/money"

// Asked says what an acquirer said of a payment just now, beside what the book
// has. The book's word comes from Payment; this is only the acquirer's.
func (t *Texts) Asked(a AskedOf) (say, hint string) {
	key, why := a.key(), ""
	if key == "unknown" {
		if why = t.Say.Reasons[a.Reason].Clause; why == "" {
			key = "silent"
		}
	}
	s, args := t.Say.Asked[key], []any{a.Channel, a.Outcome, a.State, a.Refunded}
	return t.fill(s.Say, args) + t.closed(why), t.fill(s.Hint, args)
}

// AskedOf is what asking came to, in the words of the till and the journal.
type AskedOf struct {
	Channel, Outcome, Reason string       // the acquirer's; Outcome is "unknown" when it could not tell
	State                    string       // the book's
	Refunded                 money.Amount // of it has gone back since, or is on its way
	Nobody, Heard            bool
	Never                    bool // no question about it has ended yet
}

func (a AskedOf) key() string {
	paid, unpaid := a.Outcome == "paid", a.Outcome == "declined" || a.Outcome == "reversed"
	switch {
	case a.Nobody:
		return "nobody"
	case !a.Heard && a.Never:
		return "unasked"
	case !a.Heard:
		return "silent"
	case !paid && !unpaid && a.Outcome != "waiting":
		return "unknown"
	case a.State != "paid" && a.State != "declined" && a.State != "reversed":
		return "open"
	case paid && a.State == "paid" && a.Refunded.Positive():
		return "paid-back"
	case paid && a.State == "paid" && a.Reason == "given-back":
		return "gone"
	case paid && a.State == "paid":
		return "paid"
	case unpaid && a.State != "paid":
		return "unpaid"
	case a.Refunded.Positive() && a.State == "paid":
		return "refunded"
	}
	return "differs"
}

// Differs reports whether the acquirer contradicts the book.
func (a AskedOf) Differs() bool { return a.key() == "differs" || a.key() == "gone" }

// Agrees reports whether the acquirer says what the book says.
func (a AskedOf) Agrees() bool {
	key := a.key()
	return key == "paid" || key == "paid-back" || key == "unpaid"
}

// closed is a reason's clause as a sentence.
func (t *Texts) closed(clause string) string {
	switch {
	case clause == "":
		return ""
	case t.Tag == Chinese:
		return clause + "。"
	}
	return clause + "."
}

var askedEnglish = map[string]Sentence{
	"paid":      {"{w0} says: paid, as the books say.", "The customer has paid; nothing to do."},
	"paid-back": {"{w0} says: it was paid. By the books {3} of it went back since, or is on its way.", "Look at the refund."},
	"gone":      {"{w0} says: it was paid, and some has been given back there since. The books have no refund.", "A manager must look there how much."},
	"unpaid":    {"{w0} says: {w1}. By the books too no money is kept.", "Nothing to do."},
	"refunded":  {"{w0} says: {w1}. By the books it was paid, and refunded.", "Look at the refund."},
	"open":      {"{w0} says: {w1}.", "The till goes on by itself; do what it says of this payment."},
	"differs":   {"{w0} says: {w1}, the books say: {w2}.", "Promise the customer nothing; a manager must look at it."},
	"unknown":   {"", "Nothing new is known: what the books say holds. Ask again in a minute."},
	"silent":    {"{w0} has not answered.", "Nothing new is known: what the books say holds. Ask again in a minute."},
	"unasked":   {"{w0} has not been asked yet, or its first answer is still out.", "The till asks by itself when its turn comes. What the books say holds."},
	"nobody":    {"There is nobody to ask: it was taken by this till itself.", "What the books say is certain."},
}

var askedChinese = map[string]Sentence{
	"paid":      {"{w0}说:收款成功,与本机账上一致。", "顾客已经付款,不用再做什么。"},
	"paid-back": {"{w0}说:收过款。本机账上其中 {3} 已退回或正在退回。", "请看退款的结果。"},
	"gone":      {"{w0}说:收过款,但那边已有退款。本机账上没有退款。", "请主管到那边的后台核对退了多少。"},
	"unpaid":    {"{w0}说:{w1}。本机账上也没有收款。", "不用再做什么。"},
	"refunded":  {"{w0}说:{w1}。本机账上是已收款并已退款。", "请看退款的结果。"},
	"open":      {"{w0}说:{w1}。", "系统会自己处理,请按这笔付款的提示做。"},
	"differs":   {"{w0}说:{w1},本机账上:{w2}。", "不要答应顾客什么,请主管处理。"},
	"unknown":   {"", "没有新的结果,以本机账上为准,请过一分钟再问。"},
	"silent":    {"{w0}没有回答。", "没有新的结果,以本机账上为准,请过一分钟再问。"},
	"unasked":   {"还没有问到{w0},或第一次的回答还没有来。", "轮到时系统会自己问,以本机账上为准。"},
	"nobody":    {"这笔是本机自己收的,没有别人可问。", "以本机账上为准。"},
}
