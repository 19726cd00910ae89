// Package identity asks the cloud a program runs in who it is: Amazon, Google and Azure give what runs there tokens of its
// own, so that nobody need keep a password. What they are good for, people say in the cloud.
//
// The contracts are the public ones of the clouds' own tools, and so are the variables that are heeded. Their SDKs are not
// used for what is a few calls of HTTP, but for Google's small one.
//
//   - Amazon: keys in variables; a token for a service account of Kubernetes (AWS_WEB_IDENTITY_TOKEN_FILE), exchanged at STS;
//     the credentials of a container (ECS, EKS Pod Identity); the metadata of the machine (IMDSv2)
//   - Google: what Application Default Credentials find, the metadata server first of all
//   - Azure: a federated token of Kubernetes (AZURE_FEDERATED_TOKEN_FILE), exchanged at Entra ID; the metadata of the machine
//
// Addresses at which clouds give out credentials are link-local. No request of anybody's making leads there: they are asked
// by this package alone, with nothing that came from outside in it.
package identity

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"

	"github.com/crowsnest-sec/crowsnest"
)

// Source asks the cloud. It is safe for concurrent use, and keeps nothing.
type Source struct {
	// API is for what is on the internet: the exchanges of tokens at STS and Entra ID.
	API *http.Client
	// Variable returns a variable of the environment, empty for none.
	Variable func(name string) string
}

// metadata is for what clouds say to a machine itself: it is near or not there, and no proxy stands between.
var metadata = &http.Client{
	Timeout:       5 * time.Second,
	Transport:     &http.Transport{Proxy: nil, DialContext: (&net.Dialer{Timeout: 2 * time.Second}).DialContext, DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

const maxAnswer = 64 << 10

// none says that the cloud gives this program no identity.
func none(cloud, hint string, err error) error {
	return &crowsnest.Error{Kind: crowsnest.Unauthorized, Op: "ask " + cloud + " for the server's own identity", Field: "identity", Hint: hint, Err: err}
}

// ask calls and returns the body of an answer that is right. What an answer says of a failure may hold a token, and is not repeated.
func ask(hc *http.Client, req *http.Request) ([]byte, error) {
	req.Header.Set("User-Agent", "crowsnest")
	res, err := hc.Do(req)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err // its URL may hold a token
		}
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", req.URL.Host, res.Status)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err == nil && len(body) > maxAnswer {
		err = fmt.Errorf("the answer of %s is too long", req.URL.Host)
	}
	return body, err
}

func readFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read the token in %s: %w", path, errors.Unwrap(err))
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxAnswer))
	return strings.TrimSpace(string(raw)), err
}

const awsHint = "give the server a role (IRSA, EKS Pod Identity, an ECS task role or an instance profile) that may read ECR, or give an access key"

// AWS returns keys of this program for a region of Amazon.
func (s *Source) AWS(ctx context.Context, region string) (aws.Credentials, error) {
	keys, err := s.aws(ctx, region)
	if err == nil && !keys.HasKeys() {
		err = errors.New("there are no keys in the answer")
	}
	if err != nil {
		return aws.Credentials{}, none("Amazon", awsHint, err)
	}
	return keys, nil
}

func (s *Source) aws(ctx context.Context, region string) (aws.Credentials, error) {
	if id := s.Variable("AWS_ACCESS_KEY_ID"); id != "" {
		return aws.Credentials{AccessKeyID: id, SecretAccessKey: s.Variable("AWS_SECRET_ACCESS_KEY"), SessionToken: s.Variable("AWS_SESSION_TOKEN")}, nil
	}
	if file, role := s.Variable("AWS_WEB_IDENTITY_TOKEN_FILE"), s.Variable("AWS_ROLE_ARN"); file != "" && role != "" {
		return s.webIdentity(ctx, region, file, role)
	}
	if address := s.Variable("AWS_CONTAINER_CREDENTIALS_FULL_URI"); address != "" {
		return s.container(ctx, address)
	}
	if path := s.Variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"); path != "" {
		return s.container(ctx, "http://169.254.170.2"+path)
	}
	if s.Variable("AWS_EC2_METADATA_DISABLED") == "true" {
		return aws.Credentials{}, errors.New("the metadata of the machine is switched off, and nothing else says who this is")
	}
	return s.instance(ctx)
}

