package ledger

import (
	"context"
	"crypto/sha256"
	"database/sql/driver"
	"encoding/hex"
	"fmt"
)

// tailLength is how much of a prepaid card's number everybody may see.
const tailLength = 4

// PrepaidPIN is the hash of a prepaid card's PIN on its way into the book,
// beside the entries; an empty hash takes it out.
type PrepaidPIN struct{ Prepaid, Hash string }

// SealPIN is what an entry says of a PIN's hash: enough to notice that it was
// changed, nothing to find the PIN by.
func SealPIN(hash string) string {
	sum := sha256.Sum256([]byte("pin\x00" + hash))
	return hex.EncodeToString(sum[:16])
}

func prepaidOf(b *books) *drawer[Prepaid] { return b.prepaid }

// PrepaidCard is one prepaid card; ErrNotFound if there is none.
func (l *Ledger) PrepaidCard(ctx context.Context, id string) (Prepaid, error) {
	return get(ctx, l, prepaidOf, id)
}

// PrepaidCards are prepaid cards, the newest first, at most MaxList; with a
// tail those whose numbers end so.
func (l *Ledger) PrepaidCards(ctx context.Context, tail string, limit int) ([]Prepaid, error) {
	if err := l.lock(ctx); err != nil {
		return nil, err
	}
	defer l.mu.Unlock()
	query, args := "SELECT entry, id, doc FROM prepaid", []any{}
	if tail != "" {
		query, args = query+" WHERE tail = ?", append(args, tail)
	}
	cards, err := list[Prepaid](l.shelf, query+" ORDER BY entry DESC LIMIT ?", append(args, int64(min(limit, MaxList)))...)
	return docs(cards), err
}

// PrepaidMoves are the changes of a card's balance, the newest first, at most
// MaxList.
func (l *Ledger) PrepaidMoves(ctx context.Context, id string, limit int) ([]PrepaidMove, error) {
	if err := l.lock(ctx); err != nil {
		return nil, err
	}
	defer l.mu.Unlock()
	moves, err := list[PrepaidMove](l.shelf, "SELECT entry, id, doc FROM prepaid_moves WHERE prepaid = ? ORDER BY entry DESC LIMIT ?", id, int64(min(limit, MaxList)))
	return docs(moves), err
}

// TopUpOf is the move by which a sale topped a card up; ErrNotFound if none did.
func (l *Ledger) TopUpOf(ctx context.Context, id, sale string) (PrepaidMove, error) {
	if err := l.lock(ctx); err != nil {
		return PrepaidMove{}, err
	}
	defer l.mu.Unlock()
	move, err := first(list[PrepaidMove](l.shelf, "SELECT entry, id, doc FROM prepaid_moves WHERE prepaid = ? "+
		"AND json_extract(doc, '$.what') = ? AND json_extract(doc, '$.sale') = ? LIMIT 1", id, MoveTopUp, sale))
	switch {
	case err != nil:
		return PrepaidMove{}, err
	case move == nil:
		return PrepaidMove{}, fmt.Errorf("top-up of %q by %q: %w", id, sale, ErrNotFound)
	}
	return move.doc, nil
}

// PrepaidPIN is the hash of a card's PIN; ErrNotFound if it has none.
func (l *Ledger) PrepaidPIN(ctx context.Context, id string) (string, error) {
	if err := l.lock(ctx); err != nil {
		return "", err
	}
	defer l.mu.Unlock()
	var hash string
	found, err := l.c.one("SELECT hash FROM prepaid_pins WHERE prepaid = ?", []any{id}, &hash)
	if err == nil && !found {
		err = fmt.Errorf("PIN of %q: %w", id, ErrNotFound)
	}
	return hash, err
}

func (l *Ledger) writePIN(pin *PrepaidPIN) error {
	if pin.Hash == "" {
		return l.c.exec("DELETE FROM prepaid_pins WHERE prepaid = ?", pin.Prepaid)
	}
	return l.c.exec("INSERT INTO prepaid_pins (prepaid, hash) VALUES (?, ?) ON CONFLICT (prepaid) DO UPDATE SET hash = excluded.hash", pin.Prepaid, pin.Hash)
}

func (s *shelf) writePrepaid(b *books) error {
	err := put(s, b.prepaid, "INSERT INTO @prepaid (balance, doc, tail, id, entry) VALUES (?, ?, ?, ?, ?)",
		"UPDATE @prepaid SET balance = ?, doc = ? WHERE entry = ?", func(x *Prepaid) []any { return []any{x.Balance.Minor()} },
		func(x *Prepaid) []any { return []any{x.Mask[max(0, len(x.Mask)-tailLength):]} })
	if err != nil {
		return err
	}
	return put(s, b.moves, "INSERT INTO @prepaid_moves (amount, doc, prepaid, id, entry) VALUES (?, ?, ?, ?, ?)",
		"UPDATE @prepaid_moves SET amount = ?, doc = ? WHERE entry = ?", func(x *PrepaidMove) []any { return []any{x.Amount.Minor()} },
		func(x *PrepaidMove) []any { return []any{x.Prepaid} })
}

// pinsIntact says which hash of a PIN is missing, left over or changed: no
// entry holds it.
func pinsIntact(c *conn) (detail string, err error) {
	var id, seal, hash string
	err = c.each("SELECT coalesce(p.id, n.prepaid), coalesce(json_extract(p.doc, '$.pin_seal'), ''), coalesce(n.hash, '') "+
		"FROM prepaid p FULL JOIN prepaid_pins n ON n.prepaid = p.id", nil, func(row []driver.Value) error {
		if err := scan(row, &id, &seal, &hash); err != nil {
			return err
		}
		if hash == "" && seal != "" || hash != "" && SealPIN(hash) != seal {
			detail = fmt.Sprintf("the hash of the PIN of prepaid card %s was changed", id)
		}
		return nil
	})
	return detail, err
}
