package bundle

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/policy"
	"github.com/crowsnest-sec/crowsnest/internal/policy/rego"
)

// Bounds of a source.
const (
	maxFiles = 500
	maxTotal = 8 << 20 // bytes of all texts
)

// Source is where policies come from.
type Source struct {
	Name    string // a path or a reference
	Files   []policy.File
	BuiltIn []BuiltIn
}

// BuiltIn is a policy of a type that is built in.
type BuiltIn struct {
	Type       string          `json:"type"`
	Name       string          `json:"name"`
	Parameters json.RawMessage `json:"parameters,omitempty"`
	Weight     *int            `json:"weight,omitempty"`
}

// Policy is one to ask.
type Policy struct {
	Name       string // by which it is configured
	Title      string
	Type       string
	Parameters json.RawMessage
	Libraries  []policy.File // that it may import
	Weight     int
	From       string // the source and, if it was written, its file
	File       policy.File
}

func unreadable(what, name, hint string, err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	return &crowsnest.Error{Kind: crowsnest.Invalid, Op: what, Subject: name, Hint: hint, Err: err}
}

// File reads one text.
func File(name string) (Source, error) {
	if IsURL(name) {
		return Source{}, &crowsnest.Error{Kind: crowsnest.Unsupported, Op: "read policy", Subject: Shown(name), Hint: "download it, look at it, and give the file", Err: errors.New("what is kept is not fetched from URLs")}
	}
	text, err := read(name)
	if err != nil {
		return Source{}, unreadable("read policy", name, "give the path of a file in Rego", err)
	}
	return Source{Name: name, Files: []policy.File{{Name: filepath.Base(name), Text: text}}}, nil
}

// IsURL reports whether a name is that of something to be fetched, and not of a file.
func IsURL(name string) bool {
	return strings.HasPrefix(name, "http://") || strings.HasPrefix(name, "https://")
}

// Shown is a name as it is shown: a URL without a user and without what follows its path, which may be secrets.
func Shown(name string) string {
	if !IsURL(name) {
		return name
	}
	u, err := url.Parse(name)
	if err != nil {
		return "a URL"
	}
	return u.Scheme + "://" + u.Host + u.EscapedPath()
}

// Fetched is File of a text that was fetched from a URL.
func Fetched(location string, text []byte) Source {
	name := Shown(location)
	return Source{Name: name, Files: []policy.File{{Name: path.Base(name), Text: string(text)}}}
}

func read(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return "", errors.Join(err, errors.New("it is not a file"))
	}
	b, err := io.ReadAll(io.LimitReader(f, policy.MaxSource+1))
	if err == nil && len(b) > policy.MaxSource {
		err = fmt.Errorf("it has more than %d bytes", policy.MaxSource)
	}
	return string(b), err
}

// Folder reads all texts in a folder and those below it. Names that begin with a dot are left out, and no link is followed.
func Folder(name string) (Source, error) {
	out, total := Source{Name: name}, 0
	err := filepath.WalkDir(name, func(at string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if at != name && strings.HasPrefix(d.Name(), ".") {
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() || filepath.Ext(at) != ".rego" {
			return nil
		}
		text, err := read(at)
		if err != nil {
			return fmt.Errorf("%s: %w", at, err)
		}
		inside, err := filepath.Rel(name, at)
		if err != nil {
			return err
		}
		out.Files = append(out.Files, policy.File{Name: filepath.ToSlash(inside), Text: text})
		if total += len(text); len(out.Files) > maxFiles || total > maxTotal {
			return fmt.Errorf("it holds more than %d files or %d MiB of them", maxFiles, maxTotal>>20)
		}
		return nil
	})
	if err == nil && len(out.Files) == 0 {
		err = errors.New("it holds no file that ends with .rego")
	}
	if err != nil {
		return Source{}, unreadable("read policies in", name, "give a folder with files in Rego", err)
	}
	return out, nil
}

// At reads a file or a folder, whichever a path names.
func At(name string) (Source, error) {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return Folder(name)
	}
	return File(name)
}

// sorted are the modules of a source by what they are.
type sorted struct {
	policies  []*rego.Module
	libraries []policy.File
	tests     []policy.File
	texts     map[string]policy.File
}

