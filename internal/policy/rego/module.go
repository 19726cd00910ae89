package rego

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/policy"
)

// The packages of policies. One below them is a policy as well.
const (
	ScoutPackage = "docker.scout"
	OwnPackage   = "crowsnest"
)

// Bounds of what a module says of itself.
const (
	maxDepth   = 100 // brackets in brackets
	maxName    = 128
	maxTitle   = 200
	maxDetails = 20
	maxWords   = 2_000 // bytes of a description

	defaultWeight = 10 // as the contract has it
)

// Module is a text in Rego that was parsed.
type Module struct {
	Name    string // of its file
	Package string // "docker.scout"
	Meta    policy.Meta

	text   string
	parsed *ast.Module
}

// IsPolicy reports whether the module is a policy, by its package.
func (m *Module) IsPolicy() bool {
	for _, p := range []string{ScoutPackage, OwnPackage} {
		if (m.Package == p || strings.HasPrefix(m.Package, p+".")) && !m.IsTest() {
			return true
		}
	}
	return false
}

// IsTest reports whether the module holds tests, by its package or by its file.
func (m *Module) IsTest() bool {
	return strings.HasSuffix(m.Package, "_test") || strings.HasSuffix(m.Name, "_test.rego")
}

// Parse reads a module. What is wrong with it is Invalid, with the lines.
func Parse(f policy.File) (*Module, error) {
	refuse := func(why string) (*Module, error) {
		return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read policy", Subject: f.Name, Hint: "mend the policy", Err: errors.New(why)}
	}
	switch {
	case len(f.Text) > policy.MaxSource:
		return nil, &crowsnest.Error{Kind: crowsnest.TooLarge, Op: "read policy", Subject: f.Name, Hint: "split it", Err: fmt.Errorf("it has %d bytes, and the most are %d", len(f.Text), policy.MaxSource)}
	case !utf8.ValidString(f.Text) || strings.ContainsRune(f.Text, 0):
		return refuse("it is not UTF-8 text")
	case tooDeep(f.Text):
		return refuse(fmt.Sprintf("it nests more than %d brackets", maxDepth))
	}
	m, err := ast.ParseModuleWithOpts(f.Name, f.Text, ast.ParserOptions{ProcessAnnotation: true, RegoVersion: ast.RegoV1})
	if err != nil {
		return refuse(explain(err))
	}
	if why := wrongNumbers(m); why != "" {
		return refuse(why)
	}
	out := &Module{Name: f.Name, Package: strings.TrimPrefix(m.Package.Path.String(), "data."), text: f.Text, parsed: m}
	if out.Meta, err = metadata(m, out.Package); err != nil {
		return refuse("its METADATA: " + err.Error())
	}
	return out, nil
}

// tooDeep reports whether brackets are nested deeper than any policy needs: parsers and compilers recurse as deep. What stands in
// strings and comments does not count.
func tooDeep(text string) bool {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '#':
			for i < len(text) && text[i] != '\n' {
				i++
			}
		case '`':
			for i++; i < len(text) && text[i] != '`'; i++ {
			}
		case '"':
			for i++; i < len(text) && text[i] != '"' && text[i] != '\n'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		case '(', '[', '{':
			if depth++; depth > maxDepth {
				return true
			}
		case ')', ']', '}':
			depth--
		}
	}
	return false
}

// A number of a few bytes can stand for one of millions of digits, which one step of arithmetic would write out.
const maxDigits = 400

var exponent = regexp.MustCompile(`[eE][+-]?0*[0-9]{4,}`)

// fits reports whether a number is one that can be reckoned with.
func fits(number string) bool { return len(number) <= maxDigits && !exponent.MatchString(number) }

func wrongNumbers(m *ast.Module) string {
	why := ""
	ast.WalkTerms(m, func(t *ast.Term) bool {
		if n, ok := t.Value.(ast.Number); ok && !fits(string(n)) && why == "" {
			why = fmt.Sprintf("line %d has a number of too many digits", line(t.Location))
		}
		return why != ""
	})
	return why
}

func line(l *ast.Location) int {
	if l == nil {
		return 0
	}
	return l.Row
}

// maxShownErrors bounds the errors of a compiler that are told.
const maxShownErrors = 5

