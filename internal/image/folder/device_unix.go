//go:build unix

package folder

import (
	"io/fs"
	"syscall"
)

// deviceOf returns the file system something is on.
func deviceOf(info fs.FileInfo) uint64 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(s.Dev)
	}
	return 0
}
