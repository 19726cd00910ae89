// Package config reads the configuration: defaults, then a YAML file, then
// CROWSNEST_… variables, then flags. Nothing else reads the environment.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/epss"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/kev"
	"github.com/crowsnest-sec/crowsnest/internal/auth"
	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/providers/structs"
	"github.com/knadh/koanf/v2"
)

// Config is the whole configuration of a server.
type Config struct {
	// Listen is the address the server listens on.
	Listen string `koanf:"listen"`
	// BasePath is the path the server lives under, behind a proxy that keeps it: empty,
	// or with a slash at its beginning and none at its end.
	BasePath string `koanf:"base_path"`
	// Data is the folder of the SQLite database and the key file.
	Data string `koanf:"data"`
	// Database is a postgres:// URL or the path of a SQLite file; empty is crowsnest.db in Data.
	Database string `koanf:"database"`
	// KeyFile holds the key that seals secrets; empty is key in Data. Replicas share it.
	KeyFile string `koanf:"key_file"`
	// PublicURL is how browsers reach the server, "https://crowsnest.example.com". With
	// https, cookies are bound to TLS and to the host.
	PublicURL string `koanf:"public_url"`
	// TrustedProxies lists networks of proxies that are believed about the address of the
	// client they forward for.
	TrustedProxies []string `koanf:"trusted_proxies"`
	// FirstToken is a token for owners that the first organisation has from the start, for
	// installations that are set up by programs.
	FirstToken string `koanf:"first_token"`
	// PasswordSignIn lets people sign in with passwords. Off, only OIDC and links made at
	// the server let anybody in.
	PasswordSignIn bool `koanf:"password_sign_in"`

	OIDC     OIDC     `koanf:"oidc"`
	Exchange Exchange `koanf:"exchange"`
	Secrets  Secrets  `koanf:"secrets"`
	Egress   Egress   `koanf:"egress"`
	Analysis Analysis `koanf:"analysis"`
	Registry Registry `koanf:"registry"`
	Sweep    Sweep    `koanf:"sweep"`
	Log      Log      `koanf:"log"`

	Advisories Advisories `koanf:"advisories"`
}

// Secrets says what seals secrets in the database.
type Secrets struct {
	// Keeper is the URL of a key, as gocloud.dev/secrets writes it; empty is the key file.
	Keeper string `koanf:"keeper"`
	// Previous lists such URLs that open what was sealed before.
	Previous []string `koanf:"previous"`
}

// Egress bounds what the server connects to.
type Egress struct {
	// Allow lists networks that may be reached although they are not public:
	// "10.0.0.0/8", "127.0.0.1". Plain HTTP is possible only there.
	Allow []string `koanf:"allow"`
	// CAFile is a PEM file of certificates trusted beside the system's.
	CAFile string `koanf:"ca_file"`
	// Proxy lets HTTPS_PROXY and NO_PROXY count.
	Proxy bool `koanf:"proxy"`
}

// Prefixes returns Allow parsed.
func (e Egress) Prefixes() ([]netip.Prefix, error) { return prefixes("egress.allow", e.Allow) }

// Proxies returns TrustedProxies parsed.
func (c Config) Proxies() ([]netip.Prefix, error) {
	return prefixes("trusted_proxies", c.TrustedProxies)
}

