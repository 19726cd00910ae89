package cli

// Sources explains what an image on the command line can be, and KnownSources also what a server knows.
const (
	Sources = `IMAGE is one of
  NAME[:TAG]         a reference in a registry; registry:// may be written before it
  local://NAME       an image of Docker or Podman on this machine
  archive://FILE     the file of docker save or of an OCI layout, gzipped or not
  oci-dir://PATH     a folder with an OCI layout
  fs://PATH          any folder
  sbom://FILE        a bill of materials: SPDX, CycloneDX, Syft or in-toto, as JSON; - is standard input`
	KnownSources = Sources + `
  sha256:…           with a server: a digest the server knows`
)
