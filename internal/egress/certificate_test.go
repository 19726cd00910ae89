package egress

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/crowsnest-sec/crowsnest"
)

func pemOf(t *testing.T, srv *httptest.Server) string {
	t.Helper()
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}))
}

func TestRootsAreTrustedByTheirClientAlone(t *testing.T) {
	srv := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(srv.Close)
	roots, err := ParseCertificates("an authority of ours\n" + pemOf(t, srv))
	if err != nil || len(roots) != 1 {
		t.Fatalf("%d certificates, %v", len(roots), err)
	}
	policy := Policy{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	get := func(p Policy) error {
		c, err := New(p)
		if err != nil {
			t.Fatal(err)
		}
		defer c.CloseIdleConnections()
		res, err := c.Get(srv.URL)
		if err == nil {
			res.Body.Close()
		}
		return err
	}
	trusting := policy
	trusting.Roots = roots
	if err := get(trusting); err != nil {
		t.Errorf("with the certificate: %v", err)
	}
	if err := get(policy); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("without it: %v", err)
	}
	elsewhere := trusting
	elsewhere.Allow = nil
	if err := get(elsewhere); err == nil {
		t.Error("a certificate opens an address that is not allowed")
	}
}

func TestParseCertificates(t *testing.T) {
	srv := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(srv.Close)
	good := pemOf(t, srv)
	key := "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"
	for name, text := range map[string]string{
		"nothing": "", "words": "no certificate", "a key": key, "a key too": good + key, "broken off": good + good[:len(good)/2],
		"no certificate within": "-----BEGIN CERTIFICATE-----\nc2VjcmV0\n-----END CERTIFICATE-----\n", "too many": strings.Repeat(good, maxCertificates+1),
	} {
		if list, err := ParseCertificates(text); crowsnest.KindOf(err) != crowsnest.Invalid || list != nil || strings.Contains(err.Error(), "c2VjcmV0") {
			t.Errorf("%s: %d certificates, %v", name, len(list), err)
		}
	}
	if list, err := ParseCertificates(good + "\n" + good); err != nil || len(list) != 2 {
		t.Errorf("two: %d, %v", len(list), err)
	}
}

func FuzzParseCertificates(f *testing.F) {
	f.Add("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := ParseCertificates(text)
		if (err == nil) != (len(list) > 0) || len(list) > maxCertificates {
			t.Errorf("%d certificates with error %v", len(list), err)
		}
	})
}