func (s Source) sort() (sorted, error) {
	out := sorted{texts: make(map[string]policy.File)}
	for _, f := range s.Files {
		m, err := rego.Parse(f)
		if err != nil {
			return out, err
		}
		out.texts[f.Name] = f
		switch {
		case m.IsTest():
			out.tests = append(out.tests, f)
		case m.IsPolicy():
			out.policies = append(out.policies, m)
		default:
			out.libraries = append(out.libraries, f)
		}
	}
	return out, nil
}

// Policies returns the policies of a source, in the order of their files. That there is none is an error.
func (s Source) Policies() ([]Policy, error) {
	parts, err := s.sort()
	if err != nil {
		return nil, err
	}
	var out []Policy
	for _, b := range s.BuiltIn {
		p, err := b.policy()
		if err != nil {
			return nil, err
		}
		p.From = s.Name
		out = append(out, p)
	}
	for _, m := range parts.policies {
		p := Policy{Name: m.Meta.Name, Title: m.Meta.Title, Type: policy.Custom, Weight: m.Meta.Weight, Libraries: parts.libraries, From: s.Name, File: parts.texts[m.Name]}
		if p.From != m.Name {
			p.From = path.Join(filepath.ToSlash(s.Name), m.Name)
		}
		if err := p.Configure(nil); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	if len(out) == 0 {
		return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "find policies in", Subject: s.Name, Hint: "a policy is of the package " + rego.ScoutPackage + " or " + rego.OwnPackage, Err: errors.New("there is none")}
	}
	return out, nil
}

// Configure gives a policy its configuration, a JSON object.
func (p *Policy) Configure(config json.RawMessage) error {
	if p.Type != policy.Custom {
		given, err := translated(p.Type, config)
		if err != nil || given == nil {
			return err
		}
		p.Parameters = given
		return nil
	}
	if config == nil {
		config = json.RawMessage(`{}`)
	}
	var err error
	p.Parameters, err = json.Marshal(map[string]any{"source": p.File.Text, "config": config})
	return err
}

// Suite is a policy with its tests.
type Suite struct {
	Policy string // its file; empty for tests of libraries
	Files  []policy.File
}

// Suites puts tests to the policies that they are of: that of the same name, foo.rego for foo_test.rego, or else the only one in the
// folder. Tests of a package that is no policy's need none.
func (s Source) Suites() ([]Suite, error) {
	parts, err := s.sort()
	if err != nil {
		return nil, err
	}
	of := make(map[string][]policy.File)
	for _, f := range parts.tests {
		about, err := parts.about(f)
		if err != nil {
			return nil, err
		}
		of[about] = append(of[about], f)
	}
	var out []Suite
	for about, tests := range of {
		suite := Suite{Policy: about, Files: slices.Concat(tests, parts.libraries)}
		if about != "" {
			suite.Files = append(suite.Files, parts.texts[about])
		}
		out = append(out, suite)
	}
	slices.SortFunc(out, func(a, b Suite) int { return strings.Compare(a.Policy, b.Policy) })
	return out, nil
}

// about names the file of the policy that a file of tests is of.
func (p sorted) about(test policy.File) (string, error) {
	m, err := rego.Parse(test)
	if err != nil {
		return "", err
	}
	pkg := strings.TrimSuffix(m.Package, "_test")
	if pkg != rego.ScoutPackage && pkg != rego.OwnPackage && !strings.HasPrefix(pkg, rego.ScoutPackage+".") && !strings.HasPrefix(pkg, rego.OwnPackage+".") {
		return "", nil
	}
	var beside []string
	for _, m := range p.policies {
		if m.Name == strings.TrimSuffix(test.Name, "_test.rego")+".rego" {
			return m.Name, nil
		}
		if path.Dir(m.Name) == path.Dir(test.Name) && m.Package == pkg {
			beside = append(beside, m.Name)
		}
	}
	if len(beside) == 1 {
		return beside[0], nil
	}
	return "", &crowsnest.Error{Kind: crowsnest.Invalid, Op: "find the policy of tests", Subject: test.Name, Hint: "call the tests of foo.rego foo_test.rego, in the same folder", Err: fmt.Errorf("there are %d that it may be", len(beside))}
}
