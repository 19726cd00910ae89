package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
)

// maxRefusal bounds an answer that refuses, in bytes; one may name each of thousands of images.
const maxRefusal = 1 << 20

func (c *Client) refusal(res *http.Response, body io.Reader) error {
	var problem struct {
		Detail string `json:"detail"`
		Errors []struct {
			Message  string `json:"message"`
			Location string `json:"location"`
		} `json:"errors"`
	}
	raw, _ := io.ReadAll(io.LimitReader(body, maxRefusal))
	kind, ok := kinds[res.StatusCode]
	if !ok {
		kind = crowsnest.Internal
	}
	if err := json.Unmarshal(raw, &problem); err != nil || problem.Detail == "" {
		return &crowsnest.Error{Kind: kind, Op: "call server", Subject: c.base.Host, Hint: "check the address; a proxy may have answered", Err: fmt.Errorf("answered %s", res.Status)}
	}
	detail := problem.Detail
	var about []string
	for _, e := range problem.Errors {
		if e.Message == "" {
			about = append(about, e.Location) // the detail says it all, this only what it is about
			continue
		}
		detail += "; " + strings.TrimPrefix(e.Location, "body.") + " " + e.Message
	}
	if kind == crowsnest.Unauthorized {
		return &crowsnest.Error{Kind: kind, Op: "call server", Subject: c.base.Host, Hint: "run crowsnest login, or set CROWSNEST_TOKEN", Err: errors.New(detail)}
	}
	return &answered{kind, detail, about}
}

// answered is a failure in the server's own words, which are a whole sentence already.
type answered struct {
	kind   crowsnest.Kind
	detail string
	about  []string // places in the request
}

func (a *answered) Error() string { return a.detail }

// Unwrap gives the kind to crowsnest.KindOf.
func (a *answered) Unwrap() error { return &crowsnest.Error{Kind: a.kind, Op: "call server"} }
