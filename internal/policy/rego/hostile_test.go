package rego_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/policy"
	"github.com/crowsnest-sec/crowsnest/internal/policy/rego"
)

// What is not compiled cannot be called, by whatever name.
func TestHostileIsNotCompiled(t *testing.T) {
	for name, c := range map[string]struct{ body, says string }{
		"network":              {`x := http.send({"method": "get", "url": "http://127.0.0.1/"})`, "a policy has no network"},
		"network by mock":      {`x := is_object({}) with is_object as http.send`, "line"},
		"names":                {`x := net.lookup_ip_addr("localhost")`, "a policy has no network"},
		"signed requests":      {`x := providers.aws.sign_req({}, {}, 1)`, "a policy has no network"},
		"environment":          {`x := opa.runtime()`, "does not see the program"},
		"chance":               {`x := rand.intn("a", 10)`, "same answer"},
		"identifiers":          {`x := uuid.rfc4122("a")`, "same answer"},
		"schemas":              {`x := json.match_schema({}, {"$ref": "http://127.0.0.1/"})`, "read from elsewhere"},
		"paths of a graph":     {`x := graph.reachable_paths({}, [])`, "too much"},
		"addresses":            {`x := net.cidr_expand("10.0.0.0/8")`, "too much"},
		"parsing":              {`x := rego.parse_module("a", "package a")`, "cannot be interrupted"},
		"templates":            {`x := strings.render_template("{{.}}", {})`, "cannot be interrupted"},
		"tokens":               {`x := io.jwt.decode("a")`, "cannot be interrupted"},
		"a number of digits":   {`x := ` + strings.Repeat("9", 500) + ` + 1`, "too many digits"},
		"an exponent":          {`x := 1e600000000 + 1`, "too big"},
		"brackets in brackets": {`x := ` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000), "nests more than 100"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := rego.New(rego.Limits{}).Compile(policy.File{Name: "policy.rego", Text: head + "violation contains x if { " + c.body + " }\n"}, nil, nil)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("it gives %v, want %q", err, c.says)
			}
		})
	}
	recursive := head + "violation contains x if { x := f(1) }\nf(n) := f(n + 1)\n"
	if _, err := rego.New(rego.Limits{}).Compile(policy.File{Name: "policy.rego", Text: recursive}, nil, nil); err == nil || !strings.Contains(err.Error(), "recursive") {
		t.Errorf("what calls itself gives %v", err)
	}
}

