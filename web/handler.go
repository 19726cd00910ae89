package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// The pieces of the Content-Security-Policy. Scripts and styles come from files only:
// React sets the style of an element through its object model, which the policy does not
// concern, and the libraries' style elements are switched off in web/src/theme. Fonts are
// the system's.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'self'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// basePlaceholder is what index.html says where the server's base path belongs.
const basePlaceholder = `<base href="/" />`

// Handler serves the dashboard of a server that lives under basePath: empty, or with a
// slash at its beginning and none at its end. Requests arrive with it already taken off.
func Handler(basePath string) (http.Handler, error) {
	files, err := dist()
	if err != nil {
		return nil, err
	}
	if files == nil {
		return notBuilt(), nil
	}
	return newHandler(files, basePath)
}

// file is one answer in each of its encodings.
type file struct {
	contentType   string
	cache         string
	plain, packed []byte // packed is nil where gzip does not pay
	tag           string // without quotes
}

type handler struct {
	files map[string]*file // by path without a leading slash
	index *file
}

// newHandler reads all files once: they are in the program's memory anyway.
func newHandler(files fs.FS, basePath string) (http.Handler, error) {
	h := &handler{files: map[string]*file{}}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, ".gz") || strings.HasPrefix(name, ".") {
			return err
		}
		f := &file{contentType: contentType(name), cache: "no-cache"}
		if strings.HasPrefix(name, "assets/") {
			f.cache = "public, max-age=31536000, immutable" // its name has a hash of its content
		}
		if f.plain, err = fs.ReadFile(files, name); err != nil {
			return err
		}
		if f.packed, err = fs.ReadFile(files, name+".gz"); errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		if name == "index.html" {
			if !bytes.Contains(f.plain, []byte(basePlaceholder)) {
				return fmt.Errorf("dashboard: index.html has no %s", basePlaceholder)
			}
			f.plain = bytes.Replace(f.plain, []byte(basePlaceholder), []byte(`<base href="`+html.EscapeString(basePath)+`/" />`), 1)
			f.packed = pack(f.plain)
			h.index = f
		}
		sum := sha256.Sum256(f.plain)
		f.tag = base64.RawURLEncoding.EncodeToString(sum[:15])
		h.files[name] = f
		return err
	})
	if err != nil {
		return nil, err
	}
	if h.index == nil {
		return nil, errors.New("dashboard: no index.html; run make web")
	}
	return h, nil
}

func contentType(name string) string {
	switch path.Ext(name) { // the system's table may say otherwise, or nothing
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".html":
		return "text/html; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".json":
		return "application/json"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}

func pack(b []byte) []byte {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(r.URL.Path, "/")
	f := h.files[name]
	if f == nil && isRoute(name, r) {
		f = h.index
	}
	if f == nil {
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	f.serve(w, r)
}

// isRoute tells a page of the dashboard, which the browser asks for as HTML, from a file
// that is not there. Under api nothing is a page: a mistyped call must not look answered.
func isRoute(name string, r *http.Request) bool {
	if name == "" {
		return true
	}
	return name != "api" && !strings.HasPrefix(name, "api/") && !strings.HasPrefix(name, "assets/") &&
		strings.Contains(r.Header.Get("Accept"), "text/html")
}

func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cache-Control", f.cache)
	header.Set("Vary", "Accept, Accept-Encoding")

	body, tag := f.plain, `"`+f.tag+`"`
	if f.packed != nil && acceptsGzip(r.Header.Get("Accept-Encoding")) {
		header.Set("Content-Encoding", "gzip")
		body, tag = f.packed, `"`+f.tag+`-gzip"`
	}
	header.Set("ETag", tag)
	if matches(r.Header.Get("If-None-Match"), tag) {
		header.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	header.Set("Content-Type", f.contentType)
	header.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		w.Write(body)
	}
}

// acceptsGzip reads an Accept-Encoding header; "gzip;q=0" is a refusal.
func acceptsGzip(accept string) bool {
	for part := range strings.SplitSeq(accept, ",") {
		coding, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if !strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			continue
		}
		q, found := strings.CutPrefix(strings.ReplaceAll(strings.ToLower(params), " ", ""), "q=")
		if !found {
			return true
		}
		weight, err := strconv.ParseFloat(q, 64)
		return err == nil && weight > 0
	}
	return false
}

// matches tells whether an If-None-Match header names the tag; a proxy may have weakened it.
func matches(header, tag string) bool {
	for one := range strings.SplitSeq(header, ",") {
		one = strings.TrimSpace(one)
		if one == "*" || strings.TrimPrefix(one, "W/") == tag {
			return true
		}
	}
	return false
}

const notBuiltPage = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Crowsnest</title>
<h1>Crowsnest</h1>
<p>This program was built without its dashboard; <code>make web</code> and then <code>go build -tags dashboard</code> build it with.</p>
<p>The server answers its API under <code>/api/v1</code>, with a token. The document that describes it is
<a href="api/openapi.json">/api/openapi.json</a>. On the command line: <code>crowsnest login URL</code>, then <code>crowsnest environment</code>.</p>
`

// notBuilt answers for a program without the dashboard.
func notBuilt() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write([]byte(notBuiltPage))
	})
}
