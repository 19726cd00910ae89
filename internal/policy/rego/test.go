package rego

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/policy"
)

// Tested is what came of one test of a policy.
type Tested struct {
	File    string        `json:"file"`
	Line    int           `json:"line"`
	Name    string        `json:"name" doc:"With its package"`
	Passed  bool          `json:"passed"`
	Skipped bool          `json:"skipped,omitempty"`
	Error   string        `json:"error,omitempty" doc:"Why it could not be told"`
	Printed string        `json:"printed,omitempty"`
	Took    time.Duration `json:"tookNs"`
}

// Test runs the tests in some modules, one after the other and within the limits of an evaluation. Tests begin with test_, and replace with "with"
// what a function would answer of an image. Those that begin with todo_test_ are skipped.
func (e *Engine) Test(ctx context.Context, files []policy.File) ([]Tested, error) {
	var modules []*Module
	for _, f := range files {
		m, err := Parse(f)
		if err != nil {
			return nil, err
		}
		modules = append(modules, m)
	}
	calls := make(map[string]int)
	for _, m := range modules {
		count(m.parsed, calls)
	}
	compiler := newCompiler(calls, true)
	var builtins []*tester.Builtin
	declared := declarations(missing(calls))
	for i, option := range options(missing(calls)) {
		builtins = append(builtins, &tester.Builtin{Decl: declared[i], Func: option})
	}
	parsed, err := byName(modules)
	if err != nil {
		return nil, err
	}
	if what := tooLarge(modules); what != "" {
		return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "compile policies and tests", Hint: "mend them", Err: errors.New(what)}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	runner := tester.NewRunner().SetCompiler(compiler).AddCustomBuiltins(builtins).CapturePrintOutput(true).SetTimeout(e.limits.Time).SetParallel(1).
		SetStore(inmem.NewFromObject(map[string]any{"config": map[string]any{}})).SetModules(parsed)
	results, err := runner.RunTests(ctx, nil)
	if err != nil {
		return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "compile policies and tests", Hint: "mend them", Err: errors.New(explain(err))}
	}
	stop := e.watchMemory(cancel)
	defer stop()
	var out []Tested
	for r := range results {
		t := Tested{Name: fmt.Sprintf("%s.%s", r.Package, r.Name), Passed: r.Pass(), Skipped: r.Skip, Printed: clip(string(r.Output), maxLine), Took: r.Duration}
		if r.Location != nil {
			t.File, t.Line = r.Location.File, r.Location.Row
		}
		if r.Error != nil {
			t.Error = clip(e.why(ctx, r.Error), maxWords)
		}
		out = append(out, t)
	}
	return out, nil
}

// why says what a test ended by.
func (e *Engine) why(ctx context.Context, err error) string {
	var stopped *limited
	switch {
	case errors.As(context.Cause(ctx), &stopped), errors.As(err, &stopped):
		return "it was stopped: it " + stopped.what
	case cancelled(err):
		return fmt.Sprintf("it was stopped: it took longer than the %s it may", e.limits.Time)
	}
	return reason(err)
}
