package crowsnest

import (
	"strings"
	"unicode/utf8"
)

// Text makes a text from outside fit to be stored: what is no UTF-8 and the
// character NUL, both of which PostgreSQL refuses, become U+FFFD. Whoever brings a
// text in calls it, so that nothing behind need know.
func Text(s string) string {
	if utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}
