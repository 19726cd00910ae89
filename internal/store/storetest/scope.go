package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/decided"
	"github.com/crowsnest-sec/crowsnest/internal/store/subject"
	"github.com/google/go-cmp/cmp"
)

// unscoped are the methods that take no organisation, each with the reason why that
// gives nobody what is another's.
var unscoped = map[string]string{
	"EnsureOrganisation": "names the organisation; only the program's start calls it",
	"FirstOrganisation":  "the same",
	"OrganisationByName": "for crowsnest admin, at the server",
	"CreateOrganisation": "makes a new one",
	"Ping":               "reads nothing", "Close": "reads nothing",

	"PutAdvisories": "advisories are the installation's", "AdvisoryStatuses": "the same", "PutAdvisoryStatus": "the same",
	"NewUpdate": "reads nothing", "AdvisoryUpdates": "the same", "Advisory": "the same", "AdvisoriesNamed": "the same", "AdvisoriesAbout": "the same", "EachAdvisory": "the same",
	"PutExploited": "what is known of attacks is the installation's", "PutEPSS": "the same", "Threats": "the same", "EachExploited": "the same", "EachEPSS": "the same",
	"InventoryEcosystems": "for the schedule; it names ecosystems alone", "Feeds": "feeds are the installation's", "EnqueueDueFeeds": "for the schedule", "RetryFeed": "feeds are the installation's", "StartFeed": "for workers", "FinishFeed": "the same",
	"PendingPackages": "for the matcher, which gives nothing to callers", "Candidates": "advisories are the installation's", "SaveFindings": "for the matcher",

	"StartRequest": "for workers, by an ID that the store handed out", "FinishRequest": "the same",
	"IntegrationByID": "the same", "EnqueueDueSweeps": "for the schedule", "DueRetention": "the same", "StartSweep": "for workers", "KeepProfiles": "the same", "CompleteSweep": "the same", "FailSweep": "the same",

	"Person": "by the ID of the caller", "CredentialsByEmail": "for signing in", "ChangePerson": "by the ID of the caller",
	"EnterExternal": "for signing in", "ForgetIdentities": "for crowsnest admin, at the server", "BeginSignIn": "by a secret", "TakeSignIn": "by a secret", "Join": "for signing in: the person is the caller", "Memberships": "by the ID of the caller",
	"TrustsOf": "for exchanging: by what an issuer signed", "ExchangeToken": "for exchanging, by an ID that the store handed out",
	"UseToken": "by a secret", "Session": "by a secret", "StartSession": "for signing in", "TouchSession": "by a secret", "EndSession": "by a secret",
	"PersonSessions": "by the ID of the caller", "EndPersonSession": "by the ID of the caller",
	"LinkByHash": "by a secret", "RedeemLink": "by a secret", "HasPeople": "tells only whether there are any",
	"Attempt": "counts under hashes", "TakeBackAttempt": "the same", "ForgetAttempts": "the same", "Trust": "the same", "Trusted": "the same", "ForgetExpired": "removes what counts no more",
	"SaveReportedNames": "for workers, by an ID that the store handed out", "PostponeSweeps": "the same",
	"HookSweep": "by a secret",
	"NoteLook":  "for workers", "RegistryByID": "for workers, by an ID that the store handed out", "HookedRegistry": "for who knows the secret", "EnqueueDueRegistries": "for the schedule",
	"SaveListing": "for workers", "RegistryAnswers": "the same", "NotePulls": "the same", "RegistryFails": "the same", "TellPush": "the same", "NextRepository": "the same", "SaveTags": "the same", "TagsToCheck": "the same",
	"SaveTarget": "the same", "LeaveRepository": "the same", "PostponeRequest": "the same", "AnalyseRunning": "for workers, by an ID that the store handed out",
	"Shared": "by a secret", "DuePolicies": "for workers", "EnqueueDuePolicies": "for the schedule", "SealedSecrets": "for the rotation of keys", "Reseal": "the same",
}

// refusing are the methods that rightly fail with all of these arguments: they need a
// row that the test has no name for.
var refusing = map[string]bool{"Request": true, "RevokeToken": true, "DeleteTrust": true, "RevokeInvitation": true, "RevokeShare": true, "RemoveMember": true, "SaveLayerResult": true}

