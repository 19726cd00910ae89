package policy

import (
	"strconv"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
)

// sentences are what policies that are built in say, by code. The dashboard has the same in its catalogues, in the same form: values stand in
// double braces, and where the value count is given, the code ends in _one or _other.
var sentences = map[string]string{
	"vulnerable":        "{{vulnerability}} is in {{what}}",
	"exploited":         "{{vulnerability}} is in {{what}}, and is known to be exploited",
	"loaded":            "{{vulnerability}} is in {{what}}, and was seen loaded",
	"overdue":           "{{vulnerability}} is in {{what}}, and should have been remediated by {{day}}",
	"licensed":          "{{package}} is under {{licence}}",
	"base-replaced":     "it is built on {{digest}} of {{base}}, which is another image now",
	"base-not-approved": "its base image {{base}} fits none of the patterns",
	"release-ended":     "{{release}} is not fixed any more since {{day}}",
	"no-sbom":           "it has no SBOM attested",
	"no-provenance":     "it has no provenance attested",
	"unread_one":        "one attestation could not be read",
	"unread_other":      "{{count}} attestations could not be read",
	"part-provenance":   "its provenance tells only a part of the build",
	"no-user":           "it names no user, and so runs as root",
	"root":              "it says that it runs as root: {{user}}",

	"violations_one":   "one violation",
	"violations_other": "{{count}} violations",

	"no-catalogue":                "CISA's catalogue of exploited vulnerabilities is not held; import it with crowsnest advisory import, or have it kept up to date",
	"no-advisories":               "no advisories are held of {{ecosystems}}; import them",
	"no-advisories-more_one":      "no advisories are held of {{ecosystems}} and one more; import them",
	"no-advisories-more_other":    "no advisories are held of {{ecosystems}} and {{count}} more; import them",
	"runs-nowhere":                "it runs nowhere that is known",
	"exposed-nowhere":             "it runs nowhere that is known, so that nothing is exposed to it",
	"unobserved_one":              "one such vulnerability is in a package that nothing observes; connect a source that profiles what is loaded where it runs",
	"unobserved_other":            "{{count}} such vulnerabilities are in packages that nothing observes; connect a source that profiles what is loaded where it runs",
	"base-unknown":                "what it is built on is not known; build it with provenance (mode=max), or have the base image analysed as well",
	"base-digest-unknown":         "it is built on {{base}}, but not known on which image of that name; build it with provenance (mode=max)",
	"base-tag-unknown":            "it is built on {{base}}, of which no tag is known; connect its registry, or have it analysed",
	"base-tags-differ":            "the base image has several tags, of which {{old}} names another image now and {{current}} does not, and it is not known which was used; build it with provenance (mode=max)",
	"no-release":                  "it does not say of which distribution it is",
	"release-unknown":             "until when {{release}} is fixed is not known",
	"attestations-not-looked-for": "its attestations were never looked for; have it analysed from its registry",
	"provenance-not-asked":        "its attestations were read by a version that did not ask how much its provenance tells; have it analysed again",
	"none-of-severities":          "no vulnerability of these severities breaks it",
	"younger_one":                 "one is younger than that",
	"younger_other":               "{{count}} are younger than that",
	"none-high-profile":           "no vulnerability in it is high-profile",
	"none-loaded":                 "no vulnerability of these severities is in a package seen loaded",
	"none-overdue":                "no vulnerability is exposed for longer than the targets permit",
	"base-current":                "its base image is the newest of its tag",
	"base-approved":               "its base image is approved",
	"attested":                    "it has an SBOM and full provenance attested",
	"other-user":                  "it runs as {{user}}",
	"none-licensed":               "no package is under one of the listed licences",
	"unlicensed_one":              "of one no licence is known",
	"unlicensed_other":            "of {{count}} no licence is known",
}

// remedies are what would mend a violation, in the same form.
var remedies = map[string]string{
	"upgrade":           "upgrade {{name}} to {{fixedVersion}} or later",
	"no-fix":            "no fixed version is known: take {{name}} out, or put another package in its place",
	"build-again":       "build it again on {{reference}}",
	"build-on-approved": "build it on an approved image: {{patterns}}",
	"newer-release":     "build it on a newer release of the distribution",
	"attest-sbom":       "build it with docker buildx build --sbom=true",
	"attest-provenance": "build it with docker buildx build --provenance=mode=max",
	"name-user":         "name a user who is not root in the last USER of the Dockerfile",
	"other-package":     "put another package in its place, or allow it in the policy",
}

// between stands between sentences that are said one after the other.
const between = "; "

// said is a sentence with its text. It has no code if somebody else wrote it.
type said struct {
	crowsnest.Saying
	text string
}

// say says a sentence with values, each behind its name.
func say(code string, values ...string) said { return sayOf(sentences, code, values) }

// mend says what would mend a violation.
func mend(code string, values ...string) said { return sayOf(remedies, code, values) }

// counted says a sentence about a number of things; nothing of none.
func counted(n int, code string, values ...string) []said {
	if n <= 0 {
		return nil
	}
	return []said{say(code, append(values, "count", strconv.Itoa(n))...)}
}

// broken makes a violation of what breaks a policy, in one sentence or several, and what would mend it.
func broken(v crowsnest.Violation, mends said, says ...said) crowsnest.Violation {
	v.Message, v.Says = join(says)
	v.Remedy, v.Mends = mends.text, &mends.Saying
	return v
}

func sayOf(texts map[string]string, code string, values []string) said {
	s := said{Saying: crowsnest.Saying{Code: code}}
	if len(values) > 0 {
		s.Values = make(map[string]string, len(values)/2)
	}
	for i := 0; i < len(values); i += 2 {
		s.Values[values[i]] = values[i+1]
	}
	s.text = fill(texts, code, s.Values)
	return s
}

// join says several sentences in one text, and which they are: none of them if one has no code.
func join(list []said) (string, []crowsnest.Saying) {
	var codes []crowsnest.Saying
	texts, whole := make([]string, len(list)), true
	for i, s := range list {
		texts[i] = s.text
		codes = append(codes, s.Saying)
		whole = whole && s.Code != ""
	}
	if !whole {
		codes = nil
	}
	return strings.Join(texts, between), codes
}

// fill puts values in the place of their names.
func fill(texts map[string]string, code string, values map[string]string) string {
	text, ok := texts[code]
	if n, counts := values["count"]; counts {
		if text, ok = texts[code+"_other"]; n == "1" {
			text, ok = texts[code+"_one"]
		}
	}
	if !ok {
		panic("policy: no sentence has the code " + code)
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		var name string
		name, text, _ = strings.Cut(rest, "}}")
		b.WriteString(values[name])
	}
}
