package osv

import (
	"fmt"
	"strings"
	"testing"

	"github.com/crowsnest-sec/crowsnest"
)

// sample is a record of the size and make that records of distributions have on average.
func sample(id int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `{"id":"X-%d","modified":"2024-01-02T03:04:05Z","summary":"A flaw","details":"%s","upstream":["CVE-2024-%04d"],"affected":[`, id, strings.Repeat("text ", 60), id)
	for i := range 8 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"package":{"ecosystem":"Debian:%d","name":"p","purl":"pkg:deb/debian/p?arch=source"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1.%d-1"}]}],"ecosystem_specific":{"urgency":"low"}}`, i, id)
	}
	b.WriteString(`],"references":[{"type":"ADVISORY","url":"https://example.com/x"}]}`)
	return b.String()
}

func BenchmarkDecode(b *testing.B) {
	record := []byte(sample(1))
	b.SetBytes(int64(len(record)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(record); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkEach reads an archive of 10,000 records, verification included.
func BenchmarkEach(b *testing.B) {
	const n = 10_000
	pairs := make([]string, 0, 2*n)
	for i := range n {
		pairs = append(pairs, fmt.Sprintf("X-%d.json", i), sample(i))
	}
	s := open(b, write(b, zipOf(b, pairs...), b.TempDir(), "all.zip"))
	b.ReportAllocs()
	for b.Loop() {
		stats, err := s.Each(b.Context(), "", func(*crowsnest.Advisory) error { return nil })
		if err != nil || stats.Records != n {
			b.Fatal(stats, err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
}
