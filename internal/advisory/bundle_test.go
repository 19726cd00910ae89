package advisory

import (
	"archive/zip"
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aead.dev/minisign"
	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/bundle"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// filled is an installation that holds something of everything, also a record that was taken back and names no package.
func filled(t *testing.T) *installation {
	t.Helper()
	in, p := testInstallation(t), publish(t)
	p.put(t, "Debian", many(30)...)
	p.put(t, "npm", pad)
	p.set("/kev.json", fmt.Sprintf(catalogue, 4, "CVE-2099-1"))
	p.set("/epss.csv.gz", "#model_version:v1,score_date:2026-03-04T00:00:00+0000\ncve,epss,percentile\nCVE-2099-1,0.5,0.9\n")
	u := in.updater(p)
	for _, name := range u.Names([]string{"Debian", "npm"}) {
		in.update(u, name)
	}
	gone := &crowsnest.Advisory{ID: "GONE-1", Modified: epoch, Withdrawn: epoch}
	if _, err := in.store.PutAdvisories(t.Context(), store.Update{}, []*crowsnest.Advisory{gone}); err != nil {
		t.Fatal(err)
	}
	return in
}

func (in *installation) export() []byte {
	in.t.Helper()
	var b bytes.Buffer
	if _, err := bundle.Write(in.t.Context(), &b, in.store, bundle.Options{By: "test", Created: epoch}); err != nil {
		in.t.Fatal(err)
	}
	return b.Bytes()
}

func (in *installation) take(b []byte, key *minisign.PublicKey) ([]Result, error) {
	in.t.Helper()
	path := filepath.Join(in.t.TempDir(), "advisories.bundle")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		in.t.Fatal(err)
	}
	return Importer{Store: in.store}.From(in.t.Context(), Place{Location: path, Key: key, OnlySigned: key != nil}, nil)
}

