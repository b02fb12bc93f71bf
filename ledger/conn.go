package ledger

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"

	sqlite "modernc.org/sqlite"
)

// conn is one connection to SQLite, without database/sql between: a till has
// one writer, and the pool costs more than a statement. Statements are prepared
// once, on first use. Not safe for concurrent use.
type conn struct {
	raw        driver.Conn
	statements map[string]driver.Stmt
	args       []driver.NamedValue // reused
}

// dsn builds the driver's name of a database. Full synchronisation in WAL mode
// is the one fast setting that keeps every acknowledged commit through a power
// cut.
func dsn(path, vfs string, readOnly bool) string {
	name := filepath.ToSlash(path)
	if filepath.IsAbs(path) && !strings.HasPrefix(name, "/") {
		name = "/" + name // file:///C:/…
	}
	query := url.Values{"_pragma": {fmt.Sprintf("busy_timeout(%d)", busyTimeout)}}
	if readOnly {
		query.Set("mode", "ro")
	} else {
		query["_pragma"] = append(query["_pragma"], pageSize, "recursive_triggers(1)", "synchronous(full)")
		query.Set("_journal_mode", "wal") // set last by the driver: it fixes a new book's page size
		query.Set("_txlock", "immediate")
	}
	if vfs != "" {
		query.Set("vfs", vfs)
	}
	return "file:" + (&url.URL{Path: name}).EscapedPath() + "?" + query.Encode()
}

// busyTimeout is how long a connection waits for another one, in milliseconds.
const busyTimeout = 5000

// pageSize is that of a new book, in bytes. A commit writes every page it
// touched whole, so small pages make it a tenth cheaper than SQLite's usual
// 4096; a longer row goes on in pages of its own.
const pageSize = "page_size(1024)"

func openConn(name string) (*conn, error) {
	raw, err := new(sqlite.Driver).Open(name)
	if err != nil {
		return nil, err
	}
	// Where the log is taken away at the end and made anew, its name must be
	// synced each time, and SQLite is deaf to that failing: after a power cut an
	// old log can be back. One that stays has no such moment.
	if _, err := raw.(sqlite.FileControl).FileControlPersistWAL("main", 1); err != nil {
		return nil, errors.Join(err, raw.Close())
	}
	return &conn{raw: raw, statements: map[string]driver.Stmt{}}, nil
}

// close ends the connection. Statements go first: SQLite keeps the files open
// as long as one is left.
func (c *conn) close() error {
	var errs []error
	for _, s := range c.statements {
		errs = append(errs, s.Close())
	}
	c.statements = nil
	return errors.Join(append(errs, c.raw.Close())...)
}

func (c *conn) prepare(query string) (driver.Stmt, error) {
	if s, ok := c.statements[query]; ok {
		return s, nil
	}
	s, err := c.raw.Prepare(query)
	if err != nil {
		return nil, err
	}
	c.statements[query] = s
	return s, nil
}

func (c *conn) bind(args []any) []driver.NamedValue {
	c.args = c.args[:0]
	for i, a := range args {
		c.args = append(c.args, driver.NamedValue{Ordinal: i + 1, Value: a})
	}
	return c.args
}

// exec runs a statement to its end. Statements are not bound to a caller's
// context: an interrupted write would be one more way to be in doubt.
func (c *conn) exec(query string, args ...any) error {
	s, err := c.prepare(query)
	if err != nil {
		return err
	}
	_, err = s.(driver.StmtExecContext).ExecContext(context.Background(), c.bind(args))
	return err
}

// each calls row for every row of a query; the values are int64, string,
// []byte or nil and belong to the callee only if it copies them.
func (c *conn) each(query string, args []any, row func(v []driver.Value) error) (err error) {
	s, err := c.prepare(query)
	if err != nil {
		return err
	}
	rows, err := s.(driver.StmtQueryContext).QueryContext(context.Background(), c.bind(args))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	values := make([]driver.Value, len(rows.Columns()))
	for {
		switch err := rows.Next(values); {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
		if err := row(values); err != nil {
			return err
		}
	}
}

// one reads the single row of a query into v; found is false when there is
// none.
func (c *conn) one(query string, args []any, v ...any) (found bool, err error) {
	err = c.each(query, args, func(row []driver.Value) error {
		found = true
		return scan(row, v...)
	})
	return found, err
}

// scan copies a row's values to pointers of the types this package stores.
func scan(row []driver.Value, into ...any) error {
	for i, to := range into {
		switch to := to.(type) {
		case *int64:
			*to, _ = row[i].(int64)
		case *string:
			*to, _ = row[i].(string)
		case *[]byte:
			*to, _ = row[i].([]byte)
		case *Hash:
			b, _ := row[i].([]byte)
			if len(b) != len(to) {
				return fmt.Errorf("column %d: %w", i, errHashLength)
			}
			copy(to[:], b)
		default:
			return fmt.Errorf("column %d: no way to read a %T", i, to)
		}
	}
	return nil
}
