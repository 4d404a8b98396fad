package machine

import (
	"sync"
	"syscall"

	"golang.org/x/sys/windows"
)

// desktop lists the top-level windows of the session. Windows calls back for each; a
// process has room for few such functions, so there is one, and one use at a time.
type desktop struct {
	mu       sync.Mutex
	callback uintptr
	found    []windows.HWND
}

// maxWindows bounds the list; a session can have about as many.
const maxWindows = 65_536

// theDesktop is the only one, which is made when it is first needed.
var theDesktop = sync.OnceValue(func() *desktop {
	d := &desktop{}
	d.callback = syscall.NewCallback(func(window windows.HWND, _ uintptr) uintptr {
		d.found = append(d.found, window)
		if len(d.found) >= maxWindows {
			return 0 // enough
		}
		return 1
	})
	return d
})

// visible gives the visible top-level windows by process.
func (d *desktop) visible() map[uint32][]windows.HWND {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.found = d.found[:0]
	windows.EnumWindows(d.callback, nil) // a session without a desktop has no windows
	out := map[uint32][]windows.HWND{}
	for _, w := range d.found {
		var pid uint32
		if !windows.IsWindowVisible(w) {
			continue
		}
		if _, err := windows.GetWindowThreadProcessId(w, &pid); err == nil {
			out[pid] = append(out[pid], w)
		}
	}
	return out
}

// wmClose asks a window to close, as its X does.
const wmClose = 0x0010

var postMessage = windows.NewLazySystemDLL("user32.dll").NewProc("PostMessageW")

// closeWindow asks a window to close and does not wait for it.
func closeWindow(w windows.HWND) error {
	if ok, _, err := postMessage.Call(uintptr(w), wmClose, 0, 0); ok == 0 {
		return err
	}
	return nil
}
