package api

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// who may do what, written down a second time so that no change of the table passes
// unseen. The columns: the least role of a person; the scopes that do for a token, by
// first letters; "home" where only the first organisation's callers may.
const whoMayDoWhat = `
list-images             member  rwo
get-image               member  rwo
get-image-packages      member  rwo
get-image-in-use        member  rwo
list-base-images        member  rwo
export-base-images      member  rwo
find-file-owners        member  rwo
list-image-attestations member  rwo
get-image-attestation   member  rwo
export-image-sbom       member  rwo
get-image-findings      member  rwo
get-image-occurrences   member  rwo
list-vulnerabilities    member  rwo
list-finding-changes    member  rwo
export-finding-changes  member  rwo
evaluate-packages       member  rwo
explain-packages        member  rwo
explain-image           member  rwo
get-image-recommendations member rwo
recommend-for-packages member rwo
compare-images          member  rwo
compare-environments    member  rwo
compare-environment-policies member rwo
request-analysis        member  uwo
get-analysis            member  uwo
deliver-image           member  uwo
list-delivered-tags     member  uwo
deliver-tags            member  uwo
list-environments       member  rwo
get-environment         member  rwo
list-environment-images member  rwo
list-environment-occurrences member rwo
get-environment-exposure member rwo
get-exposure member rwo
list-environment-exposures member rwo
export-environment-exposures member rwo
get-vulnerability-exposure member rwo
export-environment-vex  member  rwo
get-remediation-targets member  rwo
set-remediation-targets owner   o
get-coverage            member  rwo
list-deleted-environments member rwo
get-known-registries    member  rwo
set-known-registries    owner   o
check-environment-registries member rwo
get-retention           member  rwo
update-retention        owner   o
preview-retention       owner   o
list-retention-runs     member  rwo
get-storage             owner   o    home
list-gaps               member  rwo
assign-environment-images   editor wo
replace-environment-images  editor wo
unassign-environment-images editor wo
update-environment      owner   o
delete-environment      owner   o
list-integrations       member  rwo
get-integration         member  rwo
list-sysdig-regions     member  rwo
list-sysdig-clusters    owner   o
create-integration      owner   o
delete-integration      owner   o
sync-integration        owner   o
get-advisory-status     member  rwo
list-advisory-updates   member  rwo
get-advisory            member  rwo
get-advisory-bundle     member  rwo
import-advisories       owner   o    home
upload-advisories       owner   o    home
retry-advisory-update   owner   o    home
get-version             member  ruwom
get-metrics             owner   om
sign-in                 none
get-sign-in             none
get-session             member  ruwom
sign-out                member  -
switch-organisation     member  -
inspect-link            none
redeem-link             none
change-account          member  -
list-sessions           member  -
end-session             member  -
list-tokens             member  o
export-tokens           member  o
create-token            member  o
revoke-token            member  o
list-trusts             owner   o
create-trust            owner   o
delete-trust            owner   o
exchange-token          none
list-people             owner   o
export-people           owner   o
change-person           owner   o
remove-person           owner   o
reset-password          owner   o
list-invitations        owner   o
invite-person           owner   o
revoke-invitation       owner   o
list-audit              owner   o
export-audit            owner   o
list-organisations      member  ruwom
create-organisation     owner   o    home
get-vulnerability       member  rwo
list-vulnerability-images member  rwo
list-packages           member  rwo
get-package             member  rwo
list-package-images     member  rwo
search                  member  rwo
get-overview            member  rwo
list-analyses           member  rwo
get-integration-impact  member  rwo
listen-events           member  rwo
export-images           member  rwo
export-image-findings   member  rwo
export-image-packages   member  rwo
export-vulnerability-images member  rwo
export-package-images   member  rwo
export-repositories     member  rwo
export-repository-tags  member  rwo
export-compared-findings member  rwo
export-compared-packages member  rwo
export-compared-environments member  rwo
export-image-occurrences member  rwo
export-vulnerabilities  member  rwo
export-packages         member  rwo
export-environment-images member  rwo
export-environment-occurrences member  rwo
export-gaps             member  rwo
export-policies         member  rwo
export-policy-images    member  rwo
export-policy-changes   member  rwo
export-image-policies   member  rwo
export-analyses         member  rwo
export-environments     member  rwo
export-integrations     member  rwo
export-registries       member  rwo
export-advisory-updates member  rwo
retry-analysis          member  uwo
update-integration      owner   o
create-integration-hook owner   o
delete-integration-hook owner   o
call-hook               none
rename-organisation     owner   o
list-shares             editor  wo
create-share            editor  wo
revoke-share            editor  wo
read-share              none
list-registry-kinds     member  rwo
list-registries         member  rwo
get-registry            member  rwo
test-registry           owner   o
connect-registry        owner   o
change-registry         owner   o
get-registry-impact     member  rwo
get-repository          member  rwo
list-repository-tags    member  rwo
disconnect-registry     owner   o
create-registry-hook    owner   o
delete-registry-hook    owner   o
call-registry-hook      none
list-repositories       member  rwo
enable-repositories     editor  wo
disable-repositories    editor  wo
preview-repository-backfill member rwo
start-repository-backfill editor wo
list-analysis-lanes     member  rwo
list-policy-types       member  rwo
check-policy            editor  wo
try-policies            editor  wo
list-exceptions         member  rwo
get-exception           member  rwo
export-exceptions       member  rwo
create-exception        editor  wo
preview-exception       editor  wo
revoke-exception        editor  wo
approve-exception       owner   o
get-decision-settings   member  rwo
change-decision-settings owner  o
get-image-decisions     member  rwo
list-vex-documents      member  rwo
get-vex-document        member  rwo
list-vex-statements     member  rwo
import-vex-document     editor  wo
delete-vex-document     editor  wo
list-policies           member  rwo
get-policy              member  rwo
create-policy           editor  wo
change-policy           editor  wo
delete-policy           editor  wo
list-policy-images      member  rwo
get-policy-trend        member  rwo
list-policy-changes     member  rwo
get-image-policies      member  rwo
`

