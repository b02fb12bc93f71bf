package lang_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"

	"abacus/internal/doctor"
	"abacus/internal/lang"
	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

// constants reads the string constants of a file whose name starts so, so
// that a new one without a sentence is noticed here.
func constants(t *testing.T, path, typeName, prefix string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 || !strings.HasPrefix(spec.Names[0].Name, prefix) {
			return true
		}
		if id, _ := spec.Type.(*ast.Ident); typeName != "" && (id == nil || id.Name != typeName) {
			return true
		}
		if value, ok := spec.Values[0].(*ast.BasicLit); ok && value.Kind == token.STRING {
			text, err := strconv.Unquote(value.Value)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, text)
		}
		return true
	})
	if len(out) < 3 {
		t.Fatalf("%s: found only %v", path, out)
	}
	return out
}

var both = []*lang.Texts{lang.Must(lang.Chinese), lang.Must(lang.English)}

// widest is what a screen of 80 columns shows in two lines.
const widest = 2 * 70

// fullWidth are the marks Chinese texts do without: comma, colon, semicolon,
// exclamation and question mark, parentheses, quotation marks.
const fullWidth = "\uff0c\uff1a\uff1b\uff01\uff1f\uff08\uff09\u300c\u300d\u201c\u201d\u3001"

// sentence checks one text as a person reads it.
func sentence(t *testing.T, l *lang.Texts, what, text string) {
	t.Helper()
	stop := map[lang.Tag]string{lang.Chinese: "。", lang.English: "."}[l.Tag]
	switch {
	case text == "":
		t.Errorf("%s %s: empty", l.Tag, what)
	case !strings.HasSuffix(text, stop):
		t.Errorf("%s %s: no full stop: %s", l.Tag, what, text)
	case strings.ContainsAny(text, "{}"):
		t.Errorf("%s %s: an argument is missing: %s", l.Tag, what, text)
	case strings.Contains(text, "param-"), l.Tag == lang.English && strings.ContainsAny(text, fullWidth+"\u3002"):
		t.Errorf("%s %s: %s", l.Tag, what, text)
	case l.Tag == lang.Chinese && strings.ContainsAny(text, fullWidth):
		t.Errorf("%s %s: only 。 is full-width: %s", l.Tag, what, text)
	case l.Tag == lang.English && strings.ContainsFunc(text, func(r rune) bool { return r >= 0x2e80 }):
		t.Errorf("%s %s: Chinese in English: %s", l.Tag, what, text)
	case strings.Contains(text, stop+stop), strings.Contains(text, ",,"), strings.Contains(text, "  "):
		t.Errorf("%s %s: doubled: %q", l.Tag, what, text)
	case runewidth.StringWidth(text) > widest:
		t.Errorf("%s %s: %d cells wide: %s", l.Tag, what, runewidth.StringWidth(text), text)
	}
}

func TestEveryPaymentHasASentence(t *testing.T) {
	states := constants(t, "../../ledger/state.go", "PaymentState", "Payment")
	phases := append(constants(t, "../../payment/phase.go", "Phase", ""), "")
	reasons := constants(t, "../../payment/payment.go", "Reason", "")
	for _, l := range both {
		for _, reason := range reasons {
			if _, ok := l.Say.Reasons[reason]; !ok && reason != "" {
				t.Errorf("%s: no words for the reason %s", l.Tag, reason)
			}
			for _, state := range append(states, "new-state") {
				for _, phase := range phases {
					for _, present := range []bool{false, true} {
						say, hint := l.Payment(lang.PaymentOf{State: state, Phase: phase, Reason: reason, Present: present})
						what := strings.Join([]string{state, phase, reason, strconv.FormatBool(present)}, "/")
						sentence(t, l, what, say)
						sentence(t, l, what, hint)
					}
				}
			}
			for _, state := range append(constants(t, "../../ledger/state.go", "RefundState", "Refund"), "new-state") {
				say, hint := l.Refund(state, reason)
				sentence(t, l, "refund "+state+"/"+reason, say)
				sentence(t, l, "refund "+state+"/"+reason, hint)
			}
		}
		for _, reason := range reasons[1:] {
			r := l.Say.Reasons[reason]
			if r.Clause == "" || r.Do == "" {
				t.Errorf("%s %s: %+v", l.Tag, reason, r)
			}
		}
	}
}

