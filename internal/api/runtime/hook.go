package runtime

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/auth"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/danielgtaylor/huma/v2"
)

// HookPrefix is where other programs ask for sweeps. No session and no token counts there, only
// the secret of the hook.
const HookPrefix = "/api/v1/hooks/"

// hookGap is the least time between the sweeps that a hook asks for. What it could tell is not
// known any faster at the source.
const hookGap = 30 * time.Second

func (s *routes) hooks(api huma.API) {
	const tag = "Integrations"
	create := base.Operation(http.MethodPost, "/integrations/{name}/hook", tag, "create-integration-hook", "Make the secret of the webhook of an integration, in place of the one before")
	create.DefaultStatus = http.StatusCreated
	huma.Register(api, create, func(ctx context.Context, in *base.IntegrationName) (*base.Answer[wire.Hook], error) {
		secret, hash := auth.NewHook()
		err := s.Store.SetHook(ctx, base.OrgOf(ctx), in.Name, hash)
		return base.Reply(s.Log, wire.Hook{URL: s.Address(ctx) + HookPrefix + url.PathEscape(in.Name), Secret: secret}, err)
	})
	huma.Register(api, base.Operation(http.MethodDelete, "/integrations/{name}/hook", tag, "delete-integration-hook", "End the webhook of an integration"),
		func(ctx context.Context, in *base.IntegrationName) (*struct{}, error) {
			return nil, base.Fail(s.Log, s.Store.SetHook(ctx, base.OrgOf(ctx), in.Name, nil))
		})
	// The body, whatever a forwarder puts into it, is not read: that something happened is all it says.
	call := base.Operation(http.MethodPost, "/hooks/{name}", tag, "call-hook", "Ask for a sweep, with the secret of the hook; any body is ignored")
	call.DefaultStatus = http.StatusAccepted
	call.RejectUnknownQueryParameters = false // senders may add some of their own
	huma.Register(api, call, func(ctx context.Context, in *struct {
		base.IntegrationName
		Authorization string `header:"Authorization" maxLength:"1024" doc:"Bearer SECRET"`
		Secret        string `header:"X-Crowsnest-Hook" maxLength:"1024" doc:"SECRET, where Authorization cannot be set"`
	}) (*struct{}, error) {
		secret := in.Secret
		if token := auth.Bearer(in.Authorization); token != "" {
			secret = token
		}
		err := s.Store.HookSweep(ctx, in.Name, auth.HashToken(secret), hookGap)
		if crowsnest.KindOf(err) == crowsnest.NotFound {
			return nil, huma.Error404NotFound("there is no such hook, or its secret is another")
		}
		return nil, base.Fail(s.Log, err)
	})
}
