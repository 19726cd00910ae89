// Package trust is the form of trusts in jobs of CI in answers, and of what is exchanged with such a job.
package trust

import (
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// Trust lets jobs of a repository have tokens without a stored secret.
type Trust struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Issuer      string            `json:"issuer"`
	Repository  string            `json:"repository"`
	Ref         string            `json:"ref" doc:"Pattern of full refs; empty for all"`
	Environment string            `json:"environment" doc:"Empty for all"`
	Scopes      []crowsnest.Scope `json:"scopes"`
	Minutes     int               `json:"minutes" doc:"How long a token lasts"`
	CreatedBy   string            `json:"createdBy"`
	Created     time.Time         `json:"created"`
	LastUsed    time.Time         `json:"lastUsed,omitzero"`
}

// NewTrust converts a trust.
func NewTrust(t store.Trust) Trust {
	return Trust{
		ID: t.ID, Name: t.Name, Issuer: t.Issuer, Repository: t.Repository, Ref: t.Ref, Environment: t.Environment, Scopes: t.Scopes,
		Minutes: int(t.Life / time.Minute), CreatedBy: t.CreatedBy, Created: t.Created, LastUsed: t.Used,
	}
}

// TrustRequest makes a trust.
type TrustRequest struct {
	Name        string            `json:"name" minLength:"1" maxLength:"64" pattern:"^[\\p{L}\\p{N}][\\p{L}\\p{N} ._/-]*$" doc:"Unique in the organisation"`
	Issuer      string            `json:"issuer" minLength:"1" maxLength:"512" doc:"One of the issuers the server takes tokens of"`
	Repository  string            `json:"repository" minLength:"3" maxLength:"255" doc:"One repository as owner/name"`
	Ref         string            `json:"ref,omitempty" maxLength:"255" doc:"A full ref such as refs/heads/main; a * stands for anything but a slash; empty for all"`
	Environment string            `json:"environment,omitempty" maxLength:"255" doc:"The job's environment; empty for all"`
	Scopes      []crowsnest.Scope `json:"scopes" minItems:"1" enum:"read,upload,write"`
	Minutes     int               `json:"minutes,omitempty" minimum:"5" maximum:"60" default:"30" doc:"How long a token lasts"`
}

// ExchangeRequest is what a job of CI brings.
type ExchangeRequest struct {
	Token        string            `json:"token" minLength:"1" maxLength:"16384" doc:"The identity token of the job"`
	Organisation string            `json:"organisation,omitempty" maxLength:"64" doc:"Needed where several trust the repository"`
	Scopes       []crowsnest.Scope `json:"scopes,omitempty" enum:"read,upload,write" doc:"Fewer than the trust gives; all of them if absent"`
}

// ExchangedToken is a token for a job.
type ExchangedToken struct {
	Token   string            `json:"token" doc:"Shown only now"`
	Scopes  []crowsnest.Scope `json:"scopes"`
	Expires time.Time         `json:"expires"`
}
