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
	"card":          {"刷到一张银行卡。", "有待收的款会直接用它收;没有反应请再刷一次。"},
	"prepaid":       {"这是储值卡 {0}。", "可以用它付款或充值。"},

	"prepaid/no-prepaid":    {"本机不认识储值卡 {0}:是新卡,或在别的收银机开的。", "别的收银机开的卡只能在那台用,请换一种方式收款;新卡请先开卡。"},
	"paycode/confirm":       {"付款码 {0} 还没有收款:金额超过了要确认的数。", "请确认金额,再用同一个码收款。"},
	"paycode/confirm-alone": {"付款码 {0} 没有收款:金额超过了 confirm_above,这里没有人能确认。", "请改出示订单码或换一种方式;没有屏幕的收银台请把 confirm_above 设高。"},

	"badge": {"这是员工工牌 {0}。", "请先退出登录,再扫工牌并输入密码。"},

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
	"card":          {"A bank card was swiped.", "It pays what is due; if nothing happens, swipe it again."},
	"prepaid":       {"This is a prepaid card, {0}.", "It pays, or is topped up."},

	"prepaid/no-prepaid":    {"This till does not know the prepaid card {0}: new, or another till's.", "Another till's card pays there only: take the money another way. Issue a new one."},
	"paycode/confirm":       {"Nothing was charged with {0}: the amount is one that must be confirmed.", "Confirm the amount, then charge the same code."},
	"paycode/confirm-alone": {"Nothing was charged with {0}: above confirm_above, and nobody here to confirm.", "Show an order code or take another method; on a till without a screen set confirm_above higher."},

	"badge": {"This is a staff badge, {0}.", "Sign out first; then scan the badge and type the PIN."},

	"unreadable":                   {"This code makes no sense.", "Scan again."},
	"unreadable/empty":             {"The scanner sent nothing.", "Scan again."},
	"unreadable/too-long":          {"This code is too long for a till.", "Scan the code on the goods or the pay code."},
	"unreadable/check-digit":       {"This code was misread: its check digit is wrong.", "Scan again, or type the digits under the bars."},
	"unreadable/control-character": {"This code holds characters that are no text.", "Scan again; if it stays so, open the scanner check under This till."},
	"unreadable/not-ascii-digits":  {"An input method changed this scan.", "Switch it to English (Shift), scan again; the scanner check helps."},
	"unreadable/encoding":          {"This code is not in a known encoding.", "Scan again; if it stays so, set the scanner to UTF-8."},
	"unreadable/torn":              {"A part of this code was lost.", "Scan again."},
}

var flawsChinese = map[string]Sentence{
	"nothing":     {"只来了回车,没有字符。", "可能被输入法吃掉:按 Shift 切到英文,或给终端设 XMODIFIERS=@im=none。"},
	"layout":      {"键盘布局是 {0},与扫码枪不同。", "请把系统键盘设为美式英语,或用说明书里的条码改扫码枪的国家键盘。"},
	"layout:none": {"键盘布局与扫码枪不同。", "请把系统键盘设为美式英语,或用说明书里的条码改扫码枪的国家键盘。"},
	"case":        {"大小写反了。", "请关掉 Caps Lock,或在扫码枪上设 Caps Lock 关闭。"},
	"input":       {"输入法改动了扫码。", "请按 Shift 切到英文;要根治就把扫码枪设成 USB 串口,在 scanner.devices 里登记。"},
	"missing":     {"少了 {0} 个字符。", "请把扫码枪的字符间隔调大 5 到 10 毫秒,换个 USB 口;蓝牙枪离近些。"},
	"doubled":     {"多了 {0} 个字符,有重复。", "请把扫码枪的字符间隔调大 5 到 10 毫秒。"},
	"prefix":      {"扫码枪在码前加了 {0}。", "请在扫码枪上去掉前缀,或在设置里写 scanner.prefix。"},
	"suffix":      {"扫码枪在码后加了 {0}。", "请在扫码枪上去掉后缀,或在设置里写 scanner.suffix。"},
	"terminator":  {"码后没有回车。", "请用说明书里的条码给扫码枪加上回车(CR)后缀。"},
	"slow":        {"字符来得太慢,会被当成打字。", "请把 scanner.inter_key_ms 设为 {0},或把扫码枪调快。"},
	"other":       {"扫到的不是这个码。", "请对准屏幕上的码再扫;还这样请打印出来扫,并恢复扫码枪的出厂设置。"},
}

var flawsEnglish = map[string]Sentence{
	"nothing":     {"Only Enter came, no characters.", "An input method may hold them: switch it to English (Shift), or start the terminal with XMODIFIERS=@im=none."},
	"layout":      {"The keyboard layout is {0}, the scanner's is not.", "Set the system's keyboard to US English, or the scanner's country by the sheet in its manual."},
	"layout:none": {"The keyboard layout is not the scanner's.", "Set the system's keyboard to US English, or the scanner's country by the sheet in its manual."},
	"case":        {"Capitals and small letters are the wrong way round.", "Switch Caps Lock off, or set the scanner to Caps Lock off."},
	"input":       {"An input method changed the scan.", "Switch it to English (Shift); for good: set the scanner to USB serial and name it in scanner.devices."},
	"missing":     {"Characters are missing: {0}.", "Set the scanner's inter-character delay 5 to 10 ms higher, try another USB port; hold a Bluetooth one nearer."},
	"doubled":     {"Characters came twice: {0}.", "Set the scanner's inter-character delay 5 to 10 ms higher."},
	"prefix":      {"The scanner puts {0} before the code.", "Take the prefix off in the scanner, or write it into scanner.prefix."},
	"suffix":      {"The scanner puts {0} behind the code.", "Take the suffix off in the scanner, or write it into scanner.suffix."},
	"terminator":  {"No Enter came behind the code.", "Give the scanner the suffix CR (Enter) by the sheet in its manual."},
	"slow":        {"The characters come so slowly that they pass for typing.", "Set scanner.inter_key_ms to {0}, or the scanner faster."},
	"other":       {"This was not the code shown.", "Scan the one on the screen; if it stays so, print the codes and reset the scanner to its factory settings."},
}
