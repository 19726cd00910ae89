package wire

import "github.com/crowsnest-sec/crowsnest/internal/store"

// KnownRegistries are the places from which an organisation runs images.
type KnownRegistries struct {
	Registries []string `json:"registries" maxItems:"200" doc:"Registries, which stand for all that is in them, such as registry.example.com, or repositories, such as ghcr.io/acme/*; * stands for any characters. At most 255 bytes each. Names are written in full: nginx is docker.io/library/nginx. Empty for no list, and no warnings"`
}

// RegistryCheck compares what runs in an environment with the known registries.
type RegistryCheck struct {
	Known   int `json:"known" doc:"Length of the organisation's list. While it is 0 nothing is compared, and the rest is 0"`
	Running int `json:"running" doc:"Distinct running images, analysed or not"`
	Unknown int `json:"unknown" doc:"Of these, run under a name that fits nothing on the list"`
	Unnamed int `json:"unnamed" doc:"Of these, no name in a registry is known, and nothing can be compared"`
}

// NewRegistryCheck converts a comparison.
func NewRegistryCheck(c store.RegistryCheck) RegistryCheck { return RegistryCheck(c) }
