package api

import (
	"net/http"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/api/edge"
	"github.com/crowsnest-sec/crowsnest/internal/api/runtime"
	"github.com/crowsnest-sec/crowsnest/internal/auth"
	"github.com/danielgtaylor/huma/v2"
)

// access says which permission each operation needs. One that is not in it cannot be
// registered.
var access = map[string]auth.Permission{
	"list-images":             auth.Read,
	"get-image":               auth.Read,
	"get-image-packages":      auth.Read,
	"get-image-in-use":        auth.Read,
	"list-base-images":        auth.Read,
	"export-base-images":      auth.Read,
	"list-image-attestations": auth.Read,
	"get-image-attestation":   auth.Read,
	"find-file-owners":        auth.Read, // keeps nothing
	"export-image-sbom":       auth.Read,
	"get-image-findings":      auth.Read,
	"get-image-occurrences":   auth.Read,
	"list-vulnerabilities":    auth.Read,
	"list-finding-changes":    auth.Read,

	"get-vulnerability":         auth.Read,
	"list-vulnerability-images": auth.Read,
	"list-packages":             auth.Read,
	"get-package":               auth.Read,
	"list-package-images":       auth.Read,
	"search":                    auth.Read,
	"get-overview":              auth.Read,
	"list-analyses":             auth.Read,
	"retry-analysis":            auth.Upload,
	"update-integration":        auth.Connect,
	"get-integration-impact":    auth.Read,
	"listen-events":             auth.Read,
	"get-metrics":               auth.Metrics,

	"list-exceptions":          auth.Read,
	"get-exception":            auth.Read,
	"export-exceptions":        auth.Read,
	"create-exception":         auth.Write,
	"preview-exception":        auth.Write, // keeps nothing
	"revoke-exception":         auth.Write,
	"approve-exception":        auth.Approve,
	"get-decision-settings":    auth.Read,
	"change-decision-settings": auth.Approve,
	"get-image-decisions":      auth.Read,
	"list-vex-documents":       auth.Read,
	"get-vex-document":         auth.Read,
	"list-vex-statements":      auth.Read,
	"import-vex-document":      auth.Write,
	"delete-vex-document":      auth.Write,

	"list-shares":  auth.Write,
	"create-share": auth.Write,
	"revoke-share": auth.Write,
	"read-share":   auth.Public, // by its own secret

	"export-images":                  auth.Read,
	"export-image-findings":          auth.Read,
	"export-image-packages":          auth.Read,
	"export-vulnerability-images":    auth.Read,
	"export-package-images":          auth.Read,
	"export-repositories":            auth.Read,
	"export-repository-tags":         auth.Read,
	"export-compared-findings":       auth.Read,
	"export-compared-packages":       auth.Read,
	"export-compared-environments":   auth.Read,
	"export-image-occurrences":       auth.Read,
	"export-vulnerabilities":         auth.Read,
	"export-packages":                auth.Read,
	"export-environment-images":      auth.Read,
	"export-environment-occurrences": auth.Read,
	"export-gaps":                    auth.Read,
	"export-environment-exposures":   auth.Read,
	"export-analyses":                auth.Read,
	"export-finding-changes":         auth.Read,
	"export-environments":            auth.Read,
	"export-integrations":            auth.Read,
	"export-registries":              auth.Read,
	"export-advisory-updates":        auth.Read,

	"evaluate-packages": auth.Read, // keeps nothing
	"explain-packages":  auth.Read, // the same
	"explain-image":     auth.Read,

	"get-image-recommendations": auth.Read,
	"recommend-for-packages":    auth.Read, // keeps nothing

	"compare-images":       auth.Read,
	"compare-environments": auth.Read,

	"compare-environment-policies": auth.Read,

	"request-analysis":    auth.Upload,
	"get-analysis":        auth.Upload,
	"deliver-image":       auth.Upload,
	"list-delivered-tags": auth.Upload,
	"deliver-tags":        auth.Upload,

	"list-environments":            auth.Read,
	"get-environment":              auth.Read,
	"get-environment-exposure":     auth.Read,
	"get-exposure":                 auth.Read,
	"list-environment-exposures":   auth.Read,
	"get-vulnerability-exposure":   auth.Read,
	"export-environment-vex":       auth.Read,
	"get-remediation-targets":      auth.Read,
	"set-remediation-targets":      auth.Administer,
	"list-environment-images":      auth.Read,
	"list-environment-occurrences": auth.Read,
	"get-coverage":                 auth.Read,
	"get-known-registries":         auth.Read,
	"set-known-registries":         auth.Administer,
	"check-environment-registries": auth.Read,
	"get-retention":                auth.Read,
	"update-retention":             auth.Administer,
	"preview-retention":            auth.Administer,
	"list-retention-runs":          auth.Read,
	"get-storage":                  auth.Operate, // of the whole installation
	"list-gaps":                    auth.Read,

	"assign-environment-images":   auth.Write, // and Connect, to make the environment
	"replace-environment-images":  auth.Write, // the same
	"unassign-environment-images": auth.Write,
	"update-environment":          auth.Connect,
	"delete-environment":          auth.Connect,
	"list-deleted-environments":   auth.Read, // and ReadAudit, to be told who did it

	"list-integrations":    auth.Read, // how old the data is concerns everybody who reads it
	"get-integration":      auth.Read,
	"list-sysdig-regions":  auth.Read,
	"list-sysdig-clusters": auth.Connect,
	"create-integration":   auth.Connect,
	"delete-integration":   auth.Connect,
	"sync-integration":     auth.Connect,

	"create-integration-hook": auth.Connect,
	"delete-integration-hook": auth.Connect,
	"call-hook":               auth.Public, // by its own secret

	"list-registry-kinds":         auth.Read,
	"list-registries":             auth.Read,
	"get-registry":                auth.Read,
	"test-registry":               auth.Connect,
	"connect-registry":            auth.Connect,
	"change-registry":             auth.Connect,
	"get-registry-impact":         auth.Read,
	"get-repository":              auth.Read,
	"list-repository-tags":        auth.Read,
	"disconnect-registry":         auth.Connect,
	"create-registry-hook":        auth.Connect,
	"delete-registry-hook":        auth.Connect,
	"call-registry-hook":          auth.Public, // by its own secret
	"list-repositories":           auth.Read,
	"enable-repositories":         auth.Write,
	"disable-repositories":        auth.Write,
	"preview-repository-backfill": auth.Read,
	"start-repository-backfill":   auth.Write,
	"list-analysis-lanes":         auth.Read,

	"list-policy-types":   auth.Read,
	"check-policy":        auth.Write, // keeps nothing, and runs what it is given
	"try-policies":        auth.Write, // the same
	"list-policies":       auth.Read,
	"get-policy":          auth.Read,
	"create-policy":       auth.Write,
	"change-policy":       auth.Write,
	"delete-policy":       auth.Write,
	"list-policy-images":  auth.Read,
	"get-policy-trend":    auth.Read,
	"list-policy-changes": auth.Read,
	"get-image-policies":  auth.Read,

	"export-policies":       auth.Read,
	"export-policy-images":  auth.Read,
	"export-policy-changes": auth.Read,
	"export-image-policies": auth.Read,

	"get-advisory-status":   auth.Read,
	"list-advisory-updates": auth.Read,
	"get-advisory-bundle":   auth.Read,
	"get-advisory":          auth.Read,
	"import-advisories":     auth.Operate,
	"upload-advisories":     auth.Operate,
	"retry-advisory-update": auth.Operate,

	"get-version":         auth.Greet,
	"sign-in":             auth.Public,
	"get-sign-in":         auth.Public,
	"get-session":         auth.Greet,
	"sign-out":            auth.Account,
	"switch-organisation": auth.Account,
	"inspect-link":        auth.Public,
	"redeem-link":         auth.Public,

	"change-account":      auth.Account,
	"list-sessions":       auth.Account,
	"end-session":         auth.Account,
	"list-tokens":         auth.OwnTokens, // those of others need ManageTokens as well
	"export-tokens":       auth.OwnTokens, // the same
	"create-token":        auth.OwnTokens,
	"revoke-token":        auth.OwnTokens,
	"list-trusts":         auth.ManageTokens,
	"create-trust":        auth.ManageTokens,
	"delete-trust":        auth.ManageTokens,
	"exchange-token":      auth.Public, // the token it brings is another's
	"list-people":         auth.ManagePeople,
	"export-people":       auth.ManagePeople,
	"change-person":       auth.ManagePeople,
	"remove-person":       auth.ManagePeople,
	"reset-password":      auth.ManagePeople,
	"list-invitations":    auth.ManagePeople,
	"invite-person":       auth.ManagePeople,
	"revoke-invitation":   auth.ManagePeople,
	"list-audit":          auth.ReadAudit,
	"export-audit":        auth.ReadAudit,
	"list-organisations":  auth.Greet,
	"create-organisation": auth.Operate,
	"rename-organisation": auth.Administer,
}

