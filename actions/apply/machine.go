package apply

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"oxtail/parser/codes"
	"oxtail/parser/profile"
)

// A Machine is the computer that a plan is carried out on: the only way for this
// package to see or change anything. A path is a full Windows path; a key is a registry
// path below HKEY_CURRENT_USER, without that name.
//
// Every method may be slow and ends early when ctx does. A fact that could not be
// found out is an error, never a guess: no method reports "free", "gone" or "none"
// when it could not look.
type Machine interface {
	Registry
	Files
	Programs
	MAPI

	// Identity tells who works on which computer.
	Identity(ctx context.Context) (Identity, error)
	// Now is the machine's clock.
	Now() time.Time
	// Wait sleeps for d, or until ctx ends; a simulated machine moves its clock.
	Wait(ctx context.Context, d time.Duration) error
}

// An Identity says who would act, and on what.
type Identity struct {
	Computer  string `json:"computer"`
	User      string `json:"user"` // as DOMAIN\name where known
	SID       string `json:"sid,omitempty"`
	Elevated  bool   `json:"elevated"`
	Session   uint32 `json:"session"`             // Windows session; 0 is that of services
	Bits      int    `json:"bits"`                // 32 or 64: what this process can load
	Outlook   int    `json:"outlook_bits"`        // 32 or 64; 0 when no Outlook was found
	Simulated bool   `json:"simulated,omitempty"` // nothing of it is a real computer
}

// Registry reads the mail profiles of the user, and saves and restores their keys.
type Registry interface {
	// Inventory reads all profiles of the current user anew.
	Inventory(ctx context.Context) (*profile.Inventory, error)
	// ExportKey writes a key and all below it as a .reg file of Windows 2000 or later
	// (UTF-16LE with a byte order mark), values in the order of the registry.
	ExportKey(ctx context.Context, key string, w io.Writer) error
	// RestoreKey makes a key and all below it equal to what ExportKey wrote: what was
	// added since is removed. Keys outside of key are an error, before anything is
	// changed.
	RestoreKey(ctx context.Context, key string, reg []byte) error
	// KeySecurity gives the access list of a key in SDDL.
	KeySecurity(ctx context.Context, key string) (string, error)
	// CurrentUserOwns reports whether the current user may change the key and, where
	// that is known, owns it.
	CurrentUserOwns(ctx context.Context, key string) (bool, error)
}

// A File is what is known of a file without reading it.
type File struct {
	Path     string    `json:"path"`
	Bytes    int64     `json:"bytes"`
	Modified time.Time `json:"modified"`
}

// Files sees and moves files. Nothing in it deletes, but for what it wrote itself.
type Files interface {
	// Stat fails with fs.ErrNotExist for what is not there.
	Stat(ctx context.Context, path string) (File, error)
	// List gives the files of a folder, sorted by name, at most MaxListed.
	List(ctx context.Context, folder string) ([]File, error)
	// Open reads a file that others may have open.
	Open(ctx context.Context, path string) (io.ReadCloser, error)
	// Create makes a file that must not be there yet, with the folders above it. The
	// file is complete on the disk when Close returns without an error.
	Create(ctx context.Context, path string) (io.WriteCloser, error)
	// Append opens a file at its end, and makes it when it is not there. Each Write is
	// on the disk when it returns.
	Append(ctx context.Context, path string) (io.WriteCloser, error)
	// Rename moves a file within its volume and never over another file.
	Rename(ctx context.Context, from, to string) error
	// Remove deletes a file below the folder that backups and the journal are in, and
	// refuses any other.
	Remove(ctx context.Context, path string) error
	// FreeBytes is the space for the current user on the volume of a path.
	FreeBytes(ctx context.Context, path string) (int64, error)
	// IsLocal reports whether a path is on a disk of this computer, not on a network,
	// removable or unknown drive.
	IsLocal(ctx context.Context, path string) (bool, error)
	// StateFolder is where backups and the journal of this user are kept.
	StateFolder() string
	// Expand puts the values of environment variables into a path.
	Expand(path string) string
}

// MaxListed bounds what List gives.
const MaxListed = 10_000

// A Process is a running program. Its start tells it from another with the same ID.
type Process struct {
	ID      uint32    `json:"pid"`
	Started time.Time `json:"started"`
	Name    string    `json:"name"` // file name, such as OUTLOOK.EXE
	Path    string    `json:"path,omitempty"`
	User    string    `json:"user,omitempty"`
	Session uint32    `json:"session"`
	Parent  uint32    `json:"parent,omitempty"`
	Windows int       `json:"windows"` // visible top-level windows
	// Why says what makes it a holder: "has FILE open", "has olmapi32.dll loaded".
	Why []string `json:"why,omitempty"`
}

// A FileState says whether a file can be had for oneself.
type FileState string

// The states of a file.
const (
	FileFree    FileState = "free"    // it was opened with no sharing, and closed
	FileHeld    FileState = "held"    // a sharing or lock violation
	FileMissing FileState = "missing" // it is not there
	FileUnknown FileState = "unknown" // no right to look, or a network that does not say
)

