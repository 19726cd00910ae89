package rego

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/package-url/packageurl-go"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/policy"
)

// The types of predicates that are made from what is known, as Docker Scout's analysis has them.
const (
	predicateVulnerabilities = "https://scout.docker.com/vulnerabilities/v0.1"
	predicateSBOM            = "https://scout.docker.com/sbom/v0.1"
	predicateProvenance      = "https://scout.docker.com/provenance/v0.1"
	predicateVEX             = "https://openvex.dev/ns"
)

// maxStatement bounds a statement that a policy reads, in bytes of JSON: in memory it takes some ten times as much.
const maxStatement = 8 << 20

type object = map[string]any

func term(v any) (*ast.Term, error) {
	value, err := ast.InterfaceToValue(v)
	if err != nil {
		return nil, err
	}
	return ast.NewTerm(value), nil
}

// state is what one evaluation is about.
type state struct {
	facts   *policy.Facts
	kev     bool                 // the policy asks what is exploited
	unknown []string             // what is not known that was asked for
	stop    error                // why it was ended
	answers map[string]*ast.Term // of functions that are called again and again
	made    *made
}

// made is what is made of a document once for all policies: most of what they read, and of the work.
type made struct {
	source    *ast.Term
	artifacts *ast.Term
	attested  map[string]attested // by type of predicate
}

// attested is what was attested under a type of predicate.
type attested struct {
	term *ast.Term
	note string // what is not known
}

func newState(f *policy.Facts, kev bool) (*state, error) {
	m, ok := f.Document.Made.(*made)
	if !ok {
		artifacts := make([]any, len(f.Document.Packages))
		for i, p := range f.Document.Packages {
			artifacts[i] = artifactOf(p)
		}
		m = &made{attested: make(map[string]attested)}
		var err error
		if m.artifacts, err = term(artifacts); err != nil {
			return nil, err
		}
		if m.source, err = term(sourceOf(f.Document.Image)); err != nil {
			return nil, err
		}
		f.Document.Made = m
	}
	return &state{facts: f, kev: kev, answers: make(map[string]*ast.Term), made: m}, nil
}

// note says that something is not known.
func (s *state) note(what string) {
	if what != "" && !slices.Contains(s.unknown, what) {
		s.unknown = append(s.unknown, what)
	}
}

// input is the document that a policy reads as input: what Docker Scout's bill of materials has of an image, and what else is known here.
func (s *state) input() (ast.Value, error) {
	f := s.facts
	own := object{"runs": f.Runs, "distribution": object{"id": f.Distribution.ID, "version_id": f.Distribution.VersionID, "codename": f.Distribution.Codename, "name": f.Distribution.Name}}
	if f.Base != nil {
		own["base_image"] = baseOf(f.Base)
	}
	if a := f.Attestations; a != nil {
		own["attestations"] = object{"sbom": a.SBOM, "provenance": a.Provenance, "complete": a.Full, "unread": a.Unread}
	}
	known, err := term(own)
	if err != nil {
		return nil, err
	}
	return fields("source", s.made.source, "artifacts", s.made.artifacts, "crowsnest", known).Value, nil
}

// fields makes an object of names and what they name.
func fields(pairs ...any) *ast.Term {
	out := ast.NewObject()
	for i := 0; i+1 < len(pairs); i += 2 {
		name, _ := pairs[i].(string)
		switch v := pairs[i+1].(type) {
		case string:
			out.Insert(ast.StringTerm(name), ast.StringTerm(v))
		case *ast.Term:
			out.Insert(ast.StringTerm(name), v)
		}
	}
	return ast.NewTerm(out)
}

// sourceOf is what is known of an image without looking into its layers.
func sourceOf(m crowsnest.Image) object {
	env := []any{}
	for _, v := range m.Config.Env {
		if v.Hidden { // its value is kept nowhere
			env = append(env, v.Name)
		} else {
			env = append(env, v.Name+"="+v.Value)
		}
	}
	ports := object{}
	for _, p := range m.Config.Ports {
		ports[p] = object{}
	}
	diffs, history := []any{}, []any{}
	for _, l := range m.Layers {
		diffs = append(diffs, string(l.DiffID))
		history = append(history, object{"created_by": l.CreatedBy})
	}
	config := object{
		"architecture": m.Platform.Architecture, "os": m.Platform.OS, "rootfs": object{"type": "layers", "diff_ids": diffs}, "history": history,
		"config": object{
			"User": m.User, "Env": env, "Entrypoint": texts(m.Config.Entrypoint), "Cmd": texts(m.Config.Command), "WorkingDir": m.Config.WorkingDir,
			"Labels": labels(m.Labels), "ExposedPorts": ports,
		},
	}
	if !m.Created.IsZero() {
		config["created"] = m.Created.UTC().Format(time.RFC3339)
	}
	return object{"type": "image", "image": object{
		"name": m.Name, "digest": string(m.Digest), "id": string(m.ImageID), "size": m.Size,
		"platform": object{"os": m.Platform.OS, "architecture": m.Platform.Architecture, "variant": m.Platform.Variant}, "config": config,
	}}
}

