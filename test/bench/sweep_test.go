package bench_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/app"
	"github.com/crowsnest-sec/crowsnest/internal/egress"
	"github.com/crowsnest-sec/crowsnest/internal/environment"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/sysdig"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/sysdigkit"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/usage"
)

// sweepVariable makes this test program a process that does nothing but sweep, so that its memory is the sweep's: the
// database's location, a line break and the address of the cluster's server.
const sweepVariable = "CROWSNEST_BENCH_SWEEP"

// The packages that each container reports as loaded. Containers of one image report the same.
const sweptPackages = 100

// BenchmarkSweep reads a cluster of 50,000 containers over HTTP and stores what runs: the whole way, for the first time
// and again unchanged, in a process of its own. The server is in this one and takes its part of the processor's time: how long it takes to
// fetch the pages and drop them is measured as well.
func BenchmarkSweep(b *testing.B) {
	for _, e := range engines {
		b.Run(e.name, func(b *testing.B) {
			server := httptest.NewServer(newLargeCluster(b))
			defer server.Close()
			var sum swept
			for b.Loop() {
				b.StopTimer()
				location := e.create(b)
				b.StartTimer()
				one := runSweeps(b, location, server.URL)
				sum.Fetched += one.Fetched
				sum.First += one.First
				sum.Unchanged += one.Unchanged
				sum.CPU += one.CPU
				sum.MB = max(sum.MB, one.MB)
			}
			n := float64(b.N)
			b.ReportMetric(sum.Fetched/n, "fetched-s")
			b.ReportMetric(sum.First/n, "first-s")
			b.ReportMetric(sum.Unchanged/n, "unchanged-s")
			b.ReportMetric(sum.CPU/n, "cpu-s")
			b.ReportMetric(sum.MB, "peak-MB")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// swept is what a process says that swept twice: seconds, of these two processor time, and resident memory at its highest.
type swept struct{ Fetched, First, Unchanged, CPU, MB float64 }

func sweepHere(location, url string) error {
	ctx := context.Background()
	s, err := openStore(ctx, location)
	if err != nil {
		return err
	}
	org, err := s.EnsureOrganisation(ctx, "swept")
	if err != nil {
		return err
	}
	in, err := s.CreateIntegration(ctx, store.Integration{
		Org: org.ID, Name: "large", Kind: "sysdig", Region: sysdig.Custom, URL: url, Cluster: "large", Environment: "production", Secret: []byte("token"), Interval: 5 * time.Minute,
	})
	if err != nil {
		return err
	}
	hc, err := egress.New(egress.Policy{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	if err != nil {
		return err
	}
	sweeper := &environment.Sweeper{Store: s, Log: slog.New(slog.DiscardHandler), Connect: func(_ context.Context, in store.Integration) (environment.Observer, error) {
		client, err := sysdig.New(sysdig.Config{Region: in.Region, URL: in.URL, Token: string(in.Secret)}, hc)
		if err != nil {
			return nil, err
		}
		return app.Observe(client), nil
	}}
	var out swept
	before, _ := usage.CPU()
	if out.First, err = timeSweep(ctx, sweeper, in.ID, store.SweepResult{Opened: sweptContainers}); err != nil {
		return err
	}
	if out.Unchanged, err = timeSweep(ctx, sweeper, in.ID, store.SweepResult{Continued: sweptContainers}); err != nil {
		return err
	}
	out.MB, _ = usage.PeakMB()
	after, _ := usage.CPU()
	out.CPU = (after - before).Seconds()
	if out.Fetched, err = timeFetch(ctx, hc, url); err != nil {
		return err
	}
	return errors.Join(s.Close(), json.NewEncoder(os.Stdout).Encode(out))
}

func timeSweep(ctx context.Context, sweeper *environment.Sweeper, id string, want store.SweepResult) (seconds float64, err error) {
	start := time.Now()
	got, err := sweeper.Sweep(ctx, id)
	if err == nil && got != want {
		err = fmt.Errorf("the sweep made %+v, want %+v", got, want)
	}
	return time.Since(start).Seconds(), err
}

// timeFetch fetches all pages and drops them.
func timeFetch(ctx context.Context, hc *http.Client, url string) (seconds float64, err error) {
	start := time.Now()
	for from := 0; from < sweptContainers; from += sysdigkit.MaxLimit {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("%s/?limit=%d&cursor=%d", url, sysdigkit.MaxLimit, from), nil)
		if err != nil {
			return 0, err
		}
		resp, err := hc.Do(req)
		if err != nil {
			return 0, err
		}
		_, err = io.Copy(io.Discard, resp.Body)
		if err := errors.Join(err, resp.Body.Close()); err != nil {
			return 0, err
		}
	}
	return time.Since(start).Seconds(), nil
}

// runSweeps sweeps in a process of its own.
func runSweeps(tb testing.TB, location, url string) swept {
	tb.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), sweepVariable+"="+location+"\n"+url)
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		tb.Fatalf("sweep: %v", err)
	}
	var out swept
	if err := json.Unmarshal(text, &out); err != nil {
		tb.Fatalf("sweep said %q: %v", text, err)
	}
	return out
}

// largeCluster writes the pages of a cluster whose JSON, a gigabyte, is never in memory at once. The number of the next
// container is the cursor.
type largeCluster struct {
	images   []crowsnest.Digest
	packages []string // of each image, as they come
}

func newLargeCluster(b *testing.B) *largeCluster {
	b.Helper()
	c := &largeCluster{}
	for i := range sweptImages {
		c.images = append(c.images, crowsnest.DigestOf(fmt.Appendf(nil, "swept %d", i)))
		var list []string
		for j := range sweptPackages {
			one, err := sysdigkit.OSPackage("debian", "12.5", fmt.Sprint("lib", j), fmt.Sprintf("1:%d.%d-1+deb12u2", i, j), fmt.Sprint("src", j/3)).MarshalJSON()
			if err != nil {
				b.Fatal(err)
			}
			list = append(list, string(one))
		}
		c.packages = append(c.packages, strings.Join(list, ","))
	}
	return c
}

func (c *largeCluster) ServeHTTP(answer http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	from, _ := strconv.Atoi(q.Get("cursor")) // page one has none
	limit, err := strconv.Atoi(q.Get("limit"))
	if err != nil || limit < 1 || limit > sysdigkit.MaxLimit {
		http.Error(answer, "limit", http.StatusBadRequest)
		return
	}
	to, next := min(from+limit, sweptContainers), ""
	if to < sweptContainers {
		next = strconv.Itoa(to)
	}
	answer.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w := bufio.NewWriterSize(answer, 256<<10) // in large parts, so that most of the time measured is not the server's
	defer w.Flush()
	fmt.Fprintf(w, `{"page":{"returned":%d,"next":"%s"},"data":[`, to-from, next)
	for i := from; i < to; i++ {
		if i > from {
			w.WriteString(",")
		}
		image := i % len(c.images)
		fmt.Fprintf(w, `{"namespace":"team-%03d","workloadKind":"deployment","workloadName":"app-%05d","container":"main","imageID":"%s","packages":[`, i%300, i, c.images[image])
		w.WriteString(c.packages[image])
		w.WriteString("]}")
	}
	w.WriteString("]}")
}
