package worker

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/policy"
	"github.com/crowsnest-sec/crowsnest/internal/policy/rego"
)

// Language asks policies in Rego.
type Language interface {
	policy.Language
	// Program is Compile with what else such a policy can be asked.
	Program(source policy.File, libraries []policy.File, config json.RawMessage) (rego.Asker, error)
}

var enabled atomic.Bool

// Enable says that this program becomes a worker when it is started with Argument: its main does, that of a test does not.
func Enable() { enabled.Store(true) }

// New returns what asks policies: in workers, or else in this process.
func New(limits rego.Limits) Language {
	if path, err := os.Executable(); err == nil && enabled.Load() {
		return NewPool(limits, path, Argument)
	}
	return inProcess{rego.New(limits)}
}

// inProcess asks policies here.
type inProcess struct{ *rego.Engine }

// Program implements Language.
func (e inProcess) Program(source policy.File, libraries []policy.File, config json.RawMessage) (rego.Asker, error) {
	return e.Engine.Program(source, libraries, config)
}

// How many workers there are at most, and how long one is waited for beyond what a policy may take twice.
const (
	maxWorkers = 2
	patience   = 5 * time.Second
)

// Pool asks policies in workers, which it starts as they are needed and keeps. It is safe for concurrent use.
type Pool struct {
	limits  rego.Limits
	command []string
	idle    chan *process // nil is one that is not started

	mu   sync.Mutex
	kept map[[sha256.Size]byte]*program
}

// NewPool returns a pool of workers that a command starts.
func NewPool(limits rego.Limits, command ...string) *Pool {
	p := &Pool{limits: limits.WithDefaults(), command: command, idle: make(chan *process, maxWorkers), kept: make(map[[sha256.Size]byte]*program)}
	for range maxWorkers {
		p.idle <- nil
	}
	return p
}

// Close ends the workers that wait. Nothing may be asked any more.
func (p *Pool) Close() {
	for range maxWorkers {
		if w := <-p.idle; w != nil {
			w.end()
		}
	}
}

// process is a worker that runs.
type process struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *json.Decoder
}

func (p *Pool) start() (*process, error) {
	cmd := exec.Command(p.command[0], p.command[1:]...)
	cmd.Env = []string{"GOMAXPROCS=2"} // and nothing of ours: there are secrets in it
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &process{cmd: cmd, in: in, out: json.NewDecoder(out)}, nil
}

// end kills a worker and waits for its end.
func (w *process) end() {
	w.cmd.Process.Kill()
	w.in.Close()
	w.cmd.Wait()
}

// errEnded is the end of a worker that did not answer.
var errEnded = errors.New("the policy was stopped: it took all that its process may")

// ask asks a worker.
func (p *Pool) ask(ctx context.Context, q question, statements func(string) ([]crowsnest.Attestation, error)) (reply, error) {
	var w *process
	select {
	case w = <-p.idle:
	case <-ctx.Done():
		return reply{}, ctx.Err()
	}
	keep := false
	defer func() {
		if !keep && w != nil {
			w.end()
			w = nil
		}
		p.idle <- w
	}()
	if w == nil {
		var err error
		if w, err = p.start(); err != nil {
			return reply{}, &crowsnest.Error{Kind: crowsnest.Unavailable, Op: "start a process for policies", Err: err}
		}
	}
	q.Limits = p.limits
	limit := time.AfterFunc(2*p.limits.Time+patience, func() { w.cmd.Process.Kill() })
	defer limit.Stop()
	stop := context.AfterFunc(ctx, func() { w.cmd.Process.Kill() })
	defer stop()
	send := json.NewEncoder(w.in)
	if err := send.Encode(q); err != nil {
		return reply{}, errEnded
	}
	for {
		var r reply
		if err := w.out.Decode(&r); err != nil {
			return reply{}, errEnded
		}
		if r.Want == nil {
			keep = true
			return r, nil
		}
		if err := send.Encode(told(*r.Want, statements)); err != nil {
			return reply{}, errEnded
		}
	}
}

func told(predicateType string, statements func(string) ([]crowsnest.Attestation, error)) attested {
	if statements == nil {
		return attested{Error: "nothing is known of them"}
	}
	list, err := statements(predicateType)
	if err != nil {
		return attested{Error: crowsnest.Reason(err)}
	}
	var out attested
	for _, a := range list {
		out.List = append(out.List, statement{a, a.Statement})
	}
	return out
}

// Compile implements policy.Language.
func (p *Pool) Compile(source policy.File, libraries []policy.File, config json.RawMessage) (policy.Program, error) {
	return p.Program(source, libraries, config)
}

// Program implements Language.
func (p *Pool) Program(source policy.File, libraries []policy.File, config json.RawMessage) (rego.Asker, error) {
	one := &program{pool: p, asked: question{Source: source, Libraries: libraries, Config: config}}
	if len(config) > 0 && !json.Valid(config) {
		return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read configuration of policy", Hint: "write a JSON object", Field: "parameters.config"}
	}
	key := keyOf(one.asked)
	p.mu.Lock()
	held := p.kept[key]
	p.mu.Unlock()
	if held != nil {
		if held.broken != nil {
			return nil, held.broken
		}
		return held, nil
	}
	r, err := p.ask(context.Background(), one.asked, nil)
	switch {
	case errors.Is(err, errEnded):
		one.broken = &crowsnest.Error{Kind: crowsnest.Invalid, Op: "compile policy", Subject: source.Name, Hint: "mend the policy", Err: errEnded}
		p.keep(key, one) // it would end every worker
		return nil, one.broken
	case err != nil:
		return nil, err
	case r.Error != nil:
		return nil, r.Error.error()
	}
	one.meta = r.Meta
	p.keep(key, one)
	return one, nil
}

func (p *Pool) keep(key [sha256.Size]byte, one *program) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.kept) >= maxKept {
		clear(p.kept)
	}
	p.kept[key] = one
}
