package compare

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
)

// Fact is something that two images say differently of themselves.
type Fact struct {
	Kind          string // "digest", "size" …; "label", "env" and "port" have a name
	Name          string
	Change        Change
	Before, After string // empty where there is none, and of env, whose values are not compared in public
}

// facts lists what two images say differently, in a fixed order.
func facts(before, after Image) []Fact {
	var out []Fact
	add := func(kind, name, a, b string) {
		if a != b {
			out = append(out, Fact{kind, name, change(a != "", b != ""), a, b})
		}
	}
	add("digest", "", string(before.Digest), string(after.Digest))
	add("platform", "", before.Platform, after.Platform)
	add("distribution", "", before.Distribution, after.Distribution)
	add("size", "", strconv.FormatInt(before.Size, 10), strconv.FormatInt(after.Size, 10))
	add("base", "", base(before.Base), base(after.Base))
	add("user", "", before.User, after.User)
	add("entrypoint", "", words(before.Config.Entrypoint), words(after.Config.Entrypoint))
	add("command", "", words(before.Config.Command), words(after.Config.Command))
	add("workingDir", "", before.Config.WorkingDir, after.Config.WorkingDir)

	ports := func(i Image) map[string]string {
		of := make(map[string]string)
		for _, p := range i.Config.Ports {
			of[p] = p
		}
		return of
	}
	out = append(out, named("port", ports(before), ports(after))...)
	out = append(out, named("label", before.Labels, after.Labels)...)
	for _, f := range named("env", variables(before), variables(after)) {
		f.Before, f.After = "", ""
		out = append(out, f)
	}
	return out
}

// named compares what has names.
func named(kind string, before, after map[string]string) []Fact {
	all := maps.Clone(before)
	if all == nil {
		all = make(map[string]string)
	}
	maps.Copy(all, after)
	var out []Fact
	for _, name := range slices.Sorted(maps.Keys(all)) {
		a, had := before[name]
		b, has := after[name]
		if had != has || a != b {
			out = append(out, Fact{kind, name, change(had, has), a, b})
		}
	}
	return out
}

func change(had, has bool) Change {
	switch {
	case !had:
		return Added
	case !has:
		return Removed
	}
	return Changed
}

// variables returns what is kept of each variable. Of two whose values are hidden nobody can say
// whether they are the same, and nothing is said.
func variables(i Image) map[string]string {
	out := make(map[string]string)
	for _, v := range i.Config.Env {
		out[v.Name] = strconv.FormatBool(v.Hidden) + v.Value
	}
	return out
}

func base(b *crowsnest.Base) string {
	if b == nil {
		return ""
	}
	if b.Name != "" && b.Digest != "" {
		return b.Name + "@" + string(b.Digest)
	}
	return cmp.Or(b.Name, string(b.Digest))
}

// words writes a list so that two that differ are never written the same.
func words(list []string) string {
	quoted := make([]string, len(list))
	for i, w := range list {
		quoted[i] = w
		if w == "" || strings.ContainsAny(w, " \t\n\"'\\") {
			quoted[i] = strconv.Quote(w)
		}
	}
	return strings.Join(quoted, " ")
}
