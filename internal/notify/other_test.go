//go:build !windows

package notify

import (
	"strings"
	"testing"
	"time"
)

// TestNotHere: on other systems both senders say so, with what does the same.
func TestNotHere(t *testing.T) {
	_, toastErr := NewToast(time.Now)
	_, _, logErr := NewEventLog()
	for name, err := range map[string]error{"toast": toastErr, "event log": logErr} {
		hinter, ok := err.(interface{ Hint() string })
		if err == nil || !strings.Contains(err.Error(), "exist on Windows only") || !ok || !strings.Contains(hinter.Hint(), "--exec") {
			t.Errorf("%s: error %v; want one that says Windows only, with a hint", name, err)
		}
	}
}
