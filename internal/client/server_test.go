package client

import (
	"archive/zip"
	"bytes"
	"context"
	"database/sql"
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/advisory"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/osv"
	"github.com/crowsnest-sec/crowsnest/internal/api"
	"github.com/crowsnest-sec/crowsnest/internal/auth"
	"github.com/crowsnest-sec/crowsnest/internal/image"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/crowsnest-sec/crowsnest/internal/sysdig"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/litekit"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

type noQueue struct{}

func (noQueue) Enqueue(context.Context, *sql.Tx, store.Work) error { return nil }

// realServer runs the API on a real store and returns its first organisation's client.
// imported is told what the server was asked to fetch.
func realServer(t *testing.T, imported func(location string, ecosystems []string)) (*Client, storetest.Fixture, store.OrgID) {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), litekit.Database(t), sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	s.SetEnqueuer(noQueue{})
	fixture := storetest.Fixture{Store: s}
	org := fixture.Organisation(t, "org")
	secret, hash := auth.NewToken()
	if _, err := s.CreateToken(t.Context(), store.Token{Organisation: org, Name: "test", Scopes: []crowsnest.Scope{crowsnest.ScopeOwner}}, hash); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(api.New(api.Deps{
		Store: s, Version: wire.Version{Version: "1.2.3"}, Log: slog.New(slog.DiscardHandler), DefaultInterval: 5 * time.Minute, Home: org,
		Clusters:   func(context.Context, sysdig.Config) (sysdig.Listing, error) { return sysdig.Listing{}, nil },
		FullName:   image.FullName,
		TryCluster: func(context.Context, sysdig.Config, string) (sysdig.Trial, error) { return sysdig.Trial{}, nil },
		Seal:       func(context.Context, string) ([]byte, error) { return []byte("sealed"), nil },
		Import: func(ctx context.Context, location string, ecosystems []string) ([]advisory.Result, error) {
			if strings.Contains(location, "://") {
				imported(location, ecosystems)
				return nil, nil
			}
			src, err := osv.Open(ctx, location, nil)
			if err != nil {
				return nil, err
			}
			return advisory.Importer{Store: s}.Import(ctx, src, ecosystems, nil)
		},
	}))
	t.Cleanup(server.Close)
	c, err := New(server.URL, secret)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.http.CloseIdleConnections)
	return c, fixture, org
}

