package rego

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	rtm "runtime/metrics"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/metrics"
	opa "github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/topdown"
	"github.com/open-policy-agent/opa/v1/topdown/print"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/policy"
)

// Program is a compiled policy. It is safe for concurrent use.
type Program struct {
	engine *Engine
	key    [sha256.Size]byte
	meta   policy.Meta
	pkg    string
	text   string // name of its file
	timed  bool   // it asks for the time
	kev    bool   // it asks what is exploited
	query  opa.PreparedEvalQuery
	debug  func() (opa.PreparedEvalQuery, error) // the same with print
	whole  func() (opa.PreparedEvalQuery, error) // for all that its package says

	stops atomic.Int32 // how often it was stopped in a row
	until atomic.Int64 // it is not asked before; Unix microseconds
	last  atomic.Pointer[string]
}

// Meta implements policy.Program.
func (p *Program) Meta() policy.Meta { return p.meta }

// Package returns the package of the policy.
func (p *Program) Package() string { return p.pkg }

// Options say what else is wanted of an evaluation.
type Options struct {
	Print bool // what the policy prints
	Raw   bool // all that it says
}

// Outcome is what a policy says of an image.
type Outcome struct {
	policy.Result
	Pass       *bool            // as the policy has it; nil if it has no value
	Violations []map[string]any // the details of what it finds
	Bindings   map[string]any   // all that its package says, if that was wanted
	Unsaid     string           // why not all that its package says could be told
	Metrics    map[string]any   // the library's, if that was wanted
	Printed    []string         // "name#line: text", if that was wanted

	raw json.RawMessage // the whole, as another process wrote it
}

// Asker is a policy in Rego, wherever it is asked.
type Asker interface {
	policy.Program
	// Ask is Evaluate with what else is wanted. When ctx ends the evaluation does.
	Ask(ctx context.Context, f *policy.Facts, o Options) Outcome
}

// Told is an outcome that another process wrote.
func Told(r policy.Result, raw json.RawMessage, printed []string) Outcome {
	return Outcome{Result: r, raw: raw, Printed: printed}
}

// Evaluate implements policy.Program.
func (p *Program) Evaluate(f *policy.Facts) policy.Result {
	return p.Ask(context.Background(), f, Options{}).Result
}

// Ask is Evaluate with what else is wanted. When ctx ends the evaluation does.
func (p *Program) Ask(ctx context.Context, f *policy.Facts, o Options) Outcome {
	if f.Document == nil {
		return Outcome{Result: policy.Result{Reason: "it cannot be asked: " + errNoDocument.Error()}}
	}
	if until := time.UnixMicro(p.until.Load()); time.Now().Before(until) {
		return Outcome{Result: policy.Result{Reason: *p.last.Load(), Again: f.Now.Add(retry)}}
	}
	out, err := Outcome{}, p.engine.abandoned(p.key)
	if err == nil {
		if out, err = p.turn(ctx, f, o); err == errAlone {
			p.engine.abandon(p.key)
			f.Document.Made = nil // which it still has in its hands
		}
	}
	var stopped *limited
	switch {
	case err == nil:
		p.stops.Store(0)
		return out
	case errors.As(err, &stopped):
		reason := "the policy was stopped: it " + stopped.what
		p.last.Store(&reason)
		if p.stops.Add(1) >= maxStops {
			p.stops.Store(0)
			p.until.Store(time.Now().Add(pause).UnixMicro())
		}
		out.Result = policy.Result{Reason: reason, Again: f.Now.Add(retry)}
	default:
		out.Result = policy.Result{Reason: "the policy cannot say: " + clip(err.Error(), maxWords)}
	}
	return out
}

// turn waits until it is this policy's.
func (p *Program) turn(ctx context.Context, f *policy.Facts, o Options) (Outcome, error) {
	select {
	case p.engine.turns <- struct{}{}:
		defer func() { <-p.engine.turns }()
	case <-ctx.Done():
		return Outcome{}, ctx.Err()
	}
	limit := p.engine.limits.Time
	if o.Raw { // which is a second evaluation
		limit *= 2
	}
	return within(limit, func() (Outcome, error) { return p.ask(ctx, f, o) })
}

