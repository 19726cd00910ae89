package sysdig

import (
	"context"
	"testing"

	"github.com/crowsnest-sec/crowsnest/internal/fault"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/sysdigkit"
)

// By the name a client says in its own words what to correct.
func TestRefusalsNameTheFault(t *testing.T) {
	for want, faults := range map[fault.Code][]sysdigkit.Fault{
		fault.NotAccepted:    {{Status: 400}},
		fault.TokenRefused:   {{Status: 401}},
		fault.TokenForbidden: {{Status: 403}},
		fault.NoSuchAPI:      {{Status: 404}, sysdigkit.LoginPage(), {Body: "%&garbage"}},
		fault.Redirected:     {{Status: 302, Header: map[string]string{"Location": "https://sso.example.com/"}}},
		fault.ProxySignIn:    {{Status: 407}},
		fault.TheirFault:     {{Status: 503}},
		fault.TooMany:        {{Status: 429}},
		fault.Cut:            {{Drop: true}},
	} {
		for _, f := range faults {
			s := newSite(t)
			s.SetCluster("prod", items(2)...)
			f.Times = -1
			s.Inject(f)
			if _, err := s.Clusters(context.Background()); fault.Of(err) != want {
				t.Errorf("%+v is %q, want %q: %v", f, fault.Of(err), want, err)
			}
		}
	}
}
