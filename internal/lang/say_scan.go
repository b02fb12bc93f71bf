package lang

var scansChinese = map[string]Sentence{
	"goods":         {"已加入商品。", "请继续扫,或收款。"},
	"weighed":       {"已加入称重商品。", "请继续扫,或收款。"},
	"paycode":       {"这是付款码 {0}。", "请用它收款,或等结果。"},
	"repeat":        {"付款码 {0} 正在处理中。", "请等结果。"},
	"member":        {"会员 {0} 已识别。", "请继续收银。"},
	"merchant-url":  {"顾客打开的是收款码或网页,不是付款码。", "请顾客打开\"付款码\"页面,再扫一次。"},
	"unknown-goods": {"没有找到商品 {0}。", "请再扫一次,或直接输入金额。"},
	"receipt":       {"这是销售单 {0} 的小票。", "在这里可以补打或退款。"},
	"coupon":        {"这是优惠券 {0}。", "收银机还不能自动核销:请用折扣,原因写优惠券。"},
	"prepaid":       {"这是储值卡 {0}。", "收银机还不能收储值卡:请换一种方式收款。"},
	"badge":         {"这是员工工牌 {0}。", "请先退出登录,再输入工号和密码。"},

	"unreadable":                   {"看不懂这个码。", "请再扫一次。"},
	"unreadable/empty":             {"扫码枪什么也没有发来。", "请再扫一次。"},
	"unreadable/too-long":          {"这个码太长,不是收银用的。", "请扫商品条码或付款码。"},
	"unreadable/check-digit":       {"这个码读错了,校验位不对。", "请再扫一次,或输入条码下面的数字。"},
	"unreadable/control-character": {"这个码里有不是文字的字符。", "请再扫一次;还这样就打开本机菜单里的扫码枪检测。"},
	"unreadable/not-ascii-digits":  {"输入法改动了这次扫码。", "请按 Shift 切到英文,再扫一次;扫码枪检测会告诉怎么设。"},
	"unreadable/encoding":          {"这个码的编码不认识。", "请再扫一次;还这样就把扫码枪设成 UTF-8。"},
	"unreadable/torn":              {"这个码丢了一段。", "请再扫一次。"},
}

var scansEnglish = map[string]Sentence{
	"goods":         {"Added.", "Scan on, or take the money."},
	"weighed":       {"Weighed goods added.", "Scan on, or take the money."},
	"paycode":       {"This is a pay code, {0}.", "Take the money with it, or wait for its result."},
	"repeat":        {"This pay code, {0}, is being dealt with already.", "Wait for the result."},
	"member":        {"Member {0} recognised.", "Go on with the sale."},
	"merchant-url":  {"The customer shows a page for receiving money, not the pay code.", "Ask the customer to open the pay code page and scan again."},
	"unknown-goods": {"There are no goods {0}.", "Scan again, or type the amount."},
	"receipt":       {"This is the receipt of sale {0}.", "From here a copy can be printed or money given back."},
	"coupon":        {"This is a coupon, {0}.", "The till does not take coupons by itself: give a discount with the coupon as the reason."},
	"prepaid":       {"This is a prepaid card, {0}.", "The till does not take prepaid cards yet: ask for another way to pay."},
	"badge":         {"This is a staff badge, {0}.", "Sign out first, then type the operator's number and PIN."},

	"unreadable":                   {"This code makes no sense.", "Scan again."},
	"unreadable/empty":             {"The scanner sent nothing.", "Scan again."},
	"unreadable/too-long":          {"This code is too long for a till.", "Scan the code on the goods or the pay code."},
	"unreadable/check-digit":       {"This code was misread: its check digit is wrong.", "Scan again, or type the digits under the bars."},
	"unreadable/control-character": {"This code holds characters that are no text.", "Scan again; if it stays so, open the scanner check under This till."},
	"unreadable/not-ascii-digits":  {"An input method changed this scan.", "Switch it to English (Shift), scan again; the scanner check helps."},
	"unreadable/encoding":          {"This code is not in a known encoding.", "Scan again; if it stays so, set the scanner to UTF-8."},
	"unreadable/torn":              {"A part of this code was lost.", "Scan again."},
}
