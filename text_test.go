package crowsnest

import (
	"errors"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"":                        "",
		"libc6":                   "libc6",
		"two\nlines\tand é 🚢":     "two\nlines\tand é 🚢",
		"a\x00b":                  "a\uFFFDb",
		"a\xffb":                  "a\uFFFDb",
		"\x00\xc3\x28\x00":        "\uFFFD\uFFFD(\uFFFD",
		"already \uFFFD so":       "already \uFFFD so",
		"half of a ship \xf0\x9f": "half of a ship \uFFFD",
	} {
		if got := Text(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

// hostile seeds the fuzz tests of what is made of texts from outside.
var hostile = []string{
	"", "a", "a\x00b", "\xff\xfe", "a\r\nb\tc", "\x1b[31mred\x1b[0m", "\u0085\u2028\u2029", "\uFFFD",
	strings.Repeat("🚢", 400), strings.Repeat("x", 599) + "🚢", strings.Repeat("x", 598) + "\xf0\x9f\x9a\xa2y", strings.Repeat("\x00", 1000), strings.Repeat("\xff", 1000),
}

func FuzzText(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Text(s)
		if !utf8.ValidString(got) || strings.ContainsRune(got, 0) {
			t.Errorf("%q becomes %q, which cannot be stored", s, got)
		}
		if Text(got) != got {
			t.Errorf("%q changes twice", s)
		}
	})
}

func FuzzReason(f *testing.F) {
	for _, s := range hostile {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, subject, cause string) {
		got := Reason(&Error{Kind: Corrupt, Op: "read", Subject: subject, Err: errors.New(cause)})
		if !utf8.ValidString(got) || strings.ContainsFunc(got, unicode.IsControl) {
			t.Errorf("%q, %q: the reason %q cannot be stored", subject, cause, got)
		}
		if len(got) > maxReason+len("…") {
			t.Errorf("the reason has %d bytes", len(got))
		}
		if !strings.HasPrefix(got, "read") {
			t.Errorf("the reason %q has lost its beginning", got)
		}
	})
}
