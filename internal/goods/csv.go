package goods

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"abacus/internal/money"
)

// Columns by their English and Chinese headings. Their order is free.
var (
	itemColumns = []column{
		{"code", "条码", true}, {"name", "品名", true}, {"name_en", "英文名", false}, {"initials", "拼音", false},
		{"unit", "单位", false}, {"price", "价格", true}, {"weighed", "称重", false},
	}
	memberColumns = []column{
		{"number", "卡号", true}, {"phone", "手机", false}, {"name", "姓名", false}, {"points", "积分", false},
	}
)

type column struct {
	english, chinese string
	needed           bool
}

// row is one line by its English headings.
type row map[string]string

// LoadCSV reads articles from a CSV file in UTF-8 with headings: code, name
// and price are needed; name_en, initials, unit and weighed (yes or no) may be
// there. Prices are in major units of c, per kilogram when weighed. The error
// holds one sentence for every bad line, at most 20; then no items are given.
func LoadCSV(r io.Reader, c money.Currency) ([]Item, error) {
	var items []Item
	err := readRows(r, itemColumns, func(f row) error {
		price, err := money.Parse(f["price"], c)
		if err != nil {
			return fmt.Errorf("price: %w", err)
		}
		weighed, err := yes(f["weighed"])
		if err != nil {
			return err
		}
		item := Item{
			Code: f["code"], Name: f["name"], NameEn: f["name_en"], Initials: strings.ToLower(f["initials"]),
			Unit: f["unit"], Price: price, Weighed: weighed,
		}
		if item.Initials == "" {
			item.Initials = Initials(item.Name)
		}
		if item.Unit == "" {
			item.Unit = "件"
			if weighed {
				item.Unit = "kg"
			}
		}
		items = append(items, item)
		return item.check()
	})
	if err != nil {
		return nil, err
	}
	return items, nil
}

// LoadMembersCSV reads members from a CSV file in UTF-8 with headings: number
// is needed; phone (whole, or with stars), name and points may be there.
// Errors are as LoadCSV's.
func LoadMembersCSV(r io.Reader) ([]Member, error) {
	var members []Member
	err := readRows(r, memberColumns, func(f row) error {
		m := Member{Number: f["number"], Phone: f["phone"], Name: f["name"]}
		if f["points"] != "" {
			points, err := strconv.ParseInt(f["points"], 10, 64)
			if err != nil || points < 0 {
				return fmt.Errorf("points %q must be a whole number, not negative", clip(f["points"]))
			}
			m.Points = points
		}
		members = append(members, m)
		return m.check()
	})
	if err != nil {
		return nil, err
	}
	return members, nil
}

func yes(text string) (bool, error) {
	switch strings.ToLower(text) {
	case "", "no", "false", "0", "否":
		return false, nil
	case "yes", "true", "1", "是":
		return true, nil
	}
	return false, fmt.Errorf("weighed %q must be yes or no", clip(text))
}

// errEncoding is what a file saved by a Chinese Excel as plain CSV gets.
var errEncoding = errors.New("the text is not UTF-8: save the file as UTF-8 (in Excel: CSV UTF-8)")

// readRows brings every line of a CSV file to take and gathers what is wrong
// with them.
func readRows(r io.Reader, columns []column, take func(row) error) error {
	reader := csv.NewReader(withoutMark(r))
	reader.FieldsPerRecord = -1 // counted here, to say it in a sentence
	reader.ReuseRecord = true
	head, err := reader.Read()
	if err == io.EOF {
		return errors.New("the file is empty: its first line must name the columns")
	}
	if err != nil {
		return sentence(err)
	}
	names, err := headings(head, columns)
	if err != nil {
		return fmt.Errorf("line 1: %w", err)
	}
	var bad faults
	for n := 0; ; n++ {
		record, err := reader.Read()
		if err == io.EOF {
			return bad.err()
		}
		if err != nil {
			// After a torn quote nobody knows where the next line begins.
			bad.add("%w", sentence(err))
			return bad.err()
		}
		if n == maxItems {
			bad.add("more than %d lines: this cannot be the list", maxItems)
			return bad.err()
		}
		line, _ := reader.FieldPos(0)
		if err := takeRecord(record, names, take); err != nil {
			bad.add("line %d: %w", line, err)
		}
	}
}

func takeRecord(record, names []string, take func(row) error) error {
	if len(record) != len(names) {
		return fmt.Errorf("it has %d columns, the first line has %d", len(record), len(names))
	}
	fields := make(row, len(names))
	for i, field := range record {
		if !utf8.ValidString(field) {
			return errEncoding
		}
		fields[names[i]] = strings.TrimSpace(field)
	}
	return take(fields)
}

// headings gives the English heading of every column, empty for one that is
// not used.
func headings(head []string, columns []column) ([]string, error) {
	names := make([]string, len(head))
	found := map[string]bool{}
	for i, text := range head {
		if !utf8.ValidString(text) {
			return nil, errEncoding
		}
		for _, c := range columns {
			if text = strings.TrimSpace(text); strings.EqualFold(text, c.english) || text == c.chinese {
				if found[c.english] {
					return nil, fmt.Errorf("column %q is there twice", c.english)
				}
				names[i], found[c.english] = c.english, true
			}
		}
	}
	for _, c := range columns {
		if c.needed && !found[c.english] {
			return nil, fmt.Errorf("there is no column %q (%s)", c.english, c.chinese)
		}
	}
	return names, nil
}

// withoutMark takes off the byte order mark that Windows puts before UTF-8.
func withoutMark(r io.Reader) io.Reader {
	b := bufio.NewReader(r)
	if mark, _ := b.Peek(3); string(mark) == "\xef\xbb\xbf" {
		_, _ = b.Discard(3) // just peeked: cannot fail
	}
	return b
}

// sentence puts an error of encoding/csv the way the others are put.
func sentence(err error) error {
	var torn *csv.ParseError
	if errors.As(err, &torn) {
		return fmt.Errorf("line %d: a quotation mark is missing or out of place", torn.Line)
	}
	return fmt.Errorf("reading the file: %w", err)
}

func clip(text string) string {
	if r := []rune(text); len(r) > 24 {
		return string(r[:24]) + "…"
	}
	return text
}