// Holders says who uses files or the profile. Processes being empty proves nothing;
// only FileFree does.
type Holders struct {
	Processes []Process            `json:"processes,omitempty"`
	Files     map[string]FileState `json:"files,omitempty"` // by the path that was asked
	// Unexamined says what could not be looked at, such as processes of other users.
	Unexamined []string `json:"unexamined,omitempty"`
}

// How says how hard a program is asked to end.
type How int

// The ways to close a program, in the order in which they are tried.
const (
	CloseQuit      How = iota // Outlook's own Quit, else WM_CLOSE to its windows
	CloseRestart              // Restart Manager without force
	CloseTerminate            // TerminateProcess, when the user has named the program
)

func (h How) String() string {
	switch h {
	case CloseQuit:
		return "quit"
	case CloseRestart:
		return "restart-manager"
	case CloseTerminate:
		return "terminate"
	}
	return fmt.Sprintf("how(%d)", int(h))
}

// Programs sees, closes and starts programs and services of Windows.
type Programs interface {
	// Running lists the processes with one of these file names, any case.
	Running(ctx context.Context, names ...string) ([]Process, error)
	// Holders finds who has one of the files open, and who has a MAPI provider loaded.
	Holders(ctx context.Context, files []string) (Holders, error)
	// Close asks a process to end, or ends it, and returns at once: it may still run.
	// It fails with ErrOtherProcess when the ID now belongs to another process.
	Close(ctx context.Context, p Process, how How) error
	// StartOutlook starts Outlook with a profile.
	StartOutlook(ctx context.Context, profileName string) error
	// SendReceiveAll asks a running Outlook to synchronise everything.
	SendReceiveAll(ctx context.Context) error
	// StopSearch stops the service WSearch and reports whether it ran; StartSearch
	// starts it. Both need an administrator.
	StopSearch(ctx context.Context) (ran bool, err error)
	StartSearch(ctx context.Context) error
}

// ErrOtherProcess says that a process has ended and its ID belongs to another one.
var ErrOtherProcess = errors.New("the process has ended; its number belongs to another one")

// A Service is a message service as MAPI lists it.
type Service struct {
	UID           string `json:"uid"` // 32 lower-case hex digits, raw byte order as parser/profile has it
	Name          string `json:"name"`
	Display       string `json:"display"`
	ResourceFlags uint32 `json:"resource_flags"`
}

// A Property is a value of a service's or provider's section. The value of a secured
// one is never read.
type Property struct {
	Section string `json:"section"` // UID of the section
	Tag     uint32 `json:"tag"`
	Type    string `json:"type"`              // long, boolean, text, binary, other
	Text    string `json:"text,omitempty"`    // of text, as decimal of numbers, hex of binary
	Secured bool   `json:"secured,omitempty"` // Text is empty
	Cut     bool   `json:"cut,omitempty"`     // Text was longer than MaxPropertyText
}

// MaxPropertyText is the longest Text of a Property, in bytes.
const MaxPropertyText = 4096

// UI says whether MAPI and the provider may show dialog boxes.
type UI bool

// MAPI administers profiles through Extended MAPI. profileName is the name as people and
// MAPI write it, decoded (profile.Profile.Display), not that of the registry key. All calls are made in a process of
// Outlook's bitness with a time limit. Names that the ANSI code page cannot hold fail
// with ErrName; a failed call is a *MAPIError.
type MAPI interface {
	// CanMAPI says why MAPI cannot be used here, nil when it can.
	CanMAPI(ctx context.Context) error
	Services(ctx context.Context, profileName string) ([]Service, error)
	Properties(ctx context.Context, profileName, uid string) ([]Property, error)
	DeleteService(ctx context.Context, profileName, uid string) error
	// CreateService gives the UID of the new service.
	CreateService(ctx context.Context, profileName, service, display string, ui UI) (uid string, err error)
	// ConfigureService sets properties, or lets the provider ask when ui is allowed.
	ConfigureService(ctx context.Context, profileName, uid string, properties []Property, ui UI) error
	// CanConfigure reports whether the provider of a service is known to take its
	// configuration without a dialog.
	CanConfigure(ctx context.Context, service string) bool
}

// ErrName says that MAPI cannot be given a name.
var ErrName = errors.New("the name cannot be written in the ANSI code page of this computer, and MAPI takes no other")

// A MAPIError is a failed call.
type MAPIError struct {
	Call   string // such as "DeleteMsgService"
	Code   uint32 // HRESULT
	Text   string // of GetLastError, may be empty
	Remedy string // what to do about this code of this call, may be empty
}

// Error gives call, code and symbol, then what MAPI says and the remedy, as far as known.
func (e *MAPIError) Error() string {
	code := codes.FromHRESULT(e.Code)
	s := e.Call + ": " + string(code)
	if known, ok := codes.Lookup(code); ok && known.Name != "" {
		s += " " + known.Name
	}
	if e.Text != "" {
		s += ": " + e.Text
	}
	if e.Remedy != "" {
		s += "; " + e.Remedy
	}
	return s
}

// ErrStale says that the computer is not as the plan assumes.
var ErrStale = errors.New("the plan no longer fits")

// ErrSimulated is what a simulated machine answers to what it cannot simulate.
var ErrSimulated = errors.New("a simulated computer cannot do this")
