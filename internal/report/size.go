package report

import (
	"fmt"
	"math"

	"github.com/dustin/go-humanize"
)

// ParseSize reads a size such as 500000, 64MB or 2GiB, in bytes.
func ParseSize(s string) (int64, error) {
	n, err := humanize.ParseBytes(s)
	if err != nil || n > math.MaxInt64 {
		return 0, fmt.Errorf("unexpected size %q; want one such as 500000, 64MB or 2GiB", s)
	}
	return int64(n), nil
}

// Size writes a number of bytes for people.
func Size(n int64) string { return humanize.IBytes(uint64(max(n, 0))) }
