package bundle

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"path"
	"path/filepath"
	"strings"

	"oxtail/internal/doctor"
	"oxtail/internal/redact"
	"oxtail/internal/source"
	"oxtail/parser/pe"
	"oxtail/parser/store"
)

// A survey finds what is to be collected, and what is not.
type survey struct {
	opts  *Options
	man   *Manifest
	items []*item
	list  doctor.FileList
	taken map[string]bool   // paths of trees that were looked at
	each  func(name string) // is told of every one, if set
}

// tree surveys one tree: the known places, if it looks like a disk of Windows, else all.
func (s *survey) tree(ctx context.Context, t *tree, only string) error {
	if only != "" {
		return t.walk(ctx, ".", false, func(f found) {
			if f.rel == only {
				s.file(t, f)
			}
		}, s.man.skip)
	}
	disks := t.disks()
	if len(disks) == 0 {
		s.folder(t, ".", true, nil, false)
		return t.walk(ctx, ".", true, func(f found) { s.file(t, f) }, s.man.skip)
	}
	// What lies beside the disks was put there on purpose: exports, reports.
	if err := t.walk(ctx, ".", disks[0] != ".", func(f found) {
		if !t.inDisk(f.rel, disks) {
			s.file(t, f)
		}
	}, s.man.skip); err != nil {
		return err
	}
	for _, d := range disks {
		if err := s.disk(ctx, t, d); err != nil {
			return err
		}
	}
	return nil
}

// file takes a file for what it holds.
func (s *survey) file(t *tree, f found) {
	id := t.shown(f.rel)
	if s.taken[id] {
		return
	}
	s.taken[id] = true
	if s.isOwn(id) {
		return
	}
	if s.each != nil {
		s.each(filepath.Join(t.name, filepath.FromSlash(f.rel)))
	}
	base := strings.ToLower(path.Base(f.rel))
	if isCache(base) {
		s.listed(t, f, nil)
		return
	}
	head, err := t.head(f.rel, sniffBytes)
	if err != nil {
		s.locked(t, f, err)
		return
	}
	if bytes.Contains(head[:min(len(head), 200)], []byte(redact.SchemaKey)) {
		s.skip(t, f, "is a redaction key, which stays with its owner", false)
		return
	}
	kind, what := source.Sniff(head)
	switch kind {
	case source.KindLog:
		s.log(t, f, base)
	case source.KindProfile:
		s.add(t, f, &item{folder: "registry", kind: kindRegistry, priority: prioRegistry})
	case source.KindHive:
		s.hive(t, f, base)
	case source.KindStore:
		s.listed(t, f, head[:min(len(head), storeHeadBytes)])
	case source.KindEvtx:
		s.events(t, f)
	case source.KindArchive:
		s.archive(t, f, head)
	case source.KindItem:
		s.item(t, f, head)
	default:
		switch {
		case what == "Windows program":
			s.program(t, f)
		case strings.HasPrefix(base, "oxtst") || strings.HasSuffix(base, ".log"):
			s.log(t, f, base) // it may be damaged, and text nevertheless
		default:
			s.skip(t, f, "is no log: "+what, false)
		}
	}
}

// isOwn knows what collecting itself writes: its output may lie in what is collected.
func (s *survey) isOwn(name string) bool {
	out := filepath.ToSlash(filepath.Clean(s.opts.Output))
	return s.opts.Output != "" && (name == out || strings.HasPrefix(name, out+workSuffix+"/"))
}

// isCache knows cache files and stores by their names: they may be held, and their
// contents are never read.
func isCache(base string) bool {
	for _, ext := range []string{".odb", ".psz", ".ost", ".pst", ".nst"} {
		if strings.HasSuffix(base, ext) || strings.Contains(base, ext+".") {
			return !strings.HasSuffix(base, ".log")
		}
	}
	return false
}

// log takes a text, by its name.
func (s *survey) log(t *tree, f found, base string) {
	it := &item{folder: "logs", kind: kindLog, priority: prioOther}
	switch {
	case base == "mapisvc.inf":
		it = &item{folder: "mapisvc", kind: kindServices, priority: prioRegistry}
	case strings.HasPrefix(base, "oxtstore") || strings.HasPrefix(base, "oxstor"):
		it.priority = prioProvider
	case strings.HasSuffix(base, ".xml") || strings.HasSuffix(base, ".csv") || strings.HasSuffix(base, ".json"):
		it.priority = prioEvents
	case strings.HasSuffix(base, ".log") || strings.HasSuffix(base, ".txt"):
		it.priority = prioOutlook
	}
	if it.kind == kindLog && !s.opts.Since.IsZero() && f.modified.Before(s.opts.Since) {
		s.skip(t, f, "was last changed before --since", false)
		return
	}
	s.add(t, f, it)
}

// add adds an item for a file as it is.
func (s *survey) add(t *tree, f found, it *item) {
	it.source, it.size, it.modified = t.shown(f.rel), f.size, f.modified
	it.name = safePath(t.prefix + f.rel)
	if it.open == nil {
		it.open = func() (io.ReadCloser, error) { return t.part(f.rel, it.from, f.size) }
	}
	s.items = append(s.items, it)
}

