package rego

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"strings"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// reaching are functions of the language that policies do not have, and why.
var reaching = map[string]string{
	"http.send":                 "a policy has no network",
	"net.lookup_ip_addr":        "a policy has no network",
	"providers.":                "a policy has no network",
	"opa.runtime":               "a policy does not see the program it is asked by",
	"rand.":                     "the same image must always give the same answer",
	"uuid.rfc4122":              "the same image must always give the same answer",
	"json.match_schema":         "schemas are read from elsewhere",
	"json.verify_schema":        "schemas are read from elsewhere",
	"io.jwt.":                   "it does work that cannot be interrupted",
	"crypto.x509.":              "it does work that cannot be interrupted",
	"crypto.parse_private_keys": "it does work that cannot be interrupted",
	"graphql.":                  "it does work that cannot be interrupted",
	"rego.parse_module":         "it does work that cannot be interrupted",
	"strings.render_template":   "it does work that cannot be interrupted",
	"yaml.":                     "it does work that cannot be interrupted",
	"graph.reachable_paths":     "it makes too much of too little",
	"net.cidr_expand":           "it makes too much of too little",
	"net.cidr_contains_matches": "it makes too much of too little",
	"regex.globs_match":         "it makes too much of too little",
	"json.marshal_with_options": "it makes too much of too little",
	"bits.lsh":                  "it makes too much of too little",
}

// refused says why a function of the language is not there.
func refused(name string) (string, bool) {
	for prefix, why := range reaching {
		if name == prefix || strings.HasSuffix(prefix, ".") && strings.HasPrefix(name, prefix) {
			return why, true
		}
	}
	return "", false
}

// allowed are the functions of the language that policies have. One that is new in the library and gives another answer each time is not among them.
func allowed() []*ast.Builtin {
	var out []*ast.Builtin
	for _, b := range ast.CapabilitiesForThisVersion().Builtins {
		if _, no := refused(b.Name); no || b.Nondeterministic && b.Name != "time.now_ns" {
			continue
		}
		out = append(out, b)
	}
	return out
}

// Bounds of what one call may take. They keep one step, which nothing can interrupt, short and its result small.
const (
	maxOperands = 256 << 10 // bytes of what a function takes that makes something new
	maxMade     = 4 << 20   // bytes of what it makes
	maxElements = 200_000   // of lists that are put together
	maxRange    = 100_000   // of numbers
	maxMatching = 32 << 20  // instructions of a pattern times bytes of a text
	maxFinding  = 4 << 20   // the same, where each may become a part of the result
	maxPattern  = 1 << 10   // bytes
	maxWidth    = 1_000_000 // that fmt takes for a width, as its source has it
)

// looking are functions that make nothing new of what they take, so that they may take whole documents.
var looking = map[string]bool{}

func init() {
	for _, name := range strings.Fields(`eq equal neq lt lte gt gte assign unify count max min sort any all type_name walk and or intersection union
		internal.member_2 internal.member_3 internal.test_case object.get object.keys object.remove object.filter array.slice array.reverse graph.reachable
		is_null is_number is_string is_boolean is_array is_set is_object startswith endswith contains indexof
		json.filter json.remove time.now_ns rego.metadata.chain rego.metadata.rule trace`) {
		looking[name] = true
	}
}

// guards bound what a call makes, which may be more than what it takes.
var guards = map[string]func(args []*ast.Term) error{
	"array.concat":                     together,
	"array.flatten":                    together,
	"object.union":                     together,
	"object.union_n":                   together,
	"sum":                              many,
	"product":                          many,
	"numbers.range":                    ranged,
	"numbers.range_step":               ranged,
	"to_number":                        readable,
	"units.parse":                      readable,
	"units.parse_bytes":                readable,
	"concat":                           joined,
	"replace":                          replaced,
	"strings.replace_n":                replacedMany,
	"sprintf":                          formatted,
	"regex.replace":                    replacedBy,
	"regex.match":                      func(a []*ast.Term) error { return matching(a, maxMatching) },
	"re_match":                         func(a []*ast.Term) error { return matching(a, maxMatching) },
	"regex.is_valid":                   func(a []*ast.Term) error { return matching(a, maxMatching) },
	"regex.split":                      func(a []*ast.Term) error { return matching(a, maxMatching) },
	"regex.find_n":                     func(a []*ast.Term) error { return matching(a, maxMatching) },
	"regex.find_all_string_submatch_n": func(a []*ast.Term) error { return matching(a, maxFinding) },
	"regex.template_match":             func(a []*ast.Term) error { return matching(a, maxMatching) },
	"glob.match":                       globbed,
}

