package worker

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/policy"
	"github.com/crowsnest-sec/crowsnest/internal/policy/rego"
)

// A policy that ended its worker so often in a row is not asked for a while.
const (
	maxEnds = 3
	pause   = 10 * time.Minute
	retry   = time.Hour // after which an image is asked about again
	maxKept = 256
)

// program is a policy that workers are asked about.
type program struct {
	pool  *Pool
	asked question
	meta  policy.Meta

	broken error // why it cannot be compiled, if that ends a worker

	mu    sync.Mutex
	ends  int
	until time.Time // it is not asked before
}

func keyOf(q question) [sha256.Size]byte {
	b, err := json.Marshal(q)
	if err != nil {
		panic("worker: a question that JSON cannot write: " + err.Error())
	}
	return sha256.Sum256(b)
}

// Meta implements policy.Program.
func (p *program) Meta() policy.Meta { return p.meta }

// Evaluate implements policy.Program.
func (p *program) Evaluate(f *policy.Facts) policy.Result {
	return p.Ask(context.Background(), f, rego.Options{}).Result
}

// Ask implements rego.Asker.
func (p *program) Ask(ctx context.Context, f *policy.Facts, o rego.Options) rego.Outcome {
	if p.paused() {
		return rego.Outcome{Result: policy.Result{Reason: errEnded.Error(), Again: f.Now.Add(retry)}}
	}
	q, facts := p.asked, *f
	facts.Document, q.Facts, q.Options = nil, &facts, o
	var statements func(string) ([]crowsnest.Attestation, error)
	if d := f.Document; d != nil {
		q.Image, q.Packages, statements = &d.Image, d.Packages, d.Statements
	}
	r, err := p.pool.ask(ctx, q, statements)
	switch {
	case errors.Is(err, errEnded) && ctx.Err() == nil:
		p.note(true)
		return rego.Outcome{Result: policy.Result{Reason: errEnded.Error(), Again: f.Now.Add(retry)}}
	case err != nil:
		return rego.Outcome{Result: policy.Result{Reason: "the policy cannot be asked: " + err.Error(), Again: f.Now.Add(time.Minute)}}
	case r.Error != nil:
		return rego.Outcome{Result: policy.Result{Reason: "the policy cannot be asked: " + r.Error.error().Error()}}
	}
	p.note(false)
	return rego.Told(r.Result, r.Raw, r.Printed)
}

func (p *program) paused() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Now().Before(p.until)
}

func (p *program) note(ended bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !ended {
		p.ends = 0
		return
	}
	if p.ends++; p.ends >= maxEnds {
		p.ends, p.until = 0, time.Now().Add(pause)
	}
}
