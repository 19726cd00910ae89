package identity

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
)

const secret = "5ecret"

// cloud answers as the clouds' own endpoints do, and as they do when something is wrong.
func cloud(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	keys := func(w http.ResponseWriter) {
		fmt.Fprintf(w, `{"Code":"Success","AccessKeyId":"ASIA1","SecretAccessKey":%q,"Token":"session","Expiration":%q}`, secret, time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	}
	mux.HandleFunc("PUT /latest/api/token", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-aws-ec2-metadata-token-ttl-seconds") == "" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.Write([]byte("imds"))
	})
	mux.HandleFunc("GET /latest/meta-data/iam/security-credentials/{role...}", func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("X-aws-ec2-metadata-token") != "imds":
			w.WriteHeader(http.StatusUnauthorized)
		case r.PathValue("role") == "":
			w.Write([]byte("reader\n"))
		case r.PathValue("role") == "reader":
			keys(w)
		}
	})
	mux.HandleFunc("GET /v1/credentials", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "pod token" {
			http.Error(w, "token "+secret, http.StatusForbidden)
			return
		}
		keys(w)
	})
	mux.HandleFunc("POST /{$}", func(w http.ResponseWriter, r *http.Request) { // STS
		if r.PostFormValue("Action") != "AssumeRoleWithWebIdentity" || r.PostFormValue("RoleArn") != "arn:aws:iam::1:role/reader" || r.PostFormValue("WebIdentityToken") != "of kubernetes" {
			http.Error(w, "<ErrorResponse><Error><Code>InvalidIdentityToken</Code></Error></ErrorResponse>", http.StatusBadRequest)
			return
		}
		fmt.Fprintf(w, `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>%s</SecretAccessKey><SessionToken>session</SessionToken><Expiration>%s</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`,
			secret, time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	})
	mux.HandleFunc("GET /metadata/identity/oauth2/token", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		switch {
		case r.Header.Get("Metadata") != "true" || q.Get("api-version") == "":
			w.WriteHeader(http.StatusBadRequest)
		case q.Get("client_id") == "unknown":
			w.WriteHeader(http.StatusNotFound)
		case q.Get("client_id") == "endless":
			fmt.Fprintf(w, `{"access_token":%q}`, secret)
		default:
			fmt.Fprintf(w, `{"access_token":"%s for %s","expires_in":"3599","token_type":"Bearer"}`, secret, q.Get("resource"))
		}
	})
	mux.HandleFunc("POST /tenant/oauth2/v2.0/token", func(w http.ResponseWriter, r *http.Request) {
		if r.PostFormValue("grant_type") != "client_credentials" || r.PostFormValue("client_assertion") != "of kubernetes" || r.PostFormValue("client_id") != "client" {
			http.Error(w, `{"error":"invalid_client","error_description":"`+secret+`"}`, http.StatusUnauthorized)
			return
		}
		fmt.Fprintf(w, `{"access_token":"%s for %s","expires_in":3599}`, secret, r.PostFormValue("scope"))
	})
	mux.HandleFunc("GET /computeMetadata/v1/instance/service-accounts/default/token", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Metadata-Flavor") != "Google" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		fmt.Fprintf(w, `{"access_token":%q,"expires_in":1800,"token_type":"Bearer"}`, secret)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func source(variables map[string]string) *Source {
	return &Source{API: http.DefaultClient, Variable: func(name string) string { return variables[name] }}
}

func tokenFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// refused holds that a failure says what to do and repeats no secret.
func refused(t *testing.T, name string, err error) {
	t.Helper()
	if err == nil || crowsnest.KindOf(err) != crowsnest.Unauthorized || !strings.Contains(err.Error(), "give") || strings.Contains(err.Error(), secret) {
		t.Errorf("%s: %v", name, err)
	}
}