// orgIn are the methods that take the organisation within a struct.
var orgIn = map[string]bool{"CreateToken": true, "CreateTrust": true, "CreateLink": true, "CreateIntegration": true}

const mark = "zzours" // in every text of ours, and in nothing of theirs

// ours fills an organisation with something of everything under marked names, and
// returns whatever names it.
func (f Fixture) ours(t *testing.T, org store.OrgID) []string {
	t.Helper()
	owner := f.Person(t, org, mark+"-owner@example.com", crowsnest.Owner)
	member := f.Person(t, org, mark+"-member@example.com", crowsnest.Member)
	img := f.Analysed(t, org, mark+"/web:1", Package(mark+"-libssl3", "3.0.1", mark+"-openssl"))
	_, err := f.Store.RecordImage(ctx, org, img, &store.Tag{Repository: mark + "/web", Name: "1", Target: img.Digest}, Analyser)
	must(t, err)
	_, err = f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{Advisory("1", mark+"-openssl", "3.0.2", time.Unix(1, 0))})
	must(t, err)
	f.Match(t, AllAffected)
	in := f.Connect(t, org, mark+"-prod", mark+"-production")
	f.Sweep(t, in, store.Snapshot{
		Runs:     []crowsnest.Observation{Run(mark+"-web", img.ImageID, "p"), Run(mark+"-lost", Digest("lost"), "")},
		Profiles: map[string][]crowsnest.LoadedPackage{"p": {{Type: "deb", Name: mark + "-libssl3", Version: "3.0.1"}}},
	})
	must(t, f.Store.SaveAttestations(ctx, org, img.Digest, []crowsnest.Attestation{{
		Digest: img.Digest, Manifest: img.Digest, Source: crowsnest.AttestationInIndex, Kind: crowsnest.AttestedProvenance, PredicateType: mark + "-predicate",
		Provenance: &crowsnest.Provenance{Builder: mark + "-builder", Bases: []crowsnest.ImageName{{Name: mark + "/base:1"}}}, Statement: []byte(mark),
	}}))
	request, err := f.Store.RequestAnalysis(ctx, org, mark+"/web:1", "")
	must(t, err)
	token, err := f.Store.CreateToken(ctx, store.Token{Organisation: org, Name: mark + "-ci", Scopes: []crowsnest.Scope{crowsnest.ScopeRead}}, []byte("their token"))
	must(t, err)
	personal, err := f.Store.CreateToken(ctx, store.Token{Organisation: org, Person: member, Name: mark + "-mine", Scopes: []crowsnest.Scope{crowsnest.ScopeRead}}, []byte("their personal token"))
	must(t, err)
	trust, err := f.Store.CreateTrust(ctx, store.Trust{Organisation: org, Name: mark + "-jobs", Issuer: "https://" + mark + ".example.com", Repository: mark + "/shop", Scopes: token.Scopes, Life: time.Hour})
	must(t, err)
	f.Link(t, store.Link{Kind: store.InvitationLink, Organisation: store.Organisation{ID: org}, Email: mark + "-new@example.com", Role: crowsnest.Owner})
	open, err := f.Store.Invitations(ctx, org)
	must(t, err)
	share, err := f.Store.CreateShare(store.WithActor(ctx, store.Actor{Kind: store.ActorPerson, Name: mark + "-owner@example.com"}), org, store.ShareRequest{Vulnerability: "CVE-2099-1", Life: time.Hour, Hash: []byte("their share")})
	must(t, err)
	registry := f.ConnectRegistry(t, org, mark+"-registry", mark+".example.com", mark+"/web")
	policy, err := f.Store.CreatePolicy(ctx, org, subject.Policy{Name: mark + "-policy", Description: mark, Type: mark, Parameters: []byte(`{}`), Environments: []string{mark + "-production"}, Enabled: true})
	_, due, failed := f.Store.DuePolicies(ctx, 1)
	must(t, errors.Join(err, failed, f.Store.SavePolicyAnswers(ctx, org, []subject.PolicyAnswers{{DueImage: due[0], Content: 1, Results: []subject.PolicyResult{{Policy: policy.ID, Reason: mark}}}})))
	decision, vex := f.decides(t, org, mark)
	return []string{
		string(org), decision, vex, share.ID, policy.Name, registry.ID, registry.Name, registry.Host, registry.Host + "/" + mark + "/web", string(owner), string(member), mark + "-owner@example.com", string(img.Digest), string(img.ImageID), string(img.Index), img.Digest.Short(), img.Name, mark + "/web",
		in.ID, in.Name, in.Environment, in.Cluster, request.ID, request.Reference, token.ID, personal.ID, token.Name, trust.ID, trust.Name, trust.Issuer, trust.Repository, open[0].ID, open[0].Email, "",
	}
}