func (p *Program) ask(ctx context.Context, f *policy.Facts, o Options) (out Outcome, err error) {
	s, err := newState(f, p.kev)
	if err != nil {
		return out, err
	}
	input, err := s.input()
	if err != nil {
		return out, err
	}
	query := p.query
	if o.Print {
		if query, err = p.debug(); err != nil {
			return out, err
		}
	}
	said := &printed{name: p.meta.Name}
	measures := metrics.New()
	rows, err := p.run(ctx, query, s, input, opa.EvalMetrics(measures), opa.EvalPrintHook(said))
	out.Printed = said.lines
	if err != nil {
		return out, err
	}
	if len(rows) != 1 {
		return out, errors.New("its package says nothing")
	}
	if err := p.answer(s, rows[0].Bindings, &out); err != nil || !o.Raw {
		return out, err
	}
	out.Metrics = measures.All()
	// What no answer goes by may fail where the answer did not.
	if out.Bindings, err = p.all(ctx, s, input); err != nil {
		out.Unsaid = clip(err.Error(), maxWords)
	}
	return out, nil
}

// answer reads what the two rules say.
func (p *Program) answer(s *state, bindings opa.Vars, out *Outcome) error {
	pass, violations := first(bindings["p"]), first(bindings["v"])
	if pass != nil {
		b, ok := pass.(ast.Boolean)
		if !ok {
			return errors.New("its pass is neither true nor false")
		}
		out.Pass = new(bool)
		*out.Pass = bool(b)
	}
	list, details, err := p.found(violations)
	if err != nil {
		return err
	}
	out.Violations = details
	met := out.Pass != nil && *out.Pass
	switch {
	case met:
		fine := "it is met"
		if len(list) > 0 {
			fine = fmt.Sprintf("it is met, with %d that it lets pass", len(list))
		}
		out.Result = policy.Answer(nil, s.unknown, fine)
	case len(list) == 0 && len(s.unknown) == 0 && out.Pass == nil:
		return errors.New("its pass has no value")
	case len(list) == 0 && len(s.unknown) == 0:
		out.Result = policy.Answer([]crowsnest.Violation{{Message: p.meta.NotMet}}, nil, "")
	default:
		out.Result = policy.Answer(list, s.unknown, "")
	}
	if p.timed {
		out.Again = s.facts.Now.Add(24 * time.Hour)
	}
	return nil
}

// first is the only value of a list, nil if there is none.
func first(v any) ast.Value {
	if t, ok := v.(*ast.Term); ok {
		if list, ok := t.Value.(*ast.Array); ok && list.Len() > 0 {
			return list.Elem(0).Value
		}
	}
	return nil
}

// Bounds of what a policy says.
const (
	maxMessage = 1_000   // bytes of a message or of a remedy
	maxValue   = 500     // bytes of a value in a column
	maxSaid    = 8 << 20 // bytes of all of it
	maxLines   = 1_000   // that it prints
	maxLine    = 2_000   // bytes of one
)

// found reads the violations.
func (p *Program) found(v ast.Value) (list []crowsnest.Violation, details []map[string]any, err error) {
	var each func(func(*ast.Term))
	n := 0
	switch v := v.(type) {
	case nil:
		return nil, nil, nil
	case ast.Set:
		each, n = v.Foreach, v.Len()
	case *ast.Array:
		each, n = v.Foreach, v.Len()
	default:
		return nil, nil, errors.New("its violation is no set")
	}
	if most := p.engine.limits.Violations; n > most {
		return nil, nil, &limited{fmt.Sprintf("found more than %d violations", most)}
	}
	if weigh(v, maxSaid) > maxSaid {
		return nil, nil, &limited{fmt.Sprintf("said more than the %d MiB it may", maxSaid>>20)}
	}
	each(func(t *ast.Term) {
		one, detail := p.violation(t)
		list, details = append(list, one), append(details, detail)
	})
	return list, details, nil
}

