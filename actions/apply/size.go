package apply

import (
	"fmt"
	"strconv"
)

// sizeOf writes a number of bytes for people.
func sizeOf(n int64) string {
	const few = 10_000 // bytes, which are written out
	switch {
	case n == 1:
		return "1 byte"
	case n < few:
		return strconv.FormatInt(n, 10) + " bytes"
	case n < 1<<20:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	case n < 1<<30:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
}
