package bundle

import (
	"context"
	"path"
	"slices"
	"strings"

	"oxtail/internal/places"
)

// disks returns the folders of a tree that are disks of Windows: the tree itself, or
// folders that are named like drives.
func (t *tree) disks() []string {
	var out []string
	if t.isDisk(".") {
		return []string{"."}
	}
	entries, err := t.list(".")
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if e.IsDir() && isDrive(e.Name()) && t.isDisk(e.Name()) {
			out = append(out, e.Name())
		}
	}
	return out
}

// isDisk tells a disk of Windows by its folders.
func (t *tree) isDisk(rel string) bool {
	for _, name := range []string{"Users", "Documents and Settings", "Dokumente und Einstellungen", "Windows"} {
		if at := t.resolve(path.Join(rel, name)); at != "" {
			return true
		}
	}
	return false
}

// inDisk reports whether a file lies in one of the disks. Where the tree itself is one,
// its own files, beside the folders of Windows, are not.
func (t *tree) inDisk(rel string, disks []string) bool {
	return slices.ContainsFunc(disks, func(d string) bool { return d != "." && strings.HasPrefix(rel, d+"/") })
}

// disk surveys the known places of all users of a disk.
func (s *survey) disk(ctx context.Context, t *tree, disk string) error {
	for _, home := range []string{"Users", "Documents and Settings", "Dokumente und Einstellungen"} {
		users := t.resolve(path.Join(disk, home))
		if users == "" {
			continue
		}
		entries, err := t.list(users)
		if err != nil {
			s.man.skip(Skipped{Path: t.shown(users), Why: "list the folder: " + err.Error(), Fault: true})
		}
		for _, e := range entries {
			if e.IsDir() {
				if err := s.user(ctx, t, disk, path.Join(users, e.Name())); err != nil {
					return err
				}
			}
		}
	}
	return s.machine(ctx, t, disk)
}

// user surveys what belongs to one user.
func (s *survey) user(ctx context.Context, t *tree, disk, home string) error {
	local := home + "/AppData/Local"
	env := map[string]string{"USERPROFILE": home, "TEMP": local + "/Temp", "LOCALAPPDATA": local, "APPDATA": home + "/AppData/Roaming"}
	if t.resolve(home+"/AppData") == "" { // Windows XP
		delete(env, "LOCALAPPDATA")
		env["TEMP"] = home + "/Local Settings/Temp"
	}
	program := disk + "/Program Files"
	env["ProgramFiles"], env["ProgramFiles(x86)"] = program, program+" (x86)"
	known := places.KnownPlaces(func(name string) string { return strings.ReplaceAll(env[name], "/", `\`) })
	for _, p := range known {
		if err := s.place(ctx, t, p); err != nil {
			return err
		}
	}
	for _, extra := range []struct {
		below    string
		patterns []string
	}{
		{local + "/Microsoft/Outlook", []string{"*.log"}}, // of ScanPST, beside the stores
		{local + "/saralogs/UploadLogs", []string{"*"}},
		{home, []string{"NTUSER.DAT"}},
	} {
		if err := s.place(ctx, t, places.Place{Path: strings.ReplaceAll(extra.below, "/", `\`), Patterns: extra.patterns}); err != nil {
			return err
		}
	}
	return nil
}

// place surveys one place.
func (s *survey) place(ctx context.Context, t *tree, p places.Place) error {
	below := strings.ReplaceAll(p.Path, `\`, "/")
	rel := t.resolve(below)
	if rel == "" {
		s.folder(t, below, p.Recursive, p.Patterns, true)
		return nil
	}
	s.folder(t, rel, p.Recursive, p.Patterns, false)
	return t.walk(ctx, rel, p.Recursive, func(f found) {
		if matchesAny(p.Patterns, path.Base(f.rel)) {
			s.file(t, f)
		}
	}, s.man.skip)
}

// matchesAny compares a name with patterns as places spell them, without letter case.
func matchesAny(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		ok, err := path.Match(strings.ToLower(p), strings.ToLower(name))
		return err == nil && ok
	})
}

// machine surveys what belongs to the computer: hives, event logs, programs.
func (s *survey) machine(ctx context.Context, t *tree, disk string) error {
	for _, p := range machineFolders() {
		p.Path = path.Join(disk, p.Path)
		if err := s.place(ctx, t, p); err != nil {
			return err
		}
	}
	return nil
}

// machineFolders are the places of a computer, below its system drive.
func machineFolders() []places.Place {
	return []places.Place{
		{Path: "Windows/System32/config", Patterns: []string{"SOFTWARE", "SYSTEM"}},
		{Path: "Windows/System32/winevt/Logs", Patterns: []string{"Application.evtx", "OAlerts.evtx"}},
		{Path: "Windows/System32", Patterns: []string{"mapisvc.inf", "mapi32.dll", "fixmapi.exe"}},
		{Path: "Windows/SysWOW64", Patterns: []string{"mapisvc.inf", "mapi32.dll", "fixmapi.exe"}},
		{Path: "Program Files/Open-Xchange", Patterns: []string{"*.dll", "*.exe", "*.inf"}, Recursive: true},
		{Path: "Program Files (x86)/Open-Xchange", Patterns: []string{"*.dll", "*.exe", "*.inf"}, Recursive: true},
		{Path: "Program Files/C4B", Patterns: []string{"atlas.xml", "*.exe"}, Recursive: true},
		{Path: "Program Files (x86)/C4B", Patterns: []string{"atlas.xml", "*.exe"}, Recursive: true},
		{Path: "Program Files/Common Files/System/MSMAPI", Patterns: []string{"*.inf", "*.dll"}, Recursive: true},
		{Path: "Program Files (x86)/Common Files/System/MSMAPI", Patterns: []string{"*.inf", "*.dll"}, Recursive: true},
		{Path: "Program Files/Microsoft Office", Patterns: []string{"outlook.exe", "mapisvc.inf", "emsmdb32.dll", "mspst32.dll"}, Recursive: true},
		{Path: "Program Files (x86)/Microsoft Office", Patterns: []string{"outlook.exe", "mapisvc.inf", "emsmdb32.dll", "mspst32.dll"}, Recursive: true},
	}
}
