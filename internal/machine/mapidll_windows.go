package machine

import (
	"path/filepath"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// stubMAPI is Windows' own MAPI, which passes every call to the default mail client.
const stubMAPI = "mapi32.dll"

// mailClients is where the mail clients of the computer are registered.
const mailClients = `SOFTWARE\Clients\Mail`

// mapiDLLs lists the DLLs that may have MAPI, in the order of Microsoft's stub library.
// Each is a full path.
func mapiDLLs() []string {
	client, _ := registryText(mailClients, "")
	key := mailClients + `\` + client
	var out []string
	add := func(path string, ok bool) {
		if ok && filepath.IsAbs(path) {
			out = append(out, path)
		}
	}
	if client != "" {
		add(registryText(key, "DLLPathEx"))
	}
	for _, category := range outlookCategories() {
		for _, qualifier := range []string{"outlook.x64.exe", "outlook.exe"} {
			path, ok := qualifiedComponent(category, qualifier)
			add(filepath.Join(filepath.Dir(path), "olmapi32.dll"), ok)
		}
	}
	if client != "" {
		add(registryText(key, "DLLPath"))
		add(installedComponent(key))
	}
	return out
}

// outlookCategories are the component categories of Outlook 16 down to 11.
func outlookCategories() []string {
	return []string{
		"{5812C571-53F0-4467-BEFA-0A4F47A9437C}", "{E83B4360-C208-4325-9504-0D23003A74A5}", "{1E77DE88-BCAB-4C37-B9E5-073AF52DFD7A}",
		"{24AAE126-0911-478F-A019-07B875EB9996}", "{BC174BAD-2F53-4855-A1D5-0D575C19B1EA}",
	}
}

// registryText reads a text of HKEY_LOCAL_MACHINE in the view of this process, whose
// bitness the DLL must have.
func registryText(path, name string) (string, bool) {
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, path, registry.QUERY_VALUE)
	if err != nil {
		return "", false
	}
	defer key.Close() // read only: nothing is lost when closing fails
	text, kind, err := key.GetStringValue(name)
	if err == nil && kind == registry.EXPAND_SZ {
		text, err = registry.ExpandString(text)
	}
	return text, err == nil && text != ""
}

var provideQualifiedComponent = windows.NewLazySystemDLL("msi.dll").NewProc("MsiProvideQualifiedComponentW")

// installModeExisting asks Windows Installer for what is there and to install nothing.
const installModeExisting = -1

// qualifiedComponent asks Windows Installer for the path of a component.
func qualifiedComponent(category, qualifier string) (string, bool) {
	if provideQualifiedComponent.Find() != nil {
		return "", false
	}
	cat, catErr := windows.UTF16PtrFromString(category)
	qual, qualErr := windows.UTF16PtrFromString(qualifier)
	if catErr != nil || qualErr != nil {
		return "", false
	}
	mode := int32(installModeExisting)
	buf := make([]uint16, windows.MAX_PATH)
	size := uint32(len(buf))
	r, _, _ := provideQualifiedComponent.Call(uintptr(unsafe.Pointer(cat)), uintptr(unsafe.Pointer(qual)), uintptr(uint32(mode)),
		uintptr(unsafe.Pointer(&buf[0])), uintptr(unsafe.Pointer(&size)))
	return windows.UTF16ToString(buf), r == 0
}

// installedComponent resolves the mail client's MSIComponentID by FGetComponentPath of
// Windows' stub.
func installedComponent(client string) (string, bool) {
	component, ok := registryText(client, "MSIComponentID")
	if !ok {
		return "", false
	}
	locale, _ := registryText(client, "MSIApplicationLCID")
	for _, name := range []string{"mapistub.dll", stubMAPI} {
		module, err := windows.LoadLibraryEx(name, 0, windows.LOAD_LIBRARY_SEARCH_SYSTEM32)
		if err != nil {
			continue
		}
		for _, export := range exportNames("FGetComponentPath", 5) {
			if proc, err := windows.GetProcAddress(module, export); err == nil {
				return componentPath(proc, component, locale)
			}
		}
	}
	return "", false
}

// componentPath is FGetComponentPath, which is told to install nothing.
func componentPath(proc uintptr, component, locale string) (string, bool) {
	id, idErr := ansi(component)
	qualifier, localeErr := ansi(locale)
	if idErr != nil || localeErr != nil {
		return "", false
	}
	buf := make([]byte, windows.MAX_PATH)
	r, _, _ := syscall.SyscallN(proc, uintptr(unsafe.Pointer(id)), uintptr(unsafe.Pointer(qualifier)), uintptr(unsafe.Pointer(&buf[0])), uintptr(len(buf)), 0)
	return fromANSI(&buf[0]), r != 0
}
