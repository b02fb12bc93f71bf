package lang

// Command is what the command line says before or beside the till.
type Command struct {
	About         string
	AboutHeadless string
	AboutSandbox  string
	AboutReport   string
	AboutReportX  string
	AboutReportZ  string
	AboutJournal  string
	AboutVerify   string
	AboutExport   string
	AboutRebuild  string
	AboutList     string
	AboutVersion  string
	AboutDoctor   string
	AboutSync     string
	AboutPrepaid  string
	AboutNumbers  string

	FlagConfig string
	FlagData   string
	FlagJSON   string
	FlagListen string
	FlagDir    string
	FlagFormat string
	FlagNumber string
	FlagOutput string
	FlagAfter  string
	FlagLimit  string
	FlagOnce   string
	FlagSettle string
	FlagCount  string

	WrongUsage    string // what cobra found wrong; a remedy follows
	NotATerminal  string
	ScreenFell    string
	CoreFell      string
	Held          string // data folder, who holds it
	JournalSound  string // entries, hash of the last
	JournalBroken string // of an export: what is wrong
	Rebuilt       string // entries
	Exported      string // entries, file
	NoReport      string
	NoKeeper      string
	NoCardHost    string
	Needed        string // what needs a person: some of the following
	NeededAnd     string // between them
	Payments      Counted
	Refunds       Counted
	Holds         Counted
	Open          Counted // payments and refunds together, as a report counts them
	Failed        string  // an error in English
	Interrupted   string
	NoBook        string // data folder
	NoSuchFile    string // path
	FileExists    string // path
	FileDenied    string // path
	BadListen     string // the address
	NotExport     string // path

	Config Config
}

// Counted is how many of something there are.
type Counted struct{ One, More string }

// Config is what is wrong with a setting and what to do about it: the second
// half of a sentence that begins with the file and the key.
type Config struct {
	NoSuchConfig string
	Unreadable   string // cause
	IsFolder     string
	TooBig       string // KiB
	NotYAML      string // cause
	NoHome       string

	UnknownKey     string
	UnknownKeyNear string // the key that was meant
	UnknownEnv     string
	UnknownEnvNear string // the variable that was meant

	WantText     string
	WantNumber   string
	WantBool     string
	WantList     string
	WantSection  string
	WantMoney    string
	WantDuration string
	WantSize     string
	WantClock    string

	Missing       string
	MissingFor    string // what needs it
	TooLong       string // characters at most
	Unprintable   string
	Identifier    string // characters at most
	NotOneOf      string // the value, the possible ones
	OutOfRange    string // the number, smallest, largest
	TooMany       string // how many at most
	Twice         string // the value
	BothSet       string // the other key
	MoneyNegative string
	MoneyPositive string

	DurationRange string // the value, smallest, largest
	SizeRange     string // the value, smallest, largest
	TimingOrder   string // the key it must be after, its value
	TooEarly      string // the scheme's figure

	NotHTTPS     string // the value, an example
	NotControl   string // the value
	RealAcquirer string // the key of the address
	StillSandbox string // the section set up
	NotHostPort  string // the value
	QueueName    string
	ExactForm    string // how many characters
	NoCardKey    string
	LateDrawer   string

	FileMissing    string // path
	FileUnreadable string // path, cause
	FileIsFolder   string // path
	NoPrivateKey   string // path
	NoPublicKey    string // path
	NoCertificate  string // path
	KeyTooShort    string // path, bits
	WrongSerial    string // the certificate's serial
	NotHex         string
	APIv3Length    string // characters it has
	NoVerifier     string

	NoOperators string
	NoManager   string
	PINMissing  string
	PINShape    string
	PINWeak     string
	PINSandbox  string
	HashShape   string

	PrepaidPrefix  string // characters at most
	LabelDigits    string // characters at most
	LabelPositions string // first and last possible position, digits at most
	LabelOverlap   string
	CardIsPayCode  string
	BadgeForm      string
	BadPattern     string // the pattern
}