// What would take for ever, or all there is, is stopped with a reason, and the process goes on.
func TestHostileIsStopped(t *testing.T) {
	doubled := func(first, step string, n int) string {
		var b strings.Builder
		fmt.Fprintf(&b, "x0 := %s\n", first)
		for i := range n {
			fmt.Fprintf(&b, "x%d := %s\n", i+1, fmt.Sprintf(step, i))
		}
		fmt.Fprintf(&b, "violation contains x if x := x%d\n", n)
		return b.String()
	}
	tens := `r := numbers.range(1, 1000)
`
	for name, c := range map[string]struct{ rules, says string }{
		"endless loops":         {tens + "violation contains x if { some a in r; some b in r; some c in r; some d in r; a + b + c + d < 0; x := a }\n", "took longer than"},
		"an endless list":       {tens + "l := [[a, b, c] | some a in r; some b in r; some c in r]\nviolation contains x if x := count(l)\n", "took"},
		"endless output":        {tens + "violation contains {\"message\": sprintf(\"%d %d\", [a, b])} if { some a in r; some b in numbers.range(1, 20) }\n", "found more than 10000 violations"},
		"long output":           {tens + "long := concat(\"\", [\"0123456789\" | some a in r; a > 0])\nviolation contains {\"message\": concat(\"\", [long, format_int(a, 10)])} if some a in r\n", "MiB it may"},
		"a text that doubles":   {doubled(`"0123456789"`, `concat("", [x%[1]d, x%[1]d])`, 40), "takes more than the 256 KiB"},
		"a list that doubles":   {doubled(`[1, 2, 3]`, `array.concat(x%[1]d, x%[1]d)`, 40), "more than 200000 elements"},
		"a number that doubles": {doubled(`1234567890`, `x%[1]d * x%[1]d`, 40), "400 digits"},
		"many numbers":          {"violation contains x if x := count(numbers.range(1, 1000000000))\n", "more than 100000 numbers"},
		"numbers by a step":     {"violation contains x if x := count(numbers.range_step(1, 1000000000, 1))\n", "more than 100000 numbers"},
		"replacements":          {tens + "s := concat(\"\", [\"aaaaaaaaaa\" | some a in r; a > 0])\nviolation contains x if x := count(replace(s, \"a\", s))\n", "makes more than"},
		"a wide format":         {"violation contains x if x := count(sprintf(\"%999999d%999999d%999999d%999999d%999999d%999999d\", [1, 2, 3, 4, 5, 6]))\n", "makes more than"},
		"a format again":        {tens + "s := concat(\"\", [\"aaaaaaaaaa\" | some a in r; a > 0])\nf := concat(\"\", [\"%[1]s\" | some a in r; a > 0])\nviolation contains x if x := count(sprintf(f, [s]))\n", "makes more than"},
		"an expression":         {tens + "s := concat(\"\", [\"" + strings.Repeat("a", 100) + "\" | some a in r; a > 0])\nviolation contains x if { x := regex.match(\"(a{0,100}){0,10}" + strings.Repeat("(a|aa)*", 20) + "b\", s) }\n", "too long for that pattern"},
		"a delimiter":           {tens + "s := concat(\"\", [\"aaaaaaaaaa\" | some a in r; a > 0])\nviolation contains x if x := count(concat(s, [\"\" | some a in r; a > 0]))\n", "makes more than"},
		"a number in a text":    {"violation contains x if x := to_number(\"1e600000000\") + 1\n", "400 digits"},
		"a number in JSON":      {"violation contains x if x := json.unmarshal(\"" + strings.Repeat("9", 500) + "\") + 1\n", "400 digits"},
	} {
		t.Run(name, func(t *testing.T) {
			e := rego.New(rego.Limits{Time: time.Second, Memory: 64 << 20})
			p := compile(t, e, head+c.rules, ``)
			f := image()
			began := time.Now()
			r := p.Evaluate(&f)
			if r.Status != crowsnest.NoData || !strings.Contains(r.Reason, "the policy was stopped") || !strings.Contains(r.Reason, c.says) {
				t.Errorf("it is %s: %s; want %q", r.Status, r.Reason, c.says)
			}
			if r.Again.IsZero() {
				t.Error("it is never asked again")
			}
			if took := time.Since(began); took > 20*time.Second { // ten times what the limit permits on a machine that is busy
				t.Errorf("it took %s", took)
			}
		})
	}
}

// A few lines stand for more than any memory holds.
func chain(name, first, step string, n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s0 := %s\n", name, first)
	for i := range n {
		fmt.Fprintf(&b, "%s%d := %s\n", name, i+1, strings.ReplaceAll(step, "X", fmt.Sprintf("%s%d", name, i)))
	}
	return b.String()
}

// The compiler would compare their types for ever.
func TestHostileTrees(t *testing.T) {
	for name, rules := range map[string]string{
		"rules":     chain("x", "[1]", "[X, X]", 40) + chain("y", "[1]", "[X, X]", 40) + "violation contains 1 if x40 == y40\n",
		"objects":   chain("x", "{\"a\": 1}", "{\"a\": X, \"b\": X}", 40) + chain("y", "{\"a\": 1}", "{\"a\": X, \"b\": X}", 40) + "violation contains 1 if x40 == y40\n",
		"variables": "violation contains 1 if {\n" + chain("x", "[1]", "[X, X]", 40) + chain("y", "[1]", "[X, X]", 40) + "x40 == y40\n}\n",
		"data":      chain("x", "[1]", "[data.docker.scout.X, data.docker.scout.X]", 40) + chain("y", "[1]", "[X, X]", 40) + "violation contains 1 if x40 == y40\n",
		"lists":     chain("x", "[1]", "[[X, X] | true]", 40) + chain("y", "[1]", "[[X, X] | true]", 40) + "violation contains 1 if x40 == y40\n",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := rego.New(rego.Limits{}).Compile(policy.File{Name: "policy.rego", Text: head + rules}, nil, nil)
			if err == nil || !strings.Contains(err.Error(), "again and again") {
				t.Errorf("it gives %v", err)
			}
		})
	}
}

