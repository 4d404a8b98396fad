package bundle

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"oxtail/internal/places"
	"oxtail/parser/profile"
	"oxtail/parser/regfile"
)

// live surveys the known places of the running computer, drive by drive.
func (s *survey) live(ctx context.Context) error {
	drives := map[string]*tree{}
	all := places.KnownPlaces(s.opts.Env)
	if local := s.opts.Env("LOCALAPPDATA"); local != "" {
		all = append(all,
			places.Place{Path: local + `\Microsoft\Outlook`, Patterns: []string{"*.log"}},
			places.Place{Path: local + `\saralogs\UploadLogs`, Patterns: []string{"*"}})
	}
	for _, p := range append(all, s.machinePlaces()...) {
		drive, below, ok := strings.Cut(p.Path, `:\`)
		if !ok || len(drive) != 1 {
			s.man.skip(Skipped{Path: p.Path, Why: "is on no drive of this computer; give it as PATH"})
			continue
		}
		t, err := openDrive(drives, drive)
		if err != nil {
			s.man.skip(Skipped{Path: p.Path, Why: cause(err).Error(), Fault: true})
			continue
		}
		p.Path = below
		if err := s.place(ctx, t, p); err != nil {
			return err
		}
	}
	return nil
}

// machinePlaces are the places of the computer, below its own folders.
func (s *survey) machinePlaces() []places.Place {
	var out []places.Place
	for _, p := range machineFolders() {
		first, below, _ := strings.Cut(p.Path, "/")
		variable := map[string]string{"Windows": "windir", "Program Files": "ProgramFiles", "Program Files (x86)": "ProgramFiles(x86)"}[first]
		root := s.opts.Env(variable)
		if root == "" || strings.HasSuffix(below, "config") || strings.HasSuffix(below, "Logs") {
			continue // hives and event logs are held by Windows; it exports them
		}
		p.Path = root + `\` + strings.ReplaceAll(below, "/", `\`)
		out = append(out, p)
	}
	return out
}

func openDrive(drives map[string]*tree, drive string) (*tree, error) {
	drive = strings.ToUpper(drive)
	if t := drives[drive]; t != nil {
		return t, nil
	}
	t, _, err := openTree(drive + `:\`)
	if err != nil {
		return nil, err
	}
	t.prefix = drive + "/"
	drives[drive] = t
	return t, nil
}

// ExportRegistry writes the places of a registry that matter into a folder, one file each.
// root has the predefined keys by their full names. What could not be read is told.
func ExportRegistry(root profile.Key, folder string) ([]string, error) {
	var wanted []string
	for _, p := range userPlaces() {
		wanted = append(wanted, `HKEY_CURRENT_USER\`+p)
	}
	for _, p := range softwarePlaces() {
		wanted = append(wanted, `HKEY_LOCAL_MACHINE\SOFTWARE\`+p)
	}
	for _, p := range systemPlaces() {
		wanted = append(wanted, `HKEY_LOCAL_MACHINE\SYSTEM\`+strings.Replace(p, "ControlSet001", "CurrentControlSet", 1))
	}
	var problems []string
	for _, place := range wanted {
		key, err := profile.Find(root, place)
		if err != nil {
			problems = append(problems, fmt.Sprintf("read %s: %v", place, err))
		}
		if key == nil {
			continue
		}
		if err := exportTo(filepath.Join(folder, safePath(strings.NewReplacer(`\`, "-", " ", "").Replace(place))+".reg"), place, key); err != nil {
			return problems, err
		}
	}
	return problems, nil
}

func exportTo(name, place string, key profile.Key) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, outPerm)
	if err != nil {
		return err
	}
	if err := errors.Join(regfile.Write(f, place, key), f.Close()); err != nil {
		return fmt.Errorf("export %s: %w", place, err)
	}
	return nil
}
