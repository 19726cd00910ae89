package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/knadh/koanf/parsers/yaml"

	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
)

// forge is what GitHub and GitLab have of a merge request: comments, of which a page has a hundred at most.
type forge struct {
	gitlab   bool
	mu       sync.Mutex
	comments []obj
	refused  []string // requests that a forge would not answer
}

// comment is one in the form of the forge.
func (f *forge) comment(id int, author, body string) obj {
	if f.gitlab {
		return obj{"id": id, "type": nil, "body": body, "author": obj{"id": 1, "username": author}, "system": false}
	}
	return obj{"url": fmt.Sprintf("https://api.example.com/comments/%d", id), "id": id, "user": obj{"login": author, "id": 2}, "body": body, "reactions": obj{"total_count": 0}}
}

// newForge has a hundred comments that are about anything, and one by somebody who would like to be taken for the job.
func newForge(t *testing.T, gitlab bool, marker string) (*forge, string) {
	t.Helper()
	f := &forge{gitlab: gitlab}
	for i := range 100 {
		body := fmt.Sprintf(`%d: a "quote\" \\, {"id": 7, "body": "%s"}, 💥`, i, marker)
		switch i { // each of these, read wrongly, shifts what is a string
		case 0:
			body += `"`
		case 1:
			body += `\`
		}
		f.comments = append(f.comments, f.comment(i+1, "someone", body))
	}
	f.comments = append(f.comments, f.comment(500, "mallory", marker+"\nall is well"))
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	return f, s.URL
}

func (f *forge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	list, one, user, update, token := "/repos/acme/shop/issues/7/comments", "/repos/acme/shop/issues/comments/", `{"id":1,"login":"robot"}`, "PATCH", r.Header.Get("Authorization") == "Bearer secret"
	if f.gitlab {
		list, one, user, update, token = "/projects/42/merge_requests/7/notes", "/projects/42/merge_requests/7/notes/", `{"id":1,"username":"robot"}`, "PUT", r.Header.Get("Private-Token") == "secret"
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(f.gitlab) // both spellings are JSON
	body := func() string {
		var v struct{ Body string }
		if f.gitlab {
			return r.FormValue("body")
		}
		b, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(b, &v); err != nil {
			f.refused = append(f.refused, fmt.Sprintf("%v: %.200s", err, b))
		}
		return v.Body
	}
	id, isOne := strings.CutPrefix(r.URL.Path, one)
	switch {
	case !token:
		w.WriteHeader(http.StatusUnauthorized)
	case r.Method == "GET" && r.URL.Path == "/user":
		io.WriteString(w, user)
	case r.Method == "GET" && r.URL.Path == list:
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		from := min((page-1)*100, len(f.comments))
		enc.Encode(f.comments[from:min(from+100, len(f.comments))])
	case r.Method == "POST" && r.URL.Path == list:
		f.comments = append(f.comments, f.comment(1000+len(f.comments), f.robot(), body()))
		w.WriteHeader(http.StatusCreated)
	case r.Method == update && isOne:
		i := slices.IndexFunc(f.comments, func(c obj) bool { return fmt.Sprint(c["id"]) == id })
		f.comments[i]["body"] = body()
	default:
		f.refused = append(f.refused, r.Method+" "+r.URL.Path)
		w.WriteHeader(http.StatusNotFound)
	}
}

func (f *forge) robot() string {
	if f.gitlab {
		return "robot"
	}
	return "github-actions[bot]"
}

// count is how many comments there are.
func (f *forge) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.comments)
}

// signed makes somebody else the author of a comment.
func (f *forge) signed(i int, login string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.comments[i]["user"] = obj{"login": login}
}

// job is how a system of CI runs shell steps: each in a shell of its own that ends at the first error, and none after one that failed.
type job struct {
	dir   string
	env   []string
	steps []step
}

type step struct {
	script string
	env    []string
}

func (j job) run(t *testing.T, more ...string) (output string, code int) {
	t.Helper()
	for _, s := range j.steps {
		cmd := exec.CommandContext(ctx(t), "sh", "-e", "-c", s.script)
		cmd.Dir, cmd.Env = j.dir, slices.Concat(j.env, s.env, more)
		out, err := cmd.CombinedOutput()
		output += string(out)
		if cmd.ProcessState == nil {
			t.Fatal(err)
		}
		if code = cmd.ProcessState.ExitCode(); code != 0 {
			return output, code
		}
	}
	return output, 0
}

// newJob has a folder with the examples, and the program in its path.
func newJob(t *testing.T, m machine, env ...string) job {
	t.Helper()
	dir := t.TempDir()
	must(t, os.Symlink(got(filepath.Abs("../../deploy"))(t), filepath.Join(dir, "deploy")))
	cmd := m.command(t, ctx(t))
	path := filepath.Dir(cmd.Path) + string(os.PathListSeparator) + os.Getenv("PATH")
	return job{dir: dir, env: slices.Concat(cmd.Env, []string{"PATH=" + path}, env)}
}

func readYAML(t *testing.T, file string) obj {
	t.Helper()
	return got(yaml.Parser().Unmarshal(readFile(t, filepath.Join("../../deploy/ci", file))))(t)
}

// resolve replaces the expressions in a text of a workflow.
func resolve(t *testing.T, text string, values map[string]string) string {
	t.Helper()
	return regexp.MustCompile(`\$\{\{ *([^} ]+) *\}\}`).ReplaceAllStringFunc(text, func(found string) string {
		name := strings.Trim(found, "${} ")
		value, ok := values[name]
		if !ok {
			t.Errorf("nothing has the value of %s", found)
		}
		return value
	})
}

// github takes the steps out of the action, with these inputs.
func github(t *testing.T, j job, with map[string]string) (job, map[string]string) {
	t.Helper()
	action := readYAML(t, "action.yml")
	values := map[string]string{"github.token": "secret", "github.server_url": "https://github.com", "github.repository": "acme/shop", "github.run_id": "1"}
	for name, input := range action["inputs"].(obj) {
		value, given := with[name]
		if !given {
			if input.(obj)["required"] == true {
				t.Errorf("the input %s is needed", name)
			}
			value = resolve(t, input.(obj)["default"].(string), values)
		}
		values["inputs."+name] = value
	}
	for name := range with {
		if _, ok := values["inputs."+name]; !ok {
			t.Errorf("there is no input %s", name)
		}
	}
	for _, s := range action["runs"].(obj)["steps"].([]any) {
		taken := step{script: s.(obj)["run"].(string)}
		if s.(obj)["shell"] != "sh" || strings.Contains(taken.script, "${{") { // an expression in a script is an injection
			t.Errorf("the step is %v", s)
		}
		for name, value := range s.(obj)["env"].(obj) {
			taken.env = append(taken.env, name+"="+resolve(t, value.(string), values))
		}
		j.steps = append(j.steps, taken)
	}
	outputs := make(map[string]string)
	for name, output := range action["outputs"].(obj) {
		outputs[name] = strings.Trim(strings.TrimPrefix(output.(obj)["value"].(string), "${{ steps.check.outputs."), "} ")
	}
	j.env = append(j.env, "GITHUB_ACTION_PATH="+filepath.Join(j.dir, "deploy", "ci"), "GITHUB_OUTPUT="+filepath.Join(j.dir, "output"), "GITHUB_STEP_SUMMARY="+filepath.Join(j.dir, "summary"),
		"GITHUB_ACTIONS=true", "GITHUB_REPOSITORY=acme/shop", "GITHUB_REF=refs/pull/7/merge")
	return j, outputs
}

// ciImages are an image with vulnerabilities and one with fewer, as files, for a machine that has advisories.
func ciImages(t *testing.T) (m machine, bad, good string) {
	t.Helper()
	m = newMachine(t)
	all := advisories()
	for ecosystem, records := range map[string][]obj{"Debian": {all[0], all[2]}, "npm": {all[1]}} { // whole sets, so that what is not found is not there
		must(t, os.MkdirAll(filepath.Join(m.home, "bucket", ecosystem), 0o700))
		must(t, os.WriteFile(filepath.Join(m.home, "bucket", ecosystem, "all.zip"), zipped(t, records...), 0o600))
	}
	m.ok(t, "advisory", "import", filepath.Join(m.home, "bucket"))
	archive := func(name string, layers ...imagekit.Layer) string {
		return "archive://" + imagekit.DockerArchive(t, imagekit.Tag("shop/web:"+name, layered(t, name, layers...)))
	}
	return m, archive("2", base(libssl), npm("lodash", "4.17.15")), archive("1", base(libssl))
}

// written checks the reports of a job, and the one comment that it may have.
func (f *forge) written(t *testing.T, dir string, says ...string) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	for name, want := range map[string]string{"crowsnest.sarif": `"version": "2.1.0"`, "junit.xml": "<testsuites ", "crowsnest.json": `"digest"`, "crowsnest.md": "## "} {
		if text := string(readFile(t, filepath.Join(dir, "crowsnest-reports", name))); !strings.Contains(text, want) {
			t.Errorf("%s has no %s:\n%s", name, want, text)
		}
	}
	if len(f.refused) > 0 {
		t.Errorf("the forge does not understand %v", f.refused)
	}
	if len(f.comments) != 102 || f.comments[100]["body"].(string)[:len("<!-- crowsnest")] != "<!-- crowsnest" || !strings.HasSuffix(f.comments[100]["body"].(string), "all is well") {
		t.Fatalf("there are %d comments, the last is %v", len(f.comments), f.comments[len(f.comments)-1])
	}
	body := f.comments[101]["body"].(string)
	file := string(readFile(t, filepath.Join(dir, "crowsnest-reports", "crowsnest.md")))
	if _, rest, _ := strings.Cut(body, "\n"); rest != file {
		t.Errorf("the comment is\n%s\nand the report\n%s", rest, file)
	}
	for _, s := range says {
		if !strings.Contains(body, s) {
			t.Errorf("it does not say %q:\n%s", s, body)
		}
	}
}

func TestGitHubAction(t *testing.T) {
	t.Parallel()
	m, bad, good := ciImages(t)
	f, api := newForge(t, false, "<!-- crowsnest: compare "+bad+" -->")
	j, outputs := github(t, newJob(t, m, "GITHUB_API_URL="+api), map[string]string{"image": bad, "check": "compare", "arguments": "--to " + good})
	out, code := j.run(t)
	if code != 2 || !strings.Contains(out, "New vulnerabilities") || !strings.Contains(out, "wrote a comment") {
		t.Fatalf("code %d:\n%s", code, out)
	}
	f.written(t, j.dir, "new, none fixed", "lodash 4.17.15", "[full report](<https://github.com/acme/shop/actions/runs/1>)")
	if summary := readFile(t, filepath.Join(j.dir, "summary")); !strings.Contains(string(summary), "## ") {
		t.Errorf("the summary is %s", summary)
	}
	said := string(readFile(t, filepath.Join(j.dir, "output")))
	for name, output := range outputs {
		if !strings.Contains(said, output+"=") {
			t.Errorf("the output %s is not among\n%s", name, said)
		}
	}
	// What is better updates the same comment, and another token cannot fail the job.
	j.steps, j.dir = nil, newJob(t, m).dir
	better, _ := github(t, j, map[string]string{"image": bad, "check": "compare", "arguments": "--to " + bad})
	if out, code := better.run(t); code != 0 || !strings.Contains(out, "updated comment 1101") {
		t.Errorf("code %d:\n%s", code, out)
	}
	f.written(t, better.dir, "no vulnerability new or fixed")
	forked, _ := github(t, j, map[string]string{"image": bad, "fail": "false", "github-token": "another"})
	if out, code := forked.run(t); code != 0 || !strings.Contains(out, "::warning::") {
		t.Errorf("of a fork: code %d:\n%s", code, out)
	}
}

func TestGitLabTemplate(t *testing.T) {
	t.Parallel()
	m, _, _ := ciImages(t)
	host := imagekit.Registry(t)
	imagekit.Push(t, host+"/shop/web:abc", layered(t, "pushed", base(libssl)))
	f, api := newForge(t, true, "<!-- crowsnest: cves "+host+"/shop/web -->")
	template := readYAML(t, "gitlab.yml")["crowsnest"].(obj)
	vars := map[string]string{
		"CI_REGISTRY_IMAGE": host + "/shop/web", "CI_COMMIT_SHA": "abc", "CI_JOB_URL": "https://gitlab.example.com/jobs/1", "GITLAB_CI": "true",
		"CI_API_V4_URL": api, "CI_PROJECT_ID": "42", "CI_MERGE_REQUEST_IID": "7", "CROWSNEST_FORGE_TOKEN": "secret",
	}
	j := newJob(t, m)
	for name, value := range template["variables"].(obj) {
		j.env = append(j.env, name+"="+os.Expand(value.(string), func(name string) string { return vars[name] }))
	}
	for name, value := range vars {
		j.env = append(j.env, name+"="+value)
	}
	var lines []string
	for _, line := range template["script"].([]any) {
		lines = append(lines, line.(string))
	}
	j.steps = []step{{script: strings.Join(lines, "\n")}} // GitLab runs all of them in one shell
	for _, says := range []string{"wrote a comment", "updated comment 1101"} {
		if out, code := j.run(t); code != 2 || !strings.Contains(out, says) {
			t.Errorf("code %d, want 2 and %q:\n%s", code, says, out)
		}
		f.written(t, j.dir, "## Vulnerabilities of "+host+"/shop/web:abc", "[full report](<https://gitlab.example.com/jobs/1>)")
	}
	artifacts := template["artifacts"].(obj)
	for _, file := range artifacts["reports"].(obj) {
		readFile(t, filepath.Join(j.dir, file.(string)))
	}
	if !strings.Contains(string(readFile(t, filepath.Join(j.dir, artifacts["reports"].(obj)["container_scanning"].(string)))), `"container_scanning"`) {
		t.Error("it is no report of container scanning")
	}
	if out, code := j.run(t, "CROWSNEST_ARGUMENTS=--only-severity low"); code != 0 {
		t.Errorf("with a filter: code %d:\n%s", code, out)
	}
	if out, code := j.run(t, "CI_MERGE_REQUEST_IID="); code != 2 || !strings.Contains(out, "no merge request") || f.count() != 102 {
		t.Errorf("on a branch: code %d:\n%s", code, out)
	}
}

func TestJenkinsfile(t *testing.T) {
	t.Parallel()
	m, bad, _ := ciImages(t)
	f, api := newForge(t, false, "<!-- crowsnest: cves "+bad+" -->")
	j := newJob(t, m)
	text := string(readFile(t, "../../deploy/ci/Jenkinsfile"))
	for _, found := range regexp.MustCompile(`(?m)^ +([A-Z_]+) = (.+)$`).FindAllStringSubmatch(text, -1) {
		value := os.Expand(strings.Trim(found[2], `'"`), func(name string) string {
			return map[string]string{"env.BUILD_URL": "https://ci.example.com/1", "env.GIT_COMMIT": "abc"}[name]
		})
		if strings.HasPrefix(value, "credentials(") {
			value = "secret"
		}
		j.env = append(j.env, found[1]+"="+value)
	}
	for _, found := range regexp.MustCompile(`(?m)^ +sh '(.+)'$`).FindAllStringSubmatch(text, -1) {
		j.steps = append(j.steps, step{script: found[1]})
	}
	if len(j.steps) != 3 || !slices.Contains(j.env, "CROWSNEST_FORGE=github") {
		t.Fatalf("it has %d steps, and sets %v", len(j.steps), j.env)
	}
	// What is of the example's own organisation is another here, and nobody says who the token is.
	own := []string{"CROWSNEST_IMAGE=" + bad, "CROWSNEST_SERVER=", "CROWSNEST_FORGE_API=" + api, "CHANGE_ID=7"}
	if out, code := j.run(t, own...); code != 2 || !strings.Contains(out, "wrote a comment") {
		t.Errorf("code %d:\n%s", code, out)
	}
	f.written(t, j.dir, "## Vulnerabilities of "+strings.TrimPrefix(bad, "archive://"), "[full report](<https://ci.example.com/1>)")
	f.signed(101, "robot")
	if out, code := j.run(t, own...); code != 2 || !strings.Contains(out, "updated comment 1101") {
		t.Errorf("code %d:\n%s", code, out)
	}
}