func texts(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

func labels(m map[string]string) object {
	out := make(object, len(m))
	for k, v := range m {
		out[k] = v
	}
	return out
}

func artifactOf(p crowsnest.Package) object {
	name, namespace := p.Name, ""
	if u, err := packageurl.FromString(p.PURL); err == nil {
		name, namespace = u.Name, u.Namespace
	}
	return object{"purl": p.PURL, "type": p.Type, "namespace": namespace, "name": name, "version": p.Version, "licenses": texts(p.Licences)}
}

func baseOf(b *crowsnest.Base) object {
	name, tag := b.Name, ""
	name, _, _ = strings.Cut(name, "@")
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		name, tag = name[:i], name[i+1:]
	}
	return object{"name": name, "tag": tag, "digest": string(b.Digest), "reference": b.Name, "known_by": string(b.By)}
}

const noBase = "what the image is built on is not known; build it with provenance (mode=max), or have the base image analysed as well"

func (s *state) baseImages([]*ast.Term) (*ast.Term, error) {
	if s.facts.Base == nil {
		s.note(noBase)
		return term([]any{})
	}
	return term([]any{baseOf(s.facts.Base)})
}

// unheld notes what of the vulnerabilities is not known.
func (s *state) unheld() {
	if missing := s.facts.Missing; len(missing) > 0 {
		named := missing[:min(len(missing), 5)]
		more := ""
		if n := len(missing) - len(named); n > 0 {
			more = fmt.Sprintf(" and %d more", n)
		}
		s.note("no advisories are held of " + strings.Join(named, ", ") + more + "; import them")
	}
	if s.kev && !s.facts.KnownExploited {
		s.note("CISA's catalogue of exploited vulnerabilities is not held; import it with crowsnest advisory import, or have it kept up to date")
	}
}

// entries are the vulnerabilities that count by package, of all packages or of some.
func (s *state) entries(of map[string]bool) []any {
	s.unheld()
	out, index := []any{}, make(map[string]int)
	for i := range s.facts.Findings {
		f := s.facts.Findings[i]
		purl := f.Package.PURL
		if of != nil && !of[purl] || !s.facts.Counts(f) {
			continue
		}
		at, ok := index[purl]
		if !ok {
			at = len(out)
			index[purl] = at
			out = append(out, object{"purl": purl, "vulnerabilities": []any{}})
		}
		entry, _ := out[at].(object)
		list, _ := entry["vulnerabilities"].([]any)
		entry["vulnerabilities"] = append(list, s.vulnerability(f))
	}
	return out
}

// vulnerability is one as Docker Scout writes it.
func (s *state) vulnerability(f *policy.Finding) object {
	cvss := object{"severity": strings.ToUpper(f.Severity.String())}
	if f.Score > 0 {
		cvss["score"], cvss["vector"] = f.Score, f.Vector
	}
	v := object{"source": f.Advisory, "source_id": f.Vulnerability, "aliases": texts(f.Aliases), "cvss": cvss}
	if f.FixedVersion != "" {
		v["fixed_by"] = f.FixedVersion
	}
	if !f.Published.IsZero() {
		v["published_at"] = f.Published.UTC().Format(time.RFC3339)
	}
	if s.facts.KnownExploited {
		v["cisa_exploited"] = f.Exploited
	}
	return v
}

func (s *state) vulnerabilitiesOf(args []*ast.Term) (*ast.Term, error) {
	of := make(map[string]bool)
	add := func(t *ast.Term) {
		if p, ok := t.Value.(ast.String); ok {
			of[string(p)] = true
		}
	}
	switch v := args[0].Value.(type) {
	case *ast.Array:
		v.Foreach(add)
	case ast.Set:
		v.Foreach(add)
	default:
		add(args[0])
	}
	return term(s.entries(of))
}

// findings are the vulnerabilities that count, each with its package and what run time saw of that.
func (s *state) findings([]*ast.Term) (*ast.Term, error) { return s.once("findings", s.listFindings) }

func (s *state) listFindings() (*ast.Term, error) {
	s.unheld()
	out := []any{}
	for i := range s.facts.Findings {
		f := s.facts.Findings[i]
		if !s.facts.Counts(f) {
			continue
		}
		v := object{
			"vulnerability": f.Vulnerability, "aliases": texts(f.Aliases), "severity": f.Severity.String(), "score": f.Score, "exploited": f.Exploited,
			"purl": f.Package.PURL, "package": f.Package.Name, "version": f.Package.Version, "fixed_version": f.FixedVersion, "in_use": s.facts.InUse(f).String(),
		}
		if !f.Published.IsZero() {
			v["published_at"] = f.Published.UTC().Format(time.RFC3339)
		}
		if due, ok := s.facts.Due[f.Vulnerability]; ok {
			v["due_at"] = due.UTC().Format(time.RFC3339)
		}
		out = append(out, v)
	}
	return term(out)
}