// An open payment never sounds like the end of one, whatever the reason, and
// never lets anybody charge or hand over goods.
func TestDoubtNeverSoundsCertain(t *testing.T) {
	certain := regexp.MustCompile(`没有扣款|没有收款|收款成功|已撤销|可以重新收款|可以放行|no money|Paid\.|You may|may charge|[Cc]harge again[,.;]`)
	allowed := regexp.MustCompile(`(?i)do not( let the customer)? (charge|pay) again`)
	reasons := constants(t, "../../payment/payment.go", "Reason", "")
	for _, l := range both {
		for _, state := range []string{"waiting", "checking", "", "failed"} {
			for _, phase := range []string{"", "sending", "shown", "asking", "undoing"} {
				for _, reason := range append(reasons, "new-reason") {
					for _, present := range []bool{false, true} {
						say, hint := l.Payment(lang.PaymentOf{State: state, Phase: phase, Reason: reason, Present: present})
						text := allowed.ReplaceAllString(say+" "+hint, "")
						if found := certain.FindString(text); found != "" {
							t.Errorf("%s %s/%s/%s: %q in %s %s", l.Tag, state, phase, reason, found, say, hint)
						}
					}
				}
			}
		}
	}
}

func TestWellKnownSentences(t *testing.T) {
	for _, c := range []struct {
		state, phase, reason string
		present              bool
		say, hint            string
	}{
		{"checking", "asking", "no-answer", false, "网络中断,请求已发出,没有收到回答。", "请勿让顾客再次付款,也不要放行商品。"},
		{"checking", "asking", "configuration", false, "商户设置被收单方拒绝,结果未知。", "请勿让顾客再次付款,也不要放行商品。请主管检查通道设置。"},
		{"checking", "undoing", "no-answer", false, "网络中断,请求已发出,没有收到回答,正在撤销,还没有得到确认。", "撤销确认之前,请勿再次收款,也不要放行商品。"},
		{"waiting", "shown", "", true, "订单码已出示,等待顾客扫码付款。", "请顾客扫码付款,以本机显示为准。"},
		{"waiting", "asking", "password", false, "顾客正在输入密码。", "请等顾客在手机上完成付款,不要再次收款。"},
		{"declined", "ended", "code-expired", false, "付款码已过期,没有扣款。", "请顾客刷新付款码,再扫一次。"},
		{"reversed", "ended", "timed-out", true, "顾客没有及时付款,订单已关闭,没有收款。", "可以重新收款,请顾客刷新付款码。"},
		{"reversed", "watching", "not-found", false, "收单方查不到此单,付款已撤销,正在留意是否有迟到的扣款。", "可以重新收款,迟到的扣款会自动退回。"},
		{"reversed", "ended", "interrupted", true, "等顾客付款时收银台中断了,订单已关闭,没有收款。", "可以重新收款。"}, // the code was the till's
		{"paid", "ended", "", false, "收款成功。", "收足后即可放行商品。"},
	} {
		say, hint := both[0].Payment(lang.PaymentOf{State: c.state, Phase: c.phase, Reason: c.reason, Present: c.present})
		if say != c.say || hint != c.hint {
			t.Errorf("%+v\ngot %s %s", c, say, hint)
		}
	}
}