func TestGenericExample(t *testing.T) {
	t.Parallel()
	m, bad, _ := ciImages(t)
	f, api := newForge(t, true, "<!-- crowsnest: policy ours -->")
	j := newJob(t, m, "CROWSNEST_IMAGE="+bad, "CROWSNEST_CHECK=policy", "CROWSNEST_FORGE=gitlab", "CROWSNEST_FORGE_API="+api, "CROWSNEST_FORGE_TOKEN=secret", "CROWSNEST_COMMENT_KEY=policy ours",
		"CROWSNEST_REPOSITORY="+url.PathEscape("42"), "CROWSNEST_MERGE_REQUEST=7")
	j.steps = []step{{script: "deploy/ci/generic.sh"}}
	if out, code := j.run(t); code != 2 || !strings.Contains(out, "Policies FAILED") {
		t.Errorf("code %d:\n%s", code, out)
	}
	f.written(t, j.dir, "## Policies: "+strings.TrimPrefix(bad, "archive://")+" meets ", "❌ not met")
	// An error has code 1 and says nothing of the image, whatever an earlier check left.
	for _, wrong := range []string{"CROWSNEST_IMAGE=", "CROWSNEST_IMAGE=archive://none.tar", "CROWSNEST_CHECK=all", "CROWSNEST_COMMAND=false"} {
		out, code := j.run(t, wrong)
		if _, err := os.Stat(filepath.Join(j.dir, "crowsnest-reports", "exit-code")); code != 1 || err == nil && wrong != "CROWSNEST_IMAGE=" || strings.Contains(out, "comment") {
			t.Errorf("%s: code %d:\n%s", wrong, code, out)
		}
	}
}