// explain puts the errors of the parser or the compiler on one line, each with its place.
func explain(err error) string {
	var several ast.Errors
	if !errors.As(err, &several) {
		var one *ast.Error
		if !errors.As(err, &one) {
			return crowsnest.Reason(err)
		}
		several = ast.Errors{one}
	}
	var out []string
	for _, e := range several[:min(len(several), maxShownErrors)] {
		text := strings.Join(strings.Fields(e.Message), " ")
		if name := undefined.FindStringSubmatch(text); name != nil {
			if why, ok := refused(name[1]); ok {
				text = name[1] + " is not available: " + why
			}
		}
		if e.Location != nil {
			text = fmt.Sprintf("line %d: %s", e.Location.Row, text)
		}
		if len(text) > 300 {
			text = strings.ToValidUTF8(text[:300], "") + "…"
		}
		out = append(out, text)
	}
	if more := len(several) - len(out); more > 0 {
		out = append(out, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(out, "; ")
}

var undefined = regexp.MustCompile(`undefined function ([A-Za-z0-9_.]+)`)

// metadata reads what the METADATA above the package says.
func metadata(m *ast.Module, pkg string) (policy.Meta, error) {
	out := policy.Meta{Name: pkg, ResultType: policy.GenericResult, Weight: defaultWeight}
	for _, a := range m.Annotations {
		if a.Scope != "package" {
			continue
		}
		out.Title, out.Description = clip(a.Title, maxTitle), clip(a.Description, maxWords)
		if err := custom(&out, a.Custom); err != nil {
			return out, err
		}
	}
	if out.Title == "" {
		out.Title = out.Name
	}
	if out.NotMet == "" {
		out.NotMet = out.Title
	}
	return out, nil
}

func custom(out *policy.Meta, said map[string]any) error {
	text := func(key string, into *string, most int) error {
		v, ok := said[key]
		if !ok {
			return nil
		}
		s, ok := v.(string)
		if !ok || strings.TrimSpace(s) == "" || len(s) > most {
			return fmt.Errorf("custom.%s is to be a text of at most %d bytes", key, most)
		}
		*into = clip(s, most)
		return nil
	}
	if err := errors.Join(text("name", &out.Name, maxName), text("not_compliant_title", &out.NotMet, maxTitle), text("result_type", &out.ResultType, maxName)); err != nil {
		return err
	}
	if kinds := []string{policy.VulnerabilityResult, policy.LicenceResult, policy.BooleanResult, policy.GenericResult}; !slices.Contains(kinds, out.ResultType) {
		return fmt.Errorf("custom.result_type is %q, and can be %s", out.ResultType, strings.Join(kinds, ", "))
	}
	if v, ok := said["weight"]; ok {
		n, whole := wholeNumber(v)
		if !whole || n < 0 || n > policy.MaxWeight {
			return fmt.Errorf("custom.weight is to be a whole number from 0 to %d", policy.MaxWeight)
		}
		out.Weight = n
	}
	if v, ok := said["runtime"]; ok {
		if out.Runtime, ok = v.(bool); !ok {
			return errors.New("custom.runtime is to be true or false")
		}
	}
	if v, ok := said["details_order"]; ok && v != nil {
		list, ok := v.([]any)
		if !ok || len(list) > maxDetails {
			return fmt.Errorf("custom.details_order is to be a list of at most %d names", maxDetails)
		}
		for _, v := range list {
			s, ok := v.(string)
			if !ok || s == "" || len(s) > maxName {
				return errors.New("custom.details_order is to be a list of names")
			}
			if s = clip(s, maxName); !slices.Contains(out.DetailsOrder, s) {
				out.DetailsOrder = append(out.DetailsOrder, s)
			}
		}
	}
	return nil
}

// wholeNumber reads a number of YAML, whichever type its reader gives it.
func wholeNumber(v any) (int, bool) {
	switch v.(type) {
	case int, int64, uint64, float64, json.Number:
		n, err := strconv.Atoi(fmt.Sprint(v))
		return n, err == nil
	}
	return 0, false
}

// clip makes somebody's words one line of at most so many bytes.
func clip(s string, most int) string {
	s = strings.Join(strings.Fields(crowsnest.Text(s)), " ")
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
