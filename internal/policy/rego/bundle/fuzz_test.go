package bundle

import (
	"strings"
	"testing"

	"github.com/crowsnest-sec/crowsnest/internal/policy"
)

// Whatever a layer holds, it is read or refused.
func FuzzLayer(f *testing.F) {
	f.Add("text/plain", "a.rego", []byte("package docker.scout\n"))
	f.Add(typeBuiltIn, "", []byte(`[{"type":"licences"}]`))
	f.Add("x", "", []byte{0x1f, 0x8b, 8, 0})
	f.Fuzz(func(t *testing.T, mediaType, title string, content []byte) {
		var s Source
		if err := s.add(descriptor{MediaType: mediaType, Annotations: map[string]string{titleAnnotation: title}}, 0, content); err != nil {
			return
		}
		for _, file := range s.Files {
			if file.Name == "" || strings.HasPrefix(file.Name, "/") || strings.Contains(file.Name, "../") || len(file.Text) > policy.MaxSource {
				t.Errorf("read is %q", file.Name)
			}
		}
	})
}
