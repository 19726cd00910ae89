// Package demo runs the main job on bundled input: a server on SQLite or PostgreSQL, an OCI
// registry and a Sysdig-compatible server in one process on loopback. What it
// shows is what the real parts did; nothing is prepared but the input.
package demo

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/app"
	"github.com/crowsnest-sec/crowsnest/internal/auth"
	"github.com/crowsnest-sec/crowsnest/internal/client"
	"github.com/crowsnest-sec/crowsnest/internal/config"
	"github.com/crowsnest-sec/crowsnest/internal/demo/bundle"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/sysdigkit"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// Options of the demo.
type Options struct {
	Listen   string // address of the server
	Database string // postgres:// URL of an empty database, or path of a SQLite file; empty is a file that goes with the demo
	Version  string
	Log      *slog.Logger
	Say      func(format string, args ...any) // told of each step
}

// Playground is the name of a cluster that waits to be connected.
const Playground = "playground"

// Demo is a running demo.
type Demo struct {
	Server   string // URL
	Token    string // with which an owner's commands work
	SignIn   string // one-time link that signs in to the dashboard as the owner
	Email    string // of the owner
	Password string // of the owner
	Registry string // host:port
	Sysdig   string // URL of the Sysdig-compatible server
	// SysdigToken is what the Sysdig-compatible server accepts, SysdigAPIToken what opens its names of images.
	SysdigToken, SysdigAPIToken string

	client *client.Client
	stop   context.CancelFunc
	failed chan error
	closes []func() error
}

// Start starts the demo and does the main job. Close must follow.
func Start(ctx context.Context, opts Options) (*Demo, error) {
	d := &Demo{failed: make(chan error, 1)}
	if err := d.start(ctx, opts); err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

func (d *Demo) start(ctx context.Context, opts Options) error {
	dir, err := os.MkdirTemp("", "crowsnest-demo-*")
	if err != nil {
		return &crowsnest.Error{Kind: crowsnest.Unavailable, Op: "make folder for the demo", Hint: "set TMPDIR to a folder that can be written to", Err: err}
	}
	d.closes = append(d.closes, func() error { return os.RemoveAll(dir) })

	opts.Say("starting a registry and a Sysdig-compatible server")
	if d.Registry, err = d.serve(registry.New(registry.Logger(log.New(io.Discard, "", 0)), registry.WithReferrersSupport(true))); err != nil {
		return err
	}
	d.SysdigToken, _ = auth.NewToken()
	d.SysdigAPIToken, _ = auth.NewToken()
	clusters := sysdigkit.New(d.SysdigToken)
	clusters.SetAPITokens(d.SysdigAPIToken)
	host, err := d.serve(clusters)
	if err != nil {
		return err
	}
	d.Sysdig = "http://" + host

	cfg, err := config.Load("", nil, map[string]any{"listen": opts.Listen, "data": dir, "database": opts.Database, "egress.allow": []string{"127.0.0.1"}, "advisories.update": false})
	if err != nil {
		return err
	}
	a, err := app.New(ctx, cfg, opts.Version, opts.Log)
	if err != nil {
		return err
	}
	if d.Token, err = a.OwnerToken(ctx, "demo"); err != nil {
		return err
	}
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	d.stop = stop
	ready := make(chan net.Addr, 1)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		if err := a.Run(run, func(addr net.Addr) { ready <- addr }); err != nil {
			d.failed <- err
		}
	}()
	d.closes = append(d.closes, a.Close, func() error { stop(); <-stopped; return nil })
	select {
	case addr := <-ready:
		d.Server = "http://" + addr.String()
		d.Email, d.Password = "demo@example.com", rand.Text()
		if d.SignIn, err = a.SignInLink(ctx, addr, d.Email, "Demo", d.Password); err != nil {
			return err
		}
	case err := <-d.failed:
		return err
	}
	if d.client, err = client.New(d.Server, d.Token); err != nil {
		return err
	}

	for _, step := range []struct {
		what string
		do   func(context.Context) error
	}{
		{"pushing the images to the registry and having them analysed", d.images},
		{"importing the advisories", d.advisories},
		{"connecting the clusters and sweeping them", func(ctx context.Context) error { return d.clusters(ctx, clusters) }},
	} {
		opts.Say("%s", step.what)
		if err := step.do(ctx); err != nil {
			return err
		}
	}
	return nil
}

// serve serves h on a free port of loopback.
func (d *Demo) serve(h http.Handler) (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", &crowsnest.Error{Kind: crowsnest.Unavailable, Op: "listen on loopback", Err: err}
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
	go server.Serve(listener)
	d.closes = append(d.closes, server.Close)
	return listener.Addr().String(), nil
}

func (d *Demo) images(ctx context.Context) error {
	images, err := bundle.Images()
	if err != nil {
		return err
	}
	var requests []wire.Analysis
	for _, img := range images {
		if !img.Pushed {
			continue
		}
		ref, err := name.ParseReference(d.Registry + "/" + img.Name())
		if err != nil {
			return err
		}
		if img.Index != nil {
			err = remote.WriteIndex(ref, img.Index, remote.WithContext(ctx))
		} else {
			err = remote.Write(ref, img.Image, remote.WithContext(ctx))
		}
		if err != nil {
			return &crowsnest.Error{Kind: crowsnest.Unavailable, Op: "push", Subject: ref.String(), Err: err}
		}
		if img.Name() == attested {
			if err := attest(ctx, ref, img.Image); err != nil {
				return err
			}
		}
		request, err := d.client.RequestAnalysis(ctx, ref.String(), "")
		if err != nil {
			return err
		}
		requests = append(requests, request)
	}
	for _, r := range requests {
		if _, err := d.client.WaitAnalysis(ctx, r.ID, func(string) {}); err != nil {
			return err
		}
	}
	return d.judged(ctx)
}

