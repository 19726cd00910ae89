package sysdig

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/sysdigkit"
)

func TestRuntimeImages(t *testing.T) {
	s := newSite(t)
	web, cart := item(1,
		sysdigkit.OSPackage("debian", "12.5", "libssl3", "1:3.0.11-1~deb12u2+b1", "openssl"),
		sysdigkit.OSPackage("alpine", "3.19.1", "musl", "1.2.4-r2", "musl"),
		sysdigkit.AppPackage("npm", "left-pad", "1.3.0"),
	), item(2)
	web.WorkloadKind = "Deployment"
	cart.WorkloadKind = "martiancontroller"
	s.SetCluster("prod", web, cart)
	got, stats, err := s.sweep("prod")
	if err != nil {
		t.Fatal(err)
	}
	want := []crowsnest.Observation{
		{
			Namespace: "shop", Kind: "deployment", Name: "w0001", Container: "main", ImageID: crowsnest.Digest(web.ImageID),
			Loaded: []crowsnest.LoadedPackage{
				{PURL: "pkg:deb/debian/libssl3@1:3.0.11-1~deb12u2+b1?distro=debian-12.5", Type: "deb", Name: "libssl3", Version: "1:3.0.11-1~deb12u2+b1", Source: "openssl"},
				{PURL: "pkg:apk/alpine/musl@1.2.4-r2?distro=alpine-3.19.1", Type: "apk", Name: "musl", Version: "1.2.4-r2", Source: "musl"},
				{PURL: "pkg:npm/left-pad@1.3.0", Type: "npm", Name: "left-pad", Version: "1.3.0"},
			},
		},
		{Namespace: "shop", Kind: "martiancontroller", Name: "w0002", Container: "main", ImageID: crowsnest.Digest(cart.ImageID)},
	}
	if diff := cmp.Diff(profiled(want), got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(Stats{Pages: 1, Items: 2, Packages: 3, Requests: 1, Limit: 500}, stats); diff != "" {
		t.Error(diff)
	}
}

func TestPaging(t *testing.T) {
	for n, pages := range map[int]int{0: 1, 1: 1, 499: 1, 500: 1, 501: 2, 1250: 3} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			s := newSite(t)
			s.SetCluster("prod", items(n)...)
			got, stats, err := s.sweep("prod")
			if err != nil {
				t.Fatal(err)
			}
			for i, o := range got {
				if want := fmt.Sprintf("w%04d", i); o.Name != want {
					t.Fatalf("item %d is %s", i, o.Name)
				}
			}
			if diff := cmp.Diff(Stats{Pages: pages, Items: n, Requests: pages, Limit: 500}, stats); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestUnknownClusterIsEmpty(t *testing.T) {
	s := newSite(t)
	got, stats, err := s.sweep("nowhere")
	if err != nil || len(got) != 0 || stats.Pages != 1 {
		t.Errorf("%d items, %+v, %v", len(got), stats, err)
	}
}

func TestProbe(t *testing.T) {
	s := newSite(t)
	s.SetCluster("prod", items(1250)...)
	if _, err := s.Probe(t.Context(), "prod"); err != nil {
		t.Error(err)
	}
	if n := len(s.Requests()); n != 1 {
		t.Errorf("%d requests, want the first page only", n)
	}
	s.Inject(sysdigkit.Fault{Body: "garbage", Times: slowAttempts})
	if _, err := s.Probe(t.Context(), "prod"); crowsnest.KindOf(err) != crowsnest.Corrupt {
		t.Errorf("garbage: %v", err)
	}
	s.SetCluster("bare")
	s.SetClusterJSON("odd", json.RawMessage(`{"imageID":""}`))
	s.SetPageSize(1)
	for cluster, want := range map[string]bool{"prod": false, "bare": true, "unknown": true, "odd": false} {
		if empty, err := s.Probe(t.Context(), cluster); err != nil || empty != want {
			t.Errorf("%s empty: %t, %v", cluster, empty, err)
		}
	}
	// A page that holds nothing and names another is not the end.
	s.Inject(sysdigkit.Fault{Body: `{"page":{"returned":0,"next":"n"}}`})
	s.Inject(sysdigkit.Fault{Body: `{"page":{"returned":1},"data":[{"imageID":"` + string(crowsnest.DigestOf(nil)) + `"}]}`})
	if empty, err := s.Probe(t.Context(), "prod"); err != nil || empty {
		t.Errorf("empty: %t, %v", empty, err)
	}
}

func TestClusterNameIsEscaped(t *testing.T) {
	s := newSite(t)
	for _, name := range []string{"a&limit=1", "a b", "a+b", "ä/ö?x#y", "100%"} {
		s.SetCluster(name, items(2)...)
		got, _, err := s.sweep(name)
		if err != nil || len(got) != 2 {
			t.Errorf("%q: %d items, %v", name, len(got), err)
		}
		all := s.Requests()
		if last := all[len(all)-1]; last.Cluster != name || last.Limit != 500 {
			t.Errorf("%q arrived as %+v", name, last)
		}
	}
}

func TestClusterNameRefused(t *testing.T) {
	s := newSite(t)
	for _, name := range []string{"", "a\x00b", "a\nb", strings.Repeat("x", maxField+1)} {
		_, _, err := s.sweep(name)
		wantError(t, err, crowsnest.Invalid, "read cluster name", "cluster_config.name", "global.clusterConfig.name")
	}
	if s.Count() != 0 {
		t.Error("a request was sent")
	}
}

func TestSmallerLimit(t *testing.T) {
	for largest, want := range map[int]struct{ limit, requests, pages int }{
		500: {500, 1, 1}, 499: {250, 2 + 1, 2}, 250: {250, 2 + 1, 2}, 100: {100, 3 + 3, 4},
	} {
		t.Run(fmt.Sprint(largest), func(t *testing.T) {
			s := newSite(t)
			s.SetMaxLimit(largest)
			s.SetCluster("prod", items(350)...)
			got, stats, err := s.sweep("prod")
			if err != nil || len(got) != 350 {
				t.Fatalf("%d items, %v", len(got), err)
			}
			if diff := cmp.Diff(Stats{Pages: want.pages, Items: 350, Requests: want.requests, Limit: want.limit}, stats); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("none accepted", func(t *testing.T) {
		s := newSite(t)
		s.SetMaxLimit(99)
		_, stats, err := s.sweep("prod")
		wantError(t, err, crowsnest.Invalid, "limit must be between 1 and 99")
		if stats.Requests != 3 {
			t.Errorf("%d requests", stats.Requests)
		}
	})
	t.Run("page too large", func(t *testing.T) {
		s := newSite(t, WithMaxBody(64<<10))
		s.SetCluster("prod", items(500)...)
		got, stats, err := s.sweep("prod")
		if err != nil || len(got) != 500 || stats.Limit != 250 {
			t.Errorf("%d items, %+v, %v", len(got), stats, err)
		}
	})
	t.Run("every page too large", func(t *testing.T) {
		s := newSite(t, WithMaxBody(1<<10))
		s.SetCluster("prod", items(500)...)
		_, _, err := s.sweep("prod")
		wantError(t, err, crowsnest.TooLarge, "larger than is read")
	})
	// A cursor may count in pages of the size it was made with: another size could skip items.
	t.Run("not on later pages", func(t *testing.T) {
		s := newSite(t)
		s.SetCluster("prod", items(1500)...)
		s.Inject(sysdigkit.Fault{Match: sysdigkit.Match{Page: 2}, Status: 400, Times: -1})
		got, stats, err := s.sweep("prod")
		wantError(t, err, crowsnest.Invalid, "page 2")
		if len(got) != 500 || stats.Requests != 2 {
			t.Errorf("%d items, %+v", len(got), stats)
		}
	})
}

func TestListsInForms(t *testing.T) {
	page2 := sysdigkit.Match{Page: 2}
	for _, tc := range []struct {
		name  string
		fault sysdigkit.Fault
		items int    // of 600
		want  string // part of the error, empty if the list is complete
	}{
		{"empty next", sysdigkit.Fault{Match: page2, EmptyNext: true}, 600, ""},
		{"null next", sysdigkit.Fault{Match: page2, Body: `{"page":{"returned":0,"next":null},"data":[]}`}, 500, ""},
		{"no data", sysdigkit.Fault{Match: page2, Body: `{"page":{"returned":0}}`}, 500, ""},
		{"null data", sysdigkit.Fault{Match: page2, Body: `{"page":{"returned":0},"data":null}`}, 500, ""},
		{"no data and no count", sysdigkit.Fault{Match: page2, Body: `{"page":{}}`}, 500, ""},
		{"unknown fields", sysdigkit.Fault{Match: page2, Body: `{"version":{"a":[1]},"page":{"returned":0,"total":7},"data":[]}`}, 500, ""},
		{"byte order mark", sysdigkit.Fault{Match: page2, Body: "\xef\xbb\xbf<html>"}, 500, "HTML"},
		{"wrong content type", sysdigkit.Fault{Match: page2, Header: map[string]string{"Content-Type": "text/html"}}, 600, ""},
		{"data left out of a full page", sysdigkit.Fault{Match: page2, OmitData: true}, 500, "announces 100 items and holds 0"},
		{"null for a full page", sysdigkit.Fault{Match: page2, NullData: true}, 500, "announces 100 items and holds 0"},
		{"half a page", sysdigkit.Fault{Match: page2, HalfData: true}, 500, "announces 100 items and holds 50"},
		{"no page", sysdigkit.Fault{Match: page2, OmitPage: true}, 500, "has no page"},
		{"null page", sysdigkit.Fault{Match: page2, Body: `{"page":null,"data":[]}`}, 500, "has no page"},
		{"some other JSON", sysdigkit.Fault{Match: page2, Body: `{"status":"ok"}`}, 500, "has no page"},
		{"a list", sysdigkit.Fault{Match: page2, Body: `[]`}, 500, "not a list of Sysdig"},
		{"a null", sysdigkit.Fault{Match: page2, Body: `null`}, 500, "not a list of Sysdig"},
		{"page of another type", sysdigkit.Fault{Match: page2, Body: `{"page":7,"data":[]}`}, 500, "page is of the wrong type"},
		{"next of another type", sysdigkit.Fault{Match: page2, Body: `{"page":{"next":7},"data":[]}`}, 500, "page is of the wrong type"},
		{"data of another type", sysdigkit.Fault{Match: page2, Body: `{"page":{},"data":{}}`}, 500, "data is not a list"},
		{"data twice", sysdigkit.Fault{Match: page2, Body: `{"page":{},"data":[],"data":[]}`}, 500, "data comes twice"},
		{"long cursor", sysdigkit.Fault{Match: page2, Body: `{"page":{"next":"` + strings.Repeat("x", maxCursor+1) + `"},"data":[]}`}, 500, "cursor has more than"},
		{"repeated cursor", sysdigkit.Fault{Match: page2, RepeatCursor: true}, 600, "cursor that came before"},
		{"list not gone on with", sysdigkit.Fault{Match: page2, Status: 400, Body: `{"message":"cursor expired"}`}, 500, "cursor expired (Sysdig does not go on with its list; the next sweep reads it anew)"},
		{"cursor not known", sysdigkit.Fault{Match: sysdigkit.Match{Page: 1}, Body: `{"page":{"next":"zzz"},"data":[]}`}, 0, "invalid cursor"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newSite(t)
			s.SetCluster("prod", items(600)...)
			if tc.want != "" {
				tc.fault.Times = slowAttempts // what is damaged is asked for once more
			}
			s.Inject(tc.fault)
			got, stats, err := s.sweep("prod")
			if tc.want == "" {
				if err != nil {
					t.Error(err)
				}
			} else if err == nil || !strings.Contains(err.Error(), tc.want) || !strings.Contains(err.Error(), "page 2") {
				t.Errorf("error %v does not say %q of page 2", err, tc.want)
			}
			if err != nil && strings.Contains(err.Error(), "name of the cluster") {
				t.Errorf("the first page was accepted with this name: %v", err)
			}
			if len(got) != tc.items || stats.Items != tc.items {
				t.Errorf("%d items, %+v, want %d", len(got), stats, tc.items)
			}
		})
	}
}

func TestEndlessList(t *testing.T) {
	s := newSite(t, WithMaxPages(5))
	s.SetCluster("prod", items(2)...)
	s.Inject(sysdigkit.Fault{EndlessNext: true, Times: -1})
	_, stats, err := s.sweep("prod")
	wantError(t, err, crowsnest.Corrupt, "more than 5 pages", "nothing was concluded")
	if stats.Requests != 5 {
		t.Errorf("%d requests", stats.Requests)
	}
}

func TestAsManyPagesAsPermitted(t *testing.T) {
	s := newSite(t, WithMaxPages(3))
	s.SetCluster("prod", items(1500)...)
	if got, _, err := s.sweep("prod"); err != nil || len(got) != 1500 {
		t.Errorf("%d items, %v", len(got), err)
	}
	s.SetCluster("prod", items(1501)...)
	_, _, err := s.sweep("prod")
	wantError(t, err, crowsnest.Corrupt, "more than 3 pages")
}

func TestPageError(t *testing.T) {
	s := newSite(t)
	s.SetCluster("prod", items(600)...)
	mine := errors.New("mine")
	stats, err := s.RuntimeImages(context.Background(), "prod", func([]crowsnest.Observation) error { return mine })
	if err != mine {
		t.Errorf("err = %v", err)
	}
	if stats.Requests != 1 {
		t.Errorf("%d requests after the page was refused", stats.Requests)
	}
}

// A page that fails and is read again must not be handed on twice or in part.
func TestPageReadAgain(t *testing.T) {
	s := newSite(t)
	s.SetCluster("prod", items(1200)...)
	s.Inject(sysdigkit.Fault{Match: sysdigkit.Match{Page: 1}, CutAfter: 2000})
	s.Inject(sysdigkit.Fault{Match: sysdigkit.Match{Page: 2}, CutAfter: 1})
	s.Inject(sysdigkit.Fault{Match: sysdigkit.Match{Page: 2}, Status: 502})
	s.Inject(sysdigkit.TooManyRequests("3", time.Time{}))
	got, stats, err := s.sweep("prod")
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range got {
		if want := fmt.Sprintf("w%04d", i); o.Name != want {
			t.Fatalf("item %d is %s", i, o.Name)
		}
	}
	if diff := cmp.Diff(Stats{Pages: 3, Items: 1200, Requests: 7, Retries: 4, Limit: 500}, stats); diff != "" {
		t.Error(diff)
	}
}

func TestRejectedItems(t *testing.T) {
	s := newSite(t)
	id := string(crowsnest.DigestOf(nil))
	hexed := strings.TrimPrefix(id, crowsnest.DigestPrefix)
	s.SetClusterJSON("prod",
		json.RawMessage(`{"namespace":"n","workloadKind":"Job","workloadName":"no-image","container":"c","packages":[]}`),
		json.RawMessage(`{"namespace":"n","workloadName":"bad-image","imageID":"sha256:12"}`),
		json.RawMessage(`{"namespace":"n","workloadName":"null-byte\u0000","imageID":"`+id+`"}`),
		json.RawMessage(`{"namespace":["n"],"workloadName":"wrong-type","imageID":"`+id+`"}`),
		json.RawMessage(`{"namespace":"`+strings.Repeat("n", maxField+1)+`","workloadName":"long","imageID":"`+id+`"}`),
		json.RawMessage(`7`),
		json.RawMessage(`null`),
		json.RawMessage(`{"workloadName":"with-repository","imageID":"docker.io/library/x@`+id+`"}`),
		json.RawMessage(`{"workloadName":"upper-case","imageID":"SHA256:`+strings.ToUpper(hexed)+`"}`),
		json.RawMessage(`{"workloadName":"bare","imageID":"`+hexed+`","packages":null}`),
		json.RawMessage(`{"workloadName":"odd-packages","imageID":"`+id+`","packages":"none"}`),
		json.RawMessage(`{"workloadName":"some-packages","imageID":"`+id+`","packages":[{"name":"good","version":"1"},7,null,{"version":"1"},{"name":"a\u0000b"},{"name":"typed","version":5},{"purl":"pkg:npm/a%ffb@1"},{"purl":"pkg:npm/a%00b@1"},{"purl":"pkg:npm/%40s/from-purl@2"}]}`),
	)
	got, stats, err := s.sweep("prod")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, o := range got {
		names = append(names, o.Name)
		if o.ImageID != crowsnest.Digest(id) {
			t.Errorf("image ID of %s = %s", o.Name, o.ImageID)
		}
	}
	if diff := cmp.Diff([]string{"with-repository", "upper-case", "bare", "odd-packages", "some-packages"}, names); diff != "" {
		t.Error(diff)
	}
	wantLoaded := []crowsnest.LoadedPackage{
		{Name: "good", Version: "1"}, {Name: "typed"}, {PURL: "pkg:npm/%40s/from-purl@2", Type: "npm", Name: "@s/from-purl", Version: "2"},
		{}, // what could not be read may be any package
	}
	if diff := cmp.Diff(wantLoaded, got[len(got)-1].Loaded); diff != "" {
		t.Error(diff)
	}
	want := []Rejection{
		{Page: 1, Namespace: "n", Kind: "job", Name: "no-image", Container: "c", Reason: `its image ID "" is no digest`},
		{Page: 1, Namespace: "n", Name: "bad-image", Reason: `its image ID "sha256:12" is no digest`},
		{Page: 1, Namespace: "n", Name: "null-byte", Reason: "its workloadName cannot be used: it holds a control character"},
		{Page: 1, Name: "wrong-type", Reason: "namespace is of the wrong type, array"},
		{Page: 1, Namespace: strings.Repeat("n", 253) + "…", Name: "long", Reason: "its namespace cannot be used: it has more than 1024 bytes"},
		{Page: 1, Reason: "the item is of the wrong type, number"},
		{Page: 1, Reason: `its image ID "" is no digest`},
		{Page: 1, Name: "odd-packages", Package: true, Reason: "packages is not a list"},
		{Page: 1, Name: "some-packages", Package: true, Reason: "package 2 cannot be used: it has no name"},
		{Page: 1, Name: "some-packages", Package: true, Reason: "package 3 cannot be used: it has no name"},
		{Page: 1, Name: "some-packages", Package: true, Reason: "package 4 cannot be used: it has no name"},
		{Page: 1, Name: "some-packages", Package: true, Reason: "package 5 cannot be used: it holds a control character"},
		{Page: 1, Name: "some-packages", Package: true, Reason: "package 7 cannot be used: it is not valid UTF-8"},
		{Page: 1, Name: "some-packages", Package: true, Reason: "package 8 cannot be used: it holds a control character"},
	}
	if diff := cmp.Diff(want, stats.Rejections); diff != "" {
		t.Error(diff)
	}
	if stats.RejectedItems != 7 || stats.RejectedPackages != len(want)-7 || stats.Items != 5 {
		t.Errorf("stats = %+v", stats)
	}
	// What is known of where they run; no usable item has the name of the others.
	unusable := []crowsnest.Observation{
		{Namespace: "n", Kind: "job", Name: "no-image", Container: "c"}, {Namespace: "n", Name: "bad-image"}, {Name: "wrong-type"}, {}, {},
	}
	if diff := cmp.Diff(unusable, stats.Unusable); diff != "" || stats.Unkept != 0 {
		t.Errorf("%d more\n%s", stats.Unkept, diff)
	}
}

func TestRejectionsAreCapped(t *testing.T) {
	s := newSite(t)
	packages := strings.Repeat("7,", 300) + "7"
	bad := make([]json.RawMessage, maxUnusable+700)
	for i := range bad {
		bad[i] = json.RawMessage(`{"imageID":"x","packages":[]}`)
		if i < 3 {
			bad[i] = json.RawMessage(`{"imageID":"` + string(crowsnest.DigestOf([]byte{byte(i)})) + `","packages":[` + packages + `]}`)
		}
	}
	s.SetClusterJSON("prod", bad...)
	_, stats, err := s.sweep("prod")
	if err != nil || stats.RejectedItems != maxUnusable+697 || stats.RejectedPackages != 3*301 || len(stats.Rejections) != 2*maxRejections {
		t.Errorf("%d containers and %d packages rejected, %d listed, %v", stats.RejectedItems, stats.RejectedPackages, len(stats.Rejections), err)
	}
	if len(stats.Unusable) != maxUnusable || stats.Unkept != 697 {
		t.Errorf("%d kept and %d not", len(stats.Unusable), stats.Unkept)
	}
}

func TestPackageCaps(t *testing.T) {
	list := func(n int, one string) json.RawMessage {
		return json.RawMessage("[" + strings.Repeat(one+",", n-1) + one + "]")
	}
	if l := readPackages(list(maxPackages+1, `{"name":"a"}`)); len(l.packages) != maxPackages+1 || !slices.Contains(l.packages[maxPackages].Keys(), crowsnest.UnreadKey) || len(l.rejected) != 1 {
		t.Errorf("%d packages, %q", len(l.packages), l.rejected)
	}
	if l := readPackages(list(maxRejections+7, `{}`)); len(l.rejected) != maxRejections || l.more != 7 {
		t.Errorf("%d rejected and %d more", len(l.rejected), l.more)
	}
}

func TestContainersShareLoaded(t *testing.T) {
	s := newSite(t)
	p := sysdigkit.AppPackage("npm", "left-pad", "1.3.0")
	s.SetCluster("prod", item(1, p), item(2, p), item(3, sysdigkit.AppPackage("npm", "left-pad", "1.3.1")))
	got, _, err := s.sweep("prod")
	if err != nil {
		t.Fatal(err)
	}
	if &got[0].Loaded[0] != &got[1].Loaded[0] {
		t.Error("the same list is kept twice")
	}
	if got[2].Loaded[0].Version != "1.3.1" {
		t.Errorf("another list is taken for the same: %+v", got[2].Loaded)
	}
}

// A list comes once with its packages, and not only in a page that broke off.
func TestLoadedComesWithTheFirstPage(t *testing.T) {
	s := newSite(t)
	p := sysdigkit.AppPackage("npm", "left-pad", "1.3.0")
	var all []sysdigkit.Item
	for i := range 501 {
		all = append(all, item(i, p))
	}
	s.SetCluster("prod", all...)
	s.Inject(sysdigkit.Fault{CutAfter: 10_000})
	got, stats, err := s.sweep("prod")
	if err != nil || stats.Retries != 1 || stats.Packages != 501 {
		t.Fatalf("%+v, %v", stats, err)
	}
	for i, o := range got {
		if first := i < 500; o.Profile != got[0].Profile || o.Profile == "" || len(o.Loaded) > 0 != first {
			t.Fatalf("container %d has the profile %q with %d packages", i, o.Profile, len(o.Loaded))
		}
	}
}

// A container that cannot be used hands nothing on, so the list that it reports comes with the next that has it.
func TestLoadedOfARejectedContainerComesLater(t *testing.T) {
	s := newSite(t)
	p := sysdigkit.AppPackage("npm", "left-pad", "1.3.0")
	all := append([]sysdigkit.Item{item(0, p)}, items(500)[1:]...)
	all[0].ImageID = "unreadable"
	s.SetCluster("prod", append(all, item(500, p))...)
	got, stats, err := s.sweep("prod")
	if err != nil || stats.RejectedItems != 1 || len(got) != 500 {
		t.Fatalf("%d containers, %+v, %v", len(got), stats, err)
	}
	if last := got[499]; len(last.Loaded) != 1 || last.Profile == "" {
		t.Errorf("the container after it has %+v", last)
	}
}
