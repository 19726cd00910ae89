package ci

import (
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/wire/compliance"
)

// What GitHub's code scanning takes at most; it refuses the whole file for one more.
// https://docs.github.com/en/code-security/code-scanning/troubleshooting-sarif-uploads/results-exceed-limit
const (
	maxResults   = 25_000
	maxLocations = 1_000
)

// The parts of SARIF 2.1.0 that are written. https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool              sarifTool         `json:"tool"`
		Invocations       []sarifInvocation `json:"invocations"`
		AutomationDetails sarifAutomation   `json:"automationDetails"`
		Results           []sarifResult     `json:"results"`
		Properties        map[string]string `json:"properties"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version,omitempty"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string              `json:"id"`
		ShortDescription sarifMessage        `json:"shortDescription"`
		FullDescription  sarifMessage        `json:"fullDescription"`
		Help             sarifMessage        `json:"help"`
		HelpURI          string              `json:"helpUri,omitempty"`
		Properties       sarifRuleProperties `json:"properties"`

		worst crowsnest.Severity
	}
	// sarifRuleProperties are those that GitHub reads.
	sarifRuleProperties struct {
		SecuritySeverity string   `json:"security-severity,omitempty"`
		Tags             []string `json:"tags"`
	}
	sarifMessage struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown,omitempty"`
	}
	sarifInvocation struct {
		ExecutionSuccessful bool                `json:"executionSuccessful"`
		Notifications       []sarifNotification `json:"toolExecutionNotifications,omitempty"`
	}
	sarifNotification struct {
		Level   string       `json:"level"`
		Message sarifMessage `json:"message"`
	}
	// sarifAutomation is what GitHub tells the results of several images apart by, in one commit.
	sarifAutomation struct {
		ID string `json:"id"`
	}
	sarifResult struct {
		RuleID              string            `json:"ruleId"`
		RuleIndex           int               `json:"ruleIndex"`
		Level               string            `json:"level"`
		Message             sarifMessage      `json:"message"`
		Locations           []sarifLocation   `json:"locations"`
		PartialFingerprints map[string]string `json:"partialFingerprints"`
		BaselineState       string            `json:"baselineState,omitempty"`
		Properties          map[string]string `json:"properties,omitempty"`
	}
	sarifLocation struct {
		PhysicalLocation sarifPhysical  `json:"physicalLocation"`
		LogicalLocations []sarifLogical `json:"logicalLocations,omitempty"`
	}
	sarifPhysical struct {
		ArtifactLocation sarifArtifact `json:"artifactLocation"`
		Region           sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	// sarifRegion is the first line, as GitHub shows no result without one.
	sarifRegion struct {
		StartLine int `json:"startLine"`
	}
	sarifLogical struct {
		FullyQualifiedName string `json:"fullyQualifiedName"`
		Kind               string `json:"kind"`
	}
)

