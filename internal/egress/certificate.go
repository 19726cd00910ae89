package egress

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
)

// maxCertificates bounds a list of authorities: each handshake looks at all of them.
const maxCertificates = 16

// ParseCertificates reads a text of certificates in PEM form, to be trusted as Policy.Roots. What is no
// certificate, a private key first of all, is Invalid.
func ParseCertificates(text string) ([]*x509.Certificate, error) {
	bad := func(err error) ([]*x509.Certificate, error) {
		return nil, &crowsnest.Error{
			Kind: crowsnest.Invalid, Op: "read certificates",
			Hint: "give the certificate of the authority in PEM form, beginning with -----BEGIN CERTIFICATE-----", Err: err,
		}
	}
	var out []*x509.Certificate
	rest := []byte(text)
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			return bad(errors.New("something else than certificates is in it"))
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return bad(fmt.Errorf("certificate %d cannot be read", len(out)+1))
		}
		if out = append(out, c); len(out) > maxCertificates {
			return bad(fmt.Errorf("there are more than %d", maxCertificates))
		}
	}
	switch {
	case len(out) == 0:
		return bad(errors.New("there is no certificate in it"))
	case strings.Contains(string(rest), "-----BEGIN"):
		return bad(errors.New("it breaks off"))
	}
	return out, nil
}
