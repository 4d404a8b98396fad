package machine

import "time"

// ApplyOptions are the choices of This. The zero value is this computer as it is.
type ApplyOptions struct {
	// Helpers is the folder of the program of the other bitness, oxtail-mapi32.exe or
	// oxtail-mapi64.exe; "" is the folder of this program.
	Helpers string
	// StateFolder is where backups and the journal go; "" is %LOCALAPPDATA%\oxtail.
	StateFolder string
	// HelperTime is how long one use of MAPI may take before its process is ended; 0 is
	// HelperTime. Where a person is asked it is DialogTime.
	HelperTime time.Duration
	// Silent names further services whose providers take their configuration without a
	// dialog; see silentServices for those that are known to.
	Silent []string
	// Outlook is the path of OUTLOOK.EXE; "" is where Windows says it is.
	Outlook string
}

// Limits of time.
const (
	// HelperTime is enough for a provider that asks a server over a slow line; a hang
	// lasts for ever.
	HelperTime = 2 * time.Minute
	// DialogTime is how long a person may take to fill in a provider's dialog.
	DialogTime = 30 * time.Minute
)
