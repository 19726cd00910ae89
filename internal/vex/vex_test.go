package vex

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store/decided"
)

var digest = crowsnest.DigestOf([]byte("image"))

// text writes a value as JSON.
func text(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

type object map[string]any
type list []any

func openDoc(statements ...any) object {
	return object{"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.com/vex/1", "author": "security@example.com", "timestamp": "2026-01-02T03:04:05Z", "version": 3, "statements": statements}
}

func TestOpenVEX(t *testing.T) {
	doc, err := Read(text(openDoc(
		object{"vulnerability": object{"name": "cve-2099-1", "aliases": list{"ghsa-AAAA-bbbb"}}, "status": "not_affected", "justification": "component_not_present", "impact_statement": "not built in", "timestamp": "2026-02-01T00:00:00Z",
			"products": list{object{"@id": "pkg:oci/web@" + strings.ReplaceAll(string(digest), ":", "%3A") + "?repository_url=registry.example.com/shop/web", "subcomponents": list{object{"@id": "pkg:deb/debian/openssl"}}}}},
		object{"vulnerability": "CVE-2099-2", "status": "fixed", "products": list{"pkg:docker/shop/web@1.0", object{"@id": "no product", "identifiers": object{"purl": "pkg:npm/left-pad@1"}}, object{"hashes": object{"sha-256": strings.TrimPrefix(string(digest), "sha256:")}}, "something"}},
		object{"vulnerability": object{"@id": "CVE-2099-3"}, "status": "under_investigation", "products": list{"registry.example.com/shop/web:1"}},
		object{"vulnerability": object{"name": "CVE-2099-4"}, "status": "affected"},
	)), Options{Name: "one.json"})
	if err != nil {
		t.Fatal(err)
	}
	want := decided.Document{
		Format: decided.OpenVEX, Identifier: "https://example.com/vex/1", Version: "3", Author: "security@example.com", Name: "one.json", Stated: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Statements: []decided.Statement{
			{Vulnerability: "CVE-2099-1", Aliases: []string{"GHSA-aaaa-bbbb"}, Kind: crowsnest.NotAffected, Justification: "component_not_present", Text: "not built in", Stated: time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC),
				Scopes: []crowsnest.DecisionScope{{Image: "registry.example.com/shop/web@" + string(digest), Packages: []string{"pkg:deb/debian/openssl"}}}},
			{Position: 1, Vulnerability: "CVE-2099-2", Kind: crowsnest.Fixed, Scopes: []crowsnest.DecisionScope{{Image: "docker.io/shop/web:1.0"}, {Packages: []string{"pkg:npm/left-pad@1"}}, {Image: "@" + string(digest)}}, Unread: []string{"something"}},
			{Position: 2, Vulnerability: "CVE-2099-3", Kind: crowsnest.UnderInvestigation, Scopes: []crowsnest.DecisionScope{{Image: "registry.example.com/shop/web:1"}}},
			{Position: 3, Vulnerability: "CVE-2099-4", Kind: crowsnest.StatedAffected},
		},
	}
	if diff := cmp.Diff(want, doc, cmpopts.IgnoreFields(decided.Document{}, "Digest", "Size"), cmpopts.IgnoreFields(decided.Statement{}, "Products"), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
}

func TestAttestedOpenVEX(t *testing.T) {
	predicate := openDoc(object{"vulnerability": object{"name": "CVE-2099-1"}, "status": "not_affected", "justification": "component_not_present"})
	statement := object{"_type": "https://in-toto.io/Statement/v1", "predicateType": "https://openvex.dev/ns/v0.2.0", "subject": list{}, "predicate": predicate}
	envelope := object{"payloadType": "application/vnd.in-toto+json", "payload": base64.StdEncoding.EncodeToString(text(statement)), "signatures": list{}}
	for name, raw := range map[string][]byte{"statement": text(statement), "envelope": text(envelope), "bundle": text(object{"dsseEnvelope": envelope})} {
		doc, err := Read(raw, Options{Attested: true})
		if err != nil || len(doc.Statements) != 1 || len(doc.Statements[0].Scopes) != 1 || !cmp.Equal(doc.Statements[0].Scopes[0], crowsnest.DecisionScope{}, cmpopts.EquateEmpty()) {
			t.Errorf("%s: %+v, %v", name, doc.Statements, err)
		}
		if doc, err := Read(raw, Options{}); err != nil || len(doc.Statements[0].Scopes) != 0 {
			t.Errorf("%s that is attested of nothing is about %+v, %v", name, doc.Statements, err)
		}
	}
	if _, err := Read(text(object{"_type": "https://in-toto.io/Statement/v1", "predicateType": "x", "predicate": statement}), Options{}); crowsnest.KindOf(err) != crowsnest.Invalid {
		t.Errorf("a statement in a statement: %v", err)
	}
}

func TestCycloneDX(t *testing.T) {
	analysis := func(state, justification string) object {
		return object{"state": state, "justification": justification, "detail": "see the ticket", "lastUpdated": "2026-02-01T00:00:00Z"}
	}
	doc, err := Read(text(object{
		"bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": "urn:uuid:1", "version": 2,
		"metadata":   object{"timestamp": "2026-01-02T03:04:05Z", "authors": list{object{"name": "Security", "email": "security@example.com"}}, "component": object{"bom-ref": "root", "name": "shop", "purl": "pkg:oci/web@" + string(digest) + "?repository_url=registry.example.com/shop/web&tag=1.0"}},
		"components": list{object{"bom-ref": "lib", "purl": "pkg:npm/left-pad@1", "components": list{object{"bom-ref": "inner", "purl": "pkg:npm/inner@2"}}}},
		"vulnerabilities": list{
			object{"id": "CVE-2099-1", "references": list{object{"id": "GHSA-aaaa"}}, "analysis": analysis("not_affected", "code_not_reachable"), "affects": list{object{"ref": "root"}, object{"ref": "inner"}}},
			object{"id": "CVE-2099-2", "analysis": analysis("resolved", ""), "affects": list{object{"ref": "urn:cdx:other/1#pkg:deb/debian/openssl@3"}, object{"ref": "nothing"}}},
			object{"id": "CVE-2099-3", "analysis": analysis("exploitable", ""), "affects": list{object{"ref": "lib"}}},
			object{"id": "CVE-2099-4", "analysis": analysis("in_triage", "")},
			object{"id": "CVE-2099-5"},
		},
	}), Options{Name: "bom.json"})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	want := decided.Document{
		Format: decided.CycloneDX, Identifier: "urn:uuid:1", Version: "2", Title: "shop", Author: "security@example.com", Name: "bom.json", Stated: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Statements: []decided.Statement{
			{Vulnerability: "CVE-2099-1", Aliases: []string{"GHSA-aaaa"}, Kind: crowsnest.NotAffected, Justification: "vulnerable_code_not_in_execute_path", Text: "see the ticket", Stated: at,
				Scopes: []crowsnest.DecisionScope{{Image: "registry.example.com/shop/web:1.0@" + string(digest)}, {Packages: []string{"pkg:npm/inner@2"}}}},
			{Position: 1, Vulnerability: "CVE-2099-2", Kind: crowsnest.Fixed, Text: "see the ticket", Stated: at, Scopes: []crowsnest.DecisionScope{{Packages: []string{"pkg:deb/debian/openssl@3"}}}, Unread: []string{"nothing"}},
			{Position: 2, Vulnerability: "CVE-2099-3", Kind: crowsnest.StatedAffected, Text: "see the ticket", Stated: at, Scopes: []crowsnest.DecisionScope{{Packages: []string{"pkg:npm/left-pad@1"}}}},
			{Position: 3, Vulnerability: "CVE-2099-4", Kind: crowsnest.UnderInvestigation, Text: "see the ticket", Stated: at},
		},
	}
	if diff := cmp.Diff(want, doc, cmpopts.IgnoreFields(decided.Document{}, "Digest", "Size"), cmpopts.IgnoreFields(decided.Statement{}, "Products"), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
}

func TestCSAF(t *testing.T) {
	named := func(id, purl string) object {
		return object{"product_id": id, "name": "the " + id, "product_identification_helper": object{"purl": purl}}
	}
	doc, err := Read(text(object{
		"document": object{"category": "csaf_vex", "title": "About the shop", "publisher": object{"name": "Example", "namespace": "https://example.com"}, "tracking": object{"id": "EX-1", "version": "1.2", "current_release_date": "2026-01-02T03:04:05Z"}},
		"product_tree": object{
			"branches":           list{object{"branches": list{object{"product": named("web", "pkg:oci/web?repository_url=registry.example.com/shop/web&tag=1.0")}, object{"product": named("ssl", "pkg:rpm/redhat/openssl@1.1.1?arch=x86_64")}}}},
			"full_product_names": list{named("os", "")},
			"product_groups":     list{object{"group_id": "all", "product_ids": list{"ssl", "ssl-in-os"}}},
			"relationships": list{
				object{"full_product_name": object{"product_id": "ssl-in-web", "name": "OpenSSL in the shop"}, "product_reference": "ssl", "relates_to_product_reference": "web"},
				object{"full_product_name": object{"product_id": "ssl-in-os", "name": "OpenSSL of the system"}, "product_reference": "ssl", "relates_to_product_reference": "os"},
			},
		},
		"vulnerabilities": list{
			object{"cve": "CVE-2099-1", "ids": list{object{"text": "EX-77"}},
				"product_status": object{"known_not_affected": list{"ssl-in-web", "ssl", "ssl-in-os"}, "known_affected": list{"web"}},
				"flags":          list{object{"label": "component_not_present", "product_ids": list{"ssl-in-web"}}, object{"label": "vulnerable_code_not_present", "group_ids": list{"all"}}},
				"threats":        list{object{"category": "impact", "details": "not built in", "product_ids": list{"ssl-in-web"}}}},
			object{"cve": "CVE-2099-2", "product_status": object{"fixed": list{"os"}, "under_investigation": list{"missing"}}},
		},
	}), Options{Name: "csaf.json"})
	if err != nil {
		t.Fatal(err)
	}
	rpm := "pkg:rpm/redhat/openssl@1.1.1?arch=x86_64"
	want := decided.Document{
		Format: decided.CSAF, Identifier: "EX-1", Version: "1.2", Title: "About the shop", Author: "https://example.com", Name: "csaf.json", Stated: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Statements: []decided.Statement{
			{Vulnerability: "CVE-2099-1", Aliases: []string{"EX-77"}, Kind: crowsnest.NotAffected, Justification: "component_not_present", Text: "not built in", Scopes: []crowsnest.DecisionScope{{Image: "registry.example.com/shop/web:1.0", Packages: []string{rpm}}}},
			{Position: 1, Vulnerability: "CVE-2099-1", Aliases: []string{"EX-77"}, Kind: crowsnest.NotAffected, Justification: "vulnerable_code_not_present", Scopes: []crowsnest.DecisionScope{{Packages: []string{rpm}}, {Packages: []string{rpm}}}},
			{Position: 2, Vulnerability: "CVE-2099-1", Aliases: []string{"EX-77"}, Kind: crowsnest.StatedAffected, Scopes: []crowsnest.DecisionScope{{Image: "registry.example.com/shop/web:1.0"}}},
			{Position: 3, Vulnerability: "CVE-2099-2", Kind: crowsnest.Fixed, Unread: []string{"the os"}},
			{Position: 4, Vulnerability: "CVE-2099-2", Kind: crowsnest.UnderInvestigation, Unread: []string{"missing"}},
		},
	}
	if diff := cmp.Diff(want, doc, cmpopts.IgnoreFields(decided.Document{}, "Digest", "Size"), cmpopts.IgnoreFields(decided.Statement{}, "Products"), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
}

func TestNamedProducts(t *testing.T) {
	d := string(digest)
	for in, want := range map[string]string{
		"pkg:oci/web@" + d + "?repository_url=registry.example.com/shop/web":     `{"image":"registry.example.com/shop/web@` + d + `"}`,
		"pkg:oci/web@" + d + "?repository_url=https://registry.example.com/shop": `{"image":"registry.example.com/shop/web@` + d + `"}`,
		"pkg:oci/web@" + d:    `{"image":"@` + d + `","repositories":["*/web","web"]}`,
		"pkg:oci/web?tag=1.0": `{"image":":1.0","repositories":["*/web","web"]}`,
		"pkg:oci/web?repository_url=r.example.com/shop/web": `{"repositories":["r.example.com/shop/web"]}`,
		"pkg:docker/nginx@1.27":                             `{"image":"docker.io/library/nginx:1.27"}`,
		"pkg:docker/shop/web@" + d:                          `{"image":"docker.io/shop/web@` + d + `"}`,
		"pkg:docker/shop/web@1?repository_url=gcr.io":       `{"image":"gcr.io/shop/web:1"}`,
		"r.example.com/shop/web:1@" + d:                     `{"image":"r.example.com/shop/web:1@` + d + `"}`,
		"pkg:deb/debian/openssl@3?distro=debian-12":         `{"packages":["pkg:deb/debian/openssl@3?distro=debian-12"]}`,
		"pkg:oci/web@sha256:12":                             "",
		"r.example.com/shop/web":                            "",
		"nginx:1":                                           "",
		"https://example.com/shop:1":                        "",
		"cpe:2.3:a:openssl:openssl:3:*:*:*:*:*:*:*":         "",
		"pkg:": "",
		"":     "",
	} {
		s, ok := named(in)
		got := ""
		if ok {
			got = string(text(s))
		}
		if got != want {
			t.Errorf("%s is %s, want %s", in, got, want)
		}
	}
}

func TestRefused(t *testing.T) {
	branch := object{}
	for range 100 {
		branch = object{"branches": list{branch}}
	}
	many := make(list, 0, 60_000)
	for i := range 60_000 {
		many = append(many, object{"vulnerability": fmt.Sprint("CVE-2099-", i), "status": "fixed"})
	}
	for name, c := range map[string]struct {
		raw  []byte
		want string
	}{
		"nothing":                  {nil, "not the JSON"},
		"another JSON":             {[]byte(`{"a":1}`), "no known format"},
		"a list":                   {[]byte(`[]`), "not the JSON"},
		"a bill of materials":      {text(object{"bomFormat": "CycloneDX", "components": list{}}), "none of its vulnerabilities"},
		"an advisory without any":  {text(object{"document": object{"title": "x"}}), "states the status of no product"},
		"a status of another kind": {text(openDoc(object{"vulnerability": "CVE-1", "status": "fine"})), `the status "fine"`},
		"a nameless vulnerability": {text(openDoc(object{"status": "fixed"})), "names no vulnerability"},
		"nested products":          {text(object{"document": object{}, "product_tree": branch}), "nested too deep"},
		"wrong types":              {text(object{"@context": "https://openvex.dev/ns", "statements": "x"}), "not the OpenVEX"},
		"too many statements":      {text(openDoc(many...)), "more than 50000 statements"},
		"too many objects":         {[]byte(`{"@context":"https://openvex.dev/ns","statements":[` + strings.Repeat("{},", maxValues) + `{}]}`), "objects"},
		"too large":                {make([]byte, MaxSize+1), "more than 16 MB"},
	} {
		_, err := Read(c.raw, Options{Name: "file"})
		if crowsnest.KindOf(err) != crowsnest.Invalid || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want one about %q", name, err, c.want)
		}
	}
}

// Whatever a document holds, what is read of it can be kept: bounded, and of text that every database takes.
func check(t *testing.T, raw []byte) {
	for _, opts := range []Options{{}, {Attested: true}} {
		doc, err := Read(raw, opts)
		if err != nil {
			if crowsnest.KindOf(err) != crowsnest.Invalid {
				t.Fatalf("an error of another kind: %v", err)
			}
			continue
		}
		texts := []string{doc.Identifier, doc.Author, doc.Title, doc.Version, doc.Name}
		for i, s := range doc.Statements {
			if s.Position != i || s.Vulnerability == "" || s.Kind == "" || len(s.Scopes)+len(s.Unread) != len(s.Products) {
				t.Fatalf("statement %+v", s)
			}
			texts = append(append(append(texts, s.Vulnerability, s.Text), s.Aliases...), s.Products...)
			for _, scope := range s.Scopes {
				texts = append(append(append(texts, scope.Image), scope.Packages...), scope.Repositories...)
			}
		}
		for _, s := range texts {
			if crowsnest.Text(s) != s || len(s) > 2*maxText {
				t.Fatalf("text %q", s)
			}
		}
	}
}

func FuzzOpenVEX(f *testing.F) {
	f.Add(text(openDoc(object{"vulnerability": object{"name": "CVE-2099-1"}, "status": "not_affected", "products": list{object{"@id": "pkg:oci/web@" + string(digest), "subcomponents": list{"pkg:npm/a"}}}})))
	f.Add([]byte(`{"@context":"https://openvex.dev/ns","statements":[{"vulnerability":"CVE-1","products":["a"],"subcomponents":[{"@id":"b"}],"status":"fixed"}]}`))
	f.Add([]byte(`{"payloadType":"application/vnd.in-toto+json","payload":"e30="}`))
	f.Fuzz(check)
}

func FuzzCycloneDX(f *testing.F) {
	f.Add([]byte(`{"bomFormat":"CycloneDX","metadata":{"component":{"bom-ref":"a","purl":"pkg:npm/a@1"}},"vulnerabilities":[{"id":"CVE-1","analysis":{"state":"not_affected"},"affects":[{"ref":"urn:cdx:a/1#a"}]}]}`))
	f.Fuzz(check)
}

func FuzzCSAF(f *testing.F) {
	f.Add([]byte(`{"document":{},"product_tree":{"branches":[{"product":{"product_id":"a","product_identification_helper":{"purl":"pkg:oci/a"}}}],"relationships":[{"full_product_name":{"product_id":"b"},"product_reference":"a","relates_to_product_reference":"a"}]},"vulnerabilities":[{"cve":"CVE-1","product_status":{"fixed":["a","b"]},"flags":[{"label":"x","group_ids":["g"]}]}]}`))
	f.Fuzz(check)
}
