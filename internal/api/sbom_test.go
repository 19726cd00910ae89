package api

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
)

func TestBillOfMaterials(t *testing.T) {
	d := newDesk(t)
	img := d.fixture.Analysed(t, d.org, "image", storetest.Package("left-pad", "1.0.0", ""))
	path := "/api/v1/images/" + string(img.Digest) + "/sbom"
	for query, want := range map[string]struct{ contentType, version string }{
		"": {"application/spdx+json", `"spdxVersion":"SPDX-2.3"`}, "?format=spdx": {"application/spdx+json", `"spdxVersion":"SPDX-2.3"`},
		"?format=cyclonedx": {"application/vnd.cyclonedx+json", `"specVersion":"1.6"`},
	} {
		w := d.get(path + query)
		body := strings.ReplaceAll(w.Body.String(), ": ", ":")
		if w.Code != 200 || w.Header().Get("Content-Type") != want.contentType || !strings.Contains(body, want.version) || !strings.Contains(body, "left-pad@1.0.0") || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%q: %d %s %s", query, w.Code, w.Header(), body)
		}
		if again := d.get(path + query); again.Body.String() != w.Body.String() {
			t.Errorf("%q: another document the second time", query)
		}
		if name := w.Header().Get("Content-Disposition"); !strings.HasPrefix(name, `attachment; filename="`+img.Digest.Short()+".") {
			t.Errorf("%q: comes as %s", query, name)
		}
	}
	for path, code := range map[string]int{path + "?format=swid": 422, "/api/v1/images/" + strings.Repeat("a", 64) + "/sbom": 404} {
		if w := d.get(path); w.Code != code {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}