// Of money that has been refunded nothing is left to be given goods for, wherever
// and however the payment is looked at.
func TestWhatWasRefundedIsNotJustPaid(t *testing.T) {
	goods := regexp.MustCompile(`(?i)^hand over the|^收足|^可以放行|nothing to do|不用再做`)
	for i, l := range both {
		for _, reason := range []string{"", "late-success", "already-paid", "slip-says"} {
			p := lang.PaymentOf{State: "paid", Reason: reason, Amount: money.Fen(2000), Refunded: money.Fen(2000)}
			say, hint := l.Payment(p)
			sentence(t, l, "refunded", say)
			sentence(t, l, "refunded", hint)
			if want := []string{"全部退回", "all of it has gone back"}[i]; !strings.Contains(say, want) || goods.MatchString(hint) {
				t.Errorf("%s %s: %s %s", l.Tag, reason, say, hint)
			}
			p.Refunded = money.Fen(500)
			if say, hint = l.Payment(p); !strings.Contains(say, "5.00") || goods.MatchString(hint) {
				t.Errorf("%s %s, a part: %s %s", l.Tag, reason, say, hint)
			}
			sentence(t, l, "refunded in part", say)
			sentence(t, l, "refunded in part", hint)
		}
		of := lang.AskedOf{Channel: "wechat", Outcome: "paid", State: "paid", Refunded: money.Fen(2000), Heard: true}
		say, hint := l.Asked(of)
		if !strings.Contains(say, "20.00") || goods.MatchString(hint) || !of.Agrees() {
			t.Errorf("%s asked: %s %s", l.Tag, say, hint)
		}
		of.Reason, of.Refunded = "given-back", money.Fen(0) // by others: the books know nothing of it
		say, hint = l.Asked(of)
		if want := []string{"已有退款", "given back"}[i]; !strings.Contains(say, want) || goods.MatchString(hint) || of.Agrees() || !of.Differs() {
			t.Errorf("%s asked, given back by others: %s %s", l.Tag, say, hint)
		}
	}
}

// While a payment's end is not known there is something to tell the customer, in
// a line; none of it promises what only a person can find out.
func TestThereIsAWordForTheCustomer(t *testing.T) {
	byItself := regexp.MustCompile(`by itself|自动`)
	for i, l := range both {
		for _, reason := range constants(t, "../../payment/payment.go", "Reason", "") {
			for _, phase := range []string{"asking", "undoing"} {
				for _, present := range []bool{false, true} {
					tell := l.Customer(lang.PaymentOf{State: "checking", Phase: phase, Reason: reason, Present: present})
					sentence(t, l, "customer "+phase+"/"+reason, tell)
					if !strings.HasPrefix(tell, []string{"请告诉顾客:", "Tell the customer: "}[i]) || runewidth.StringWidth(tell) > 68 {
						t.Errorf("%s %s/%s: %s", l.Tag, phase, reason, tell)
					}
					if person := reason == "record-lost" || reason == "ambiguous"; person == byItself.MatchString(tell) && reason != "terminal-unsure" && reason != "channel-off" {
						t.Errorf("%s %s/%s: %s", l.Tag, phase, reason, tell)
					}
				}
			}
		}
		for _, state := range []string{"paid", "declined", "reversed"} {
			if tell := l.Customer(lang.PaymentOf{State: state}); tell != "" {
				t.Errorf("%s %s: %s", l.Tag, state, tell)
			}
		}
	}
}

// A reversal may have given back money that was taken while answers were lost:
// the customer's phone shows it as paid, and then as returned. Nobody is told
// that nothing was taken, and whoever sees it taken hears that it comes back.
func TestAnUndoneChargeMayHaveBeenSeen(t *testing.T) {
	back := regexp.MustCompile(`goes back by itself|returned by itself|came back|went back|自动退回|到账`)
	for _, l := range both {
		for _, reason := range append(constants(t, "../../payment/payment.go", "Reason", ""), "new-reason") {
			for _, phase := range []string{"ended", "watching", ""} {
				say, hint := l.Payment(lang.PaymentOf{State: "reversed", Phase: phase, Reason: reason})
				if !back.MatchString(say+hint) || strings.Contains(say, "没有收款") && reason != "late-success" && reason != "already-paid" {
					t.Errorf("%s %s/%s: %s %s", l.Tag, phase, reason, say, hint)
				}
			}
		}
	}
}

