//go:build !unix

package sandbox

// lockFolder does nothing here: the standard library has no such lock.
func lockFolder(string) (release func(), err error) { return func() {}, nil }
