//go:build !windows

package machine

// ExportEvents copies events of the computer, which exist on Windows only.
func ExportEvents(_, _, _ string) error { return errNotWindows }
