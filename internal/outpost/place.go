package outpost

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/registry"
)

// Place is a registry, or repositories of one, that are watched.
type Place struct {
	registry.Config
	Include, Exclude crowsnest.Globs

	Port int    // at which the registry tells of pushes; 0 is nowhere
	Hook string // the secret with which it does
}

// admits tells whether a repository that was found is watched.
func (p Place) admits(repository string) bool {
	return (len(p.Include) == 0 || p.Include.Match(repository)) && !p.Exclude.Match(repository)
}

// Keys are what a registry can be described with.
const Keys = "type, registry, api, namespace, repository, include, exclude, username, password, identity, ca, port, hook-secret"

func unreadable(what, hint string, err error) error {
	return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read " + what, Hint: hint, Err: err}
}

// ParsePlace reads a registry: its address, or key=value with commas between, of which repository, include and exclude may
// come several times. secret reads a value that may be in a file.
func ParsePlace(text string, secret func(string) (string, error)) (Place, error) {
	const what = "--registry"
	var p Place
	if !strings.Contains(text, "=") {
		text = "registry=" + text
	}
	given := map[string]string{}
	var include, exclude []string
	for part := range strings.SplitSeq(text, ",") {
		key, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		if !ok || value == "" {
			return p, unreadable(what, "write it as registry.example.com, or as type=harbor,registry=harbor.example.com,include=team/*", errors.New("there is a part without a value"))
		}
		switch key {
		case "repository":
			p.Repositories = append(p.Repositories, value)
		case "include":
			include = append(include, value)
		case "exclude":
			exclude = append(exclude, value)
		default:
			if _, twice := given[key]; twice {
				return p, unreadable(what, "", fmt.Errorf("%s is given twice", key))
			}
			if !slices.Contains(strings.Split(Keys, ", "), key) {
				return p, unreadable(what, "use "+Keys, fmt.Errorf("there is no %q", crowsnest.Text(key)))
			}
			given[key] = value
		}
	}
	var err error
	for key, into := range map[string]*string{"password": &p.Secret, "ca": &p.CA, "hook-secret": &p.Hook} {
		if given[key] != "" {
			if *into, err = secret(given[key]); err != nil {
				return p, err
			}
		}
	}
	p.Kind, p.Host, p.API, p.Namespace, p.Username = given["type"], given["registry"], given["api"], given["namespace"], given["username"]
	if p.Kind == "" {
		p.Kind = "oci"
	}
	if v := given["identity"]; v != "" {
		if p.Identity, err = strconv.ParseBool(v); err != nil {
			return p, unreadable(what, "write identity=true", errors.New("identity is neither true nor false"))
		}
	}
	if v := given["port"]; v != "" {
		if p.Port, err = strconv.Atoi(v); err != nil || p.Port < 1 || p.Port > 65535 {
			return p, unreadable(what, "write port=8090", errors.New("the port is no number from 1 to 65535"))
		}
		if p.Hook == "" {
			return p, unreadable(what, "add hook-secret=@FILE with the secret that the registry sends", errors.New("a port needs a secret, or anybody could tell of pushes"))
		}
	} else if p.Hook != "" {
		return p, unreadable(what, "add port=8090", errors.New("a secret needs a port"))
	}
	if p.Include, err = crowsnest.ParseGlobs(include); err != nil {
		return p, err
	}
	if p.Exclude, err = crowsnest.ParseGlobs(exclude); err != nil {
		return p, err
	}
	p.Config, err = registry.Complete(p.Config)
	return p, err
}

// ParseRepositories makes places of repositories by their whole names, one for each registry.
func ParseRepositories(names []string) ([]Place, error) {
	var places []Place
	for _, n := range names {
		parsed, err := name.NewRepository(n)
		if err != nil || strings.ContainsAny(n, "@ ") {
			return nil, unreadable("--repository", "write it as registry.example.com/team/web, without a tag", fmt.Errorf("%q is no repository", crowsnest.Text(n)))
		}
		cfg := registry.Config{Kind: "oci", Host: parsed.RegistryStr(), Repositories: []string{parsed.RepositoryStr()}}
		switch cfg.Host {
		case name.DefaultRegistry:
			cfg.Kind, cfg.Host = "docker-hub", ""
		case "ghcr.io":
			cfg.Kind = "ghcr"
		}
		if cfg, err = registry.Complete(cfg); err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(places, func(p Place) bool { return p.Host == cfg.Host }); i >= 0 {
			places[i].Repositories = append(places[i].Repositories, cfg.Repositories...)
			continue
		}
		places = append(places, Place{Config: cfg})
	}
	return places, nil
}

// ParseTag reads the expression that tags must fit as a whole.
func ParseTag(text string) (*regexp.Regexp, error) {
	if text == "" {
		return nil, nil
	}
	re, err := regexp.Compile(`^(?:` + text + `)$`)
	if err != nil {
		return nil, unreadable("--tag", `write a regular expression such as v[0-9].* or 1\.2\.[0-9]+`, errors.New("this is none"))
	}
	return re, nil
}