// judged waits until the policies were asked about all images, so that what advisories and clusters make of the answers is seen as a
// change of them.
func (d *Demo) judged(ctx context.Context) error {
	for range 100 {
		list, err := d.client.Policies(ctx, "", time.Time{})
		if err != nil || list.Due == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return &crowsnest.Error{Kind: crowsnest.Canceled, Op: "wait for what policies say"}
		case <-time.After(100 * time.Millisecond):
		}
	}
	return nil // a slow machine: it is asked later
}

func (d *Demo) advisories(ctx context.Context) error {
	files, err := bundle.Advisories()
	if err != nil {
		return err
	}
	zips, err := fs.Glob(files, "*/all.zip")
	if err != nil {
		return err
	}
	for _, zip := range zips {
		b, err := fs.ReadFile(files, zip)
		if err != nil {
			return err
		}
		if _, err := d.client.UploadAdvisories(ctx, path.Dir(zip), bytes.NewReader(b)); err != nil {
			return err
		}
	}
	return nil
}

func (d *Demo) clusters(ctx context.Context, server *sysdigkit.Server) error {
	clusters, err := bundle.Clusters()
	if err != nil {
		return err
	}
	names, err := d.names()
	if err != nil {
		return err
	}
	server.SetNames(names)
	for _, c := range clusters {
		server.SetCluster(c.Name, items(c.Items)...)
	}
	// One that is not connected, so that there is one to connect.
	server.SetCluster(Playground, items(clusters[0].Items)...)
	for _, c := range clusters {
		if _, err := d.client.CreateIntegration(ctx, wire.IntegrationRequest{
			Name: c.Name, Kind: "sysdig", Region: "custom", URL: d.Sysdig, Token: d.SysdigToken, Cluster: c.Name, Environment: c.Environment,
		}); err != nil {
			return err
		}
	}
	for _, c := range clusters {
		in, err := d.client.WaitFirstSweep(ctx, c.Name)
		if err != nil {
			return err
		}
		if in.Reason != "" {
			return &crowsnest.Error{Kind: crowsnest.Unavailable, Op: "sweep", Subject: c.Name, Err: errors.New(in.Reason)}
		}
	}
	return nil
}

// names returns what the Sysdig-compatible server calls the images that it sees running, by image ID. Those
// of several platforms are left out: they are analysed, so that nobody asks for their names.
func (d *Demo) names() (map[string]string, error) {
	images, err := bundle.Images()
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, img := range images {
		if img.Image == nil {
			continue
		}
		id, err := img.Image.ConfigName()
		if err != nil {
			return nil, &crowsnest.Error{Kind: crowsnest.Corrupt, Op: "read bundled image", Subject: img.Name(), Err: err}
		}
		names[id.String()] = d.Registry + "/" + img.Name()
	}
	return names, nil
}

// items puts observations into the form in which the Sysdig-compatible server reports them.
func items(observations []crowsnest.Observation) []sysdigkit.Item {
	out := make([]sysdigkit.Item, len(observations))
	for i, o := range observations {
		item := sysdigkit.Item{Namespace: o.Namespace, WorkloadKind: o.Kind, WorkloadName: o.Name, Container: o.Container, ImageID: string(o.ImageID), Packages: []sysdigkit.Package{}}
		for _, p := range o.Loaded {
			switch p.Type {
			case "deb", "apk", "rpm":
				family, version := distribution(p.PURL)
				item.Packages = append(item.Packages, sysdigkit.OSPackage(family, version, p.Name, p.Version, p.Source))
			default:
				item.Packages = append(item.Packages, sysdigkit.AppPackage(p.Type, p.Name, p.Version))
			}
		}
		out[i] = item
	}
	return out
}

// distribution reads the distro=FAMILY-VERSION qualifier of a purl as Sysdig writes it.
func distribution(purl string) (family, version string) {
	_, distro, _ := strings.Cut(purl, "distro=")
	family, version, _ = strings.Cut(distro, "-")
	return family, version
}

// Summary is what the demo shows at its end.
type Summary struct {
	Server       string                    `json:"server"`
	Environments []wire.EnvironmentSummary `json:"environments"`
	Images       []wire.Image              `json:"images"`
	Summary      crowsnest.Summary         `json:"summary"` // findings of all images
	Coverage     crowsnest.Coverage        `json:"coverage"`
	Gaps         []wire.Gap                `json:"gaps"`
}

// Summary asks the server.
func (d *Demo) Summary(ctx context.Context) (Summary, error) {
	s := Summary{Server: d.Server}
	var err error
	if s.Environments, err = d.client.Environments(ctx); err != nil {
		return s, err
	}
	if s.Images, err = d.client.Images(ctx); err != nil {
		return s, err
	}
	for _, i := range s.Images {
		s.Summary = s.Summary.Plus(i.Summary)
	}
	coverage, err := d.client.Coverage(ctx)
	if err != nil {
		return s, err
	}
	s.Coverage = coverage.Coverage
	s.Gaps, err = d.client.Gaps(ctx, "")
	return s, err
}

// Wait returns when ctx ends or the server fails.
func (d *Demo) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-d.failed:
		return err
	}
}

// Close stops everything and removes what was written.
func (d *Demo) Close() error {
	var errs []error
	for i := len(d.closes) - 1; i >= 0; i-- {
		errs = append(errs, d.closes[i]())
	}
	d.closes = nil
	return errors.Join(errs...)
}