func TestAWS(t *testing.T) {
	s := cloud(t)
	file := tokenFile(t, "of kubernetes")
	web := map[string]string{"AWS_WEB_IDENTITY_TOKEN_FILE": file, "AWS_ROLE_ARN": "arn:aws:iam::1:role/reader", "AWS_ENDPOINT_URL_STS": s.URL}
	for name, variables := range map[string]map[string]string{
		"keys":     {"AWS_ACCESS_KEY_ID": "ASIA1", "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": "session"},
		"IRSA":     web,
		"pod":      {"AWS_CONTAINER_CREDENTIALS_FULL_URI": s.URL + "/v1/credentials", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": tokenFile(t, "pod token")},
		"instance": {"AWS_EC2_METADATA_SERVICE_ENDPOINT": s.URL},
	} {
		keys, err := source(variables).AWS(t.Context(), "eu-west-1")
		if err != nil || keys.AccessKeyID != "ASIA1" || keys.SecretAccessKey != secret || keys.SessionToken != "session" {
			t.Errorf("%s: %+v, %v", name, keys, err)
		}
	}
	empty := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(`{}`)) }))
	defer empty.Close()
	for name, variables := range map[string]map[string]string{
		"another token":        {"AWS_WEB_IDENTITY_TOKEN_FILE": tokenFile(t, secret), "AWS_ROLE_ARN": "arn:aws:iam::1:role/reader", "AWS_ENDPOINT_URL_STS": s.URL},
		"no token":             {"AWS_WEB_IDENTITY_TOKEN_FILE": filepath.Join(t.TempDir(), "none"), "AWS_ROLE_ARN": "x", "AWS_ENDPOINT_URL_STS": s.URL},
		"JSON of STS":          {"AWS_WEB_IDENTITY_TOKEN_FILE": file, "AWS_ROLE_ARN": "x", "AWS_ENDPOINT_URL_STS": empty.URL},
		"refused by the agent": {"AWS_CONTAINER_CREDENTIALS_FULL_URI": s.URL + "/v1/credentials", "AWS_CONTAINER_AUTHORIZATION_TOKEN": secret},
		"agent elsewhere":      {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://192.0.2.1/v1/credentials", "AWS_CONTAINER_AUTHORIZATION_TOKEN": secret},
		"agent by name":        {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://evil.example/", "AWS_CONTAINER_AUTHORIZATION_TOKEN": secret},
		"no keys":              {"AWS_CONTAINER_CREDENTIALS_FULL_URI": empty.URL},
		"switched off":         {"AWS_EC2_METADATA_DISABLED": "true"},
		"nobody there":         {"AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1"},
	} {
		_, err := source(variables).AWS(t.Context(), "eu-west-1")
		refused(t, name, err)
	}
}

func TestAzure(t *testing.T) {
	s := cloud(t)
	federated := map[string]string{"AZURE_TENANT_ID": "tenant", "AZURE_CLIENT_ID": "client", "AZURE_FEDERATED_TOKEN_FILE": tokenFile(t, "of kubernetes"), "AZURE_AUTHORITY_HOST": s.URL + "/"}
	for name, tt := range map[string]struct {
		variables map[string]string
		want      string
	}{
		"federated": {federated, secret + " for https://management.azure.com/.default"},
		"machine":   {map[string]string{"AZURE_POD_IDENTITY_AUTHORITY_HOST": s.URL}, secret + " for https://management.azure.com"},
	} {
		token, ends, err := source(tt.variables).Azure(t.Context(), "https://management.azure.com")
		if left := time.Until(ends); err != nil || token != tt.want || left < 50*time.Minute || left > time.Hour {
			t.Errorf("%s: %q for %s, %v", name, token, left, err)
		}
	}
	for name, variables := range map[string]map[string]string{
		"another token": {"AZURE_TENANT_ID": "tenant", "AZURE_CLIENT_ID": "client", "AZURE_FEDERATED_TOKEN_FILE": tokenFile(t, "other"), "AZURE_AUTHORITY_HOST": s.URL},
		"unknown":       {"AZURE_POD_IDENTITY_AUTHORITY_HOST": s.URL, "AZURE_CLIENT_ID": "unknown"},
		"endless":       {"AZURE_POD_IDENTITY_AUTHORITY_HOST": s.URL, "AZURE_CLIENT_ID": "endless"},
		"nobody there":  {"AZURE_POD_IDENTITY_AUTHORITY_HOST": "http://127.0.0.1:1"},
	} {
		_, _, err := source(variables).Azure(t.Context(), "https://management.azure.com")
		refused(t, name, err)
	}
}

func TestGoogle(t *testing.T) {
	s := cloud(t)
	t.Setenv("HOME", t.TempDir())
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", "")
	t.Setenv("GCE_METADATA_HOST", strings.TrimPrefix(s.URL, "http://"))
	token, ends, err := source(nil).Google(t.Context())
	if left := time.Until(ends); err != nil || token != secret || left < 20*time.Minute || left > 31*time.Minute {
		t.Errorf("%q for %s, %v", token, left, err)
	}
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", filepath.Join(t.TempDir(), "none.json"))
	_, _, err = source(nil).Google(t.Context())
	refused(t, "no key file", err)
}
