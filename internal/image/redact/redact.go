// Package redact keeps secrets out of what is taken over from the configuration of images.
package redact

import (
	"math"
	"regexp"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
)

// Builders leave secrets in configurations: ENV and ARG values, and whatever a command
// Line was given. None of them is of use here, so what may be one is not taken in.

// hidden stands in a command or label for what may be a secret.
const hidden = "[hidden]"

const (
	maxValue = 256  // bytes of a variable's value that is kept
	maxLine  = 4096 // bytes of a command line or label that are kept
)

// MaxList is how many variables, ports, labels and arguments of a command are kept.
const MaxList = 256

// secretWords are parts of names whose values nobody should see.
var secretWords = []string{
	"secret", "passw", "passwd", "pwd", "passphrase", "token", "credential", "apikey", "api_key", "accesskey", "access_key", "private", "auth", "cookie",
	"session", "signature", "dsn", "connection_string", "connectionstring", "webhook", "encryption", "salt", "license_key", "certificate",
}

// secretName reports whether a variable of that name may hold a secret.
func secretName(name string) bool {
	lower := strings.ReplaceAll(strings.ToLower(name), "-", "_")
	for _, w := range secretWords {
		if strings.Contains(lower, w) {
			return true
		}
	}
	for part := range strings.SplitSeq(lower, "_") {
		if part == "key" || part == "pass" || part == "pat" || part == "pin" {
			return true
		}
	}
	return false
}

// secretForm recognises texts that are secrets whatever they are called: tokens by the
// prefix that their issuers give them for this purpose, web tokens, private keys, and
// URLs with a password.
var secretForm = regexp.MustCompile(`(?:` + strings.Join([]string{
	`\bgh[pousr]_[A-Za-z0-9]{20}`, `\bgithub_pat_`, `\bgl(?:pat|ptt|dt|rt|oas|agent|soat|cbt|imt|ft|ffct)-`, // GitHub, GitLab
	`\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12}`, `\bAIza[A-Za-z0-9_-]{20}`, `\bya29\.`, // AWS, Google
	`\bxox[abeoprs]-`, `\bxapp-`, `hooks\.slack\.com/`, // Slack
	`\bnpm_[A-Za-z0-9]{20}`, `\bpypi-[A-Za-z0-9_-]{20}`, `\brubygems_[a-f0-9]{20}`, `\bdckr_(?:pat|oat)_`, // registries
	`\bsk-[A-Za-z0-9_-]{16}`, `\b[rs]k_(?:live|test)_`, `\bwhsec_`, `\bSG\.[A-Za-z0-9_-]{16}`, `\bhf_[A-Za-z0-9]{20}`, // services
	`\bhvs\.`, `\bhvb\.`, `\bdop_v1_`, `\bshp(?:at|ca|pa|ss)_`, `\beyJ[A-Za-z0-9_-]{8,}\.`, `\bglc_`, `\bsq0`, `\blin_api_`,
	`-----BEGIN [A-Z ]*PRIVATE KEY`, `AccountKey=`, `SharedAccessSignature`, `[?&](?:sig|signature|token|key)=`,
	`[A-Za-z][A-Za-z0-9+.-]*://[^/\s:@]*:[^/\s@]+@`,
}, `|`) + `)`)

// randomRun is a text without a break that is long enough to be a key.
var randomRun = regexp.MustCompile(`[A-Za-z0-9+/=_-]{16,}`)

// randomLooking reports whether a value has a run of characters as a key has. Paths and
// words joined by dashes are not as even.
func randomLooking(value string) bool {
	for _, run := range randomRun.FindAllString(value, -1) {
		for part := range strings.FieldsFuncSeq(run, func(r rune) bool { return r == '/' || r == '-' || r == '_' }) {
			if len(part) >= 16 && entropy(part) > 3 && (strings.ContainsAny(part, "0123456789") || mixedCase(part)) {
				return true
			}
		}
	}
	return false
}

func mixedCase(s string) bool {
	return s != strings.ToLower(s) && s != strings.ToUpper(s)
}

// entropy is the mean information of a character, in bits.
func entropy(s string) float64 {
	var count [256]int
	for i := range len(s) {
		count[s[i]]++
	}
	bits := 0.0
	for _, n := range count {
		if n > 0 {
			p := float64(n) / float64(len(s))
			bits -= p * math.Log2(p)
		}
	}
	return bits
}

