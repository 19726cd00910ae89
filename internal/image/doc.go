// Package image opens container images wherever they are kept — a registry, an
// OCI layout on disk, an OCI or docker-save archive, an engine's store, a plain folder — and gives their layers as
// they are stored.
//
// # Sources
//
// A source is written as a scheme and a place; without a scheme it is a registry.
//
//	registry://NAME[:TAG][@DIGEST]  a repository; credentials come from the Docker configuration
//	oci-dir://DIRECTORY             an OCI image layout
//	archive://FILE                  an OCI layout or the output of "docker save" in a tar file, gzipped or not
//	local://NAME                    an image of Docker's or Podman's engine
//	fs://DIRECTORY                  any folder, as an image of one layer
//
// What an archive is shows in its content, never in its name. One that is both an OCI layout
// and a docker-save archive is read as the former, which alone knows manifest digests.
//
// # Identity
//
// Image.Digest is the digest of the platform manifest. A docker-save archive has no manifest
// that any registry would know, so there the digest of the configuration stands
// in: Digest equals ImageID, and the digests of its layers as stored are unknown
// (Layer.Digest is empty). Image.Index is the outermost index the platform was chosen
// from. The index.json of a layout is a table of contents and not such an index:
// its digest names nothing anyone could report.
//
// A tag is resolved once; everything after that is asked for by digest.
//
// # Trust
//
// Everything read is hostile. Manifests and configurations are verified against
// their digests before use and capped in size, as are the number of layers, of
// index entries and of archive entries and the depth of nested indexes. Layers are verified
// while they are read. No path of an archive is ever used outside of it. Connections use TLS,
// always verified; plain HTTP is spoken to loopback only. Errors never carry credentials,
// tokens or signed URLs.
package image
