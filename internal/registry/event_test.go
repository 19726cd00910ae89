package registry

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

func push(tag string, repositories ...string) []store.Push {
	return []store.Push{{Repositories: repositories, Tags: []string{tag}}}
}

var events = []struct {
	name, body string
	want       []store.Push
}{
	{"distribution", `{"events":[
		{"id":"1","action":"push","target":{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","repository":"shop/web","digest":"sha256:aa"}},
		{"id":"2","action":"push","target":{"mediaType":"application/vnd.oci.image.index.v1+json","repository":"shop/web","digest":"sha256:bb","tag":"1.2"}},
		{"id":"3","action":"pull","target":{"repository":"shop/web","tag":"1.1"}},
		{"id":"4","action":"push","target":{"repository":"shop/web","tag":"latest"}}]}`,
		[]store.Push{{Repositories: []string{"shop/web"}, Tags: []string{"1.2", "latest"}}}},
	{"distribution, a delete", `{"events":[{"action":"delete","target":{"repository":"shop/web","tag":"1"}}]}`, nil},
	{"distribution, a signature", `{"events":[{"action":"push","target":{"repository":"shop/web","tag":"sha256-` + strings.Repeat("a", 64) + `.sig"}}]}`, nil},
	{"gitlab", `{"events":[{"id":"x","action":"push","target":{"repository":"group/project/web","tag":"main"},"request":{"host":"registry.gitlab.example.com"},"actor":{"name":"ci"}}]}`, push("main", "group/project/web")},
	{"harbor", `{"type":"PUSH_ARTIFACT","occur_at":1700000000,"operator":"robot$ci","event_data":{"resources":[{"digest":"sha256:cc","tag":"2.0","resource_url":"harbor.example.com/shop/web:2.0"}],"repository":{"name":"web","namespace":"shop","repo_full_name":"shop/web","repo_type":"private"}}}`, push("2.0", "shop/web")},
	{"harbor, a scan", `{"type":"SCANNING_COMPLETED","event_data":{"resources":[{"tag":"2.0"}],"repository":{"repo_full_name":"shop/web"}}}`, nil},
	{"docker hub", `{"callback_url":"https://registry.hub.docker.com/u/acme/web/hook/1/","push_data":{"pushed_at":1700000000,"pusher":"ci","tag":"latest"},"repository":{"name":"web","namespace":"acme","repo_name":"acme/web","status":"Active"}}`, push("latest", "acme/web")},
	{"quay", `{"name":"web","repository":"acme/web","namespace":"acme","docker_url":"quay.io/acme/web","homepage":"https://quay.io/repository/acme/web","updated_tags":["v1","v2"]}`, []store.Push{{Repositories: []string{"acme/web"}, Tags: []string{"v1", "v2"}}}},
	{"ghcr", `{"action":"published","registry_package":{"name":"Web","namespace":"Acme","package_type":"CONTAINER","ecosystem":"CONTAINER","package_version":{"container_metadata":{"tag":{"name":"v3","digest":"sha256:dd"}}}},"repository":{"id":1,"name":"web"}}`, push("v3", "acme/web")},
	{"ghcr, without a namespace", `{"action":"published","package":{"name":"web","owner":{"login":"Acme"},"package_type":"container","package_version":{"container_metadata":{"tag":{"name":"v3"}}}}}`, push("v3", "acme/web")},
	{"ghcr, an npm package", `{"action":"published","registry_package":{"name":"web","namespace":"acme","package_type":"npm"}}`, nil},
	{"github, a ping", `{"zen":"Keep it logically awesome.","hook_id":1,"repository":{"id":1}}`, nil},
	{"artifactory", `{"domain":"docker","event_type":"pushed","data":{"repo_key":"docker-local","path":"shop/web/1.0/manifest.json","name":"manifest.json","image_name":"shop/web","tag":"1.0"}}`, push("1.0", "docker-local/shop/web", "shop/web")},
	{"artifactory, a delete", `{"domain":"docker","event_type":"deleted","data":{"repo_key":"docker-local","image_name":"shop/web","tag":"1.0"}}`, nil},
	{"nexus", `{"timestamp":"2026-01-02T03:04:05.000+0000","nodeId":"n","initiator":"ci/10.0.0.1","repositoryName":"docker-hosted","action":"CREATED","component":{"id":"1","format":"docker","name":"shop/web","group":"","version":"7"}}`, push("7", "shop/web", "repository/docker-hosted/shop/web")},
	{"nexus, an asset", `{"repositoryName":"docker-hosted","action":"CREATED","asset":{"format":"docker","name":"v2/-/blobs/sha256:aa"}}`, nil},
	{"azure", `{"id":"1","timestamp":"2026-01-02T03:04:05Z","action":"push","target":{"mediaType":"application/vnd.docker.distribution.manifest.v2+json","repository":"shop/web","tag":"v1","digest":"sha256:ee"},"request":{"host":"acme.azurecr.io"}}`, push("v1", "shop/web")},
	{"azure, a delete", `{"action":"delete","target":{"repository":"shop/web","digest":"sha256:ee"}}`, nil},
	{"azure, a ping", `{"id":"1","action":"ping"}`, nil},
	{"amazon", `{"version":"0","id":"1","detail-type":"ECR Image Action","source":"aws.ecr","account":"123456789012","detail":{"result":"SUCCESS","repository-name":"shop/web","image-digest":"sha256:ff","action-type":"PUSH","image-tag":"latest"}}`, push("latest", "shop/web")},
	{"amazon, a failure", `{"source":"aws.ecr","detail":{"result":"FAILURE","repository-name":"shop/web","action-type":"PUSH","image-tag":"latest"}}`, nil},
	{"names that no registry would give", `{"events":[{"action":"push","target":{"repository":"../etc","tag":"1"}},{"action":"push","target":{"repository":"shop/web","tag":"a/b"}}]}`, nil},
}

