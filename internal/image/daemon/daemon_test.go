package daemon

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/crowsnest-sec/crowsnest"
)

// engine answers on a socket as an engine of that version of the API does.
func engine(t *testing.T, version string, save http.HandlerFunc) {
	t.Helper()
	dir, err := os.MkdirTemp("", "e") // the path of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, code int, value any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		json.NewEncoder(w).Encode(value)
	}
	mux.HandleFunc("/_ping", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Api-Version", version) })
	mux.HandleFunc("GET /v"+version+"/images/{name}/json", func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("name") != "web:1" {
			answer(w, http.StatusNotFound, map[string]string{"message": "No such image"})
			return
		}
		answer(w, http.StatusOK, map[string]string{"Id": "sha256:" + strings.Repeat("a", 64)})
	})
	mux.HandleFunc("GET /v"+version+"/images/get", save)
	server := httptest.NewUnstartedServer(mux)
	server.Listener.Close()
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	t.Setenv("DOCKER_HOST", "unix://"+socket)
}

func TestSave(t *testing.T) {
	for _, tt := range []struct{ version, platform string }{{"1.41", ""}, {"1.48", `{"architecture":"arm64","os":"linux","variant":"v8"}`}, {"1.50", `{"architecture":"arm64","os":"linux","variant":"v8"}`}} {
		engine(t, tt.version, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("names") != "web:1" || r.URL.Query().Get("platform") != tt.platform {
				t.Errorf("API %s is asked for %s", tt.version, r.URL.RawQuery)
			}
			io.WriteString(w, "the archive")
		})
		var out bytes.Buffer
		if err := Save(t.Context(), &out, "web:1", crowsnest.Platform{OS: "linux", Architecture: "arm64", Variant: "v8"}); err != nil || out.String() != "the archive" {
			t.Errorf("API %s: %q, %v", tt.version, out.String(), err)
		}
	}
}

type full struct{}

var errFull = errors.New("no space left on device")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestFailures(t *testing.T) {
	check := func(what string, err error, kind crowsnest.Kind, words ...string) {
		t.Helper()
		var e *crowsnest.Error
		if !errors.As(err, &e) || e.Kind != kind {
			t.Errorf("%s: %v, want kind %v", what, err, kind)
			return
		}
		for _, word := range words {
			if !strings.Contains(e.Error()+e.Hint, word) {
				t.Errorf("%s: %q does not say %q", what, e.Error(), word)
			}
		}
	}
	save := func(reference string) error {
		return Save(t.Context(), io.Discard, reference, crowsnest.Platform{})
	}
	engine(t, "1.41", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, "half")
	})
	check("an image that is not there", save("db:1"), crowsnest.NotFound, "db:1", "unix://", "docker images")
	check("an engine that breaks off", save("web:1"), crowsnest.Unavailable, "broke off")
	if err := Save(t.Context(), full{}, "web:1", crowsnest.Platform{}); !errors.Is(err, errFull) {
		t.Errorf("a disk that is full: %v", err)
	}
	engine(t, "1.41", func(w http.ResponseWriter, r *http.Request) { http.Error(w, `{"message":"store is broken"}`, 500) })
	check("an engine with a fault", save("web:1"), crowsnest.Internal, "store is broken")
	t.Setenv("DOCKER_HOST", "unix://"+filepath.Join(t.TempDir(), "none"))
	check("no engine", save("web:1"), crowsnest.Unavailable, "no engine answers", "podman system service")
	t.Setenv("DOCKER_HOST", "nonsense")
	check("no address", save("web:1"), crowsnest.Invalid, "DOCKER_HOST")
}

func TestSocketIsFound(t *testing.T) {
	dir, err := os.MkdirTemp("", "e")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	t.Setenv("XDG_RUNTIME_DIR", dir)
	t.Setenv("HOME", dir)
	all := places()
	if all[0] != "/var/run/docker.sock" || all[len(all)-1] != "/run/podman/podman.sock" {
		t.Errorf("places: %v", all)
	}
	mine := slices.DeleteFunc(all, func(place string) bool { return !strings.HasPrefix(place, dir) }) // this machine may have an engine
	if got := firstSocket(mine); got != mine[0] {
		t.Errorf("without any: %s", got)
	}
	want := filepath.Join(dir, "podman", "podman.sock")
	if err := os.MkdirAll(filepath.Dir(want), 0o755); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("unix", want)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if got := firstSocket(mine); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