// describeAccess writes the table into the document, where the dashboard reads it.
func describeAccess(api huma.API) {
	for _, item := range api.OpenAPI().Paths {
		for _, op := range []*huma.Operation{item.Get, item.Put, item.Post, item.Patch, item.Delete} {
			if op == nil {
				continue
			}
			p, ok := access[op.OperationID]
			if !ok {
				panic("api: the table of access has no row for " + op.OperationID)
			}
			if p == auth.Public {
				op.Security = []map[string][]string{}
			}
			op.Extensions = map[string]any{"x-permission": p.String()}
		}
	}
}

// authenticate finds out who calls, with a bearer token or in a session, and refuses who
// lacks the operation's permission.
func (s *server) authenticate(api huma.API) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		need, ok := access[ctx.Operation().OperationID]
		if !ok { // registering has refused it; this is for one that slipped through
			huma.WriteErr(api, ctx, http.StatusForbidden, "nobody may do this")
			return
		}
		if hook := ctx.URL(); need == auth.Public && strings.HasPrefix(hook.Path, runtime.HookPrefix) {
			next(huma.WithContext(ctx, base.WithCaller(ctx.Context(), Caller{Address: addressOf(ctx.Context())})))
			return
		}
		caller, refusal := s.caller(ctx)
		switch {
		case need == auth.Public && refusal != nil && refusal.code == http.StatusUnauthorized:
			caller = Caller{Address: addressOf(ctx.Context())}
		case refusal != nil:
			if refusal.challenge != "" {
				ctx.SetHeader("WWW-Authenticate", refusal.challenge)
			}
			huma.WriteErr(api, ctx, refusal.code, refusal.detail)
			return
		case !caller.Permissions.Has(need):
			huma.WriteErr(api, ctx, http.StatusForbidden, caller.Lacks(need))
			return
		}
		next(huma.WithContext(ctx, base.WithCaller(ctx.Context(), caller)))
	}
}

