package config

import (
	"errors"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
)

// OIDC says which provider of identities people sign in with. Without an issuer there is none.
type OIDC struct {
	// Issuer is the provider's own name, an https:// URL, as its discovery document writes it.
	Issuer string `koanf:"issuer"`
	// ClientID and ClientSecret are what the provider knows this server by; the secret may
	// be in ClientSecretFile, and is empty for a client that has none.
	ClientID         string `koanf:"client_id"`
	ClientSecret     string `koanf:"client_secret"`
	ClientSecretFile string `koanf:"client_secret_file"`
	// Name is what the button says: "Sign in with NAME".
	Name string `koanf:"name"`
	// Scopes are asked for beside openid.
	Scopes []string `koanf:"scopes"`
	// GroupsClaim names the claim with a person's groups, VerifiedClaim the one that says
	// whether the e-mail address is verified.
	GroupsClaim   string `koanf:"groups_claim"`
	VerifiedClaim string `koanf:"verified_claim"`
	// Grants gives groups roles: "ROLE:ORGANISATION:GROUP"; without a name it is the first organisation.
	Grants []string `koanf:"grants"`
	// DefaultRole is the role of everybody in the first organisation, or empty.
	DefaultRole string `koanf:"default_role"`
	// EmailDomains lists whose addresses may come in; empty is everybody.
	EmailDomains []string `koanf:"email_domains"`
}

// Grant is one of Grants.
type Grant struct {
	Role         crowsnest.Role
	Organisation string // its name; empty for the first
	Group        string
}

// ParsedGrants returns Grants parsed. A group may hold colons.
func (o OIDC) ParsedGrants() ([]Grant, error) {
	const hint = `write it as "ROLE:ORGANISATION:GROUP", for example "editor:default:security"`
	var out []Grant
	for _, s := range o.Grants {
		word, rest, _ := strings.Cut(s, ":")
		organisation, group, _ := strings.Cut(rest, ":")
		g := Grant{Organisation: strings.TrimSpace(organisation), Group: strings.TrimSpace(group)}
		var err error
		if g.Role, err = crowsnest.ParseRole(word); err != nil || g.Group == "" {
			return nil, invalid("oidc.grants", s, hint)
		}
		out = append(out, g)
	}
	return out, nil
}

// Role returns DefaultRole parsed; none for none.
func (o OIDC) Role() (crowsnest.Role, error) {
	if o.DefaultRole == "" {
		return crowsnest.NoRole, nil
	}
	role, err := crowsnest.ParseRole(o.DefaultRole)
	if err != nil {
		return role, invalid("oidc.default_role", o.DefaultRole, "use member, editor or owner, or leave it out")
	}
	return role, nil
}

const maxSecretFile = 64 << 10

// normalise reads the file of the secret and brings names into the form they are compared in.
func (o *OIDC) normalise() error {
	for i, domain := range o.EmailDomains {
		o.EmailDomains[i] = strings.ToLower(strings.TrimPrefix(strings.TrimSpace(domain), "@"))
	}
	if o.ClientSecretFile == "" {
		return nil
	}
	if o.ClientSecret != "" {
		return invalid("oidc.client_secret_file", o.ClientSecretFile, "give the secret or its file, not both")
	}
	f, err := os.Open(o.ClientSecretFile)
	if err == nil {
		defer f.Close()
		var b []byte
		if b, err = io.ReadAll(io.LimitReader(f, maxSecretFile)); err == nil {
			o.ClientSecret = strings.TrimSpace(string(b))
		}
	}
	var path *os.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	switch {
	case err != nil:
		return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "configuration: oidc.client_secret_file", Subject: o.ClientSecretFile, Hint: "name a file that the server can read", Err: err}
	case o.ClientSecret == "":
		return invalid("oidc.client_secret_file", o.ClientSecretFile, "the file is empty")
	}
	return nil
}

// checkOIDC refuses a provider nobody could sign in with, and a server nobody could sign in to.
func (c Config) checkOIDC() error {
	o := c.OIDC
	if o.Issuer == "" {
		if !c.PasswordSignIn {
			return invalid("password_sign_in", "false", "nobody could sign in; set oidc.issuer first")
		}
		return nil
	}
	u, err := url.Parse(o.Issuer)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return invalid("oidc.issuer", "", "write it as https://idp.example.com, exactly as the provider names itself")
	}
	switch {
	case o.ClientID == "":
		return invalid("oidc.client_id", "", "give the ID under which the provider knows this server")
	case c.PublicURL == "":
		return invalid("public_url", "", "the provider must know where to send browsers back to; give the address people use")
	case strings.TrimSpace(o.Name) == "" || len(o.Name) > 64:
		return invalid("oidc.name", o.Name, "give a name of up to 64 characters for the button")
	case o.VerifiedClaim == "":
		return invalid("oidc.verified_claim", "", "name the claim that says whether the e-mail address is verified")
	case slices.Contains(o.EmailDomains, ""):
		return invalid("oidc.email_domains", "", "write domains as example.com")
	}
	if _, err := o.ParsedGrants(); err != nil {
		return err
	}
	_, err = o.Role()
	return err
}
