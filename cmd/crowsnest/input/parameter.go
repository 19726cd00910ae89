package input

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
)

// Parameter is one of an integration.
type Parameter struct {
	Name, Meaning string
	Secret        bool // @FILE and - are read
}

// Parameters of a Sysdig integration, in the order they are explained in.
var Parameters = []Parameter{
	{"region", "the region of the account, as the agent's sysdig_endpoint.region says: us1, eu1 …; or custom", false},
	{"url", "the address, with region custom only", false},
	{"token", "a Risk Spotlight token; @FILE reads it from a file, - from standard input", true},
	{"api-token", "a token of an API user, for the names of images not yet analysed (optional); @FILE or -", true},
	{"ca", "certificates in PEM form trusted for this address, with region custom only (optional); @FILE or -", true},
	{"cluster", "the name of the cluster, as the agent's cluster_config.name says", false},
	{"environment", "the environment that what runs there belongs to", false},
	{"interval", "time between sweeps, such as 5m (optional)", false},
	{"analyse", "true: analyse what runs there by itself, where a connected registry has it (optional)", false},
}

// RegistryParameters are those of a connected registry.
var RegistryParameters = []Parameter{
	{"kind", "oci (the default), docker-hub, ghcr, gitlab, harbor, quay, artifactory, nexus, ecr, gar or acr", false},
	{"host", "the address, such as registry.example.com:5000; not for docker-hub and ghcr", false},
	{"namespace", "whose repositories are listed, for docker-hub, ghcr, gitlab and quay", false},
	{"api", "the address of the registry's own API, where it is not the usual one (optional)", false},
	{"username", "the user; nothing for a registry without sign-in", false},
	{"secret", "the password or token; @FILE reads it from a file, - from standard input", true},
	{"identity", "true: in place of user and password, as who the server is in its cloud; for ecr, gar and acr (optional)", false},
	{"ca", "certificates in PEM form trusted for this registry (optional); @FILE or -", true},
	{"repositories", "the repositories, with commas, where the registry does not list them (optional)", false},
	{"include", "patterns of repositories, with commas, such as team/*: only these (optional)", false},
	{"exclude", "patterns of repositories that are left out (optional)", false},
	{"enable", "patterns of repositories that are enabled as they appear (optional)", false},
	{"interval", "time between two readings of a repository's tags, such as 5m (optional)", false},
}

// GivenParameters reads the NAME=VALUE of an integration that exists.
func GivenParameters(given []string, stdin io.Reader) (map[string]string, error) {
	return Given(Parameters, given, stdin)
}

// Given reads NAME=VALUE of known parameters.
func Given(parameters []Parameter, given []string, stdin io.Reader) (map[string]string, error) {
	values := make(map[string]string)
	for _, g := range given {
		name, value, ok := strings.Cut(g, "=")
		i := slices.IndexFunc(parameters, func(p Parameter) bool { return p.Name == name })
		if !ok || i < 0 {
			if !ok {
				name = "" // then it is no name and may be the token itself; values are never repeated
			}
			return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read --parameter", Subject: name, Hint: "write it as NAME=VALUE with one of " + Names(parameters)}
		}
		if parameters[i].Secret {
			var err error
			if value, err = Secret(value, stdin); err != nil {
				return nil, err
			}
		}
		values[name] = strings.TrimSpace(value)
	}
	return values, nil
}

// NewParameters reads the parameters of a new integration, with those it cannot be without.
func NewParameters(given []string, stdin io.Reader) (map[string]string, error) {
	values, err := GivenParameters(given, stdin)
	if err != nil {
		return nil, err
	}
	if err := Need(values, "configure integration", "region", "token", "cluster", "environment"); err != nil {
		return nil, err
	}
	return values, nil
}

// Need is an error if parameters are missing that something cannot be done without.
func Need(values map[string]string, op string, names ...string) error {
	for _, name := range names {
		if values[name] == "" {
			return &crowsnest.Error{Kind: crowsnest.Invalid, Op: op, Hint: "add --parameter " + name + "=…", Err: fmt.Errorf("%s is missing", name)}
		}
	}
	return nil
}

// Names lists parameters for people.
func Names(parameters []Parameter) string {
	names := make([]string, len(parameters))
	for i, p := range parameters {
		names[i] = p.Name
	}
	return strings.Join(names, ", ")
}

// Help explains parameters, one a line.
func Help(parameters []Parameter) string {
	var b strings.Builder
	for _, p := range parameters {
		fmt.Fprintf(&b, "  %-12s %s\n", p.Name, p.Meaning)
	}
	return b.String()
}

// List reads a list with commas.
func List(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' })
}
