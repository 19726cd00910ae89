package osv

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
)

// rec is a record with one package.
func rec(id string) string {
	return fmt.Sprintf(`{"id":%q,"modified":"2024-01-02T03:04:05Z","affected":[{"package":{"ecosystem":"npm","name":"p"}}]}`, id)
}

// zipOf packs names and contents, given in turn.
func zipOf(t testing.TB, pairs ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(pairs); i += 2 {
		f, err := w.Create(pairs[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(pairs[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func write(t testing.TB, content []byte, elements ...string) string {
	t.Helper()
	name := filepath.Join(elements...)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

func open(t testing.TB, location string) *Source {
	t.Helper()
	s, err := Open(t.Context(), location, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// read returns the IDs that an ecosystem's set hands out.
func read(t testing.TB, s *Source, ecosystem string) ([]string, Stats, error) {
	t.Helper()
	var ids []string
	stats, err := s.Each(t.Context(), ecosystem, func(a *crowsnest.Advisory) error {
		ids = append(ids, a.ID)
		return nil
	})
	if stats.Records != len(ids) {
		t.Errorf("stats count %d records, %d were handed out", stats.Records, len(ids))
	}
	return ids, stats, err
}

func TestEachLocation(t *testing.T) {
	bucket := t.TempDir()
	write(t, zipOf(t, "A-1.json", rec("A-1"), "A-2.json", rec("A-2")), bucket, "npm", "all.zip")
	write(t, zipOf(t, "D-1.json", rec("D-1")), bucket, "Debian", "all.zip")
	write(t, zipOf(t, "D-1.json", rec("D-1")), bucket, "Debian:12", "all.zip")
	write(t, zipOf(t, "R-1.json", rec("R-1")), bucket, "Rocky Linux", "all.zip")
	write(t, []byte("x"), bucket, "empty", "other.txt")
	loose := t.TempDir()
	write(t, []byte(rec("L-2")), loose, "b", "c", "L-2.json")
	write(t, []byte(rec("L-1")), loose, "a", "L-1.JSON")
	write(t, []byte("no record"), loose, "a", "README.md")
	if err := os.Symlink("/etc", filepath.Join(loose, "z.json")); err != nil {
		t.Fatal(err)
	}
	files := t.TempDir()
	tests := []struct {
		name       string
		location   string
		ecosystems []string
		read       string
		want       []string
	}{
		{"bucket folder", bucket, []string{"Debian", "Rocky Linux", "npm"}, "npm", []string{"A-1", "A-2"}},
		{"bucket folder, name with a space", bucket, []string{"Debian", "Rocky Linux", "npm"}, "Rocky Linux", []string{"R-1"}},
		{"single archive", write(t, zipOf(t, "x/", "", "x/A-1.json", rec("A-1"), "../../A-2.json", rec("A-2"), "/etc/A-3.json", rec("A-3"), "notes.txt", "x"), files, "set.zip"), []string{""}, "", []string{"A-1", "A-2", "A-3"}},
		{"one record", write(t, []byte(rec("A-1")), files, "one.json"), []string{""}, "", []string{"A-1"}},
		{"array", write(t, []byte(" ["+rec("A-1")+",\n"+rec("A-2")+"]"), files, "array.json"), []string{""}, "", []string{"A-1", "A-2"}},
		{"one after the other", write(t, []byte(rec("A-1")+"\n"+rec("A-2")+"\n"), files, "lines.jsonl"), []string{""}, "", []string{"A-1", "A-2"}},
		{"folder of records", loose, []string{""}, "", []string{"L-1", "L-2"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t, tt.location)
			got, err := s.Ecosystems(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.ecosystems, got); diff != "" {
				t.Errorf("ecosystems (-want +got):\n%s", diff)
			}
			ids, stats, err := read(t, s, tt.read)
			if err != nil || stats.Skipped > 0 {
				t.Fatalf("Each: %v, %+v", err, stats)
			}
			if diff := cmp.Diff(tt.want, ids); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
			if tt.name == "single archive" { // of whatever its giver says
				if ids, _, err := read(t, s, "npm"); err != nil || len(ids) != len(tt.want) {
					t.Errorf("the archive as the set of an ecosystem: %v, %v", ids, err)
				}
				return
			}
			if _, _, err := read(t, s, "no such ecosystem"); crowsnest.KindOf(err) != crowsnest.NotFound {
				t.Errorf("an unknown ecosystem gives %v, want not found", err)
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, tt := range []struct {
		name, location string
		kind           crowsnest.Kind
	}{
		{"nothing", "", crowsnest.Invalid},
		{"no such path", filepath.Join(t.TempDir(), "gone"), crowsnest.NotFound},
		{"device", os.DevNull, crowsnest.Unsupported},
		{"other scheme", "ftp://example.com/osv", crowsnest.Invalid},
		{"no host", "https://", crowsnest.Invalid},
		{"URL without a client", "https://example.com", crowsnest.Internal},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := Open(t.Context(), tt.location, nil); crowsnest.KindOf(err) != tt.kind || err == nil {
				t.Errorf("Open gives %v, want kind %s", err, tt.kind)
			}
		})
	}
}

func TestEachKeepsOrderOfTheSet(t *testing.T) {
	var pairs, want []string
	for i := range 200 {
		id := fmt.Sprintf("A-%03d", (i*7919)%200)
		want = append(want, id)
		// Records of very different size end decoding in another order.
		pairs = append(pairs, id+".json", strings.TrimSuffix(rec(id), "}")+`,"details":"`+strings.Repeat("x", (i%7)*3000)+`"}`)
	}
	s := open(t, write(t, stored(t, pairs...), t.TempDir(), "set.zip"))
	got, _, err := read(t, s, "")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("records come in another order than they have in the archive")
	}
}

func TestEachCountsWhatItSkips(t *testing.T) {
	pairs := []string{"good.json", rec("A-1"), "large.json", strings.Repeat("x", MaxRecord+1)}
	for i := range maxProblems + 5 {
		pairs = append(pairs, fmt.Sprintf("bad%d.json", i), `{"id":"B-1"}`)
	}
	pairs = append(pairs, "last.json", rec("A-2"))
	dir := t.TempDir()
	// Stored, for text that packs too well is refused as a whole.
	s := open(t, write(t, stored(t, pairs...), dir, "set.zip"))
	ids, stats, err := read(t, s, "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"A-1", "A-2"}, ids); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	if stats.Skipped != maxProblems+6 || len(stats.Problems) != maxProblems {
		t.Errorf("%d skipped with %d problems, want %d with %d", stats.Skipped, len(stats.Problems), maxProblems+6, maxProblems)
	}
	if want := "bad0.json: read advisory B-1: it has no modified time"; !slices.Contains(stats.Problems, want) {
		t.Errorf("problems lack %q: %q", want, stats.Problems)
	}
}

func stored(t testing.TB, pairs ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(pairs); i += 2 {
		f, err := w.CreateHeader(&zip.FileHeader{Name: pairs[i], Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(pairs[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestEachHandsOutNothing gives sets that are broken as a whole.
func TestEachHandsOutNothing(t *testing.T) {
	var pairs []string
	for i := range 50 {
		pairs = append(pairs, fmt.Sprintf("A-%d.json", i), rec(fmt.Sprintf("A-%d", i)))
	}
	good := zipOf(t, pairs...)
	damaged := stored(t, append(pairs, "Z.json", rec("Z-1"))...)
	at := bytes.LastIndex(damaged, []byte(`"Z-1"`))
	damaged[at+1] = 'Y' // a valid record still, but not the one that was packed
	bomb := zipOf(t, append(pairs, "bomb.json", strings.Repeat(" ", 16<<20))...)
	tests := []struct {
		name    string
		content []byte
		kind    crowsnest.Kind
	}{
		{"archive cut in half", good[:len(good)/2], crowsnest.Corrupt},
		{"archive without its last byte", good[:len(good)-1], crowsnest.Corrupt},
		{"one byte of the last entry changed", damaged, crowsnest.Corrupt},
		{"zip bomb", bomb, crowsnest.TooLarge},
		{"archive without records", zipOf(t, "README.md", "x"), crowsnest.Corrupt},
		{"archive of other JSON", zipOf(t, "package.json", `{"name":"x"}`), crowsnest.Corrupt},
		{"empty archive", zipOf(t), crowsnest.Corrupt},
		{"other JSON", []byte(`{"name":"x"}`), crowsnest.Corrupt},
		{"empty array", []byte(`[]`), crowsnest.Corrupt},
		{"empty file", nil, crowsnest.Corrupt},
		{"HTML", []byte(`<html>`), crowsnest.Corrupt},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ids, _, err := read(t, open(t, write(t, tt.content, t.TempDir(), "set")), "")
			if len(ids) > 0 || err == nil || crowsnest.KindOf(err) != tt.kind {
				t.Errorf("%d records and %v, want none and kind %s", len(ids), err, tt.kind)
			}
		})
	}
}

func TestEachOverlappingEntries(t *testing.T) {
	// Two directory entries that point at one and the same data: the way to a bomb of any size.
	b := stored(t, "A.json", rec("A-1")+strings.Repeat(" ", 2000), "B.json", rec("A-1")+strings.Repeat(" ", 2000))
	second := bytes.LastIndex(b, []byte("PK\x01\x02"))
	copy(b[second+42:second+46], []byte{0, 0, 0, 0}) // the offset of its header
	first := bytes.Index(b, []byte("PK\x03\x04"))
	cut := bytes.Index(b[first+4:], []byte("PK\x03\x04")) + first + 4
	end := bytes.Index(b, []byte("PK\x01\x02"))
	b = append(b[:cut:cut], b[end:]...)
	eocd := bytes.LastIndex(b, []byte("PK\x05\x06"))
	b[eocd+16], b[eocd+17] = byte(cut), byte(cut>>8)
	ids, _, err := read(t, open(t, write(t, b, t.TempDir(), "set.zip")), "")
	if len(ids) > 0 || crowsnest.KindOf(err) != crowsnest.TooLarge {
		t.Errorf("%q and %v, want nothing and kind too large", ids, err)
	}
}

func TestEachBrokenFileOfManyRecords(t *testing.T) {
	for name, content := range map[string]string{
		"array that does not end":  "[" + rec("A-1"),
		"array cut in a record":    "[" + rec("A-1") + `,{"id":"A-2"`,
		"series cut in a record":   rec("A-1") + `{"id":"A-2"`,
		"series with something in": rec("A-1") + ` nonsense ` + rec("A-2"),
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := read(t, open(t, write(t, []byte(content), t.TempDir(), "set.json")), "")
			if crowsnest.KindOf(err) != crowsnest.Corrupt || err == nil {
				t.Errorf("error %v, want kind corrupt: records are missing", err)
			}
		})
	}
}

func TestEachEndsWithTheCaller(t *testing.T) {
	var pairs []string
	for i := range 3 * ahead {
		pairs = append(pairs, fmt.Sprintf("A-%d.json", i), rec(fmt.Sprintf("A-%d", i)))
	}
	dir := t.TempDir()
	set := write(t, zipOf(t, pairs...), dir, "set.zip")
	loose := t.TempDir()
	for i := 0; i < len(pairs); i += 2 {
		write(t, []byte(pairs[i+1]), loose, pairs[i])
	}
	for name, location := range map[string]string{"archive": set, "folder": loose} {
		t.Run(name, func(t *testing.T) {
			mine := errors.New("mine")
			stats, err := open(t, location).Each(t.Context(), "", func(a *crowsnest.Advisory) error {
				if a.ID == "A-3" {
					return mine
				}
				return nil
			})
			if !errors.Is(err, mine) || stats.Records >= len(pairs)/2 {
				t.Errorf("Each gives %d records and %v, want the caller's error", stats.Records, err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			n := 0
			_, err = open(t, location).Each(ctx, "", func(*crowsnest.Advisory) error {
				if n++; n == 2 {
					cancel()
				}
				return nil
			})
			if n != 2 || crowsnest.KindOf(err) != crowsnest.Canceled || !errors.Is(err, context.Canceled) {
				t.Errorf("after the context ended, %d records were handed out and the error is %v", n, err)
			}
		})
	}
}

func TestFingerprintFollowsContent(t *testing.T) {
	dir := t.TempDir()
	write(t, zipOf(t, "A-1.json", rec("A-1")), dir, "npm", "all.zip")
	loose := t.TempDir()
	write(t, []byte(rec("A-1")), loose, "A-1.json")
	for _, tt := range []struct {
		name, location, ecosystem string
		change                    func()
	}{
		{"archive", dir, "npm", func() { write(t, zipOf(t, "A-1.json", rec("A-2")), dir, "npm", "all.zip") }},
		{"folder", loose, "", func() { write(t, []byte(rec("A-2")), loose, "A-2.json") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			get := func() string {
				f, err := open(t, tt.location).Fingerprint(t.Context(), tt.ecosystem)
				if err != nil {
					t.Fatal(err)
				}
				return f
			}
			before := get()
			if again := get(); again != before || before == "" {
				t.Errorf("the same content has the fingerprints %q and %q", before, again)
			}
			tt.change()
			if after := get(); after == before {
				t.Errorf("changed content keeps the fingerprint %q", after)
			}
		})
	}
}
