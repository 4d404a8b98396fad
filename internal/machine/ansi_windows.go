package machine

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"

	"oxtail/actions/apply"
)

// Code pages and flags of the conversion.
const (
	cpACP            = 0
	cpUTF8           = 65001
	wcNoBestFitChars = 0x400
)

var wideCharToMultiByte = windows.NewLazySystemDLL("kernel32.dll").NewProc("WideCharToMultiByte")

// ansi converts a text to the ANSI code page of the computer, with a NUL. A text that
// the page cannot express is an error: a near miss would name another profile.
func ansi(text string) (*byte, error) {
	if windows.GetACP() == cpUTF8 {
		return windows.BytePtrFromString(text) // this page reports no loss, and has none
	}
	wide, err := windows.UTF16FromString(text)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", text, err)
	}
	const mostBytesPerUnit = 3
	buf := make([]byte, mostBytesPerUnit*len(wide))
	var lossy int32
	n, _, err := wideCharToMultiByte.Call(cpACP, wcNoBestFitChars, uintptr(unsafe.Pointer(&wide[0])), uintptr(len(wide)),
		uintptr(unsafe.Pointer(&buf[0])), uintptr(len(buf)), 0, uintptr(unsafe.Pointer(&lossy)))
	if n == 0 {
		return nil, fmt.Errorf("%q: WideCharToMultiByte: %w", text, err)
	}
	if lossy != 0 {
		return nil, fmt.Errorf("%w: %q, code page %d", apply.ErrName, text, windows.GetACP())
	}
	return &buf[0], nil
}

// fromANSI converts a NUL-terminated text in the ANSI code page; "" when it cannot.
func fromANSI(text *byte) string {
	if text == nil {
		return ""
	}
	n, err := windows.MultiByteToWideChar(cpACP, 0, text, -1, nil, 0)
	if err != nil || n == 0 {
		return ""
	}
	wide := make([]uint16, n)
	if _, err := windows.MultiByteToWideChar(cpACP, 0, text, -1, &wide[0], n); err != nil {
		return ""
	}
	return windows.UTF16ToString(wide)
}
