package repository

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	makeRule = regexp.MustCompile(`(?m)^([a-z][a-z0-9-]*)\s*:([^=\n].*)?$`)
	makeCall = regexp.MustCompile("(?:^|[\\s`;&|(])make\\s+((?:[A-Z_]+=\\S+\\s+)*)([a-z][a-z0-9-]*)")
)

// makeTargets returns the Makefile's targets, each with its help text.
func makeTargets(t *testing.T) map[string]string {
	t.Helper()
	targets := map[string]string{}
	for _, rule := range makeRule.FindAllStringSubmatch(read(t, "Makefile"), -1) {
		_, help, _ := strings.Cut(rule[2], "## ")
		targets[rule[1]] = help
	}
	return targets
}

func TestMakeTargetsHaveHelp(t *testing.T) {
	targets := makeTargets(t)
	for target, help := range targets {
		if help == "" {
			t.Errorf("Makefile: target %s has no help text; write it after ##", target)
		}
	}
	for _, target := range []string{"help", "build", "demo", "test", "test-short", "bench", "lint", "fmt", "generate", "verify", "ci", "clean"} {
		if _, ok := targets[target]; !ok {
			t.Errorf("Makefile: no target %s", target)
		}
	}
}

func TestMakeTargetsInPagesExist(t *testing.T) {
	targets := makeTargets(t)
	for _, page := range pages(t) {
		for _, target := range makeCalls(read(t, page)) {
			if _, ok := targets[target]; !ok {
				t.Errorf("%s names make %s, which the Makefile does not have", page, target)
			}
		}
	}
}

// makeCalls returns the targets a page's code names.
func makeCalls(page string) []string {
	var targets []string
	for _, part := range code(page) {
		for _, call := range makeCall.FindAllStringSubmatch(part, -1) {
			targets = append(targets, call[2])
		}
	}
	return targets
}

func TestMakeCallsAreFound(t *testing.T) {
	const page = "We make sure `make test` works, `BENCH=x make bench BENCH=y` too.\n```sh\ngit pull && make VERSION=1 build\ncmake no\n```\n"
	got := strings.Join(makeCalls(page), " ")
	if want := "build test bench"; got != want {
		t.Errorf("targets %q, want %q", got, want)
	}
}

func TestScriptsCanBeRun(t *testing.T) {
	found := 0
	for _, name := range trackedFiles(t) {
		if !strings.HasPrefix(read(t, name), "#!") {
			continue
		}
		found++
		info, err := os.Stat(filepath.Join(root(t), name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode()&0o111 == 0 {
			t.Errorf("%s begins with #! but is not executable", name)
		}
	}
	if found < 3 {
		t.Errorf("found %d scripts, too few to be this repository", found)
	}
}

func TestLicenceIsApache(t *testing.T) {
	licence := read(t, "LICENSE")
	for _, want := range []string{"Apache License", "Version 2.0, January 2004", "END OF TERMS AND CONDITIONS"} {
		if !strings.Contains(licence, want) {
			t.Errorf("LICENSE does not say %q", want)
		}
	}
}
