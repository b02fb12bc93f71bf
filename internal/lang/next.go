package lang

// What happens next about money in doubt, by the till's word for it; {0} is when.
var nextChinese = map[string]string{
	"asking":  "正在询问收单方。",
	"ask":     "{0} 再问收单方,一直问到有结果。",
	"send":    "收单方没有这笔退款,{0} 用原单号再发一次。",
	"turn":    "正在排队等刷卡机。",
	"queued":  "正在排队,前面的查询结束后就轮到这笔。",
	"slip":    "刷卡机说不出结果,请主管按单据登记。",
	"person":  "请主管再退一次,或登记已另行退还。",
	"stopped": "这种收款方式已停用,问不到收单方,请主管检查设置。",
	"undo":    "撤销会一直重复到得到确认,下次 {0}。",
	"undoing": "撤销会一直重复到得到确认,正在进行。",
}

var nextEnglish = map[string]string{
	"asking":  "The acquirer is being asked.",
	"ask":     "The acquirer is asked again at {0}, and on until it tells.",
	"send":    "The acquirer has no such refund; it is sent once more under its number at {0}.",
	"turn":    "It waits for its turn at the bank terminal.",
	"queued":  "It waits for its turn; this channel is asked one by one.",
	"slip":    "The bank terminal cannot tell; a manager enters what its slip says.",
	"person":  "A manager tries it again, or enters how the money went back otherwise.",
	"stopped": "Its channel is switched off, so nobody can be asked; a manager must check the settings.",
	"undo":    "The reversal is repeated until it is acknowledged, next at {0}.",
	"undoing": "The reversal is repeated until it is acknowledged; one is out.",
}

// Next says what happens next by itself, or what waits for a person.
func (t *Texts) Next(word, at string) string { return t.fill(t.Say.Next[word], []any{at}) }
