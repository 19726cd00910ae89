//go:build unix

package usage

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// CPU returns the processor time this process has used. On a machine that is busy
// with other things it says more of SQLite, which runs in this process, than a clock does.
func CPU() (time.Duration, bool) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, false
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), true
}

// PeakMB returns the resident memory of this process at its highest. Linux is asked for that
// of the program alone: what getrusage tells also covers the process that started it, up to
// the moment this program took its place.
func PeakMB() (float64, bool) {
	if status, err := os.ReadFile("/proc/self/status"); err == nil {
		for line := range strings.Lines(string(status)) {
			var kB float64
			if n, _ := fmt.Sscanf(line, "VmHWM: %f kB", &kB); n == 1 {
				return kB * 1024 / 1e6, true
			}
		}
	}
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, false
	}
	if runtime.GOOS == "darwin" {
		return float64(u.Maxrss) / 1e6, true // bytes there, kilobytes elsewhere
	}
	return float64(u.Maxrss) / 1e3, true
}
