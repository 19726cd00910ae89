package rego

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	opa "github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/policy"
)

// Limits bound an evaluation. What is zero has its default.
type Limits struct {
	Time       time.Duration // of one evaluation
	Memory     uint64        // bytes by which the heap of this process may grow while it lasts
	Violations int           // that a policy may find in one image
}

// defaults are far above what policies take, which is some milliseconds.
var defaults = Limits{Time: 5 * time.Second, Memory: 128 << 20, Violations: 10_000}

// How many are evaluated at once: the others wait, so that the growth of the heap is theirs.
const atOnce = 2

// A policy that was stopped so often in a row is not asked for a while, so that one that takes all it may does not hold up the others.
const (
	maxStops = 3
	pause    = 10 * time.Minute
	retry    = time.Hour // after which an image is asked about again
)

// maxKept bounds the programs that are kept for the next time.
const maxKept = 128

// Engine compiles policies and asks them. Make it with New. It is safe for concurrent use.
type Engine struct {
	limits Limits
	turns  chan struct{}

	mu    sync.Mutex
	kept  map[[sha256.Size]byte]*Program
	stuck map[[sha256.Size]byte]bool // those that were left alone
}

// A policy that does something that cannot be interrupted is left alone after a while: it goes on, and takes a processor until it ends or
// this process does. It is not asked again, and after some of them nothing is.
const (
	grace    = 2 * time.Second
	maxStuck = 4
)

const alone = "did something that cannot be interrupted, and was left alone; it is not asked again"

// within waits for fn no longer than it may take, and some more.
func within[T any](limit time.Duration, fn func() (T, error)) (out T, err error) {
	type result struct {
		out T
		err error
	}
	done := make(chan result, 1)
	go func() {
		var r result
		defer func() { // a fault of the library is no reason to end this process
			if fault := recover(); fault != nil {
				r.err = fmt.Errorf("it failed: %v", fault)
			}
			done <- r
		}()
		r.out, r.err = fn()
	}()
	t := time.NewTimer(limit + grace)
	defer t.Stop()
	select {
	case r := <-done:
		return r.out, r.err
	case <-t.C:
		return out, errAlone
	}
}

var errAlone = &limited{alone}

// abandon notes that a policy was left alone.
func (e *Engine) abandon(key [sha256.Size]byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stuck[key] = true
}

// abandoned says why a policy is not asked; nil if it is.
func (e *Engine) abandoned(key [sha256.Size]byte) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.stuck[key]:
		return errAlone
	case len(e.stuck) >= maxStuck:
		return fmt.Errorf("%d policies do not end, and none is asked until they are mended and this process is started again", len(e.stuck))
	}
	return nil
}

// New returns an engine with limits.
func New(limits Limits) *Engine {
	guard()
	return &Engine{limits: limits.WithDefaults(), turns: make(chan struct{}, atOnce), kept: make(map[[sha256.Size]byte]*Program), stuck: make(map[[sha256.Size]byte]bool)}
}

// WithDefaults gives what is zero its default.
func (l Limits) WithDefaults() Limits {
	limits := l
	if limits.Time == 0 {
		limits.Time = defaults.Time
	}
	if limits.Memory == 0 {
		limits.Memory = defaults.Memory
	}
	if limits.Violations == 0 {
		limits.Violations = defaults.Violations
	}
	return limits
}

// Compile implements policy.Language.
func (e *Engine) Compile(source policy.File, libraries []policy.File, config json.RawMessage) (policy.Program, error) {
	p, err := e.Program(source, libraries, config)
	if err != nil {
		return nil, err
	}
	return p, nil
}

// Program is Compile with what else a program of Rego can be asked.
func (e *Engine) Program(source policy.File, libraries []policy.File, config json.RawMessage) (*Program, error) {
	key := keyOf(source, libraries, config)
	e.mu.Lock()
	p := e.kept[key]
	e.mu.Unlock()
	if p != nil {
		return p, nil
	}
	err := e.abandoned(key)
	if err == nil {
		p, err = within(e.limits.Time, func() (*Program, error) { return e.compile(source, libraries, config) })
	}
	if err == errAlone {
		e.abandon(key)
	}
	if err != nil {
		var known *crowsnest.Error
		if !errors.As(err, &known) {
			err = &crowsnest.Error{Kind: crowsnest.Invalid, Op: "compile policy", Subject: source.Name, Hint: "mend the policy", Err: err}
		}
		return nil, err
	}
	p.key = key
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.kept) >= maxKept {
		clear(e.kept)
	}
	e.kept[key] = p
	return p, nil
}

func keyOf(source policy.File, libraries []policy.File, config json.RawMessage) [sha256.Size]byte {
	h := sha256.New()
	for _, f := range append([]policy.File{source}, libraries...) {
		fmt.Fprintf(h, "%d %s %d %s ", len(f.Name), f.Name, len(f.Text), f.Text)
	}
	h.Write(config)
	return [sha256.Size]byte(h.Sum(nil))
}

// maxLibraries bounds the modules that one policy is compiled with.
const maxLibraries = 50