// wide are functions whose result is no larger than what they take, or is bounded by a guard, so that they may take much.
var wide = map[string]bool{"array.concat": true, "array.flatten": true, "object.union": true, "object.union_n": true, "sum": true, "product": true, "minus": true}

var guardOnce sync.Once

// guard puts the bounds around the functions of the language, in this process once: nothing else in it evaluates Rego.
func guard() {
	guardOnce.Do(func() {
		for _, b := range ast.CapabilitiesForThisVersion().Builtins {
			name, call, check := b.Name, topdown.GetBuiltin(b.Name), guards[b.Name]
			if call == nil || looking[name] {
				continue
			}
			takes := b.Decl.Arity()
			topdown.RegisterBuiltinFunc(name, func(bctx topdown.BuiltinContext, args []*ast.Term, iter func(*ast.Term) error) error {
				given := args[:min(len(args), takes)] // what follows is what the result must be
				err := numbers(given)
				if err == nil && !wide[name] {
					err = sized(given)
				}
				if err == nil && check != nil {
					err = check(given)
				}
				if err != nil {
					return topdown.Halt{Err: &limited{fmt.Sprintf("%s in line %d %s", called(name), line(bctx.Location), err)}}
				}
				return call(bctx, args, iter)
			})
		}
	})
}

// called is a function as one writes it.
func called(name string) string {
	if operator, ok := map[string]string{"plus": "+", "minus": "-", "mul": "*", "div": "/", "rem": "%"}[name]; ok {
		return operator
	}
	return name
}

// limited is what a policy may not.
type limited struct{ what string }

// Error says what.
func (l *limited) Error() string { return l.what }

// weigh adds up roughly what a value takes, and stops past the most.
func weigh(v ast.Value, most int) int {
	n := 16
	switch v := v.(type) {
	case ast.String:
		n += len(v)
	case ast.Number:
		n += len(v)
	case *ast.Array:
		v.Until(func(t *ast.Term) bool { n += weigh(t.Value, most-n); return n > most })
	case ast.Set:
		v.Until(func(t *ast.Term) bool { n += weigh(t.Value, most-n); return n > most })
	case ast.Object:
		v.Until(func(k, t *ast.Term) bool {
			n += weigh(k.Value, most-n) + weigh(t.Value, most-n)
			return n > most
		})
	}
	return n
}

func sized(args []*ast.Term) error {
	n := 0
	for _, a := range args {
		if n += weigh(a.Value, maxOperands-n); n > maxOperands {
			return fmt.Errorf("takes more than the %d KiB it may", maxOperands>>10)
		}
	}
	return nil
}

// length is how many are in a collection, and in those in it one level down.
func length(t *ast.Term, nested bool) int {
	n := 0
	add := func(t *ast.Term) {
		n++
		if nested {
			n += length(t, false)
		}
	}
	switch v := t.Value.(type) {
	case *ast.Array:
		if !nested {
			return v.Len()
		}
		v.Foreach(add)
	case ast.Set:
		if !nested {
			return v.Len()
		}
		v.Foreach(add)
	case ast.Object:
		return v.Len()
	}
	return n
}

func together(args []*ast.Term) error {
	n := 0
	for _, a := range args {
		if n += length(a, len(args) == 1); n > maxElements {
			return fmt.Errorf("puts more than %d elements together", maxElements)
		}
	}
	return nil
}

var errDigits = fmt.Errorf("takes a number of more than %d digits", maxDigits)

func numbers(args []*ast.Term) error {
	for _, a := range args {
		if n, ok := a.Value.(ast.Number); ok && !fits(string(n)) {
			return errDigits
		}
	}
	return nil
}