// Past a payment that a manager has let the sale go past nobody is told not to
// charge or to keep the goods, and where the sale is over nobody is told to charge.
func TestASaleThatGoesOnOrIsOverSaysSo(t *testing.T) {
	forbids := regexp.MustCompile(`(?i)do not|请勿|不要`)
	charges := regexp.MustCompile(`(?i)charge again|you may|take (cash|the money)|or charge|another (way|card)|fresh (pay )?code|scan again|重新收款|再收[,一]|再扫|重新出示|换一`)
	manager := regexp.MustCompile(`manager|主管`)
	for _, l := range both {
		for _, reason := range append(constants(t, "../../payment/payment.go", "Reason", ""), "new-reason") {
			for _, phase := range append(constants(t, "../../payment/phase.go", "Phase", ""), "") {
				for bits := range 4 {
					p := lang.PaymentOf{Phase: phase, Reason: reason, Present: bits&1 > 0, Over: bits&2 > 0}
					for _, state := range []string{"waiting", "checking", "new-state", "declined", "reversed"} {
						p.State = state
						p.Forced = state != "declined" && state != "reversed"
						if !p.Forced && !p.Over {
							continue
						}
						what := strings.Join([]string{state, phase, reason, strconv.Itoa(bits)}, "/")
						_, hint := l.Payment(p)
						sentence(t, l, what, hint)
						if forbids.MatchString(hint) && p.Forced || charges.MatchString(hint) && p.Over {
							t.Errorf("%s %s: %s", l.Tag, what, hint)
						}
						if bad := reason == "ambiguous" || reason == "bad-signature"; bad && !manager.MatchString(hint) {
							t.Errorf("%s %s: who helps? %s", l.Tag, what, hint)
						}
					}
				}
			}
		}
	}
}

// What came late and was booked as paid has been taken by its sale, or goes back
// under a refund that says so: the payment promises neither.
func TestLateMoneyIsNotPromisedBack(t *testing.T) {
	promise := regexp.MustCompile(`by itself|[Dd]o not hand over|自动退回|原路退回|不要.*放行`)
	for _, l := range both {
		say, hint := l.Payment(lang.PaymentOf{State: "paid", Phase: "ended", Reason: "late-success", Present: true})
		if found := promise.FindString(say + " " + hint); found != "" {
			t.Errorf("%s: %q in %s %s", l.Tag, found, say, hint)
		}
	}
}

// What its sale does not want goes back whether it had been given up, or was paid
// at once while a manager had already let the sale go past it.
func TestLateMoneyWasNotAlwaysGivenUp(t *testing.T) {
	given := regexp.MustCompile(`given up|after|late|撤单|迟到|放弃`)
	for _, l := range both {
		if text := l.Notice(till.NoticeLatePaid, []any{"20261121-0042-1"}); given.MatchString(text) {
			t.Errorf("%s: %s", l.Tag, text)
		}
	}
}

// Reasons say what to do about a charge. Of a refund or a hold that did not come
// about that would be to take money from who is to get some, or from nobody.
func TestNoRefundOrHoldAsksForACharge(t *testing.T) {
	charges, forbids := regexp.MustCompile(`(?i)charge|take the money|way to pay|收款|付款方式`), regexp.MustCompile(`请勿[^。]*`)
	for _, l := range both {
		for _, reason := range append(constants(t, "../../payment/payment.go", "Reason", ""), "new-reason") {
			for state := range l.Say.Refunds {
				if _, hint := l.Refund(state, reason); charges.MatchString(hint) {
					t.Errorf("%s refund %s/%s: %s", l.Tag, state, reason, hint)
				}
			}
			for state := range l.Say.Holds {
				_, hint := l.Hold(state, reason)
				if hint = forbids.ReplaceAllString(hint, ""); state != "completing" && charges.MatchString(hint) { // which is a charge
					t.Errorf("%s hold %s/%s: %s", l.Tag, state, reason, hint)
				}
			}
		}
	}
}

