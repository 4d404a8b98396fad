package machine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Programs lists the running programs but this one. What this user may not see of a
// program stays empty; the modules are those of programs that use MAPI.
func Programs(ctx context.Context) ([]Program, error) {
	all, err := processes(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]Program, 0, len(all))
	for _, p := range all {
		d := describe(p, nil)
		prog := Program{PID: int(p.pid), Name: p.name, Path: d.Path, Started: d.Started, User: d.User, Session: int(d.Session)}
		prog.look(p.pid)
		out = append(out, prog)
	}
	return out, ctx.Err()
}

// look finds out rights, width and MAPI modules of a process.
func (p *Program) look(pid uint32) {
	h, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, pid)
	if err != nil {
		return
	}
	defer windows.CloseHandle(h) // read only: nothing is lost when closing fails
	p.Bits = widthOf(h)
	var token windows.Token
	if windows.OpenProcessToken(h, windows.TOKEN_QUERY, &token) == nil {
		elevated := token.IsElevated()
		p.Elevated = &elevated
		_ = token.Close() // read only
	}
	modules, err := modulesOf(pid)
	if err != nil {
		return
	}
	for _, m := range modules {
		if lower := strings.ToLower(m); strings.Contains(lower, "mapi") || strings.HasPrefix(lower, "emsmdb") || strings.HasPrefix(lower, "mspst") || strings.HasPrefix(lower, "oxstor") {
			p.Modules = append(p.Modules, m)
		}
	}
}

// widthOf tells the bits of a process.
func widthOf(h windows.Handle) int {
	var isOld bool
	if err := windows.IsWow64Process(h, &isOld); err != nil {
		return 0
	}
	if isOld || windowsBits() == bits32 {
		return bits32
	}
	return bits64
}

// windowsBits tells the bits of Windows.
func windowsBits() int {
	var isOld bool
	if unsafe.Sizeof(uintptr(0)) == 8 {
		return bits64
	}
	if err := windows.IsWow64Process(windows.CurrentProcess(), &isOld); err == nil && isOld {
		return bits64
	}
	return bits32
}

