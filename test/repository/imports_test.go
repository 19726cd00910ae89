package repository

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"
)

// The floors of the house, from the ground up. Imports go down or stay on a floor.
const (
	vocabulary = iota // the module root
	contract          // what engines ask of a store
	service           // leaves that every engine may use
	engine            // the work itself; the same for server and command line
	serving           // the API, the JSON it speaks, and the jobs
	program           // the whole, built from a configuration
	showcase          // the demo: a program with the test servers beside it
	command           // main
	testsOnly         // what only tests import
)

// rooms says on which floor each room stands. A room under a listed one stands with
// it, unless it is listed itself.
var rooms = map[string]int{
	"":                         vocabulary,
	"internal/store":           contract,
	"internal/egress":          service,
	"internal/fault":           service,
	"internal/auth":            service,
	"internal/lifetime":        service,
	"internal/bounded":         service,
	"internal/image":           engine,
	"internal/attestation":     engine,
	"internal/inventory":       engine,
	"internal/advisory":        engine,
	"internal/match":           engine,
	"internal/environment":     engine,
	"internal/sysdig":          engine,
	"internal/registry":        engine,
	"internal/policy":          engine,
	"internal/vex":             engine,
	"internal/compare":         engine,
	"internal/recommend":       engine,
	"internal/sbom":            engine,
	"internal/api":             serving,
	"internal/job":             serving,
	"internal/wire":            serving,
	"internal/export":          serving,
	"internal/config":          program,
	"internal/client":          program,
	"internal/ignore":          program,
	"internal/outpost":         program,
	"internal/report":          program,
	"internal/store/sqlstore":  program,
	"internal/app":             program,
	"web":                      program,
	"internal/demo":            showcase,
	"cmd/crowsnest":            command,
	"internal/store/storetest": testsOnly,
	"internal/testkit":         testsOnly,
	"test":                     testsOnly,
}

// floor returns the floor of a room and whether it has one.
func floor(room string) (int, bool) {
	for at := room; ; {
		if f, ok := rooms[at]; ok && (at != "" || room == "") {
			return f, true
		}
		cut := strings.LastIndexByte(at, '/')
		if cut < 0 {
			return 0, false
		}
		at = at[:cut]
	}
}

// within tells whether a room is one of the named ones or under one of them.
func within(room string, names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		return room == name || strings.HasPrefix(room, name+"/")
	})
}

// ban forbids imports; allowed to some rooms only, or forbidden to some.
type ban struct {
	name   string
	reason string
	broken func(room, imported string) bool
}

// inModule returns the room an import path names, and false for other modules'.
func inModule(imported string) (string, bool) {
	if imported == module {
		return "", true
	}
	return strings.CutPrefix(imported, module+"/")
}

// only bans packages, and those under them, from all but some rooms.
func only(allowed []string, imports ...string) func(room, imported string) bool {
	return func(room, imported string) bool {
		return within(imported, imports...) && !within(room, allowed...)
	}
}

// never bans packages, and those under them, from one room.
func never(room string, imports ...string) func(room, imported string) bool {
	return func(r, imported string) bool { return r == room && within(imported, imports...) }
}

