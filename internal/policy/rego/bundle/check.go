package bundle

import (
	"context"
	"errors"
	"slices"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/policy"
	"github.com/crowsnest-sec/crowsnest/internal/policy/rego"
)

// Checked is Policies, each of which was compiled.
func Checked(s Source) ([]Policy, error) {
	list, err := s.Policies()
	if err != nil {
		return nil, err
	}
	engine := rego.New(rego.Limits{})
	for _, p := range list {
		if p.Type != policy.Custom {
			continue
		}
		if _, err := engine.Compile(p.File, p.Libraries, nil); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// WithoutTests leaves out the tests.
func (s Source) WithoutTests() Source {
	parts, err := s.sort()
	if err != nil {
		return s
	}
	s.Files = slices.DeleteFunc(slices.Clone(s.Files), func(f policy.File) bool {
		return slices.ContainsFunc(parts.tests, func(t policy.File) bool { return t.Name == f.Name })
	})
	return s
}

// Test runs the tests in files and folders. That there is none is an error.
func Test(ctx context.Context, paths []string) ([]rego.Tested, error) {
	engine := rego.New(rego.Limits{})
	var out []rego.Tested
	for _, name := range paths {
		source, err := At(name)
		if err != nil {
			return nil, err
		}
		suites, err := source.Suites()
		if err != nil {
			return nil, err
		}
		for _, s := range suites {
			tested, err := engine.Test(ctx, s.Files)
			if err != nil {
				return nil, err
			}
			out = append(out, tested...)
		}
	}
	if len(out) == 0 {
		return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "find tests in", Subject: paths[0], Hint: "tests are rules that begin with test_, in files that end with _test.rego", Err: errors.New("there are none")}
	}
	return out, ctx.Err()
}

// Failed reports whether a test did not pass.
func Failed(t rego.Tested) bool { return !t.Passed && !t.Skipped }