func TestEvents(t *testing.T) {
	for _, e := range events {
		got, err := ParseEvent([]byte(e.body))
		if err != nil {
			t.Errorf("%s: %v", e.name, err)
		}
		if diff := cmp.Diff(e.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", e.name, diff)
		}
	}
	for _, body := range []string{``, `null`, `[]`, `{}`, `{"hello":"world"}`, `{"repository":"shop/web"}`, `<xml/>`, `"text"`, `{"events":`, strings.Repeat(" ", MaxEvent) + `{"events":[]}`} {
		if got, err := ParseEvent([]byte(body)); crowsnest.KindOf(err) != crowsnest.Invalid || err == nil {
			t.Errorf("%.30q: %v, %v", body, got, err)
		}
	}
}

func TestEventsAreCapped(t *testing.T) {
	one := `{"action":"push","target":{"repository":"shop/web","tag":"1"}},`
	got, err := ParseEvent([]byte(`{"events":[` + strings.TrimSuffix(strings.Repeat(one, 5000), ",") + `]}`))
	if err != nil || len(got) != 1 || len(got[0].Tags) != maxPushes {
		t.Errorf("%d pushes, %v", len(got), err)
	}
}

func FuzzParseEvent(f *testing.F) {
	for _, e := range events {
		f.Add([]byte(e.body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		pushes, err := ParseEvent(body)
		if err != nil && pushes != nil {
			t.Errorf("an error and %v", pushes)
		}
		for _, p := range pushes {
			if len(p.Repositories) == 0 || len(p.Tags) == 0 || len(p.Tags) > maxPushes {
				t.Errorf("%+v", p)
			}
			for _, r := range p.Repositories {
				if !IsRepository(r) {
					t.Errorf("repository %q", r)
				}
			}
			for _, tag := range p.Tags {
				if !isTag(tag) {
					t.Errorf("tag %q", tag)
				}
			}
		}
	})
}

// senders are the ways in which each kind of registry tells of a push of TAG to OWNER/NAME.
var senders = map[string]string{
	"distribution": `{"events":[{"action":"push","target":{"repository":OWNER/NAME,"tag":TAG}}]}`,
	"gitlab":       `{"events":[{"id":"x","action":"push","target":{"repository":OWNER/NAME,"tag":TAG},"request":{"host":"registry.gitlab.example.com"},"actor":{"name":"ci"}}]}`,
	"harbor":       `{"type":"PUSH_ARTIFACT","event_data":{"resources":[{"tag":TAG}],"repository":{"repo_full_name":OWNER/NAME}}}`,
	"docker-hub":   `{"push_data":{"tag":TAG},"repository":{"repo_name":OWNER/NAME}}`,
	"quay":         `{"repository":OWNER/NAME,"updated_tags":[TAG]}`,
	"ghcr":         `{"action":"published","registry_package":{"name":NAME,"namespace":OWNER,"package_type":"CONTAINER","package_version":{"container_metadata":{"tag":{"name":TAG}}}}}`,
	"artifactory":  `{"domain":"docker","event_type":"pushed","data":{"repo_key":"docker-local","image_name":OWNER/NAME,"tag":TAG}}`,
	"nexus":        `{"repositoryName":"docker-hosted","action":"CREATED","component":{"format":"docker","name":OWNER/NAME,"version":TAG}}`,
	"acr":          `{"action":"push","target":{"repository":OWNER/NAME,"tag":TAG}}`,
	"ecr":          `{"source":"aws.ecr","detail":{"result":"SUCCESS","repository-name":OWNER/NAME,"action-type":"PUSH","image-tag":TAG}}`,
}

// Whatever names a sender of any kind gives, a push of them is read if they can be names, and none if not; whoever gets a
// body that is broken off or has something else in it reads no push that is not there.
func FuzzSenders(f *testing.F) {
	for kind := range senders {
		f.Add(kind, "shop", "web", "1.0", uint16(0))
		f.Add(kind, "Shop", "we b", "a/b", uint16(20))
		f.Add(kind, "..", "web\"}", "", uint16(60))
	}
	f.Fuzz(func(t *testing.T, kind, owner, name, tag string, cut uint16) {
		template, ok := senders[kind]
		if !ok || strings.Contains(owner, "/") {
			return
		}
		text := func(s string) string {
			b, err := json.Marshal(s)
			if err != nil {
				t.Fatal(err)
			}
			return string(b)
		}
		body := template
		for i, part := range []string{"OWNER/NAME", "OWNER", "NAME", "TAG"} {
			body = strings.ReplaceAll(body, part, fmt.Sprintf("\x00%d", i)) // names may have these words in them
		}
		for i, value := range []string{text(owner + "/" + name), text(owner), text(name), text(tag)} {
			body = strings.ReplaceAll(body, fmt.Sprintf("\x00%d", i), value)
		}
		want := owner + "/" + name
		if kind == "ghcr" {
			want = strings.ToLower(want)
		}
		pushes, err := ParseEvent([]byte(body))
		if named := IsRepository(want) && isTag(tag); named {
			if err != nil || len(pushes) != 1 || !slices.Contains(pushes[0].Repositories, want) || !slices.Equal(pushes[0].Tags, []string{tag}) {
				t.Errorf("%s: %+v, %v, want a push of %s to %s", body, pushes, err, tag, want)
			}
		} else if !isTag(tag) && len(pushes) > 0 {
			t.Errorf("%s: %+v, and %q is no tag", body, pushes, tag)
		}
		broken, err := ParseEvent([]byte(body[:min(int(cut), len(body)-1)]))
		if err == nil || broken != nil {
			t.Errorf("%d bytes of %s are read: %+v, %v", cut, body, broken, err)
		}
	})
}

// Each kind of registry that tells of pushes at all is fuzzed.
func TestSendersAreAll(t *testing.T) {
	var want []string
	for _, kind := range Kinds() {
		if kind.Name != "gar" && kind.Name != "oci" { // the first is polled, and the second is distribution
			want = append(want, kind.Name)
		}
	}
	want = append(want, "distribution")
	slices.Sort(want)
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(senders))); diff != "" {
		t.Errorf("senders (-want +got):\n%s", diff)
	}
}

