package e2e

import (
	"archive/zip"
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
)

// TestTextsFromOutsideAreStored brings in texts that PostgreSQL refuses, by every way there is
// that is not a peer's JSON: nothing may fail for one of them.
func TestTextsFromOutsideAreStored(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		var upload bytes.Buffer
		w := zip.NewWriter(&upload)
		f, err := w.Create("TEXT-1.json")
		must(t, err)
		_, err = f.Write([]byte(`{"id":"TEXT-1","modified":"2026-01-01T00:00:00Z","summary":"a\u0000b","affected":[{"package":{"ecosystem":"Alpine:v3.20","name":"mu\u0000sl"},
			"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"9\u0000"}]}],"versions":["1\u0000"]}]}`))
		must(t, err)
		must(t, w.Close())
		if code, body := s.call(t, http.MethodPut, "/advisories", &upload); code != http.StatusOK || !strings.Contains(string(body), `"records":1`) {
			t.Errorf("upload: %d %s", code, body)
		}

		reference := imagekit.Registry(t) + "/" + "shop/text" + ":1"
		imagekit.Push(t, reference, imagekit.Build(t, imagekit.Image{Layers: []imagekit.Layer{{Files: []imagekit.File{
			imagekit.Text("etc/os-release", "ID=alpine\nVERSION_ID=3.20\x00\xff\n"),
			imagekit.Text("lib/apk/db/installed", "P:mu\x00sl\nV:1.2\xff\no:mu\xffsl\nL:MI\x00T\n\n"),
			imagekit.Text("caf\xe9/package.json", `{"name":"a\u0000","version":"1"}`), imagekit.Text("bad\xff/package.json", "{\x00"),
		}}}}))
		digest := s.analyse(t, reference)
		for _, part := range []string{"", "/packages", "/findings"} {
			if code, body := s.call(t, http.MethodGet, "/images/"+string(digest)+part, nil); code != http.StatusOK || strings.Contains(string(body), `\u0000`) {
				t.Errorf("%s: %d %s", part, code, body)
			}
		}

		evaluation := `{"image":{"name":"","digest":"","imageId":"sha256:\u0000","platform":""},"packages":[{"purl":"pkg:apk/x\u0000","type":"apk","name":"mu\u0000sl","version":"1","ecosystem":"Alpine:v3.20"}]}`
		if code, body := s.call(t, http.MethodPost, "/evaluations", strings.NewReader(evaluation)); code != http.StatusOK {
			t.Errorf("evaluation: %d %s", code, body)
		}
		for _, path := range []string{"/images?name=a%00", "/images/%00", "/environments/a%ff", "/images?environment=%00"} {
			if code, body := s.call(t, http.MethodGet, path, nil); code != http.StatusUnprocessableEntity {
				t.Errorf("%s: %d %s", path, code, body)
			}
		}
	})
}
