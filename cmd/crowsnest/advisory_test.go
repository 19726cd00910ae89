package main

import (
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aead.dev/minisign"
	"golang.org/x/crypto/blake2b"
	"golang.org/x/crypto/scrypt"

	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// threats writes CISA's catalogue and scores that speak of left-pad's vulnerability.
func threats(t *testing.T) (catalogue, scores string) {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return write("kev.json", `{"title": "x", "catalogVersion": "1", "dateReleased": "2026-03-04T17:04:19Z", "count": 1, "vulnerabilities": [{"cveID": "CVE-2099-0001", "dateAdded": "2026-03-01",
			"dueDate": "2026-03-22", "knownRansomwareCampaignUse": "Known", "requiredAction": "Update."}]}`),
		write("epss.csv", "#model_version:v1,score_date:2026-03-04T00:00:00+0000\ncve,epss,percentile\nCVE-2099-0001,0.25,0.95\n")
}

// What is known of attacks, what is held and what changed is told alike with a server and without one.
func TestAdvisoryCommands(t *testing.T) {
	source, advisories := leftPad(t)
	catalogue, scores := threats(t)
	for _, with := range []string{"a cache", "a server"} {
		t.Run("with "+with, func(t *testing.T) {
			p := newPerson(t)
			if with == "a server" {
				address, token := realServer(t)
				p.environ = []string{"CROWSNEST_SERVER=" + address, "CROWSNEST_TOKEN=" + token}
			}
			p.ok("advisory", "import", advisories)
			// What is not known must not look like none.
			p.refused([]string{"cves", source, "--only-kev"}, "CISA's catalogue", "not held", "advisory import")
			p.refused([]string{"cves", source, "--min-epss", "0.1"}, "EPSS is not held")
			if got := p.ok("advisory", "import", catalogue); !strings.Contains(got, "KEV        1        1") {
				t.Errorf("import of the catalogue:\n%s", got)
			}
			if got := p.ok("advisory", "import", scores); !strings.Contains(got, "EPSS       1        1") {
				t.Errorf("import of the scores:\n%s", got)
			}
			if got := p.ok("cves", source); !strings.Contains(got, "exploited, due 2026-03-22, ransomware  EPSS 25.00%") {
				t.Errorf("cves:\n%s", got)
			}
			var report wire.CVEs
			if err := json.Unmarshal([]byte(p.ok("cves", source, "--only-kev", "--min-epss", "0.25", "--sort", "urgency", "--format", "json")), &report); err != nil {
				t.Fatal(err)
			}
			if len(report.Findings) != 1 || report.Findings[0].KEV == nil || report.Findings[0].EPSS == nil || report.KEVAsOf.IsZero() || report.EPSSAsOf.IsZero() {
				t.Errorf("report %+v", report)
			}
			if got := p.ok("cves", source, "--min-epss", "0.26"); !strings.Contains(got, "1 more hidden by the filters") {
				t.Errorf("less likely:\n%s", got)
			}
			p.refused([]string{"cves", source, "--min-epss", "2"}, "--min-epss", "0 to 1")
			p.refused([]string{"cves", source, "--sort", "x"}, "--sort", "urgency")
			if got := p.ok("advisory", "status"); !strings.Contains(got, "\nKEV        1        2026-03-04") || !strings.Contains(got, "\nEPSS       1        2026-03-04") || !strings.Contains(got, "\nnpm        1        2026-01-01") {
				t.Errorf("status:\n%s", got)
			}
			for _, name := range []string{"GHSA-2222-2222-2222", "CVE-2099-0001", "cve-2099-0001"} {
				if got := p.ok("advisory", "show", name); !strings.Contains(got, "listed by CISA on 2026-03-01, due 2026-03-22, known from campaigns of ransomware") || !strings.Contains(got, "npm  left-pad  from 0 fixed in 1.0.1") {
					t.Errorf("show %s:\n%s", name, got)
				}
			}
			p.refused([]string{"advisory", "show", "CVE-2099-9999"}, "CVE-2099-9999", "not found")
			if got := p.ok("advisory", "diff"); !strings.Contains(got, "  npm\n  + 1  GHSA-2222-2222-2222") || !strings.Contains(got, "  KEV\n  + 1  CVE-2099-0001") {
				t.Errorf("diff:\n%s", got)
			}
			if got := p.ok("advisory", "diff", "--ecosystem", "kev", "--since", "2026-01-01"); !strings.Contains(got, "KEV") || strings.Contains(got, "npm") {
				t.Errorf("diff of one:\n%s", got)
			}
			if got := p.ok("advisory", "diff", "--until", "1h"); !strings.Contains(got, "no update changed anything") {
				t.Errorf("diff until an hour ago:\n%s", got)
			}
			p.refused([]string{"advisory", "diff", "--since", "yesterday"}, "--since", "24h")
			if p.environ == nil {
				p.refused([]string{"changes"}, "server")
				return
			}
			if got := p.ok("changes", "--cause", "rule changed", "--since", "1d"); !strings.Contains(got, "nothing was found or mended") {
				t.Errorf("changes for other rules:\n%s", got)
			}
			p.refused([]string{"changes", "--since", "yesterday"}, "--since", "7d")
		})
	}
}

// A bundle goes from a server to a machine that has nothing but the file, and to one that is told where it is.
// encryptedKey writes a secret key as minisign does, but at the least cost that its format knows: the usual one takes a
// gigabyte, and minutes under the race detector.
func encryptedKey(t *testing.T, password string, key minisign.PrivateKey) []byte {
	t.Helper()
	text, err := key.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	comment, encoded, _ := strings.Cut(string(text), "\n")
	b, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	copy(b[2:], "Sc")
	salt, secret := b[6:38], b[54:] // the key with its number, and room for its sum
	binary.LittleEndian.PutUint64(b[38:], 1<<15)
	binary.LittleEndian.PutUint64(b[46:], 1<<20)
	stream, err := scrypt.Key([]byte(password), salt, 1024, 8, 1, len(secret)) // as follows from these two limits
	if err != nil {
		t.Fatal(err)
	}
	sum := blake2b.Sum256(append([]byte("Ed"), secret[:72]...))
	copy(secret[72:], sum[:])
	subtle.XORBytes(secret, secret, stream)
	return []byte(comment + "\n" + base64.StdEncoding.EncodeToString(b))
}

func TestBundleGoesWhereThereIsNoWayOut(t *testing.T) {
	source, advisories := leftPad(t)
	catalogue, _ := threats(t)
	address, token := realServer(t)
	at := newPerson(t)
	at.environ = []string{"CROWSNEST_SERVER=" + address, "CROWSNEST_TOKEN=" + token}
	at.ok("advisory", "import", advisories)
	at.ok("advisory", "import", catalogue)

	dir := t.TempDir()
	public, private, err := minisign.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	secret := encryptedKey(t, "hush", private)
	key, file := filepath.Join(dir, "secret.key"), filepath.Join(dir, "advisories.bundle")
	if err := os.WriteFile(key, secret, 0o600); err != nil {
		t.Fatal(err)
	}
	at.refused([]string{"advisory", "export", file, "--sign-key", key}, "CROWSNEST_SIGN_PASSWORD")
	at.environ = append(at.environ, "CROWSNEST_SIGN_PASSWORD=hush")
	at.ok("advisory", "export", file, "--sign-key", key)
	at.refused([]string{"advisory", "export", filepath.Join(dir, "missing", "x")}, "folder")
	other, _, err := minisign.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	at.ok("advisory", "import", file, "--verify-key", public.String())
	at.refused([]string{"advisory", "import", file, "--verify-key", other.String()}, "signature is not of this key")

	here := newPerson(t)
	here.refused([]string{"advisory", "import", file, "--verify-key", other.String()}, "signature is not of this key")
	here.refused([]string{"advisory", "import", advisories, "--verify-key", public.String()}, "it is no bundle")
	here.ok("advisory", "import", file, "--verify-key", public.String())
	if got := here.ok("cves", source, "--only-kev"); !strings.Contains(got, "CVE-2099-0001") {
		t.Errorf("after the import:\n%s", got)
	}

	told := newPerson(t)
	told.environ = []string{"CROWSNEST_TOKEN=" + token}
	requests := 0
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests++
		http.Redirect(w, r, address+r.URL.Path, http.StatusTemporaryRedirect)
	}))
	defer front.Close()
	for _, from := range []string{file, address + "/api/v1/advisories/bundle"} {
		for range 2 {
			if got := told.ok("cves", source, "--only-kev", "--advisories-from", from); !strings.Contains(got, "CVE-2099-0001") {
				t.Errorf("from %s:\n%s", from, got)
			}
		}
	}
	// A token is of one host.
	told.refused([]string{"cves", source, "--advisories-from", front.URL + "/api/v1/advisories/bundle"}, "401")
	if requests == 0 {
		t.Error("the redirect was not asked for")
	}
	told.refused([]string{"cves", source, "--advisories-from", file, "--advisories-key", other.String()}, "signature is not of this key")
	told.refused([]string{"cves", source, "--advisories-from", filepath.Join(dir, "none")}, "none")
}