// webIdentity exchanges a token of Kubernetes (sts:AssumeRoleWithWebIdentity).
func (s *Source) webIdentity(ctx context.Context, region, file, role string) (out aws.Credentials, err error) {
	token, err := readFile(file)
	if err != nil {
		return out, err
	}
	address := s.Variable("AWS_ENDPOINT_URL_STS")
	if address == "" {
		address = "https://sts." + region + ".amazonaws.com"
		if strings.HasPrefix(region, "cn-") {
			address += ".cn"
		}
	}
	session := s.Variable("AWS_ROLE_SESSION_NAME")
	if session == "" {
		session = "crowsnest"
	}
	req, err := form(ctx, address+"/", url.Values{"Action": {"AssumeRoleWithWebIdentity"}, "Version": {"2011-06-15"}, "RoleArn": {role}, "RoleSessionName": {session}, "WebIdentityToken": {token}})
	if err != nil {
		return out, err
	}
	body, err := ask(s.API, req)
	if err != nil {
		return out, err
	}
	var answer struct {
		Keys struct {
			ID      string    `xml:"AccessKeyId"`
			Secret  string    `xml:"SecretAccessKey"`
			Session string    `xml:"SessionToken"`
			Expires time.Time `xml:"Expiration"`
		} `xml:"AssumeRoleWithWebIdentityResult>Credentials"`
	}
	if xml.Unmarshal(body, &answer) != nil {
		return out, errors.New("the answer of STS is not the XML it should be")
	}
	k := answer.Keys
	return aws.Credentials{AccessKeyID: k.ID, SecretAccessKey: k.Secret, SessionToken: k.Session, CanExpire: true, Expires: k.Expires}, nil
}

// container asks the agent beside a container (ECS, EKS Pod Identity).
func (s *Source) container(ctx context.Context, address string) (out aws.Credentials, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return out, errors.New("AWS_CONTAINER_CREDENTIALS_FULL_URI is no address")
	}
	// The rule of Amazon's own tools: the token goes to nobody further away without TLS.
	if ip := net.ParseIP(req.URL.Hostname()); req.URL.Scheme != "https" && (ip == nil || !ip.IsLoopback() && !slices.Contains([]string{"169.254.170.2", "169.254.170.23", "fd00:ec2::23"}, ip.String())) {
		return out, errors.New("AWS_CONTAINER_CREDENTIALS_FULL_URI is no address of an agent of Amazon")
	}
	token := s.Variable("AWS_CONTAINER_AUTHORIZATION_TOKEN")
	if file := s.Variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"); file != "" {
		if token, err = readFile(file); err != nil {
			return out, err
		}
	}
	if token != "" {
		req.Header.Set("Authorization", token)
	}
	return keys(ask(metadata, req))
}

// keys reads what agents and machines say.
func keys(body []byte, err error) (aws.Credentials, error) {
	if err != nil {
		return aws.Credentials{}, err
	}
	var k struct {
		AccessKeyID     string `json:"AccessKeyId"`
		SecretAccessKey string
		Token           string
		Expiration      time.Time
	}
	if json.Unmarshal(body, &k) != nil {
		return aws.Credentials{}, errors.New("the answer is not the JSON it should be")
	}
	return aws.Credentials{AccessKeyID: k.AccessKeyID, SecretAccessKey: k.SecretAccessKey, SessionToken: k.Token, CanExpire: true, Expires: k.Expiration}, nil
}

// instance asks the metadata of the machine (IMDSv2).
func (s *Source) instance(ctx context.Context) (out aws.Credentials, err error) {
	at := s.Variable("AWS_EC2_METADATA_SERVICE_ENDPOINT")
	if at == "" {
		at = "http://169.254.169.254"
	}
	at = strings.TrimSuffix(at, "/")
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, at+"/latest/api/token", nil)
	if err != nil {
		return out, err
	}
	req.Header.Set("X-aws-ec2-metadata-token-ttl-seconds", "60")
	session, err := ask(metadata, req)
	if err != nil {
		return out, err
	}
	get := func(path string) ([]byte, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, at+"/latest/meta-data/iam/security-credentials/"+path, nil)
		if err != nil {
			return nil, err
		}
		req.Header.Set("X-aws-ec2-metadata-token", string(session))
		return ask(metadata, req)
	}
	roles, err := get("")
	if err != nil {
		return out, err
	}
	role, _, _ := strings.Cut(strings.TrimSpace(string(roles)), "\n")
	if role == "" {
		return out, errors.New("the machine has no instance profile")
	}
	return keys(get(url.PathEscape(strings.TrimSpace(role))))
}

