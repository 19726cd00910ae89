package wire

import "github.com/crowsnest-sec/crowsnest/internal/store"

// Event is the data of a server-sent event.
type Event struct {
	Resources []store.Resource `json:"resources"`
}