// SARIF writes a result for each finding that the image has, by its vulnerability as the rule; or one for each violation, by its policy.
func (r Report) SARIF(w io.Writer) error {
	run := sarifRun{
		Tool:              sarifTool{sarifDriver{Name: "Crowsnest", Version: r.Version, Rules: []sarifRule{}}},
		AutomationDetails: sarifAutomation{"crowsnest-" + r.command + "/" + r.repository() + "/"},
		Results:           []sarifResult{},
		Properties:        map[string]string{"image": report.Clean(r.image.Name), "digest": string(r.image.Digest), "platform": r.image.Platform},
	}
	b := sarifBuilder{run: &run, report: r, repository: r.repository(), rules: make(map[string]int), seen: make(fingerprints)}
	for _, f := range r.there() {
		b.finding(f)
	}
	for _, p := range r.policies {
		b.policy(p)
	}
	run.Invocations = []sarifInvocation{b.invocation()}
	return writeJSON(w, sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
}

// sarifBuilder collects results and their rules.
type sarifBuilder struct {
	run        *sarifRun
	report     Report
	repository string         // of the report
	rules      map[string]int // their indices
	seen       fingerprints
	left       int // results above the limit
}

// invocation says what the results leave out.
func (b *sarifBuilder) invocation() sarifInvocation {
	out := sarifInvocation{ExecutionSuccessful: true}
	said := b.report.unjudged
	if b.left > 0 {
		said = append(slices.Clone(said), fmt.Sprintf("%d more results are not listed, as code scanning takes no more than %d.", b.left, maxResults))
	}
	for _, text := range said {
		out.Notifications = append(out.Notifications, sarifNotification{"warning", sarifText(text)})
	}
	return out
}

// rule returns the index of a rule, which is made if it is new.
func (b *sarifBuilder) rule(id string, create func() sarifRule) int {
	i, ok := b.rules[id]
	if !ok {
		i = len(b.run.Tool.Driver.Rules)
		b.rules[id] = i
		b.run.Tool.Driver.Rules = append(b.run.Tool.Driver.Rules, create())
	}
	return i
}

func (b *sarifBuilder) full() bool {
	if len(b.run.Results) < maxResults {
		return false
	}
	b.left++
	return true
}

func (b *sarifBuilder) finding(f finding) {
	if b.full() {
		return
	}
	id := report.Clean(f.ID)
	i := b.rule(id, func() sarifRule {
		names := id
		if len(f.Aliases) > 0 {
			names += ", also known as " + report.Clean(strings.Join(f.Aliases, ", "))
		}
		help := "Upgrade each package that has it to a version in which it is fixed. Where none is, see whether the package is in use, and whether the image can do without it."
		rule := sarifRule{
			ID: id, ShortDescription: sarifText("Vulnerability " + id), FullDescription: sarifText(names), HelpURI: link(f.ID),
			Help:       sarifMessage{help + " " + link(f.ID), help + "\n\n[" + report.Markdown(f.ID) + "](" + link(f.ID) + ")"},
			Properties: sarifRuleProperties{Tags: []string{"security", "vulnerability"}},
		}
		if f.KEV != nil {
			rule.Properties.Tags = append(rule.Properties.Tags, "known-exploited")
		}
		return rule
	})
	// A rule has one severity, and so the worst of the packages that have the vulnerability.
	if rule := &b.run.Tool.Driver.Rules[i]; rule.Properties.SecuritySeverity == "" || f.Severity > rule.worst {
		rule.worst, rule.Properties.SecuritySeverity = f.Severity, securitySeverity(f.Severity, f.CVSS)
	}
	result := sarifResult{
		RuleID: id, RuleIndex: i, Level: sarifLevel(f.Severity), Message: sarifText(f.says()), BaselineState: f.change,
		Locations:           b.locations(f),
		PartialFingerprints: b.seen.fingerprint(b.repository, f.ID, f.Package.Type, f.Package.Name),
		Properties:          map[string]string{"package": report.Clean(f.Package.PURL), "severity": f.Severity.String(), "inUse": f.InUse.String()},
	}
	if f.change == "unchanged" && f.worse {
		result.BaselineState = "updated"
	}
	b.run.Results = append(b.run.Results, result)
}

func (b *sarifBuilder) policy(p compliance.ImagePolicy) {
	if p.Status != crowsnest.NonCompliant {
		return
	}
	violations := p.Violations
	if len(violations) == 0 {
		violations = []crowsnest.Violation{{Message: p.Reason}}
	}
	id := report.Clean(p.Name)
	for _, v := range violations {
		if b.full() {
			continue
		}
		i := b.rule(id, func() sarifRule {
			return sarifRule{
				ID: id, ShortDescription: sarifText(id), FullDescription: sarifText("A policy of the type " + p.Type + ": " + id),
				Help:       sarifMessage{Text: "Each result says what would mend it. crowsnest policy types says what the type " + p.Type + " asks."},
				Properties: sarifRuleProperties{Tags: []string{"security", "policy"}},
			}
		})
		rule := &b.run.Tool.Driver.Rules[i]
		if v.Vulnerability != "" && (rule.Properties.SecuritySeverity == "" || v.Severity > rule.worst) {
			rule.worst, rule.Properties.SecuritySeverity = v.Severity, securitySeverity(v.Severity, nil)
		}
		text, level := v.Message, "warning"
		if v.Remedy != "" {
			text += ": " + v.Remedy
		}
		if p.Environment != "" {
			text += " (in " + p.Environment + ")"
		}
		if v.Vulnerability != "" {
			level = sarifLevel(v.Severity)
		}
		b.run.Results = append(b.run.Results, sarifResult{
			RuleID: id, RuleIndex: i, Level: level, Message: sarifText(report.Clean(text)), Locations: []sarifLocation{b.place("", v.Package)},
			PartialFingerprints: b.seen.fingerprint(b.repository, id, p.Environment, v.Vulnerability, withoutVersion(v.Package), v.Licence),
		})
	}
}

// withoutVersion cuts the version and what follows off a package URL.
func withoutVersion(purl string) string {
	name, _, _ := strings.Cut(purl, "?")
	if i := strings.LastIndexByte(name, '@'); i > 0 {
		name = name[:i]
	}
	return name
}

// locations are where in the image the package of a finding is.
func (b *sarifBuilder) locations(f finding) []sarifLocation {
	all := b.report.locations[f.Package]
	if len(all) == 0 {
		return []sarifLocation{b.place("", f.Package.PURL)}
	}
	var out []sarifLocation
	for _, l := range all[:min(len(all), maxLocations)] {
		out = append(out, b.place(l.Path, f.Package.PURL))
	}
	return out
}

// place is a file in the image, or the image itself.
func (b *sarifBuilder) place(path, purl string) sarifLocation {
	if path == "" {
		path = b.repository
	}
	out := sarifLocation{PhysicalLocation: sarifPhysical{sarifArtifact{(&url.URL{Path: path}).String()}, sarifRegion{1}}}
	if purl != "" {
		out.LogicalLocations = []sarifLogical{{report.Clean(purl), "module"}}
	}
	return out
}

// fingerprint is under the name by which GitHub tells results apart.
func (f fingerprints) fingerprint(parts ...string) map[string]string {
	return map[string]string{"primaryLocationLineHash": f.of(parts...)}
}

// sarifQuoted are what would make links and placeholders of a text.
var sarifQuoted = strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`, "{", "{{", "}", "}}")

func sarifText(s string) sarifMessage { return sarifMessage{Text: sarifQuoted.Replace(s)} }

func sarifLevel(s crowsnest.Severity) string {
	switch s {
	case crowsnest.Critical, crowsnest.High:
		return "error"
	case crowsnest.Medium:
		return "warning"
	}
	return "note"
}

// securitySeverity is a score from which GitHub makes the severity again: above 9.0 critical, from 7.0 high, from 4.0 medium, from 0.1 low.
// The severity may be the own word of a distribution that goes by no score; then it is one from within.
func securitySeverity(s crowsnest.Severity, cvss *crowsnest.CVSS) string {
	if cvss != nil && cvss.Score > 0 && crowsnest.SeverityOfScore(cvss.Score) == s && cvss.Score != 9 {
		return strconv.FormatFloat(cvss.Score, 'f', 1, 64)
	}
	return map[crowsnest.Severity]string{crowsnest.Critical: "9.5", crowsnest.High: "8.0", crowsnest.Medium: "5.5", crowsnest.Low: "2.0"}[s]
}
