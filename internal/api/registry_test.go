package api

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

func TestKnownRegistries(t *testing.T) {
	d := newDesk(t)
	img, lost := storetest.Image("web"), storetest.Digest("lost")
	img.Name = "docker.io/someone/web:1"
	if _, err := d.store.RecordImage(t.Context(), d.org, img, &store.Tag{Repository: "docker.io/someone/web", Name: "1", Target: img.Index}, storetest.Analyser); err != nil {
		t.Fatal(err)
	}
	if err := d.store.SaveAnalysis(t.Context(), d.org, crowsnest.Analysis{Image: img}, storetest.Analyser); err != nil {
		t.Fatal(err)
	}
	in := d.fixture.Connect(t, d.org, "eu", "production")
	d.fixture.Sweep(t, in, store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("web", img.ImageID, ""), storetest.Run("lost", lost, ""), storetest.Run("nameless", storetest.Digest("nameless"), "")}})
	if err := d.store.SaveReportedNames(t.Context(), in.ID, map[crowsnest.Digest]string{lost: "evil.example/lost:1"}, 0, ""); err != nil {
		t.Fatal(err)
	}
	put := func(body string) (int, string) {
		w := d.do(d.token, http.MethodPut, "/api/v1/settings/registries", strings.NewReader(body))
		return w.Code, w.Body.String()
	}
	if got := answered[wire.RegistryCheck](t, d, "/environments/production/registries"); got != (wire.RegistryCheck{}) {
		t.Errorf("without a list: %+v", got)
	}
	if w := d.get("/api/v1/settings/registries"); !strings.Contains(w.Body.String(), `"registries":[]`) {
		t.Errorf("no list: %s", w.Body)
	}
	if got := answered[wire.Image](t, d, "/images/"+string(img.Digest)); got.Warnings != nil {
		t.Errorf("without a list it is warned of: %+v", got.Warnings)
	}
	if code, said := put(`{"registries":["Registry.example.com","nginx"]}`); code != http.StatusOK || !strings.Contains(said, `["docker.io/library/nginx","registry.example.com"]`) {
		t.Errorf("set: %d %s", code, said)
	}
	for _, bad := range []string{`{}`, `{"registries":null}`, `{"registries":["*"]}`, `{"registries":["https://ghcr.io"]}`, `{"registries":[` + strings.Repeat(`"a.example",`, crowsnest.MaxKnownRegistries) + `"b.example"]}`} {
		if code, said := put(bad); code != http.StatusUnprocessableEntity {
			t.Errorf("%.40s: %d %s", bad, code, said)
		}
	}
	if got, want := answered[wire.RegistryCheck](t, d, "/environments/production/registries"), (wire.RegistryCheck{Known: 2, Running: 3, Unknown: 2, Unnamed: 1}); got != want {
		t.Errorf("compared: %+v, want %+v", got, want)
	}
	warning := func(name string, running crowsnest.Digest) []wire.Warning {
		return []wire.Warning{{Kind: store.UnknownRegistry, Reference: name, Running: running}}
	}
	if diff := cmp.Diff(warning(img.Name, img.Digest), answered[wire.Image](t, d, "/images/"+string(img.Digest)).Warnings); diff != "" {
		t.Errorf("of the image (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(warning(img.Name, img.Digest), answered[wire.Page[wire.RunningImage]](t, d, "/environments/production/images").Items[0].Warnings); diff != "" {
		t.Errorf("of the running image (-want +got):\n%s", diff)
	}
	gaps := make(map[crowsnest.Digest][]wire.Warning)
	for _, g := range answered[wire.Page[wire.Gap]](t, d, "/coverage/gaps").Items {
		gaps[g.ImageID] = g.Warnings
	}
	if diff := cmp.Diff(map[crowsnest.Digest][]wire.Warning{lost: warning("evil.example/lost:1", lost), storetest.Digest("nameless"): {}}, gaps); diff != "" {
		t.Errorf("of gaps (-want +got):\n%s", diff)
	}
	for path, want := range map[string]string{"/export/environments/production/images": "unknown-registry=docker.io/someone/web:1", "/export/coverage/gaps": "unknown-registry=evil.example/lost:1"} {
		if w := d.get("/api/v1" + path); !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s does not say %s:\n%s", path, want, w.Body)
		}
	}
}
