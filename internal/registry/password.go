package registry

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/image/network"
)

// Identity says who this program is in the cloud it runs in; package identity has it.
type Identity interface {
	AWS(ctx context.Context, region string) (aws.Credentials, error)
	Google(ctx context.Context) (token string, ends time.Time, err error)
	Azure(ctx context.Context, resource string) (token string, ends time.Time, err error)
}

// password is what a cloud makes of keys or of an identity.
type password struct {
	username, text string
	ends           time.Time
}

// passwords keeps them for as long as they are good.
type passwords struct {
	sync.Mutex
	made map[account]password
}

type account struct {
	host, api, username, secret, ca string
	identity                        bool
}

// maxPasswords is more than an installation has accounts; past it all are made anew.
const maxPasswords = 256

// get returns the password of an account, an old one while half of its time is left, lest it ends in the middle of an image.
func (p *passwords) get(cfg Config, make func(now time.Time) (password, error)) (password, error) {
	key := account{cfg.Host, cfg.API, cfg.Username, cfg.Secret, cfg.CA, cfg.Identity}
	now := time.Now()
	p.Lock()
	old := p.made[key]
	p.Unlock()
	if now.Before(old.ends) {
		return old, nil
	}
	made, err := make(now)
	if err != nil {
		return made, describe(err, "ask for a password of", cfg.Host)
	}
	made.ends = now.Add(made.ends.Sub(now) / 2)
	p.Lock()
	defer p.Unlock()
	if p.made == nil || len(p.made) >= maxPasswords {
		p.made = map[account]password{}
	}
	p.made[key] = made
	return made, nil
}

// made returns the password that belongs to a configuration for which one is made.
func (c *Connector) made(ctx context.Context, cfg Config) (password, error) {
	_, api, err := c.clients(cfg)
	if err != nil {
		return password{}, err
	}
	return c.passwords.get(cfg, func(now time.Time) (password, error) {
		if cfg.Identity && c.Identity == nil {
			return password{}, noIdentity
		}
		switch cfg.Kind {
		case "ecr":
			region, err := region(cfg.Host)
			if err != nil {
				return password{}, err
			}
			keys := aws.Credentials{AccessKeyID: cfg.Username, SecretAccessKey: cfg.Secret}
			if cfg.Identity {
				if keys, err = c.Identity.AWS(ctx, region); err != nil {
					return password{}, err
				}
			}
			return ecrPassword(ctx, api, cfg, keys, region, now)
		case "gar":
			token, ends, err := c.Identity.Google(ctx)
			return password{"oauth2accesstoken", token, ends}, err
		case "acr":
			return c.azure(ctx, api, cfg, now)
		}
		return password{}, noIdentity
	})
}

// noIdentity is the refusal of an identity where there is none.
var noIdentity = &crowsnest.Error{Kind: crowsnest.Forbidden, Field: "identity", Hint: "give a user and a password, or let the server use its own identity with the setting registry.identity", Err: errors.New("the server's own identity is not to be used for registries")}

// resources are what tokens of Azure are for, by the end of a registry's address.
var resources = map[string]string{".io": "https://management.azure.com", ".cn": "https://management.chinacloudapi.cn", ".us": "https://management.usgovcloudapi.net"}

// refreshTime is how long a refresh token of ACR is good for, which its answer does not say.
const refreshTime = 3 * time.Hour

// azure exchanges a token of Azure for one of a registry, as az acr login --expose-token does.
func (c *Connector) azure(ctx context.Context, api *http.Client, cfg Config, now time.Time) (password, error) {
	token, _, err := c.Identity.Azure(ctx, resources[cfg.Host[strings.LastIndexByte(cfg.Host, '.'):]])
	if err != nil {
		return password{}, err
	}
	body := url.Values{"grant_type": {"access_token"}, "service": {cfg.Host}, "access_token": {token}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, cmp.Or(cfg.API, "https://"+cfg.Host)+"/oauth2/exchange", strings.NewReader(body.Encode()))
	if err != nil {
		return password{}, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := api.Do(req)
	if err != nil {
		return password{}, Explain(network.Explain(err, cfg.Host), cfg)
	}
	raw, err := readAnswer(res)
	if err != nil {
		return password{}, Explain(network.Explain(err, cfg.Host), cfg)
	}
	var answer struct {
		Token string `json:"refresh_token"`
	}
	if json.Unmarshal(raw, &answer) != nil || answer.Token == "" {
		return password{}, &crowsnest.Error{Kind: crowsnest.Unavailable, Field: "host", Err: errors.New("there is no token in the answer of Azure")}
	}
	return password{"00000000-0000-0000-0000-000000000000", answer.Token, now.Add(refreshTime)}, nil
}

// renewing signs in with a password that is made anew before it ends, also in the middle of an image.
type renewing struct {
	connector *Connector
	cfg       Config
}

// Authorization implements authn.Authenticator.
func (r renewing) Authorization() (*authn.AuthConfig, error) {
	return r.AuthorizationContext(context.Background())
}

// AuthorizationContext implements authn.ContextAuthenticator.
func (r renewing) AuthorizationContext(ctx context.Context) (*authn.AuthConfig, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	p, err := r.connector.made(ctx, r.cfg)
	if err != nil {
		return nil, err
	}
	return &authn.AuthConfig{Username: p.username, Password: p.text}, nil
}
