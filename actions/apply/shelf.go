package apply

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"oxtail/parser/winpath"
)

// ReadManifest reads the list of a backup.
func ReadManifest(ctx context.Context, m Machine, id string) (*Manifest, error) {
	if id == "" || strings.ContainsAny(id, `\/:*?"<>|`) || id == ".." || id == "." {
		return nil, fmt.Errorf("%q is no id of a backup", id)
	}
	folder := m.StateFolder() + backupFolder + `\` + id
	data, err := readFile(ctx, m, folder+`\`+manifestName, maxManifest)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, refuse("oxtail backup list shows those that there are", "there is no backup %s", id)
	}
	if err != nil {
		return nil, err
	}
	var list Manifest
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, fmt.Errorf("read %s: %w", folder+`\`+manifestName, err)
	}
	if list.Schema != ManifestSchema || list.ID != id {
		return nil, fmt.Errorf("read %s: schema %q and id %q; want %q and %q", folder+`\`+manifestName, list.Schema, list.ID, ManifestSchema, id)
	}
	for _, s := range list.Saved {
		if strings.ContainsAny(s.File, `\/:`) || s.File == ".." {
			return nil, fmt.Errorf("read %s: %q is no file of the backup", folder+`\`+manifestName, s.File)
		}
	}
	list.Folder = folder
	return &list, nil
}

// Backups lists the backups that the journal knows and that are still there, oldest
// first.
func Backups(ctx context.Context, m Machine) ([]Manifest, error) {
	check, err := CheckJournal(ctx, m)
	if err != nil {
		return nil, err
	}
	var out []Manifest
	for _, id := range backupIDs(check.Entries) {
		list, err := ReadManifest(ctx, m, id)
		if isRefusal(err) {
			continue // pruned, or never finished
		}
		if err != nil {
			return nil, err
		}
		out = append(out, *list)
	}
	return out, nil
}

// backupIDs lists the ids in the journal, each once, in order.
func backupIDs(entries []Entry) []string {
	var out []string
	for _, e := range entries {
		if e.Op != nil && e.Op.Name == OpBackUp && !slices.Contains(out, e.Op.Backup) {
			out = append(out, e.Op.Backup)
		}
	}
	return out
}

// Check compares the files of a backup with its manifest, and says what is wrong.
func (list *Manifest) Check(ctx context.Context, m Machine) []string {
	var out []string
	for _, s := range list.Saved {
		if s.File == "" {
			continue
		}
		if err := compareFile(ctx, m, list.Folder+`\`+s.File, s.SHA256); err != nil {
			out = append(out, err.Error())
		}
	}
	return out
}

// read reads a file of a backup and compares its checksum.
func (list *Manifest) read(ctx context.Context, m Machine, s Saved, most int64) ([]byte, error) {
	path := list.Folder + `\` + s.File
	if err := compareFile(ctx, m, path, s.SHA256); err != nil {
		return nil, err
	}
	return readFile(ctx, m, path, most)
}

// A Pruned is a file that was removed for good, or could not be.
type Pruned struct {
	Path  string `json:"path"`
	Bytes int64  `json:"bytes"`
	Error string `json:"error,omitempty"`
}

// A PrunePlan is what Prune would remove: whole backups, and the renamed cache files of
// their runs.
type PrunePlan struct {
	Backups []Manifest
	Renamed []File // files that end in .old and were renamed by a run of one of the backups
	runs    []string
}

// Bytes is how much space it would free.
func (p *PrunePlan) Bytes() int64 {
	var n int64
	for i := range p.Backups {
		n += p.Backups[i].Bytes
	}
	for _, f := range p.Renamed {
		n += f.Bytes
	}
	return n
}

// PlanPrune finds what is older than age, but the newest keep backups. A run that is not
// finished keeps its backup.
func PlanPrune(ctx context.Context, m Machine, age time.Duration, keep int) (*PrunePlan, error) {
	check, err := CheckJournal(ctx, m)
	if err != nil {
		return nil, err
	}
	if !check.Sound() {
		return nil, fmt.Errorf("%w: %s", ErrTampered, check.Faults[0])
	}
	all, err := Backups(ctx, m)
	if err != nil {
		return nil, err
	}
	p := &PrunePlan{}
	open := openRuns(check.Entries)
	for i := range all[:max(0, len(all)-keep)] {
		if m.Now().Sub(all[i].Time) >= age && !slices.Contains(open, all[i].Run) {
			p.Backups, p.runs = append(p.Backups, all[i]), append(p.runs, all[i].Run)
		}
	}
	for _, e := range check.Entries {
		if e.Event != EventOpEnd || e.Error != "" || e.Op == nil || e.Op.Name != OpRename || !slices.Contains(p.runs, e.Run) || !isOld(e.Op.To) {
			continue
		}
		if f, err := m.Stat(ctx, e.Op.To); err == nil {
			p.Renamed = append(p.Renamed, f)
		}
	}
	return p, nil
}

// isOld reports whether a name is one that a rename of ours gives.
func isOld(path string) bool {
	return strings.HasPrefix(strings.TrimRight(winpath.Ext(path), "0123456789"), ".old")
}

// Prune removes what was planned. Files outside of the folder of the state are moved
// there first: nothing else is ever removed.
func (p *PrunePlan) Prune(ctx context.Context, m Machine, j *Journal) ([]Pruned, error) {
	var out []Pruned
	for i := range p.Backups {
		list := &p.Backups[i]
		if err := j.Write(ctx, Entry{Run: list.Run, Event: EventPrune, Text: "backup " + list.ID}); err != nil {
			return out, err
		}
		files, err := m.List(ctx, list.Folder)
		if err != nil {
			return out, fmt.Errorf("look into %s: %w", list.Folder, err)
		}
		for _, f := range files {
			out = append(out, removed(f.Path, f.Bytes, m.Remove(ctx, f.Path)))
		}
	}
	for _, f := range p.Renamed {
		if err := j.Write(ctx, Entry{Event: EventPrune, Text: f.Path, Before: []string{sizeOf(f.Bytes)}}); err != nil {
			return out, err
		}
		to, err := freeName(ctx, m, m.StateFolder()+`\trash\`+winpath.Base(f.Path))
		if err == nil {
			err = m.Rename(ctx, f.Path, to)
		}
		if err == nil {
			err = m.Remove(ctx, to)
		}
		out = append(out, removed(f.Path, f.Bytes, err))
	}
	return out, nil
}

func removed(path string, bytes int64, err error) Pruned {
	p := Pruned{Path: path, Bytes: bytes}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		p.Error = err.Error()
	}
	return p
}