// testIsolation calls every method that takes an organisation as somebody of another
// one, many times, with whatever names something of ours: nothing of ours may come back,
// and nothing of ours may change. The random numbers are the same each time.
func testIsolation(t *testing.T, f Fixture) {
	us, them := f.Organisation(t, mark+" organisation"), f.Organisation(t, "theirs")
	names := f.ours(t, us)
	// They run the same image, but never brought it, and have people of their own.
	theirs := f.Person(t, them, "them@example.com", crowsnest.Owner)
	f.Sweep(t, f.Connect(t, them, "prod", "production"), store.Snapshot{Runs: []crowsnest.Observation{Run("web", Image(mark+"/web:1").ImageID, "")}})

	// The name is that of its type, so that what takes both finds it.
	own := f.Analysed(t, them, "theirs", Package("deb", "1", ""))
	_, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{Advisory("2", "deb", "2", time.Unix(1, 0))})
	must(t, err)
	f.Match(t, AllAffected)
	var twin crowsnest.Image // one of two of a repository
	for _, tag := range []string{"1", "2"} {
		twin = Image("their/twin:" + tag)
		_, err := f.Store.RecordImage(ctx, them, twin, &store.Tag{Repository: "their/twin", Name: tag, Target: twin.Index}, Analyser)
		must(t, err)
		must(t, f.Store.SaveAnalysis(ctx, them, crowsnest.Analysis{Image: twin}, Analyser))
	}
	over, err := f.Store.RequestAnalysis(ctx, them, "theirs", "")
	must(t, err)
	must(t, f.Store.FinishRequest(ctx, over.ID, "", "no such tag"))
	// What is theirs comes more often, so that methods that need two things find them.
	attested := crowsnest.Attestation{Digest: own.Digest, Statement: []byte("{}")} // one name for both, so that both are found
	must(t, f.Store.SaveAttestations(ctx, them, own.Digest, []crowsnest.Attestation{attested}))
	all := append(slices.Clone(names), slices.Repeat([]string{string(own.Digest), string(own.ImageID), own.Name, "production", "prod", string(theirs), "deb", "deb", "CVE-2099-2", over.ID, string(twin.Digest), "their/twin", "",
		string(twin.Digest), "production"}, 5)...) // some calls need just these two

	before := f.seen(t, us, names)
	if n := strings.Count(before, mark); n < 40 {
		t.Fatalf("what is ours shows only %d times to us:\n%s", n, before)
	}
	s := reflect.ValueOf(f.Store)
	contract := reflect.TypeFor[store.Store]()
	random := rand.New(rand.NewPCG(1, 2))
	for i := range contract.NumMethod() {
		m := contract.Method(i)
		if !takesOrg(m.Type) || unscoped[m.Name] != "" {
			if unscoped[m.Name] == "" && !orgIn[m.Name] {
				t.Errorf("%s takes no organisation: say in unscoped why that is safe", m.Name)
			}
			continue
		}
		if _, err := f.Store.Integration(ctx, them, "prod"); err != nil { // a method before deleted it
			f.Connect(t, them, "prod", "production")
		}
		if _, err := f.Store.ConnectedRegistry(ctx, them, "prod"); err != nil {
			f.ConnectRegistry(t, them, "prod", "deb", "deb")
		}
		f.Store.CreatePolicy(ctx, them, subject.Policy{Name: "deb", Parameters: []byte(`{}`), Enabled: true}) // unless it is there still
		f.Analysed(t, them, "theirs", Package("deb", "1", ""))                                                // or stored another analysis of it
		decision, vex := f.decides(t, them, "deb")
		all := all
		if strings.Contains(m.Name, "Exception") || strings.Contains(m.Name, "VEX") {
			all = append(slices.Repeat([]string{decision, vex}, 5), all...)
		}
		answered := 0
		for range 300 {
			if t.Failed() {
				return // one leak is enough to read
			}
			args := make([]reflect.Value, m.Type.NumIn())
			for j := range args {
				args[j] = argument(random, m.Type.In(j), them, all)
			}
			told := fmt.Sprint(args[1:])
			results := call(s.MethodByName(m.Name), m.Type, args)
			if err, _ := results[len(results)-1].Interface().(error); err == nil {
				answered++
			}
			for _, r := range results[:len(results)-1] {
				if got := dump(r); strings.Contains(withoutSaid(got, names), mark) {
					t.Errorf("%s%s tells them of us: %s", m.Name, told, got)
				}
			}
		}
		if answered == 0 && !refusing[m.Name] {
			t.Errorf("%s failed with all arguments, so it was not tried; let them have something it works on", m.Name)
		}
	}
	if after := f.seen(t, us, names); after != before {
		t.Errorf("their calls changed what we see (-before +after):\n%s", cmp.Diff(before, after))
	}
	if _, err := f.Store.Member(ctx, us, theirs); crowsnest.KindOf(err) != crowsnest.NotFound {
		t.Errorf("one of them is one of us: %v", err)
	}
}

