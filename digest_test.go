package crowsnest

import (
	"strings"
	"testing"
)

const hexOfEmpty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

func TestParseDigestTakesOnlyCompleteSHA256(t *testing.T) {
	d, err := ParseDigest("sha256:" + hexOfEmpty)
	if err != nil || d != DigestOf(nil) {
		t.Fatalf("got %q, %v, want the digest of no bytes", d, err)
	}
	for name, s := range map[string]string{
		"empty":             "",
		"no algorithm":      hexOfEmpty,
		"only the prefix":   "sha256:",
		"one digit short":   "sha256:" + hexOfEmpty[1:],
		"one digit more":    "sha256:" + hexOfEmpty + "0",
		"upper case":        "sha256:" + strings.ToUpper(hexOfEmpty),
		"upper case prefix": "SHA256:" + hexOfEmpty,
		"no hexadecimal":    "sha256:" + hexOfEmpty[:63] + "g",
		"other algorithm":   "sha512:" + hexOfEmpty + hexOfEmpty,
		"path":              "sha256:../" + hexOfEmpty[3:],
		"line break":        "sha256:" + hexOfEmpty[:63] + "\n",
	} {
		if d, err := ParseDigest(s); d != "" || KindOf(err) != Invalid || err == nil {
			t.Errorf("%s: got %q, %v, want an error of kind invalid", name, d, err)
		}
	}
}

func FuzzParseDigest(f *testing.F) {
	f.Add("sha256:" + hexOfEmpty)
	f.Add("sha256:")
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDigest(s)
		if (err == nil) != (string(d) == s && s != "") {
			t.Errorf("ParseDigest(%q) is %q, %v", s, d, err)
		}
		if err == nil && (!d.HasPrefix(d.Short()) || !d.HasPrefix(s) || len(d.Short()) != 12) {
			t.Errorf("%q does not begin with its own %q", d, d.Short())
		}
	})
}

func TestDigestPrefixes(t *testing.T) {
	d := Digest("sha256:" + hexOfEmpty)
	for key, want := range map[string]bool{
		"":                           true,
		hexOfEmpty[:12]:              true,
		"sha256:" + hexOfEmpty[:12]:  true,
		string(d):                    true,
		hexOfEmpty[1:13]:             false,
		"sha256:" + hexOfEmpty + "0": false,
		"sha512:" + hexOfEmpty:       false,
	} {
		if got := d.HasPrefix(key); got != want {
			t.Errorf("HasPrefix(%q) is %t", key, got)
		}
	}
	if Digest("").Short() != "" || Digest("sha256:abc").Short() != "abc" {
		t.Error("what is shorter than twelve digits is shown whole")
	}
}

func TestPlatforms(t *testing.T) {
	for s, want := range map[string]Platform{
		"":             {OS: "linux", Architecture: "amd64"},
		"linux/amd64":  {OS: "linux", Architecture: "amd64"},
		"linux/arm/v7": {OS: "linux", Architecture: "arm", Variant: "v7"},
	} {
		got, err := ParsePlatform(s)
		if err != nil || got != want {
			t.Errorf("ParsePlatform(%q) is %v, %v", s, got, err)
		}
		if s != "" && got.String() != s {
			t.Errorf("%q is written as %q", s, got)
		}
	}
	for _, s := range []string{"linux", "/", "linux/", "/amd64", "linux/arm/v7/x", "//"} {
		if _, err := ParsePlatform(s); KindOf(err) != Invalid || err == nil || !strings.Contains(err.Error(), "linux/arm64") {
			t.Errorf("ParsePlatform(%q): got %v, want an example of how it is written", s, err)
		}
	}
}
