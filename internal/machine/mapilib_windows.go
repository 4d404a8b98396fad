package machine

import (
	"errors"
	"fmt"
	"path/filepath"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"

	"oxtail/actions/apply"
)

// mapiLib is a loaded MAPI DLL with the exports that are used. It stays loaded until the
// process ends, because providers have threads of their own.
type mapiLib struct {
	path         string
	initialize   uintptr
	uninitialize uintptr
	admin        uintptr // MAPIAdminProfiles
	free         uintptr // MAPIFreeBuffer
	queryAll     uintptr // HrQueryAllRows, 0 where it is not exported
}

// exportNames gives a name as it is exported on x64, and with the bytes of its
// arguments as on x86 and in Wine.
func exportNames(name string, arguments int) []string {
	const bytesPerArgument = 4
	return []string{name, fmt.Sprintf("%s@%d", name, bytesPerArgument*arguments)}
}

// openMAPI loads a DLL and finds its exports. The Windows stub lies where Windows does;
// others bring DLLs of their own folder.
func openMAPI(path string) (*mapiLib, error) {
	flags := uintptr(windows.LOAD_LIBRARY_SEARCH_SYSTEM32)
	if path != stubMAPI {
		flags = windows.LOAD_WITH_ALTERED_SEARCH_PATH
		// Without it, Outlook's MAPI can crash; not every Outlook has it.
		windows.LoadLibraryEx(filepath.Join(filepath.Dir(path), "pstprx32.dll"), 0, flags)
	}
	module, err := windows.LoadLibraryEx(path, 0, flags)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", path, err)
	}
	lib := &mapiLib{path: path}
	for _, e := range []struct {
		name      string
		arguments int
		to        *uintptr
		must      bool
	}{
		{"MAPIInitialize", 1, &lib.initialize, true},
		{"MAPIUninitialize", 0, &lib.uninitialize, true},
		{"MAPIAdminProfiles", 2, &lib.admin, true},
		{"MAPIFreeBuffer", 1, &lib.free, true},
		{"HrQueryAllRows", 6, &lib.queryAll, false},
	} {
		for _, name := range exportNames(e.name, e.arguments) {
			if *e.to == 0 {
				*e.to, err = windows.GetProcAddress(module, name)
			}
		}
		if *e.to == 0 && e.must {
			return nil, fmt.Errorf("%s has no %s: %w", path, e.name, err)
		}
	}
	return lib, nil
}

// start initialises MAPI.
func (lib *mapiLib) start() error {
	var init struct{ version, flags uint32 } // MAPIINIT_0
	r, _, _ := syscall.SyscallN(lib.initialize, uintptr(unsafe.Pointer(&init)))
	return failed("MAPIInitialize", r)
}

// stop undoes start.
func (lib *mapiLib) stop() { syscall.SyscallN(lib.uninitialize) }

// freeBuffer gives memory back to MAPI.
func (lib *mapiLib) freeBuffer(memory unsafe.Pointer) {
	if memory != nil {
		syscall.SyscallN(lib.free, uintptr(memory))
	}
}

// failed makes an error of an HRESULT. Warnings are no error: what came out is looked
// at anyway.
func failed(call string, result uintptr) error {
	if int32(result) >= 0 {
		return nil
	}
	return &apply.MAPIError{Call: call, Code: uint32(result)}
}

// startMAPI loads and initialises the first DLL that works: the stub of Windows, which
// finds the mail client by itself, else what is found as the stub would. Its error is
// that of the stub, since the others are second choice.
func startMAPI(at func(string)) (*mapiLib, error) {
	at("MAPIInitialize")
	lib, first := startDLL(stubMAPI)
	if first == nil || !isNoMAPI(first) {
		return lib, first
	}
	for _, path := range mapiDLLs() {
		if lib, err := startDLL(path); err == nil {
			return lib, nil
		}
	}
	return nil, first
}

// startDLL loads and initialises one DLL.
func startDLL(path string) (*mapiLib, error) {
	lib, err := openMAPI(path)
	if err != nil {
		return nil, err
	}
	if err := lib.start(); err != nil {
		return nil, err
	}
	return lib, nil
}

// Codes that are told apart.
const (
	mapiNoInterface    = 0x80004002
	mapiCallFailed     = 0x80004005
	mapiNotFound       = 0x8004010F
	mapiLogonFailed    = 0x80040111
	mapiNotInitialized = 0x80040605
)

// isNoMAPI reports whether an error says that behind a DLL there is no MAPI, so that
// another may do.
func isNoMAPI(err error) bool {
	var failed *apply.MAPIError
	return !errors.As(err, &failed) || failed.Code == mapiCallFailed || failed.Code == mapiNotInitialized
}

// hasCode reports whether an error is a failed call with one of the codes.
func hasCode(err error, codes ...uint32) bool {
	var failed *apply.MAPIError
	if !errors.As(err, &failed) {
		return false
	}
	for _, c := range codes {
		if failed.Code == c {
			return true
		}
	}
	return false
}