// decides gives an organisation an exception that waits, one that holds, and a document, and returns the names of the first and the last.
func (f Fixture) decides(t testing.TB, org store.OrgID, name string) (decision, vex string) {
	t.Helper()
	by := store.WithActor(ctx, store.Actor{Kind: store.ActorPerson, Name: name})
	draft := decided.Draft{Vulnerability: "CVE-2099-1", Kind: crowsnest.AcceptedRisk, Text: name, Scope: crowsnest.DecisionScope{Packages: []string{"pkg:deb/debian/" + name}}}
	waits, err := f.Store.CreateException(by, org, draft, false)
	must(t, err)
	_, err = f.Store.CreateException(by, org, draft, true)
	must(t, err)
	doc, err := f.Store.PutVEX(by, org, decided.Document{Format: decided.OpenVEX, Identifier: name, Author: name, Name: name, Statements: []decided.Statement{{
		Vulnerability: "CVE-2099-1", Kind: crowsnest.NotAffected, Text: name, Scopes: []crowsnest.DecisionScope{{}},
	}}})
	must(t, err)
	authors := []string{name}
	_, err = f.Store.ChangeDecisionSettings(by, org, decided.SettingsChange{Authors: &authors})
	must(t, err)
	return waits.ID, doc.ID
}

// seen is everything that every reading method shows to the organisation.
func (f Fixture) seen(t *testing.T, org store.OrgID, names []string) string {
	t.Helper()
	var out strings.Builder
	s := reflect.ValueOf(f.Store)
	contract := reflect.TypeFor[store.Store]()
	for i := range contract.NumMethod() {
		m := contract.Method(i)
		if !takesOrg(m.Type) || !slices.Contains(reading, m.Name) {
			continue
		}
		random := rand.New(rand.NewPCG(3, 4))
		shown := map[string]bool{}
		for range 60 {
			args := make([]reflect.Value, m.Type.NumIn())
			for j := range args {
				args[j] = argument(random, m.Type.In(j), org, names)
			}
			results := call(s.MethodByName(m.Name), m.Type, args)
			if err, _ := results[len(results)-1].Interface().(error); err == nil {
				shown[dump(results[0])] = true
			}
		}
		lines := make([]string, 0, len(shown))
		for line := range shown {
			lines = append(lines, line)
		}
		slices.Sort(lines)
		fmt.Fprintln(&out, m.Name, strings.Join(lines, "\n"))
	}
	return out.String()
}

