package bundle

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/policy"
)

// Config says of policies whether they are asked, with what weight, and with which configuration. Its form is Docker Scout's.
type Config struct {
	Debug    bool         `json:"debug"` // what policies print is shown
	Policies []Configured `json:"policies"`
}

// Configured is what is said of one policy.
type Configured struct {
	Name    string          `json:"name"`
	Enabled *bool           `json:"enabled"`
	Weight  *int            `json:"weight"`
	Config  json.RawMessage `json:"config"`
}

// MaxConfig bounds a file of configuration in bytes.
const MaxConfig = 1 << 20

// ReadConfig reads a file of configuration.
func ReadConfig(name string) (Config, error) {
	f, err := os.Open(name)
	if err != nil {
		return Config{}, unconfigured(name, err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, MaxConfig+1))
	if err == nil && len(b) > MaxConfig {
		err = fmt.Errorf("it has more than %d bytes", MaxConfig)
	}
	if err != nil {
		return Config{}, unconfigured(name, err)
	}
	return ParseConfig(name, b)
}

func unconfigured(name string, err error) error {
	return unreadable("read configuration of policies", name, `write it as {"policies": [{"name": "…", "enabled": true, "weight": 10, "config": {}}]}`, err)
}

// ParseConfig reads a configuration of that name.
func ParseConfig(name string, b []byte) (c Config, err error) {
	fail := func(err error) (Config, error) { return c, unconfigured(name, err) }
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		if field, unknown := strings.CutPrefix(err.Error(), "json: unknown field "); unknown {
			return fail(fmt.Errorf("nothing in it is called %s", field))
		}
		return fail(errors.New("it is not the JSON it should be"))
	}
	for _, p := range c.Policies {
		if p.Name == "" {
			return fail(errors.New("a policy in it has no name"))
		}
		if p.Weight != nil && (*p.Weight < 0 || *p.Weight > policy.MaxWeight) {
			return fail(fmt.Errorf("the weight of %s is not from 0 to %d", p.Name, policy.MaxWeight))
		}
	}
	return c, nil
}

// Apply leaves out the policies that are not asked and configures the others. What is said of policies that are not there is returned by
// name.
func (c Config) Apply(list []Policy) (out []Policy, unknown []string, err error) {
	used := make([]bool, len(c.Policies))
	for _, p := range list {
		asked := true
		for i, said := range c.Policies {
			if said.Name != p.Name && said.Name != p.Title && scoutNames[said.Name] != p.Type {
				continue
			}
			used[i] = true
			if said.Enabled != nil {
				asked = *said.Enabled
			}
			if said.Weight != nil {
				p.Weight = *said.Weight
			}
			if said.Config != nil {
				if err := p.Configure(said.Config); err != nil {
					return nil, nil, crowsnest.InField("config", err)
				}
			}
		}
		if asked {
			out = append(out, p)
		}
	}
	for i, said := range c.Policies {
		if !used[i] {
			unknown = append(unknown, said.Name)
		}
	}
	return out, unknown, nil
}

// BuiltIns are the policies that every organisation begins with.
func BuiltIns() []BuiltIn {
	var out []BuiltIn
	for _, t := range policy.Types() {
		if t.ID != policy.Custom {
			out = append(out, BuiltIn{Type: t.ID, Name: t.Name, Parameters: t.Default().Parameters(), Weight: &t.Weight})
		}
	}
	return out
}

func (b BuiltIn) policy() (Policy, error) {
	rule, err := policy.Parse(b.Type, b.Parameters)
	if err != nil {
		return Policy{}, err
	}
	p := Policy{Name: b.Type, Title: b.Name, Type: b.Type, Parameters: rule.Parameters(), Weight: rule.Type.Weight}
	if p.Title == "" || len(p.Title) > maxTitle {
		p.Title = rule.Type.Name
	}
	if b.Weight != nil {
		p.Weight = min(max(*b.Weight, 0), policy.MaxWeight)
	}
	return p, nil
}

const maxTitle = 200

// scoutNames are the names that Docker Scout gives to policies that are built in here as well.
var scoutNames = map[string]string{
	"fixable-vulnerabilities": policy.Fixable, "high-profile-vulnerabilities": policy.HighProfile, "copyleft-license": policy.Licences, "no-copyleft-licenses": policy.Licences,
	"no-stale-base-images": policy.Outdated, "approved-base-images": policy.Approved, "supply-chain-attestations": policy.Attested, "default-non-root-user": policy.NonRoot,
}

// scoutKeys are the names that it gives to their parameters.
var scoutKeys = map[string]map[string]string{
	policy.Fixable:     {"fixable_only": "fixableOnly", "package_types": "packageTypes", "grace_period_days": "ageDays"},
	policy.HighProfile: {"ignored_cves": "excludedCves", "include_cisa_kev": "knownExploited"},
	policy.Licences:    {"licenses": "licences", "ignored_packages": "allowedPackages"},
	policy.Approved:    {"allowed_base_images": "patterns", "allowed_distros_only": "supportedDistributions"},
}

// foreign are parameters of Docker Scout's that policies here do not have, and what they go by instead.
var foreign = map[string]string{
	"allowed_distros":       "which releases are still fixed is known here; leave it out",
	"required_attestations": "an SBOM and full provenance are asked for; write a policy in Rego for others",
}

// translated writes a configuration as the parameters of a type; nil if there is none.
func translated(typ string, config json.RawMessage) (json.RawMessage, error) {
	if config == nil {
		return nil, nil
	}
	fail := func(key, hint string) (json.RawMessage, error) {
		return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "configure policy", Subject: typ, Hint: hint, Err: fmt.Errorf("%s cannot be used", key)}
	}
	var given map[string]json.RawMessage
	if err := json.Unmarshal(config, &given); err != nil {
		return fail("config", "write a JSON object")
	}
	out := make(map[string]json.RawMessage, len(given))
	for key, value := range given {
		if hint, no := foreign[key]; no {
			return fail(key, hint)
		}
		name := key
		if own := scoutKeys[typ][key]; own != "" {
			name = own
		}
		if name == "severities" {
			value = lower(value)
		}
		out[name] = value
	}
	b, err := json.Marshal(out)
	if err != nil {
		return nil, err
	}
	rule, err := policy.Parse(typ, b)
	if err != nil {
		return nil, err
	}
	return rule.Parameters(), nil
}

// lower writes the severities of a list as they are written here.
func lower(list json.RawMessage) json.RawMessage {
	var words []string
	if json.Unmarshal(list, &words) != nil {
		return list
	}
	words = slices.Clone(words)
	for i := range words {
		words[i] = strings.ToLower(words[i])
	}
	b, err := json.Marshal(words)
	if err != nil {
		return list
	}
	return b
}
