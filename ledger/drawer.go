package ledger

import (
	"cmp"
	"slices"
)

// card is one object of a projection. Its entry is the number of the journal
// entry it began with, which is also its key in the database.
type card[T any] struct {
	id    string
	entry int64
	fresh bool // not in the database yet
	doc   T
}

// drawer holds one kind of object: those in use in memory, the others in the
// database behind load. Changes are made on copies and become valid with
// accept, once they are on disk.
type drawer[T any] struct {
	kept    map[string]*card[T]
	changed map[string]*card[T]
	order   []*card[T] // the changed ones in the order of their first change, so that equal input gives equal writes
	load    func(id string) (*card[T], error)
	live    func(*T) bool              // must stay in memory
	fetch   func() ([]*card[T], error) // set while live objects are still in the database only
	clone   func(T) T
}

func newDrawer[T any](load func(string) (*card[T], error), live func(*T) bool, clone func(T) T) *drawer[T] {
	return &drawer[T]{kept: map[string]*card[T]{}, changed: map[string]*card[T]{}, load: load, live: live, clone: clone}
}

// see returns the object as the entries so far leave it, or nil if there is
// none. It must not be changed.
func (d *drawer[T]) see(id string) (*T, error) {
	c, err := d.find(id)
	if c == nil {
		return nil, err
	}
	return &c.doc, nil
}

// taken reports whether an identity is known to be used. For one that only the
// database knows, writing the new object will fail: asking first would cost
// every sale a query.
func (d *drawer[T]) taken(id string) bool { return d.changed[id] != nil || d.kept[id] != nil }

func (d *drawer[T]) find(id string) (*card[T], error) {
	if c, ok := d.changed[id]; ok {
		return c, nil
	}
	if c, ok := d.kept[id]; ok {
		return c, nil
	}
	c, err := d.load(id)
	if c != nil {
		d.kept[id] = c
	}
	return c, err
}

// edit returns a copy to change, or nil if there is no such object.
func (d *drawer[T]) edit(id string) (*T, error) {
	if c, ok := d.changed[id]; ok {
		return &c.doc, nil
	}
	old, err := d.find(id)
	if old == nil {
		return nil, err
	}
	return d.change(&card[T]{id: id, entry: old.entry, fresh: old.fresh, doc: d.clone(old.doc)}), nil
}

// add puts in an object that begins with an entry.
func (d *drawer[T]) add(id string, entry int64, doc T) *T {
	return d.change(&card[T]{id: id, entry: entry, fresh: true, doc: doc})
}

func (d *drawer[T]) change(c *card[T]) *T {
	d.changed[c.id] = c
	d.order = append(d.order, c)
	return &c.doc
}

// grows reports whether there are new objects among the changes.
func (d *drawer[T]) grows() bool {
	return slices.ContainsFunc(d.order, func(c *card[T]) bool { return c.fresh })
}

// memoryLimit is how many objects that are not live may stay in memory; the
// last sales are looked at again for receipts and refunds.
const memoryLimit = 256

// accept makes the changes valid: they are written.
func (d *drawer[T]) accept() {
	for _, c := range d.order {
		c.fresh = false
		d.kept[c.id] = c
	}
	d.discard()
	if len(d.kept) > memoryLimit {
		for id, c := range d.kept {
			if !d.live(&c.doc) {
				delete(d.kept, id)
			}
		}
	}
}

// discard drops the changes: nothing was written.
func (d *drawer[T]) discard() {
	clear(d.changed)
	d.order = d.order[:0]
}

// lives lists the live objects, oldest first. The first time it reads those
// of earlier runs: after a bad day there may be thousands, and opening a book
// does not wait for them.
func (d *drawer[T]) lives() ([]*card[T], error) {
	if d.fetch != nil {
		cards, err := d.fetch()
		if err != nil {
			return nil, err
		}
		for _, c := range cards {
			if d.kept[c.id] == nil {
				d.kept[c.id] = c
			}
		}
		d.fetch = nil
	}
	var list []*card[T]
	for id, c := range d.kept {
		if d.changed[id] == nil && d.live(&c.doc) {
			list = append(list, c)
		}
	}
	for _, c := range d.order {
		if d.live(&c.doc) {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, byEntry[T])
	return list, nil
}

func byEntry[T any](a, b *card[T]) int { return cmp.Compare(a.entry, b.entry) }
