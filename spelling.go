package crowsnest

import "strings"

// What runtimes report is not always spelled as it is in the image: an epoch is missing or in a qualifier, a
// group or a scope is left out, a package of a distribution goes by the name of its source. So what was loaded
// is looked for under other spellings as well. Where one of them can only be the package, it is in use; where it
// may be another one, it is not observed.

// Prefixes of keys. No type of a package URL has such characters, so none of them is a key of UseKey.
const (
	sourceKey = "src!|" // before a key of which the reporter did not tell whether it names a source package
	eitherKey = "src?|" // before a key that names a source package, and may as well name one built from it
	nearKey   = "~"     // before another spelling; these are made of what is kept, and not kept
)

// anyType stands for a type that is no type of a package that can be watched: the words of reporters differ.
const anyType = "*"

// distributed tells of a type that it is of packages of a distribution, of which an image has one version each,
// built from sources.
func distributed(typ string) bool { return typ == "deb" || typ == "rpm" || typ == "apk" }

// AddLoaded adds to what was seen loaded a key as LoadedPackage.Keys returns them, with its other spellings.
func AddLoaded(loaded map[string]bool, kept string) {
	key, sure := strings.CutPrefix(kept, sourceKey)
	key, either := strings.CutPrefix(key, eitherKey)
	typ, rest, _ := strings.Cut(key, "|")
	cut := max(strings.LastIndexByte(rest, '|'), 0)
	name, version := rest[:cut], looseVersion(typ, strings.TrimPrefix(rest[cut:], "|"))
	full, artifact, grouped := looseNames(typ, name)
	switch {
	case key == UnreadKey:
		loaded[key] = true
		return
	case sure:
		loaded[nearKey+"s|"+typ+"|"+full+"|"+version] = true
		fallthrough
	case either:
		loaded[nearKey+"m|"+typ+"|"+full] = true
		return
	}
	loaded[key] = true
	if !Profilable(typ) {
		typ = anyType
		full, artifact, _ = looseNames("golang", name) // whose names have most to leave out
		loaded[nearKey+"n|"+typ+"|"+artifact] = true
	}
	loaded[nearKey+"p|"+full], loaded[nearKey+"p|"+artifact] = true, true
	loaded[nearKey+"f|"+typ+"|"+full+"|"+version] = true
	if distributed(typ) || typ == anyType || version == "" {
		loaded[nearKey+"n|"+typ+"|"+full] = true
	}
	switch typ {
	case "maven", "npm", "golang", "composer":
		loaded[nearKey+"g|"+typ+"|"+artifact+"|"+version] = true
		if !grouped {
			loaded[nearKey+"a|"+typ+"|"+artifact+"|"+version] = true
		}
	}
}

// Sought is what to look for of a package version among what was loaded.
type Sought struct {
	typ, key string

	full, artifact, version string // spelled loosely
	grouped                 bool   // the name has a group or a scope

	source, sourceVersion string // of a distribution's package
}

// Sought returns what to look for of the package among what was loaded.
func (p PackageVersion) Sought() Sought {
	s := Sought{typ: strings.ToLower(p.Type), key: UseKey(p.Type, p.Name, p.Version), version: looseVersion(p.Type, p.Version)}
	s.full, s.artifact, s.grouped = looseNames(s.typ, p.Name)
	if distributed(s.typ) && p.Source != "" {
		s.source, s.sourceVersion = loose(p.Source), looseVersion(s.typ, p.MatchVersion())
	}
	return s
}