// Every call of the client is one the server knows, and both mean the same by it.
func TestClientAndServerAgree(t *testing.T) {
	var fetched [][]string
	c, fixture, org := realServer(t, func(location string, ecosystems []string) {
		fetched = append(fetched, append([]string{location}, ecosystems...))
	})
	ctx := t.Context()
	img := fixture.Analysed(t, org, "registry.example.com/shop/web:1", storetest.Package("libc6", "2.36-9", "glibc"))
	in := fixture.Connect(t, org, "eu", "pro duction/1")
	fixture.Sweep(t, in, store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("web", img.ImageID, ""), storetest.Run("lost", storetest.Digest("lost"), "")}})
	check := func(name string, err error, ok bool, got any) {
		t.Helper()
		if err != nil || !ok {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}

	version, err := c.Version(ctx)
	check("version", err, version.Version == "1.2.3", version)
	images, err := c.Images(ctx)
	check("images", err, len(images) == 1 && images[0].Digest == img.Digest, images)
	image, err := c.Image(ctx, string(img.ImageID))
	check("image", err, image.Digest == img.Digest && cmp.Equal(image.Environments, []string{"pro duction/1"}), image)
	sbom, err := c.SBOM(ctx, string(img.Digest))
	check("sbom", err, len(sbom.Packages) == 1 && sbom.Packages[0].Name == "libc6", sbom)
	cves, err := c.CVEs(ctx, img.Digest.Short(), "pro duction/1")
	check("cves", err, cves.Findings != nil && len(cves.Findings) == 0, cves)
	environments, err := c.Environments(ctx)
	check("environments", err, len(environments) == 1 && environments[0].Coverage == (crowsnest.Coverage{Running: 2, Analysed: 1, Unresolved: 1}), environments)
	environment, err := c.Environment(ctx, "pro duction/1")
	check("environment", err, len(environment.Images) == 1 && len(environment.Images[0].Workloads) == 1 && environment.Coverage.Running == 2, environment)
	gaps, err := c.Gaps(ctx, "pro duction/1")
	check("gaps", err, len(gaps) == 1 && gaps[0].State == "unresolved", gaps)
	coverage, err := c.Coverage(ctx)
	check("coverage", err, coverage.Running == 2, coverage)
	list, err := c.Integrations(ctx)
	check("integrations", err, len(list) == 1 && list[0].State == "connected", list)
	created, err := c.CreateIntegration(ctx, wire.IntegrationRequest{Name: "us", Kind: "sysdig", Region: "us1", Token: "t", Cluster: "us", Environment: "staging"})
	check("create integration", err, created.State == "pending" && created.Interval == "5m0s", created)
	check("delete integration", c.DeleteIntegration(ctx, "us"), true, nil)
	err = c.DeleteIntegration(ctx, "us")
	check("delete it again", nil, crowsnest.KindOf(err) == crowsnest.NotFound, err)
	request, err := c.RequestAnalysis(ctx, "registry.example.com/shop/web:1", "linux/arm64")
	check("request analysis", err, request.State == "queued" && request.Platform == "linux/arm64", request)

	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	f, err := w.Create("X-1.json")
	if err == nil {
		_, err = io.WriteString(f, `{"id":"X-1","modified":"2026-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"npm","name":"a"},"versions":["1"]}]}`)
	}
	if err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	results, err := c.UploadAdvisories(ctx, "npm", &archive)
	check("upload", err, cmp.Equal(results, []advisory.Result{{Ecosystem: "npm", Records: 1, Changed: 1}}), results)
	statuses, err := c.AdvisoryStatuses(ctx)
	check("statuses", err, len(statuses) == 1 && statuses[0].Records == 1, statuses)
	for _, only := range [][]string{nil, {}, {"npm", "Debian"}} {
		if _, err := c.ImportAdvisories(ctx, "https://osv.example.com", only); err != nil {
			t.Errorf("import of %q: %v", only, err)
		}
	}
	const url = "https://osv.example.com"
	if diff := cmp.Diff([][]string{{url}, {url}, {url, "npm", "Debian"}}, fetched); diff != "" {
		t.Errorf("fetched (-want +got):\n%s", diff)
	}
}

// A package list is evaluated where the advisories are.
func TestEvaluationSendsListsAndNeverNull(t *testing.T) {
	var got wire.EvaluationRequest
	s, err := sqlstore.Open(t.Context(), litekit.Database(t), sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	org := storetest.Fixture{Store: s}.Organisation(t, "org")
	secret, hash := auth.NewToken()
	if _, err := s.CreateToken(t.Context(), store.Token{Organisation: org, Name: "test", Scopes: []crowsnest.Scope{crowsnest.ScopeOwner}}, hash); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(api.New(api.Deps{Store: s, Home: org, Log: slog.New(slog.DiscardHandler),
		Evaluate: func(_ context.Context, _ store.OrgID, r wire.EvaluationRequest) (wire.CVEs, error) {
			got = r
			return wire.NewCVEs(r.Image, nil, store.Omissions{}), nil
		}}))
	defer server.Close()
	c, err := New(server.URL, secret)
	if err != nil {
		t.Fatal(err)
	}
	defer c.http.CloseIdleConnections()
	target := wire.Target{Name: "web", Digest: storetest.Digest("m"), ImageID: storetest.Digest("c"), Platform: "linux/amd64"}
	for _, packages := range [][]crowsnest.PackageVersion{nil, {storetest.Package("bash", "5", "").PackageVersion}} {
		report, err := c.Evaluate(t.Context(), wire.EvaluationRequest{Image: target, Packages: packages, Environment: "production"})
		if err != nil || report.Image != target || got.Environment != "production" || len(got.Packages) != len(packages) {
			t.Errorf("%d packages: %+v, %v", len(packages), report, err)
		}
	}
}