// What counts payments, refunds and holds in doubt names all three, and the list
// of them by the name it has on the screen.
func TestDoubtsAreCalledWhatTheyAre(t *testing.T) {
	nouns := [][]string{{"付款", "退款", "预授权"}, {"payment", "refund", "hold"}}
	for i, l := range both {
		for what, text := range map[string]string{
			"resumed": l.Notice("resumed", []any{3}), "leaving": l.Screen.QuitInFlight, "the list": l.Screen.DoubtTitle,
			"doctor, none": strings.ReplaceAll(l.Doctor.Findings["doubt-none"].Say, "pre-authorisation", "hold"),
			"doctor":       strings.ReplaceAll(l.Doctor.Findings["doubt-open"].Say, "pre-authorisation", "hold"),
		} {
			for _, noun := range nouns[i] {
				if !strings.Contains(text, noun) {
					t.Errorf("%s, %s: no %s in %s", l.Tag, what, noun, text)
				}
			}
		}
	}
	if hint := both[0].Doctor.Findings["doubt-open"].Hint; !strings.Contains(hint, "待确认列表") || both[0].Doctor.Checks["doubt"] != "待确认" {
		t.Error(hint, both[0].Doctor.Checks["doubt"])
	}
}

// arguments fit the comments in internal/till/fault.go; a template may use at
// most those.
var arguments = map[string][]any{
	till.FaultWrongPIN: {2}, till.FaultLockedOut: {time.Date(2026, 11, 21, 14, 32, 5, 0, time.UTC)},
	till.FaultNotPermitted: {"manager"}, till.FaultShiftOpen: {"S000012"}, till.FaultNoSale: {"20261121-0042"},
	till.FaultSaleClosed: {"20261121-0042", "done"}, till.FaultFrontOpen: {"20261121-0042"}, till.FaultSalePaid: {"20261121-0042"}, till.FaultPaymentOpen: {"20261121-0042-1"},
	till.FaultUnknownGoods: {"nfsq"}, till.FaultSeveralGoods: {"nf", 3}, till.FaultBadAmount: {"11.3.6"},
	till.FaultTooMuch: {money.Fen(128650)}, till.FaultTooLittle: {money.Fen(1)}, till.FaultNoLine: {7},
	till.FaultNoPayment: {"20261121-0042-1"}, till.FaultPaymentFinal: {"20261121-0042-1", "declined"},
	till.FaultMethodOff: {"card"}, till.FaultTerminalOwes: {"20261121-0042-1"}, till.FaultCannotPresent: {"prepaid"}, till.FaultNotPayCode: {"69…92"},
	till.FaultWrongChannel: {"alipay"}, till.FaultNoRefund: {"20261121-0042-1-R1"}, till.FaultRefundTooMuch: {money.Fen(1136)},
	till.FaultNotRefundable: {"20261121-0042-1", "waiting"}, till.FaultNoReport: {int64(7)}, till.FaultKeyReused: {"k-1"},
	till.FaultBadInput: {"quantity"}, till.FaultJournalStopped: {"disk I/O error"}, till.FaultNotStarted: {"goods.csv: line 2: price"},
	till.FaultInternal: {"no such table"},

	till.FaultNoHold: {"H20261121-57"}, till.FaultHoldState: {"H20261121-57", "released"}, till.FaultHoldTooMuch: {money.Fen(10000)},
	till.FaultHoldNotToday: {"20261121-0042-1"}, till.FaultTellsItself: {"20261121-0042-1"}, till.FaultSlipUsed: {"20261121-0042-1"}, till.FaultNotOwed: {"20261121-0042-1-R1", "done"},
	till.NoticeHoldSettled: {"H20261121-57", "released"}, till.NoticeHoldFailed: {"H20261121-57"}, till.NoticeSlipUnprinted: {"H20261121-57"},

	till.FaultPrepaidNumber: {"9800********1234"}, till.FaultNoPrepaid: {"9800********1234"}, till.FaultPrepaidExists: {"9800********1234"},
	till.FaultPrepaidFrozen: {"9800********1234"}, till.FaultPrepaidOver: {"9800********1234", "2026-11-21"},
	till.FaultPrepaidNotOver: {"9800********1234"}, till.FaultPrepaidShort: {money.Fen(1136)}, till.FaultPrepaidFull: {money.Fen(100000)},
	till.FaultPINNeeded: {"9800********1234"}, till.FaultPrepaidPIN: {4}, till.FaultTopUpSpent: {money.Fen(1136)},

	till.NoticeSettled: {"20261121-0042-1", "paid"}, till.NoticeAsideEnded: {"20261121-0042-1", "paid"}, till.NoticeLatePaid: {"20261121-0042-1"}, till.NoticeStillPayable: {"20261121-0042-1"}, till.NoticePaidBack: {"20261121-0042-1"}, till.NoticeGivenBack: {"20261121-0042-1"},
	till.NoticeRefundDone: {"20261121-0042-1-R1"}, till.NoticeRefundFailed: {"20261121-0042-1-R1"}, till.NoticeRefundOwed: {"20261121-0042-1-R1"},
	till.NoticePrintFailed: {"20261121-0042"}, till.NoticePrintUnknown: {"20261121-0042"}, till.NoticeStranger: {"wechat"},
	till.NoticeChannelStopped: {"alipay"}, till.NoticeChannelGone: {"alipay"}, till.NoticeLateKept: {"20261121-0042-1"}, till.NoticeLateCounts: {"20261121-0042-1"}, till.NoticeResumed: {2}, till.NoticeRecovered: {"20261121-0042"},
	till.NoticeReportUnprinted: {"12"}, till.NoticeRefundUnprinted: {"20261121-0042-1-R1"}, till.NoticeJournalDiffers: {int64(17)},
	till.NoticeLastDone: {"20261121-0042", money.Fen(1136)},
	till.FaultNoSpace:   {doctor.Bytes(60 << 20), doctor.Bytes(72 << 20)}, till.NoticeSpaceLow: {doctor.Bytes(300 << 20), doctor.Bytes(64 << 20)},
	till.NoticeSpaceFull: {doctor.Bytes(60 << 20), doctor.Bytes(72 << 20)}, till.NoticeSpaceSells: {doctor.Bytes(80 << 20), doctor.Bytes(64 << 20)},
	till.NoticeSpaceBack:    {doctor.Bytes(2 << 30)},
	till.NoticeCardsSettled: {"000007", 12}, till.NoticeCardsDiffer: {"000007"},
	till.NoticeDoubles: {3}, till.NoticeContradiction: {"20261121-0042-1", "reversed"},

	till.NoticeScannerBack: {"ttyACM0"}, till.NoticeScannerGone: {"ttyACM0"}, till.NoticeScannerMissing: {"ttyACM0"},
	till.NoticeScannerDenied: {"ttyACM0"}, till.NoticeScannerBusy: {"ttyACM0"}, till.NoticeScannerKeyboard: {"ttyACM0"},
	till.NoticeScannerUnsupported: {"ttyACM0"}, till.NoticeScannerFlood: {"ttyACM0"}, till.NoticeScannerBroken: {"ttyACM0"},
	till.NoticeDisplayBack: {"ttyUSB1"}, till.NoticeDisplayGone: {"ttyUSB1"}, till.NoticeDisplayMissing: {"ttyUSB1"},
	till.NoticeDisplayDenied: {"ttyUSB1"}, till.NoticeDisplayBusy: {"ttyUSB1"}, till.NoticeDisplayBroken: {"ttyUSB1"},

	till.FaultFindUnasked: {"wechat", "alipay"}, till.FaultFoundElsewhere: {"wechat", "A01202611210042001"}, till.FaultFoundOtherBook: {"wechat", "20261121_0042_01_k3f9_1"},

	// The JSON-RPC face's own.
	"bad-params": {"amount", "param-amount"}, "unknown-method": {"sale.stael"}, "line-too-long": {1048576}, "batch-too-long": {256},
}