// near looks for other spellings: sure says that one of them can only be this package, maybe that one may be.
func (s Sought) near(loaded map[string]bool) (sure, maybe bool) {
	has := func(kind, typ, name, version string) bool { return loaded[nearKey+kind+"|"+typ+"|"+name+"|"+version] }
	named := func(kind, typ, name string) bool { return loaded[nearKey+kind+"|"+typ+"|"+name] }
	if s.source != "" {
		if has("s", s.typ, s.source, s.sourceVersion) || has("s", s.typ, s.source, s.version) {
			return true, false
		}
		maybe = named("m", s.typ, s.source)
	}
	// Of most packages nothing is loaded whose name is like theirs.
	if !loaded[nearKey+"p|"+s.full] && !loaded[nearKey+"p|"+s.artifact] {
		return false, maybe
	}
	if has("f", s.typ, s.full, s.version) || has("f", anyType, s.full, s.version) {
		return true, false
	}
	maybe = maybe || s.version == "" || named("n", s.typ, s.full) || named("n", anyType, s.full) || named("n", anyType, s.artifact)
	switch {
	case s.typ == "maven":
		sure = has("g", s.typ, s.artifact, s.version) // groups are guessed, in images as at run time
	case s.typ == "npm" && s.grouped: // a name without a scope is a whole one
		maybe = maybe || has("a", s.typ, s.artifact, s.version)
	case s.typ == "npm":
		maybe = maybe || has("g", s.typ, s.artifact, s.version)
	case s.grouped:
		sure = has("a", s.typ, s.artifact, s.version)
	default:
		sure = has("g", s.typ, s.artifact, s.version)
	}
	return sure, maybe
}

// looseNames spells a name in the way that all of its spellings share, whole and without its group.
func looseNames(typ, name string) (full, artifact string, grouped bool) {
	switch typ {
	case "maven", "npm", "golang", "composer":
	case "deb", "apk":
		name, _, _ = strings.Cut(name, ":") // the architecture
		full = loose(name)
		return full, full, false
	case "rpm":
		for _, architecture := range [...]string{".x86_64", ".noarch", ".aarch64", ".i686", ".ppc64le", ".s390x"} {
			name = strings.TrimSuffix(name, architecture)
		}
		full = loose(name)
		return full, full, false
	default:
		full = loose(name)
		return full, full, false
	}
	full, artifact = loose(name), name
	for {
		cut := strings.LastIndexAny(artifact, "/:")
		if cut < 0 {
			break
		}
		last := artifact[cut+1:]
		if typ == "golang" && len(last) > 1 && (last[0] == 'v' || last[0] == 'V') && strings.Trim(last[1:], "0123456789") == "" {
			artifact = artifact[:cut] // a major version is no name
			continue
		}
		artifact, grouped = last, true
		break
	}
	return full, loose(artifact), grouped
}

// loose folds case and whatever stands between the words of a name.
func loose(name string) string {
	out := make([]byte, 0, len(name))
	for i := range len(name) {
		c := name[i]
		switch {
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		case c == '_' || c == '.' || c == '/' || c == ':' || c == '@' || c == '|' || c == ' ':
			c = '-'
		}
		if c == '-' && (len(out) == 0 || out[len(out)-1] == '-') {
			continue
		}
		out = append(out, c)
	}
	return string(out)
}

// looseVersion leaves out of a version what reporters write or leave out: the epoch; and of a language's
// package the letter before it, what was said of the build, and zeros at its end.
func looseVersion(typ, version string) string {
	version = strings.ToLower(strings.TrimSpace(version))
	if epoch, rest, ok := strings.Cut(version, ":"); ok && epoch != "" && strings.Trim(epoch, "0123456789") == "" {
		version = rest
	}
	if distributed(typ) {
		return version
	}
	version, _, _ = strings.Cut(version, "+")
	if typ == "golang" {
		version = strings.TrimPrefix(version, "go")
	}
	if len(version) > 1 && version[0] == 'v' && '0' <= version[1] && version[1] <= '9' {
		version = version[1:]
	}
	if typ == "gem" {
		version, _, _ = strings.Cut(version, "-") // the platform
	}
	for strings.HasSuffix(version, ".0") {
		version = strings.TrimSuffix(version, ".0")
	}
	return version
}
