package ci

import (
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/google/uuid"
)

// The parts of GitLab's report of container scanning that are written, in version 15 of its schema.
// https://gitlab.com/gitlab-org/security-products/security-report-schemas
type (
	gitlabReport struct {
		Version         string                `json:"version"`
		Scan            gitlabScan            `json:"scan"`
		Vulnerabilities []gitlabVulnerability `json:"vulnerabilities"`
	}
	gitlabScan struct {
		Analyzer  gitlabTool      `json:"analyzer"`
		Scanner   gitlabTool      `json:"scanner"`
		Type      string          `json:"type"`
		StartTime string          `json:"start_time"`
		EndTime   string          `json:"end_time"`
		Status    string          `json:"status"`
		Messages  []gitlabMessage `json:"messages,omitempty"`
	}
	gitlabTool struct {
		ID      string       `json:"id"`
		Name    string       `json:"name"`
		Version string       `json:"version"`
		Vendor  gitlabVendor `json:"vendor"`
	}
	gitlabVendor struct {
		Name string `json:"name"`
	}
	gitlabMessage struct {
		Level string `json:"level"`
		Value string `json:"value"`
	}
	gitlabVulnerability struct {
		ID          string             `json:"id"`
		Name        string             `json:"name"`
		Description string             `json:"description"`
		Severity    string             `json:"severity"`
		Solution    string             `json:"solution,omitempty"`
		Identifiers []gitlabIdentifier `json:"identifiers"`
		Links       []gitlabLink       `json:"links"`
		Location    gitlabLocation     `json:"location"`
	}
	gitlabIdentifier struct {
		Type  string `json:"type"`
		Name  string `json:"name"`
		Value string `json:"value"`
		URL   string `json:"url"`
	}
	gitlabLink struct {
		URL string `json:"url"`
	}
	gitlabLocation struct {
		Dependency      gitlabDependency `json:"dependency"`
		OperatingSystem string           `json:"operating_system"`
		Image           string           `json:"image"`
	}
	gitlabDependency struct {
		Package gitlabPackage `json:"package"`
		Version string        `json:"version"`
	}
	gitlabPackage struct {
		Name string `json:"name"`
	}
)

// gitlabSchema is the version of the schema. GitLab takes a report by its major version, and warns of old ones.
const gitlabSchema = "15.0.7"

// gitlabSeverities are the words of the schema, which has no own one for what no source rates.
var gitlabSeverities = map[crowsnest.Severity]string{
	crowsnest.Critical: "Critical", crowsnest.High: "High", crowsnest.Medium: "Medium", crowsnest.Low: "Low", crowsnest.Unspecified: "Unknown",
}

// gitlabSpace is the namespace of identifiers: any UUID does, if it stays the same.
var gitlabSpace = uuid.MustParse("b7e1f0c6-2b0c-5d0f-9e0e-7b0a1b7c4a55")

// GitLab writes the findings that the image has for the artifact container_scanning of a job.
func (r Report) GitLab(w io.Writer) error {
	tool := gitlabTool{"crowsnest", "Crowsnest", text(r.Version, 255, "unknown"), gitlabVendor{"Crowsnest"}}
	now := r.Now.UTC().Format("2006-01-02T15:04:05")
	out := gitlabReport{Version: gitlabSchema, Vulnerabilities: []gitlabVulnerability{}, Scan: gitlabScan{
		Analyzer: tool, Scanner: tool, Type: "container_scanning", StartTime: now, EndTime: now, Status: "success",
	}}
	for _, s := range r.unjudged {
		out.Scan.Messages = append(out.Scan.Messages, gitlabMessage{"warn", s})
	}
	seen, repository := make(fingerprints), r.repository()
	for _, f := range r.there() {
		v := gitlabVulnerability{
			ID:          uuid.NewSHA1(gitlabSpace, []byte(seen.of(repository, f.ID, f.Package.Type, f.Package.Name))).String(),
			Name:        text(f.ID+" in "+f.Package.Name, 255, ""),
			Description: f.says() + ".",
			Severity:    gitlabSeverities[f.Severity],
			Links:       []gitlabLink{{link(f.ID)}},
			Location:    gitlabLocation{gitlabDependency{gitlabPackage{text(f.Package.Name, 255, "unknown")}, report.Clean(f.Package.Version)}, text(r.distribution, 255, "unknown"), r.gitlabImage()},
		}
		if f.FixedVersion != nil {
			v.Solution = text(fmt.Sprintf("Upgrade %s to %s or later.", f.Package.Name, *f.FixedVersion), 7000, "")
		}
		for _, id := range append([]string{f.ID}, f.Aliases...) {
			id = report.Clean(id)
			v.Identifiers = append(v.Identifiers, gitlabIdentifier{identifierType(id), id, id, link(id)})
		}
		out.Vulnerabilities = append(out.Vulnerabilities, v)
	}
	return writeJSON(w, out)
}

var letters = regexp.MustCompile(`^[A-Za-z]+$`)

// identifierType is the source of an identifier in small letters: cve, ghsa, dsa.
func identifierType(id string) string {
	source, _, found := strings.Cut(id, "-")
	if !found || !letters.MatchString(source) {
		return "other"
	}
	return strings.ToLower(source)
}

// gitlabImage names the image with a tag or a digest, as the schema asks for one behind a colon.
func (r Report) gitlabImage() string {
	name := text(r.image.Name, 1000, "image")
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		return name
	}
	return name + "@" + string(r.image.Digest)
}

// text is cut to what a field may have.
func text(s string, most int, none string) string {
	if s == "" {
		return none
	}
	if runes := []rune(report.Clean(s)); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return report.Clean(s)
}