// reading are the methods that only read.
var reading = []string{
	"Organisation", "Request", "Images", "Image", "ImagePackages", "ImageFindings", "Attestations", "BaseImages", "Vulnerabilities", "Integration", "Integrations",
	"Environments", "Environment", "RunningImages", "EnvironmentSummary", "Gaps", "Coverage", "Occurrences", "Members", "Member", "Tokens", "Trusts", "Invitations", "AuditLog", "Shares",
	"ConnectedRegistry", "ConnectedRegistries", "RegistryOf", "Repositories", "PreviewBackfill", "LaneCounts", "Remedies", "RegistryImpact", "KnownRepository", "TagIntervals", "Policies", "Policy", "PolicyRates", "PolicyImages", "PolicyChanges", "ImagePolicies",
	"DecisionSettings", "Exceptions", "Exception", "DecisionsInForce", "ImageDecisions", "PreviewException", "VEXDocuments", "VEXDocument", "VEXStatements",
}

func takesOrg(method reflect.Type) bool {
	for i := range method.NumIn() {
		if method.In(i) == reflect.TypeFor[store.OrgID]() {
			return true
		}
	}
	return false
}

// argument makes an argument of a type: the organisation where one is asked for, and for
// all other texts something of ours.
func argument(random *rand.Rand, t reflect.Type, org store.OrgID, names []string) reflect.Value {
	switch t {
	case reflect.TypeFor[context.Context]():
		return reflect.ValueOf(store.WithActor(ctx, store.Actor{Kind: store.ActorPerson, Name: "them"}))
	case reflect.TypeFor[store.OrgID]():
		return reflect.ValueOf(org)
	case reflect.TypeFor[crowsnest.Role]():
		return reflect.ValueOf(crowsnest.Role(1 + random.IntN(3)))
	case reflect.TypeFor[crowsnest.Image]():
		return reflect.ValueOf(Image("theirs"))
	case reflect.TypeFor[store.ShareRequest]():
		return reflect.ValueOf(store.ShareRequest{Vulnerability: append([]string{"CVE-2099-1"}, names...)[random.IntN(len(names)+1)], Life: time.Hour, Hash: fmt.Append(nil, random.Uint64())})
	case reflect.TypeFor[store.Assignment]():
		return reflect.ValueOf(store.Assignment{Images: keys(random, names), Create: true})
	case reflect.TypeFor[store.Counting]():
		return reflect.ValueOf([]store.Counting{store.CountImages, store.CountPackages, store.CountVulnerabilities}[random.IntN(3)])
	case reflect.TypeFor[[]store.ImageKey]():
		return reflect.ValueOf(keys(random, names))
	case reflect.TypeFor[store.EnvironmentChange]():
		name := names[random.IntN(len(names))]
		return reflect.ValueOf(store.EnvironmentChange{Description: &name})
	case reflect.TypeFor[crowsnest.Analysis]():
		return reflect.ValueOf(crowsnest.Analysis{Image: Image("theirs")})
	}
	v := reflect.New(t).Elem()
	switch {
	case t.Kind() == reflect.String:
		v.SetString(names[random.IntN(len(names))])
	case t.Kind() == reflect.Struct && random.IntN(2) == 0 && t != reflect.TypeFor[store.Page]():
		for i := range t.NumField() {
			if f := v.Field(i); f.Kind() == reflect.String && f.CanSet() && f.Type() != reflect.TypeFor[store.ImageSort]() {
				f.SetString(names[random.IntN(len(names))])
			}
		}
	}
	return v
}

// keys names one image by something of ours: what changed is recorded in one text.
func keys(random *rand.Rand, names []string) []store.ImageKey {
	name := names[random.IntN(len(names))]
	return []store.ImageKey{{Reference: name}, {Digest: crowsnest.Digest(name)}}[random.IntN(2):][:1]
}

func call(fn reflect.Value, t reflect.Type, args []reflect.Value) []reflect.Value {
	if t.IsVariadic() {
		return fn.CallSlice(args)
	}
	return fn.Call(args)
}

// dump writes a result so that two can be compared.
func dump(v reflect.Value) string {
	if v.Kind() == reflect.Func {
		return ""
	}
	b, err := json.Marshal(v.Interface())
	if err != nil {
		return fmt.Sprintf("%+v", v.Interface())
	}
	return string(b)
}

// withoutSaid removes what they said themselves and got back as part of what they made.
func withoutSaid(got string, names []string) string {
	for _, n := range names {
		if n != "" {
			got = strings.ReplaceAll(got, `"`+n+`"`, `""`)
		}
	}
	return got
}
