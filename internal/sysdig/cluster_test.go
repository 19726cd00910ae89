package sysdig

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/sysdigkit"
)

func TestClustersInEveryShape(t *testing.T) {
	for shape := sysdigkit.ShapeClusterName; shape <= sysdigkit.ShapeObjects; shape++ {
		t.Run(fmt.Sprint(shape), func(t *testing.T) {
			s := newSite(t)
			s.SetClusterShape(shape)
			for _, want := range [][]string{nil, {"prod-eu"}, {"a b", "prod-eu", "staging"}} {
				for _, name := range want {
					s.SetCluster(name)
				}
				got, err := s.Clusters(context.Background())
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, got.Names); diff != "" || got.By != RiskSpotlight || got.Refused != nil {
					t.Errorf("by %s, %v\n%s", got.By, got.Refused, diff)
				}
			}
		})
	}
}

func TestClustersOverPages(t *testing.T) {
	s := newSite(t)
	var want []string
	for i := range 2*sysdigkit.DefaultLimit + 3 {
		name := fmt.Sprintf("c%04d", i)
		s.SetCluster(name)
		want = append(want, name)
	}
	got, err := s.Clusters(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got.Names); diff != "" {
		t.Error(diff)
	}
	if s.Count() != 3 {
		t.Errorf("%d requests", s.Count())
	}
}

func TestClustersThatNeverEnd(t *testing.T) {
	s := newSite(t, WithMaxPages(4))
	s.Inject(sysdigkit.Fault{EndlessNext: true, Times: -1})
	_, err := s.Clusters(context.Background())
	wantError(t, err, crowsnest.Corrupt, "more than 4 pages", "by hand")

	s = newSite(t)
	s.Inject(sysdigkit.Fault{RepeatCursor: true, Times: -1})
	_, err = s.Clusters(context.Background())
	wantError(t, err, crowsnest.Corrupt, "cursor that came before", "by hand")
}