var bans = []ban{
	{
		"one way down",
		"imports run cmd → app → {api, job} → engines → store contract → vocabulary, so that each part can be understood and tested without those above it",
		func(room, imported string) bool {
			other, ok := inModule(imported)
			if !ok {
				return false
			}
			from, known := floor(room)
			to, knownTo := floor(other)
			if !known || !knownTo || to == testsOnly {
				return false
			}
			return to > from
		},
	},
	{
		"vocabulary imports the standard library only",
		"every package imports the vocabulary, so whatever it needed, all would need",
		func(room, imported string) bool { return room == "" && strings.Contains(firstElement(imported), ".") },
	},
	{
		"store contract imports the vocabulary only",
		"a contract that knows an engine or a database is no contract; its parts are the contract too",
		func(room, imported string) bool {
			words := []string{"internal/store/subject", "internal/store/finding", "internal/store/volume", "internal/store/running", "internal/store/decided", "internal/store/candidate"}
			return (room == "internal/store" || slices.Contains(words, room)) &&
				(strings.Contains(firstElement(imported), ".") && imported != module && !slices.Contains(words, strings.TrimPrefix(imported, module+"/")) || within(imported, "database/sql"))
		},
	},
	{
		"match is pure",
		"the same packages and advisories must always give the same findings: match gets both as values and does no I/O",
		never("internal/match", module+"/internal/store", "os", "io/fs", "io/ioutil", "net", "net/http", "database/sql", "syscall", "log", "log/slog", "plugin", "embed", "time/tzdata",
			"golang.org/x/sys", "golang.org/x/net"),
	},
	{
		"compare is pure",
		"the same two sides must always give the same answer, at the server and without one",
		never("internal/compare", module+"/internal/store", "os", "io/fs", "io/ioutil", "net", "net/http", "database/sql", "syscall", "log", "log/slog", "math/rand"),
	},
	{
		"recommendations are pure",
		"the same images and findings must always be ranked alike, at the server and without one: the time is given",
		never("internal/recommend", module+"/internal/store", "os", "io/fs", "io/ioutil", "net", "net/http", "database/sql", "syscall", "log", "log/slog", "math/rand", "embed"),
	},
	{
		"policies are pure",
		"the same facts must always give the same answer, whoever asks and when: the time is a fact as well",
		never("internal/policy", module+"/internal/store", "os", "io/fs", "io/ioutil", "net", "net/http", "database/sql", "syscall", "log", "log/slog", "math/rand", "embed"),
	},
	{
		"only the room of Rego knows the language",
		"its library is large, reaches networks and has no limits of its own: they are put around it in one place, which the program hands to whoever asks policies",
		func(room, imported string) bool {
			return within(imported, "github.com/open-policy-agent/opa") && room != "internal/policy/rego" ||
				within(imported, module+"/internal/policy/rego") && !within(room, "internal/policy/rego", "internal/app", "cmd")
		},
	},
	{
		"match has no random numbers",
		"the same packages and advisories must always give the same findings",
		never("internal/match", "math/rand", "crypto/rand"),
	},
	{
		"only app knows concrete stores",
		"all others work on the contract, so that both engines stay equal",
		only([]string{"internal/app", "cmd", "internal/store/sqlstore", "internal/testkit/litekit"}, module+"/internal/store/sqlstore"),
	},
	{
		"only the program reads the configuration",
		"parts get the values they need, not the whole configuration, so that each can be built in a test",
		only([]string{"internal/app", "internal/demo", "internal/config", "cmd"}, module+"/internal/config"),
	},
	{
		"engines do not know Sysdig",
		"the domain must not follow another product's releases: the engines see occurrences, whoever reported them",
		func(room, imported string) bool {
			from, known := floor(room)
			return within(imported, module+"/internal/sysdig") && known && from < serving && room != "internal/sysdig"
		},
	},
	{
		"test servers are for tests and the demo",
		"faults and fixed answers have no place in the product",
		func(room, imported string) bool {
			other, ok := inModule(imported)
			if to, _ := floor(other); !ok || to != testsOnly {
				return false
			}
			if from, _ := floor(room); from == testsOnly {
				return false
			}
			return room != "internal/demo" || !within(other, "internal/testkit/sysdigkit", "internal/testkit/imagekit")
		},
	},
	{
		"testing is for tests",
		"the testing package adds flags to the program",
		func(room, imported string) bool {
			from, _ := floor(room)
			return within(imported, "testing") && from != testsOnly
		},
	},
	{
		"only commands know their framework",
		"what can be reached by a command only cannot be reached through the API",
		only([]string{"cmd"}, "github.com/spf13/cobra"),
	},
	{
		"only the API knows its framework",
		"engines serve the command line too",
		only([]string{"internal/api"}, "github.com/danielgtaylor/huma"),
	},
	{
		"only the stores know databases",
		"a statement outside the store escapes its suite and its scoping by organisation; job and app hand connections to the queue, and RPM's own database is one",
		only([]string{"internal/store/sqlstore", "internal/job", "internal/app", "internal/testkit/pgkit", "internal/testkit/rpmkit"},
			"database/sql", "github.com/jackc/pgx", "modernc.org/sqlite", "github.com/pressly/goose"),
	},
	{
		"only the door knows the protocol of identities",
		"what a token of somebody else's counts for is decided in one place; who this program is in its cloud is another question",
		only([]string{"internal/auth/oidc", "internal/registry/identity"}, "github.com/coreos/go-oidc", "golang.org/x/oauth2"),
	},
	{
		"only jobs know the queue",
		"work is enqueued by its kind, whatever carries it",
		only([]string{"internal/job", "internal/app", "internal/store/sqlstore"}, "github.com/riverqueue/river"),
	},
}

