package rego

import (
	"fmt"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// maxTree bounds the values that a module writes out when each name in them is replaced by what it stands for. A few lines that each
// put the line before twice into a list stand for more than any memory holds: as a value they take none, but the compiler compares their types, and it cannot be
// interrupted.
const maxTree = 20_000

// sizes reckons how large what is written in modules is without names.
type sizes struct {
	rules map[string][]*ast.Rule // by package and name, "data.docker.scout.pass"
	known map[string]int
	names map[*ast.Module]map[string]string // what imports stand for
}

// tooLarge names the first rule that stands for too much; empty if none does.
func tooLarge(modules []*Module) string {
	z := sizes{rules: make(map[string][]*ast.Rule), known: make(map[string]int), names: make(map[*ast.Module]map[string]string)}
	for _, m := range modules {
		names := make(map[string]string)
		for _, i := range m.parsed.Imports {
			names[string(i.Name())] = i.Path.String()
		}
		z.names[m.parsed] = names
		for _, r := range m.parsed.Rules {
			for ; r != nil; r = r.Else {
				key := m.parsed.Package.Path.String() + "." + head(r)
				z.rules[key] = append(z.rules[key], r)
			}
		}
	}
	for key := range z.rules {
		if z.rule(key) > maxTree {
			return fmt.Sprintf("%s (line %d) puts what it is made of into itself again and again", key[strings.LastIndexByte(key, '.')+1:], line(z.rules[key][0].Location))
		}
	}
	return ""
}

// head is the name of a rule.
func head(r *ast.Rule) string {
	if ref := r.Head.Ref(); len(ref) > 0 {
		if v, ok := ref[0].Value.(ast.Var); ok {
			return string(v)
		}
	}
	return ""
}

func (z sizes) rule(key string) int {
	if n, ok := z.known[key]; ok {
		return n
	}
	z.known[key] = 1 // for what stands for itself, which the compiler refuses
	total := 1
	for _, r := range z.rules[key] {
		b := body{sizes: z, module: r.Module, given: make(map[ast.Var][]*ast.Term), known: make(map[ast.Var]int)}
		b.read(r)
		largest := 0
		for v := range b.given {
			largest = max(largest, b.variable(v))
		}
		for _, t := range []*ast.Term{r.Head.Value, r.Head.Key} {
			if t != nil {
				largest = max(largest, b.term(t))
			}
		}
		total = min(total+largest, maxTree+1)
	}
	z.known[key] = total
	return total
}

// body is a rule with what its variables are given, wherever in it.
type body struct {
	sizes
	module *ast.Module
	given  map[ast.Var][]*ast.Term
	known  map[ast.Var]int
}

func (b body) read(r *ast.Rule) {
	gives := func(to, what *ast.Term) {
		ast.WalkVars(to, func(v ast.Var) bool {
			b.given[v] = append(b.given[v], what)
			return false
		})
	}
	ast.WalkExprs(r, func(e *ast.Expr) bool {
		switch terms := e.Terms.(type) {
		case *ast.SomeDecl:
			for _, s := range terms.Symbols {
				if in, ok := s.Value.(ast.Call); ok && len(in) > 2 {
					for _, to := range in[1 : len(in)-1] {
						gives(to, in[len(in)-1])
					}
				}
			}
		case *ast.Every:
			gives(terms.Value, terms.Domain)
		case []*ast.Term:
			if (e.IsAssignment() || e.IsEquality()) && len(terms) == 3 {
				gives(terms[1], terms[2])
				if e.IsEquality() {
					gives(terms[2], terms[1])
				}
			}
		}
		return false
	})
}

func (b body) variable(v ast.Var) int {
	if n, ok := b.known[v]; ok {
		return n
	}
	b.known[v] = 1
	n := 1
	for _, t := range b.given[v] {
		n = max(n, b.term(t))
	}
	b.known[v] = n
	return n
}

func (b body) terms(list ...*ast.Term) int {
	n := 1
	for _, t := range list {
		n = min(n+b.term(t), maxTree+1)
	}
	return n
}

func (b body) term(t *ast.Term) int {
	switch v := t.Value.(type) {
	case ast.Var:
		if _, ok := b.given[v]; ok {
			return b.variable(v)
		}
		return b.named(string(v))
	case ast.Ref:
		n := b.reference(v)
		for _, part := range v[1:] {
			n = max(n, b.term(part))
		}
		return n
	case ast.Call:
		operator, _ := v[0].Value.(ast.Ref)
		return b.reference(operator) // of the language's functions no type is a tree
	case *ast.Array:
		n := 1
		v.Foreach(func(t *ast.Term) { n = min(n+b.term(t), maxTree+1) })
		return n
	case ast.Set:
		n := 1
		v.Foreach(func(t *ast.Term) { n = min(n+b.term(t), maxTree+1) })
		return n
	case ast.Object:
		n := 1
		v.Foreach(func(k, t *ast.Term) { n = min(n+b.term(k)+b.term(t), maxTree+1) })
		return n
	case *ast.ArrayComprehension:
		return b.terms(v.Term)
	case *ast.SetComprehension:
		return b.terms(v.Term)
	case *ast.ObjectComprehension:
		return b.terms(v.Key, v.Value)
	}
	return 1
}

// reference is the size of what a path leads to: of a rule, a variable, or the input.
func (b body) reference(r ast.Ref) int {
	if len(r) == 0 {
		return 1
	}
	first, ok := r[0].Value.(ast.Var)
	if !ok {
		return b.term(r[0])
	}
	if _, local := b.given[first]; local {
		return b.variable(first)
	}
	path := r.String()
	if whole, ok := b.names[b.module][string(first)]; ok {
		path = whole + strings.TrimPrefix(path, string(first))
	}
	if !strings.HasPrefix(path, "data.") {
		return b.named(string(first))
	}
	// The longest name of a rule that the path begins with.
	for at := len(path); at > 0; at = strings.LastIndexAny(path[:at], ".[") {
		if _, ok := b.rules[path[:at]]; ok {
			return b.sizes.rule(path[:at])
		}
	}
	return 1
}

// named is the size of a rule of the same package.
func (b body) named(name string) int {
	key := b.module.Package.Path.String() + "." + name
	if _, ok := b.rules[key]; ok {
		return b.sizes.rule(key)
	}
	return 1
}
