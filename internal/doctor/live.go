package doctor

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"time"

	"oxtail/internal/machine"
	"oxtail/parser/pe"
	"oxtail/parser/winpath"
)

// liveSource names the running computer as evidence.
const liveSource = "this computer"

// Live takes the facts of the running computer that are not in its registry. What could
// not be found out is a Fault.
func (g *Gatherer) Live(ctx context.Context, now time.Time) {
	services, err := LiveServices()
	g.liveFault(err)
	if err == nil {
		g.facts.services = append(g.facts.services, sourcedServices{liveSource, services})
	}
	processes, err := LiveProcesses(ctx, now)
	g.liveFault(err)
	if err == nil {
		g.facts.processes = append(g.facts.processes, sourcedProcesses{liveSource, processes})
	}
	system, err := LiveSystem(now)
	g.liveFault(err)
	g.facts.systems = append(g.facts.systems, sourcedSystem{liveSource, system})
	g.addServiceAccounts(services)
	g.facts.look = lookAt(system.Disks)
}

func (g *Gatherer) liveFault(err error) {
	if err != nil {
		g.fault(liveSource, "%v", err)
	}
}

// LiveServices lists the services of the running computer. Their accounts are in the
// registry.
func LiveServices() (Services, error) {
	list, err := machine.ServiceStates()
	out := Services{Schema: ServicesSchema, Complete: err == nil, Services: []Service{}}
	for _, s := range list {
		out.Services = append(out.Services, Service{Name: s.Name, Display: s.Display, State: s.State, PID: s.PID})
	}
	return out, err
}

// LiveProcesses lists the running programs.
func LiveProcesses(ctx context.Context, now time.Time) (Processes, error) {
	list, err := machine.Programs(ctx)
	out := Processes{Schema: ProcessesSchema, Taken: now.UTC(), Complete: err == nil, Processes: []Process{}}
	for _, p := range list {
		out.Processes = append(out.Processes, Process{
			PID: p.PID, Name: p.Name, Path: p.Path, Started: p.Started, User: p.User, Session: p.Session, Elevated: p.Elevated, Bits: p.Bits, Modules: p.Modules,
		})
	}
	return out, err
}

// LiveSystem describes the running computer. Of what cannot be found out the error tells;
// the rest is good.
func LiveSystem(now time.Time) (System, error) {
	zone, offset := now.Zone()
	s := System{Schema: SystemSchema, Clock: Clock{Local: now, Zone: zone, OffsetMin: offset / 60}}
	joined, err1 := machine.Joined()
	s.Computer = Computer{Name: joined.Computer, Domain: joined.Name, Join: JoinWorkgroup}
	if joined.IsDomain {
		s.Computer.Join = JoinDomain
	}
	if err1 != nil {
		s.Computer.Join = ""
	}
	release, err2 := machine.WindowsRelease()
	s.OS = OperatingSystem{Version: release.Version, Bits: release.Bits, Server: release.Server, CodePage: release.CodePage}
	volumes, err3 := machine.Volumes()
	for _, v := range volumes {
		s.Disks = append(s.Disks, Disk{Root: v.Root, Kind: v.Kind, FileSystem: v.FileSystem, Total: v.Total, Free: v.Free})
	}
	self, err4 := machine.Self()
	if err4 == nil {
		s.User, s.Elevated, s.Bits = &UserAccount{Name: self.User, SID: self.SID}, &self.Elevated, self.Bits
	}
	return s, errors.Join(err1, err2, err3, err4)
}

