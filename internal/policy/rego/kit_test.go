package rego_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/policy"
	"github.com/crowsnest-sec/crowsnest/internal/policy/rego"
)

var now = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

const digest = "sha256:1111111111111111111111111111111111111111111111111111111111111111"

// statement is what somebody attested of the image.
func statement(predicateType, predicate string) crowsnest.Attestation {
	return crowsnest.Attestation{
		Digest: "sha256:2222222222222222222222222222222222222222222222222222222222222222", Manifest: "sha256:3333333333333333333333333333333333333333333333333333333333333333",
		PredicateType: predicateType, MediaType: "application/vnd.in-toto+json",
		Statement: []byte(`{"_type":"https://in-toto.io/Statement/v1","predicateType":"` + predicateType + `","subject":[{"name":"web","digest":{"sha256":"` + strings.Repeat("1", 64) + `"}}],"predicate":` + predicate + `}`),
	}
}

// found is a finding in openssl.
func found(name string, severity crowsnest.Severity, change ...func(*policy.Finding)) policy.Finding {
	p := &crowsnest.PackageVersion{PURL: "pkg:deb/debian/libssl3@3.0.1?arch=amd64", Type: "deb", Name: "libssl3", Version: "3.0.1", Ecosystem: "Debian:12"}
	f := policy.Finding{Vulnerability: name, Advisory: "DSA-1", Severity: severity, FixedVersion: "3.0.2", Package: p, Sought: p.Sought(), Published: now.AddDate(0, 0, -100), Score: 9.8, Vector: "CVSS:3.1/AV:N"}
	for _, c := range change {
		c(&f)
	}
	return f
}

// image are the facts of an image of which everything is known, with two packages.
func image(findings ...policy.Finding) policy.Facts {
	list := make([]*policy.Finding, len(findings))
	for i := range findings {
		list[i] = &findings[i]
	}
	return policy.Facts{
		Now: now, User: "root", Findings: list, KnownExploited: true, Attestations: &policy.Attestations{},
		Distribution: crowsnest.Distribution{ID: "debian", VersionID: "12"},
		Document: &policy.Document{
			Image: crowsnest.Image{
				Name: "registry.example.com/shop/web:1.3", Digest: digest, Platform: crowsnest.DefaultPlatform, User: "root",
				Labels: map[string]string{"org.opencontainers.image.vendor": "shop"},
				Config: crowsnest.Config{Env: []crowsnest.Variable{{Name: "PATH", Value: "/bin"}, {Name: "TOKEN", Hidden: true}}, Entrypoint: []string{"/web"}, Ports: []string{"80/tcp"}},
			},
			Packages: []crowsnest.Package{
				{PackageVersion: crowsnest.PackageVersion{PURL: "pkg:deb/debian/libssl3@3.0.1?arch=amd64", Type: "deb", Name: "libssl3", Version: "3.0.1"}, Licences: []string{"Apache-2.0"}},
				{PackageVersion: crowsnest.PackageVersion{PURL: "pkg:npm/%40shop/tax@2.0.0", Type: "npm", Name: "@shop/tax", Version: "2.0.0"}, Licences: []string{"AGPL-3.0-only"}},
			},
			Statements: func(string) ([]crowsnest.Attestation, error) { return nil, nil },
		},
	}
}

// attested gives an image what was attested of it.
func attested(f policy.Facts, list ...crowsnest.Attestation) policy.Facts {
	d := *f.Document
	d.Statements = func(predicateType string) (out []crowsnest.Attestation, err error) {
		for _, a := range list {
			if a.PredicateType == predicateType {
				out = append(out, a)
			}
		}
		return out, nil
	}
	f.Document = &d
	return f
}

func with(f policy.Facts, change func(*policy.Facts)) policy.Facts {
	change(&f)
	return f
}

// head is how policies of Docker Scout's contract begin.
const head = `package docker.scout

import rego.v1

default pass := false

pass if count(violation) == 0

`

func compile(t *testing.T, e *rego.Engine, source, config string) policy.Program {
	t.Helper()
	p, err := e.Compile(policy.File{Name: "policy.rego", Text: source}, nil, json.RawMessage(config))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func ask(t *testing.T, source, config string, f policy.Facts) policy.Result {
	t.Helper()
	return compile(t, rego.New(rego.Limits{}), source, config).Evaluate(&f)
}