func (e *Engine) compile(source policy.File, libraries []policy.File, config json.RawMessage) (*Program, error) {
	refuse := func(err error) (*Program, error) {
		return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "compile policy", Subject: source.Name, Hint: "mend the policy", Err: err}
	}
	m, err := Parse(source)
	if err != nil {
		return nil, err
	}
	if !m.IsPolicy() {
		return refuse(fmt.Errorf("its package is %s, and that of a policy is %s or %s", m.Package, ScoutPackage, OwnPackage))
	}
	if rule := needed(m); rule != "" {
		return refuse(fmt.Errorf("it has no %s: a policy has pass, which is true where it is met, and the set violation", rule))
	}
	if len(libraries) > maxLibraries {
		return refuse(fmt.Errorf("it comes with %d libraries, and the most are %d", len(libraries), maxLibraries))
	}
	modules := []*Module{m}
	for _, f := range libraries {
		l, err := Parse(f)
		if err != nil {
			return nil, err
		}
		modules = append(modules, l)
	}
	if what := tooLarge(modules); what != "" {
		return refuse(errors.New(what))
	}
	p := &Program{engine: e, meta: m.Meta, pkg: m.Package, text: source.Name}
	calls, plain, err := link(modules, false)
	if err != nil {
		return refuse(err)
	}
	p.timed = calls["time.now_ns"] > 0
	for _, m := range modules {
		p.kev = p.kev || strings.Contains(m.text, "cisa_exploited")
	}
	data, err := configured(config)
	if err != nil {
		return nil, crowsnest.InField("parameters.config", err)
	}
	if p.query, err = prepare(plain, calls, m.Package, data, question); err != nil {
		return refuse(errors.New(explain(err)))
	}
	p.debug = func() (opa.PreparedEvalQuery, error) { // compiled for those who ask for it
		_, loud, err := link(modules, true)
		if err != nil {
			return opa.PreparedEvalQuery{}, err
		}
		return prepare(loud, calls, m.Package, data, question)
	}
	p.whole = func() (opa.PreparedEvalQuery, error) {
		return prepare(plain, calls, m.Package, data, "b := data.%[1]s")
	}
	return p, nil
}

// question asks for both rules, and for each as a list, which is empty where the rule has no value.
const question = "p := [x | x := data.%[1]s.pass]; v := [x | x := data.%[1]s.violation]"

// needed names the rule that a policy lacks.
func needed(m *Module) string {
	for _, name := range []string{"pass", "violation"} {
		if !slices.ContainsFunc(m.parsed.Rules, func(r *ast.Rule) bool {
			return len(r.Head.Ref()) > 0 && r.Head.Ref()[0].Value.Compare(ast.Var(name)) == 0
		}) {
			return name
		}
	}
	return ""
}

// link compiles modules together, and tells what they call by name, as count has it. With loud their print is kept.
func link(modules []*Module, loud bool) (map[string]int, *ast.Compiler, error) {
	parsed, err := byName(modules)
	if err != nil {
		return nil, nil, err
	}
	calls := make(map[string]int)
	for _, m := range modules {
		count(m.parsed, calls)
	}
	c := newCompiler(calls, loud)
	if c.Compile(parsed); c.Failed() {
		return nil, nil, errors.New(explain(c.Errors))
	}
	return calls, c, nil
}

// newCompiler returns a compiler of what policies may call.
func newCompiler(calls map[string]int, loud bool) *ast.Compiler {
	language := ast.CapabilitiesForThisVersion()
	language.Builtins, language.AllowNet = append(allowed(), declarations(missing(calls))...), []string{}
	return ast.NewCompiler().WithCapabilities(language).WithEnablePrintStatements(loud).WithDefaultRegoVersion(ast.RegoV1)
}

func byName(modules []*Module) (map[string]*ast.Module, error) {
	parsed := make(map[string]*ast.Module, len(modules))
	for _, m := range modules {
		if parsed[m.Name] != nil {
			return nil, fmt.Errorf("two files are called %s", m.Name)
		}
		parsed[m.Name] = m.parsed
	}
	return parsed, nil
}

// count notes what a module calls, with one more than the arguments it gives.
func count(m *ast.Module, calls map[string]int) {
	note := func(operator string, arguments int) {
		if calls[operator] == 0 {
			calls[operator] = arguments + 1
		}
	}
	ast.NewGenericVisitor(func(x any) bool {
		switch x := x.(type) {
		case *ast.Expr:
			if x.IsCall() {
				note(x.Operator().String(), len(x.Operands()))
			}
		case ast.Call:
			note(x[0].String(), len(x)-1)
		}
		return false
	}).Walk(m)
}

// missing are the functions that are called and not answered here, with how many arguments they are given.
func missing(calls map[string]int) map[string]int {
	out := make(map[string]int)
	for name := range absent {
		if n := calls[name]; n > 0 {
			out[name] = n - 1
		}
	}
	return out
}

// configured is the document that policies read as data.
func configured(config json.RawMessage) (map[string]any, error) {
	refuse := func(why string) (map[string]any, error) {
		return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read configuration of policy", Hint: "write a JSON object", Err: errors.New(why)}
	}
	var v any = object{}
	if len(config) > 0 {
		d := json.NewDecoder(strings.NewReader(string(config)))
		d.UseNumber()
		if err := d.Decode(&v); err != nil {
			return refuse("it is not JSON")
		}
	}
	if v == nil {
		v = object{}
	}
	if _, ok := v.(object); !ok {
		return refuse("it is no object")
	}
	if !reckonable(v) {
		return refuse("it has a number of too many digits")
	}
	return map[string]any{"config": v}, nil
}

func prepare(c *ast.Compiler, calls map[string]int, pkg string, data map[string]any, query string) (opa.PreparedEvalQuery, error) {
	options := append(options(missing(calls)), opa.Compiler(c), opa.Query(fmt.Sprintf(query, pkg)), opa.Store(inmem.NewFromObject(data)),
		opa.GenerateJSON(func(t *ast.Term, _ *opa.EvalContext) (any, error) { return t, nil })) // what it says is bounded before it is converted
	return opa.New(options...).PrepareForEval(context.Background())
}