var commandChinese = Command{
	About:         "算盘:终端里的收银台",
	AboutHeadless: "不显示界面,用 JSON-RPC 2.0 驱动同一个收银台",
	AboutSandbox:  "单独运行收单方沙箱",
	AboutReport:   "报表",
	AboutReportX:  "当前班次到此刻的 X 报表",
	AboutReportZ:  "已交班的 Z 报表",
	AboutJournal:  "流水账",
	AboutVerify:   "校验流水账;有问题时退出码为 1,并指出第一条出错的记录",
	AboutExport:   "导出流水账",
	AboutRebuild:  "由流水账重建汇总并与现有汇总比较",
	AboutList:     "列出流水账的记录",
	AboutVersion:  "显示版本",
	AboutSync:     "完成未完的银行卡批结算,把还没上传的流水送到存管方,并核对两边;没做完时退出码为 1,不相符时为 3",
	AboutDoctor:   "逐项检查网络、收单方、时钟、证书、磁盘、账本和设备,并给出办法;有事需要处理时退出码为 3",
	AboutPrepaid:  "本店储值卡",
	AboutNumbers:  "为要印制的储值卡生成卡号;开卡之前卡里没有钱",

	FlagConfig: "配置文件",
	FlagData:   "数据目录",
	FlagJSON:   "以 JSON 输出",
	FlagListen: "监听地址:unix:路径 或 127.0.0.1:端口",
	FlagDir:    "沙箱的密钥、账本和配置所在目录",
	FlagFormat: "格式:text、json 或 csv",
	FlagNumber: "Z 报表号;不填为最近一份",
	FlagOutput: "写入的文件;不填为标准输出",
	FlagAfter:  "从这条记录之后开始",
	FlagLimit:  "最多几条",
	FlagOnce:   "失败后不再重试",
	FlagSettle: "同时结算银行卡当前批次(本机没有运行时)",
	FlagCount:  "几个",

	WrongUsage:    "%s;用法见 abacus help。",
	ScreenFell:    "收银界面接连出错,程序已退出。账目、当前这单和未了的收款都在账本里:请重新运行 abacus,仍出错请把数据目录里的 abacus.log 交给技术支持。",
	CoreFell:      "程序内部出错,已立即停下。已确认的都在账本里:请重新运行 abacus,当前这单会恢复,未了的收款会自动查清;仍出错请把数据目录里的 abacus.log 交给技术支持。",
	NotATerminal:  "这里不是终端,无法显示收银界面;请在终端里运行,或使用 abacus headless。",
	Held:          "数据目录 %s 正被使用 (%s);请先关闭那个收银台,或用 --data 换一个目录。",
	JournalSound:  "共 %d 条记录,完整无误;最后一条的哈希 %s",
	JournalBroken: "导出文件有问题:%s",
	Rebuilt:       "已由 %d 条记录重建汇总",
	Exported:      "已导出 %d 条记录到 %s",
	NoCardHost:    "没有银行卡主机;请在配置里设置 card.via: host。",
	NoKeeper:      "没有设置流水的存管方;请在配置里填写 journal 一节。",
	NoReport:      "还没有 Z 报表;交班后才有。",
	Needed:        "需要有人处理:%s。",
	NeededAnd:     "、",
	Payments:      Counted{"%d 笔付款结果未知", "%d 笔付款结果未知"},
	Refunds:       Counted{"%d 笔退款没有了结", "%d 笔退款没有了结"},
	Holds:         Counted{"%d 笔预授权结果未知", "%d 笔预授权结果未知"},
	Open:          Counted{"%d 笔付款或退款没有了结", "%d 笔付款或退款没有了结"},
	Failed:        "未能完成:%s",
	Interrupted:   "已中断,没有做完;请再运行一次。",
	NoBook:        "%s 里还没有账本;请用 --data 指定收银台的数据目录,或先在这里运行一次收银台。",
	NoSuchFile:    "没有 %s;请检查路径。",
	FileExists:    "%s 已经存在,没有改动;请换一个文件名。",
	FileDenied:    "没有权限使用 %s;请检查它属于哪个用户。",
	BadListen:     "监听地址 %q 不对;请写 unix:路径 或 127.0.0.1:端口,只能是本机。",
	NotExport:     "%s 不是 abacus journal export 导出的文件;请换成导出的文件。",

	Config: Config{
		NoSuchConfig: "没有这个文件;请改正 --config 后的路径",
		Unreadable:   "无法读取 (%s);请检查文件权限",
		IsFolder:     "是目录;请填写配置文件本身的路径",
		TooBig:       "超过 %d KiB,不像是 abacus 的配置;请检查路径",
		NotYAML:      "不是正确的 YAML (%s);请对照 config.example.yaml 改正",
		NoHome:       "无法确定数据目录:没有设置 XDG_DATA_HOME、HOME 或 LocalAppData;请用 --data 指定",

		UnknownKey:     "没有这个设置;请删除,全部设置见 config.example.yaml",
		UnknownKeyNear: "没有这个设置;是否要写 %s?",
		UnknownEnv:     "没有对应的设置;请取消这个环境变量,全部设置见 config.example.yaml",
		UnknownEnvNear: "没有对应的设置;是否要写 %s?",

		WantText:     "应为文字;请加上引号",
		WantNumber:   "应为整数,例如 3;不要加引号或小数点",
		WantBool:     "应为 true 或 false;不要加引号",
		WantList:     "应为列表,例如 [3, 6];只有一项也要写成列表",
		WantSection:  "应为一组设置;请把各项缩进写在它下面",
		WantMoney:    "应为金额,单位元,例如 \"300.00\";请加上引号,最多两位小数",
		WantDuration: "应为带单位的时长,例如 500ms 或 5s;请写上单位",
		WantSize:     "应为带单位的大小,例如 64MiB 或 2GiB;请写整数和单位 MiB 或 GiB",
		WantClock:    "应为一天中的时刻,例如 \"04:00\";请加上引号,写成时:分",

		Missing:       "没有填写;请填写",
		MissingFor:    "没有填写,而 %s 需要它;请填写",
		TooLong:       "超过 %d 个字;请缩短",
		Unprintable:   "含有无法打印的字符;请删去换行、制表等控制字符",
		Identifier:    "应为 1 到 %d 个字母或数字;请去掉空格、汉字和符号",
		NotOneOf:      "不能是 %q;请从 %s 中选一个",
		OutOfRange:    "不能是 %d;请填 %d 到 %d",
		TooMany:       "项数太多;最多 %d 项",
		Twice:         "%q 出现了两次;请各用各的",
		BothSet:       "与 %s 同时填写了;请只留一个",
		MoneyPositive: "应大于零;请写成例如 \"1000.00\"",
		MoneyNegative: "不能是负数;请填 \"0.00\" 或更多",

		DurationRange: "不能是 %s;请填 0s,或 %s 到 %s",
		SizeRange:     "不能是 %s;请填 %s 到 %s",
		TimingOrder:   "不晚于 %s (%s);请改大",
		TooEarly:      "早于微信支付允许的时间 (%s);请填 0s,或不少于这个时间",

		NotHTTPS:     "%q 不是 https 地址;请写成例如 %s",
		NotControl:   "%q 不是沙箱的控制地址;请照沙箱显示的填写,形如 http://127.0.0.1:端口",
		RealAcquirer: "已填写,而 %s 指向真实的收单方;请二者留一",
		StillSandbox: "为 true,而 %s 也已填写;收真钱请改为 false,演示请清空那一组",
		NotHostPort:  "%q 不是 主机:端口;请写成例如 192.168.1.50:9100",
		QueueName:    "不能是队列名;请写 lpstat -p 列出的名字,不含空格和斜杠,不以减号开头",
		ExactForm:    "必须正好是 %d 个字符,且只能是数字(或注释中所说的字母)",
		NoCardKey:    "里面应当只有主密钥:16 或 32 个十六进制字符",
		LateDrawer:   "打印队列会在打印机恢复后才开钱箱,那时旁边没有人;请设为 false",

		FileMissing:    "文件 %s 不存在;请放入文件或改正路径",
		FileUnreadable: "文件 %s 无法读取 (%s);请检查文件权限",
		FileIsFolder:   "%s 是目录;请填写文件的路径",
		NoPrivateKey:   "文件 %s 里没有 PEM 格式的 RSA 私钥;请换成从商户平台取得的私钥文件",
		NoPublicKey:    "文件 %s 里没有 PEM 格式的 RSA 公钥;请换成从商户平台取得的公钥文件",
		NoCertificate:  "文件 %s 里没有 PEM 格式的证书;请换成从商户平台取得的证书文件",
		KeyTooShort:    "文件 %s 里的密钥只有 %d 位;请换成 2048 位或更长的密钥",
		WrongSerial:    "与证书不符,证书的序列号是 %s;请改正其中之一",
		NotHex:         "应为十六进制数字;请从商户平台重新复制",
		APIv3Length:    "应为 32 个字符,现在是 %d 个;请从商户平台重新复制",
		NoVerifier:     "没有填写,platform_cert_file 也没有,无法验证微信的应答;请至少填写一个",

		NoOperators: "没有填写;收真钱时至少要有一名 role: manager 的操作员",
		NoManager:   "里没有主管;请至少给一名操作员 role: manager",
		PINMissing:  "没有填写,pin_hash 也没有;请填写其中一个",
		PINShape:    "应为 6 到 12 位数字;请改正",
		PINWeak:     "太容易猜到;请不要用连号、重复或常见的数字",
		PINSandbox:  "是沙箱的密码,收真钱时不能用;请换一个",
		HashShape:   "不是 Argon2id 哈希;请写成 $argon2id$v=19$m=…,t=…,p=…$盐$哈希 的形式",

		PrepaidPrefix:  "应为 1 到 %d 位数字,以 7、8 或 9 开头,与付款码和银行卡不同;请写成例如 \"9800\"",
		LabelDigits:    "应为 1 到 %d 位数字;请加上引号",
		LabelPositions: "应为首尾两个位置,在 %d 到 %d 之间,最多 %d 位;请改成例如 [3, 7]",
		LabelOverlap:   "与 item 的位置重叠;请对照秤的条码格式改正",
		BadgeForm:      "员工卡的内容要 %d 到 64 个字符,至少有一个字母",
		CardIsPayCode:  "这样的卡号会与顾客的付款码混淆;请换一个前缀或长度",
		BadPattern:     "通配符 %q 写得不对;请检查方括号",
	},
}

