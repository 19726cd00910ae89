package redact

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
)

func TestVariables(t *testing.T) {
	for _, kept := range []string{
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "NODE_VERSION=20.11.1", "JAVA_HOME=/usr/lib/jvm/java-17-openjdk-amd64",
		"PYTHON_PIP_VERSION=24.0", "GOPATH=/go", "RAILS_ENV=production", "DJANGO_SETTINGS_MODULE=shop.settings", "PORT=8080", "EMPTY=", "NGINX_VERSION=1.25.4-1~bookworm",
		"LD_LIBRARY_PATH=/opt/application-server/lib", "URL=https://git.example.org/shop/web", "DEBIAN_FRONTEND=noninteractive", "GEM_HOME=/usr/local/bundle",
	} {
		name, value, _ := strings.Cut(kept, "=")
		if got := Variable(kept); got != (crowsnest.Variable{Name: name, Value: value}) {
			t.Errorf("%s: %+v, want the value kept", kept, got)
		}
	}
	for _, gone := range []string{
		"DB_PASSWORD=x", "PGPASSWORD=x", "MYSQL_PWD=x", "API_KEY=x", "apikey=x", "SECRET=1", "SESSION_COOKIE=x", "AWS_ACCESS_KEY_ID=x", "GITHUB_PAT=x", "SIGNING_KEY=x", "npm-auth=x", "SENTRY_DSN=x",
		"X=ghp_abcdefghijklmnopqrstuvwxyz0123456789", "X=AKIAIOSFODNN7EXAMPLE", "X=glpat-abcdefghij", "X=xoxb-1-2", "X=eyJhbGciOiJIUzI1NiJ9.eyJ9.x",
		"DATABASE_URL=postgres://shop:hunter2@db/shop", "X=-----BEGIN RSA PRIVATE KEY-----", "X=sk_live_1", "X=AIzaSyA1234567890abcdefghijklmnop",
		"X=3f9a8b7c6d5e4f30a1b2c3d4e5f60718", "X=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "X=aGVsbG8gd29ybGQgMTIzNDU2Nzg5", "X=" + strings.Repeat("a b", 100),
	} {
		name, _, _ := strings.Cut(gone, "=")
		if got := Variable(gone); got != (crowsnest.Variable{Name: name, Hidden: true}) {
			t.Errorf("%s: %+v, want only the name", gone, got)
		}
	}
}

func TestCommandLinesLoseTheirSecrets(t *testing.T) {
	for in, want := range map[string]string{
		"RUN apt-get install -y nginx":                               "RUN apt-get install -y nginx",
		"|1 NPM_TOKEN=abc /bin/sh -c npm ci":                         "|1 NPM_TOKEN=[hidden] /bin/sh -c npm ci",
		`ENV DB_PASSWORD="two words" PORT=80`:                        `ENV DB_PASSWORD=[hidden] PORT=80`,
		"RUN mysql --password=x -h db":                               "RUN mysql --password=[hidden] -h db",
		"RUN login --password x --user y":                            "RUN login --password [hidden] --user y",
		"RUN curl -u me:secret https://x.example/":                   "RUN curl -u [hidden] https://x.example/",
		"RUN git clone https://me:secret@git.example/x.git /src":     "RUN git clone [hidden] /src",
		"RUN curl -H 'Authorization: Bearer abc' https://x.example/": "RUN curl -H 'Authorization: [hidden] abc' https://x.example/",
		"RUN echo '3f9a8b7c6d5e4f30a1b2c3d4e5f60718  x' | md5sum -c": "RUN echo '3f9a8b7c6d5e4f30a1b2c3d4e5f60718  x' | md5sum -c",
		"RUN echo -----BEGIN RSA PRIVATE KEY----- > key":             "[hidden]",
		"RUN echo a\x00b":                                            "RUN echo a\uFFFDb",
	} {
		if got := Line(in); got != want {
			t.Errorf("%q\n got %q\nwant %q", in, got, want)
		}
	}
	if got := Line(strings.Repeat("é", maxLine)); len(got) > maxLine || !strings.HasSuffix(got, "é…") {
		t.Errorf("a long line becomes one of %d bytes", len(got))
	}
	if diff := cmp.Diff([]string{"serve", "--api-token", hidden, "--port", "80"}, Lines([]string{"serve", "--api-token", "abc", "--port", "80"})); diff != "" {
		t.Errorf("arguments (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"title": "web", "deploy.token": hidden}, Labels(map[string]string{"title": "web", "deploy.token": "abc"})); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
}

// Whatever a text is, no token of a known form comes through.
func FuzzRedact(f *testing.F) {
	f.Add("ENV A=b", "ghp_abcdefghijklmnopqrstuvwxyz0123456789")
	f.Add("RUN curl -u ", "https://me:secret@git.example/x")
	f.Fuzz(func(t *testing.T, before, after string) {
		for _, s := range []string{before + after, before + " " + after} {
			got := Line(s)
			if secretForm.MatchString(got) || crowsnest.Text(got) != got || len(got) > maxLine {
				t.Errorf("%q becomes %q", s, got)
			}
			if v := Variable(s); v.Hidden && v.Value != "" || secretForm.MatchString(v.Value) {
				t.Errorf("%q becomes %+v", s, v)
			}
		}
	})
}