func TestEveryFaultAndNoticeHasASentence(t *testing.T) {
	faults := constants(t, "../till/fault.go", "", "Fault")
	notices := constants(t, "../till/fault.go", "", "Notice")
	for _, l := range both {
		for _, code := range faults {
			if _, ok := l.Say.Faults[code]; !ok {
				t.Errorf("%s: no sentence for the fault %s", l.Tag, code)
			}
		}
		for key := range l.Say.Faults {
			code := strings.TrimSuffix(key, ":none")
			args := arguments[code]
			if code != key {
				args = nil
			}
			say, hint := l.Fault(code, args)
			sentence(t, l, key, say)
			sentence(t, l, key, hint)
			fits(t, l, key, say+hint, args)
		}
		for _, code := range notices {
			if _, ok := l.Say.Notices[code]; !ok {
				t.Errorf("%s: no sentence for the notice %s", l.Tag, code)
			}
			text := l.Notice(code, arguments[code])
			sentence(t, l, code, text)
			fits(t, l, code, text, arguments[code])
		}
	}
}

// Whatever is wrong with a book has a whole sentence of its own, and the number
// stands where it is known. Making the totals anew is offered for these only:
// nothing else is mended by it.
func TestEveryBrokenBookHasASentence(t *testing.T) {
	words := append(constants(t, "../../ledger/verify.go", "", "Why"), "new-word")
	for _, l := range both {
		seen := map[string]bool{}
		for _, why := range words {
			say, hint := l.Fault(till.FaultJournalBroken, []any{int64(4711), "detail in English", why})
			sentence(t, l, why, say)
			sentence(t, l, why, hint)
			if seen[say] || strings.Contains(say+hint, "detail") {
				t.Errorf("%s %s: %s %s", l.Tag, why, say, hint)
			}
			seen[say] = true
			if offers := strings.Contains(hint, "rebuild"); offers != (why == ledger.WhyProjection) {
				t.Errorf("%s %s: %s", l.Tag, why, hint)
			}
			// Whoever leaves a book behind leaves behind what it would have chased.
			open := map[lang.Tag]string{lang.Chinese: "付款和退款", lang.English: "payments and refunds"}[l.Tag]
			if leaves := strings.Contains(hint, "(data)"); leaves != strings.Contains(hint, open) {
				t.Errorf("%s %s: open payments are not told: %s", l.Tag, why, hint)
			}
			if strings.Contains(l.Say.Books[why].Say, "{0}") != strings.Contains(say, "4711") {
				t.Errorf("%s %s: the number is not in %s", l.Tag, why, say)
			}
			if other, _ := l.Finding("book-broken", []any{int64(4711), "detail in English", why}); other != say {
				t.Errorf("%s %s: the doctor says %s", l.Tag, why, other)
			}
		}
		if len(l.Say.Books) != len(words) { // the general one stands for the unknown word
			t.Errorf("%s: %d sentences for %d words", l.Tag, len(l.Say.Books), len(words))
		}
	}
}

