package faultdisk

// pageBytes is how much of a content is copied at a time: a book's page.
const pageBytes = 1024

// content is a file's bytes, in pages that several contents may have in
// common: a simulated day takes hundreds of pictures of its disk, and most of
// what is on it never changes.
type content struct {
	pages []page // the last one is filled up with zeros
	size  int64
	own   *owner // whose pages this content may write to
}

type page struct {
	data []byte // shorter than pageBytes: zeros follow
	own  *owner
}

// owner tells one content's pages from another's. It has a size, or all of
// them would be at one address.
type owner struct{ _ byte }

// picture is the content as it is now; both may go on changing.
func (c *content) picture() content {
	c.own = nil
	return content{pages: append([]page(nil), c.pages...), size: c.size}
}

func contentOf(data []byte) content {
	c := content{size: int64(len(data))}
	for at := 0; at < len(data); at += pageBytes {
		end := min(at+pageBytes, len(data))
		c.pages = append(c.pages, page{data: data[at:end:end]})
	}
	return c
}

// bytes is all of it, which the caller may keep.
func (c *content) bytes() []byte {
	b := make([]byte, c.size)
	c.read(b, 0)
	return b
}

// read fills into from at on and tells how much there was.
func (c *content) read(into []byte, at int64) int {
	if at >= c.size {
		return 0
	}
	into = into[:min(int64(len(into)), c.size-at)]
	for n := 0; n < len(into); {
		p, from := int((at+int64(n))/pageBytes), int((at+int64(n))%pageBytes)
		part := into[n:min(len(into), n+pageBytes-from)]
		copied := 0
		if data := c.pages[p].data; from < len(data) {
			copied = copy(part, data[from:])
		}
		clear(part[copied:])
		n += len(part)
	}
	return len(into)
}

// apply makes a change.
func (c *content) apply(ch change) {
	if ch.data == nil {
		c.resize(ch.at)
		return
	}
	if end := ch.at + int64(len(ch.data)); end > c.size {
		c.resize(end)
	}
	for n := 0; n < len(ch.data); {
		at := ch.at + int64(n)
		n += copy(c.writable(int(at / pageBytes))[at%pageBytes:], ch.data[n:])
	}
}

// resize cuts the content, or fills it up with zeros.
func (c *content) resize(size int64) {
	count := int((size + pageBytes - 1) / pageBytes)
	for len(c.pages) < count {
		c.pages = append(c.pages, page{})
	}
	if size < c.size {
		clear(c.pages[count:])
		c.pages = c.pages[:count]
		if rest := size % pageBytes; rest > 0 {
			clear(c.writable(count - 1)[rest:])
		}
	}
	c.size = size
}

// writable is a whole page that no other content has.
func (c *content) writable(i int) []byte {
	if c.own == nil {
		c.own = new(owner)
	}
	p := &c.pages[i]
	if p.own != c.own {
		data := make([]byte, pageBytes)
		copy(data, p.data)
		*p = page{data, c.own}
	}
	return p.data
}
