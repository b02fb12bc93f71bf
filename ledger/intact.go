package ledger

import (
	"crypto/sha256"
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
)

// schemaSum is what schemaOf gives for a book that the migrations have just
// made. It changes with every migration; a test tells the new one.
const schemaSum = "779d7cc94139c8d636bc9165931efcbc"

// intact says what is wrong with the database itself, in places of which no
// entry speaks: an index that hides a payment, the words that define a table or
// an index. It reads everything.
func intact(c *conn) (why, detail string, err error) {
	var found string
	if _, err := c.one("PRAGMA integrity_check(1)", nil, &found); err != nil {
		return "", "", err
	}
	if found != "ok" {
		return WhyDatabase, found, nil
	}
	sum, err := schemaOf(c)
	if err == nil && sum != schemaSum {
		return WhySchema, "its schema was changed by somebody else than this program", nil
	}
	if err == nil {
		detail, err = keysIntact(c)
	}
	if err == nil && detail == "" {
		detail, err = pinsIntact(c)
	}
	if detail != "" {
		why = WhySeal
	}
	return why, detail, err
}

func keysIntact(c *conn) (detail string, err error) {
	var key, sealed, object string
	var entry int64
	err = c.each("SELECT key, hash, object, entry FROM request_keys", nil, func(row []driver.Value) error {
		if err := scan(row, &key, &sealed, &object, &entry); err != nil {
			return err
		}
		if _, whole := openKey(key, sealed, object, entry); !whole {
			detail = fmt.Sprintf("the request's key of number %d was changed", entry)
		}
		return nil
	})
	return detail, err
}

// sealKey adds a check sum of a request's key to the hash that is kept with it:
// the chain does not speak of keys, and one that changed lets a request happen
// twice.
func sealKey(key, hash, object string, entry int64) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %d", key, hash, object, entry))
	return hash + "/" + hex.EncodeToString(sum[:8])
}

// openKey gives the hash back, and whether everything is as it was sealed.
func openKey(key, sealed, object string, entry int64) (hash string, whole bool) {
	hash = sealed[:max(strings.LastIndexByte(sealed, '/'), 0)]
	return hash, sealKey(key, hash, object, entry) == sealed
}

// schemaOf is the first half of the SHA-256 of everything the schema says,
// except the migrations' own notes.
func schemaOf(c *conn) (string, error) {
	h := sha256.New()
	var kind, name, table, sql string
	err := c.each("SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema ORDER BY name", nil, func(row []driver.Value) error {
		if err := scan(row, &kind, &name, &table, &sql); err != nil {
			return err
		}
		if !strings.HasPrefix(table, "goose_") && table != "sqlite_sequence" {
			_, _ = io.WriteString(h, strings.Join([]string{kind, name, table, sql, ""}, "\x00"))
		}
		return nil
	})
	return hex.EncodeToString(h.Sum(nil)[:16]), err
}
