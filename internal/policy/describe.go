package policy

import (
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
	TextsKind      = "texts" // a list of texts
)

// Parameter describes a parameter to whoever sets it.
type Parameter struct {
	Name        string
	Kind        string
	Description string
	Example     string // of one text
	// Least and Most bound the number of days, or how many are in the list.
	Least, Most int
	Longest     int // in bytes, of one text
}

// Describe lists the parameters of the type, in the order in which they are written.
func (t Type) Describe() []Parameter {
	fields := reflect.TypeOf(t.new()).Elem()
	out := make([]Parameter, fields.NumField())
	for i := range out {
		f := fields.Field(i)
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
		default:
			panic("policy: a parameter of a kind that nothing describes: " + name)
		}
		out[i] = p
	}
	return out
}
