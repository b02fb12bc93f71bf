package lang

// Doctor is what an examination of the till found, and the remedies.
type Doctor struct {
	Title    string
	AllWell  string
	Needed   string            // how many things need a person
	States   map[string]string // by the state's word
	Checks   map[string]string // what was looked at
	Findings map[string]Sentence
}

// Finding says what was found and what to do about it. A code that is not
// known says itself.
func (t *Texts) Finding(code string, args []any) (say, hint string) {
	switch code {
	case "book-broken":
		return t.broken(args)
	case "book-sums":
		return t.Broken("projection", nil)
	}
	s, ok := t.Doctor.Findings[code]
	if !ok {
		return t.fill("{0}", []any{code}), ""
	}
	return t.fill(s.Say, args), t.fill(s.Hint, args)
}

// Check is the name of what was looked at.
func (t *Texts) Check(name string) string {
	if word, ok := t.Doctor.Checks[name]; ok {
		return word
	}
	return name
}

var doctorEnglish = Doctor{
	Title:   "Doctor: everything looked over",
	AllWell: "All is well.",
	Needed:  "%d things need somebody.",
	States:  map[string]string{"well": "well", "note": "note", "fault": "fault", "unknown": "unknown"},
	Checks: map[string]string{
		"till": "Till", "network": "Network", "names": "Names", "acquirer": "Acquirer", "clock": "Clock", "certificate": "Certificate",
		"disk": "Disk", "sync": "Writing", "book": "Book", "doubt": "In doubt", "printer": "Printer", "scanner": "Scanner",
		"terminal": "Bank terminal", "cardhost": "Card host", "cardreader": "Card reader", "display": "Display", "journal": "Journal copy",
	},
	Findings: map[string]Sentence{
		"no-end": {"This check did not come to an end within {0} seconds.", "Run it again; if it stays so, restart the machine and look at this part first."},
		"fell":   {"This check failed inside.", "Run it again; if it stays so, tell the makers of the till which check it is."},

		"till-running":    {"A till is running on this data folder (process {0}).", ""},
		"till-still":      {"No till is running on this data folder.", ""},
		"till-here":       {"This till is running.", ""},
		"till-locked-out": {"The data folder cannot be locked: {0}.", "Give the user of the till the right to write there."},

		"network-not-needed": {"Everything the till calls is on this machine.", ""},
		"network-none":       {"This machine has no network.", "Check the network cable or the Wi-Fi, then the router."},
		"network-up":         {"The network is up ({0}).", ""},
		"names-well":         {"{0} names are resolved.", ""},
		"name-unknown":       {"The name {0} is not resolved.", "Check the internet connection; if other machines are fine, set the DNS server of this one, such as 223.5.5.5."},

		"acquirer-well":        {"{w0} answers in {1} ms.", ""},
		"acquirer-no-name":     {"{w0} cannot be found: the name {1} is not resolved.", "Check the internet connection and the DNS server."},
		"acquirer-unreachable": {"{w0} is not reached at {1}.", "Check the internet connection; behind a firewall, open port 443 to it. Cash can be taken meanwhile."},
		"acquirer-silent":      {"{w0} at {1} does not answer in time.", "Check the internet connection; if it is well, wait: the acquirer may be disturbed. Cash can be taken meanwhile."},
		"acquirer-expired":     {"The certificate that {w0} shows is out of date, or this machine's clock is wrong.", "Set the clock first. If it is right, somebody is between: do not pay over this network."},
		"acquirer-untrusted":   {"The certificate that {w0} shows is not to be trusted.", "Use another network: this one puts itself between. In a company, ask for its certificate and name it in tls.ca_file."},
		"acquirer-wrong-name":  {"The server at {1} is not {w0}.", "Check the address in the configuration; on a guest network, sign in there first."},
		"acquirer-ends":        {"The server certificate of {w0} ends on {1}.", "Nothing to do here: the acquirer renews it."},
		"acquirers-none":       {"No acquirer outside this till is set up.", "For real money, fill in the section of an acquirer in the configuration."},

		"clock-well":           {"The clock is right to {0}.", ""},
		"clock-ahead":          {"The clock is {0} ahead of the acquirer's.", "Turn on automatic time (NTP) in the system's settings."},
		"clock-behind":         {"The clock is {0} behind the acquirer's.", "Turn on automatic time (NTP) in the system's settings."},
		"clock-refused-ahead":  {"The clock is {0} ahead: acquirers refuse requests.", "Set date, time and time zone now and turn on automatic time (NTP)."},
		"clock-refused-behind": {"The clock is {0} behind: acquirers refuse requests.", "Set date, time and time zone now and turn on automatic time (NTP)."},
		"clock-unknown":        {"The acquirer did not tell its time.", "Compare this machine's clock with a phone."},
		"clock-before-book":    {"The clock is before the last entry in the book ({0}).", "Set date and time; if the entry's time is wrong, tell your accountant."},

		"certificate-well":   {"{0} is good until {1}.", ""},
		"certificate-ending": {"{0} ends on {1}, in {2} days.", "Fetch the new one from the merchant platform and put it in place of the file."},
		"certificate-ended":  {"{0} ended on {1}.", "Fetch the new one from the merchant platform now and put it in place of the file."},
		"certificate-early":  {"{0} is good only from {1} on.", "Set the clock; if it is right, use the certificate before this one."},

		"disk-well":       {"{1} free for the book.", ""},
		"disk-low":        {"Only {1} free for the book: below {2} nothing new is sold.", "Delete or move files that are not the till's; see to it this week."},
		"disk-full":       {"Only {1} free for the book: nothing new is sold until it is {2}.", "Delete or move files that are not the till's now; then it sells again by itself."},
		"disk-unreadable": {"The data folder {0} cannot be examined.", "Check that it exists, that its disk is mounted, and whose it is."},
		"disk-denied":     {"Nothing can be written to the data folder {0}.", "Give the user of the till the right to write there."},
		"disk-memory":     {"The book lies in memory ({0}): a power cut takes it all.", "Put the data folder on a real disk (data in the configuration)."},
		"disk-network":    {"The book lies on another machine ({0}): its lock and its log are not safe there.", "Put the data folder on a disk of this machine."},
		"disk-layers":     {"The book lies in a container's own layer ({0}): it is gone with the container.", "Give the container a volume for the data folder."},
		"disk-no-journal": {"The book lies on a file system without a journal of its own ({0}).", "Better use a disk formatted ext4, XFS or NTFS."},
		"sync-well":       {"Writing for good takes {0}. Whether the device's own memory survives a power cut cannot be seen from here.", ""},
		"sync-instant":    {"Writing for good takes {0}: too quick for any device. A power cut can take sales.", "Turn off what fakes it: a virtual machine's unsafe write cache, eatmydata, a disk in memory."},
		"sync-slow":       {"Writing for good takes {0}: every sale waits for it.", "Use an SSD; look whether this disk is failing."},
		"sync-failed":     {"Writing for good fails in {0}.", "Stop selling, copy the data folder to another disk, replace this one."},

		"book-well":       {"{0} entries, all sound, ending in {1}.", ""},
		"book-none":       {"There is no book yet; the first start makes it.", ""},
		"book-broken":     {"The journal does not verify.", backupEnglish},
		"book-sums":       {"The journal's entries are whole, the totals made of them are not.", sumsEnglish},
		"head-missing":    {"journal.head is gone or was unreadable: what the journal had lost at its end would not be seen.", "Compare the last sale with its receipt and the acquirers' lists; the till's start writes it anew."},
		"head-unwritten":  {"journal.head cannot be written: a loss at the journal's end would not be seen.", "Free space, check whose file it is, then start the till again."},
		"book-unreadable": {"The book cannot be read: {0}.", "Check the disk and whose the data folder is."},
		"doubt-none":      {"No payment, refund or pre-authorisation is in doubt.", ""},
		"doubt-open":      {"{0} payments, refunds or pre-authorisations have no certain end.", "Open the list of doubt in the till; it asks the acquirers by itself."},

		"journal-none":        {"Nobody keeps a copy of the journal.", ""},
		"journal-well":        {"The copy of the journal is the same up to entry {0}.", ""},
		"journal-behind":      {"{0} entries have not been sent yet.", "Nothing to do: they are sent by themselves."},
		"journal-unreachable": {"The journal's keeper does not answer; {0} entries wait.", "Check the internet connection. Selling goes on, and what waits is sent by itself."},
		"journal-refused":     {"The journal's keeper refuses this till; {0} entries wait.", "Give it this till's public key, or correct journal.key_file."},
		"journal-bad-answer":  {"What answers in place of the journal's keeper is not the keeper; {0} entries wait.", "Check journal.address and journal.public_key_file; use another network if this one puts itself between."},
		"journal-unreadable":  {"The journal cannot be read to be sent; {0} entries wait.", "Check the disk and whose the data folder is."},
		"journal-differs":     {"The copy of the journal and this journal differ from entry {0} on.", "Stop, keep the data folder as it is, and call support: one of the two was changed."},
		"journal-ahead":       {"The copy of the journal goes to entry {0}, this journal only to {1}.", "Stop, keep the data folder as it is, and call support: this book has lost entries or is an old copy."},

		"printer-none":       {"No printer is set up.", ""},
		"printer-mute":       {"This printer cannot be asked.", "Print a copy of a receipt and look at it."},
		"printer-well":       {"The printer is ready.", ""},
		"printer-no-answer":  {"The printer gives no answer.", "Check its power and cable. Receipts wait and print when it is back."},
		"printer-cover-open": {"The printer's cover is open.", "Close it, and what is missing will print."},
		"printer-paper-out":  {"The printer is out of paper.", "Put in a new roll, and what is missing will print."},
		"printer-fault":      {"The printer reports a fault.", "Clear jammed paper at the knife, switch it off and on."},
		"printer-offline":    {"The printer is off line.", "Press its feed or on-line key."},
		"printer-paper-low":  {"The printer's paper is nearly used up.", "Have a new roll at hand."},
		"printer-unproven":   {"The printer tells its state, but not when it has printed: each receipt waits 30 s and ends as unknown.", "Turn on status replies (GS r) in its settings; if it has none, set printer.status: false and look at the paper."},

		"scanner-wedge": {"The scanner works as a keyboard and cannot be asked.", "Scan something at the till; if it comes out wrong, see the scanner's page."},

		"device-busy":    {"The running till has this device.", "Look in the till's own page: menu, This till, Doctor."},
		"device-well":    {"{0} is there.", ""},
		"device-missing": {"{0} is not there.", "Check cable and power, then the path in the configuration."},
		"device-denied":  {"{0} may not be opened.", "Add the user of the till to the device's group (dialout, lp or input) and sign in again."},
		"device-taken":   {"Another program holds {0}.", "End that program; then it comes back by itself."},
		"device-flood":   {"{0} sends faster than the till can sell; some codes were dropped.", "Check the last lines; set the scanner to single scans."},
		"device-foreign": {"{0} is not what the configuration says it is.", "Correct the device's path in the configuration."},
		"device-system":  {"{0} cannot be used on this system.", "Connect it by a serial line, or as a plain keyboard."},
		"device-failed":  {"{0} is there and does not open.", "Close other programs that use it; pull it out and put it in again."},

		"host-well":        {"{w0} is reached at {1}.", ""},
		"host-no-name":     {"{w0} cannot be found: the name in {1} is not resolved.", "Check the address and the DNS server."},
		"host-unreachable": {"{w0} is not reached at {1}.", "Check its power, its cable and the address; then the line to it."},
		"host-silent":      {"{w0} at {1} does not answer in time.", "Check the cable and the router on the way; a firewall may keep the port closed."},
		"host-no-tls":      {"{w0} at {1} does not speak TLS.", "Ask the acquirer for the port with TLS; where there is none, set card.tls to false."},
		"host-untrusted":   {"The certificate that {w0} shows is not to be trusted.", "Ask the acquirer for its certificate and name it in tls.ca_file."},
		"host-expired":     {"The certificate that {w0} shows is out of date, or this machine's clock is wrong.", "Set the clock first; if it is right, tell the acquirer."},
		"host-wrong-name":  {"The server at {1} has a certificate of another name.", "Write the address in card.address as the acquirer gave it."},
		"host-sandbox":     {"Cards go to the sandbox's host, inside this till.", ""},
		"host-record":      {"The card terminal's record, {0}, is damaged or cannot be read.", "Settle by the host's figures, then move the file away and start the till again."},
		"host-record-lost": {"The card terminal's record, {0}, was lost or is an old copy. Of {1} payments or refunds in doubt it cannot tell whether they left.", "Ask the card host's bank about those in the list of doubt; a manager ends them. Check the next settlement against the host's figures."},
		"host-off":         {"No card is taken: the card host's settings or the terminal's record could not be used at the start.", "Read abacus.log in the data folder, check card.master_key_file and card.jsonl, start the till again."},

		"reader-well":         {"The chip reader {0} is there.", ""},
		"reader-none":         {"No chip reader is plugged in.", "Plug it in and run this again; if it stays so, the system lacks its driver (libccid)."},
		"reader-other":        {"The chip reader {0} is not there; {1} is.", "Plug it in, or correct card.chip_reader."},
		"reader-no-service":   {"The smart card service is not there ({0}).", "Install pcscd and start it: systemctl enable --now pcscd.socket; or correct card.chip_service."},
		"reader-denied":       {"The till may not use the smart card service ({0}).", "Let the till's user through in polkit (org.debian.pcsc-lite), or sign in at this machine itself."},
		"reader-service-down": {"The smart card service does not answer ({0}).", "Start it again: systemctl restart pcscd"},
	},
}

