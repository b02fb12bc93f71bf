package till

// Tap lets a test see every snapshot the moment it is sent; a watcher may miss
// some. It is set before Run and called on the core's goroutine.
func (t *Till) Tap(f func(*Snapshot)) { t.hub.tap = f }