var commandEnglish = Command{
	About:         "abacus: a shop's till in a terminal",
	AboutHeadless: "the same till without a screen, driven by JSON-RPC 2.0",
	AboutSandbox:  "run the acquirers' sandbox alone",
	AboutReport:   "reports",
	AboutReportX:  "X report: the open shift so far",
	AboutReportZ:  "Z report of a closed shift",
	AboutJournal:  "the books",
	AboutVerify:   "verify the journal; exits 1 and names the first bad entry",
	AboutExport:   "export the journal",
	AboutRebuild:  "rebuild the totals from the journal and compare them with those kept",
	AboutList:     "list the journal's entries",
	AboutVersion:  "print the version",
	AboutSync:     "finish a settlement of cards that is owed, send the journal's keeper what it does not have yet and compare; exits 1 when something is left, 3 when it differs",
	AboutDoctor:   "check network, acquirers, clock, certificates, disk, book and devices, each fault with its remedy; exits 3 when somebody is needed",
	AboutPrepaid:  "the shop's own prepaid cards",
	AboutNumbers:  "make numbers for cards to be printed; a card is worth nothing before it is issued",

	FlagConfig: "configuration file",
	FlagData:   "data folder",
	FlagJSON:   "print JSON",
	FlagListen: "address to listen on: unix:PATH or 127.0.0.1:PORT",
	FlagDir:    "folder of the sandbox's keys, books and configuration",
	FlagFormat: "format: text, json or csv",
	FlagNumber: "number of the Z report; the last one when not given",
	FlagOutput: "file to write; standard output when not given",
	FlagAfter:  "start after this entry",
	FlagLimit:  "how many at most",
	FlagOnce:   "do not try again after a failure",
	FlagSettle: "settle the open batch of cards too (while no till runs)",
	FlagCount:  "how many",

	WrongUsage:    "%s; see abacus help.",
	ScreenFell:    "The screen failed again and again, so the till has ended. The books, the sale in front and open payments are kept: start abacus again; if it fails again, give abacus.log from the data folder to support.",
	CoreFell:      "The till failed inside and has stopped at once. What was confirmed is in the books: start abacus again, and the sale in front comes back and open payments are settled; if it fails again, give abacus.log from the data folder to support.",
	NotATerminal:  "This is not a terminal, so the till cannot be shown; run it in a terminal, or use abacus headless.",
	Held:          "The data folder %s is in use (%s); close that till first, or give another folder with --data.",
	JournalSound:  "%d entries, all sound; hash of the last one %s",
	JournalBroken: "the export is not sound: %s",
	Rebuilt:       "totals rebuilt from %d entries",
	Exported:      "%d entries exported to %s",
	NoCardHost:    "There is no card host; set card.via: host in the configuration.",
	NoKeeper:      "Nobody keeps a copy of the journal; fill in the section journal of the configuration.",
	NoReport:      "There is no Z report yet; closing a shift makes one.",
	Needed:        "Needs a person: %s.",
	NeededAnd:     ", ",
	Payments:      Counted{"%d payment in doubt", "%d payments in doubt"},
	Refunds:       Counted{"%d refund not over", "%d refunds not over"},
	Holds:         Counted{"%d pre-authorisation in doubt", "%d pre-authorisations in doubt"},
	Open:          Counted{"%d payment or refund not over", "%d payments or refunds not over"},
	Failed:        "That did not work: %s",
	Interrupted:   "Interrupted before it was done; run it again.",
	NoBook:        "There is no journal in %s yet; give the till's data folder with --data, or start the till there once.",
	NoSuchFile:    "There is no %s; check the path.",
	FileExists:    "%s exists and was left as it is; choose another name.",
	FileDenied:    "This user may not use %s; check whose it is.",
	BadListen:     "The address %q cannot be listened on; write unix:PATH or 127.0.0.1:PORT, on this machine only.",
	NotExport:     "%s is not what abacus journal export writes; give a file that it wrote.",

	Config: Config{
		NoSuchConfig: "there is no such file; correct the path after --config",
		Unreadable:   "cannot be read (%s); check its permissions",
		IsFolder:     "is a folder; give the path of the configuration file itself",
		TooBig:       "is larger than %d KiB, so it is hardly a configuration of abacus; check the path",
		NotYAML:      "is not correct YAML (%s); compare it with config.example.yaml",
		NoHome:       "cannot be worked out, as none of XDG_DATA_HOME, HOME and LocalAppData is set; give the folder with --data",

		UnknownKey:     "is not a setting; remove it, all settings are in config.example.yaml",
		UnknownKeyNear: "is not a setting; did you mean %s?",
		UnknownEnv:     "belongs to no setting; unset it, all settings are in config.example.yaml",
		UnknownEnvNear: "belongs to no setting; did you mean %s?",

		WantText:     "must be text; put it in quotes",
		WantNumber:   "must be a whole number, such as 3; write it without quotes or a decimal point",
		WantBool:     "must be true or false; write it without quotes",
		WantList:     "must be a list, such as [3, 6]; write even a single value as a list",
		WantSection:  "must be a group of settings; write them below it, indented",
		WantMoney:    "must be an amount in yuan, such as \"300.00\"; write it in quotes with at most two decimals",
		WantDuration: "must be a duration with its unit, such as 500ms or 5s; write the unit",
		WantSize:     "must be a size with its unit, such as 64MiB or 2GiB; write a whole number and MiB or GiB",
		WantClock:    "must be a time of day, such as \"04:00\"; write it in quotes as hours:minutes",

		Missing:       "is empty; fill it in",
		MissingFor:    "is empty, but %s needs it; fill it in",
		TooLong:       "is longer than %d characters; shorten it",
		Unprintable:   "has characters that cannot be printed; take out line breaks, tabs and other control characters",
		Identifier:    "must be 1 to %d letters or digits; take out spaces, Chinese characters and signs",
		NotOneOf:      "cannot be %q; use one of %s",
		OutOfRange:    "cannot be %d; use %d to %d",
		TooMany:       "has too many items; keep at most %d",
		Twice:         "has %q twice; give each its own",
		BothSet:       "is set together with %s; keep one of the two",
		MoneyPositive: "must be more than nothing; write it like \"1000.00\"",
		MoneyNegative: "cannot be negative; use \"0.00\" or more",

		DurationRange: "cannot be %s; use 0s, or %s to %s",
		SizeRange:     "cannot be %s; use %s to %s",
		TimingOrder:   "is not after %s (%s); make it longer",
		TooEarly:      "is earlier than WeChat Pay allows (%s); use 0s, or at least that",

		NotHTTPS:     "%q is not an https address; write it like %s",
		NotControl:   "%q is not the sandbox's control address; write what the sandbox prints, http://127.0.0.1:PORT",
		RealAcquirer: "is set while %s leads to the real acquirer; keep one of the two",
		StillSandbox: "is true while %s is set up; make it false for real money, or empty that section for the demonstration",
		NotHostPort:  "%q is not host:port; write it like 192.168.1.50:9100",
		QueueName:    "is not the name of a queue; write it as lpstat -p lists it, without spaces or slashes, not beginning with a hyphen",
		ExactForm:    "must be exactly %d characters, digits or the letters its comment allows",
		NoCardKey:    "must hold just the master key: 16 or 32 hexadecimal characters",
		LateDrawer:   "a print queue would open the drawer when the printer comes back, with nobody there; set it to false",

		FileMissing:    "the file %s does not exist; put it there or correct the path",
		FileUnreadable: "the file %s cannot be read (%s); check its permissions",
		FileIsFolder:   "%s is a folder; give the path of a file",
		NoPrivateKey:   "the file %s holds no RSA private key in PEM form; take the key file from the merchant platform",
		NoPublicKey:    "the file %s holds no RSA public key in PEM form; take the key file from the merchant platform",
		NoCertificate:  "the file %s holds no certificate in PEM form; take the certificate from the merchant platform",
		KeyTooShort:    "the key in %s has only %d bits; use one of 2048 bits or more",
		WrongSerial:    "does not fit the certificate, whose serial number is %s; correct one of the two",
		NotHex:         "must be hexadecimal digits; copy it again from the merchant platform",
		APIv3Length:    "must be 32 characters, it has %d; copy it again from the merchant platform",
		NoVerifier:     "is empty and so is platform_cert_file, so WeChat's answers cannot be verified; give at least one",

		NoOperators: "is empty; where the money is real, name at least one operator with role: manager",
		NoManager:   "has no manager; give at least one operator role: manager",
		PINMissing:  "is empty and so is pin_hash; give one of the two",
		PINShape:    "must be 6 to 12 digits; correct it",
		PINWeak:     "is too easy to guess; avoid rows, repetitions and popular numbers",
		PINSandbox:  "is the sandbox's PIN and not for real money; choose another",
		HashShape:   "is not an Argon2id hash; write it as $argon2id$v=19$m=…,t=…,p=…$salt$hash",

		PrepaidPrefix:  "must be 1 to %d digits beginning with 7, 8 or 9, unlike pay codes and bank cards; write it like \"9800\"",
		LabelDigits:    "must be 1 to %d digits; write them in quotes",
		LabelPositions: "must be the first and the last position, within %d and %d, at most %d digits long; write it like [3, 7]",
		LabelOverlap:   "overlaps the positions of item; compare with the label format of the scales",
		BadgeForm:      "a badge has %d to 64 characters, one of them a letter at least",
		CardIsPayCode:  "such numbers look like customers' pay codes; use another prefix or another length",
		BadPattern:     "%q is no pattern; check the square brackets",
	},
}