// part opens a range of a file. A log that grows is taken up to the size that it had, so
// that both passes see the same bytes.
func (t *tree) part(rel string, from, size int64) (io.ReadCloser, error) {
	f, err := t.open(rel)
	if err != nil {
		return nil, err
	}
	if _, err := f.Seek(from, io.SeekStart); err != nil {
		f.Close() // the error that matters is the one before
		return nil, cause(err)
	}
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(f, size-from), f}, nil
}

// item decides about mail items. Their bodies are what people wrote to one another.
func (s *survey) item(t *tree, f found, head []byte) {
	isText := strings.HasPrefix(string(head), `{\rtf`)
	switch {
	case !s.opts.WithSyncLogs:
		s.skip(t, f, "is a mail item; --with-sync-logs takes saved synchronization logs along", false)
	case !isText || !strings.Contains(string(head), "ynchroni"):
		s.skip(t, f, "is a mail item that is no saved synchronization log in RTF; save it as text", false)
	default:
		s.log(t, f, path.Base(f.rel))
	}
}

// locked tells of a file that cannot be read. A store that a program holds is listed all
// the same.
func (s *survey) locked(t *tree, f found, err error) {
	s.man.skip(Skipped{Path: t.shown(f.rel), Why: "read: " + err.Error(), Bytes: f.size, Fault: true})
}

func (s *survey) skip(t *tree, f found, why string, fault bool) {
	s.man.skip(Skipped{Path: t.shown(f.rel), Why: why, Bytes: f.size, Fault: fault})
}

// listed notes that a cache file or store is there. Its contents stay where they are.
func (s *survey) listed(t *tree, f found, head []byte) {
	entry := doctor.ListedFile{Path: windowsPath(t.prefix + f.rel), Bytes: f.size, Modified: f.modified.UTC()}
	base := strings.ToLower(path.Base(f.rel))
	if head == nil && !strings.Contains(base, ".odb") && !strings.Contains(base, ".psz") {
		var err error
		if head, err = t.head(f.rel, storeHeadBytes); err != nil {
			entry.Held = true
		}
	}
	if n := min(len(head), store.HeaderBytes); store.ReadHeader(bytes.NewReader(head), f.size).Parsed() {
		entry.Head = base64.StdEncoding.EncodeToString(head[:n]) // what follows may be content
	}
	s.addListed(entry)
}

// program notes version and machine of a program.
func (s *survey) program(t *tree, f found) {
	entry := doctor.ListedFile{Path: windowsPath(t.prefix + f.rel), Bytes: f.size, Modified: f.modified.UTC()}
	if in, err := t.open(f.rel); err == nil {
		info, _ := pe.Read(in, f.size) // without a version resource the rest is good
		entry.Version, entry.Product, entry.Machine = info.Version, info.Product, info.Machine
		in.Close() // read only: nothing is lost when closing fails
	}
	s.addListed(entry)
}

func (s *survey) addListed(entry doctor.ListedFile) {
	if len(s.list.Files) >= maxListed {
		s.man.skip(Skipped{Path: entry.Path, Why: "the listing is full", Fault: true})
		return
	}
	s.list.Files = append(s.list.Files, entry)
}

// folder notes that a folder was listed.
func (s *survey) folder(t *tree, rel string, deep bool, patterns []string, missing bool) {
	if path.Base(rel) == "." || rel == "" {
		return // it has no path of Windows
	}
	s.list.Folders = append(s.list.Folders, doctor.ListedPath{Path: windowsPath(t.prefix + rel), Recursive: deep, Complete: true, Patterns: patterns, Missing: missing})
}

// windowsPath is the path that a file of a tree had on its computer: "C/Users/anna" is
// C:\Users\anna. Other paths stay relative.
func windowsPath(rel string) string {
	rel = strings.TrimPrefix(rel, "./")
	if drive, rest, ok := strings.Cut(rel, "/"); ok && isDrive(drive) {
		return strings.ToUpper(drive[:1]) + `:\` + strings.ReplaceAll(rest, "/", `\`)
	}
	return strings.ReplaceAll(rel, "/", `\`)
}

// isDrive knows the folder that stands for a drive: "C", "C:", "C_".
func isDrive(name string) bool {
	if len(name) == 0 || len(name) > 2 || len(name) == 2 && name[1] != ':' && name[1] != '_' {
		return false
	}
	return name[0]|0x20 >= 'a' && name[0]|0x20 <= 'z'
}

// safePath makes a path of a tree fit for an archive that any system unpacks: no part
// that leads out, no characters that Windows refuses.
func safePath(rel string) string {
	var parts []string
	for part := range strings.SplitSeq(strings.ReplaceAll(rel, `\`, "/"), "/") {
		part = strings.Map(func(r rune) rune {
			if r < ' ' || strings.ContainsRune(`<>:"|?*`, r) {
				return '_'
			}
			return r
		}, strings.TrimRight(part, ". "))
		if part == "" || part == "." || part == ".." {
			continue
		}
		parts = append(parts, part)
	}
	if len(parts) == 0 {
		return "_"
	}
	return strings.Join(parts, "/")
}