func prefixes(setting string, list []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range list {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			addr, aerr := netip.ParseAddr(s)
			if aerr != nil {
				return nil, invalid(setting, s, `write a network as "10.0.0.0/8" or an address as "10.1.2.3"`)
			}
			p = netip.PrefixFrom(addr, addr.BitLen())
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

// Analysis bounds the analysis of images.
type Analysis struct {
	Workers  int           `koanf:"workers"`  // images at a time that people, pipelines or pushes wait for
	Backfill int           `koanf:"backfill"` // images at a time that nobody waits for, beside the others
	Layers   int           `koanf:"layers"`   // layers of one image at a time
	Timeout  time.Duration `koanf:"timeout"`  // of one image
	Limits   Limits        `koanf:"limits"`
}

// Limits are the caps of an analysis; what is 0 is inventory.DefaultLimits.
type Limits struct {
	StoredBytes       int64         `koanf:"stored_bytes"`       // of a layer as it is stored
	UncompressedBytes int64         `koanf:"uncompressed_bytes"` // of a layer
	Ratio             int64         `koanf:"ratio"`              // uncompressed bytes per stored byte
	Entries           int64         `koanf:"entries"`            // of a layer
	PathBytes         int           `koanf:"path_bytes"`
	FileBytes         int64         `koanf:"file_bytes"` // of a file that is looked into
	ArchiveBytes      int64         `koanf:"archive_bytes"`
	ArchiveDepth      int           `koanf:"archive_depth"`
	Packages          int64         `koanf:"packages"` // of a layer
	Time              time.Duration `koanf:"time"`     // for a layer
}

// LoadLimits reads the limits of an analysis on this machine, without a server: CROWSNEST_ANALYSIS__LIMITS__… in environ.
func LoadLimits(environ []string) (Limits, error) {
	cfg, err := Load("", slices.DeleteFunc(slices.Clone(environ), func(e string) bool { return !strings.HasPrefix(e, prefix+"ANALYSIS__LIMITS__") }), nil)
	return cfg.Analysis.Limits, err
}

// check refuses negative limits.
func (l Limits) check() error {
	for name, n := range map[string]int64{
		"stored_bytes": l.StoredBytes, "uncompressed_bytes": l.UncompressedBytes, "ratio": l.Ratio, "entries": l.Entries, "path_bytes": int64(l.PathBytes),
		"file_bytes": l.FileBytes, "archive_bytes": l.ArchiveBytes, "archive_depth": int64(l.ArchiveDepth), "packages": l.Packages, "time": int64(l.Time),
	} {
		if n < 0 {
			return invalid("analysis.limits."+name, fmt.Sprint(n), "use a positive number, or 0 for the default")
		}
	}
	return nil
}

// Registry bounds the looks at connected registries.
type Registry struct {
	Workers int `koanf:"workers"` // registries at a time
	// Identity lets every organisation have the server sign in to registries of its cloud as who it is there.
	Identity bool `koanf:"identity"`
}

// Variable returns a variable of the environment that is not ours, but of the cloud that says in it who the server is.
func Variable(name string) string { return os.Getenv(name) }

// Sweep says how often clusters are asked.
type Sweep struct {
	Interval time.Duration `koanf:"interval"` // of new integrations
	Workers  int           `koanf:"workers"`  // integrations at a time
	Timeout  time.Duration `koanf:"timeout"`  // of one sweep
}

// Advisories says how advisories are kept up to date.
type Advisories struct {
	// Update lets the server fetch them by itself.
	Update bool `koanf:"update"`
	// Interval is between two updates of a feed.
	Interval time.Duration `koanf:"interval"`
	// OSV is the URL of a bucket in OSV's layout, KEV of CISA's catalogue and EPSS of FIRST's scores. An empty one is not fetched.
	OSV  string `koanf:"osv"`
	KEV  string `koanf:"kev"`
	EPSS string `koanf:"epss"`
	// From is the URL of a bundle, as another server has it; then nothing else is fetched. Token lets in there.
	From  string `koanf:"from"`
	Token string `koanf:"token"`
	// VerifyKey is a public key of minisign, or a file with one: bundles must be signed by it.
	VerifyKey string `koanf:"verify_key"`
}

// Log says what is logged and how.
type Log struct {
	Level  string `koanf:"level"`  // debug, info, warn, error
	Format string `koanf:"format"` // text or json
}

// OSV is the public bucket of advisories.
const OSV = "https://osv-vulnerabilities.storage.googleapis.com"

// Default is the configuration nothing was said about.
func Default() Config {
	return Config{
		Listen: "127.0.0.1:8080", Data: defaultData(),
		PasswordSignIn: true,
		OIDC: OIDC{
			Name: "OpenID Connect", Scopes: []string{"profile", "email"}, GroupsClaim: "groups", VerifiedClaim: "email_verified",
		},
		Exchange: Exchange{Issuers: []string{"https://token.actions.githubusercontent.com", "https://gitlab.com"}},
		Analysis: Analysis{Workers: 2, Backfill: 1, Layers: 2, Timeout: 15 * time.Minute},
		Registry: Registry{Workers: 4},
		Sweep:    Sweep{Interval: 5 * time.Minute, Workers: 8, Timeout: 5 * time.Minute},
		Log:      Log{Level: "info", Format: "text"},

		Advisories: Advisories{Update: true, Interval: time.Hour, OSV: OSV, KEV: kev.URL, EPSS: epss.URL},
	}
}

func defaultData() string {
	if dir, err := os.UserConfigDir(); err == nil {
		return filepath.Join(dir, "crowsnest", "server")
	}
	return "crowsnest-data"
}

// prefix of the environment's variables; a double underscore separates sections:
// CROWSNEST_EGRESS__ALLOW. Variables of the command line client, such as
// CROWSNEST_TOKEN, name no setting and are passed over.
const prefix = "CROWSNEST_"

// Load reads the configuration. path may be empty; flags holds settings by their dotted names.
func Load(path string, environ []string, flags map[string]any) (Config, error) {
	k := koanf.New(".")
	cfg := Default()
	if err := k.Load(structs.Provider(cfg, "koanf"), nil); err != nil {
		return cfg, err
	}
	known := make(map[string]bool)
	for _, key := range k.Keys() {
		known[key] = true
	}
	if path != "" {
		given := koanf.New(".")
		if err := given.Load(file.Provider(path), yaml.Parser()); err != nil {
			hint := "it must be YAML"
			if errors.Is(err, fs.ErrNotExist) {
				hint = "check the path given with --config"
			}
			return cfg, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read configuration", Subject: path, Hint: hint, Err: err}
		}
		for _, key := range given.Keys() {
			if !known[key] {
				return cfg, invalid(key, path, "there is no such setting; see docs/operations.md")
			}
		}
		if err := k.Merge(given); err != nil {
			return cfg, err
		}
	}
	if err := k.Load(env.Provider(".", env.Opt{
		Prefix:      prefix,
		EnvironFunc: func() []string { return environ },
		TransformFunc: func(key, value string) (string, any) {
			key = strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(key, prefix)), "__", ".")
			if !known[key] {
				return "", nil
			}
			switch key {
			case "egress.allow", "trusted_proxies", "secrets.previous", "oidc.scopes", "oidc.email_domains", "exchange.issuers":
				return key, strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' })
			case "oidc.grants": // organisations and groups may have spaces in their names
				return key, strings.FieldsFunc(value, func(r rune) bool { return r == ',' })
			}
			return key, value
		},
	}), nil); err != nil {
		return cfg, err
	}
	if err := k.Load(confmap.Provider(flags, "."), nil); err != nil {
		return cfg, err
	}
	cfg = Config{}
	if err := k.Unmarshal("", &cfg); err != nil {
		return cfg, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read configuration", Hint: "durations are written as 5m or 30s", Err: errors.New(strings.Join(strings.Fields(lastLine(err.Error())), " "))}
	}
	cfg.BasePath = strings.TrimRight(cfg.BasePath, "/")
	if cfg.Database == "" {
		cfg.Database = filepath.Join(cfg.Data, "crowsnest.db")
	}
	if cfg.KeyFile == "" {
		cfg.KeyFile = filepath.Join(cfg.Data, "key")
	}
	if err := cfg.OIDC.normalise(); err != nil {
		return cfg, err
	}
	return cfg, cfg.Check()
}

