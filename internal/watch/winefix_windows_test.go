//go:build winefix

package watch

import _ "unsafe" // for go:linkname

// The switch that package os has for its own tests: to delete with
// FileDispositionInformation. To FileDispositionInformationEx Wine 8.0 answers with a
// status that os does not expect, and t.TempDir cannot be removed.
//
//go:linkname testDeleteatFallback internal/syscall/windows.TestDeleteatFallback
var testDeleteatFallback bool

var _ = func() bool {
	testDeleteatFallback = true
	return true
}()
