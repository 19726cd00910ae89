package worker

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"runtime/debug"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/policy"
	"github.com/crowsnest-sec/crowsnest/internal/policy/rego"
)

// Argument makes a worker of the program that is started with it alone.
const Argument = "policy-worker"

// maxStack ends a worker before it takes much: whatever needs more does not end well anyhow.
const maxStack = 256 << 20

// Main is all that a worker does. It returns when nobody asks any more.
func Main() {
	debug.SetMaxStack(maxStack)
	// Where memory runs out, it is a worker that the kernel should end; where it has no such file, it decides by itself.
	os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0)
	if err := serve(os.Stdin, os.Stdout); err != nil {
		os.Exit(1)
	}
}

// serve answers questions until there are no more.
func serve(in io.Reader, out io.Writer) error {
	lines, answers := json.NewDecoder(in), bufio.NewWriter(out)
	var engine *rego.Engine
	say := func(r reply) error {
		if err := json.NewEncoder(answers).Encode(r); err != nil {
			return err
		}
		return answers.Flush()
	}
	for {
		var q question
		if err := lines.Decode(&q); err != nil {
			if err == io.EOF {
				return nil
			}
			return err
		}
		if engine == nil {
			engine = rego.New(q.Limits)
		}
		r, err := answer(engine, q, func(predicateType string) (a attested, err error) {
			if err = say(reply{Want: &predicateType}); err == nil {
				err = lines.Decode(&a)
			}
			return a, err
		})
		if err != nil {
			return err
		}
		if err := say(r); err != nil {
			return err
		}
	}
}

func answer(engine *rego.Engine, q question, want func(string) (attested, error)) (reply, error) {
	p, err := engine.Program(q.Source, q.Libraries, q.Config)
	if err != nil {
		return reply{Error: refused(err)}, nil
	}
	r := reply{Meta: p.Meta()}
	if q.Facts == nil {
		return r, nil
	}
	f := q.Facts
	for i := range f.Findings {
		f.Findings[i].Sought = f.Findings[i].Package.Sought()
	}
	if q.Image != nil {
		f.Document = &policy.Document{Image: *q.Image, Packages: q.Packages, Statements: func(predicateType string) ([]crowsnest.Attestation, error) {
			a, err := want(predicateType)
			if err == nil && a.Error != "" {
				err = errors.New(a.Error)
			}
			var out []crowsnest.Attestation
			for _, s := range a.List {
				s.Statement = s.Said
				out = append(out, s.Attestation)
			}
			return out, err
		}}
	}
	said := p.Ask(context.Background(), f, q.Options)
	r.Result, r.Printed = said.Result, said.Printed
	if q.Options.Raw {
		r.Raw, err = json.Marshal(said)
	}
	return r, err
}

func refused(err error) *refusal {
	var e *crowsnest.Error
	if !errors.As(err, &e) {
		return &refusal{Kind: crowsnest.Invalid, Op: "compile policy", Why: err.Error()}
	}
	out := &refusal{Kind: e.Kind, Op: e.Op, Subject: e.Subject, Hint: e.Hint, Field: e.Field}
	if e.Err != nil {
		out.Why = e.Err.Error()
	}
	return out
}

func (r *refusal) error() error {
	out := &crowsnest.Error{Kind: r.Kind, Op: r.Op, Subject: r.Subject, Hint: r.Hint, Field: r.Field}
	if r.Why != "" {
		out.Err = errors.New(r.Why)
	}
	return out
}
