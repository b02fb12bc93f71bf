package ledger

import "errors"

var errHashLength = errors.New("a hash is 64 hexadecimal digits")
