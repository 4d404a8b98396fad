package doctor

import "time"

// The JSON files of a bundle that oxtail collect writes and oxtail doctor reads: the
// "offline twin" of the computer. One object a file. Readers ignore fields that they do
// not know; fields are only added.

// Names of the JSON forms.
const (
	FileListSchema  = "oxtail.filelist/v1"
	ServicesSchema  = "oxtail.services/v1"
	ProcessesSchema = "oxtail.processes/v1"
	SystemSchema    = "oxtail.system/v1"
)

// A FileList is files/*.json: what lies in some folders, without contents.
type FileList struct {
	Schema  string       `json:"schema"`
	Folders []ListedPath `json:"folders"` // what was listed; a file is absent only where its folder was listed wholly
	Files   []ListedFile `json:"files"`
}

// A ListedPath is a folder that was looked at.
type ListedPath struct {
	Path      string `json:"path"`                // Windows path
	Recursive bool   `json:"recursive,omitempty"` // with everything below it
	Complete  bool   `json:"complete"`            // every name in it is in Files, by the patterns
	// Patterns say which names were wanted; empty means all.
	Patterns []string `json:"patterns,omitempty"`
	Missing  bool     `json:"missing,omitempty"` // the folder does not exist
	Error    string   `json:"error,omitempty"`   // why it is not complete
	Remote   bool     `json:"remote,omitempty"`  // on a network drive or share
	Reparse  string   `json:"reparse,omitempty"` // where a junction or link on the way leads to
	Cloud    bool     `json:"cloud,omitempty"`   // kept in step with a cloud service
}

// A ListedFile is one file of a list.
type ListedFile struct {
	Path     string    `json:"path"` // Windows path
	Bytes    int64     `json:"bytes"`
	Created  time.Time `json:"created,omitzero"`
	Modified time.Time `json:"modified,omitzero"`
	// Version is the four numbers of the version resource of a program or DLL,
	// "16.0.14026.20308"; Product is that of its product.
	Version string `json:"version,omitempty"`
	Product string `json:"product_version,omitempty"`
	Machine string `json:"machine,omitempty"` // of the PE header: x86, x64, arm64
	Owner   string `json:"owner,omitempty"`
	Head    string `json:"head,omitempty"` // first 1 KiB of a store, base64
	Held    bool   `json:"held,omitempty"` // a program has it open
}

// Services is services.json.
type Services struct {
	Schema   string    `json:"schema"`
	Complete bool      `json:"complete"` // all services of the computer, not a choice
	Services []Service `json:"services"`
}

// A Service is one service of Windows.
type Service struct {
	Name    string `json:"name"`
	Display string `json:"display,omitempty"`
	Image   string `json:"image,omitempty"`   // command line
	Account string `json:"account,omitempty"` // ObjectName
	State   string `json:"state,omitempty"`   // running, stopped, paused …
	Start   string `json:"start,omitempty"`   // auto, manual, disabled …
	PID     int    `json:"pid,omitempty"`
}

// Processes is processes.json.
type Processes struct {
	Schema    string    `json:"schema"`
	Taken     time.Time `json:"taken,omitzero"`
	Complete  bool      `json:"complete"` // all processes, not only programs that use MAPI
	Processes []Process `json:"processes"`
	Holders   []Holder  `json:"holders,omitempty"`
}

// A Process is one running program.
type Process struct {
	PID      int       `json:"pid"`
	Name     string    `json:"name"` // OUTLOOK.EXE
	Path     string    `json:"path,omitempty"`
	Started  time.Time `json:"started,omitzero"`
	User     string    `json:"user,omitempty"`
	SID      string    `json:"sid,omitempty"`
	Session  int       `json:"session,omitempty"`
	Elevated *bool     `json:"elevated,omitempty"` // nil: not known
	Bits     int       `json:"bits,omitempty"`     // 32 or 64
	Version  string    `json:"version,omitempty"`
	Modules  []string  `json:"modules,omitempty"` // paths of MAPI modules that it has loaded
}

// A Holder says which processes have a file open.
type Holder struct {
	Path string `json:"path"`
	PIDs []int  `json:"pids"`
}

// System is system.json.
type System struct {
	Schema   string          `json:"schema"`
	Computer Computer        `json:"computer"`
	OS       OperatingSystem `json:"os"`
	Office   []Office        `json:"office,omitempty"`
	Clock    Clock           `json:"clock"`
	Disks    []Disk          `json:"disks,omitempty"`
	User     *UserAccount    `json:"user,omitempty"`     // who ran the tool
	Accounts []UserAccount   `json:"accounts,omitempty"` // of services, as far as asked
	Elevated *bool           `json:"elevated,omitempty"` // the tool itself
	Bits     int             `json:"bits,omitempty"`     // of the tool's helper
}

// Words of Computer.Join.
const (
	JoinDomain    = "domain"
	JoinWorkgroup = "workgroup"
	JoinCloud     = "entra"  // Microsoft Entra ID alone
	JoinHybrid    = "hybrid" // both
)

// A Computer is the name and membership of the computer.
type Computer struct {
	Name   string `json:"name,omitempty"`
	Domain string `json:"domain,omitempty"` // DNS or NetBIOS name of the domain, or the workgroup's name
	Join   string `json:"join,omitempty"`
}

// An OperatingSystem is the Windows that runs.
type OperatingSystem struct {
	Name     string   `json:"name,omitempty"`    // Windows Server 2019 Standard
	Version  string   `json:"version,omitempty"` // 10.0.17763.1234
	Bits     int      `json:"bits,omitempty"`
	Server   bool     `json:"server,omitempty"`
	Sessions bool     `json:"terminal_server,omitempty"` // the Remote Desktop session host is installed
	CodePage int      `json:"ansi_code_page,omitempty"`
	Updates  []string `json:"updates,omitempty"` // KB5012345 …
}

// An Office is one installed Office.
type Office struct {
	Version  string   `json:"version,omitempty"` // 16.0.14026.20308
	Kind     string   `json:"kind,omitempty"`    // click-to-run or msi
	Channel  string   `json:"channel,omitempty"`
	Products []string `json:"products,omitempty"`
	Bits     int      `json:"bits,omitempty"`
	Path     string   `json:"path,omitempty"`
}

// A Clock is the computer's time when the bundle was made.
type Clock struct {
	Local     time.Time `json:"local,omitzero"`
	Zone      string    `json:"zone,omitempty"`
	OffsetMin int       `json:"utc_offset_minutes"`
	// Skew is by how much the clock is ahead of that of its time source or domain
	// controller, nil when nobody was asked.
	SkewSeconds *float64 `json:"skew_seconds,omitempty"`
	Reference   string   `json:"reference,omitempty"`
}

// Words of Disk.Kind.
const (
	DiskFixed     = "fixed"
	DiskNetwork   = "network"
	DiskRemovable = "removable"
)

// A Disk is one volume.
type Disk struct {
	Root       string `json:"root"` // C:\
	Kind       string `json:"kind,omitempty"`
	FileSystem string `json:"file_system,omitempty"`
	Total      int64  `json:"total_bytes,omitempty"`
	Free       int64  `json:"free_bytes"`
}

// A UserAccount is an account with its groups.
type UserAccount struct {
	Name   string   `json:"name"` // EXAMPLE\svc-mapi
	SID    string   `json:"sid,omitempty"`
	Groups []string `json:"groups,omitempty"` // SIDs, nested ones included; nil when not known
}
