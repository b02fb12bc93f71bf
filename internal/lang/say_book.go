package lang

// Broken says what is wrong with a book and the way out: why is a word of
// ledger.Verdict, number the first entry that is not sound, where that is
// known. A word that is not known gets the sentence that fits all.
func (t *Texts) Broken(why string, number any) (say, hint string) {
	s, ok := t.Say.Books[why]
	if !ok {
		s = t.Say.Books[""]
	}
	args := []any{number}
	return t.fill(s.Say, args), t.fill(s.Hint, args)
}

// broken takes the word out of the arguments of a fault or finding: first bad
// number, detail for logs, why.
func (t *Texts) broken(args []any) (say, hint string) {
	why, number := "", any(nil)
	if len(args) > 0 {
		number = args[0]
	}
	if len(args) > 2 {
		why, _ = args[2].(string)
	}
	return t.Broken(why, number)
}

// Only what derives from the journal can be made anew. Everything else needs
// files that are sound, or a new beginning that leaves the old ones as they are:
// and what was open in them is chased by nobody then.
const (
	backupEnglish = "Do not sell. Manager: keep this folder; use the last good backup or a new folder (data). Ask the acquirers about open payments and refunds."
	backupChinese = "请不要收款。请主管保留此目录作证据;换上最近的完好备份,或用新目录(data)继续。未了结的付款和退款,请向收单方查询。"
	sumsEnglish   = "Do not sell. Manager: end the till and run abacus journal rebuild."
	sumsChinese   = "请不要收款。请主管关闭收银台,运行 abacus journal rebuild。"
)

var booksEnglish = map[string]Sentence{
	"":           {"The journal does not verify.", backupEnglish},
	"format":     {"Entry {0} of the journal is not in the form of an export.", "Export the journal again; if it is the same, ask who keeps the book."},
	"gap":        {"Entry {0} is missing in the journal.", backupEnglish},
	"previous":   {"Entry {0} does not continue the entry before it: the journal was changed.", backupEnglish},
	"hash":       {"Entry {0} of the journal was changed after it was written.", backupEnglish},
	"law":        {"Entry {0} of the journal is one the till cannot have written.", backupEnglish},
	"head-file":  {"Entry {0} is not the one that journal.head kept: the journal is another one or was changed.", backupEnglish},
	"end":        {"The journal's end is missing, from entry {0} on: its log was lost, or an older file put in its place.", backupEnglish},
	"other":      {"The journal and journal.head are of different tills: a file was exchanged.", backupEnglish},
	"copy":       {"Entry {0} is missing or not the one that was sent to the journal's keeper: an older file was put in its place, or the journal was changed.", backupEnglish},
	"gone":       {"The journal is empty, though this folder has seen sales: its file is gone.", backupEnglish},
	"file":       {"The journal's file (journal.db) is damaged and cannot be read.", backupEnglish},
	"schema":     {"Tables or rules of the journal's database were changed by another program.", backupEnglish},
	"database":   {"The journal's entries are whole, its database is damaged beside them.", backupEnglish},
	"seal":       {"What lies beside the journal's entries, requests' keys or PINs, was changed.", backupEnglish},
	"write":      {"After a failed write the journal ends neither before nor behind entry {0}.", backupEnglish},
	"projection": {"The journal's entries are whole, the totals made of them are not.", sumsEnglish},
}

var booksChinese = map[string]Sentence{
	"":           {"账本核对不上。", backupChinese},
	"format":     {"账本第 {0} 条记录不符合导出文件的格式。", "请重新导出;若仍然如此,请询问保管账本的人。"},
	"gap":        {"账本缺少第 {0} 条记录。", backupChinese},
	"previous":   {"账本第 {0} 条记录与前一条不相接,账本被改过。", backupChinese},
	"hash":       {"账本第 {0} 条记录写入后被改过。", backupChinese},
	"law":        {"账本第 {0} 条记录不可能是收银台写的。", backupChinese},
	"head-file":  {"账本第 {0} 条记录与 journal.head 所记不同,账本被换过或改过。", backupChinese},
	"end":        {"账本末尾缺少记录,从第 {0} 条起:日志丢失,或换上了旧文件。", backupChinese},
	"other":      {"账本与 journal.head 不属于同一台收银机,文件被换过。", backupChinese},
	"copy":       {"账本第 {0} 条记录缺失,或与已上传存管方的不同:换上了旧文件,或账本被改过。", backupChinese},
	"gone":       {"账本是空的,但此目录里有过销售:账本文件丢失。", backupChinese},
	"file":       {"账本文件(journal.db)已损坏,无法读取。", backupChinese},
	"schema":     {"账本数据库的表或规则被其他程序改过。", backupChinese},
	"database":   {"账本记录完整,但数据库的其他部分已损坏。", backupChinese},
	"seal":       {"账本记录之外的请求键或密码校验值被改过。", backupChinese},
	"write":      {"写入失败后,账本的末尾既不在第 {0} 条之前,也不在其后。", backupChinese},
	"projection": {"账本记录完整,但由它得出的汇总不对。", sumsChinese},
}