// Volumes lists the drives. Those of the network are named, but not asked: a server that
// does not answer would hold the caller up.
func Volumes() ([]Volume, error) {
	mask, err := windows.GetLogicalDrives()
	if err != nil {
		return nil, fmt.Errorf("list the drives: %w", err)
	}
	var out []Volume
	for i := range 26 {
		if mask&(1<<i) == 0 {
			continue
		}
		v := Volume{Root: string(rune('A'+i)) + `:\`}
		root, err := windows.UTF16PtrFromString(v.Root)
		if err != nil {
			return out, fmt.Errorf("name the drive %s: %w", v.Root, err)
		}
		switch windows.GetDriveType(root) {
		case windows.DRIVE_FIXED:
			v.Kind = "fixed"
			v.measure(root)
		case windows.DRIVE_REMOTE:
			v.Kind = "network"
		case windows.DRIVE_REMOVABLE, windows.DRIVE_CDROM:
			v.Kind = "removable"
		default:
			continue
		}
		out = append(out, v)
	}
	return out, nil
}

// measure asks a drive for its space. A drive without a medium has none.
func (v *Volume) measure(root *uint16) {
	const most = 1<<63 - 1
	var free, total, all uint64
	if windows.GetDiskFreeSpaceEx(root, &free, &total, &all) == nil {
		v.Free, v.Total = int64(min(free, most)), int64(min(total, most))
	}
	name := make([]uint16, windows.MAX_PATH+1)
	if windows.GetVolumeInformation(root, nil, 0, nil, nil, nil, &name[0], uint32(len(name))) == nil {
		v.FileSystem = windows.UTF16ToString(name)
	}
}

// Joined tells to what the computer is joined, as this computer has noted it.
func Joined() (Membership, error) {
	var m Membership
	var err error
	if m.Computer, err = windows.ComputerName(); err != nil {
		return m, fmt.Errorf("find out the computer's name: %w", err)
	}
	var name *uint16
	var status uint32
	if err := windows.NetGetJoinInformation(nil, &name, &status); err != nil {
		return m, fmt.Errorf("find out the computer's domain: %w", err)
	}
	m.Name, m.IsDomain = windows.UTF16PtrToString(name), status == windows.NetSetupDomainName
	return m, windows.NetApiBufferFree((*byte)(unsafe.Pointer(name)))
}

// WindowsRelease tells the version of Windows.
func WindowsRelease() (Release, error) {
	v := windows.RtlGetVersion()
	const workstation = 1 // VER_NT_WORKSTATION
	return Release{
		Version: fmt.Sprintf("%d.%d.%d", v.MajorVersion, v.MinorVersion, v.BuildNumber), Server: v.ProductType != workstation,
		Bits: windowsBits(), CodePage: int(windows.GetACP()),
	}, nil
}

// maxServices bounds the list of services; Windows has some 300.
const maxServices = 10_000

// ServiceStates lists the services that are programs.
func ServiceStates() ([]ServiceState, error) {
	manager, err := windows.OpenSCManager(nil, nil, windows.SC_MANAGER_ENUMERATE_SERVICE)
	if err != nil {
		return nil, fmt.Errorf("open the service manager: %w", err)
	}
	defer windows.CloseServiceHandle(manager) // read only: nothing is lost when closing fails
	var buf []byte
	var needed, count uint32
	for range snapshotTries {
		var first *byte
		if len(buf) > 0 {
			first = &buf[0]
		}
		err = windows.EnumServicesStatusEx(manager, windows.SC_ENUM_PROCESS_INFO, windows.SERVICE_WIN32, windows.SERVICE_STATE_ALL, first, uint32(len(buf)), &needed, &count, nil, nil)
		if !errors.Is(err, windows.ERROR_MORE_DATA) {
			break
		}
		buf = make([]byte, len(buf)+int(needed))
	}
	if err != nil {
		return nil, fmt.Errorf("list the services: %w", err)
	}
	if count == 0 || count > maxServices {
		return nil, fmt.Errorf("list the services: %d of them", count)
	}
	var out []ServiceState
	for _, s := range unsafe.Slice((*windows.ENUM_SERVICE_STATUS_PROCESS)(unsafe.Pointer(&buf[0])), count) {
		out = append(out, ServiceState{
			Name: windows.UTF16PtrToString(s.ServiceName), Display: windows.UTF16PtrToString(s.DisplayName),
			State: stateName(s.ServiceStatusProcess.CurrentState), PID: int(s.ServiceStatusProcess.ProcessId),
		})
	}
	return out, nil
}

// stateName names the state of a service.
func stateName(state uint32) string {
	switch state {
	case windows.SERVICE_RUNNING:
		return "running"
	case windows.SERVICE_STOPPED:
		return "stopped"
	case windows.SERVICE_PAUSED:
		return "paused"
	}
	return "changing"
}

// GroupsOf gives the SIDs of the groups that a running program has, nested ones too.
// That is how the groups of a service account are known without asking a server.
func GroupsOf(pid int) ([]string, error) {
	h, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, uint32(pid))
	if err != nil {
		return nil, fmt.Errorf("open process %d: %w", pid, err)
	}
	defer windows.CloseHandle(h) // read only: nothing is lost when closing fails
	var token windows.Token
	if err := windows.OpenProcessToken(h, windows.TOKEN_QUERY, &token); err != nil {
		return nil, fmt.Errorf("read the rights of process %d: %w", pid, err)
	}
	defer token.Close() // read only: nothing is lost when closing fails
	groups, err := token.GetTokenGroups()
	if err != nil {
		return nil, fmt.Errorf("read the groups of process %d: %w", pid, err)
	}
	out := []string{}
	for _, g := range groups.AllGroups() {
		out = append(out, g.Sid.String())
	}
	return out, nil
}

// Self tells who runs this program.
func Self() (Standing, error) {
	token := windows.GetCurrentProcessToken()
	user, err := token.GetTokenUser()
	if err != nil {
		return Standing{}, fmt.Errorf("find out the current user: %w", err)
	}
	return Standing{
		User: accountName(user.User.Sid), SID: user.User.Sid.String(), Elevated: token.IsElevated(), Bits: int(unsafe.Sizeof(uintptr(0))) * 8,
	}, nil
}

// OpenProgram opens a program or DLL to be read, while others use it.
func OpenProgram(path string) (*os.File, error) {
	if err := checkName(path); err != nil {
		return nil, err
	}
	return openShared(path)
}
