//go:build !windows

package machine

import (
	"strings"
	"testing"
)

// TestOtherSystems: the error says what to give instead.
func TestOtherSystems(t *testing.T) {
	_, err := OpenRegistry(Options{AllUsers: true})
	_, viewErr := LocalMachine(View32)
	for _, err := range []error{err, viewErr} {
		if err == nil || !strings.Contains(err.Error(), "Windows only") || !strings.Contains(err.Error(), "NTUSER.DAT") {
			t.Errorf("error %v; want where it exists and what to give", err)
		}
	}
}
