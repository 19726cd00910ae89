package environment

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
)

// gap returns the name of the only gap.
func (b *bench) gap() string {
	b.t.Helper()
	list, err := b.store.Gaps(context.Background(), b.org, "", store.Page{})
	if err != nil || len(list.Items) != 1 {
		b.t.Fatalf("gaps %+v, %v", list.Items, err)
	}
	return list.Items[0].Name
}

func TestNamesAreAskedForBesideASweep(t *testing.T) {
	b := newBench(t)
	asked, name, refusal := 0, "registry.example.com/web:1", error(nil)
	b.names = func(context.Context, store.Integration) (map[crowsnest.Digest]string, int, error) {
		asked++
		return map[crowsnest.Digest]string{storetest.Digest("web"): name}, 2, refusal
	}
	web := script(Report{Requests: 1}, nil, []crowsnest.Observation{runs("web")})
	sweep := func(o Observer) {
		t.Helper()
		if _, err := b.sweep(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	sweep(web)
	sweep(web)
	if asked != 1 || b.gap() != name {
		t.Errorf("asked %d times in two minutes, the gap is called %q", asked, b.gap())
	}
	b.now = b.now.Add(NamesInterval)
	if _, err := b.sweep(t.Context(), script(Report{}, errors.New("connection reset"))); err == nil || asked != 1 {
		t.Errorf("asked %d times, also after a sweep that broke off: %v", asked, err)
	}
	name = "registry.example.com/web:2"
	sweep(web)
	if n := b.status().Requests; n != 3 {
		t.Errorf("%d requests, want one of the sweep and two for names", n)
	}
	if asked != 2 || b.gap() != name {
		t.Errorf("after an hour: asked %d times, the gap is called %q", asked, b.gap())
	}
}

// A source that does not tell names has told what runs all the same.
func TestRefusedNamesLeaveTheSweepComplete(t *testing.T) {
	b := newBench(t)
	asked := 0
	b.names = func(context.Context, store.Integration) (map[crowsnest.Digest]string, int, error) {
		asked++
		return map[crowsnest.Digest]string{storetest.Digest("web"): "half of the list"}, 1, &crowsnest.Error{Kind: crowsnest.Forbidden, Op: "read names", Err: errors.New("403")}
	}
	for range 3 {
		if _, err := b.sweep(t.Context(), script(Report{Requests: 1}, nil, []crowsnest.Observation{runs("web")})); err != nil {
			t.Fatal(err)
		}
	}
	if s := b.status(); s.Reason != "" || !s.FailingSince.IsZero() || !s.LastComplete.Equal(b.now) {
		t.Errorf("the sweep is not complete: %+v", s)
	}
	if asked != 1 || b.gap() != "half of the list" {
		t.Errorf("asked %d times within an hour, the gap is called %q", asked, b.gap())
	}
	if !strings.Contains(b.log.String(), "names of images not read") {
		t.Errorf("nobody is told why there are no names:\n%s", b.log.String())
	}
}

// A source that asks to be left alone is.
func TestWaitOfASourcePostponesSweeps(t *testing.T) {
	b := newBench(t)
	if _, err := b.sweep(t.Context(), script(Report{Requests: 1, Wait: 3 * time.Hour}, &crowsnest.Error{Kind: crowsnest.RateLimited, Op: "list containers"})); err == nil {
		t.Fatal("no error")
	}
	if next := b.status().Next.Sub(b.now); next != 3*time.Hour {
		t.Errorf("the next sweep is in %s, want three hours", next)
	}
}