// lastLine returns what the decoder says after its heading: the setting and what is wrong with it.
func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return s[strings.LastIndex(s, "\n")+1:]
}

func invalid(setting, value, hint string) error {
	return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "configuration: " + setting, Subject: value, Hint: hint}
}

// basePath needs no escaping, in an address as in HTML.
var basePath = regexp.MustCompile(`^(/[A-Za-z0-9._~-]+)+$`)

// Check refuses what cannot work.
func (c Config) Check() error {
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return invalid("listen", c.Listen, `write it as host:port, for example "127.0.0.1:8080" or ":8080"`)
	}
	if c.BasePath != "" && (!basePath.MatchString(c.BasePath) || path.Clean(c.BasePath) != c.BasePath) {
		return invalid("base_path", c.BasePath, `write it as "/crowsnest", with letters, digits and - . _ ~ between slashes`)
	}
	if _, err := c.Egress.Prefixes(); err != nil {
		return err
	}
	if _, err := c.Proxies(); err != nil {
		return err
	}
	if err := c.checkAccess(); err != nil {
		return err
	}
	for name, n := range map[string]int{"analysis.workers": c.Analysis.Workers, "analysis.backfill": c.Analysis.Backfill, "analysis.layers": c.Analysis.Layers, "registry.workers": c.Registry.Workers, "sweep.workers": c.Sweep.Workers} {
		if n < 1 || n > 256 {
			return invalid(name, fmt.Sprint(n), "use 1 to 256")
		}
	}
	if err := c.Analysis.Limits.check(); err != nil {
		return err
	}
	if c.Sweep.Interval < 10*time.Second {
		return invalid("sweep.interval", c.Sweep.Interval.String(), "use at least 10s; the source is asked that often")
	}
	if c.Analysis.Timeout < time.Second {
		return invalid("analysis.timeout", c.Analysis.Timeout.String(), "use at least 1s")
	}
	if c.Sweep.Timeout < time.Second {
		return invalid("sweep.timeout", c.Sweep.Timeout.String(), "use at least 1s")
	}
	if err := c.checkAdvisories(); err != nil {
		return err
	}
	switch c.Log.Level {
	case "debug", "info", "warn", "error":
	default:
		return invalid("log.level", c.Log.Level, "use debug, info, warn or error")
	}
	if c.Log.Format != "text" && c.Log.Format != "json" {
		return invalid("log.format", c.Log.Format, "use text or json")
	}
	return nil
}