// What cannot be interrupted is left alone, and does not hold up the others.
func TestLeftAlone(t *testing.T) {
	e := rego.New(rego.Limits{Time: 50 * time.Millisecond})
	// Comprehensions make the same trees without a type; so many levels take long to compare.
	step := "[X | some i in [1, 2]; i > 0]"
	p := compile(t, e, head+chain("x", "[1]", step, 33)+chain("y", "[1]", step, 33)+"violation contains 1 if x33 in [y33]\n", ``)
	f := image()
	began := time.Now()
	for range 3 {
		if r := p.Evaluate(&f); r.Status != crowsnest.NoData || !strings.Contains(r.Reason, "left alone") {
			t.Fatalf("it says %s", r.Reason)
		}
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("three times take it %s", took)
	}
	if r := compile(t, e, user, ``).Evaluate(&f); r.Status != crowsnest.NonCompliant {
		t.Errorf("another one says %s", r.Reason)
	}
}

// One that is stopped again and again does not hold up the others.
func TestStoppedAgainAndAgain(t *testing.T) {
	e := rego.New(rego.Limits{Time: 50 * time.Millisecond})
	p := compile(t, e, head+"r := numbers.range(1, 1000)\nviolation contains x if { some a in r; some b in r; some c in r; a + b + c < 0; x := a }\n", ``)
	f := image()
	for i := range 3 {
		if r := p.Evaluate(&f); !strings.Contains(r.Reason, "took longer than") {
			t.Errorf("time %d it says %s", i+1, r.Reason)
		}
	}
	began := time.Now()
	for range 1_000 {
		if r := p.Evaluate(&f); r.Status != crowsnest.NoData || !strings.Contains(r.Reason, "took longer than") {
			t.Fatalf("then it says %s", r.Reason)
		}
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("a thousand images take it %s", took)
	}
}

// Ordinary policies are not hindered by what bounds the others.
func TestBoundsLetPass(t *testing.T) {
	for _, expression := range []string{
		`count(split("a,b,c", ",")) == 3`, `replace("aaa", "a", "b") == "bbb"`, `sprintf("%-20s|%5.1f|%v", ["a", 1.5, [1]]) == "a                   |  1.5|[1]"`, `concat(", ", ["a", "b"]) == "a, b"`,
		`regex.match("^[a-z0-9]+(-[a-z0-9]+)*$", "a-b-c")`, `regex.replace("a1b2", "[0-9]", "") == "ab"`, `count(numbers.range(1, 1000)) == 1000`, `sum([1, 2, 3]) == 6`, `product([2, 3]) == 6`,
		`array.concat([1], [2]) == [1, 2]`, `object.union({"a": 1}, {"b": 2}) == {"a": 1, "b": 2}`, `glob.match("registry.example.com/*", ["/"], "registry.example.com/a")`, `semver.compare("1.2.3", "1.10.0") == -1`,
		`json.unmarshal("{\"digest\": \"sha256:12e123456\"}").digest == "sha256:12e123456"`, `time.parse_ns("2006-01-02", "2026-01-02") > 0`, `base64.decode(base64.encode("a")) == "a"`, `to_number("12") == 12`,
		`{1, 2} - {2} == {1}`, `3 - 2 == 1`, `units.parse_bytes("1KB") == 1000`, `lower("A") == "a"`, `max([1, 2]) == 2`, `count(input.artifacts) == 2`, `"b" in ["a", "b"]`, `walk(input, [["crowsnest", "runs"], false])`,
	} {
		r := ask(t, "package crowsnest\ndefault pass := false\npass if "+expression+"\nviolation := set()\n", ``, image())
		if r.Status != crowsnest.Compliant {
			t.Errorf("%s: %s, %s", expression, r.Status, r.Reason)
		}
	}
}

// Whatever a text says, it is parsed or refused.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{vulnerable, licensed, user, labelled, head, "package x", "# METADATA\n# custom:\n#   weight: 1e400\npackage docker.scout\n", "package a\nb := \"{{{\" # [[[\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := rego.Parse(policy.File{Name: "x.rego", Text: text})
		if err != nil {
			if crowsnest.KindOf(err) == crowsnest.Internal {
				t.Errorf("%v", err)
			}
			return
		}
		if m.Meta.Name == "" || m.Meta.Title == "" || m.Meta.Weight < 0 || m.Meta.Weight > policy.MaxWeight || len(m.Meta.DetailsOrder) > 20 {
			t.Errorf("it says of itself %+v", m.Meta)
		}
	})
}