// Google returns a token of this program for Google's registries.
func (s *Source) Google(ctx context.Context) (token string, ends time.Time, err error) {
	const hint = "run the server as a service account (Workload Identity, or that of the machine) with the role Artifact Registry Reader, or give a JSON key"
	credentials, err := google.FindDefaultCredentials(context.WithValue(ctx, oauth2.HTTPClient, s.API), "https://www.googleapis.com/auth/devstorage.read_only", "https://www.googleapis.com/auth/cloud-platform")
	if err != nil {
		return "", ends, none("Google", hint, err)
	}
	t, err := credentials.TokenSource.Token()
	if err == nil && t.AccessToken == "" {
		err = errors.New("there is no token in the answer")
	}
	if err != nil {
		var refused *oauth2.RetrieveError
		if errors.As(err, &refused) && refused.Response != nil { // its body may hold a token
			err = errors.New("Google answers " + refused.Response.Status)
		}
		return "", ends, none("Google", hint, err)
	}
	return t.AccessToken, t.Expiry, nil
}

const azureHint = "give the server a managed identity or a federated one (workload identity) with the role AcrPull, or give a token or a service principal"

// Azure returns a token of this program for a resource, such as https://management.azure.com.
func (s *Source) Azure(ctx context.Context, resource string) (token string, ends time.Time, err error) {
	token, ends, err = s.azure(ctx, resource)
	if err == nil && token == "" {
		err = errors.New("there is no token in the answer")
	}
	if err != nil {
		return "", ends, none("Azure", azureHint, err)
	}
	return token, ends, nil
}

func (s *Source) azure(ctx context.Context, resource string) (string, time.Time, error) {
	var req *http.Request
	var hc *http.Client
	tenant, client := s.Variable("AZURE_TENANT_ID"), s.Variable("AZURE_CLIENT_ID")
	if file := s.Variable("AZURE_FEDERATED_TOKEN_FILE"); file != "" && tenant != "" && client != "" {
		assertion, err := readFile(file)
		if err != nil {
			return "", time.Time{}, err
		}
		authority := strings.TrimSuffix(s.Variable("AZURE_AUTHORITY_HOST"), "/")
		if authority == "" {
			authority = "https://login.microsoftonline.com"
		}
		hc = s.API
		if req, err = form(ctx, authority+"/"+url.PathEscape(tenant)+"/oauth2/v2.0/token", url.Values{
			"grant_type": {"client_credentials"}, "client_id": {client}, "scope": {resource + "/.default"},
			"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}, "client_assertion": {assertion},
		}); err != nil {
			return "", time.Time{}, err
		}
	} else {
		at := s.Variable("AZURE_POD_IDENTITY_AUTHORITY_HOST")
		if at == "" {
			at = "http://169.254.169.254"
		}
		query := url.Values{"api-version": {"2018-02-01"}, "resource": {resource}}
		if client != "" {
			query.Set("client_id", client)
		}
		var err error
		if req, err = http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(at, "/")+"/metadata/identity/oauth2/token?"+query.Encode(), nil); err != nil {
			return "", time.Time{}, err
		}
		req.Header.Set("Metadata", "true")
		hc = metadata
	}
	body, err := ask(hc, req)
	if err != nil {
		return "", time.Time{}, err
	}
	var answer struct {
		Token   string      `json:"access_token"`
		Seconds json.Number `json:"expires_in"` // a text in the metadata, a number at Entra ID
	}
	if json.Unmarshal(body, &answer) != nil {
		return "", time.Time{}, errors.New("the answer is not the JSON it should be")
	}
	seconds, err := answer.Seconds.Int64()
	if err != nil || seconds <= 0 {
		return "", time.Time{}, errors.New("the answer does not say how long the token is good for")
	}
	return answer.Token, time.Now().Add(time.Duration(min(seconds, 86400)) * time.Second), nil
}

func form(ctx context.Context, address string, values url.Values) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(values.Encode()))
	if err == nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return req, err
}
