//go:build !unix

package bench_test

import "time"

// Processor time and peak memory are reported on Unix only.

func cpuTime() (time.Duration, bool) { return 0, false }

func peakMB() (float64, bool) { return 0, false }
