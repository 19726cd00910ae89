package member

import (
	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// Unnamed says why nothing is known of an image of which not even the name is, and how to come to know that: many tokens that tell what
// runs do not tell how it is called.
func Unnamed(workloads []crowsnest.Workload) string {
	const reason = "no image of this digest was pulled, pushed or uploaded by the organisation, and its name is not known here"
	for _, w := range workloads {
		if w.Kind != store.AssignedKind {
			return reason + "; Sysdig tells it to an API token, which integration " + w.Integration + " may lack: give it one when you edit it, or with crowsnest integration update --name " + w.Integration + " --parameter api-token=@FILE"
		}
	}
	return reason + "; analyse it from its registry"
}
