package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// built holds what the tests build once; TestMain removes it.
var built string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "crowsnest-e2e-*")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	built = dir
	flag.Parse()
	if !slices.ContainsFunc(os.Args, func(arg string) bool { return strings.Contains(arg, "test.parallel") }) {
		// Most tests wait for other processes most of the time.
		flag.Set("test.parallel", "8")
	}
	code := m.Run()
	for _, s := range sharedServers {
		s.stop()
	}
	os.RemoveAll(dir)
	os.Exit(code)
}

// program builds the command and returns its path. It is built without the race
// detector and without further settings, so that "go vet" has compiled most of it already.
var program = sync.OnceValues(func() (string, error) {
	path := filepath.Join(built, "crowsnest")
	return path, goBuild("../..", path, "./cmd/crowsnest")
})

// goBuild runs go build in a folder.
func goBuild(dir, output string, args ...string) error {
	cmd := exec.Command("go", append([]string{"build", "-buildvcs=false", "-o", output}, args...)...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("build: %w\n%s", err, out)
	}
	return nil
}

// TestProgramIsBuilt comes before all parallel tests, so that none of them has
// servers waiting while the command is being built.
func TestProgramIsBuilt(t *testing.T) {
	if out := newMachine(t).ok(t, "version"); !strings.HasPrefix(out, "crowsnest ") {
		t.Errorf("version prints %q", out)
	}
	got(goProgram())(t)
}

// machine is a person's machine: a home folder and what is set in the shell.
type machine struct {
	home string
	vars []string
}

func newMachine(t testing.TB, vars ...string) machine {
	t.Helper()
	return machine{t.TempDir(), vars}
}

// at is a new machine that is told of a server.
func at(t testing.TB, s *server) machine {
	t.Helper()
	return newMachine(t, "CROWSNEST_SERVER="+s.url, "CROWSNEST_TOKEN="+s.token)
}

// outcome is what a call of the command left behind.
type outcome struct {
	stdout, stderr string
	code           int
}

// command prepares a call that ends with c. Nothing of the real environment reaches
// it but the search path.
func (m machine) command(t testing.TB, c context.Context, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(c, got(program())(t), args...)
	cmd.Dir = m.home
	cmd.Env = append([]string{
		"HOME=" + m.home, "XDG_CACHE_HOME=" + filepath.Join(m.home, "cache"), "XDG_CONFIG_HOME=" + filepath.Join(m.home, "config"),
		"TMPDIR=" + os.TempDir(), "PATH=" + os.Getenv("PATH"), "CROWSNEST_ADVISORIES__UPDATE=false",
	}, m.vars...)
	return cmd
}

// run calls the command and returns what it did.
func (m machine) run(t testing.TB, args ...string) outcome {
	t.Helper()
	cmd := m.command(t, ctx(t), args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Errorf("crowsnest %s: %v", strings.Join(args, " "), err) // not fatal: it may run beside the test
		return outcome{stdout.String(), stderr.String(), -1}
	}
	return outcome{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// ok calls the command, which must succeed, and returns its standard output.
func (m machine) ok(t testing.TB, args ...string) string {
	t.Helper()
	o := m.run(t, args...)
	if o.code != 0 {
		t.Fatalf("crowsnest %s: code %d\n%s", strings.Join(args, " "), o.code, o.stderr)
	}
	return o.stdout
}

// json calls the command with --format json and reads what it prints, into each of the values.
func (m machine) json(t testing.TB, into any, args ...string) {
	t.Helper()
	m.jsons(t, []any{into}, args...)
}

func (m machine) jsons(t testing.TB, into []any, args ...string) {
	t.Helper()
	out := m.ok(t, append(args, "--format", "json")...)
	for _, v := range into {
		if err := json.Unmarshal([]byte(out), v); err != nil {
			t.Fatalf("crowsnest %s prints no JSON: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}

// fails calls the command, which must end with code 1, nothing on standard output
// and one sentence that holds each of the words.
func (m machine) fails(t testing.TB, words []string, args ...string) {
	t.Helper()
	o := m.run(t, args...)
	what := "crowsnest " + strings.Join(args, " ")
	if o.code != 1 {
		t.Errorf("%s: code %d, want 1\n%s%s", what, o.code, o.stdout, o.stderr)
		return
	}
	if o.stdout != "" {
		t.Errorf("%s: writes to standard output although it fails:\n%s", what, o.stdout)
	}
	said := spoken(o.stderr)
	oneSentence(t, what, said, words...)
	if !strings.HasPrefix(said, "crowsnest: ") {
		t.Errorf("%s: standard error does not say who speaks: %s", what, said)
	}
}

// spoken returns standard error without the lines that announce what takes more than a second.
func spoken(stderr string) string {
	var lines []string
	for line := range strings.Lines(stderr) {
		line = strings.TrimSuffix(line, "\n")
		if announced := strings.HasSuffix(line, " …") && !strings.HasPrefix(line, "crowsnest: "); !announced {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// oneSentence checks that a text is one line for people that holds each of the words.
func oneSentence(t testing.TB, what, text string, words ...string) {
	t.Helper()
	if text == "" || strings.ContainsAny(text, "\n\r\x1b") {
		t.Errorf("%s: want one line for people, got:\n%q", what, text)
	}
	if len(text) > 700 {
		t.Errorf("%s: %d bytes are no sentence: %s", what, len(text), text)
	}
	for _, machine := range []string{"%!", "<nil>", "0xc0", "goroutine", "*errors", "sql:", "unexpected EOF"} {
		if strings.Contains(text, machine) {
			t.Errorf("%s: %q is no word for people: %s", what, machine, text)
		}
	}
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s: does not say %q: %s", what, w, text)
		}
	}
}
