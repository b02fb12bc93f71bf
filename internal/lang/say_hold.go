package lang

// What becomes of a pre-authorisation (预授权), in sentences.

var holdsEnglish = map[string]Standing{
	"waiting":    {Say: "The bank terminal waits for the customer's card and PIN, to hold the money.", Hint: "Ask the customer to insert, tap or swipe the card there. To give up, press cancel on the terminal too."},
	"checking":   {Say: "Being checked; it is not known whether the money is held.", Then: "; it is not known whether the money is held.", Bare: ".", Hint: "Do not hold it a second time. The till keeps asking the terminal.", Mine: true},
	"held":       {Say: "Held on the customer's card; nothing has been paid.", Then: "; the money is still held.", Hint: "Take what is owed when the customer leaves, or release it.", Mine: true},
	"declined":   {Say: "Nothing is held.", Then: "; nothing is held.", Hint: "Try it again, or with another card.", Mine: true},
	"reversed":   {Say: "Given up, nothing is held.", Then: "; nothing is held.", Hint: "You may hold it again.", Mine: true},
	"completing": {Say: "Money is being taken of it, the result is not known.", Hint: "Wait for the payment's result. Do not take it another way."},
	"completed":  {Say: "Money was taken of it; the rest is the customer's again.", Hint: "To give it back refund the payment, or undo the taking on the same day."},
	"releasing":  {Say: "Being released, not yet confirmed.", Then: "; being released, not yet confirmed.", Hint: "The till keeps asking the terminal. Do not take money of it.", Mine: true},
	"abnormal":   {Say: "The bank terminal cannot tell whether it was released.", Then: "; it cannot tell whether the hold was released.", Bare: ".", Hint: "A manager must look at the terminal's slips or list, and enter here what they say.", Mine: true},
	"released":   {Say: "Released; the money is the customer's again.", Hint: "Some banks show it only after days."},
}

var holdsChinese = map[string]Standing{
	"waiting":    {Say: "刷卡机正等顾客的卡和密码,做预授权。", Hint: "请顾客在刷卡机上插卡或挥卡。要放弃,请同时按刷卡机的取消键。"},
	"checking":   {Say: "正在确认,预授权结果未知。", Then: ",预授权结果未知。", Bare: "。", Hint: "请勿再做一次预授权,系统会继续询问刷卡机。", Mine: true},
	"held":       {Say: "预授权成功,款项冻结在顾客卡里,还没有收款。", Then: ",预授权仍然有效。", Hint: "顾客结账时做预授权完成,不用了就撤销。", Mine: true},
	"declined":   {Say: "预授权未成功,没有冻结款项。", Then: ",没有冻结款项。", Hint: "请再试一次,或请顾客换一张卡。", Mine: true},
	"reversed":   {Say: "预授权已取消,没有冻结款项。", Then: ",没有冻结款项。", Hint: "可以重新做预授权。", Mine: true},
	"completing": {Say: "正在做预授权完成,结果未知。", Hint: "请等这笔收款的结果,不要用别的方式再收。"},
	"completed":  {Say: "预授权已完成收款,余下的已解冻。", Hint: "要退钱请走退款,当天可以撤销完成。"},
	"releasing":  {Say: "正在撤销预授权,还没有得到确认。", Then: ",正在撤销预授权,还没有得到确认。", Hint: "系统会继续询问刷卡机,请勿再从这笔预授权收款。", Mine: true},
	"abnormal":   {Say: "刷卡机说不出预授权撤销了没有。", Then: ",预授权撤销的结果未知。", Bare: "。", Hint: "请主管看刷卡机的单据或交易清单,并在这里登记。", Mine: true},
	"released":   {Say: "预授权已撤销,款项已解冻。", Hint: "有的银行要过几天才显示。"},
}
