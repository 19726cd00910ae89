package api

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

func TestAttestations(t *testing.T) {
	d := newDesk(t)
	img := d.fixture.Analysed(t, d.org, "image", storetest.Package("left-pad", "1.0.0", ""))
	path := "/api/v1/images/" + string(img.Digest) + "/attestations"
	var list wire.Attestations
	if w := d.get(path); w.Code != 200 || json.Unmarshal(w.Body.Bytes(), &list) != nil || list.Items == nil || strings.Contains(w.Body.String(), `"read"`) {
		t.Errorf("before anybody looked: %d %s", w.Code, w.Body)
	}
	statement := `{"_type":"https://in-toto.io/Statement/v1","predicateType":"https://slsa.dev/provenance/v1","predicate":{}}`
	storetest.Must(t, d.store.SaveAttestations(t.Context(), d.org, img.Digest, []crowsnest.Attestation{
		{Digest: storetest.Digest("1"), Source: crowsnest.AttestationInIndex, Kind: crowsnest.AttestedProvenance, PredicateType: "https://slsa.dev/provenance/v1", Provenance: &crowsnest.Provenance{Builder: "b"}, Statement: []byte(statement)},
		{Digest: storetest.Digest("2"), Source: crowsnest.AttestationReferrer, Kind: crowsnest.AttestedOther, Problem: "it is damaged"},
	}))
	if w := d.get(path); w.Code != 200 || json.Unmarshal(w.Body.Bytes(), &list) != nil || len(list.Items) != 2 || list.Items[0].Provenance.Builder != "b" || list.Read.IsZero() || list.Image.Digest != img.Digest {
		t.Errorf("list: %d %s", w.Code, w.Body)
	}
	w := d.get(path + "/" + string(storetest.Digest("1")))
	if w.Code != 200 || w.Body.String() != statement || !strings.HasPrefix(w.Header().Get("Content-Disposition"), `attachment; filename="provenance-`) {
		t.Errorf("statement: %d %s %s", w.Code, w.Header(), w.Body)
	}
	for path, want := range map[string]struct {
		code int
		says string
	}{
		path + "/" + string(storetest.Digest("2")): {404, "it is damaged"},
		path + "/" + string(storetest.Digest("3")): {404, ""},
		path + "/latest": {422, "a digest is"},
		"/api/v1/images/" + strings.Repeat("a", 64) + "/attestations":                                  {404, ""},
		"/api/v1/images/" + strings.Repeat("a", 64) + "/attestations/" + string(storetest.Digest("1")): {404, ""},
	} {
		if w := d.get(path); w.Code != want.code || !strings.Contains(w.Body.String(), want.says) {
			t.Errorf("%s: %d %s, want %d that says %q", path, w.Code, w.Body, want.code, want.says)
		}
	}
}
