package faultdisk

import (
	"bytes"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// A content and its pictures are what plain bytes would be, whatever is done
// to any of them.
func TestContentIsPlainBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		contents, plain := []content{{}}, [][]byte{{}}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			i := rapid.IntRange(0, len(contents)-1).Draw(t, "which")
			at := rapid.IntRange(0, 3*pageBytes).Draw(t, "at")
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				contents, plain = append(contents, contents[i].picture()), append(plain, slices.Clone(plain[i]))
			case 1:
				contents[i].apply(change{at: int64(at)})
				plain[i] = resized(plain[i], at)
			case 2:
				contents, plain = append(contents, contentOf(contents[i].bytes())), append(plain, slices.Clone(plain[i]))
			default:
				data := rapid.SliceOfN(rapid.Byte(), 1, 2*pageBytes).Draw(t, "data")
				contents[i].apply(change{int64(at), data})
				plain[i] = resized(plain[i], max(len(plain[i]), at+len(data)))
				copy(plain[i][at:], data)
			}
		}
		for i := range contents {
			if got := contents[i].bytes(); !bytes.Equal(got, plain[i]) {
				t.Fatalf("content %d: %d bytes, want %d, or different ones", i, len(got), len(plain[i]))
			}
			part := make([]byte, 1000)
			if n := contents[i].read(part, 500); !bytes.Equal(part[:n], plain[i][min(500, len(plain[i])):min(1500, len(plain[i]))]) {
				t.Fatalf("content %d: a part reads differently", i)
			}
		}
	})
}

func resized(b []byte, size int) []byte {
	return append(slices.Clone(b), make([]byte, max(0, size-len(b)))...)[:size]
}
