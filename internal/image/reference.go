package image

import (
	"context"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/crowsnest-sec/crowsnest"
)

// parseReference reads a registry reference; without tag and digest the tag is "latest".
func parseReference(s string) (name.Reference, error) {
	if looksLikeFile(s) {
		return nil, refuse(crowsnest.Invalid, "write archive://FILE for an archive and oci-dir://DIRECTORY for a layout", "this is a path, not an image reference")
	}
	ref, err := name.ParseReference(s)
	if err != nil {
		const hint = "write it as [registry/]repository[:tag|@sha256:digest], the repository in lower case"
		// The parser's own words repeat the input, which may hold a password.
		return nil, refuse(crowsnest.Invalid, hint, "this is not an image reference")
	}
	if d, ok := ref.(name.Digest); ok {
		if _, err := crowsnest.ParseDigest(d.DigestStr()); err != nil {
			return nil, refuse(crowsnest.Invalid, `a digest is "sha256:" and 64 hexadecimal digits`, "this is not an image reference")
		}
	}
	return ref, nil
}

// FullName returns, without asking anybody, the name of an image in a registry as Docker and
// Kubernetes write it, or the error Open would give for the reference.
func FullName(reference string) (string, error) {
	ref, err := parseReference(reference)
	if err != nil {
		return "", describe(context.Background(), err, "open image", displayName(reference))
	}
	return fullName(ref), nil
}

// Repository returns the repository in the name of an image, in full, or nothing if it is no reference.
func Repository(reference string) string {
	full, err := FullName(reference)
	if err != nil {
		return ""
	}
	full, _, _ = strings.Cut(full, "@")
	if i := strings.LastIndexByte(full, ':'); i > strings.LastIndexByte(full, '/') {
		full = full[:i]
	}
	return full
}

// looksLikeFile catches paths before they are taken for the name of a registry, as "./image.tar" would be.
func looksLikeFile(s string) bool {
	return strings.HasPrefix(s, "/") || strings.HasPrefix(s, "./") || strings.HasPrefix(s, "../") || strings.HasPrefix(s, "~")
}

// fullName writes a reference the way Docker, containerd and Kubernetes report it.
// go-containerregistry calls Docker Hub by the host it connects to.
func fullName(ref name.Reference) string {
	if rest, ok := strings.CutPrefix(ref.Name(), name.DefaultRegistry+"/"); ok {
		return "docker.io/" + rest
	}
	return ref.Name()
}

// displayName is a source as it may be shown: without the credentials or the
// query someone may have put into it.
func displayName(source string) string {
	scheme, rest := ParseSource(source)
	if slices.Contains([]string{SchemeOCIDir, SchemeArchive, SchemeLocal, SchemeFolder}, scheme) {
		return clip(rest)
	}
	if ref, err := parseReference(rest); err == nil && scheme == SchemeRegistry {
		return clip(fullName(ref))
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 && !strings.HasPrefix(rest[i+1:], crowsnest.DigestPrefix) {
		rest = "…@" + rest[i+1:]
	}
	rest, _, _ = strings.Cut(rest, "?")
	if scheme != SchemeRegistry {
		rest = scheme + "://" + rest
	}
	return clip(rest)
}

// candidate is one of the images a layout or archive holds.
type candidate struct {
	names   []string           // what the source calls it; may be empty
	digests []crowsnest.Digest // what else may be given as a reference to it
}

// sameName compares what someone asked for with what an archive says: "app:1" is
// "docker.io/library/app:1".
func sameName(have, want string) bool {
	if have == want {
		return true
	}
	h, err := name.ParseReference(have)
	if err != nil {
		return false
	}
	w, err := name.ParseReference(want)
	return err == nil && h.Name() == w.Name()
}

// find returns the candidates that reference names. An equal name outranks one that is only the same when completed.
func find(candidates []candidate, reference string) []int {
	for _, same := range []func(have, want string) bool{func(have, want string) bool { return have == want }, sameName} {
		var found []int
		for i, c := range candidates {
			if slices.ContainsFunc(c.names, func(n string) bool { return same(n, reference) }) ||
				slices.Contains(c.digests, crowsnest.Digest(reference)) {
				found = append(found, i)
			}
		}
		if found != nil {
			return found
		}
	}
	return nil
}

// listNames writes what there is to choose from, by digest where there is no name.
func listNames(candidates []candidate) string {
	const most = 20
	var out []string
	for _, c := range candidates {
		if len(out) == most {
			out = append(out, "…")
			break
		}
		switch {
		case len(c.names) > 0:
			out = append(out, clip(c.names[0]))
		case len(c.digests) > 0:
			out = append(out, clip(string(c.digests[0])))
		}
	}
	return strings.Join(out, ", ")
}

func noSuchReference(candidates []candidate, reference string) error {
	return refuse(crowsnest.NotFound, "choose one of these", "it holds no image %q, only %s", clip(reference), listNames(candidates))
}

func severalReferences(candidates []candidate) error {
	return refuse(crowsnest.Invalid, "choose one with --ref", "it holds several images: %s", listNames(candidates))
}
