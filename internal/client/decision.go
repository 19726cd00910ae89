package client

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/crowsnest-sec/crowsnest/internal/wire/verdict"
)

// Exceptions lists all exceptions in some states, of which there may be none, with a text.
func (c *Client) Exceptions(ctx context.Context, states []string, text string) ([]verdict.Exception, error) {
	return pages[verdict.Exception](ctx, c, "/exceptions", given(map[string]string{"state": strings.Join(states, ","), "q": text}))
}

// CreateException makes an exception.
func (c *Client) CreateException(ctx context.Context, request verdict.ExceptionRequest) (x verdict.Exception, err error) {
	return x, c.send(ctx, http.MethodPost, "/exceptions", request, &x)
}

// PreviewException tells what an exception would suppress.
func (c *Client) PreviewException(ctx context.Context, request verdict.ExceptionRequest) (p verdict.ExceptionPreview, err error) {
	return p, c.send(ctx, http.MethodPost, "/exceptions/preview", request, &p)
}

// ApproveException lets one that waits hold.
func (c *Client) ApproveException(ctx context.Context, id string) (x verdict.Exception, err error) {
	return x, c.send(ctx, http.MethodPost, "/exceptions/"+url.PathEscape(id)+"/approve", nil, &x)
}

// RevokeException ends one, or refuses one that waits.
func (c *Client) RevokeException(ctx context.Context, id string) (x verdict.Exception, err error) {
	return x, c.send(ctx, http.MethodPost, "/exceptions/"+url.PathEscape(id)+"/revoke", nil, &x)
}

// DecisionSettings tells how the organisation decides.
func (c *Client) DecisionSettings(ctx context.Context) (s verdict.DecisionSettings, err error) {
	return s, c.get(ctx, "/decision-settings", nil, &s)
}

// ChangeDecisionSettings changes that.
func (c *Client) ChangeDecisionSettings(ctx context.Context, change verdict.DecisionSettingsChange) (s verdict.DecisionSettings, err error) {
	return s, c.send(ctx, http.MethodPatch, "/decision-settings", change, &s)
}

// VEXDocuments lists VEX documents.
func (c *Client) VEXDocuments(ctx context.Context) (list []verdict.VEXDocument, err error) {
	return list, c.get(ctx, "/vex-documents", nil, &list)
}

// ImportVEX imports a document.
func (c *Client) ImportVEX(ctx context.Context, name string, raw []byte) (d verdict.VEXDocument, err error) {
	return d, c.call(ctx, request{method: http.MethodPost, path: "/vex-documents", query: given(map[string]string{"name": name}), contentType: "application/json", body: bytes.NewReader(raw), wait: c.patience.work}, &d)
}

// VEXStatements lists all statements of a document with what became of them.
func (c *Client) VEXStatements(ctx context.Context, id string) ([]verdict.VEXStatement, error) {
	return pages[verdict.VEXStatement](ctx, c, "/vex-documents/"+url.PathEscape(id)+"/statements", nil)
}

// DeleteVEX deletes a document.
func (c *Client) DeleteVEX(ctx context.Context, id string) error {
	return c.send(ctx, http.MethodDelete, "/vex-documents/"+url.PathEscape(id), nil, nil)
}
