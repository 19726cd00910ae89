package main

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func TestEveryCommandExplainsItself(t *testing.T) {
	p := newPerson(t)
	for _, c := range commands(newRoot(io.Discard, io.Discard, nil)) {
		args := append(strings.Fields(c.CommandPath())[1:], "--help")
		help := p.ok(args...)
		if c.Short == "" || !strings.Contains(help, "Usage:") || !strings.Contains(help, "crowsnest") {
			t.Errorf("%s has no help: %q", c.CommandPath(), help)
		}
		if strings.HasSuffix(c.Short, ".") || c.Short != strings.TrimSpace(c.Short) {
			t.Errorf("%s: the short text is a line, not a sentence: %q", c.CommandPath(), c.Short)
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" {
				t.Errorf("%s: --%s has no description", c.CommandPath(), f.Name)
			}
			if !f.Hidden && !strings.Contains(help, "--"+f.Name) {
				t.Errorf("%s: the help does not name --%s", c.CommandPath(), f.Name)
			}
		})
		for line := range strings.Lines(help) {
			if len(line) > 140 {
				t.Errorf("%s: the help has a line of %d bytes: %s", c.CommandPath(), len(line), line)
			}
		}
	}
}

func TestArgumentErrors(t *testing.T) {
	p := newPerson(t)
	for _, c := range []struct {
		line string
		says []string
	}{
		{"nonsense", []string{`unknown command "nonsense"`, "see crowsnest --help"}},
		{"cvs", []string{`unknown command "cvs"`, "did you mean cves?", "see crowsnest --help"}},
		{"env1ronment", []string{"did you mean environment?"}},
		{"advisory nonsense", []string{`unknown command "nonsense"`, "see crowsnest advisory --help"}},
		{"advisory imprt x", []string{"did you mean import?"}},
		{"integration nonsense", []string{"nonsense", "see crowsnest integration --help"}},
		{"--nonsense", []string{"unknown flag: --nonsense", "see crowsnest --help"}},
		{"sbom", []string{"an image", "--help"}},
		{"cves", []string{"an image"}},
		{"cves a b", []string{"an image"}},
		{"quickview", []string{"an image"}},
		{"advisory import", []string{"a path or a URL"}},
		{"login", []string{"the address of a server"}},
		{"environment a b c", []string{"at most 2", `"c"`, "see crowsnest environment --help"}},
		{"environment --image x", []string{"--image", "see crowsnest environment --help"}},
		{"environment a b --image x", []string{"--image"}},
		{"environment a --remove", []string{"--remove"}},
		{"environment a --platform linux/amd64", []string{"--platform"}},
		{"environment list now", []string{"no arguments", "see crowsnest environment list --help"}},
		{"environment set", []string{"an environment", "see crowsnest environment set --help"}},
		{"environment workloads", []string{"an environment", "see crowsnest environment workloads --help"}},
		{"environment set a", []string{"file"}},
		{"environment set a b --file x", []string{`"b"`}},
		{"environment rename a", []string{"an environment and its new name"}},
		{"environment rename a b c", []string{`"c"`}},
		{"environment describe a", []string{"a text"}},
		{"environment profile-age a", []string{"a number of days"}},
		{"environment delete", []string{"an environment"}},
		{"version now", []string{"no arguments", "now", "see crowsnest version --help"}},
		{"serve now", []string{"now"}},
		{"demo now", []string{"now"}},
		{"sbom x --platform linux", []string{"os/architecture"}},
		{"cves x --only-severity awful", []string{"awful", "critical"}},
		{"cves x --only-severity high,", []string{"--only-severity"}},
		{"cves x --nonsense", []string{"--nonsense", "see crowsnest cves --help"}},
		{"cves x --exit-code=maybe", []string{"exit-code"}},
		{"integration configure", []string{"sysdig"}},
		{"integration configure sysdig", []string{"name"}},
		{"integration configure prometheus --name n", []string{"prometheus", "the kinds are sysdig and registry"}},
		{"integration configure registry --name n --parameter kind", []string{"NAME=VALUE", "repositories"}},
		{"integration update registry --name n --parameter host=x", []string{"host cannot be changed"}},
		{"repo nonsense", []string{"nonsense"}},
		{"repo list --only-enabled --only-disabled", []string{"nothing together"}},
		{"integration delete", []string{"name", "see crowsnest integration delete --help"}},
		{"integration clusters --parameter token=t", []string{"region is missing", "--parameter region=…"}},
		{"integration clusters --parameter cluster=eu", []string{"NAME=VALUE with one of region, url, token, api-token, ca"}},
		{"integration sync", []string{"name"}},
		{"token nonsense", []string{"nonsense"}},
		{"token create", []string{"a name"}},
		{"token create ci", []string{"scope"}},
		{"token create ci --scope all", []string{"all", "read, upload"}},
		{"token create ci --scope read --expires -1h", []string{"--expires", "720h"}},
		{"token create ci --scope read --expires soon", []string{"expires"}},
		{"token revoke", []string{"the ID of a token"}},
		{"admin nonsense", []string{"nonsense"}},
		{"admin link", []string{"--owner"}},
		{"admin reset-password", []string{"the e-mail address"}},
		{"admin unlink", []string{"the e-mail address"}},
		{"admin token create", []string{"scope"}},
		{"admin people --config missing.yaml", []string{"missing.yaml", "--config"}},
		{"serve --listen nowhere", []string{"listen", "host:port"}},
		{"serve --log-level loud", []string{"log.level"}},
		{"serve --config missing.yaml", []string{"missing.yaml", "--config"}},
		{"serve --egress-allow ten", []string{"egress.allow"}},
		{"advisory import missing.zip", []string{"missing.zip"}},
		{"sbom oci-dir://missing", []string{"missing"}},
		{"sbom archive://missing.tar", []string{"missing.tar"}},
	} {
		t.Run(c.line, func(t *testing.T) { p.refused(strings.Fields(c.line), c.says...) })
	}
}