// refusal is why a caller is not known.
type refusal struct {
	code              int
	detail, challenge string
}

// caller finds out who calls. A bearer token counts before a session, since only the
// former is sent on purpose.
func (s *server) caller(ctx huma.Context) (Caller, *refusal) {
	c := Caller{Address: addressOf(ctx.Context())}
	if token := auth.Bearer(ctx.Header("Authorization")); token != "" {
		known, err := s.Store.UseToken(ctx.Context(), auth.HashToken(token))
		if err != nil {
			return c, s.unknown(err, "the token is not known here, has expired or was revoked; check it and the server's address", `Bearer realm="crowsnest", error="invalid_token"`)
		}
		home := known.Organisation == s.Home
		c.Org, c.Token, c.Role, c.Person, c.Email = known.Organisation, &known, known.Role, known.Person, known.Email
		c.Permissions = auth.ForScopes(known.Scopes, home)
		if c.Person != "" {
			c.Permissions &= auth.ForRole(known.Role, home)
		}
		return c, nil
	}
	session, ok := s.sessions.Current(ctx.Context())
	if !ok {
		return c, &refusal{http.StatusUnauthorized, "a token is needed; send it as Authorization: Bearer TOKEN, or sign in", `Bearer realm="crowsnest"`}
	}
	member, err := s.Store.Member(ctx.Context(), session.Organisation, session.Person)
	if err != nil {
		return c, s.unknown(err, "a token or a session is needed: you do not belong to the organisation any more; sign in again", `Bearer realm="crowsnest"`)
	}
	c.Org, c.Role, c.Person, c.Email, c.Session = session.Organisation, member.Role, member.Person.ID, member.Person.Email, session.ID
	c.Permissions = auth.ForRole(member.Role, session.Organisation == s.Home)
	return c, nil
}

func (s *server) unknown(err error, detail, challenge string) *refusal {
	if crowsnest.KindOf(err) == crowsnest.NotFound {
		return &refusal{http.StatusUnauthorized, detail, challenge}
	}
	s.Log.Error("look up caller", "error", err)
	return &refusal{code: http.StatusServiceUnavailable, detail: "the database does not answer; try again later"}
}

// withSessions loads sessions for requests without a bearer token, and refuses those that
// another site makes a browser send. A bearer token is never sent by a browser on its own.
func (s *server) withSessions(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	if s.PublicURL != "" {
		// A proxy may change the host, which an old browser's Origin is compared with.
		if err := guard.AddTrustedOrigin(s.PublicURL); err != nil {
			s.Log.Warn("the public address is no origin", "public_url", s.PublicURL, "error", err)
		}
	}
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.Log.Warn("request of another site refused", "path", r.URL.Path, "origin", r.Header.Get("Origin"))
		edge.Problem(w, http.StatusForbidden, "another site sent this request; open the dashboard itself")
	}))
	guarded := guard.Handler(s.sessions.Handler(next))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := base.WithAddress(r.Context(), edge.ClientAddress(r, s.TrustedProxies))
		r = r.WithContext(base.WithOrigin(ctx, edge.Origin(r, s.TrustedProxies)))
		if auth.Bearer(r.Header.Get("Authorization")) != "" || strings.HasPrefix(r.URL.Path, runtime.HookPrefix) {
			next.ServeHTTP(w, r)
			return
		}
		guarded.ServeHTTP(w, r)
	})
}
