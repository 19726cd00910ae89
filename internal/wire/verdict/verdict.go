// Package verdict is the part of the wire about decisions: exceptions, what they would suppress, and documents in the sense of VEX.
package verdict

import (
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store/decided"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// ExceptionRequest is an exception that is to be made or previewed.
type ExceptionRequest struct {
	Vulnerability string                  `json:"vulnerability" minLength:"1" maxLength:"128" pattern:"^[A-Za-z0-9][A-Za-z0-9._:-]*$" patternDescription:"a CVE or another identifier" doc:"Any name of the vulnerability"`
	Type          string                  `json:"type" enum:"accepted-risk,false-positive"`
	Justification string                  `json:"justification,omitempty" enum:"component_not_present,vulnerable_code_not_present,vulnerable_code_not_in_execute_path,vulnerable_code_cannot_be_controlled_by_adversary,inline_mitigations_already_exist" doc:"Of a false positive why, in the words of OpenVEX"`
	Scope         crowsnest.DecisionScope `json:"scope" doc:"What it holds for: each part narrows, and nothing at all is the whole organisation"`
	Text          string                  `json:"text" maxLength:"4096" doc:"Why it is decided so"`
	Expires       string                  `json:"expires,omitempty" maxLength:"40" doc:"The last day on which it holds, as 2026-12-31, or a time; absent for ever"`
}

// Draft checks a request.
func (r ExceptionRequest) Draft() (decided.Draft, error) {
	kind, justification, err := crowsnest.ParseDecisionKind(r.Type, r.Justification)
	if err != nil {
		return decided.Draft{}, err
	}
	scope, err := crowsnest.ReadDecisionScope(r.Scope)
	if err != nil {
		return decided.Draft{}, inScope(err)
	}
	d := decided.Draft{Vulnerability: crowsnest.VulnerabilityName(r.Vulnerability), Kind: kind, Justification: justification, Scope: scope, Text: crowsnest.Text(r.Text)}
	if r.Expires != "" {
		d.Expires, err = crowsnest.ParseExpiry(r.Expires)
	}
	return d, err
}

// inScope names the field of the request that a scope's error is about.
func inScope(err error) error {
	if own, ok := err.(*crowsnest.Error); ok && own.Field != "" {
		return crowsnest.InField("scope."+own.Field, err)
	}
	return err
}

// Exception is a decision of somebody in the organisation.
type Exception struct {
	ID            string                  `json:"id"`
	Vulnerability string                  `json:"vulnerability"`
	Type          crowsnest.DecisionKind  `json:"type" enum:"accepted-risk,false-positive"`
	Justification crowsnest.Justification `json:"justification,omitempty"`
	Scope         crowsnest.DecisionScope `json:"scope"`
	Text          string                  `json:"text"`
	State         string                  `json:"state" enum:"waiting,active,expired,revoked" doc:"Only what is active suppresses anything; what waits needs the approval of an owner"`
	Author        string                  `json:"author"`
	Created       time.Time               `json:"created"`
	Expires       time.Time               `json:"expires,omitzero" doc:"From then on it does not hold; absent for ever"`
	ApprovedBy    string                  `json:"approvedBy,omitempty" doc:"Absent if it needed no approval"`
	Approved      time.Time               `json:"approved,omitzero"`
	RevokedBy     string                  `json:"revokedBy,omitempty"`
	Revoked       time.Time               `json:"revoked,omitzero"`
}

// NewException converts a row.
func NewException(x decided.Exception) Exception {
	return Exception{
		ID: x.ID, Vulnerability: x.Vulnerability, Type: x.Kind, Justification: x.Justification, Scope: x.Scope, Text: x.Text, State: string(x.State), Author: x.Author, Created: x.Created,
		Expires: x.Expires, ApprovedBy: x.ApprovedBy, Approved: x.Approved, RevokedBy: x.RevokedBy, Revoked: x.Revoked,
	}
}

// ExceptionPreview is what an exception would suppress that counts now.
type ExceptionPreview struct {
	Vulnerability string             `json:"vulnerability" doc:"As images have it; empty if none has"`
	Findings      int                `json:"findings" doc:"Packages with the vulnerability, in each image"`
	Suppressed    int                `json:"suppressed" doc:"How many of those that it is about are suppressed already"`
	Images        int                `json:"images"`
	Environments  []string           `json:"environments" doc:"In which one of the images runs"`
	Examples      []ExceptionExample `json:"examples" doc:"10 at most, the worst first"`
	Spared        int                `json:"spared" doc:"Images that it is about under one of their names, and that go on counting since they have another one that it is not about"`
	SparedImages  []SparedImage      `json:"sparedImages" doc:"10 of them at most"`
	Waits         bool               `json:"waits" doc:"Whether it would wait for the approval of an owner"`
}

// ExceptionExample is a finding in an image.
type ExceptionExample struct {
	Image         string             `json:"image"`
	Digest        crowsnest.Digest   `json:"digest"`
	Vulnerability string             `json:"vulnerability"`
	Package       string             `json:"package" doc:"As a package URL"`
	Severity      crowsnest.Severity `json:"severity" enum:"critical,high,medium,low,unspecified"`
}

// SparedImage is an image with the names that keep it counting.
type SparedImage struct {
	Image  string           `json:"image"`
	Digest crowsnest.Digest `json:"digest"`
	Names  []string         `json:"names"`
}

// NewExceptionPreview converts a preview.
func NewExceptionPreview(p decided.Preview, waits bool) ExceptionPreview {
	return ExceptionPreview{
		Vulnerability: p.Vulnerability, Findings: p.Findings, Suppressed: p.Suppressed, Images: p.Images, Environments: wire.List(p.Environments),
		Examples: wire.Each(p.Examples, func(e decided.Example) ExceptionExample {
			return ExceptionExample{Image: e.Image, Digest: e.Digest, Vulnerability: e.Vulnerability, Package: e.PURL, Severity: e.Severity}
		}),
		Spared: p.Spared, SparedImages: wire.Each(p.SparedNames, func(s decided.Spared) SparedImage {
			return SparedImage{Image: s.Image, Digest: s.Digest, Names: wire.List(s.Names)}
		}), Waits: waits,
	}
}

// DecisionSettings is how the organisation decides.
type DecisionSettings struct {
	Approval   bool     `json:"approval" doc:"Whether what an editor decides waits for the approval of an owner"`
	VEXAuthors []string `json:"vexAuthors" doc:"Authors of VEX documents who are trusted; a * stands for any characters. What others state suppresses nothing"`
}

// NewDecisionSettings converts settings.
func NewDecisionSettings(s decided.Settings) DecisionSettings {
	return DecisionSettings{Approval: s.Approval, VEXAuthors: wire.List(s.Authors)}
}

// DecisionSettingsChange changes settings; what is absent stays.
type DecisionSettingsChange struct {
	Approval   *bool     `json:"approval,omitempty"`
	VEXAuthors *[]string `json:"vexAuthors,omitempty" maxItems:"100"`
}

// ImageDecision is a decision about findings of an image.
type ImageDecision struct {
	crowsnest.Suppression
	Vulnerability string                  `json:"vulnerability"`
	Scope         crowsnest.DecisionScope `json:"scope"`
	Findings      int                     `json:"findings" doc:"Of the image that it is about"`
	Suppressed    int                     `json:"suppressed" doc:"How many of these are suppressed, by whatever decision"`
	Names         []string                `json:"names" doc:"Names of the image that it is about"`
	Undecided     []string                `json:"undecided" doc:"Names of the image that it is not about: while there is one for which nothing is decided, the findings count"`
}

// NewImageDecision converts a row.
func NewImageDecision(d decided.ImageDecision) ImageDecision {
	return ImageDecision{
		Suppression: *d.Suppression(), Vulnerability: d.Vulnerability, Scope: d.Scope, Findings: d.Findings, Suppressed: d.Suppressed, Names: wire.List(d.Names), Undecided: wire.List(d.Undecided),
	}
}

// VEXDocument states what is the matter with products, in the sense of VEX.
type VEXDocument struct {
	ID         string           `json:"id"`
	Format     string           `json:"format" enum:"openvex,cyclonedx,csaf"`
	Identifier string           `json:"identifier" doc:"That its author gave it"`
	Version    string           `json:"version,omitempty"`
	Title      string           `json:"title,omitempty"`
	Author     string           `json:"author"`
	Trusted    bool             `json:"trusted" doc:"Whether its author is; else it suppresses nothing"`
	Name       string           `json:"name" doc:"Of the file, or of the image that it was attested of"`
	Stated     time.Time        `json:"stated,omitzero" doc:"When, by its own word"`
	Digest     crowsnest.Digest `json:"digest" doc:"Of its bytes"`
	Size       int              `json:"size" doc:"Bytes"`
	Image      crowsnest.Digest `json:"image,omitempty" doc:"That it was attested of or found in, and to which it is bound; absent of what was imported"`
	Path       string           `json:"path,omitempty" doc:"Where in the file system of the image it was found; absent of what was attested or imported"`
	Ignored    bool             `json:"ignored,omitempty" doc:"It was found in the file system of the image, and something is attested of that: then it suppresses nothing"`
	AddedBy    string           `json:"addedBy,omitempty"`
	Added      time.Time        `json:"added"`
	Statements int              `json:"statements" doc:"How many it has"`
}

// NewVEXDocument converts a row.
func NewVEXDocument(d decided.Document) VEXDocument {
	return VEXDocument{
		ID: d.ID, Format: string(d.Format), Identifier: d.Identifier, Version: d.Version, Title: d.Title, Author: d.Author, Trusted: d.Trusted, Name: d.Name, Stated: d.Stated, Digest: d.Digest,
		Size: d.Size, Image: d.Image, Path: d.Path, Ignored: d.Ignored, AddedBy: d.AddedBy, Added: d.Added, Statements: d.Count,
	}
}

// VEXStatement is one of a document, with what became of it.
type VEXStatement struct {
	Position      int                     `json:"position"`
	Vulnerability string                  `json:"vulnerability"`
	Status        crowsnest.DecisionKind  `json:"status" enum:"not-affected,fixed,affected,under-investigation"`
	Justification crowsnest.Justification `json:"justification,omitempty"`
	Text          string                  `json:"text,omitempty"`
	Stated        time.Time               `json:"stated,omitzero"`
	Products      []string                `json:"products" doc:"As the document names them; 20 at most"`
	MoreProducts  int                     `json:"moreProducts,omitempty"`
	Unread        []string                `json:"unread" doc:"Products that are named by nothing that could be an image or a package; 20 at most"`
	Fate          string                  `json:"fate" enum:"applies,not-suppressing,author-untrusted,image-attested,no-finding,no-product,other-image,other-package,other-version,outside-of-image,superseded,other-names" doc:"Whether it suppresses anything now, and if not, what of it does not fit"`
	Findings      int                     `json:"findings" doc:"Of its vulnerability in its products, in each image"`
}

// maxProducts bounds the products of a statement that are listed.
const maxProducts = 20

// NewVEXStatement converts a row.
func NewVEXStatement(s decided.StatementFate) VEXStatement {
	return VEXStatement{
		Position: s.Position, Vulnerability: s.Vulnerability, Status: s.Kind, Justification: s.Justification, Text: s.Text, Stated: s.Stated,
		Products: wire.List(s.Products[:min(len(s.Products), maxProducts)]), MoreProducts: max(0, len(s.Products)-maxProducts), Unread: wire.List(s.Unread[:min(len(s.Unread), maxProducts)]),
		Fate: string(s.Fate), Findings: s.Findings,
	}
}