func TestBundleCarriesEverything(t *testing.T) {
	from, to := filled(t), testInstallation(t)
	b := from.export()
	results, err := to.take(b, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Result{
		{Records: 1, Changed: 1}, {Ecosystem: "Debian", Records: 30, Changed: 30}, {Ecosystem: "npm", Records: 1, Changed: 1}, {Feed: "epss", Records: 1, Changed: 1}, {Feed: "kev", Records: 1, Changed: 1},
	}, results); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(from.findings(), to.findings()); diff != "" {
		t.Errorf("findings (-there +here):\n%s", diff)
	}
	for _, in := range []*installation{from, to} {
		threats, err := in.store.Threats(t.Context(), []string{"CVE-2099-1"})
		if err != nil || threats["CVE-2099-1"].Exploited == nil || threats["CVE-2099-1"].EPSS == nil {
			t.Errorf("threats %+v, %v", threats, err)
		}
		if a, err := in.store.Advisory(t.Context(), "GONE-1"); err != nil || a.Withdrawn.IsZero() {
			t.Errorf("what was taken back: %+v, %v", a, err)
		}
	}
	// What was current there is as old here as it is there.
	for name, s := range to.statuses() {
		if there := from.statuses()[name]; !s.Checked.Equal(there.Checked) || s.Records != there.Records {
			t.Errorf("%s: status %+v, and there %+v", name, s, there)
		}
	}
	if here, there := to.feed("kev"), from.feed("kev"); !here.Checked.Equal(there.Checked) || !here.AsOf.Equal(there.AsOf) {
		t.Errorf("feed %+v, and there %+v", here, there)
	}
	if !bytes.Equal(b, to.export()) {
		t.Error("the same contents make another bundle")
	}
	again, err := to.take(b, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range again {
		if r.Changed != 0 {
			t.Errorf("once more: %+v", r)
		}
	}
}

func TestOlderBundleTakesNothingBack(t *testing.T) {
	from, to := filled(t), testInstallation(t)
	old := from.export()
	p := publish(t)
	worse := many(30)
	worse[0].Word, worse[0].Revision = "critical", 5
	p.put(t, "Debian", worse...)
	to.update(to.updater(p), debian)
	before := to.statuses()["Debian"]
	if _, err := to.take(old, nil); err != nil {
		t.Fatal(err)
	}
	to.want("after an older bundle", "left-pad 1.0.0 GHSA-2222-2222-2222 medium <1.0.1", "libc6 2.36-9 DEBIAN-CVE-2099-1 critical <2.36-10")
	if after := to.statuses()["Debian"]; after.Checked.Before(before.Checked) {
		t.Errorf("it became older: %+v was %+v", after, before)
	}
}

// rebuilt makes a bundle anew with each entry as change gives it; nil leaves it out.
func rebuilt(t *testing.T, b []byte, change func(name string, body []byte) []byte) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range in.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if body = change(f.Name, body); body == nil {
			continue
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Store})
		if err == nil {
			_, err = w.Write(body)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestDamagedBundleTakesNothing(t *testing.T) {
	whole := filled(t).export()
	manifest := func(edit func(m *bundle.Manifest)) []byte {
		return rebuilt(t, whole, func(name string, body []byte) []byte {
			if name != "manifest.json" {
				return body
			}
			var m bundle.Manifest
			if err := json.Unmarshal(body, &m); err != nil {
				t.Fatal(err)
			}
			edit(&m)
			out, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			return out
		})
	}
	for name, c := range map[string]struct {
		body []byte
		kind crowsnest.Kind
	}{
		"a changed file": {rebuilt(t, whole, func(name string, body []byte) []byte {
			if name == "kev.json" {
				return bytes.Replace(body, []byte("CVE-2099-1"), []byte("CVE-2099-2"), 1)
			}
			return body
		}), crowsnest.Corrupt},
		"a missing file": {rebuilt(t, whole, func(name string, body []byte) []byte {
			if name == "kev.json" {
				return nil
			}
			return body
		}), crowsnest.Corrupt},
		"a longer file":        {rebuilt(t, whole, func(_ string, body []byte) []byte { return append(body, ' ') }), crowsnest.Corrupt},
		"a path elsewhere":     {manifest(func(m *bundle.Manifest) { m.Files[0].Path, m.Files[0].Ecosystem = "osv/../../x/all.zip", "../../x" }), crowsnest.Corrupt},
		"a path of its own":    {manifest(func(m *bundle.Manifest) { m.Files[0].Path = "/etc/passwd" }), crowsnest.Corrupt},
		"an unknown feed":      {manifest(func(m *bundle.Manifest) { m.Files[0].Feed = "x" }), crowsnest.Corrupt},
		"one file twice":       {manifest(func(m *bundle.Manifest) { m.Files[1] = m.Files[0] }), crowsnest.Corrupt},
		"a size beyond bounds": {manifest(func(m *bundle.Manifest) { m.Files[0].Size = 1 << 60 }), crowsnest.Corrupt},
		"a negative size":      {manifest(func(m *bundle.Manifest) { m.Files[0].Size = -1 }), crowsnest.Corrupt},
		"another kind":         {manifest(func(m *bundle.Manifest) { m.Kind = "x" }), crowsnest.Corrupt},
		"a newer form":         {manifest(func(m *bundle.Manifest) { m.Version = 2 }), crowsnest.Unsupported},
	} {
		t.Run(name, func(t *testing.T) {
			in := testInstallation(t)
			results, err := in.take(c.body, nil)
			if err == nil || crowsnest.KindOf(err) != c.kind || len(results) > 0 {
				t.Errorf("%v, %v; want %s", results, err, c.kind)
			}
			in.want("after it")
			if len(in.statuses()) > 0 {
				t.Errorf("held: %v", in.statuses())
			}
		})
	}
	if _, err := testInstallation(t).take(whole[:len(whole)/2], nil); err == nil {
		t.Error("half a bundle was taken")
	}
}

func TestSignatureOfABundle(t *testing.T) {
	public, private, err := minisign.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := minisign.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	unsigned := filled(t).export()
	path := filepath.Join(t.TempDir(), "unsigned")
	if err := os.WriteFile(path, unsigned, 0o600); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := bundle.Sign(&b, path, &private); err != nil {
		t.Fatal(err)
	}
	signed := b.Bytes()
	results, err := testInstallation(t).take(signed, &public)
	if err != nil || len(results) != 5 {
		t.Errorf("with its key: %v, %v", results, err)
	}
	results, err = testInstallation(t).take(signed, nil)
	if err != nil || !strings.Contains(fmt.Sprint(results[0].Problems), "not checked") {
		t.Errorf("without a key: %v, %v", results, err)
	}
	changed := rebuilt(t, signed, func(name string, body []byte) []byte {
		if name == "manifest.json" {
			return append(body, '\n')
		}
		return body
	})
	for name, c := range map[string]struct {
		body []byte
		key  minisign.PublicKey
	}{"another key": {signed, other}, "no signature": {unsigned, public}, "a changed manifest": {changed, public}} {
		in := testInstallation(t)
		if results, err := in.take(c.body, &c.key); err == nil || crowsnest.KindOf(err) != crowsnest.Forbidden || len(results) > 0 {
			t.Errorf("%s: %v, %v", name, results, err)
		}
		in.want("after " + name)
	}
	dir, _ := source(t, map[string][]record{"npm": {pad}})
	if _, err := (Importer{Store: testInstallation(t).store}).From(t.Context(), Place{Location: dir, Key: &public, OnlySigned: true}, nil); crowsnest.KindOf(err) != crowsnest.Invalid || err == nil {
		t.Errorf("what is no bundle: %v", err)
	}
}

func TestUpdateFromAnotherServer(t *testing.T) {
	from, in, p := filled(t), testInstallation(t), publish(t)
	p.set("/api/v1/advisories/bundle", string(from.export()))
	u := in.updater(p)
	u.From, u.Token = p.URL+"/api/v1/advisories/bundle", "secret"
	if diff := cmp.Diff([]string{store.BundleFeed}, u.Names([]string{"Debian"})); diff != "" {
		t.Errorf("feeds (-want +got):\n%s", diff)
	}
	in.update(u, store.BundleFeed)
	in.want("after the update", from.findings()...)
	in.update(u, store.BundleFeed)
	wantRequests(t, "of both", p, "GET /api/v1/advisories/bundle 200", "GET /api/v1/advisories/bundle 304")

	less := testInstallation(t)
	small := publish(t)
	small.put(t, "Debian", many(20)...)
	less.update(less.updater(small), debian)
	p.set("/api/v1/advisories/bundle", string(less.export()))
	if err := u.Update(t.Context(), store.BundleFeed); err == nil || !strings.Contains(in.feed(store.BundleFeed).Reason, "it has 20 records, and what is held has 30") {
		t.Errorf("one that lost much: %v, %+v", err, in.feed(store.BundleFeed))
	}
	token := ""
	p.answer("/api/v1/advisories/bundle", func(w http.ResponseWriter, r *http.Request) {
		token = r.Header.Get("Authorization")
		w.WriteHeader(http.StatusUnauthorized)
	})
	if err := u.Update(t.Context(), store.BundleFeed); crowsnest.KindOf(err) != crowsnest.Unauthorized || token != "Bearer secret" || strings.Contains(fmt.Sprint(err), "secret") {
		t.Errorf("with token %q: %v", token, err)
	}
}

func FuzzOpenBundle(f *testing.F) {
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if opened, err := bundle.Open(t.Context(), path, "x", nil); err == nil {
			opened.Close()
		}
	})
}