func signed(of func() hash.Hash, secret, body string) string {
	mac := hmac.New(of, []byte(secret))
	mac.Write([]byte(body))
	return hex.EncodeToString(mac.Sum(nil))
}

func TestProofs(t *testing.T) {
	const secret, body = "s3cret", `{"events":[]}`
	basic := func(password string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte("crowsnest:"+password))
	}
	for name, p := range map[string]Proof{
		"bearer":                {Authorization: "Bearer s3cret"},
		"bearer in lower case":  {Authorization: "bearer s3cret"},
		"basic":                 {Authorization: basic(secret)},
		"the secret alone":      {Authorization: secret},
		"own header":            {Header: secret},
		"query":                 {Query: secret},
		"github":                {GitHub: "sha256=" + signed(sha256.New, secret, body)},
		"artifactory, signed":   {Artifactory: signed(sha256.New, secret, body)},
		"artifactory, plain":    {Artifactory: secret},
		"nexus":                 {Nexus: signed(sha1.New, secret, body)},
		"nexus, in upper case":  {Nexus: strings.ToUpper(signed(sha1.New, secret, body))},
		"one right among wrong": {Authorization: "Bearer wrong", Query: secret},
	} {
		if !p.Holds(secret, []byte(body)) {
			t.Errorf("%s is refused", name)
		}
	}
	for name, p := range map[string]Proof{
		"nothing":                {},
		"another secret":         {Authorization: "Bearer s3cre", Header: "S3cret", Query: "s3cret2"},
		"another password":       {Authorization: basic("")},
		"another body":           {GitHub: "sha256=" + signed(sha256.New, secret, body+" ")},
		"another key":            {Nexus: signed(sha1.New, "other", body)},
		"a signature elsewhere":  {Nexus: signed(sha256.New, secret, body), GitHub: signed(sha1.New, secret, body)},
		"an empty signature":     {GitHub: "sha256="},
		"the body as the secret": {Query: body},
	} {
		if p.Holds(secret, []byte(body)) {
			t.Errorf("%s is let in", name)
		}
	}
	if (Proof{}).Holds("", nil) || (Proof{GitHub: "sha256=" + signed(sha256.New, "", "")}).Holds("", nil) {
		t.Error("a hook without a secret lets in")
	}
}
