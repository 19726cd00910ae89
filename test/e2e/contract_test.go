package e2e

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// contract describes JSON exactly: every key, no others, the type of each value,
// and whether it may be null. It stands here in full, apart from the types that
// write it, so that a change of those does not change it too.
type contract func(path string, v any) []string

// check returns what of a value breaks the contract.
func check(t *testing.T, what string, c contract, v any) {
	t.Helper()
	for _, problem := range c(what, v) {
		t.Error(problem)
	}
}

func text(path string, v any) []string {
	if _, ok := v.(string); !ok {
		return []string{fmt.Sprintf("%s is %T, want a string", path, v)}
	}
	return nil
}

func filled(path string, v any) []string {
	if s, ok := v.(string); !ok || s == "" {
		return []string{fmt.Sprintf("%s is %v (%T), want a string with something in it", path, v, v)}
	}
	return nil
}

func digest(path string, v any) []string {
	if s, ok := v.(string); !ok || len(s) != len("sha256:")+64 {
		return []string{fmt.Sprintf("%s is %v, want a digest", path, v)}
	}
	return nil
}

func yesNo(path string, v any) []string {
	if _, ok := v.(bool); !ok {
		return []string{fmt.Sprintf("%s is %T, want true or false", path, v)}
	}
	return nil
}

func number(path string, v any) []string {
	if _, ok := v.(float64); !ok {
		return []string{fmt.Sprintf("%s is %T, want a number", path, v)}
	}
	return nil
}

func oneOf(words ...string) contract {
	return func(path string, v any) []string {
		if s, ok := v.(string); !ok || !slices.Contains(words, s) {
			return []string{fmt.Sprintf("%s is %v, want one of %v", path, v, words)}
		}
		return nil
	}
}

func orNull(c contract) contract {
	return func(path string, v any) []string {
		if v == nil {
			return nil
		}
		return c(path, v)
	}
}

func list(c contract) contract {
	return func(path string, v any) (problems []string) {
		items, ok := v.([]any)
		if !ok {
			return []string{fmt.Sprintf("%s is %T, want a list", path, v)}
		}
		for i, item := range items {
			problems = append(problems, c(fmt.Sprintf("%s[%d]", path, i), item)...)
		}
		return problems
	}
}

// object has these keys and no others; one with a ? at its end may be absent.
func object(fields map[string]contract) contract {
	return func(path string, v any) (problems []string) {
		m, ok := v.(map[string]any)
		if !ok {
			return []string{fmt.Sprintf("%s is %T, want an object", path, v)}
		}
		have := slices.Sorted(maps.Keys(m))
		var want []string
		for field := range fields {
			key, optional := strings.CutSuffix(field, "?")
			if _, ok := m[key]; ok || !optional {
				want = append(want, key)
			}
		}
		slices.Sort(want)
		if !slices.Equal(have, want) {
			problems = append(problems, fmt.Sprintf("%s has the keys %v, want %v", path, have, want))
		}
		for field, c := range fields {
			key := strings.TrimSuffix(field, "?")
			if value, ok := m[key]; ok {
				problems = append(problems, c(path+"."+key, value)...)
			}
		}
		return problems
	}
}

var summaryContract = object(map[string]contract{"critical": number, "high": number, "medium": number, "low": number, "unspecified": number})

var packageContract = object(map[string]contract{"purl": filled, "name": filled, "version": filled, "type": filled, "source": text})

var findingContract = object(map[string]contract{
	"id":           filled,
	"aliases":      list(filled),
	"package":      packageContract,
	"severity":     oneOf("critical", "high", "medium", "low", "unspecified"),
	"cvss":         orNull(object(map[string]contract{"version": filled, "score": number, "vector": filled})),
	"fixedVersion": orNull(filled),
	"inUse":        oneOf("in-use", "not-seen", "not-observed"),
	"kev":          orNull(object(map[string]contract{"added": filled, "due?": filled, "ransomware": yesNo, "vendor": text, "product": text, "name": text, "action": text})),
	"epss":         orNull(object(map[string]contract{"score": number, "percentile": number})),
	"fixStep?":     steps,
	"scoreFrom?":   filled,
	"state?":       oneOf("unimportant", "no-dsa", "postponed", "ignored", "end-of-life"),
})

var steps = oneOf("package", "patch", "minor", "major")

// cvesContract is that of "crowsnest cves --format json".
var cvesContract = object(map[string]contract{
	"image":       object(map[string]contract{"name": filled, "digest": digest, "imageId": digest, "platform": filled}),
	"summary":     summaryContract,
	"findings":    list(findingContract),
	"notAffected": list(findingContract),
	"suppressed":  list(findingContract),
	"problems":    list(object(map[string]contract{"layer": digest, "path": filled, "reason": filled})), // of a file; none in these tests is of a layer as a whole

	"missingAdvisories": list(object(map[string]contract{"ecosystem": filled, "type": filled, "packages": number})),
	"staleAdvisories?":  list(object(map[string]contract{"ecosystem": filled, "checked": filled, "stale": yesNo})),
	"kevAsOf?":          filled,
	"epssAsOf?":         filled,

	"updates":      list(object(map[string]contract{"package": packageContract, "version": filled, "step?": steps, "leaves": number})),
	"minorHidden?": number,
})

// environmentContract is that of "crowsnest environment --format json".
var environmentContract = list(object(map[string]contract{
	"name": filled,
	"images": list(object(map[string]contract{
		"name": filled, "digest": digest, "imageId": digest,
		"workloads":  list(object(map[string]contract{"integration": filled, "cluster": filled, "namespace": filled, "kind": filled, "name": filled, "container": filled})),
		"summary":    summaryContract,
		"suppressed": summaryContract,

		"problemCount": number,
		"profiledAt?":  filled,
		"inUse":        object(map[string]contract{"in-use": summaryContract, "not-seen": summaryContract, "not-observed": summaryContract}),
		"warnings":     list(object(map[string]contract{"kind": oneOf("tag-moved", "newer-version"), "reference": filled, "running": digest, "digest": digest, "since": filled})),
	})),
	"coverage": object(map[string]contract{"running": number, "analysed": number, "notAnalysed": number, "failed": number, "unresolved": number}),

	"sources?": list(filled), "clusters?": list(filled), "asOf?": filled,

	"profileDays": number,
}))

func TestContractBites(t *testing.T) {
	good := obj{"critical": 1.0, "high": 0.0, "medium": 0.0, "low": 0.0, "unspecified": 0.0}
	if problems := summaryContract("summary", good); len(problems) != 0 {
		t.Errorf("a summary breaks its contract: %v", problems)
	}
	without, more, wrong, null := maps.Clone(good), maps.Clone(good), maps.Clone(good), maps.Clone(good)
	delete(without, "low")
	more["total"] = 1.0
	wrong["high"] = "0"
	null["high"] = nil
	for name, bad := range map[string]any{"missing key": without, "another key": more, "wrong type": wrong, "null": null, "no object": []any{}} {
		if problems := summaryContract("summary", bad); len(problems) == 0 {
			t.Errorf("%s: not noticed in %v", name, bad)
		}
	}
	if problems := list(filled)("aliases", nil); len(problems) == 0 {
		t.Error("null instead of a list is not noticed")
	}
}