// Every kind of scan and every problem of one has its sentence.
func TestEveryScanHasASentence(t *testing.T) {
	kinds := constants(t, "../till/command.go", "ScanKind", "Scan")
	problems := append(constants(t, "../../scanner/code.go", "Problem", ""), till.ProblemTorn)
	if len(kinds) < 12 || len(problems) < 7 {
		t.Fatalf("kinds %q, problems %q", kinds, problems)
	}
	for _, l := range both {
		for _, kind := range kinds {
			if _, ok := l.Say.Scans[kind]; !ok {
				t.Errorf("%s: no sentence for a scan of %s", l.Tag, kind)
			}
		}
		for _, problem := range problems {
			if _, ok := l.Say.Scans["unreadable/"+problem]; !ok {
				t.Errorf("%s: no sentence for a scan with %s", l.Tag, problem)
			}
		}
		for key := range l.Say.Scans {
			kind, problem, _ := strings.Cut(key, "/")
			say, hint := l.Scan(kind, problem, "1234")
			sentence(t, l, key, say)
			sentence(t, l, key, hint)
		}
	}
}

// fits checks that every argument is in the text and no hole is left.
func fits(t *testing.T, l *lang.Texts, what, text string, args []any) {
	t.Helper()
	if strings.Contains(text, "…") && what != till.FaultNotPayCode {
		t.Errorf("%s %s: a hole: %s", l.Tag, what, text)
	}
	for _, arg := range args {
		var want string
		switch a := arg.(type) {
		case string:
			want = a
			for _, word := range []string{l.Say.Words[a], l.Say.Words["hold-"+a]} {
				if word != "" && strings.Contains(text, word) {
					want = word
				}
			}
			if want == a && l.Say.Words[a] != "" {
				want = l.Say.Words[a]
			}
		case money.Amount:
			want = a.String()
		case doctor.Bytes:
			want = a.String()
		case time.Time:
			want = a.Format("15:04:05")
		case int:
			want = strconv.Itoa(a)
		case int64:
			want = strconv.FormatInt(a, 10)
		}
		if !strings.Contains(text, want) {
			t.Errorf("%s %s: %q is not in %s", l.Tag, what, want, text)
		}
	}
}

