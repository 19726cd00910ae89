package e2e

import (
	"testing"

	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// fileOwnersContract is that of "crowsnest files --format json".
var fileOwnersContract = list(object(map[string]contract{
	"path": filled, "exists": boolean, "layer?": digest, "later": boolean,
	"owners": list(object(map[string]contract{"purl": filled, "name": filled, "version": filled})),
}))

func boolean(path string, v any) []string {
	if _, ok := v.(bool); !ok {
		return []string{path + " is no boolean"}
	}
	return nil
}

// TestFileOwners asks which packages brought files of an image, with and without a server.
func TestFileOwners(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		owned := imagekit.Layer{Files: []imagekit.File{
			imagekit.Text("var/lib/dpkg/info/libssl3:amd64.list", "/.\n/usr\n/usr/lib\n/usr/lib/libssl.so.3\n"), imagekit.Text("usr/lib/libssl.so.3", t.Name()),
			imagekit.Text("app/node_modules/lodash/lodash.js", "x"), imagekit.Text("srv/unknown", "x"),
		}}
		img := layered(t, "files", base(libc+libssl), npm("lodash", "4.17.15"), owned)
		reference := imagekit.Registry(t) + "/shop/files:1.0"
		imagekit.Push(t, reference, img)
		want := map[string]string{
			"/usr/lib/libssl.so.3": "libssl3 3.0.17-1~deb12u2", "/app/node_modules/lodash/lodash.js": "lodash 4.17.15", "/srv/unknown": "", "/nowhere": "",
		}
		for name, m := range map[string]machine{"alone": newMachine(t), "with a server": newMachine(t, "CROWSNEST_SERVER="+s.url, "CROWSNEST_TOKEN="+s.token)} {
			var raw any
			var found []wire.FileOwner
			m.jsons(t, []any{&raw, &found}, "files", reference, "/usr/lib/libssl.so.3", "/app/node_modules/lodash/lodash.js", "/srv/unknown", "/nowhere")
			check(t, name, fileOwnersContract, raw)
			for _, f := range found {
				if got := f.String(); got != want[f.Path] || f.Exists == (f.Path == "/nowhere") {
					t.Errorf("%s: %s is of %q, want %q; there %t", name, f.Path, got, want[f.Path], f.Exists)
				}
			}
			if len(found) != len(want) {
				t.Errorf("%s: %d answers, want %d", name, len(found), len(want))
			}
			m.fails(t, []string{"bill of materials"}, "files", "sbom://-", "/x")
		}
	})
}