// violation reads one of them.
func (p *Program) violation(t *ast.Term) (crowsnest.Violation, map[string]any) {
	o, ok := t.Value.(ast.Object)
	if !ok {
		return crowsnest.Violation{Message: plain(t, maxMessage)}, object{}
	}
	get := func(key string) *ast.Term { return o.Get(ast.StringTerm(key)) }
	v := crowsnest.Violation{Message: plain(get("message"), maxMessage), Remedy: plain(get("remediation"), maxMessage)}
	detail := object{}
	if d := get("detail"); d != nil {
		if columns, ok := d.Value.(ast.Object); ok {
			v.Detail = make(map[string]string)
			columns.Foreach(func(k, x *ast.Term) {
				key := plain(k, maxName)
				if len(v.Detail) < maxDetails || slices.Contains(p.meta.DetailsOrder, key) {
					v.Detail[key] = plain(x, maxValue)
					detail[key], _ = ast.JSON(x.Value)
				}
			})
		}
	}
	p.recognise(&v)
	if v.Message == "" {
		v.Message = p.meta.NotMet
	}
	return v, detail
}

// recognise takes from the columns of the contract what is known by another name here, so that it is shown, sorted and excepted alike.
func (p *Program) recognise(v *crowsnest.Violation) {
	pick := func(names ...string) string {
		for _, n := range names {
			if s := v.Detail[n]; s != "" {
				return s
			}
		}
		return ""
	}
	switch p.meta.ResultType {
	case policy.VulnerabilityResult:
		v.Package, v.Vulnerability = pick("purl", "package"), pick("vulnerability", "cve", "id")
		v.FixedVersion = pick("fixedBy", "fixed_by", "fixedVersion")
		v.Severity, _ = crowsnest.ParseSeverity(strings.ToLower(pick("severity")))
	case policy.LicenceResult:
		v.Package, v.Licence = pick("purl", "package"), pick("license", "licenses", "licence")
	}
}

// plain writes a value as text of at most so many bytes: texts as they are, lists with commas.
func plain(t *ast.Term, most int) string {
	if t == nil {
		return ""
	}
	switch v := t.Value.(type) {
	case ast.Null:
		return ""
	case ast.String:
		return clip(string(v), most)
	case *ast.Array:
		return joinedPlain(v.Foreach, most)
	case ast.Set:
		return joinedPlain(v.Foreach, most)
	}
	if weigh(t.Value, 10*most) > 10*most {
		return "…"
	}
	return clip(t.Value.String(), most)
}

func joinedPlain(each func(func(*ast.Term)), most int) string {
	var parts []string
	n := 0
	each(func(t *ast.Term) {
		if n <= most {
			s := plain(t, most)
			parts, n = append(parts, s), n+len(s)+2
		}
	})
	return clip(strings.Join(parts, ", "), most)
}

// all is all that the package says.
func (p *Program) all(ctx context.Context, s *state, input ast.Value) (map[string]any, error) {
	query, err := p.whole()
	if err != nil {
		return nil, err
	}
	rows, err := p.run(ctx, query, s, input)
	if err != nil || len(rows) != 1 {
		return nil, err
	}
	t, ok := rows[0].Bindings["b"].(*ast.Term)
	if !ok {
		return nil, nil
	}
	if weigh(t.Value, maxSaid) > maxSaid {
		return nil, &limited{fmt.Sprintf("said more than the %d MiB it may", maxSaid>>20)}
	}
	v, err := ast.JSON(t.Value)
	if err != nil {
		return nil, err
	}
	out, _ := v.(object)
	return out, nil
}