// Variable reads NAME=value. In doubt only the name is kept.
func Variable(text string) crowsnest.Variable {
	name, value, _ := strings.Cut(text, "=")
	v := crowsnest.Variable{Name: Line(name), Value: crowsnest.Text(value)}
	if len(value) > maxValue || secretName(name) || secretForm.MatchString(value) || randomLooking(value) {
		v.Value, v.Hidden = "", true
	}
	return v
}

// assignment is NAME=value or --name=value in a command, with or without quotes.
var assignment = regexp.MustCompile(`([A-Za-z_][A-Za-z0-9_.-]*)(=|:\s+)("(?:[^"\\]|\\.)*"|'[^']*'|[^\s"';&|]+)`)

// flagged is an option whose value follows it: "--password x", "-u name:secret".
var flagged = regexp.MustCompile(`(\s--?[A-Za-z][A-Za-z0-9-]*)(\s+)("(?:[^"\\]|\\.)*"|'[^']*'|[^\s"';&|-][^\s"';&|]*)`)

// withoutSecrets takes what may be a secret out of a command line or a label. Unlike a variable
// it is kept otherwise: checksums in it look random and are harmless.
func withoutSecrets(s string) string {
	s = assignment.ReplaceAllStringFunc(s, func(m string) string {
		p := assignment.FindStringSubmatch(m)
		if secretName(p[1]) {
			return p[1] + p[2] + hidden
		}
		return m
	})
	s = flagged.ReplaceAllStringFunc(s, func(m string) string {
		p := flagged.FindStringSubmatch(m)
		if secretName(strings.TrimLeft(p[1], " \t-")) || strings.TrimSpace(p[1]) == "-u" && strings.Contains(p[3], ":") {
			return p[1] + p[2] + hidden
		}
		return m
	})
	if !secretForm.MatchString(s) {
		return s
	}
	var b strings.Builder
	for i, word := range strings.Split(s, " ") {
		if i > 0 {
			b.WriteByte(' ')
		}
		if secretForm.MatchString(word) {
			word = hidden
		}
		b.WriteString(word)
	}
	if out := b.String(); !secretForm.MatchString(out) {
		return out
	}
	return hidden // it goes over several words, as a private key does
}

// Line is a text from outside, cut to a bearable length and without secrets.
func Line(s string) string {
	const more = "…"
	s = withoutSecrets(crowsnest.Text(s))
	if len(s) > maxLine {
		s = strings.ToValidUTF8(s[:maxLine-len(more)], "") + more
	}
	return s
}

// Lines does the same for a list, and for the arguments of a command also looks at
// two that belong together: an option and its value.
func Lines(list []string) []string {
	var out []string
	for i, s := range list[:min(len(list), MaxList)] {
		s = Line(s)
		if i > 0 && strings.HasPrefix(list[i-1], "-") && !strings.Contains(list[i-1], "=") && !strings.HasPrefix(s, "-") && secretName(strings.TrimLeft(list[i-1], "-")) {
			s = hidden
		}
		out = append(out, s)
	}
	return out
}

// Labels takes the secrets out of labels.
func Labels(in map[string]string) map[string]string {
	if in == nil {
		return nil
	}
	out := make(map[string]string, len(in))
	for name, value := range in {
		if len(out) == MaxList {
			break
		}
		name, value = Line(name), Line(value)
		if secretName(name) {
			value = hidden
		}
		out[name] = value
	}
	return out
}

// Image takes out of an image what may be a secret, where somebody else read its configuration.
func Image(img *crowsnest.Image) {
	img.User, img.Labels = Line(img.User), Labels(img.Labels)
	c := &img.Config
	c.Entrypoint, c.Command, c.WorkingDir, c.Ports = Lines(c.Entrypoint), Lines(c.Command), Line(c.WorkingDir), Lines(c.Ports)
	c.Env = c.Env[:min(len(c.Env), MaxList)]
	for i, v := range c.Env {
		if c.Env[i] = Variable(v.Name + "=" + v.Value); v.Hidden {
			c.Env[i].Value, c.Env[i].Hidden = "", true
		}
	}
	for i := range img.Layers {
		img.Layers[i].CreatedBy = Line(img.Layers[i].CreatedBy)
	}
}
