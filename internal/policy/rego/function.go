package rego

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	opa "github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/types"
	"github.com/package-url/packageurl-go"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/match"
)

// absent are functions of Scout's contract that are not answered here, and why. Who calls one gets no data.
var absent = map[string]string{
	"oci.index":                "indexes of images are not kept",
	"oci.referrer_index":       "indexes of what refers to images are not kept; oci.referrer has what was attested",
	"oci.referrer_by_digest":   "what refers to images is kept by the type of its predicate; use oci.referrer",
	"scout.package_provenance": "only the analysis by Docker's service has it",
	"cosign.verify_dsse":       "no signatures are verified, as the keys are elsewhere",
	"cosign.verify_image":      "no signatures are verified, as the keys are elsewhere",
	"cosign.verify_images":     "no signatures are verified, as the keys are elsewhere",
	"gpg.verify_commit":        "no signatures are verified, as the keys are elsewhere",
}

// function is one that policies call beside those of the language.
type function struct {
	name  string
	takes []types.Type
	call  func(s *state, args []*ast.Term) (*ast.Term, error)
	pure  bool // it needs no image
}

var functions = []function{
	{name: "oci.referrer", takes: []types.Type{types.S}, call: (*state).referrer},
	{name: "oci.canonical_name", takes: []types.Type{types.S}, call: canonicalName, pure: true},
	{name: "oci.image_digest", takes: []types.Type{types.S}, call: (*state).imageDigest},
	{name: "scout.parse_purl", takes: []types.Type{types.S}, call: parsePURL, pure: true},
	{name: "scout.vulnerabilities", takes: []types.Type{types.A}, call: (*state).vulnerabilitiesOf},
	{name: "scout.package_recommendation", takes: []types.Type{types.S}, call: (*state).recommendation},
	{name: "scout.base_image", call: (*state).baseImages},
	{name: "crowsnest.findings", call: (*state).findings},
}

// options gives the functions to an evaluation. Those that are absent take what the policy gives them.
func options(missing map[string]int) []func(*opa.Rego) {
	var out []func(*opa.Rego)
	for _, f := range functions {
		out = append(out, f.option())
	}
	for _, name := range slices.Sorted(maps.Keys(missing)) {
		out = append(out, missingFunction(name, missing[name]).option())
	}
	return out
}

// declarations are the same for the compiler, in the same order.
func declarations(missing map[string]int) []*ast.Builtin {
	var out []*ast.Builtin
	for _, f := range functions {
		out = append(out, &ast.Builtin{Name: f.name, Decl: f.declaration()})
	}
	for _, name := range slices.Sorted(maps.Keys(missing)) {
		out = append(out, &ast.Builtin{Name: name, Decl: missingFunction(name, missing[name]).declaration()})
	}
	return out
}

func missingFunction(name string, arity int) function {
	return function{name: name, takes: slices.Repeat([]types.Type{types.A}, arity), call: func(*state, []*ast.Term) (*ast.Term, error) {
		return nil, fmt.Errorf("it calls %s, which is not answered here: %s", name, absent[name])
	}, pure: true}
}

func (f function) declaration() *types.Function {
	return types.NewFunction(types.Args(f.takes...), types.A)
}

// option makes a failure end the evaluation: in Rego the negation of a call that merely fails is true.
func (f function) option() func(*opa.Rego) {
	return opa.FunctionDyn(&opa.Function{Name: f.name, Decl: f.declaration()}, func(bctx opa.BuiltinContext, args []*ast.Term) (*ast.Term, error) {
		s := stateOf(bctx.Context)
		if s == nil && !f.pure {
			return nil, opa.NewHaltError(fmt.Errorf("%s has no image to ask about: replace it in the test, as in: with %s as mock", f.name, f.name))
		}
		t, err := f.call(s, args)
		if err != nil {
			if s != nil && s.stop == nil {
				s.stop = err
			}
			return nil, opa.NewHaltError(err)
		}
		return t, nil
	})
}

type stateKey struct{}

// stateOf returns what an evaluation is about; nil in tests of policies.
func stateOf(ctx context.Context) *state {
	if ctx == nil {
		return nil
	}
	s, _ := ctx.Value(stateKey{}).(*state)
	return s
}

func argument(args []*ast.Term) string {
	if len(args) == 0 {
		return ""
	}
	s, _ := args[0].Value.(ast.String)
	return string(s)
}

func canonicalName(_ *state, args []*ast.Term) (*ast.Term, error) {
	name := crowsnest.Repository(argument(args))
	if name == "" {
		return ast.NullTerm(), nil
	}
	return ast.StringTerm(name), nil
}

func parsePURL(_ *state, args []*ast.Term) (*ast.Term, error) {
	p, err := packageurl.FromString(argument(args))
	if err != nil {
		return ast.NullTerm(), nil
	}
	return term(object{"type": p.Type, "namespace": p.Namespace, "name": p.Name, "version": p.Version, "qualifiers": p.Qualifiers.Map(), "subpath": p.Subpath})
}

// imageDigest answers what a tag names now as far as it was seen: no registry is asked.
func (s *state) imageDigest(args []*ast.Term) (*ast.Term, error) {
	reference := argument(args)
	full := tagged(reference)
	for _, t := range s.facts.BaseTags {
		if t.Reference == full || t.Reference == reference {
			return ast.StringTerm(string(t.Names)), nil
		}
	}
	return nil, fmt.Errorf("it asks what %s names now, which is not known here; connect its registry, or have that image analysed", clip(reference, maxName))
}

// tagged writes a reference in full, with the tag that is meant where it has none.
func tagged(reference string) string {
	reference, _, _ = strings.Cut(reference, "@")
	repository, tag := crowsnest.Repository(reference), "latest"
	if i := strings.LastIndexByte(reference, ':'); i > strings.LastIndexByte(reference, '/') {
		tag = reference[i+1:]
	}
	return repository + ":" + tag
}

// recommendation is the lowest version of a package that clears all of its vulnerabilities of which a fix is known.
func (s *state) recommendation(args []*ast.Term) (*ast.Term, error) {
	purl, best := argument(args), ""
	s.unheld()
	for i := range s.facts.Findings {
		f := s.facts.Findings[i]
		if f.Package.PURL != purl || f.FixedVersion == "" || !s.facts.Counts(f) {
			continue
		}
		if best == "" {
			best = f.FixedVersion
			continue
		}
		order, ok := match.Compare(f.Package.Ecosystem, f.FixedVersion, best)
		if !ok {
			return nil, fmt.Errorf("it asks for the version of %s that mends it, and %s and %s cannot be put in order", clip(purl, maxName), clip(best, maxName), clip(f.FixedVersion, maxName))
		}
		if order > 0 {
			best = f.FixedVersion
		}
	}
	if best == "" {
		return ast.NullTerm(), nil
	}
	return ast.StringTerm(best), nil
}

var errNoDocument = errors.New("nothing is known of the image but what was found in it")
