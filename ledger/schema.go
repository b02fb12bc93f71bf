package ledger

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// schemaVersion is what the last migration sets as SQLite's user_version.
const schemaVersion = 8

// connect opens the database and brings its schema up to date. The version is
// asked first: reading goose's own tables would cost every start more than all
// the rest of opening.
func connect(ctx context.Context, o Options) (*conn, error) {
	name := dsn(o.Path, o.VFS, false)
	c, version, err := openVersioned(name)
	if err != nil || version == schemaVersion {
		return c, err
	}
	if err := c.close(); err != nil {
		return nil, err
	}
	if version > schemaVersion {
		return nil, ErrNewer
	}
	if err := migrate(ctx, name); err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	// The migrations' connection took its log away. A new one's name must outlive
	// a power cut before pages move, and SQLite is deaf to that failing.
	log, err := o.files().Create(o.Path + "-wal")
	if err != nil {
		return nil, err
	}
	if err := log.Close(); err != nil {
		return nil, err
	}
	c, _, err = openVersioned(name)
	return c, err
}

func openVersioned(name string) (*conn, int64, error) {
	c, err := openConn(name)
	if err != nil {
		return nil, 0, err
	}
	var version int64
	if _, err := c.one("PRAGMA user_version", nil, &version); err != nil {
		return nil, 0, fmt.Errorf("%w (closed: %v)", err, c.close())
	}
	return c, version, nil
}

func migrate(ctx context.Context, name string) error {
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}