// The list that belongs to the images is documented nowhere: where it is not to be had, others are asked.
func TestClustersFromOtherLists(t *testing.T) {
	faults := map[string]sysdigkit.Fault{
		"unknown form": {Body: `{"status":"ok"}`}, "another page": sysdigkit.LoginPage(), "not there": {Status: 404}, "not permitted": {Status: 403}, "endless": {RepeatCursor: true},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			s.SetCluster("prod-eu")
			s.SetCluster("staging")
			s.SetDetached("never seen")
			fault.Call, fault.Times = sysdigkit.Clusters, -1
			s.Inject(fault)
			_, err := s.Clusters(t.Context())
			if err == nil || !Unlisted(err) {
				t.Fatalf("without a token for the others: %v", err)
			}
			own := err.Error()

			s.SetAPITokens(token)
			got, err := s.Clusters(t.Context())
			if diff := cmp.Diff([]string{"prod-eu", "staging"}, got.Names); diff != "" || err != nil || got.By != DataSources || got.Refused == nil || got.Refused.Error() != own {
				t.Errorf("%v, by %s, refused %v\n%s", err, got.By, got.Refused, diff)
			}
			s.Inject(sysdigkit.Fault{Match: sysdigkit.Match{Call: sysdigkit.Sources}, Body: "{}", Times: -1})
			got, err = s.Clusters(t.Context())
			if diff := cmp.Diff([]string{"never seen", "prod-eu", "staging"}, got.Names); diff != "" || err != nil || got.By != Inventory {
				t.Errorf("%v, by %s\n%s", err, got.By, diff)
			}
			// What no list tells is the error of the first.
			s.Inject(sysdigkit.Fault{Match: sysdigkit.Match{Call: sysdigkit.Resource}, Body: `{"data":[],"page":{"total":0,"next":2}}`, Times: -1})
			if got, err = s.Clusters(t.Context()); err == nil || err.Error() != own || got.By != "" || len(got.Names) != 0 || got.Refused == nil {
				t.Errorf("%v, want %s, with %+v", err, own, got)
			}
		})
	}
	for name, fault := range map[string]sysdigkit.Fault{"wrong token": {Status: 401}, "down": {Status: 503, Times: -1}, "redirect": {Status: 302, Header: map[string]string{"Location": "https://example.com"}}} {
		s := newSite(t)
		s.SetAPITokens(token)
		s.SetCluster("prod-eu")
		s.Inject(fault)
		if got, err := s.Clusters(t.Context()); err == nil || Unlisted(err) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// The inventory counts its pages.
func TestClustersOfALargeInventory(t *testing.T) {
	s := newSite(t)
	s.SetAPITokens(token)
	for i := range 2*inventoryLimit + 1 {
		s.SetCluster(fmt.Sprintf("c%04d", i))
	}
	s.Inject(sysdigkit.Fault{Match: sysdigkit.Match{Call: sysdigkit.Clusters}, Status: 404, Times: -1})
	s.Inject(sysdigkit.Fault{Match: sysdigkit.Match{Call: sysdigkit.Sources}, Status: 404, Times: -1})
	got, err := s.Clusters(t.Context())
	if err != nil || len(got.Names) != 2*inventoryLimit+1 {
		t.Errorf("%d clusters, %v", len(got.Names), err)
	}
}

// The list of data sources is cut where one asks it to be.
func TestClustersOfManySources(t *testing.T) {
	s := newSite(t)
	s.SetAPITokens(token)
	for i := range 10*cloudClustersLimit + 1 {
		s.SetCluster(fmt.Sprintf("c%04d", i))
	}
	s.Inject(sysdigkit.Fault{Match: sysdigkit.Match{Call: sysdigkit.Clusters}, Status: 404, Times: -1})
	s.Inject(sysdigkit.Fault{Match: sysdigkit.Match{Call: sysdigkit.Resource}, Status: 404, Times: -1})
	got, err := s.Clusters(t.Context())
	if err != nil || len(got.Names) != 10*cloudClustersLimit+1 {
		t.Errorf("%d clusters, %v", len(got.Names), err)
	}
	// One that gives no more than that is believed as far as it goes.
	s.Inject(sysdigkit.Fault{Match: sysdigkit.Match{Call: sysdigkit.Sources, Limit: 10 * cloudClustersLimit}, Status: 400, Times: -1})
	if got, err = s.Clusters(t.Context()); err != nil || len(got.Names) != cloudClustersLimit {
		t.Errorf("%d clusters, %v, where no longer list is to be had", len(got.Names), err)
	}
}

func TestReadClusters(t *testing.T) {
	for _, tc := range []struct {
		name, in string
		want     []string
		next     string
		err      string // part of the error
	}{
		{name: "strings", in: `{"page":{"returned":2},"data":["b","a"]}`, want: []string{"b", "a"}},
		{name: "objects", in: `{"page":{"returned":2},"data":[{"clusterName":"b"},{"name":"a"},{"cluster":"c"}]}`, want: []string{"b", "a", "c"}},
		{name: "clusters", in: `{"clusters":["a"]}`, want: []string{"a"}},
		{name: "clusters of objects", in: `{"clusters":[{"name":"a","nodes":3}]}`, want: []string{"a"}},
		{name: "clusters in data", in: `{"data":{"clusters":["a"]}}`, want: []string{"a"}},
		{name: "array", in: ` ["a"] `, want: []string{"a"}},
		{name: "array of objects", in: `[{"customerID":1,"name":"a","agentConnected":true}]`, want: []string{"a"}},
		{name: "next", in: `{"page":{"next":"n"},"data":["a"]}`, want: []string{"a"}, next: "n"},
		{name: "empty next", in: `{"page":{"next":""},"data":["a"]}`, want: []string{"a"}},
		{name: "empty data", in: `{"page":{"returned":0},"data":[]}`},
		{name: "null data", in: `{"page":{"returned":0},"data":null}`},
		{name: "no data", in: `{"page":{"returned":0}}`},
		{name: "empty array", in: `[]`},
		{name: "spaces", in: `[" a "]`, want: []string{"a"}},
		{name: "some without a name", in: `[{"id":1},"a",null,7,"",{"name":["x"]},"b\u0000c"]`, want: []string{"a"}},
		{name: "name of another type", in: `[{"clusterName":7,"name":"a"}]`, want: []string{"a"}},
		{name: "none with a name", in: `[{"id":1}]`, err: "no cluster names"},
		{name: "null", in: `null`, err: "no cluster names"},
		{name: "number", in: `7`, err: "no cluster names"},
		{name: "other object", in: `{"status":"ok"}`, err: "no cluster names"},
		{name: "data of another type", in: `{"data":7}`, err: "no cluster names"},
		{name: "data an empty object", in: `{"page":{},"data":{}}`, err: "no cluster names"},
		{name: "page of another type", in: `{"page":[],"data":["a"]}`, err: "page is of the wrong type"},
		{name: "HTML", in: "\n <!doctype html>", err: "HTML"},
		{name: "nothing", in: "", err: "empty"},
		{name: "spaces only", in: "  ", err: "ends in the middle"},
		{name: "half", in: `["a"`, err: "ends in the middle"},
		{name: "two", in: `["a"]["b"]`, err: "something follows"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, next, err := readClusters(strings.NewReader(tc.in))
			if tc.err != "" {
				if err == nil || !strings.Contains(err.Error(), tc.err) {
					t.Fatalf("error %v does not say %q", err, tc.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
			if next != tc.next {
				t.Errorf("next = %q", next)
			}
		})
	}
}

func FuzzReadClusters(f *testing.F) {
	for _, s := range []string{
		`{"page":{"returned":2,"next":"x"},"data":["a","b"]}`, `{"data":[{"clusterName":"a"},{"name":"b"}]}`, `{"clusters":["a"]}`, `[{"name":"a"}]`,
		`{"data":{"clusters":[]}}`, `null`, `{"page":null}`, `<html>`, `[[[[`, `{"data":[`, "\xff\xfe", `["a\u0000"]`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		names, _, err := readClusters(bytes.NewReader(in))
		if err != nil {
			return
		}
		if !json.Valid(in) {
			t.Errorf("%q is no JSON and was read", in)
		}
		for _, n := range names {
			if n == "" || unusable(n, maxField) != "" {
				t.Errorf("unusable name %q", n)
			}
		}
	})
}
