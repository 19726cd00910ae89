// Package authority is the form of certificates that are trusted for one integration.
package authority

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/egress"
)

// Certificate is one that an integration trusts.
type Certificate struct {
	Subject     string    `json:"subject"`
	Fingerprint string    `json:"fingerprint" doc:"SHA-256 of the certificate, in hexadecimal"`
	Expires     time.Time `json:"expires"`
}

// Certificates describes those of a text in PEM form.
func Certificates(ca string) (out []Certificate) {
	if ca == "" {
		return nil
	}
	list, err := egress.ParseCertificates(ca)
	if err != nil {
		return nil // it was read before it was kept
	}
	for _, c := range list {
		sum := sha256.Sum256(c.Raw)
		out = append(out, Certificate{Subject: c.Subject.String(), Fingerprint: hex.EncodeToString(sum[:]), Expires: c.NotAfter})
	}
	return out
}
