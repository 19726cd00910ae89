package input

import (
	"fmt"
	"io"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
)

// Parameters of a Sysdig integration, in the order they are explained in.
var Parameters = []struct{ Name, Meaning string }{
	{"region", "the region of the account, as in global.sysdig.region: us1, eu1 …; or custom"},
	{"url", "the address, with region custom only"},
	{"token", "a Risk Spotlight token; @FILE reads it from a file, - from standard input"},
	{"api-token", "a token of an API user, for the names of images not yet analysed (optional); @FILE or -"},
	{"ca", "certificates in PEM form trusted for this address, with region custom only (optional); @FILE or -"},
	{"cluster", "the name of the cluster, as in global.clusterConfig.name"},
	{"environment", "the environment that what runs there belongs to"},
	{"interval", "time between sweeps, such as 5m (optional)"},
}

// GivenParameters reads the NAME=VALUE of an integration that exists.
func GivenParameters(given []string, stdin io.Reader) (map[string]string, error) {
	values := make(map[string]string)
	for _, g := range given {
		name, value, ok := strings.Cut(g, "=")
		known := false
		for _, p := range Parameters {
			known = known || p.Name == name
		}
		if !ok || !known {
			if !ok {
				name = "" // then it is no name and may be the token itself; values are never repeated
			}
			return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read --parameter", Subject: name, Hint: "write it as NAME=VALUE with one of " + ParameterNames()}
		}
		if name == "token" || name == "api-token" || name == "ca" {
			var err error
			if value, err = Secret(value, stdin); err != nil {
				return nil, err
			}
		}
		values[name] = value
	}
	return values, nil
}

// NewParameters reads the parameters of a new integration, with those it cannot be without.
func NewParameters(given []string, stdin io.Reader) (map[string]string, error) {
	values, err := GivenParameters(given, stdin)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"region", "token", "cluster", "environment"} {
		if values[name] == "" {
			return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "configure integration", Hint: "add --parameter " + name + "=…", Err: fmt.Errorf("%s is missing", name)}
		}
	}
	return values, nil
}

// ParameterNames lists them for people.
func ParameterNames() string {
	names := make([]string, len(Parameters))
	for i, p := range Parameters {
		names[i] = p.Name
	}
	return strings.Join(names, ", ")
}
