package machine

import "time"

// The probes look at the running computer for the checks of its environment. They ask
// Windows only, never another computer, and change nothing.

// A Program is a running program.
type Program struct {
	PID      int
	Name     string // OUTLOOK.EXE
	Path     string
	Started  time.Time
	User     string // DOMAIN\name
	Session  int
	Elevated *bool // nil where this user may not see it
	Bits     int   // 32 or 64; 0 when not known
	Modules  []string
}

// A Volume is a drive.
type Volume struct {
	Root       string // C:\
	Kind       string // fixed, network, removable
	FileSystem string
	Total      int64 // bytes
	Free       int64 // bytes that the current user has
}

// A Membership says to what the computer is joined.
type Membership struct {
	Computer string
	Name     string // of the domain or workgroup
	IsDomain bool
}

// A Release is the version of Windows.
type Release struct {
	Version  string // 10.0.19045
	Server   bool
	Bits     int
	CodePage int // of ANSI programs
}

// A ServiceState is what the service manager says of one service.
type ServiceState struct {
	Name, Display string
	State         string // running, stopped …
	PID           int
}

// A Standing is who runs this program.
type Standing struct {
	User     string
	SID      string
	Elevated bool
	Bits     int
}
