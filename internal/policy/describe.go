package policy

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
)

// The kinds of parameters.
const (
	SeveritiesKind = "severities" // a list of severities
	FlagKind       = "flag"
	DaysKind       = "days"
	TextsKind      = "texts"  // a list of texts
	SourceKind     = "source" // the text of a policy
	ObjectKind     = "object" // of JSON
)

// Parameter describes a parameter to whoever sets it.
type Parameter struct {
	Name        string
	Kind        string
	Description string
	Example     string // of one text
	// Least and Most bound the number of days, or how many are in the list.
	Least, Most int
	Longest     int // in bytes, of one text, of a source or of an object
}

// Describe lists the parameters of the type, in the order in which they are written.
func (t Type) Describe() []Parameter {
	fields := reflect.TypeOf(t.new()).Elem()
	var out []Parameter
	for i := range fields.NumField() {
		f := fields.Field(i)
		if !f.IsExported() {
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		least, _ := strconv.Atoi(f.Tag.Get("least"))
		p := Parameter{Name: name, Description: f.Tag.Get("doc"), Example: f.Tag.Get("example"), Least: least}
		switch f.Type {
		case reflect.TypeFor[[]crowsnest.Severity]():
			p.Kind, p.Least, p.Most = SeveritiesKind, 1, maxListed
		case reflect.TypeFor[bool]():
			p.Kind = FlagKind
		case reflect.TypeFor[int]():
			p.Kind, p.Most = DaysKind, maxDays
		case reflect.TypeFor[[]string]():
			p.Kind, p.Most, p.Longest = TextsKind, maxListed, maxText
		case reflect.TypeFor[string]():
			p.Kind, p.Longest = SourceKind, MaxSource
		case reflect.TypeFor[json.RawMessage]():
			p.Kind, p.Longest = ObjectKind, maxConfig
		default:
			panic("policy: a parameter of a kind that nothing describes: " + name)
		}
		out = append(out, p)
	}
	return out
}
