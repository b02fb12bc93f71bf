package lang

// Issuers of cards by the first four digits of their clearing number, as bank
// terminals print them. Source: the institutions' published numbers.
var banksChinese = map[string]string{
	"0100": "邮储银行",
	"0102": "工商银行",
	"0103": "农业银行",
	"0104": "中国银行",
	"0105": "建设银行",
	"0301": "交通银行",
	"0302": "中信银行",
	"0303": "光大银行",
	"0304": "华夏银行",
	"0305": "民生银行",
	"0306": "广发银行",
	"0307": "平安银行",
	"0308": "招商银行",
	"0309": "兴业银行",
	"0310": "浦发银行",
	"0313": "城市商业银行",
	"0401": "上海银行",
	"0403": "邮储银行",
}

var banksEnglish = map[string]string{
	"0100": "PSBC",
	"0102": "ICBC",
	"0103": "ABC",
	"0104": "Bank of China",
	"0105": "CCB",
	"0301": "Bank of Communications",
	"0302": "CITIC Bank",
	"0303": "Everbright Bank",
	"0304": "Hua Xia Bank",
	"0305": "Minsheng Bank",
	"0306": "CGB",
	"0307": "Ping An Bank",
	"0308": "China Merchants Bank",
	"0309": "CIB",
	"0310": "SPD Bank",
	"0313": "city bank",
	"0401": "Bank of Shanghai",
	"0403": "PSBC",
}
