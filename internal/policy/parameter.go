package policy

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
)

// Bounds of parameters.
const (
	maxListed = 500  // of a list
	maxText   = 512  // bytes of one of a list
	maxDays   = 3650 // ten years
)

// short is a text of somebody's as it is shown in an error.
func short(s string) string {
	if len(s) > 60 {
		s = strings.ToValidUTF8(s[:60], "") + "…"
	}
	return s
}

// parameterError says in words what JSON could not read.
func parameterError(id string, err error) error {
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong) && wrong.Field != "":
		return wrongParameter{short(wrong.Field), "cannot be a " + wrong.Value}
	case strings.HasPrefix(err.Error(), "json: unknown field "):
		return fmt.Errorf("it has no parameter %s; %s", short(strings.TrimPrefix(err.Error(), "json: unknown field ")), known(id))
	}
	var own *crowsnest.Error
	if errors.As(err, &own) {
		return fmt.Errorf("%q: %s", short(own.Subject), own.Hint)
	}
	return errors.New("write them as a JSON object")
}

// known names the parameters of a type.
func known(id string) string {
	t, err := Find(id)
	if err != nil {
		return err.Error()
	}
	var m map[string]json.RawMessage
	if json.Unmarshal(t.Default().Parameters(), &m) != nil || len(m) == 0 {
		return "it has none"
	}
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return "it has " + strings.Join(names, ", ")
}

// wrongParameter is what is wrong with one parameter.
type wrongParameter struct{ name, what string }

// Error names the parameter.
func (w wrongParameter) Error() string { return w.name + ": " + w.what }

// texts checks a list of texts and writes each once and in order.
func texts(name string, list *[]string, may *regexp.Regexp, hint string) error {
	if len(*list) > maxListed {
		return wrongParameter{name, fmt.Sprintf("give at most %d", maxListed)}
	}
	out := make([]string, 0, len(*list))
	for _, s := range *list {
		s = strings.TrimSpace(s)
		if len(s) > maxText || !may.MatchString(s) {
			return wrongParameter{name, fmt.Sprintf("%q: %s", short(s), hint)}
		}
		out = append(out, s)
	}
	slices.Sort(out)
	*list = slices.Compact(out)
	return nil
}

var (
	vulnerabilityName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*-[A-Za-z0-9.:_-]+$`)
	packageType       = regexp.MustCompile(`^[a-z][a-z0-9.+-]*$`)
	packageURL        = regexp.MustCompile(`^pkg:[a-z][a-z0-9.+-]*/[^\s\x00]+$`)
	licenceName       = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.+:-]*$`)
	imagePattern      = regexp.MustCompile(`^[A-Za-z0-9*][A-Za-z0-9*._:@/-]*$`)
)

func severities(list *[]crowsnest.Severity) error {
	if len(*list) == 0 || len(*list) > maxListed {
		return wrongParameter{"severities", "give at least one of critical, high, medium, low and unspecified"}
	}
	slices.SortFunc(*list, func(a, b crowsnest.Severity) int { return cmp.Compare(b, a) })
	*list = slices.Compact(*list)
	return nil
}

func days(name string, n int) error {
	if n < 0 || n > maxDays {
		return wrongParameter{name, fmt.Sprintf("give a number from 0 to %d", maxDays)}
	}
	return nil
}