// A token that others can read is worth a word, once in a command and whatever comes of it.
func TestTokenOverPlainHTTPIsWarnedOf(t *testing.T) {
	address, token := realServer(t)
	p := newPerson(t)
	// An address that is not loopback and leads nowhere; the warning comes before the call.
	away := "http://" + unroutable(t)
	for _, c := range []struct {
		environ []string
		line    string
		warns   bool
	}{
		{[]string{"CROWSNEST_SERVER=" + away, "CROWSNEST_TOKEN=t"}, "environment", true},
		{[]string{"CROWSNEST_SERVER=" + away, "CROWSNEST_TOKEN=t"}, "integration list", true},
		{nil, "login " + away + " --token t", true},
		{[]string{"CROWSNEST_SERVER=" + address, "CROWSNEST_TOKEN=" + token}, "environment", false},
		{nil, "login " + address + " --token " + token, false},
	} {
		p.environ = c.environ
		_, stderr, err := p.run(strings.Fields(c.line)...)
		if n := strings.Count(stderr, "unencrypted"); n > 1 || (n == 1) != c.warns {
			t.Errorf("%s: %v, said %q", c.line, err, stderr)
		}
		if c.warns && (err == nil || strings.Contains(stderr+err.Error(), "token t ")) {
			t.Errorf("%s: %v, said %q", c.line, err, stderr)
		}
	}
}

// unroutable is an address of this machine that is not loopback, at a port nobody listens on.
func unroutable(t *testing.T) string {
	t.Helper()
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addrs {
		if ip, ok := a.(*net.IPNet); ok && !ip.IP.IsLoopback() && ip.IP.To4() != nil {
			return net.JoinHostPort(ip.IP.String(), "1")
		}
	}
	t.Skip("this machine has no address but loopback")
	return ""
}

