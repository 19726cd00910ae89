package sysdig

import (
	"fmt"
	"strings"
	"testing"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/sysdigkit"
)

// BenchmarkReadImages reads the pages of a cluster of 50,000 containers that run
// 2,000 images with 100 loaded packages each: 1 GB of JSON, from memory.
func BenchmarkReadImages(b *testing.B) {
	const containers, images, packages, limit = 50_000, 2_000, 100, 500
	lists := make([]string, images)
	for i := range lists {
		var list []string
		for j := range packages {
			one, err := sysdigkit.OSPackage("debian", "12.5", fmt.Sprintf("lib%d", j), fmt.Sprintf("1:%d.%d-1+deb12u2", i, j), fmt.Sprintf("src%d", j/3)).MarshalJSON()
			if err != nil {
				b.Fatal(err)
			}
			list = append(list, string(one))
		}
		lists[i] = strings.Join(list, ",")
	}
	page := func(n int) *strings.Reader {
		var s strings.Builder
		s.WriteString(`{"page":{"returned":500,"next":"x"},"data":[`)
		for i := n * limit; i < (n+1)*limit; i++ {
			if i > n*limit {
				s.WriteByte(',')
			}
			fmt.Fprintf(&s, `{"namespace":"n","workloadKind":"deployment","workloadName":"w%d","container":"c","imageID":"%s","packages":[%s]}`,
				i, crowsnest.DigestOf([]byte(fmt.Sprint(i%images))), lists[i%images])
		}
		s.WriteString("]}")
		return strings.NewReader(s.String())
	}
	b.ReportAllocs()
	for b.Loop() {
		cache := &loadedCache{}
		for n := range containers / limit {
			b.StopTimer()
			r := page(n)
			b.SetBytes(int64(r.Len()) * containers / limit)
			b.StartTimer()
			p, err := readImages(r, n+1, cache, same)
			if err != nil || p.packages != limit*packages {
				b.Fatalf("%d packages, %v", p.packages, err)
			}
		}
	}
}