func TestWordsAreTheSameInBoth(t *testing.T) {
	zh, en := both[0].Say, both[1].Say
	same := func(what string, a, b []string) {
		for _, key := range a {
			found := false
			for _, other := range b {
				found = found || other == key
			}
			if !found {
				t.Errorf("%s: %s is in one language only", what, key)
			}
		}
	}
	for _, pair := range [][2][]string{
		{keys(zh.Words), keys(en.Words)}, {keys(zh.Faults), keys(en.Faults)}, {keys(zh.Notices), keys(en.Notices)}, {keys(zh.Scans), keys(en.Scans)},
		{keys(zh.Reasons), keys(en.Reasons)}, {keys(zh.Exact), keys(en.Exact)},
		{keys(zh.Payments), keys(en.Payments)}, {keys(zh.Refunds), keys(en.Refunds)}, {keys(zh.Holds), keys(en.Holds)}, {keys(zh.Next), keys(en.Next)}, {keys(zh.Customer), keys(en.Customer)},
	} {
		same("Chinese", pair[0], pair[1])
		same("English", pair[1], pair[0])
	}
	for _, state := range []ledger.SaleState{ledger.SaleOpen, ledger.SaleHeld, ledger.SaleDone, ledger.SaleVoid} {
		if zh.Words[string(state)] == "" {
			t.Errorf("no word for a sale that is %s", state)
		}
	}
	for _, standing := range []string{"checking", "pending", "abnormal", "done", "refused", "owed", "instead"} {
		if zh.Words[standing] == "" || zh.Refunds[standing].Say == "" {
			t.Errorf("no word for a refund that is %s", standing)
		}
	}
	for _, channel := range []payment.Channel{payment.WeChat, payment.Alipay, payment.UnionPay, payment.Card, payment.Prepaid, payment.Cash} {
		if zh.Words[string(channel)] == "" {
			t.Errorf("no word for %s", channel)
		}
	}
}

func keys[V any](m map[string]V) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	return out
}

// Whatever comes as an argument, the sentence stands and nothing reaches the
// terminal that it would obey.
func FuzzFault(f *testing.F) {
	f.Add("unknown-goods", "\x1b[2J\r\n", 7)
	f.Add("no-sale", "", 0)
	f.Add("{0}", "{w0}{1}", -1)
	f.Fuzz(func(t *testing.T, code, text string, n int) {
		for _, l := range both {
			for _, args := range [][]any{nil, {text}, {n, text}, {nil, text, n, text, text}, {[]byte(text)}, {(*int)(nil)}} {
				say, hint := l.Fault(code, args)
				all := say + hint + l.Notice(code, args)
				if say == "" || hint == "" || strings.ContainsFunc(all, func(r rune) bool { return r < ' ' || r == 0x7f || r == 0x9b }) {
					t.Fatalf("%q %q: %q", code, args, all)
				}
				if !utf8.ValidString(all) {
					t.Fatalf("%q %q: not UTF-8", code, args)
				}
			}
		}
	})
}
