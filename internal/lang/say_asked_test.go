package lang_test

import (
	"regexp"
	"strings"
	"testing"

	"abacus/internal/lang"
	"abacus/internal/money"
)

// Whatever an acquirer says, and whatever the book has, there is a sentence for
// it and a thing to do, and none of them calls paid what the acquirer has not.
func TestEveryAnswerToAQuestionHasASentence(t *testing.T) {
	reasons := constants(t, "../../payment/payment.go", "Reason", "")
	paid := regexp.MustCompile(`收款成功|已经付款|says: paid|has paid`)
	for _, l := range both {
		for _, outcome := range []string{"paid", "declined", "reversed", "waiting", "unknown", "new-word"} {
			for _, state := range append(constants(t, "../../ledger/state.go", "PaymentState", "Payment"), "new-state") {
				for _, reason := range append(reasons, "new-reason") {
					for bits := range 16 {
						a := lang.AskedOf{Channel: "wechat", Outcome: outcome, Reason: reason, State: state,
							Refunded: money.Fen(int64(bits&1) * 500), Heard: bits&2 > 0, Nobody: bits&4 > 0, Never: bits&8 > 0}
						what := strings.Join([]string{"asked", outcome, state, reason}, "/")
						say, hint := l.Asked(a)
						sentence(t, l, what, say)
						sentence(t, l, what, hint)
						said := paid.MatchString(say + hint)
						if said && (outcome != "paid" || a.Nobody || !a.Heard) {
							t.Errorf("%s %s: %s %s", l.Tag, what, say, hint)
						}
						if a.Differs() && a.Agrees() || a.Differs() && !strings.Contains(hint, map[lang.Tag]string{lang.Chinese: "主管", lang.English: "manager"}[l.Tag]) {
							t.Errorf("%s %s: a contradiction is for a manager: %s", l.Tag, what, hint)
						}
					}
				}
			}
		}
	}
	for key := range both[0].Say.Asked {
		if _, ok := both[1].Say.Asked[key]; !ok || len(both[0].Say.Asked) != len(both[1].Say.Asked) {
			t.Errorf("%s is in one language only", key)
		}
	}
}
