package registry

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/image/network"
)

// passwords are those that Amazon ECR makes of access keys; they are good for twelve hours.
type passwords struct {
	sync.Mutex
	made map[account]password
}

type account struct{ host, api, username, secret string }

type password struct {
	text string
	ends time.Time
}

// maxPasswords is more than an installation has accounts; past it all are made anew.
const maxPasswords = 256

// ecr returns the password of a registry of Amazon ECR, an old one while it is good.
func (p *passwords) ecr(ctx context.Context, hc *http.Client, cfg Config) (string, error) {
	key := account{cfg.Host, cfg.API, cfg.Username, cfg.Secret}
	p.Lock()
	old := p.made[key]
	p.Unlock()
	if time.Now().Before(old.ends) {
		return old.text, nil
	}
	made, err := ecrPassword(ctx, hc, cfg, time.Now())
	if err != nil {
		return "", describe(err, "ask for a password of", cfg.Host)
	}
	p.Lock()
	defer p.Unlock()
	if p.made == nil || len(p.made) >= maxPasswords {
		p.made = map[account]password{}
	}
	p.made[key] = made
	return made.text, nil
}

// ecrPassword asks Amazon for the password that belongs to an access key.
func ecrPassword(ctx context.Context, hc *http.Client, cfg Config, now time.Time) (password, error) {
	kind, err := KindOf("ecr")
	if err != nil {
		return password{}, err
	}
	parts := kind.host.FindStringSubmatch(cfg.Host)
	if parts == nil {
		return password{}, &crowsnest.Error{Kind: crowsnest.Invalid, Field: "host", Hint: "write it as " + kind.Example, Err: errors.New("this is not an address of Amazon ECR")}
	}
	address := cfg.API
	if address == "" {
		address = "https://api.ecr." + parts[2] + ".amazonaws.com"
		if strings.HasSuffix(cfg.Host, ".cn") {
			address += ".cn"
		}
	}
	const body = `{}`
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"/", bytes.NewReader([]byte(body)))
	if err != nil {
		return password{}, err
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken")
	sum := sha256.Sum256([]byte(body))
	keys := aws.Credentials{AccessKeyID: cfg.Username, SecretAccessKey: cfg.Secret}
	if err := v4.NewSigner().SignHTTP(ctx, keys, req, hex.EncodeToString(sum[:]), "ecr", parts[2], now); err != nil {
		return password{}, err
	}
	res, err := hc.Do(req)
	if err != nil {
		return password{}, Explain(network.Explain(err, cfg.Host), cfg)
	}
	if res.StatusCode == http.StatusBadRequest || res.StatusCode == http.StatusForbidden { // how Amazon says that it knows no such key
		res.Body.Close()
		return password{}, Explain(&crowsnest.Error{Kind: crowsnest.Unauthorized, Err: errors.New("the access key is not accepted by Amazon")}, cfg)
	}
	raw, err := readAnswer(res)
	if err != nil {
		return password{}, Explain(network.Explain(err, cfg.Host), cfg)
	}
	var answer struct {
		Data []struct {
			Token   string  `json:"authorizationToken"`
			Expires float64 `json:"expiresAt"`
		} `json:"authorizationData"`
	}
	if json.Unmarshal(raw, &answer) == nil && len(answer.Data) > 0 {
		if plain, err := base64.StdEncoding.DecodeString(answer.Data[0].Token); err == nil {
			if _, text, ok := strings.Cut(string(plain), ":"); ok {
				// It is used no longer than half of its time, lest it ends in the middle of an image.
				return password{text, now.Add(time.Unix(int64(answer.Data[0].Expires), 0).Sub(now) / 2)}, nil
			}
		}
	}
	return password{}, &crowsnest.Error{Kind: crowsnest.Unavailable, Field: "host", Err: errors.New("there is no password in the answer of Amazon")}
}
