package machine

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// holdFile keeps a file open and does not let others delete it.
func holdFile(path string) {
	f, err := os.Open(path)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	untilClosed()
}

// loadDLL loads a DLL and stays.
func loadDLL(path string) {
	if _, err := windows.LoadLibraryEx(path, 0, windows.LOAD_WITH_ALTERED_SEARCH_PATH); err != nil {
		panic(err)
	}
	untilClosed()
}

// noteArguments writes its arguments into a file.
func noteArguments(path string) {
	if err := os.WriteFile(path, []byte(strings.Join(os.Args[1:], "\n")+"\n"), 0o600); err != nil {
		panic(err)
	}
}

var (
	user32          = windows.NewLazySystemDLL("user32.dll")
	registerClassEx = user32.NewProc("RegisterClassExW")
	createWindowEx  = user32.NewProc("CreateWindowExW")
	defWindowProc   = user32.NewProc("DefWindowProcW")
	getMessage      = user32.NewProc("GetMessageW")
	dispatchMessage = user32.NewProc("DispatchMessageW")
	postQuitMessage = user32.NewProc("PostQuitMessage")
)

const (
	wmDestroy         = 0x0002
	wsVisibleOverlapd = 0x10CF0000
)

type wndClassEx struct {
	size, style            uint32
	proc                   uintptr
	clsExtra, wndExtra     int32
	inst, icon, cur, brush uintptr
	menu, class            *uint16
	iconSm                 uintptr
}

type windowMessage struct {
	window uintptr
	number uint32
	wp, lp uintptr
	time   uint32
	at     [2]int32
	more   uint32
}

// showWindow makes a window of Outlook's class and serves it until it is closed; with
// "stubborn" it does not close.
func showWindow(manner string) {
	runtime.LockOSThread()
	class, _ := windows.UTF16PtrFromString("rctrl_renwnd32")
	wc := wndClassEx{class: class, proc: syscall.NewCallback(func(h, m, wp, lp uintptr) uintptr {
		switch {
		case m == wmClose && manner == "stubborn":
			return 0
		case m == wmDestroy:
			postQuitMessage.Call(0)
			return 0
		}
		r, _, _ := defWindowProc.Call(h, m, wp, lp)
		return r
	})}
	wc.size = uint32(unsafe.Sizeof(wc))
	if r, _, err := registerClassEx.Call(uintptr(unsafe.Pointer(&wc))); r == 0 {
		panic(err)
	}
	title, _ := windows.UTF16PtrFromString("Inbox - Outlook")
	if h, _, err := createWindowEx.Call(0, uintptr(unsafe.Pointer(class)), uintptr(unsafe.Pointer(title)), wsVisibleOverlapd, 0, 0, 200, 100, 0, 0, 0, 0); h == 0 {
		panic(err)
	}
	fmt.Println("ready")
	var m windowMessage
	for {
		if r, _, _ := getMessage.Call(uintptr(unsafe.Pointer(&m)), 0, 0, 0); int32(r) <= 0 {
			return
		}
		dispatchMessage.Call(uintptr(unsafe.Pointer(&m)))
	}
}