// many bounds what is reckoned over a collection: all digits of it together.
func many(args []*ast.Term) error {
	digits, bad := 0, false
	look := func(t *ast.Term) {
		if n, ok := t.Value.(ast.Number); ok {
			digits += len(n)
			bad = bad || !fits(string(n))
		}
	}
	for _, a := range args {
		switch v := a.Value.(type) {
		case *ast.Array:
			v.Foreach(look)
		case ast.Set:
			v.Foreach(look)
		}
	}
	if bad {
		return errDigits
	}
	if digits > maxOperands {
		return fmt.Errorf("takes more than the %d digits it may", maxOperands)
	}
	return nil
}

func readable(args []*ast.Term) error {
	for _, a := range args {
		if s, ok := a.Value.(ast.String); ok && exponent.MatchString(string(s)) {
			return errDigits
		}
	}
	return nil
}

func ranged(args []*ast.Term) error {
	from, ok := args[0].Value.(ast.Number)
	to, also := args[1].Value.(ast.Number)
	if !ok || !also {
		return nil // the function itself says what is wrong
	}
	a, fine := from.Int64()
	b, too := to.Int64()
	if !fine || !too || a < -1<<53 || a > 1<<53 || b < -1<<53 || b > 1<<53 || max(a, b)-min(a, b) > maxRange {
		return fmt.Errorf("makes more than %d numbers", maxRange)
	}
	return nil
}

func text(args []*ast.Term, i int) string {
	if i < 0 || i >= len(args) {
		return ""
	}
	s, _ := args[i].Value.(ast.String)
	return string(s)
}

func makes(n int) error {
	if n > maxMade {
		return fmt.Errorf("makes more than the %d KiB it may", maxMade>>10)
	}
	return nil
}

func joined(args []*ast.Term) error {
	return makes(len(text(args, 0)) * length(args[1], false))
}

func replaced(args []*ast.Term) error {
	s, old, with := text(args, 0), text(args, 1), text(args, 2)
	return makes(len(s) + strings.Count(s, old)*len(with))
}

func replacedMany(args []*ast.Term) error {
	longest := 1
	if patterns, ok := args[0].Value.(ast.Object); ok {
		patterns.Foreach(func(_, with *ast.Term) {
			if s, ok := with.Value.(ast.String); ok {
				longest = max(longest, len(s))
			}
		})
	}
	return makes((len(text(args, 1)) + 1) * longest)
}

// formatted bounds what a format makes. As a rule each verb writes what it is given once; an index makes it write the same again, and a
// width fills it up.
func formatted(args []*ast.Term) error {
	format := text(args, 0)
	verbs, width, run := strings.Count(format, "%"), 0, 0
	for _, c := range format {
		switch {
		case c >= '0' && c <= '9':
			run = min(run*10+int(c-'0'), maxWidth)
		case c == '*':
			run = maxWidth
		default:
			run = 0
		}
		width = max(width, run)
	}
	if list, ok := args[1].Value.(*ast.Array); ok && strings.Contains(format, "[") {
		list.Foreach(func(t *ast.Term) { width = max(width, weigh(t.Value, maxOperands)) })
	}
	return makes(len(format) + verbs*width)
}

// matching bounds the work of a regular expression, the first of what is given, on the second.
func matching(args []*ast.Term, most int) error { return worked(text(args, 0), text(args, 1), most) }

// replacedBy bounds what takes the place of matches: each character may be one, and each $ stands for a part of it.
func replacedBy(args []*ast.Term) error {
	s, pattern, with := text(args, 0), text(args, 1), text(args, 2)
	if err := worked(pattern, s, maxMatching); err != nil {
		return err
	}
	return makes((len(s)+1)*len(with) + (strings.Count(with, "$")+1)*len(s))
}

// worked bounds the instructions of the program of a pattern times the bytes of a text: no match takes more steps.
func worked(pattern, subject string, most int) error {
	if len(pattern) > maxPattern {
		return fmt.Errorf("takes a pattern of more than %d bytes", maxPattern)
	}
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil // the function itself says what is wrong
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err == nil && len(program.Inst)*max(len(subject), 1) > most {
		return fmt.Errorf("matches a text of %d bytes, which is too long for that pattern", len(subject))
	}
	return nil
}

func globbed(args []*ast.Term) error {
	pattern := text(args, 0)
	if len(pattern) > maxPattern || strings.Count(pattern, "*")+strings.Count(pattern, "{") > 32 || len(text(args, 2)) > 16<<10 {
		return errors.New("takes a pattern or a text that is too long")
	}
	return nil
}
