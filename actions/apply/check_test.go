package apply

import (
	"testing"
	"time"
)

// TestSameTime: what archives and file systems do to times is no change of a file.
func TestSameTime(t *testing.T) {
	noon := time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		off  time.Duration
		want bool
	}{
		{0, true}, {2 * time.Second, true}, {-time.Second, true}, {3 * time.Second, false}, {time.Hour, true}, {-2*time.Hour + time.Second, true}, {45 * time.Minute, true},
		{50 * time.Minute, false}, {time.Hour + 3*time.Second, false}, {15 * time.Hour, false}, {14 * time.Hour, true}, {24 * time.Hour, false},
	} {
		if got := sameTime(noon.Add(c.off), noon); got != c.want {
			t.Errorf("sameTime(%v later) = %v; want %v", c.off, got, c.want)
		}
	}
}

func TestBaseID(t *testing.T) {
	for in, want := range map[string]string{"remove-reference-12": "remove-reference", "rename-emsabp32": "rename-emsabp32", "close-outlook": "close-outlook", "x-": "x-", "-1": "-1", "": ""} {
		if got := baseID(in); got != want {
			t.Errorf("baseID(%q) = %q; want %q", in, got, want)
		}
	}
}

func TestIsANSI(t *testing.T) {
	for in, want := range map[string]bool{"Outlook": true, "Büro": true, "10 €": true, "Профиль": false, "名前": false, "": true} {
		if got := isANSI(in); got != want {
			t.Errorf("isANSI(%q) = %v; want %v", in, got, want)
		}
	}
}

func TestIsOld(t *testing.T) {
	for in, want := range map[string]bool{`C:\a.odb.old`: true, `C:\a.odb.old12`: true, `C:\a.odb`: false, `C:\a.odb.new`: false, `C:\a.ost.old2`: true} {
		if got := isOld(in); got != want {
			t.Errorf("isOld(%q) = %v; want %v", in, got, want)
		}
	}
}

func TestSizeOf(t *testing.T) {
	for in, want := range map[int64]string{0: "0 bytes", 1: "1 byte", 9999: "9999 bytes", 67_108_864: "64.0 MiB", 20_480: "20.0 KiB", 3 << 30: "3.0 GiB"} {
		if got := sizeOf(in); got != want {
			t.Errorf("sizeOf(%d) = %q; want %q", in, got, want)
		}
	}
}
