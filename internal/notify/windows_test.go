//go:build windows

package notify

import (
	"context"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// onWine reports whether the tests run under Wine, whose event log stores nothing.
func onWine() bool {
	return windows.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() == nil
}

// TestLayout: the structures have the sizes of the C headers.
func TestLayout(t *testing.T) {
	icon, class, msg := uintptr(976), uintptr(80), uintptr(48)
	if unsafe.Sizeof(uintptr(0)) == 4 {
		icon, class, msg = 956, 48, 28
	}
	for name, size := range map[string][2]uintptr{
		"NOTIFYICONDATAW": {unsafe.Sizeof(notifyIconData{}), icon}, "WNDCLASSEXW": {unsafe.Sizeof(wndClassEx{}), class}, "MSG": {unsafe.Sizeof(message{}), msg},
	} {
		if size[0] != size[1] {
			t.Errorf("%s has %d bytes; want %d", name, size[0], size[1])
		}
	}
}

// TestPopup shows a balloon, where there is a notification area, and takes it away.
func TestPopup(t *testing.T) {
	toast, err := NewToast(time.Now)
	if err != nil {
		t.Skipf("no notification area here: %v", err)
	}
	if err := toast.Send(context.Background(), episode("open", "high", "oxtail test", "a test of oxtail")); err != nil {
		t.Error(err)
	}
	if err := toast.Close(); err != nil {
		t.Error(err)
	}
	if err := toast.Send(context.Background(), episode("open", "high", "late", "")); err == nil {
		t.Error("a closed pop-up was shown")
	}
}

// TestEventLogWindows writes an event. Wine stores none, so only the call is proven there.
func TestEventLogWindows(t *testing.T) {
	was := registered()
	log, note, err := NewEventLog()
	if err != nil {
		t.Fatal(err)
	}
	if note == "" && !registered() {
		t.Error("the source is not registered, and nobody says so")
	}
	for _, state := range []string{"open", "ongoing", "healed"} {
		if err := log.Send(context.Background(), episode(state, map[string]string{"open": "high", "ongoing": "medium", "healed": "low"}[state], "oxtail test", "line")); err != nil {
			t.Error(err)
		}
	}
	if err := log.Close(); err != nil {
		t.Error(err)
	}
	if !was && note == "" {
		if err := Unregister(); err != nil {
			t.Errorf("unregister: %v", err)
		}
		if registered() {
			t.Error("the source is registered after Unregister")
		}
	}
	if err := Unregister(); err != nil && !was {
		t.Errorf("unregister again: %v", err)
	}
	t.Logf("under Wine: %v", onWine())
}
