package inventory

import "time"

// Limits are the caps on one layer. A layer that reaches one is refused as
// crowsnest.TooLarge, with the name of the cap; a single file above FileBytes is a
// problem of that file and the rest counts. All must be positive.
type Limits struct {
	StoredBytes       int64         // of the blob, compressed or not
	UncompressedBytes int64         // bytes of the tar stream
	Entries           int64         // entries of the tar stream
	FileBytes         int64         // size of a file that is handed to an extractor
	MemoryBytes       int64         // a larger file goes through a temporary file instead of memory
	PathLength        int           // bytes of an entry's path
	ArchiveBytes      int64         // of an archive, such as a Java one, with what those nested in it inflate to, which are held in memory
	ArchiveDepth      int           // levels of nested archives that are read
	Packages          int64         // packages found in the layer
	Ratio             int64         // uncompressed bytes per stored byte …
	RatioFloor        int64         // … which counts only after so many uncompressed bytes
	Time              time.Duration // for the whole layer
}

// DefaultLimits are far above any layer seen in practice. Since the stream is never
// held, a large layer costs time, not memory; the ratio only counts from 1 GiB on
// because a file of zeros is legitimate and compresses a thousandfold.
func DefaultLimits() Limits {
	return Limits{
		StoredBytes:       32 << 30,
		UncompressedBytes: 64 << 30,
		Entries:           5_000_000,
		FileBytes:         1 << 30,
		MemoryBytes:       64 << 20,
		PathLength:        4096,
		ArchiveBytes:      384 << 20,
		ArchiveDepth:      16,
		Packages:          500_000,
		Ratio:             200,
		RatioFloor:        1 << 30,
		Time:              30 * time.Minute,
	}
}
