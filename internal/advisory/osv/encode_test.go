package osv

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

const everything = `{"id": "X-1", "modified": "2026-01-02T03:04:05.678Z", "published": "2026-01-01T00:00:00Z", "withdrawn": "2026-01-03T00:00:00+01:00", "aliases": ["CVE-1", "no alias \u0000"], "upstream": ["CVE-2"],
	"related": ["Y"], "summary": "two\nlines", "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N"}, {"type": "Ubuntu", "score": "high"}], "database_specific": {"severity": "LOW", "x": [1]},
	"affected": [
		{"package": {"ecosystem": "npm", "name": "@scope/a"}, "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "2.0.0"}, {"introduced": "3", "last_affected": "4"}]}, {"type": "ECOSYSTEM", "events": []}],
			"versions": ["1", "1.1"], "severity": [{"type": "CVSS_V4", "score": "CVSS:4.0/AV:N"}], "ecosystem_specific": {"urgency": "medium"}},
		{"package": {"ecosystem": "Debian:12", "name": "minor"}, "ecosystem_specific": {"urgency": "unimportant"}}, {"package": {"ecosystem": "Debian:10", "name": "minor"}, "ecosystem_specific": {"urgency": "end-of-life"}},
		{"package": {"ecosystem": "Debian:12", "name": "later"}, "ecosystem_specific": {"urgency": "low", "nodsa": "Minor issue", "nodsa_reason": "postponed"}}, {"package": {"ecosystem": "Debian:11", "name": "later"}, "ecosystem_specific": {"nodsa": "Minor issue"}},
		{"package": {"ecosystem": "Debian:12", "name": "a"}},
		{"ranges": [{"type": "GIT", "repo": "https://git.example/a", "events": [{"introduced": "0"}, {"limit": "abc"}]}]}
	]}`

func TestEncodeWritesWhatDecodeReads(t *testing.T) {
	for _, text := range []string{everything, rec("A-1"), `{"id": "B", "modified": "2026-01-01T00:00:00Z"}`} {
		read, err := Decode([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		b, err := Encode(read)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Decode(b)
		if err != nil {
			t.Fatalf("%s: %v", b, err)
		}
		if diff := cmp.Diff(read, again); diff != "" {
			t.Errorf("%s (-read +read again):\n%s", b, diff)
		}
	}
}

func FuzzEncode(f *testing.F) {
	f.Add([]byte(everything))
	f.Fuzz(func(t *testing.T, text []byte) {
		read, err := Decode(text)
		if err != nil {
			return
		}
		b, err := Encode(read)
		if err != nil {
			return // a time that JSON cannot write
		}
		again, err := Decode(b)
		if err != nil {
			t.Fatalf("%s: %v", b, err)
		}
		if diff := cmp.Diff(read, again); diff != "" {
			t.Errorf("%s (-read +read again):\n%s", b, diff)
		}
	})
}