// addServiceAccounts takes the groups of the accounts that run the vendor's services, from
// the running services themselves: no server is asked.
func (g *Gatherer) addServiceAccounts(services Services) {
	if len(g.facts.systems) == 0 {
		return
	}
	accounts, _, _ := g.facts.allServices()
	system := &g.facts.systems[len(g.facts.systems)-1]
	for _, s := range services.Services {
		i := slices.IndexFunc(accounts, func(a Service) bool { return strings.EqualFold(a.Name, s.Name) && a.Account != "" })
		if s.PID == 0 || i < 0 || !strings.Contains(accounts[i].Account, `\`) && !strings.Contains(accounts[i].Account, "@") {
			continue
		}
		if groups, err := machine.GroupsOf(s.PID); err == nil { // else the check stays unknown, and says so
			system.Accounts = append(system.Accounts, UserAccount{Name: accounts[i].Account, Groups: groups})
		}
	}
}

// lookAt gives a function that looks for a file on the local drives. Other computers are
// not asked: a path in the registry is no address that the user gave.
func lookAt(disks []Disk) func(path string) (ListedFile, bool, error) {
	return func(path string) (ListedFile, bool, error) {
		path = winpath.Clean(path)
		local := slices.ContainsFunc(disks, func(d Disk) bool {
			return d.Kind == DiskFixed && len(path) > len(d.Root) && strings.EqualFold(path[:len(d.Root)], d.Root)
		})
		if !local || strings.Contains(path, "%") {
			return ListedFile{}, false, errors.New(path + " is not on a local drive")
		}
		in, err := machine.OpenProgram(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return ListedFile{}, false, nil
		case err != nil:
			return ListedFile{}, false, err
		}
		defer in.Close() // read only: nothing is lost when closing fails
		info, err := in.Stat()
		if err != nil {
			return ListedFile{}, false, err
		}
		f := ListedFile{Path: path, Bytes: info.Size(), Modified: info.ModTime().UTC()}
		if ext := winpath.Ext(path); ext == ".dll" || ext == ".exe" {
			about, _ := pe.Read(in, info.Size()) // what is not readable stays empty
			f.Version, f.Product, f.Machine = about.Version, about.Product, about.Machine
		}
		return f, true, nil
	}
}

// AddLiveFiles looks for the programs and DLLs that checks ask for, in the folders where
// they usually are. Paths of the registry say where Office is.
func (g *Gatherer) AddLiveFiles() {
	f := &g.facts
	if f.look == nil {
		return
	}
	for _, dir := range f.mapiFolders() {
		for _, name := range []string{"OUTLOOK.EXE", "olmapi32.dll", "msmapi32.dll", "emsmdb32.dll", "emsabp32.dll", "emsui32.dll", "mspst32.dll", "contab32.dll", "MapiSvc.inf",
			"emsabp32.old", "emsmdb32.old", "emsui32.old", "emsabp32.dll.old", "emsmdb32.dll.old", "emsui32.dll.old"} {
			if file, there, err := f.look(dir + `\` + name); err == nil && there {
				f.files.add(file, liveSource)
			}
		}
		f.files.addFolder(ListedPath{Path: dir, Complete: true, Patterns: []string{"OUTLOOK.EXE", "olmapi32.dll", "msmapi32.dll", "ems*", "mspst32.dll", "contab32.dll"}})
	}
}

// mapiFolders lists the folders of Outlook and its MAPI modules.
func (f *Facts) mapiFolders() []string {
	var out []string
	add := func(dir string) {
		dir = strings.TrimRight(dir, `\`)
		if dir != "" && !slices.ContainsFunc(out, func(o string) bool { return winpath.Equal(o, dir) }) {
			out = append(out, dir)
		}
	}
	if exe := f.value(`HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\OUTLOOK.EXE`, "", view64).Is; exe != "" {
		add(winpath.Dir(strings.Trim(exe, `"`)))
	}
	lcids := []string{"1033", "1031"}
	if root := f.value(c2rKey, "InstallationPath", view64).Is; root != "" {
		add(root + `\root\Office16`)
		for _, lcid := range lcids {
			add(root + `\root\VFS\ProgramFilesCommonX64\System\MSMAPI\` + lcid)
			add(root + `\root\VFS\ProgramFilesCommonX86\System\MSMAPI\` + lcid)
		}
	}
	for _, name := range []string{"CommonFilesDir", "CommonFilesDir (x86)"} {
		if common := f.value(`HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion`, name, view64).Is; common != "" {
			for _, lcid := range lcids {
				add(common + `\System\MSMAPI\` + lcid)
			}
		}
	}
	return out
}
