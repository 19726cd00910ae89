//go:build !unix

package usage

import "time"

// CPU tells nothing here.
func CPU() (time.Duration, bool) { return 0, false }

// PeakMB tells nothing here.
func PeakMB() (float64, bool) { return 0, false }
