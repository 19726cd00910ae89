// Package inventory finds the packages of an image: it turns each layer stream
// into a [Layer] and merges the layers of an image into a crowsnest.Analysis.
//
// A layer is read once, in one pass, and nothing of it is unpacked to disk. Three
// stages run side by side: decompression, the digest over the uncompressed bytes,
// and the walk over the tar entries with the extraction of packages. A layer is
// hostile input, so every size, count and ratio has a cap in [Limits].
//
// What a layer's analysis says must not depend on the layers around it, because
// it is stored by diff ID and shared by all images that use the layer. Three things
// follow, and are the traps of this package:
//
//   - The packages of an operating system are kept without their release. Which
//     distribution they belong to is known only after the merge, from the
//     os-release file of the whole image, wherever that came from.
//   - A layer remembers every path that it writes (as hashes), so that the merge
//     can tell which packages of lower layers it overwrites.
//   - A package hangs on the file that names it. It is gone when an upper layer
//     deletes that file, writes it anew, or puts a file in the place of one of its
//     directories.
//
// Limits of the method: a path is taken as written, as the layers of all common
// builders are; a layer that writes through a symbolic link which a lower layer
// brought is not followed. A hard link is followed to its target within the same
// layer, where the target is of a kind the same extractor reads.
package inventory
