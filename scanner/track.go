package scanner

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
)

// Stripe is what a magnetic stripe reader has typed. Its track is in memory
// only and is to be wiped after use.
type Stripe struct {
	Track2 []byte // digits, "=", digits; without sentinels; nil: no track 2 was in it
	Chip   bool   // the card has a chip: it is to be inserted or tapped, not swiped
}

// Wipe overwrites the track.
func (s Stripe) Wipe() { clear(s.Track2) }

// Shapes of tracks. Source: ISO/IEC 7813; track 2 is at most 40 characters with
// its sentinels: 19 digits of number, 4 of expiry, 3 of service code. An input
// method in the way makes wide characters of the separators, and a reader may
// lose a sentinel: such a text is still a card and must not be shown.
var (
	track2Shape = regexp.MustCompile(`^;([0-9]{12,19}=[0-9]{7,24})\?.?$`)
	trackLike   = regexp.MustCompile(`(?:^|[;；%％+＋bB])[0-9]{12,19}(?:[=＝dD^]|…{1,2}|\?|？|$)|^[;；%％+＋][bB]?[0-9]{8}`)
)

// IsStripe reports whether a scanned text holds the tracks of a card, even
// damaged ones. Bare digits are none.
func IsStripe(text string) bool {
	if !strings.ContainsAny(text, ";；%％+＋=＝^") {
		return false
	}
	return slices.ContainsFunc(splitTracks(strings.Trim(text, "\r\n\t ")), trackLike.MatchString)
}

// OtherTrack reports whether a text is track 1 or 3 alone, as readers send them
// in bursts of their own beside track 2.
func OtherTrack(text string) bool {
	text = strings.Trim(text, "\r\n\t ")
	return (strings.HasPrefix(text, "%") || strings.HasPrefix(text, "+")) && strings.HasSuffix(text, "?") && !strings.Contains(text, ";")
}

// ReadStripe takes track 2 out of what a reader has typed: tracks come in one
// burst, or each in one of its own. Without a whole track 2 the card cannot be
// used; the text is a card's all the same.
func ReadStripe(text string) Stripe {
	for _, part := range splitTracks(strings.Trim(text, "\r\n\t ")) {
		m := track2Shape.FindStringSubmatch(part)
		if m == nil || len(m[1]) > 37 {
			continue
		}
		track := []byte(m[1])
		service := track[bytes.IndexByte(track, '=')+5]
		return Stripe{Track2: track, Chip: service == '2' || service == '6'}
	}
	return Stripe{}
}

// splitTracks cuts at the sentinels that begin a track, and at line ends.
func splitTracks(text string) []string {
	var out []string
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\r' || r == '\n' || r == '\t' }) {
		from := 0
		for i := 1; i < len(line); i++ {
			if line[i] == ';' || line[i] == '+' && line[i-1] == '?' {
				out, from = append(out, line[from:i]), i
			}
		}
		out = append(out, line[from:])
	}
	return out
}
