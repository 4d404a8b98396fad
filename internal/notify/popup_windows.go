package notify

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"syscall"
	"unicode/utf16"
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	user32           = windows.NewLazySystemDLL("user32.dll")
	shell32          = windows.NewLazySystemDLL("shell32.dll")
	registerClassEx  = user32.NewProc("RegisterClassExW")
	createWindowEx   = user32.NewProc("CreateWindowExW")
	destroyWindow    = user32.NewProc("DestroyWindow")
	defWindowProc    = user32.NewProc("DefWindowProcW")
	getMessage       = user32.NewProc("GetMessageW")
	dispatchMessage  = user32.NewProc("DispatchMessageW")
	postMessage      = user32.NewProc("PostMessageW")
	loadIcon         = user32.NewProc("LoadIconW")
	shellNotifyIconW = shell32.NewProc("Shell_NotifyIconW")
)

// Messages and flags of Windows.
const (
	wmApp          = 0x8000 // the first message that is ours
	wmStop         = wmApp + 1
	wmIcon         = wmApp + 2
	idiApplication = 32512

	nimAdd    = 0
	nimModify = 1
	nimDelete = 2

	nifMessage = 0x01
	nifIcon    = 0x02
	nifTip     = 0x04
	nifInfo    = 0x10

	niifInfo    = 1
	niifWarning = 2
	niifError   = 3
)

// notifyIconData is NOTIFYICONDATAW. Its layout is that of the C structure on 32 and 64
// bits: Go aligns the handles as C does.
type notifyIconData struct {
	size            uint32
	window          windows.Handle
	id              uint32
	flags           uint32
	callbackMessage uint32
	icon            windows.Handle
	tip             [128]uint16
	state           uint32
	stateMask       uint32
	info            [256]uint16
	timeout         uint32
	infoTitle       [64]uint16
	infoFlags       uint32
	guid            windows.GUID
	balloonIcon     windows.Handle
}

// wndClassEx is WNDCLASSEXW.
type wndClassEx struct {
	size       uint32
	style      uint32
	proc       uintptr
	classExtra int32
	wndExtra   int32
	instance   windows.Handle
	icon       windows.Handle
	cursor     windows.Handle
	background windows.Handle
	menuName   *uint16
	className  *uint16
	iconSmall  windows.Handle
}

// message is MSG.
type message struct {
	window  windows.Handle
	message uint32
	wParam  uintptr
	lParam  uintptr
	time    uint32
	x, y    int32
}

// A popup is an icon in the notification area with a hidden window behind it, which has
// a thread of its own: a window belongs to the thread that made it.
type popup struct {
	mu     sync.Mutex
	window windows.Handle
	data   notifyIconData
	done   chan struct{}
	closed bool
}

var _ Popup = (*popup)(nil)

// newPopup makes the window and the icon.
func newPopup() (Popup, error) {
	p := &popup{done: make(chan struct{})}
	ready := make(chan error, 1)
	go p.run(ready)
	if err := <-ready; err != nil {
		<-p.done
		return nil, fmt.Errorf("show pop-ups: %w; a service and a session without a desktop have none", err)
	}
	return p, nil
}

// run makes window and icon, serves them until wmStop, and takes them away.
func (p *popup) run(ready chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(p.done)
	if err := p.create(); err != nil {
		ready <- err
		return
	}
	ready <- nil
	var m message
	for {
		r, _, _ := getMessage.Call(uintptr(unsafe.Pointer(&m)), uintptr(p.window), 0, 0)
		if int32(r) <= 0 || m.message == wmStop {
			break
		}
		dispatchMessage.Call(uintptr(unsafe.Pointer(&m)))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	_ = p.notify(nimDelete)
	destroyWindow.Call(uintptr(p.window))
}

// create makes the hidden window and the icon.
func (p *popup) create() error {
	className, err := windows.UTF16PtrFromString("oxtail-notify")
	if err != nil {
		return err
	}
	class := wndClassEx{proc: windowProc(), className: className}
	class.size = uint32(unsafe.Sizeof(class))
	// An error means that the class is there from an earlier pop-up of this process; if
	// it is another one, the next call fails.
	registerClassEx.Call(uintptr(unsafe.Pointer(&class)))
	window, _, err := createWindowEx.Call(0, uintptr(unsafe.Pointer(className)), uintptr(unsafe.Pointer(className)), 0, 0, 0, 0, 0, 0, 0, 0, 0)
	if window == 0 {
		return fmt.Errorf("create a window: %w", err)
	}
	icon, _, _ := loadIcon.Call(0, idiApplication)
	p.window = windows.Handle(window)
	p.data = notifyIconData{window: p.window, id: 1, flags: nifMessage | nifIcon | nifTip, callbackMessage: wmIcon, icon: windows.Handle(icon)}
	p.data.size = uint32(unsafe.Sizeof(p.data))
	set(p.data.tip[:], "oxtail watch")
	if err := p.notify(nimAdd); err != nil {
		destroyWindow.Call(window)
		return err
	}
	return nil
}

// windowProc lets Windows do for each message what it always does.
func windowProc() uintptr {
	return syscall.NewCallback(func(window, message, wParam, lParam uintptr) uintptr {
		r, _, _ := defWindowProc.Call(window, message, wParam, lParam)
		return r
	})
}

func (p *popup) notify(what uintptr) error {
	if r, _, err := shellNotifyIconW.Call(what, uintptr(unsafe.Pointer(&p.data))); r == 0 {
		if errors.Is(err, windows.ERROR_SUCCESS) {
			err = errors.New("there is no notification area")
		}
		return fmt.Errorf("show an icon in the notification area: %w", err)
	}
	return nil
}

// Show implements Popup. When the taskbar was started anew, the icon is made again.
func (p *popup) Show(level Level, title, text string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return errors.New("show a pop-up: it is closed")
	}
	p.data.flags = nifMessage | nifIcon | nifTip | nifInfo
	p.data.infoFlags = [...]uint32{Info: niifInfo, Warning: niifWarning, Error: niifError}[level]
	set(p.data.infoTitle[:], title)
	set(p.data.info[:], text)
	if p.notify(nimModify) == nil {
		return nil
	}
	return p.notify(nimAdd)
}

// set writes text with its final NUL; one that is too long is cut.
func set(to []uint16, text string) {
	clear(to)
	copy(to[:len(to)-1], utf16.Encode([]rune(text)))
}

// Close implements Popup.
func (p *popup) Close() error {
	p.mu.Lock()
	closed := p.closed
	p.mu.Unlock()
	if !closed {
		postMessage.Call(uintptr(p.window), wmStop, 0, 0)
	}
	<-p.done
	return nil
}