// run evaluates a query within the limits. What it ends by is a limited if it took more than it may.
func (p *Program) run(ctx context.Context, query opa.PreparedEvalQuery, s *state, input ast.Value, more ...opa.EvalOption) (rows opa.ResultSet, err error) {
	ctx, cancel := context.WithCancelCause(context.WithValue(ctx, stateKey{}, s))
	defer cancel(nil)
	stop := p.engine.watch(cancel)
	defer stop()
	options := append(more, opa.EvalParsedInput(input), opa.EvalTime(s.facts.Now), opa.EvalSortSets(true))
	rows, err = query.Eval(ctx, options...)
	if err == nil {
		return rows, nil
	}
	var stopped *limited
	switch cause := context.Cause(ctx); {
	case errors.As(cause, &stopped):
		return nil, stopped
	case s.stop != nil:
		return nil, s.stop
	case errors.As(err, &stopped):
		return nil, stopped
	case cancelled(err):
		return nil, errors.New("nobody waits for it any more")
	}
	return nil, errors.New(reason(err))
}

func cancelled(err error) bool { return topdown.IsCancel(err) }

// reason puts an error of the evaluation into words.
func reason(err error) string {
	var e *topdown.Error
	if errors.As(err, &e) {
		if e.Location != nil {
			return fmt.Sprintf("line %d: %s", e.Location.Row, e.Message)
		}
		return e.Message
	}
	return err.Error()
}

// How often the heap is looked at, and after which time what was garbage when an evaluation began is taken off: most have ended by then.
const (
	glance = 5 * time.Millisecond
	settle = 100 * time.Millisecond
)

const heapObjects = "/memory/classes/heap/objects:bytes"

// watch cancels an evaluation that takes more time or memory than it may, until it is stopped.
func (e *Engine) watch(cancel context.CancelCauseFunc) (stop func()) {
	slow := time.AfterFunc(e.limits.Time, func() { cancel(&limited{fmt.Sprintf("took longer than the %s it may", e.limits.Time)}) })
	done := e.watchMemory(cancel)
	return func() {
		slow.Stop()
		done()
	}
}

// watchMemory is watch for the memory alone. What the heap grows by may be of others; it is looked at again without what is garbage before anybody is blamed.
func (e *Engine) watchMemory(cancel context.CancelCauseFunc) (stop func()) {
	before, began, settled, done := heap(), time.Now(), false, make(chan struct{})
	go func() {
		t := time.NewTicker(glance)
		defer t.Stop()
		for {
			select {
			case <-done:
				return
			case <-t.C:
			}
			if !settled && time.Since(began) > settle {
				runtime.GC()
				before, settled = min(before, heap()), true
			}
			if heap() <= before+e.limits.Memory {
				continue
			}
			if runtime.GC(); heap() > before+e.limits.Memory {
				cancel(&limited{fmt.Sprintf("took more than the %d MiB of memory it may", e.limits.Memory>>20)})
				return
			}
		}
	}()
	return func() { close(done) }
}

func heap() uint64 {
	sample := []rtm.Sample{{Name: heapObjects}}
	rtm.Read(sample)
	if sample[0].Value.Kind() != rtm.KindUint64 {
		return 0
	}
	return sample[0].Value.Uint64()
}

// printed gathers what a policy prints.
type printed struct {
	name  string
	lines []string
}

// Print implements print.Hook.
func (p *printed) Print(c print.Context, text string) error {
	if len(p.lines) < maxLines {
		p.lines = append(p.lines, fmt.Sprintf("%s#%d: %s", p.name, line(c.Location), clip(text, maxLine)))
	}
	return nil
}

// MarshalJSON writes an outcome the way it is written for those who look into a policy.
func (o Outcome) MarshalJSON() ([]byte, error) {
	if o.raw != nil {
		return o.raw, nil
	}
	out := object{"pass": o.Pass, "violations": o.Violations, "status": o.Status.String(), "reason": o.Reason}
	if o.Violations == nil {
		out["violations"] = []any{}
	}
	if o.Bindings != nil {
		out["bindings"] = o.Bindings
	}
	if o.Unsaid != "" {
		out["unsaid"] = o.Unsaid
	}
	if o.Metrics != nil {
		out["metrics"] = o.Metrics
	}
	return json.Marshal(out)
}