func TestWhatNeedsAServerSaysSo(t *testing.T) {
	p := newPerson(t)
	for _, line := range []string{
		"environment", "environment production", "env production x", "env production x --remove", "env production --image x", "env list", "env -- list", "env set production --file -",
		"exposure production", "vex export --env production", "vex list", "vex import x", "vex show x", "vex delete x", "exception list", "exception add CVE-1 --text x", "exception preview CVE-1", "exception approve x", "exception revoke x", "exception settings", "env rename a b", "env describe a b", "env profile-age a 1", "env delete a", "integration list", "integration delete sysdig --name n", "integration sync --name n",
		"integration pause --name n", "integration pause registry --name n", "integration delete registry --name n --preview", "integration hook --name n", "integration resume --name n", "integration update --name n --parameter interval=5m",
		"integration configure sysdig --name n --parameter region=us1 --parameter token=t --parameter cluster=c --parameter environment=e",
		"cves x --env production", "quickview x --env production", "recommendations x --env production", "token list", "integration list registry", "integration configure registry --name n --parameter host=x", "integration update registry --name n --parameter interval=5m",
		"changes", "policy list", "policy show x", "policy changes", "policy create x --type licences", "policy change x --weight 1", "policy enable x", "policy disable x", "policy delete x", "policy x --env production",
		"repo list", "repo enable x", "repo disable --all", "repo backfill --all", "repo queue", "token revoke x", "token create x --scope read",
	} {
		p.refused(strings.Fields(line), "a server is needed", "--server", "CROWSNEST_SERVER", "crowsnest login")
	}
	p.environ = []string{"CROWSNEST_SERVER=http://127.0.0.1:1"}
	p.refused([]string{"environment"}, "crowsnest login http://127.0.0.1:1", "CROWSNEST_TOKEN")
	p.environ = append(p.environ, "CROWSNEST_TOKEN=t")
	p.refused([]string{"environment"}, "127.0.0.1:1", "refused")
	p.refused([]string{"environment", "--server", "user:secret@host"}, "read server address")
}

// arguments completes a command line that --format is added to.
var arguments = map[string]string{
	"crowsnest sbom": "x", "crowsnest changes": "", "crowsnest push": "x", "crowsnest cves": "x", "crowsnest why": "CVE-2099-0001 image", "crowsnest quickview": "x", "crowsnest recommendations": "x", "crowsnest compare": "x --to y", "crowsnest base-images": "", "crowsnest files": "x /y", "crowsnest attestation list": "x", "crowsnest attestation get": "x", "crowsnest attestation diff": "x", "crowsnest advisory import": "x", "crowsnest advisory status": "", "crowsnest advisory show": "x", "crowsnest advisory diff": "",
	"crowsnest environment": "", "crowsnest exposure": "production", "crowsnest environment list": "", "crowsnest environment workloads": "production", "crowsnest environment set": "production --file -", "crowsnest environment delete": "production --preview", "crowsnest integration list": "", "crowsnest integration clusters": "--parameter region=us1 --parameter token=t", "crowsnest integration sync": "--name n", "crowsnest integration pause": "--name n", "crowsnest integration delete": "registry --name n --preview", "crowsnest integration resume": "--name n",
	"crowsnest integration update": "--name n --parameter interval=5m", "crowsnest version": "", "crowsnest integration hook": "--name n",
	"crowsnest demo": "--once", "crowsnest integration configure": "sysdig --name n --parameter region=us1 --parameter token=t --parameter cluster=c --parameter environment=e",
	"crowsnest token list": "", "crowsnest token create": "ci --scope read", "crowsnest admin people": "", "crowsnest admin retention": "--dry-run", "crowsnest admin link": "--owner",
	"crowsnest registry list": "", "crowsnest registry add": "ghcr.io", "crowsnest registry remove": "ghcr.io", "crowsnest registry set": "ghcr.io",
	"crowsnest admin reset-password": "a@example.com", "crowsnest admin token create": "--scope read",
	"crowsnest policy": "x", "crowsnest policy list": "", "crowsnest policy show": "x", "crowsnest policy types": "", "crowsnest policy changes": "", "crowsnest policy create": "x --type licences",
	"crowsnest policy publish": "registry.example.com/x:1", "crowsnest policy test": "x", "crowsnest policy change": "x --weight 1", "crowsnest policy enable": "x", "crowsnest policy disable": "x",
	"crowsnest exception list": "", "crowsnest exception add": "CVE-1 --text x", "crowsnest exception preview": "CVE-1", "crowsnest exception approve": "x", "crowsnest exception revoke": "x", "crowsnest exception settings": "", "crowsnest vex import": "x", "crowsnest vex list": "", "crowsnest vex show": "x",
	"crowsnest repo list": "", "crowsnest repo backfill": "--all", "crowsnest repo queue": "",
}

