package sysdig

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/sysdigkit"
)

func TestNamesOfImages(t *testing.T) {
	s := newSite(t)
	s.SetAPITokens(token)
	s.SetPageSize(3)
	all := items(8)
	s.SetCluster("eu", all...)
	names, want := map[string]string{}, map[crowsnest.Digest]string{}
	for i, it := range all[:7] { // the last was not scanned yet
		names[it.ImageID] = fmt.Sprintf("registry.example.com/shop/w%d:1", i)
		want[crowsnest.Digest(it.ImageID)] = names[it.ImageID]
	}
	s.SetNames(names)
	got, _, err := s.Names(t.Context(), "eu")
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if n := s.Count(); n != 3 {
		t.Errorf("%d requests for 7 names, 3 a page", n)
	}
	if got, _, err := s.Names(t.Context(), "us"); err != nil || len(got) != 0 {
		t.Errorf("another cluster has %v, %v", got, err)
	}
	s.Inject(sysdigkit.Fault{Match: sysdigkit.Match{Call: sysdigkit.Results, Page: 2}, Times: maxAttempts, Status: http.StatusInternalServerError})
	if got, _, err := s.Names(t.Context(), "eu"); err == nil || len(got) != 3 {
		t.Errorf("%v, %v of a list that breaks off after a page of three", got, err)
	}
	s.Inject(sysdigkit.Fault{Match: sysdigkit.Match{Call: sysdigkit.Results, Page: 2}, RepeatCursor: true, Times: -1})
	if got, _, err := s.Names(t.Context(), "eu"); crowsnest.KindOf(err) != crowsnest.Corrupt || len(got) == 0 {
		t.Errorf("%v, %v of a list that goes in circles", got, err)
	}
}