func firstElement(importPath string) string {
	first, _, _ := strings.Cut(importPath, "/")
	return first
}

func TestImports(t *testing.T) {
	all := allPackages(t)
	for _, b := range bans {
		t.Run(b.name, func(t *testing.T) {
			for _, p := range all {
				for _, imported := range p.Imports {
					if b.broken(p.room(), imported) {
						t.Errorf("%s imports %s: %s", p.ImportPath, imported, b.reason)
					}
				}
			}
		})
	}
}

// TestImportsBansBite gives each ban an import it must refuse and one it must not.
func TestImportsBansBite(t *testing.T) {
	at := func(room string) string { return strings.TrimSuffix(module+"/"+room, "/") }
	tests := []struct {
		ban, room, imported string
		want                bool
	}{
		{"one way down", "internal/inventory", at("internal/api"), true},
		{"one way down", "internal/store", at("internal/match"), true},
		{"one way down", "", at("internal/store"), true},
		{"one way down", "internal/egress", at("internal/image"), true},
		{"one way down", "internal/job", at("internal/app"), true},
		{"one way down", "internal/advisory/osv", at("internal/job"), true},
		{"one way down", "internal/app", at("internal/demo"), true},
		{"one way down", "internal/auth", at("internal/store"), false},
		{"one way down", "internal/advisory/osv", at("internal/advisory"), false},
		{"one way down", "cmd/crowsnest", at("internal/app"), false},
		{"vocabulary imports the standard library only", "", "golang.org/x/mod/semver", true},
		{"vocabulary imports the standard library only", "", at("internal/store"), true},
		{"vocabulary imports the standard library only", "", "strings", false},
		{"store contract imports the vocabulary only", "internal/store", at("internal/egress"), true},
		{"store contract imports the vocabulary only", "internal/store", "github.com/google/uuid", true},
		{"store contract imports the vocabulary only", "internal/store", "database/sql", true},
		{"store contract imports the vocabulary only", "internal/store", at(""), false},
		{"store contract imports the vocabulary only", "internal/store", at("internal/store/subject"), false},
		{"store contract imports the vocabulary only", "internal/store", at("internal/store/finding"), false},
		{"store contract imports the vocabulary only", "internal/store", at("internal/store/running"), false},
		{"store contract imports the vocabulary only", "internal/store/subject", at("internal/store"), true},
		{"store contract imports the vocabulary only", "internal/store/running", at("internal/store"), true},
		{"store contract imports the vocabulary only", "internal/store/finding", at("internal/store"), true},
		{"match is pure", "internal/match", at("internal/store"), true},
		{"match is pure", "internal/match", "os", true},
		{"match is pure", "internal/match", "database/sql/driver", true},
		{"match is pure", "internal/match", "github.com/google/osv-scalibr/semantic", false},
		{"compare is pure", "internal/compare", at("internal/store"), true},
		{"compare is pure", "internal/compare", at("internal/match"), false},
		{"recommendations are pure", "internal/recommend", at("internal/store"), true},
		{"recommendations are pure", "internal/recommend", at("internal/lifetime"), false},
		{"policies are pure", "internal/policy", at("internal/store"), true},
		{"policies are pure", "internal/policy", at("internal/lifetime"), false},
		{"only the room of Rego knows the language", "internal/policy/evaluation", "github.com/open-policy-agent/opa/v1/rego", true},
		{"only the room of Rego knows the language", "internal/policy/evaluation", at("internal/policy/rego"), true},
		{"only the room of Rego knows the language", "internal/policy/rego/bundle", "github.com/open-policy-agent/opa/v1/ast", true},
		{"only the room of Rego knows the language", "internal/policy/rego", "github.com/open-policy-agent/opa/v1/ast", false},
		{"only the room of Rego knows the language", "internal/app", at("internal/policy/rego"), false},
		{"match has no random numbers", "internal/match", "math/rand/v2", true},
		{"match has no random numbers", "internal/match", "math", false},
		{"only app knows concrete stores", "internal/job", at("internal/store/sqlstore"), true},
		{"only app knows concrete stores", "internal/app", at("internal/store/sqlstore"), false},
		{"only app knows concrete stores", "internal/testkit/sysdigkit", at("internal/store/sqlstore"), true},
		{"only app knows concrete stores", "internal/testkit/litekit", at("internal/store/sqlstore/sqldb"), false},
		{"only the program reads the configuration", "internal/api", at("internal/config"), true},
		{"only the program reads the configuration", "internal/app", at("internal/config"), false},
		{"engines do not know Sysdig", "internal/environment", at("internal/sysdig"), true},
		{"engines do not know Sysdig", "internal/app", at("internal/sysdig"), false},
		{"test servers are for tests and the demo", "internal/app", at("internal/testkit/sysdigkit"), true},
		{"test servers are for tests and the demo", "internal/demo", at("internal/testkit/pgkit"), true},
		{"test servers are for tests and the demo", "internal/app", at("internal/store/storetest"), true},
		{"test servers are for tests and the demo", "internal/demo", at("internal/testkit/imagekit"), false},
		{"test servers are for tests and the demo", "internal/store/storetest", at("internal/testkit/pgkit"), false},
		{"testing is for tests", "internal/image", "testing/fstest", true},
		{"testing is for tests", "internal/testkit/pgkit", "testing", false},
		{"only commands know their framework", "internal/app", "github.com/spf13/cobra", true},
		{"only commands know their framework", "cmd/crowsnest", "github.com/spf13/cobra", false},
		{"only the API knows its framework", "internal/app", "github.com/danielgtaylor/huma/v2", true},
		{"only the API knows its framework", "internal/api", "github.com/danielgtaylor/huma/v2", false},
		{"only the stores know databases", "internal/environment", "database/sql", true},
		{"only the stores know databases", "internal/store/sqlstore", "modernc.org/sqlite", false},
		{"only the door knows the protocol of identities", "internal/api", "github.com/coreos/go-oidc/v3/oidc", true},
		{"only the door knows the protocol of identities", "internal/auth/oidc", "golang.org/x/oauth2", false},
		{"only jobs know the queue", "internal/api", "github.com/riverqueue/river", true},
		{"only jobs know the queue", "internal/job", "github.com/riverqueue/river/rivermigrate", false},
	}
	tried := map[string]map[bool]bool{}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s: %s imports %s", tt.ban, tt.room, tt.imported), func(t *testing.T) {
			i := slices.IndexFunc(bans, func(b ban) bool { return b.name == tt.ban })
			if i < 0 {
				t.Fatal("no such ban")
			}
			if got := bans[i].broken(tt.room, tt.imported); got != tt.want {
				t.Errorf("banned = %t, want %t", got, tt.want)
			}
		})
		if tried[tt.ban] == nil {
			tried[tt.ban] = map[bool]bool{}
		}
		tried[tt.ban][tt.want] = true
	}
	for _, b := range bans {
		if len(tried[b.name]) != 2 {
			t.Errorf("ban %q needs an import it refuses and one it allows in this test", b.name)
		}
	}
}

// TestEveryRoomHasAFloor keeps the list of rooms complete: a room that is not in it
// would escape the bans.
func TestEveryRoomHasAFloor(t *testing.T) {
	for _, p := range allPackages(t) {
		if _, ok := floor(p.room()); !ok {
			t.Errorf("%s: say in the list of rooms in imports_test.go on which floor it stands", p.ImportPath)
		}
	}
}

// sysdigWords are names only Sysdig's wire format has: paths and fields.
var sysdigWords = []string{"eveintegration", "secure/vulnerability/", "installedViaPackageManager", "srcName"}

// TestWireFormatStaysInItsRoom finds Sysdig's names outside its client and its test
// server: who reads them there depends on another product's releases.
func TestWireFormatStaysInItsRoom(t *testing.T) {
	for _, p := range allPackages(t) {
		if within(p.room(), "internal/sysdig", "internal/testkit/sysdigkit") {
			continue
		}
		for _, file := range p.GoFiles {
			text := read(t, path.Join(p.room(), file))
			for _, word := range sysdigWords {
				if strings.Contains(text, word) {
					t.Errorf("%s/%s names Sysdig's %q: map it to a type of the domain in internal/sysdig, so that the domain follows no wire format", p.room(), file, word)
				}
			}
		}
	}
}