// A format or a file that cannot be written is refused before any work, which may take
// long or change something.
func TestFormatAndOutputAreCheckedFirst(t *testing.T) {
	p := newPerson(t)
	p.environ = []string{"CROWSNEST_SERVER=http://127.0.0.1:1", "CROWSNEST_TOKEN=t"}
	seen := 0
	for _, c := range commands(newRoot(io.Discard, io.Discard, nil)) {
		if c.Flags().Lookup("format") == nil {
			continue
		}
		seen++
		args, ok := arguments[c.CommandPath()]
		if !ok {
			t.Errorf("give this test arguments for %s", c.CommandPath())
			continue
		}
		line := append(strings.Fields(c.CommandPath())[1:], strings.Fields(args)...)
		for _, format := range []string{"xml", "JSON", "", "text json"} {
			p.refused(append(slices.Clone(line), "--format", format), "choose format", "use text")
		}
		p.refused(append(slices.Clone(line), "-o", filepath.Join(p.home, "missing", "out")), "write", filepath.Join("missing", "out"), "folder")
		p.refused(append(slices.Clone(line), "--output", p.home), "write", p.home, "folder")
	}
	if seen != len(arguments) {
		t.Errorf("%d commands have --format, %d are known here", seen, len(arguments))
	}
}

func TestOutputFile(t *testing.T) {
	p := newPerson(t)
	file := filepath.Join(p.home, "out.json")
	if err := os.WriteFile(file, []byte("what was there"), 0o600); err != nil {
		t.Fatal(err)
	}
	if stdout := p.ok("version", "--format", "json", "-o", file); stdout != "" {
		t.Errorf("printed %q as well", stdout)
	}
	var v struct{ Version, Go string }
	raw, err := os.ReadFile(file)
	if err != nil || json.Unmarshal(raw, &v) != nil || v.Version != version || v.Go == "" {
		t.Errorf("the file is %q, %v", raw, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("the file has mode %v, %v", info.Mode(), err)
	}
	if entries, err := os.ReadDir(p.home); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
	t.Chdir(p.home)
	p.ok("version", "-o", "here.txt")
	if raw, err := os.ReadFile("here.txt"); err != nil || !strings.HasPrefix(string(raw), "crowsnest "+version) {
		t.Errorf("the file is %q, %v", raw, err)
	}
}

// full is a disk with no room.
type full struct{}

var errFull = errors.New("no space left on device")

func (full) Write([]byte) (int, error) { return 0, errFull }

// A result that could not be written is no success.
func TestOutputThatCannotBeWritten(t *testing.T) {
	newPerson(t)
	for _, format := range []string{"text", "json"} {
		root := newRoot(full{}, io.Discard, nil)
		root.SetArgs([]string{"version", "--format", format})
		if err := root.ExecuteContext(t.Context()); !errors.Is(err, errFull) {
			t.Errorf("%s: %v", format, err)
		}
	}
}

func TestCompletionScripts(t *testing.T) {
	p := newPerson(t)
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if script := p.ok("completion", shell); !strings.Contains(script, "crowsnest") {
			t.Errorf("%s: %.100q", shell, script)
		}
	}
	if got := p.ok(cobra.ShellCompRequestCmd, "cves", "x", "--format", ""); !strings.Contains(got, "json\n") || !strings.Contains(got, "text\n") {
		t.Errorf("--format completes to %q", got)
	}
}

func TestNoColor(t *testing.T) {
	for name, c := range map[string]struct {
		environ []string
		want    bool
	}{
		"nothing said":    {nil, false},
		"NO_COLOR":        {[]string{"NO_COLOR=1"}, true},
		"NO_COLOR empty":  {[]string{"NO_COLOR="}, false}, // as https://no-color.org has it
		"a dumb terminal": {[]string{"TERM=dumb"}, true},
		"another one":     {[]string{"TERM=xterm", "XNO_COLOR=1", "NO_COLORS=1"}, false},
	} {
		if got := (&cli.CLI{Environ: c.environ}).NoColor(); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestMatchingImages(t *testing.T) {
	for key, want := range map[string]bool{
		"0123456789ab": true, "sha256:0123456789ab": true, "0123456789a": false, "0123456789AB": false, "sha256:": false, "web": false, "../0123456789ab": false,
	} {
		if got := cli.DigestLike.MatchString(key); got != want {
			t.Errorf("%q is taken for a digest: %t", key, got)
		}
	}
}