var doctorChinese = Doctor{
	Title:   "体检:逐项检查",
	AllWell: "一切正常。",
	Needed:  "有 %d 项需要处理。",
	States:  map[string]string{"well": "正常", "note": "提示", "fault": "故障", "unknown": "不明"},
	Checks: map[string]string{
		"till": "收银台", "network": "网络", "names": "域名", "acquirer": "收单方", "clock": "时钟", "certificate": "证书",
		"disk": "磁盘", "sync": "落盘", "book": "账本", "doubt": "待确认", "printer": "打印机", "scanner": "扫码枪",
		"terminal": "刷卡终端", "cardhost": "银行卡主机", "cardreader": "读卡器", "display": "顾客显示屏", "journal": "流水上传",
	},
	Findings: map[string]Sentence{
		"no-end": {"这一项在 {0} 秒内没有查完。", "再查一次;若仍如此,请重启机器,并先看这一部分。"},
		"fell":   {"这一项检查自身出错。", "再查一次;若仍如此,请把是哪一项告诉软件开发方。"},

		"till-running":    {"有收银台正在使用这个数据目录(进程 {0})。", ""},
		"till-still":      {"没有收银台在使用这个数据目录。", ""},
		"till-here":       {"本收银台正在运行。", ""},
		"till-locked-out": {"数据目录无法加锁:{0}。", "请给运行收银台的用户该目录的写权限。"},

		"network-not-needed": {"要连接的都在本机。", ""},
		"network-none":       {"本机没有联网。", "请检查网线或 Wi-Fi,再检查路由器。"},
		"network-up":         {"网络已连接({0})。", ""},
		"names-well":         {"{0} 个域名解析正常。", ""},
		"name-unknown":       {"域名 {0} 无法解析。", "请检查外网;若别的机器正常,请给本机设置 DNS,例如 223.5.5.5。"},

		"acquirer-well":        {"{w0}已应答,用时 {1} 毫秒。", ""},
		"acquirer-no-name":     {"找不到{w0}:域名 {1} 无法解析。", "请检查外网和 DNS。"},
		"acquirer-unreachable": {"连不上{w0}({1})。", "请检查外网;有防火墙时请放行到它的 443 端口。这期间可以收现金。"},
		"acquirer-silent":      {"{w0}({1})没有按时应答。", "请检查外网;外网正常就稍等,可能是对方故障。这期间可以收现金。"},
		"acquirer-expired":     {"{w0}出示的证书已过期,或本机时钟不对。", "请先校准时钟。若时钟没错,说明中间有人,请勿用这个网络收款。"},
		"acquirer-untrusted":   {"{w0}出示的证书不可信。", "请换一个网络,这个网络插在了中间。公司内网请索取其证书,填入 tls.ca_file。"},
		"acquirer-wrong-name":  {"{1} 的服务器不是{w0}。", "请核对配置里的地址;若是访客网络,请先登录该网络。"},
		"acquirer-ends":        {"{w0}的服务器证书 {1} 到期。", "这边不用处理,由收单方更换。"},
		"acquirers-none":       {"没有设置外部的收单方。", "要收真钱,请在配置里填写收单方一节。"},

		"clock-well":           {"时钟准确,误差 {0}。", ""},
		"clock-ahead":          {"时钟比收单方快 {0}。", "请在系统设置里打开自动校时(NTP)。"},
		"clock-behind":         {"时钟比收单方慢 {0}。", "请在系统设置里打开自动校时(NTP)。"},
		"clock-refused-ahead":  {"时钟快了 {0},收单方会拒绝请求。", "请立即校准日期、时间和时区,并打开自动校时(NTP)。"},
		"clock-refused-behind": {"时钟慢了 {0},收单方会拒绝请求。", "请立即校准日期、时间和时区,并打开自动校时(NTP)。"},
		"clock-unknown":        {"收单方没有给出时间。", "请拿手机与本机的时钟比对。"},
		"clock-before-book":    {"时钟早于账本最后一条记录({0})。", "请校准日期和时间;若是那条记录的时间不对,请告知会计。"},

		"certificate-well":   {"{0} 有效期至 {1}。", ""},
		"certificate-ending": {"{0} 将在 {1} 到期,还有 {2} 天。", "请从商户平台下载新证书,替换原文件。"},
		"certificate-ended":  {"{0} 已在 {1} 到期。", "请立即从商户平台下载新证书,替换原文件。"},
		"certificate-early":  {"{0} 要到 {1} 才生效。", "请校准时钟;若时钟没错,请先用上一张证书。"},

		"disk-well":       {"账本所在磁盘可用 {1}。", ""},
		"disk-low":        {"账本所在磁盘只剩 {1},少于 {2} 就不再开新单。", "请在本周内删除或移走与收银无关的文件。"},
		"disk-full":       {"账本所在磁盘只剩 {1},腾到 {2} 之前不开新单。", "请立即删除或移走与收银无关的文件,腾出后自动恢复收银。"},
		"disk-unreadable": {"无法检查数据目录 {0}。", "请确认目录存在、磁盘已挂载、权限正确。"},
		"disk-denied":     {"数据目录 {0} 无法写入。", "请给运行收银台的用户该目录的写权限。"},
		"disk-memory":     {"账本在内存里({0}),一断电就全没了。", "请把数据目录放到真正的磁盘上(配置项 data)。"},
		"disk-network":    {"账本在别的机器上({0}),锁和日志在那里不可靠。", "请把数据目录放到本机磁盘上。"},
		"disk-layers":     {"账本在容器自己的层里({0}),容器没了账本就没了。", "请为数据目录给容器挂一个卷。"},
		"disk-no-journal": {"账本所在的文件系统没有自己的日志({0})。", "最好用 ext4、XFS 或 NTFS 格式的磁盘。"},
		"sync-well":       {"落盘用时 {0}。磁盘自带缓存断电后是否保得住,从这里看不出来。", ""},
		"sync-instant":    {"落盘只用 {0},任何磁盘都没有这么快,断电可能丢账。", "请关掉造假的东西:虚拟机的不安全写缓存、eatmydata、内存盘。"},
		"sync-slow":       {"落盘要 {0},每笔都得等它。", "请换固态硬盘;并检查这块盘是否快坏了。"},
		"sync-failed":     {"在 {0} 落盘失败。", "请停止收银,把数据目录复制到别的磁盘,更换这块盘。"},

		"book-well":       {"共 {0} 条记录,完整无误,末尾 {1}。", ""},
		"book-none":       {"还没有账本,首次启动时建立。", ""},
		"book-broken":     {"账本核对不上。", backupChinese},
		"book-sums":       {"账本记录完整,但由它得出的汇总不对。", sumsChinese},
		"head-missing":    {"journal.head 丢失或无法读取:账本末尾若少了记录,看不出来。", "请用最后的小票和收单方账单核对;启动收银台会重新写入此文件。"},
		"head-unwritten":  {"journal.head 无法写入:账本末尾若少了记录,看不出来。", "请清理磁盘,检查该文件的权限,再重新启动收银台。"},
		"book-unreadable": {"账本无法读取:{0}。", "请检查磁盘和数据目录的权限。"},
		"doubt-none":      {"没有结果未知的付款、退款或预授权。", ""},
		"doubt-open":      {"有 {0} 笔付款、退款或预授权结果未知。", "请在收银台打开待确认列表;它会自己向收单方查询。"},

		"journal-none":        {"没有设置流水的存管方。", ""},
		"journal-well":        {"存管的流水与本机一致,至第 {0} 条。", ""},
		"journal-behind":      {"还有 {0} 条记录没有上传。", "不用处理,会自动上传。"},
		"journal-unreachable": {"流水存管方没有应答,{0} 条记录等待上传。", "请检查外网。照常收银,等待的会自动上传。"},
		"journal-refused":     {"流水存管方拒绝本机,{0} 条记录等待上传。", "请把本机公钥交给存管方,或改正 journal.key_file。"},
		"journal-bad-answer":  {"应答的不是流水存管方,{0} 条记录等待上传。", "请核对 journal.address 和 journal.public_key_file;若网络插在中间,请换一个网络。"},
		"journal-unreadable":  {"流水读不出来,无法上传,{0} 条记录等待。", "请检查磁盘和数据目录的权限。"},
		"journal-differs":     {"存管的流水与本机从第 {0} 条起不同。", "请停下,保持数据目录原样,联系技术支持:两份中有一份被改过。"},
		"journal-ahead":       {"存管的流水到第 {0} 条,本机只到第 {1} 条。", "请停下,保持数据目录原样,联系技术支持:本机账本丢了记录,或是旧的副本。"},

		"printer-none":       {"没有设置打印机。", ""},
		"printer-mute":       {"这台打印机不能查询状态。", "请补打一张小票看看。"},
		"printer-well":       {"打印机就绪。", ""},
		"printer-no-answer":  {"打印机没有应答。", "请检查电源和线;小票会等它恢复后打印。"},
		"printer-cover-open": {"打印机盖子开着。", "请合上盖子,缺的会接着打。"},
		"printer-paper-out":  {"打印机没纸了。", "请换上新纸卷,缺的会接着打。"},
		"printer-fault":      {"打印机报告故障。", "请清除切刀处的卡纸,关机再开。"},
		"printer-offline":    {"打印机处于脱机状态。", "请按打印机的走纸键或联机键。"},
		"printer-paper-low":  {"打印机的纸快用完了。", "请备好新纸卷。"},
		"printer-unproven":   {"打印机能报状态,但打完不回报:每张小票都要等 30 秒,最后显示不知是否打出。", "请在打印机设置里打开状态回报(GS r);没有这一项就设 printer.status: false,打完请看纸。"},

		"scanner-wedge": {"扫码枪当键盘用,不能查询。", "请在收银台扫一下;若不对,请看扫码枪一页。"},

		"device-busy":    {"正在运行的收银台占用着它。", "请在收银台里看:菜单,本机,体检。"},
		"device-well":    {"{0} 已连接。", ""},
		"device-missing": {"{0} 不存在。", "请检查线和电源,再核对配置里的路径。"},
		"device-denied":  {"没有权限打开 {0}。", "请把运行收银台的用户加入设备的用户组(dialout、lp 或 input),再重新登录。"},
		"device-taken":   {"{0} 被别的程序占用。", "请关闭那个程序,它会自动恢复。"},
		"device-flood":   {"{0} 发送太快,丢弃了一些条码。", "请核对最后几行;把扫码枪设为单次扫描。"},
		"device-foreign": {"{0} 不是配置里所说的设备。", "请改正配置里的设备路径。"},
		"device-system":  {"{0} 不能在这个系统上使用。", "请改用串口,或当普通键盘使用。"},
		"device-failed":  {"{0} 存在,但打不开。", "请关闭占用它的程序;拔下重插。"},

		"host-well":        {"已连上{w0}({1})。", ""},
		"host-no-name":     {"找不到{w0}:{1} 里的域名无法解析。", "请核对地址和 DNS。"},
		"host-unreachable": {"连不上{w0}({1})。", "请检查它的电源、网线和地址,再检查线路。"},
		"host-silent":      {"{w0}({1})没有按时应答。", "请检查网线和路由器;也可能是防火墙没有放行这个端口。"},
		"host-no-tls":      {"{w0}({1})不用 TLS。", "请向收单方索取 TLS 端口;没有的话把 card.tls 设为 false。"},
		"host-untrusted":   {"{w0}出示的证书不可信。", "请向收单方索取其证书,填入 tls.ca_file。"},
		"host-expired":     {"{w0}出示的证书已过期,或本机时钟不对。", "请先校准时钟;时钟没错就告诉收单方。"},
		"host-wrong-name":  {"{1} 的服务器用的是别的名字的证书。", "请按收单方给的原样填写 card.address。"},
		"host-sandbox":     {"银行卡走沙箱的主机,就在本机里。", ""},
		"host-record":      {"刷卡记录 {0} 损坏或读不出来。", "请按主机的数字结算,再把这个文件移走,重启收银台。"},
		"host-record-lost": {"刷卡记录 {0} 丢失过,或是旧的副本;有 {1} 笔待确认的收款或退款,说不出当时有没有发出。", "请向收单银行逐笔查询待确认列表里的银行卡交易,由主管处理,并按主机的数字核对下一次结算。"},
		"host-off":         {"不能刷卡:启动时银行卡主机的设置或刷卡记录用不了。", "请看数据目录里的 abacus.log,核对 card.master_key_file 和 card.jsonl,再重启收银台。"},

		"reader-well":         {"读卡器 {0} 已连接。", ""},
		"reader-none":         {"没有插读卡器。", "请插好再查一次;仍如此就是系统缺少它的驱动(libccid)。"},
		"reader-other":        {"没有读卡器 {0},只有 {1}。", "请插好它,或改正 card.chip_reader。"},
		"reader-no-service":   {"没有智能卡服务({0})。", "请安装并启动 pcscd:systemctl enable --now pcscd.socket;或改正 card.chip_service。"},
		"reader-denied":       {"没有权限使用智能卡服务({0})。", "请在 polkit 里放行运行收银台的用户(org.debian.pcsc-lite),或直接在本机登录。"},
		"reader-service-down": {"智能卡服务没有应答({0})。", "请重启它:systemctl restart pcscd"},
	},
}
