package apply

import "strconv"

// sizeOf writes a number of bytes for people.
func sizeOf(n int64) string {
	if n == 1 {
		return "1 byte"
	}
	return strconv.FormatInt(n, 10) + " bytes"
}
