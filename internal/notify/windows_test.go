//go:build windows

package notify

import (
	"context"
	"runtime"
	"syscall"
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

// playTaskbar plays the notification area where there is none, under Wine without a
// desktop: the window that Shell_NotifyIcon sends to. It counts what is sent.
func playTaskbar(t *testing.T) <-chan uintptr {
	t.Helper()
	sent, ready := make(chan uintptr, 100), make(chan windows.Handle)
	ended := make(chan struct{})
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(ended)
		name, _ := windows.UTF16PtrFromString("Shell_TrayWnd")
		proc := syscall.NewCallback(func(window, message, wParam, lParam uintptr) uintptr {
			const wmCopyData = 0x4a
			if message == wmCopyData {
				sent <- lParam
				return 1
			}
			r, _, _ := defWindowProc.Call(window, message, wParam, lParam)
			return r
		})
		class := wndClassEx{proc: proc, className: name}
		class.size = uint32(unsafe.Sizeof(class))
		registerClassEx.Call(uintptr(unsafe.Pointer(&class)))
		window, _, _ := createWindowEx.Call(0, uintptr(unsafe.Pointer(name)), uintptr(unsafe.Pointer(name)), 0, 0, 0, 0, 0, 0, 0, 0, 0)
		ready <- windows.Handle(window)
		var m message
		for window != 0 {
			if r, _, _ := getMessage.Call(uintptr(unsafe.Pointer(&m)), 0, 0, 0); int32(r) <= 0 || m.message == wmStop {
				break
			}
			dispatchMessage.Call(uintptr(unsafe.Pointer(&m)))
		}
		destroyWindow.Call(window)
		user32.NewProc("UnregisterClassW").Call(uintptr(unsafe.Pointer(name)), 0)
	}()
	window := <-ready
	if window == 0 {
		t.Fatal("the window of the notification area was not made")
	}
	t.Cleanup(func() {
		postMessage.Call(uintptr(window), wmStop, 0, 0)
		<-ended
	})
	return sent
}

// TestPopup shows a balloon and takes it away; under Wine it is a played taskbar that
// is told.
func TestPopup(t *testing.T) {
	var sent <-chan uintptr
	toast, err := NewToast(time.Now)
	if err != nil && onWine() {
		sent = playTaskbar(t)
		toast, err = NewToast(time.Now)
	}
	if err != nil {
		t.Skipf("no notification area here: %v", err)
	}
	for _, severity := range []string{"high", "medium", "low"} {
		if err := toast.Send(context.Background(), episode("open", severity, "oxtail test", "a test of oxtail")); err != nil {
			t.Error(err)
		}
	}
	if err := toast.Close(); err != nil {
		t.Error(err)
	}
	if err := toast.Send(context.Background(), episode("open", "high", "late", "")); err == nil {
		t.Error("a closed pop-up was shown")
	}
	if sent != nil && len(sent) != 5 {
		t.Errorf("the taskbar was told %d times; want 5: made, three pop-ups, taken away", len(sent))
	}
	if err := toast.Close(); err != nil {
		t.Errorf("close again: %v", err)
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