// The list may need a token that the rest does not, and the other way round.
func TestNamesHaveATokenOfTheirOwn(t *testing.T) {
	s := newSite(t)
	s.SetAPITokens("another-secret-token")
	s.SetCluster("eu", items(1)...)
	err := s.ProbeNames(t.Context(), "eu")
	if crowsnest.KindOf(err) != crowsnest.Unauthorized || strings.Contains(err.Error(), token) {
		t.Errorf("with the token of Risk Spotlight: %v", err)
	}
	two, err := New(Config{Region: Custom, URL: s.url, Token: token, APIToken: "another-secret-token"}, s.http)
	if err != nil {
		t.Fatal(err)
	}
	if err := two.ProbeNames(t.Context(), "eu"); err != nil {
		t.Errorf("with its own: %v", err)
	}
	if _, err := two.Probe(t.Context(), "eu"); err != nil {
		t.Errorf("what runs, with both: %v", err)
	}
	s.Inject(sysdigkit.Fault{Status: http.StatusForbidden, Body: `{"message":"not for another-secret-token"}`})
	if err := two.ProbeNames(t.Context(), "eu"); crowsnest.KindOf(err) != crowsnest.Forbidden || strings.Contains(err.Error(), "another-secret-token") {
		t.Errorf("refused: %v", err)
	}
	for _, name := range []string{`eu" or "a"="a`, `eu\`, "eu\n"} {
		before := s.Count()
		if _, _, err := two.Names(t.Context(), name); err == nil || s.Count() != before {
			t.Errorf("the cluster %q came into a filter: %v", name, err)
		}
	}
}

func TestCertificatesAreForCustomAddresses(t *testing.T) {
	if _, err := New(Config{Region: "us1", Token: token, CA: "x"}, http.DefaultClient); crowsnest.KindOf(err) != crowsnest.Invalid {
		t.Errorf("certificates for a region of Sysdig's own: %v", err)
	}
}

// Whoever asked is told which part of what was given to correct, where it is one.
func TestFieldToCorrect(t *testing.T) {
	fieldOf := func(err error) string {
		var e *crowsnest.Error
		if !errors.As(err, &e) {
			return "no error: " + fmt.Sprint(err)
		}
		return e.Field
	}
	for _, tc := range []struct {
		cfg  Config
		want string
	}{
		{Config{Token: token}, "region"},
		{Config{Region: "xx", Token: token}, "region"},
		{Config{Region: Custom, Token: token}, "url"},
		{Config{Region: Custom, URL: "ftp://a", Token: token}, "url"},
		{Config{Region: "us1", URL: "https://a", Token: token}, "url"},
		{Config{Region: "us1"}, "token"},
		{Config{Region: "us1", Token: "a b"}, "token"},
		{Config{Region: "us1", Token: "a b", APIToken: "ok"}, "token"},
		{Config{Region: "us1", Token: token, APIToken: "a b"}, "apiToken"},
		{Config{Region: "us1", Token: token, CA: "x"}, "ca"},
	} {
		if _, err := New(tc.cfg, http.DefaultClient); fieldOf(err) != tc.want {
			t.Errorf("%s: %q, want %q", tc.cfg, fieldOf(err), tc.want)
		}
	}
	for _, tc := range []struct {
		fault     sysdigkit.Fault
		want, api string
	}{
		{sysdigkit.Fault{Status: 400}, "cluster", "cluster"},
		{sysdigkit.Fault{Status: 401}, "token", "apiToken"},
		{sysdigkit.Fault{Status: 403}, "token", "apiToken"},
		{sysdigkit.Fault{Status: 404}, "url", "url"},
		{sysdigkit.Fault{Status: 302, Header: map[string]string{"Location": "https://sso.example.com"}}, "url", "url"},
		{sysdigkit.LoginPage(), "url", "url"},
		{sysdigkit.Fault{Status: 500}, "", ""},
		{sysdigkit.TooManyRequests("3600", time.Time{}), "", ""},
	} {
		s := newSite(t)
		s.SetAPITokens(token)
		tc.fault.Times = -1
		s.Inject(tc.fault)
		if _, err := s.Probe(t.Context(), "eu"); fieldOf(err) != tc.want {
			t.Errorf("%v: %q, want %q", err, fieldOf(err), tc.want)
		}
		err := s.ProbeNames(t.Context(), "eu")
		if fieldOf(err) != tc.api || strings.Contains(err.Error(), "Risk Spotlight") {
			t.Errorf("%v: %q, want %q", err, fieldOf(err), tc.api)
		}
	}

	srv := httptest.NewUnstartedServer(sysdigkit.New(token))
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	untrusted, err := New(Config{Region: Custom, URL: srv.URL, Token: token}, http.DefaultClient, WithClock(&fakeClock{}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := untrusted.Probe(t.Context(), "eu"); fieldOf(err) != "ca" {
		t.Errorf("%v: %q", err, fieldOf(err))
	}
	srv.Close()
	if _, err := untrusted.Probe(t.Context(), "eu"); fieldOf(err) != "url" {
		t.Errorf("%v: %q", err, fieldOf(err))
	}
}

// Of what is there, what can be used is used.
func TestNamesAreReadLeniently(t *testing.T) {
	a, b := crowsnest.DigestOf([]byte("a")), crowsnest.DigestOf([]byte("b"))
	names := map[crowsnest.Digest]string{}
	next, err := readNames(strings.NewReader(`{"page":{"total":9,"next":"n"},"data":[
		7, null, {}, {"resourceId":"i-0abc","mainAssetName":"host"}, {"resourceId":"`+string(a)+`"}, {"resourceId":"`+string(a)+`","mainAssetName":"evil\u0000"},
		{"resourceId":"`+string(a)+`","mainAssetName":"host","scope":{"asset.type":"host"}},
		{"resourceId":"`+string(a)+`","mainAssetName":" reg.example.com/z:1 ","scope":{"asset.type":7}}, {"resourceId":"`+string(a)+`","mainAssetName":"reg.example.com/a:1","scope":null},
		{"resourceId":"`+strings.ToUpper(string(b))+`","mainAssetName":"b:1","endOfLifeDate":"x"}]}`), names)
	want := map[crowsnest.Digest]string{a: "reg.example.com/a:1", b: "b:1"}
	if diff := cmp.Diff(want, names); diff != "" || err != nil || next != "n" {
		t.Errorf("%q, %v (-want +got):\n%s", next, err, diff)
	}
}

func FuzzReadNames(f *testing.F) {
	id := string(crowsnest.DigestOf(nil))
	for _, s := range []string{
		`{"page":{"total":1,"next":"x"},"data":[{"resourceId":"` + id + `","mainAssetName":"a:1","scope":{"asset.type":"workload"}}]}`, `{"page":{}}`, `{"page":{},"data":null}`, `{"page":{},"data":[7]}`, `<html>`, `[[[[`, `{"page":`, "\xff",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		names := map[crowsnest.Digest]string{}
		_, err := readNames(bytes.NewReader(in), names)
		if err == nil && !json.Valid(in) {
			t.Errorf("%q is no JSON and was read", in)
		}
		for digest, name := range names {
			if _, err := crowsnest.ParseDigest(string(digest)); err != nil || name == "" || unusable(name, maxName) != "" {
				t.Errorf("%q is called %q", digest, name)
			}
		}
	})
}
