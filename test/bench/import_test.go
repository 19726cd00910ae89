package bench_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/advisory"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/osv"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/usage"
)

// importVariable makes this test program a process that does nothing but import, so
// that its memory is the import's: the database's location, a line break and the folder.
const importVariable = "CROWSNEST_BENCH_IMPORT"

func TestMain(m *testing.M) {
	for variable, work := range map[string]func(location, from string) error{importVariable: importHere, sweepVariable: sweepHere} {
		job := os.Getenv(variable)
		if job == "" {
			continue
		}
		location, from, _ := strings.Cut(job, "\n")
		if err := work(location, from); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// imported is what an import says when it is done.
type imported struct {
	Seconds float64
	Records int
	CPU     float64 // seconds of processor time, without the database server's
	MB      float64 // resident memory at its highest
}

func importHere(location, folder string) error {
	ctx := context.Background()
	s, err := openStore(ctx, location)
	if err != nil {
		return err
	}
	start := time.Now()
	src, err := osv.Open(ctx, folder, nil)
	if err != nil {
		return err
	}
	results, err := advisory.Importer{Store: s}.Import(ctx, src, nil, nil)
	if err != nil {
		return err
	}
	out := imported{Seconds: time.Since(start).Seconds()}
	for _, r := range results {
		out.Records += r.Records
	}
	out.MB, _ = usage.PeakMB()
	return errors.Join(s.Close(), json.NewEncoder(os.Stdout).Encode(out))
}

// runImport imports in a process of its own.
func runImport(tb testing.TB, location, folder string) imported {
	tb.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), importVariable+"="+location+"\n"+folder)
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		tb.Fatalf("import: %v", err)
	}
	var out imported
	if err := json.Unmarshal(text, &out); err != nil {
		tb.Fatalf("import said %q: %v", text, err)
	}
	out.CPU = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	return out
}

// benchmarkImport imports all advisories into an installation that has all images and no
// advisory: unpacking, decoding, storing and matching. It leaves the location of the last copy.
func benchmarkImport(b *testing.B, e engine, images, folder string) {
	var last imported
	seconds, cpu, mb := 0.0, 0.0, 0.0
	for b.Loop() {
		b.StopTimer()
		location := e.copy(b, images)
		b.StartTimer()
		last = runImport(b, location, folder)
		seconds += last.Seconds
		cpu += last.CPU
		mb = max(mb, last.MB)
	}
	b.ReportMetric(seconds/float64(b.N), "s")
	b.ReportMetric(cpu/float64(b.N), "cpu-s")
	b.ReportMetric(mb, "peak-MB")
	b.ReportMetric(float64(last.Records), "records")
	b.ReportMetric(0, "ns/op")
}
