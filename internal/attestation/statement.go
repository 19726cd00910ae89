package attestation

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/bounded"
)

// Predicate types of bare documents, which have none themselves.
const (
	PredicateSPDX      = "https://spdx.dev/Document"
	PredicateCycloneDX = "https://cyclonedx.org/bom"
	PredicateOpenVEX   = "https://openvex.dev/ns"
)

const (
	prefixSLSA     = "https://slsa.dev/provenance/"
	typeInToto     = "application/vnd.in-toto+json"
	maxWrapped     = 3    // a bundle around an envelope around a statement
	maxText        = 1024 // bytes kept of a name in a statement
	typeStatement  = "https://in-toto.io/Statement/"
	openVEXContext = "https://openvex.dev/ns"
)

// Statement is what an attestation says, and of what.
type Statement struct {
	PredicateType string
	Subjects      []crowsnest.Digest // SHA-256 digests of what it is about; empty for bare documents
	Predicate     json.RawMessage
	Raw           []byte // the statement without what is around it, or the bare document
}

// outline are the fields that tell one kind of document from another.
type outline struct {
	Type          string                `json:"_type"`
	PredicateType string                `json:"predicateType"`
	Predicate     json.RawMessage       `json:"predicate"`
	Subject       bounded.List[subject] `json:"subject"`

	PayloadType string          `json:"payloadType"`  // DSSE
	Payload     *string         `json:"payload"`      // DSSE
	Envelope    json.RawMessage `json:"dsseEnvelope"` // Sigstore

	SPDXVersion string          `json:"spdxVersion"`
	BOMFormat   string          `json:"bomFormat"`
	Context     json.RawMessage `json:"@context"` // text in OpenVEX, and anything in other JSON-LD
}

type subject struct {
	Digest map[string]string `json:"digest"`
}

// Parse reads an attestation: an in-toto statement, a DSSE envelope or a Sigstore bundle around one, of which no signature is
// checked, or a bare document.
func Parse(raw []byte) (Statement, error) { return parse(raw, 0) }

func parse(raw []byte, depth int) (Statement, error) {
	if depth == maxWrapped {
		return Statement{}, errors.New("it is wrapped too often")
	}
	var o outline
	if err := json.Unmarshal(raw, &o); err != nil {
		if errors.Is(err, bounded.ErrLong) {
			return Statement{}, fmt.Errorf("it is about too much: %w", err)
		}
		return Statement{}, errors.New("it is not the JSON it should be")
	}
	switch {
	case o.Payload != nil:
		if o.PayloadType != typeInToto {
			return Statement{}, fmt.Errorf("its envelope holds %q, not an in-toto statement", clip(o.PayloadType))
		}
		inner, err := decode(*o.Payload)
		if err != nil {
			return Statement{}, errors.New("the payload of its envelope is damaged")
		}
		return parse(inner, depth+1)
	case len(o.Envelope) > 0 && !bytes.Equal(o.Envelope, []byte("null")):
		return parse(o.Envelope, depth+1)
	case o.PredicateType != "":
		return statement(raw, o)
	case o.SPDXVersion != "":
		return bare(PredicateSPDX, raw), nil
	case o.BOMFormat == "CycloneDX":
		return bare(PredicateCycloneDX, raw), nil
	case isOpenVEX(o.Context):
		return bare(PredicateOpenVEX, raw), nil
	}
	return Statement{}, errors.New("it holds no statement")
}

func statement(raw []byte, o outline) (Statement, error) {
	if !strings.HasPrefix(o.Type, typeStatement) {
		return Statement{}, fmt.Errorf("it is a statement of type %q, which is not known", clip(o.Type))
	}
	if len(o.Predicate) == 0 {
		return Statement{}, errors.New("its statement has no predicate")
	}
	s := Statement{PredicateType: clip(o.PredicateType), Predicate: o.Predicate, Raw: raw}
	for _, about := range o.Subject {
		if hex, ok := about.Digest["sha256"]; ok {
			d, err := crowsnest.ParseDigest(crowsnest.DigestPrefix + hex)
			if err != nil {
				return Statement{}, errors.New("it is about something that is named by no digest")
			}
			s.Subjects = append(s.Subjects, d)
		}
	}
	return s, nil
}

func bare(predicateType string, raw []byte) Statement {
	return Statement{PredicateType: predicateType, Predicate: raw, Raw: raw}
}

func isOpenVEX(context json.RawMessage) bool {
	var text string
	return json.Unmarshal(context, &text) == nil && strings.HasPrefix(text, openVEXContext)
}

// decode takes both alphabets of base64, as DSSE demands.
func decode(text string) ([]byte, error) {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		b, err = base64.URLEncoding.DecodeString(text)
	}
	return b, err
}

// KindOf tells what sort of statement has a predicate of that type.
func KindOf(predicateType string) crowsnest.AttestationKind {
	for prefix, kind := range map[string]crowsnest.AttestationKind{
		PredicateSPDX: crowsnest.AttestedSBOM, PredicateCycloneDX: crowsnest.AttestedSBOM,
		prefixSLSA: crowsnest.AttestedProvenance, PredicateOpenVEX: crowsnest.AttestedVEX,
	} {
		if rest, ok := strings.CutPrefix(predicateType, prefix); ok && (rest == "" || strings.HasSuffix(prefix, "/") || rest[0] == '/') {
			return kind
		}
	}
	return crowsnest.AttestedOther
}

// clip makes a stranger's words fit to be kept.
func clip(s string) string {
	s = strings.Join(strings.Fields(crowsnest.Text(s)), " ")
	if len(s) > maxText {
		s = strings.ToValidUTF8(s[:maxText], "") + "…"
	}
	return s
}
