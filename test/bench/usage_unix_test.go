//go:build unix

package bench_test

import (
	"os"
	"runtime"
	"syscall"
	"time"
)

// cpuTime returns the processor time this process has used. On a machine that is busy
// with other things it says more of SQLite, which runs in this process, than a clock does.
func cpuTime() (time.Duration, bool) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, false
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), true
}

// peakMB returns the resident memory of an ended process at its highest.
func peakMB(p *os.ProcessState) (float64, bool) {
	u, ok := p.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0, false
	}
	if runtime.GOOS == "darwin" {
		return float64(u.Maxrss) / 1e6, true // bytes there, kilobytes elsewhere
	}
	return float64(u.Maxrss) / 1e3, true
}