type expectation struct {
	role   crowsnest.Role // none: open to all
	scopes string
	home   bool
}

func expectations(t *testing.T) map[string]expectation {
	t.Helper()
	out := map[string]expectation{}
	for line := range strings.Lines(strings.TrimSpace(whoMayDoWhat)) {
		f := append(strings.Fields(line), "", "")
		e := expectation{scopes: f[2], home: f[3] == "home"}
		if f[1] != "none" {
			role, err := crowsnest.ParseRole(f[1])
			if err != nil {
				t.Fatal(err)
			}
			e.role = role
		}
		out[f[0]] = e
	}
	return out
}

// Every operation, for every role, every scope, both organisations, and nobody: what is
// permitted is what stands above, and no more.
func TestWhoMayDoWhat(t *testing.T) {
	d := newDesk(t)
	want := expectations(t)
	type visitor struct {
		name string
		role crowsnest.Role // none for a token of the organisation
		// scope of the token; empty in a session
		scope crowsnest.Scope
		home  bool
		token string
		email string
	}
	visitors := []visitor{{name: "nobody"}}
	for _, org := range []store.OrgID{d.org, d.otherOrg} {
		home := org == d.org
		for _, role := range []crowsnest.Role{crowsnest.Member, crowsnest.Editor, crowsnest.Owner} {
			email := fmt.Sprintf("%s-%v@example.com", role, home)
			id := d.person(org, email, role)
			visitors = append(visitors, visitor{name: fmt.Sprintf("%s in a session, home %v", role, home), role: role, home: home, email: email})
			for _, scope := range crowsnest.Scopes() {
				visitors = append(visitors, visitor{name: fmt.Sprintf("%s with a personal token for %s, home %v", role, scope, home), role: role, scope: scope, home: home, token: d.newToken(org, id, scope)})
			}
		}
		for _, scope := range crowsnest.Scopes() {
			visitors = append(visitors, visitor{name: fmt.Sprintf("a token for %s, home %v", scope, home), scope: scope, home: home, token: d.newToken(org, "", scope)})
		}
	}
	all := routes(t)
	for _, v := range visitors {
		var b *browser
		if v.email != "" {
			b = d.signIn(v.email)
		}
		for _, r := range all {
			e, ok := want[r.id]
			if !ok {
				t.Fatalf("%s %s (%s): say in the test who may do it", r.method, r.path, r.id)
			}
			path := r.path
			for strings.Contains(path, "{") {
				path = path[:strings.Index(path, "{")] + "nothing" + path[strings.Index(path, "}")+1:]
			}
			expect := func() int {
				switch {
				case e.role == crowsnest.NoRole:
					return http.StatusOK
				case v.name == "nobody":
					return http.StatusUnauthorized
				case e.home && !v.home, v.role != crowsnest.NoRole && v.role < e.role, v.scope != "" && !strings.Contains(e.scopes, string(v.scope)[:1]):
					return http.StatusForbidden
				}
				return http.StatusOK
			}()
			var code int
			var said string
			switch {
			case r.id == "sign-out" && b != nil: // with a session of its own
				w := d.signIn(v.email).do(r.method, path, "")
				code, said = w.Code, w.Body.String()
			case b != nil:
				w := b.do(r.method, path, "")
				code, said = w.Code, w.Body.String()
			default:
				w := d.do(v.token, r.method, path, nil)
				code, said = w.Code, w.Body.String()
			}
			// Whatever comes after the permission was granted, a missing body or row, is neither of these.
			if code != http.StatusUnauthorized && code != http.StatusForbidden {
				code = http.StatusOK
			}
			if code != expect {
				t.Errorf("%s: %s gives %d, want %d: %s", v.name, r.id, code, expect, said)
			}
			if code == http.StatusForbidden {
				if session := v.scope == ""; session && !strings.Contains(said, "role "+e.role.String()) || !session && !strings.Contains(said, "token") {
					t.Errorf("%s: %s does not say what is needed: %s", v.name, r.id, said)
				}
			}
		}
	}
	for _, r := range all {
		delete(want, r.id)
	}
	if len(want) > 0 {
		t.Errorf("there are no such operations: %v", slices.Sorted(maps.Keys(want)))
	}
}

func TestTheTableHasNoRowTooMany(t *testing.T) {
	rows := maps.Clone(access)
	for _, r := range routes(t) {
		delete(rows, r.id)
	}
	if len(rows) > 0 {
		t.Errorf("rows for operations that do not exist: %v", slices.Sorted(maps.Keys(rows)))
	}
}