// referrer is what was attested of the image under a type of predicate, or what is known here in its form; null if there is nothing.
func (s *state) referrer(args []*ast.Term) (*ast.Term, error) {
	kind := argument(args)
	return s.once("referrer "+kind, func() (*ast.Term, error) {
		switch kind {
		case predicateVulnerabilities:
			found, err := term(s.entries(nil))
			if err != nil {
				return nil, err
			}
			return s.statement(kind, found), nil
		case predicateSBOM:
			return s.statement(kind, fields("source", s.made.source, "artifacts", s.made.artifacts)), nil
		}
		a, ok := s.made.attested[kind]
		if !ok {
			var err error
			if a, err = s.attested(kind); err != nil {
				return nil, err
			}
			s.made.attested[kind] = a
		}
		s.note(a.note)
		if _, none := a.term.Value.(ast.Null); !none || kind != predicateProvenance {
			return a.term, nil
		}
		if s.facts.Base == nil {
			s.note(noBase)
			return a.term, nil
		}
		base, err := term(baseOf(s.facts.Base))
		if err != nil {
			return nil, err
		}
		return s.statement(kind, fields("base_image", base)), nil
	})
}

// once keeps an answer for as long as an evaluation lasts: Rego calls a function again for each row of what it goes through.
func (s *state) once(key string, fn func() (*ast.Term, error)) (*ast.Term, error) {
	if t := s.answers[key]; t != nil {
		return t, nil
	}
	t, err := fn()
	if err == nil {
		s.answers[key] = t
	}
	return t, err
}

// statement is an in-toto statement about the image that nobody made.
func (s *state) statement(kind string, predicate *ast.Term) *ast.Term {
	m := s.facts.Document.Image
	subject := fields("name", m.Name, "digest", fields("sha256", strings.TrimPrefix(string(m.Digest), crowsnest.DigestPrefix)))
	return fields("predicate_type", kind, "statement", fields("_type", "https://in-toto.io/Statement/v1", "predicateType", kind, "predicate", predicate, "subject", ast.ArrayTerm(subject)))
}

// attested is what somebody attested of the image. Whether something is missing can be said only where all was looked for and read; of what only
// suppresses, such as VEX, it is no gap: decisions made of it are in the findings already.
func (s *state) attested(kind string) (attested, error) {
	suppresses := strings.HasPrefix(kind, predicateVEX)
	none := attested{term: ast.NullTerm()}
	if s.facts.Attestations == nil {
		if suppresses || kind == predicateProvenance && s.facts.Base != nil {
			return none, nil
		}
		return none, fmt.Errorf("it asks what was attested as %s, and attestations of the image were never looked for; have it analysed from its registry", clip(kind, maxName))
	}
	list, err := s.facts.Document.Statements(kind)
	if err != nil {
		return none, fmt.Errorf("it asks what was attested as %s, which cannot be read: %s", clip(kind, maxName), crowsnest.Reason(err))
	}
	problem := ""
	for _, a := range list {
		if !a.Counts() || len(a.Statement) == 0 {
			problem = a.Problem
			continue
		}
		t, err := s.read(a)
		if err == nil {
			return attested{term: t}, nil
		}
		problem = err.Error()
	}
	switch {
	case suppresses:
	case problem != "":
		return none, fmt.Errorf("it asks what was attested as %s, which could not be read: %s", clip(kind, maxName), clip(problem, maxWords))
	case s.facts.Attestations.Unread > 0:
		none.note = "an attestation of the image could not be read, which may be one that the policy asks for"
	}
	return none, nil
}

// read makes a statement one that policies read; a bare document becomes what is stated of the image.
func (s *state) read(a crowsnest.Attestation) (*ast.Term, error) {
	if len(a.Statement) > maxStatement {
		return nil, fmt.Errorf("it has %d bytes, and a policy reads %d at most", len(a.Statement), maxStatement)
	}
	d := json.NewDecoder(bytes.NewReader(a.Statement))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("it is not the JSON it should be")
	}
	if !reckonable(v) {
		return nil, errDigits
	}
	m := s.facts.Document.Image
	if doc, ok := v.(object); !ok || doc["predicate"] == nil {
		v = object{"predicateType": a.PredicateType, "predicate": v,
			"subject": []any{object{"name": m.Name, "digest": object{"sha256": strings.TrimPrefix(string(m.Digest), crowsnest.DigestPrefix)}}}}
	}
	out := object{"predicate_type": a.PredicateType, "digest": string(a.Digest), "media_type": a.MediaType, "statement": v}
	if repository := crowsnest.Repository(m.Name); repository != "" && a.Manifest != "" {
		out["image"] = repository + "@" + string(a.Manifest)
	}
	return term(out)
}

// reckonable reports whether all numbers in a document are ones that can be reckoned with.
func reckonable(v any) bool {
	switch v := v.(type) {
	case json.Number:
		return fits(v.String())
	case []any:
		return !slices.ContainsFunc(v, func(v any) bool { return !reckonable(v) })
	case object:
		for _, v := range v {
			if !reckonable(v) {
				return false
			}
		}
	}
	return true
}
