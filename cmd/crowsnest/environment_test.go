package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// pushed pushes an image with one npm package of this version and has it analysed.
func pushed(t *testing.T, p *person, reference, version string) crowsnest.Digest {
	t.Helper()
	digest := imagekit.Push(t, reference, imagekit.Build(t, imagekit.Image{Layers: []imagekit.Layer{{Files: []imagekit.File{
		imagekit.Text("app/node_modules/left-pad/package.json", `{"name":"left-pad","version":"`+version+`"}`),
	}}}}))
	p.ok("cves", reference)
	return digest
}

// running returns the names of the images that the command shows of an environment.
func (p *person) running(environment string) []string {
	p.t.Helper()
	var list []wire.Environment
	if err := json.Unmarshal([]byte(p.ok("environment", "--format", "json", "--", environment)), &list); err != nil || len(list) != 1 {
		p.t.Fatalf("%v, %+v", err, list)
	}
	names := []string{}
	for _, i := range list[0].Images {
		names = append(names, i.Name)
	}
	return names
}

func TestEnvironmentByHand(t *testing.T) {
	address, token := realServer(t)
	p := newPerson(t)
	p.environ = []string{"CROWSNEST_SERVER=" + address, "CROWSNEST_TOKEN=" + token}
	host := imagekit.Registry(t)
	web, api := host+"/shop/web:1", host+"/shop/api:1"
	digest := pushed(t, p, web, "1.0.0")
	pushed(t, p, api, "1.0.1")

	out := p.ok("environment", "production", web)
	for _, says := range []string{"✓ " + web + " runs in production\n", "IMAGE", digest.Short(), "recorded\n"} {
		if !strings.Contains(out, says) {
			t.Errorf("recording does not say %q:\n%s", says, out)
		}
	}
	if again := p.ok("environment", "production", web, "--platform", "linux/amd64"); !strings.Contains(again, "was recorded before") {
		t.Errorf("recording again:\n%s", again)
	}
	var one []wire.Environment
	if err := json.Unmarshal([]byte(p.ok("environment", "production", api, "--format", "json")), &one); err != nil || len(one) != 1 || one[0].Name != "production" ||
		one[0].Coverage.Running != 2 || len(one[0].Images) != 1 || one[0].Images[0].Name != api || one[0].Images[0].Warnings == nil {
		t.Errorf("as JSON: %v %+v", err, one)
	}
	if shown := p.ok("environment", "production", "--image", web); !strings.Contains(shown, web) || strings.Contains(shown, api) {
		t.Errorf("one image:\n%s", shown)
	}
	if shown := p.ok("environment", "production", "--image", digest.Short()); !strings.Contains(shown, web) {
		t.Errorf("one image by its digest:\n%s", shown)
	}
	p.refused([]string{"environment", "production", "--image", "other"}, "no analysed image")
	p.refused([]string{"environment", "production", host + "/shop/none:1"}, "1 image that the server does not know", "/shop/none:1", "no such image", "nothing was changed")
	p.refused([]string{"environment", "production", "127.0.0.1:1/shop/none:1"}, "1 image that the server does not know", "crowsnest cves IMAGE", "nothing was changed")
	// Digests as lists show them are no repositories of Docker Hub.
	digits := strings.TrimPrefix(string(digest), crowsnest.DigestPrefix)
	for _, short := range []string{digits[:12], crowsnest.DigestPrefix + digits[:20], digits} {
		if out := p.ok("environment", "by-digest", short); !strings.Contains(out, "✓ "+string(digest)+" runs in by-digest") {
			t.Errorf("%s is recorded as\n%s", short, out)
		}
		if out := p.ok("environment", "by-digest", short, "--remove"); !strings.Contains(out, "is taken out of by-digest") {
			t.Errorf("%s is taken out as\n%s", short, out)
		}
	}
	listed := filepath.Join(p.home, "short.txt")
	if err := os.WriteFile(listed, []byte(digits[:12]+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := p.ok("environment", "set", "by-digest", "--file", listed); !strings.Contains(out, "1 image recorded") {
		t.Errorf("set to a short digest:\n%s", out)
	}
	p.refused([]string{"environment", "by-digest", "0123456789ab"}, "0123456789ab", "no image that the server knows has a digest that begins so")
	p.refused([]string{"environment", "production", "--at", ""}, "read --at", "it is empty")
	// What the server does not know yet, the registry does.
	imagekit.Push(t, host+"/shop/new:1", imagekit.Build(t, imagekit.Image{Layers: []imagekit.Layer{{Files: []imagekit.File{imagekit.Text("app", "deployed")}}}}))
	if out := p.ok("environment", "production", host+"/shop/new:1"); !strings.Contains(out, "/shop/new:1 runs in production") || !strings.Contains(out, "unresolved until it is analysed") {
		t.Errorf("a tag that only the registry knows:\n%s", out)
	}
	p.ok("environment", "production", host+"/shop/new:1", "--remove")
	if lost := p.ok("environment", "production", "lost:1@"+string(crowsnest.DigestOf([]byte("lost")))); !strings.Contains(lost, "docker.io/library/lost:1 runs") || !strings.Contains(lost, "unresolved until it is analysed") {
		t.Errorf("an unknown digest:\n%s", lost)
	}
	if list := p.ok("environment", "list"); list != p.ok("environment") || !strings.Contains(list, "recorded") || strings.Contains(list, "assigned") {
		t.Errorf("list:\n%s", list)
	}

	if gone := p.ok("environment", "production", web, "--remove"); gone != "✓ "+web+" is taken out of production\n" {
		t.Errorf("taken out: %q", gone)
	}
	if gone := p.ok("environment", "production", web, "--remove"); !strings.Contains(gone, "was not recorded in production") {
		t.Errorf("taken out again: %q", gone)
	}
	if got := p.running("production"); !slices.Equal(got, []string{api}) {
		t.Errorf("%v runs", got)
	}
	p.refused([]string{"environment", "nowhere", web, "--remove"}, "nowhere")

	for counting, says := range map[string]string{"images": "all images, summed up", "packages": "each package version once", "vulnerabilities": "by its worst severity"} {
		if out := p.ok("environment", "production", "--counting", counting); !strings.Contains(out, says) || !strings.Contains(out, "in use 0 of 0") {
			t.Errorf("counting %s:\n%s", counting, out)
		}
	}
	if out := p.ok("environment", "production", "--at", "2020-01-01"); !strings.Contains(out, "nothing is known of 2020-01-01") || strings.Contains(out, "IMAGE") {
		t.Errorf("before anything was known:\n%s", out)
	}
	p.refused([]string{"environment", "production", "--counting", "layers"}, "images, packages or vulnerabilities")
	p.refused([]string{"environment", "production", "--counting", "images", "--at", "2026-01-01"}, "--counting needs an environment")

	workloads := func(args ...string) (list []wire.Occurrence) {
		t.Helper()
		if err := json.Unmarshal([]byte(p.ok(append([]string{"environment", "workloads", "production", "--format", "json"}, args...)...)), &list); err != nil {
			t.Fatal(err)
		}
		return list
	}
	if got := workloads("--search", "shop api"); len(got) != 1 || got[0].Image != api || got[0].InUse == nil || got[0].Closed != nil {
		t.Errorf("what runs of api: %+v", got)
	}
	if got := workloads("--search", "shop/web"); len(got) != 0 {
		t.Errorf("what runs of web: %+v", got)
	}
	if got := workloads("--search", "shop/web", "--past"); len(got) != 1 || got[0].Closed == nil || got[0].InUse != nil {
		t.Errorf("what ran of web: %+v", got)
	}
	if got := workloads("--past", "--limit", "1"); len(got) != 1 {
		t.Errorf("one of them: %+v", got)
	}
	if out := p.ok("environment", "workloads", "production", "--limit", "1"); !strings.Contains(out, "NOT OBSERVED") || !strings.Contains(out, "--limit 0") || !strings.Contains(out, "\nrecorded ") {
		t.Errorf("workloads:\n%s", out)
	}
	if out := p.ok("environment", "workloads", "production", "--namespace", "none"); out != "nothing of that kind runs there; --past lists what ran before\n" {
		t.Errorf("workloads of no namespace: %q", out)
	}
	p.refused([]string{"environment", "workloads", "nowhere"}, "nowhere")
}

func TestEnvironmentSet(t *testing.T) {
	address, token := realServer(t)
	p := newPerson(t)
	p.environ = []string{"CROWSNEST_SERVER=" + address, "CROWSNEST_TOKEN=" + token}
	host := imagekit.Registry(t)
	web, api := host+"/shop/web:1", host+"/shop/api:1"
	digest := pushed(t, p, web, "1.0.0")
	pushed(t, p, api, "1.0.1")
	file := filepath.Join(p.home, "images.txt")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("# what runs\n\n  " + web + "  # the shop\r\n" + api + "\n")
	if out := p.ok("environment", "set", "test", "--file", file); out != "✓ test: 2 images recorded, 0 kept, 0 taken out\n" {
		t.Errorf("set: %q", out)
	}
	write(string(digest) + "\n" + host + "/shop/none:1\n" + host + "/shop/neither:1\n")
	lines := func(says []string, args ...string) {
		t.Helper()
		_, stderr, err := p.run(args...)
		told := strings.Split(strings.TrimSuffix(stderr, "\n"), "\n")
		if err == nil || !strings.Contains(err.Error(), "nothing was changed") || len(told) != len(says) {
			t.Errorf("%v: %v, told %q", args, err, told)
			return
		}
		for i, s := range says {
			if !strings.Contains(told[i], s) {
				t.Errorf("%v: %q does not say %q", args, told[i], s)
			}
		}
	}
	lines([]string{file + ":2: resolve image " + host + "/shop/none:1: ", file + ":3: resolve image " + host + "/shop/neither:1: "}, "environment", "set", "test", "--file", file, "--quiet")
	p.refused([]string{"environment", "set", "test", "--file", file}, "read list of images "+file, "2 of 3 images cannot be recorded", "nothing was changed")
	// Each line that cannot be read is told, with no end of them.
	p.stdin = api + "\n\n" + web + " " + api + "\nhttps://example.com/web\n0123456789ab\nUPPER:1\n" + strings.Repeat("a", 100_000) + "\n"
	lines([]string{"standard input:3: ", "standard input:4: ", "standard input:5: find image 0123456789ab: ", "standard input:6: ", "standard input:7: read image aaa"}, "environment", "set", "test", "--file", "-", "--quiet")
	p.refused([]string{"environment", "set", "test", "--file", "-"}, "read list of images standard input", "5 of 6 images cannot be recorded")
	p.stdin = strings.Repeat("a b\n", 12)
	_, stderr, err := p.run("environment", "set", "test", "--file", "-", "--quiet")
	if strings.Count(stderr, "standard input:") != 10 || !strings.HasSuffix(stderr, "\nand 2 more\n") || err == nil {
		t.Errorf("of 12 bad lines: %v, %q", err, stderr)
	}
	p.refused([]string{"environment", "set", "test", "--file", "-", "--platform", "linux"}, "linux")
	if got := p.running("test"); !slices.Equal(got, []string{api, web}) {
		t.Errorf("after a list that cannot be read %v run", got)
	}
	p.stdin = api + "\nlost@" + string(crowsnest.DigestOf([]byte("lost"))) + "\n"
	if out := p.ok("environment", "set", "test", "--file", "-"); out != "✓ test: 1 image recorded, 1 kept, 1 taken out\n! 1 image unresolved; see crowsnest environment test\n  standard input:2: docker.io/library/lost@"+string(crowsnest.DigestOf([]byte("lost")))+"\n" {
		t.Errorf("set from standard input: %q", out)
	}
	for _, nothing := range []string{"", "# none\n"} {
		p.stdin = nothing
		p.refused([]string{"environment", "set", "test", "--file", "-"}, "names no image", "--allow-empty")
	}
	if got := p.running("test"); !slices.Equal(got, []string{api}) {
		t.Errorf("after a list of nothing %v run", got)
	}
	p.stdin = "# none\n"
	var empty []wire.Environment
	if err := json.Unmarshal([]byte(p.ok("environment", "set", "test", "--file", "-", "--allow-empty", "--format", "json")), &empty); err != nil || len(empty) != 1 || empty[0].Coverage.Running != 0 {
		t.Errorf("set to nothing: %v %+v", err, empty)
	}
	p.refused([]string{"environment", "set", "test", "--file", filepath.Join(p.home, "missing")}, "missing", "no such file")
	p.stdin = "# a list\n" + strings.Repeat("a", 100_000)
	lines([]string{"standard input:2: read image aaaa"}, "environment", "set", "test", "--file", "-", "--quiet")
	p.stdin = strings.Repeat("a\n", 10_001)
	p.refused([]string{"environment", "set", "test", "--file", "-"}, "10,000 images")
	p.stdin = "\ufeff" + web + "\r\n"
	if out := p.ok("environment", "set", "test", "--file", "-"); !strings.Contains(out, "1 image recorded") {
		t.Errorf("a list with a byte order mark: %q", out)
	}
	p.stdin = strings.Repeat("#\n", 3_000_000)
	p.refused([]string{"environment", "set", "test", "--file", "-"}, "10,000 images")
}

// Of an index each line means the image of a platform, also where the server does not know it.
func TestEnvironmentSetForAPlatform(t *testing.T) {
	address, token := realServer(t)
	p := newPerson(t)
	p.environ = []string{"CROWSNEST_SERVER=" + address, "CROWSNEST_TOKEN=" + token}
	web := imagekit.Registry(t) + "/shop/web:1"
	of := func(architecture string) v1.Image {
		return imagekit.Build(t, imagekit.Image{Platform: crowsnest.Platform{OS: "linux", Architecture: architecture}, Layers: []imagekit.Layer{{Files: []imagekit.File{imagekit.Text("app", architecture)}}}})
	}
	arm := of("arm64")
	imagekit.Push(t, web, imagekit.Index(t, of("amd64"), arm))
	p.stdin = web + "\n"
	out := p.ok("environment", "set", "test", "--file", "-", "--platform", "linux/arm64")
	if !strings.Contains(out, "1 image recorded") || !strings.Contains(out, "1 image unresolved") || !strings.Contains(out, "standard input:1: "+web) {
		t.Errorf("recorded as\n%s", out)
	}
	p.ok("cves", web, "--platform", "linux/arm64")
	if got := p.ok("environment", "test"); !strings.Contains(got, imagekit.Digest(t, arm).Short()) {
		t.Errorf("not the image of the platform runs:\n%s", got)
	}
	if out := p.ok("environment", "set", "test", "--file", "-", "--platform", "linux/arm64"); !strings.Contains(out, "0 images recorded, 1 kept, 0 taken out") {
		t.Errorf("recorded again, once it is analysed:\n%s", out)
	}
	if _, stderr, err := p.run("environment", "set", "test", "--file", "-", "--platform", "linux/s390x", "--quiet"); err == nil || !strings.HasPrefix(stderr, "standard input:1: ") || !strings.Contains(stderr, "linux/s390x") {
		t.Errorf("a platform that the index does not have: %v, %q", err, stderr)
	}
	p.stdin = string(imagekit.Digest(t, arm)) + "\n"
	if _, stderr, err := p.run("environment", "set", "test", "--file", "-", "--platform", "linux/amd64", "--quiet"); err == nil || !strings.Contains(stderr, "is not for linux/amd64") {
		t.Errorf("the digest of another platform: %v, %q", err, stderr)
	}
}

// What runs and is not analysed may be long, and says how much is left out.
func TestEnvironmentListsSomeGaps(t *testing.T) {
	address, token := realServer(t)
	p := newPerson(t)
	p.environ = []string{"CROWSNEST_SERVER=" + address, "CROWSNEST_TOKEN=" + token}
	var list strings.Builder
	for i := range 52 {
		fmt.Fprintf(&list, "lost:%d@%s\n", i, crowsnest.DigestOf([]byte{byte(i)}))
	}
	p.stdin = list.String()
	p.ok("environment", "set", "test", "--file", "-")
	for limit, want := range map[string]struct {
		lines int
		more  string
	}{"": {50, "and 2 more that are not analysed; --limit 0 lists all"}, "3": {3, "and 49 more"}, "0": {52, ""}, "52": {52, ""}} {
		args := []string{"environment", "test"}
		if limit != "" {
			args = append(args, "--limit", limit)
		}
		out := p.ok(args...)
		if got := strings.Count(out, "recorded as docker.io/library/lost:"); got != want.lines || strings.Contains(out, "more that are not analysed") != (want.more != "") || !strings.Contains(out, want.more) {
			t.Errorf("--limit %s: %d lines of\n%s", limit, got, out)
		}
	}
}

func TestEnvironmentIsRenamedAndDeleted(t *testing.T) {
	address, token := realServer(t)
	p := newPerson(t)
	p.environ = []string{"CROWSNEST_SERVER=" + address, "CROWSNEST_TOKEN=" + token}
	web := imagekit.Registry(t) + "/shop/web:1"
	pushed(t, p, web, "1.0.0")
	said := func(want string, args ...string) {
		t.Helper()
		if _, stderr, err := p.run(args...); err != nil || stderr != want+"\n" {
			t.Errorf("%v: %v, said %q", args, err, stderr)
		}
	}
	p.ok("environment", "production", web)
	said("environment production is called delete now", "environment", "rename", "production", "delete")
	said("profiles of environment delete count for 14 days", "environment", "profile-age", "delete", "14")
	said("profiles of environment delete count for ever", "environment", "profile-age", "delete", "0")
	p.refused([]string{"environment", "profile-age", "delete", "a"}, "whole number of days")
	p.refused([]string{"environment", "profile-age", "delete", "4000"}, "3650")
	said("described environment delete", "environment", "describe", "delete", "what customers see")
	if list := p.ok("environment"); !strings.Contains(list, "what customers see") {
		t.Errorf("list:\n%s", list)
	}
	// A name that is also a command.
	if got := p.running("delete"); !slices.Equal(got, []string{web}) {
		t.Errorf("%v runs", got)
	}
	p.ok("environment", "--remove", "--", "delete", web)
	p.ok("environment", "--", "delete", web)
	if out := p.ok("environment", "delete", "delete", "--preview"); !strings.Contains(out, "takes out 1 analysed image and 0 not analysed") || !strings.Contains(out, web) {
		t.Errorf("preview of the deletion:\n%s", out)
	}
	p.refused([]string{"environment", "delete", "delete"}, "nobody can be asked", "--yes")
	if got := p.running("delete"); len(got) != 1 {
		t.Errorf("%v runs after a deletion that nobody confirmed", got)
	}
	if _, stderr, err := p.run("environment", "delete", "delete", "--yes"); err != nil || !strings.Contains(stderr, web) || !strings.HasSuffix(stderr, "\ndeleted environment delete\n") {
		t.Errorf("deletion: %v, said %q", err, stderr)
	}
	if out := p.ok("environment", "list", "--deleted"); !strings.Contains(out, "DELETED") || !strings.Contains(out, "delete ") || strings.Contains(out, "–") {
		t.Errorf("deleted environments:\n%s", out)
	}
	p.refused([]string{"environment", "delete", "delete"}, "delete")
	p.refused([]string{"environment", "--", "delete"}, "find environment delete")
	p.refused([]string{"environment", "rename", "delete", "a/b"}, "name")
	p.refused([]string{"environment", "delete", "latest-indexed", "--yes"}, "built in")
	p.refused([]string{"environment", "describe", "latest-indexed", "x"}, "built in")
	p.connected("fed", container("web", string(crowsnest.DigestOf([]byte("web")))))
	p.refused([]string{"environment", "delete", "fed"}, "an integration feeds it")
}

func TestKnownRegistries(t *testing.T) {
	address, token := realServer(t)
	p := newPerson(t)
	p.environ = []string{"CROWSNEST_SERVER=" + address, "CROWSNEST_TOKEN=" + token}
	host := imagekit.Registry(t)
	web := host + "/shop/web:1"
	pushed(t, p, web, "1.0.0")
	p.ok("environment", "production", web)
	p.ok("environment", "production", string(crowsnest.DigestOf([]byte("lost"))))

	if out := p.ok("registry", "list"); !strings.Contains(out, "nothing is warned of") {
		t.Errorf("no list:\n%s", out)
	}
	if out := p.ok("environment", "production"); strings.Contains(out, "known registry") {
		t.Errorf("without a list:\n%s", out)
	}
	if out := p.ok("registry", "add", "Registry.example.com", "nginx"); out != "docker.io/library/nginx\nregistry.example.com\n" {
		t.Errorf("added:\n%s", out)
	}
	out := p.ok("environment", "production")
	for _, says := range []string{"! " + web + ": not from a known registry", "not from a known registry: 1 of 2 running images; name unknown: 1"} {
		if !strings.Contains(out, says) {
			t.Errorf("an unknown registry does not say %q:\n%s", says, out)
		}
	}
	p.ok("registry", "add", host)
	if out := p.ok("environment", "production"); !strings.Contains(out, "registry: 0 of 2") || strings.Contains(out, web+": not") {
		t.Errorf("a known registry:\n%s", out)
	}
	p.refused([]string{"registry", "remove", "quay.io"}, "quay.io", "not on the list")
	p.refused([]string{"registry", "add", "*"}, "every registry")
	p.refused([]string{"registry", "add"}, "it needs a registry")
	if out := p.ok("registry", "remove", "docker.io/nginx", host); out != "registry.example.com\n" {
		t.Errorf("removed:\n%s", out)
	}
	if out := p.ok("registry", "set", "ghcr.io/acme/*", "--format", "json"); !strings.Contains(out, `"ghcr.io/acme/*"`) || strings.Contains(out, "registry.example.com") {
		t.Errorf("set:\n%s", out)
	}
	p.ok("registry", "set")
	if out := p.ok("registry", "list"); !strings.Contains(out, "nothing is warned of") {
		t.Errorf("emptied:\n%s", out)
	}
}
