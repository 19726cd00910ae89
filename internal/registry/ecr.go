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
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/image/network"
)

// region returns the region that a registry of Amazon ECR is in.
func region(host string) (string, error) {
	kind, err := KindOf("ecr")
	if err != nil {
		return "", err
	}
	parts := kind.host.FindStringSubmatch(host)
	if parts == nil {
		return "", &crowsnest.Error{Kind: crowsnest.Invalid, Field: "host", Hint: "write it as " + kind.Example, Err: errors.New("this is not an address of Amazon ECR")}
	}
	return parts[2], nil
}

// ecrPassword asks Amazon for the password that belongs to keys.
func ecrPassword(ctx context.Context, hc *http.Client, cfg Config, keys aws.Credentials, region string, now time.Time) (password, error) {
	address := cfg.API
	if address == "" {
		address = "https://api.ecr." + region + ".amazonaws.com"
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
	if err := v4.NewSigner().SignHTTP(ctx, keys, req, hex.EncodeToString(sum[:]), "ecr", region, now); err != nil {
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
				return password{"AWS", text, time.Unix(int64(answer.Data[0].Expires), 0)}, nil
			}
		}
	}
	return password{}, &crowsnest.Error{Kind: crowsnest.Unavailable, Field: "host", Err: errors.New("there is no password in the answer of Amazon")}
}
