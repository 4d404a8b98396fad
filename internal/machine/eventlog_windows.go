package machine

import (
	"fmt"
	"syscall"
	"unsafe"
)

// ExportEvents copies the events of a channel that a query selects into a new .evtx file.
// Windows does the copying, so the log may be in use.
func ExportEvents(channel, query, target string) error {
	const channelPath = 1 // EvtExportLogChannelPath
	export := syscall.NewLazyDLL("wevtapi.dll").NewProc("EvtExportLog")
	if err := export.Find(); err != nil {
		return fmt.Errorf("export the event log %s: %w", channel, err)
	}
	var args [3]*uint16
	for i, text := range []string{channel, query, target} {
		var err error
		if args[i], err = syscall.UTF16PtrFromString(text); err != nil {
			return fmt.Errorf("export the event log %s: %w", channel, err)
		}
	}
	ok, _, err := export.Call(0, uintptr(unsafe.Pointer(args[0])), uintptr(unsafe.Pointer(args[1])), uintptr(unsafe.Pointer(args[2])), channelPath)
	if ok == 0 {
		return fmt.Errorf("export the event log %s: %w", channel, err)
	}
	return nil
}