func (c Config) checkAdvisories() error {
	if c.Advisories.Interval < time.Minute {
		return invalid("advisories.interval", c.Advisories.Interval.String(), "use at least 1m; the feeds change hourly or daily")
	}
	for name, location := range map[string]string{"osv": c.Advisories.OSV, "kev": c.Advisories.KEV, "epss": c.Advisories.EPSS, "from": c.Advisories.From} {
		if location == "" {
			continue
		}
		if u, err := url.Parse(location); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
			return invalid("advisories."+name, "", "write it as an https:// URL; empty is not to fetch it")
		}
	}
	return nil
}

// checkAccess refuses what would leave the door open or shut. What may hold a secret is not repeated.
func (c Config) checkAccess() error {
	if c.PublicURL != "" {
		u, err := url.Parse(c.PublicURL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
			return invalid("public_url", "", "write it as https://crowsnest.example.com, without a path")
		}
	}
	if c.FirstToken != "" && !auth.IsToken(c.FirstToken) {
		return invalid("first_token", "", "write it as crowsnest_ and 52 random characters of a-z and 2-7")
	}
	for _, keeper := range append([]string{c.Secrets.Keeper}, c.Secrets.Previous...) {
		if keeper != "" && !strings.Contains(keeper, "://") {
			return invalid("secrets.keeper", "", "write it as a URL; see docs/operations.md")
		}
	}
	if err := c.checkExchange(); err != nil {
		return err
	}
	return c.checkOIDC()
}

// Lint names what works but deserves a second look, each with the path of its setting.
func (c Config) Lint() []string {
	var out []string
	if host, _, err := net.SplitHostPort(c.Listen); err == nil {
		if addr, err := netip.ParseAddr(host); host == "" || err == nil && !addr.IsLoopback() {
			out = append(out, "listen: the server speaks plain HTTP beyond this machine; put a TLS proxy in front")
		}
	}
	if len(c.TrustedProxies) > 0 && !strings.HasPrefix(c.PublicURL, "https://") {
		out = append(out, "public_url: there is a proxy; give the https:// address people use, so that session cookies are bound to TLS")
	}
	allowed, _ := c.Egress.Prefixes()
	for _, p := range allowed {
		if p.Bits() == 0 {
			out = append(out, "egress.allow: "+p.String()+" allows every address, also those of cloud metadata services")
		}
	}
	if c.OIDC.Issuer != "" && c.OIDC.DefaultRole != "" && len(c.OIDC.EmailDomains) == 0 {
		out = append(out, "oidc.default_role: everybody whom the provider knows comes in; name domains in oidc.email_domains if others know it too")
	}
	if c.Sweep.Interval < time.Minute {
		out = append(out, "sweep.interval: Sysdig scans every 15 minutes; asking more often than each minute only uses up its rate limit")
	}
	return out
}
