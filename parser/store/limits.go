package store

import "fmt"

// Limits are the sizes at which Outlook stops to take data into a store. In spite of its registry name the Warn size shows no
// warning: from it on new data is refused; at Max the file stops growing (KB832925).
type Limits struct {
	WarnBytes int64
	MaxBytes  int64
	Source    string // where they come from: "default of Outlook 2010 and later", or a registry value
}

// Default sizes of KB832925, and the hard end of the ANSI layout.
const (
	ANSIEndBytes       = 2 << 30        // bytes; offsets of an ANSI store end here
	ansiWarnBytes      = 0x74404400     // WarnFileSize, bytes
	ansiMaxBytes       = 0x7BB04400     // MaxFileSize, bytes
	unicodeWarnBytes03 = 0x4C00 << 20   // WarnLargeFileSize of Outlook 2003 and 2007, 19 GB
	unicodeMaxBytes03  = 0x5000 << 20   // MaxLargeFileSize of Outlook 2003 and 2007, 20 GB
	unicodeWarnBytes10 = 0xBE00 << 20   // WarnLargeFileSize of Outlook 2010 and later, 47.5 GB
	unicodeMaxBytes10  = 0xC800 << 20   // MaxLargeFileSize of Outlook 2010 and later, 50 GB
	outlook2010        = 14             // Office's major version
	megabyte           = int64(1) << 20 // the registry counts Unicode limits in these
	maxRegistryMB      = 1 << 32        // a DWORD cannot hold more
)

// DefaultLimits are the limits of a store when neither policy nor user set any. outlookMajor is Office's major version (11 for
// 2003, 14 for 2010, 16 for today's), or 0 when it is not known: then the newer, larger limits count.
func DefaultLimits(layout Layout, outlookMajor int) Limits {
	if layout == LayoutANSI {
		return Limits{WarnBytes: ansiWarnBytes, MaxBytes: ansiMaxBytes, Source: "default of ANSI stores"}
	}
	if outlookMajor != 0 && outlookMajor < outlook2010 {
		return Limits{WarnBytes: unicodeWarnBytes03, MaxBytes: unicodeMaxBytes03, Source: "default of Outlook 2003 and 2007"}
	}
	return Limits{WarnBytes: unicodeWarnBytes10, MaxBytes: unicodeMaxBytes10, Source: "default of Outlook 2010 and later"}
}

// RegistryLimits are limits as the registry holds them below "…\Outlook\PST": MaxLargeFileSize and WarnLargeFileSize in MB for
// Unicode stores, MaxFileSize and WarnFileSize in bytes for ANSI ones. A value of 0 or beyond a DWORD leaves the default in place.
func RegistryLimits(layout Layout, outlookMajor int, warn, max int64, source string) Limits {
	limits := DefaultLimits(layout, outlookMajor)
	unit := megabyte
	if layout == LayoutANSI {
		unit = 1
	}
	if warn > 0 && warn < maxRegistryMB {
		limits.WarnBytes, limits.Source = warn*unit, source
	}
	if max > 0 && max < maxRegistryMB {
		limits.MaxBytes, limits.Source = max*unit, source
	}
	return limits
}

// CheckLimits tells when the file is at one of the limits. An ANSI store of 2 GB is told whatever the limits are.
func (h Header) CheckLimits(limits Limits) []Problem {
	got := fmt.Sprintf("%d bytes", h.Size)
	switch {
	case h.Layout == LayoutANSI && h.Size >= ANSIEndBytes:
		return []Problem{problemMaxSize.at(0, fmt.Sprintf("less than %d bytes (end of the ANSI layout)", int64(ANSIEndBytes)), got)}
	case limits.MaxBytes > 0 && h.Size >= limits.MaxBytes:
		return []Problem{problemMaxSize.at(0, fmt.Sprintf("less than %d bytes (%s)", limits.MaxBytes, limits.Source), got)}
	case limits.WarnBytes > 0 && h.Size >= limits.WarnBytes:
		return []Problem{problemWarnSize.at(0, fmt.Sprintf("less than %d bytes (%s)", limits.WarnBytes, limits.Source), got)}
	}
	return nil
}
