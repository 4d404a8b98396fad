package twin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"oxtail/actions"
	"oxtail/actions/apply"
	"oxtail/internal/doctor"
	"oxtail/internal/source"
	hivefile "oxtail/parser/hive"
	"oxtail/parser/profile"
	"oxtail/parser/regfile"
	"oxtail/parser/winpath"
)

// Limits of evidence that is made into a twin.
const (
	maxRegistryBytes = 768 << 20 // of one .reg file or hive, as package evidence has it
	maxFileBytes     = 64 << 20  // of one file; of larger ones the beginning is kept
	maxTotalBytes    = 512 << 20 // of all files; then only beginnings are kept
	headBytes        = actions.HeadBytes
	maxFiles         = 100_000
	maxJSONBytes     = 16 << 20
)

// LoadOptions say whose computer the twin is.
type LoadOptions struct {
	User     string            // Windows user of the profiles, "" when not known
	Root     string            // key of the profiles that must be there
	Profile  string            // its name, as stored
	Evidence string            // file that the profile was read from, if it is among the paths
	Now      time.Time         // for evidence that does not tell
	Env      map[string]string // by upper-case name
	Mappings []profile.Mapping
	Silent   []string // services whose providers take their configuration without a dialog
}

// A registry tree of the evidence.
type tree struct {
	path string
	user string // SID or hive name where a file holds several
	key  profile.Key
}

// A loader collects the evidence of a twin.
type loader struct {
	o       LoadOptions
	trees   []tree
	files   []File // with Windows paths
	loose   []File // with the paths of the evidence
	state   *kept  // of a twin that was kept
	system  *doctor.System
	procs   *doctor.Processes
	lists   []doctor.FileList
	total   int64
	notes   []string
	streams int
}

// Load makes a twin of evidence. The notes are about what was not, or not fully, used.
func Load(ctx context.Context, paths []string, walk source.Options, o LoadOptions) (*Twin, []string, error) {
	l := &loader{o: o}
	skipped, err := source.Walk(ctx, paths, walk, l.add)
	if err != nil {
		return nil, nil, err
	}
	for _, s := range skipped {
		l.note("%v", s.Err)
	}
	if l.streams == 0 {
		return nil, nil, fmt.Errorf("there is nothing to read in %s", strings.Join(paths, ", "))
	}
	t, err := l.twin()
	return t, l.notes, err
}

func (l *loader) note(format string, args ...any) {
	l.notes = append(l.notes, fmt.Sprintf(format, args...))
}

// add looks at a stream. Its error is always nil: what cannot be read is noted.
func (l *loader) add(st *source.Stream) error {
	l.streams++
	base := strings.ToLower(winpath.Base(st.Path))
	switch {
	case st.Kind == source.KindHive:
		l.addHive(st)
	case drivePath(st.Path) != "":
		l.addFile(st, drivePath(st.Path))
		if st.Kind == source.KindProfile && !strings.Contains(strings.ToLower(drivePath(st.Path)), ownFolder) {
			l.addReg(st)
		}
	case st.Kind == source.KindProfile:
		l.addReg(st)
	case base == keptName:
		l.state = new(kept)
		l.addJSON(st, l.state)
	case base == "system.json":
		l.system = new(doctor.System)
		l.addJSON(st, l.system)
	case base == "processes.json":
		l.procs = new(doctor.Processes)
		l.addJSON(st, l.procs)
	case strings.HasSuffix(base, ".json") && strings.EqualFold(winpath.Base(winpath.Dir(st.Path)), "files"):
		l.lists = append(l.lists, doctor.FileList{})
		l.addJSON(st, &l.lists[len(l.lists)-1])
	case isStore(base):
		l.addFile(st, "")
	}
	return nil
}

// ownFolder is in the path of every backup: its exports are no state of the profiles.
const ownFolder = `\oxtail\backups\`

// isStore reports whether a file is one that profiles name.
func isStore(base string) bool {
	for _, part := range []string{".odb", ".psz", ".ost", ".pst", ".nst"} {
		if strings.Contains(base, part) {
			return true
		}
	}
	return false
}

// isNeeded reports whether the whole content of a file matters to a plan: caches are
// copied, program files have versions, and what oxtail wrote itself is read again. Stores
// of Outlook are only renamed.
func isNeeded(path string) bool {
	lower := strings.ToLower(winpath.Clean(path))
	for _, part := range []string{".odb", ".psz", ".dll", `\oxtail\`} {
		if strings.Contains(lower, part) {
			return true
		}
	}
	return false
}

// drivePath is the path that a file of the evidence has on its computer, when a folder of
// the evidence is named like a drive; else "".
func drivePath(path string) string {
	parts := strings.FieldsFunc(path, func(c rune) bool { return c == '/' || c == '\\' })
	for i := len(parts) - 2; i >= 0; i-- {
		name := strings.TrimRight(parts[i], ":$_!")
		if len(name) == 1 && (name[0]|0x20) >= 'a' && (name[0]|0x20) <= 'z' && i > 0 && len(parts)-i > 2 {
			return strings.ToUpper(name) + `:\` + strings.Join(parts[i+1:], `\`)
		}
	}
	return ""
}

// read reads a stream up to a limit, and tells whether that was all.
func read(st *source.Stream, most int64) (data []byte, whole bool, err error) {
	in, err := st.Open()
	if err != nil {
		return nil, false, err
	}
	defer in.Close() // read only: nothing is lost when closing fails
	data, err = io.ReadAll(io.LimitReader(in, most+1))
	if int64(len(data)) > most {
		return data[:most], false, err
	}
	return data, true, err
}

func (l *loader) addJSON(st *source.Stream, into any) {
	data, whole, err := read(st, maxJSONBytes)
	if err == nil && !whole {
		err = errors.New("larger than 16 MB")
	}
	if err == nil {
		err = json.Unmarshal(data, into)
	}
	if err != nil {
		l.note("read %s: %v", st.Path, err)
	}
}

func (l *loader) addReg(st *source.Stream) {
	data, whole, err := read(st, maxRegistryBytes)
	if err != nil || !whole {
		l.note("read %s: not fully read (%v)", st.Path, err)
		return
	}
	f, err := regfile.Parse(data)
	if err != nil {
		l.note("read %s: %v", st.Path, err)
		return
	}
	l.addTrees(st.Path, f.Root())
}

func (l *loader) addHive(st *source.Stream) {
	data, whole, err := read(st, maxRegistryBytes)
	if err != nil || !whole || hivefile.IsLog(data) {
		return // logs of hives are not replayed here; a hive without them is as it was written last
	}
	h, err := hivefile.Open(data)
	if err != nil {
		l.note("read %s: %v", st.Path, err)
		return
	}
	if h.Dirty {
		l.note("%s was not written completely: its last changes are missing from the twin", st.Path)
	}
	l.addTrees(st.Path, h.Root())
}

// addTrees finds the users' hives in a tree.
func (l *loader) addTrees(path string, root profile.Key) {
	subs, err := root.Subkeys()
	if err != nil {
		l.note("%s: %v", path, err)
	}
	if isHive(subs) {
		l.trees = append(l.trees, tree{path, "", root})
	}
	for _, s := range subs {
		below, _ := s.Subkeys() // what cannot be listed is no hive of a user
		if isHive(below) {
			l.trees = append(l.trees, tree{path, "", s})
		}
		if !strings.EqualFold(s.Name(), "HKEY_USERS") {
			continue
		}
		for _, user := range below {
			if keys, _ := user.Subkeys(); isHive(keys) {
				l.trees = append(l.trees, tree{path, user.Name(), user})
			}
		}
	}
}

func isHive(keys []profile.Key) bool {
	return slices.ContainsFunc(keys, func(k profile.Key) bool { return strings.EqualFold(k.Name(), "Software") })
}

// addFile keeps a file, with its Windows path where that is known.
func (l *loader) addFile(st *source.Stream, path string) {
	if len(l.files)+len(l.loose) >= maxFiles {
		return
	}
	most := int64(headBytes)
	if l.total <= maxTotalBytes && isNeeded(st.Path) {
		most = maxFileBytes
	}
	data, whole, err := read(st, most)
	if err != nil && len(data) == 0 && st.Size != 0 {
		l.note("read %s: %v", st.Path, err)
		return
	}
	if !whole && int64(len(data)) > headBytes {
		data = slices.Clone(data[:headBytes])
	}
	l.total += int64(len(data))
	f := File{Path: path, Modified: st.ModTime, Data: data, Bytes: max(st.Size, int64(len(data)))}
	if path == "" {
		f.Path = st.Path
		l.loose = append(l.loose, f)
		return
	}
	l.files = append(l.files, f)
}

// twin puts everything together.
func (l *loader) twin() (*Twin, error) {
	c := Config{Now: l.o.Now, Env: map[string]string{}, Mappings: l.o.Mappings, Silent: l.o.Silent}
	root, err := l.registry()
	if err != nil {
		return nil, err
	}
	c.Registry = root
	c.Identity = apply.Identity{Computer: "twin", User: l.o.User, Session: 1, Bits: 64, Outlook: 64, Elevated: true}
	l.takeSystem(&c)
	l.takeEnv(&c)
	c.Files = append(l.files, l.listed()...)
	if l.state != nil {
		l.state.configure(&c)
	}
	for name, value := range l.o.Env {
		c.Env[name] = value
	}
	t, err := New(c)
	if err != nil {
		return nil, err
	}
	if err := l.place(t); err != nil {
		return nil, err
	}
	if l.state != nil {
		t.files = l.state.times(l.files)
		l.state.restore(t)
	}
	return t, nil
}

// registry chooses the hive of the user, and adds what other evidence has of the same
// user beside it.
func (l *loader) registry() (*node, error) {
	var chosen *node
	var rest []*node
	rank := -1
	for _, x := range l.trees {
		fits := l.rank(x)
		if fits < 0 {
			continue
		}
		n, err := copyTree(x.key, 0)
		if err != nil {
			l.note("%s: %v", x.path, err)
		}
		if fits > rank {
			if chosen != nil {
				rest = append(rest, chosen)
			}
			chosen, rank = n, fits
			continue
		}
		rest = append(rest, n)
	}
	if chosen == nil {
		if l.state != nil {
			return &node{}, nil
		}
		return nil, errors.New("no mail profiles of the user are in the evidence: a twin needs a registry export or hive")
	}
	for _, n := range rest {
		chosen.fill(n)
	}
	return chosen, nil
}

// rank says how well a hive fits: -1 is another user's.
func (l *loader) rank(x tree) int {
	inv, err := profile.Read(&node{subs: []*node{{name: hive, subs: mustCopy(x.key).subs}}}, profile.Options{Env: l.o.Env, Mappings: l.o.Mappings})
	if err != nil || len(inv.Profiles) == 0 {
		return -1
	}
	out := 0
	for i := range inv.Profiles {
		p := &inv.Profiles[i]
		owner := actions.OwnerOf(p)
		if owner == "" {
			owner = strings.ToLower(winpath.User(x.path))
		}
		if l.o.User != "" && owner != "" && !strings.EqualFold(owner, l.o.User) && !strings.EqualFold(x.user, l.o.User) {
			return -1
		}
		if strings.EqualFold(p.Root, l.o.Root) && strings.EqualFold(p.Name, l.o.Profile) {
			out = 1
		}
	}
	if out == 1 && x.path == l.o.Evidence {
		out = 2
	}
	return out
}

// mustCopy copies a tree; what cannot be read is missing.
func mustCopy(key profile.Key) *node {
	n, _ := copyTree(key, 0) // told when the tree is chosen
	return n
}

// takeSystem uses what a bundle knows of the computer.
func (l *loader) takeSystem(c *Config) {
	if s := l.system; s != nil {
		if s.Computer.Name != "" {
			c.Identity.Computer = s.Computer.Name
		}
		if s.User != nil && (l.o.User == "" || strings.EqualFold(baseName(s.User.Name), l.o.User)) {
			c.Identity.User, c.Identity.SID = s.User.Name, s.User.SID
		}
		if s.Elevated != nil {
			c.Identity.Elevated = *s.Elevated
		}
		for _, o := range s.Office {
			c.Identity.Outlook = o.Bits
		}
		for _, d := range s.Disks {
			if d.Kind == doctor.DiskNetwork || d.Kind == doctor.DiskRemovable {
				c.Remote = append(c.Remote, d.Root)
			} else if strings.HasPrefix(strings.ToUpper(d.Root), "C:") {
				c.Free = d.Free
			}
		}
		if !s.Clock.Local.IsZero() {
			c.Now = s.Clock.Local
		}
	}
	if l.procs != nil {
		l.takeProcesses(c)
	}
}

func baseName(user string) string { return user[strings.LastIndexByte(user, '\\')+1:] }

// takeProcesses uses the programs that ran when the bundle was made.
func (l *loader) takeProcesses(c *Config) {
	for _, p := range l.procs.Processes {
		q := Process{MAPI: len(p.Modules) > 0, Process: apply.Process{
			ID: uint32(p.PID), Name: p.Name, Path: p.Path, Started: p.Started, User: p.User, Session: uint32(p.Session),
		}}
		q.Service = strings.HasPrefix(strings.ToLower(p.Name), "search")
		if strings.EqualFold(p.Name, outlook) {
			c.Identity.Session = uint32(p.Session)
		}
		for _, h := range l.procs.Holders {
			if slices.Contains(h.PIDs, p.PID) {
				q.Holds = append(q.Holds, h.Path)
			}
		}
		c.Processes = append(c.Processes, q)
	}
}

// takeEnv knows the folders that Windows gives every user.
func (l *loader) takeEnv(c *Config) {
	user := baseName(c.Identity.User)
	if user == "" {
		user = "user"
	}
	home := `C:\Users\` + user
	for name, value := range map[string]string{
		"USERPROFILE": home, "LOCALAPPDATA": home + `\AppData\Local`, "APPDATA": home + `\AppData\Roaming`, "TEMP": home + `\AppData\Local\Temp`,
		"SYSTEMROOT": `C:\Windows`, "COMMONPROGRAMFILES": `C:\Program Files\Common Files`, "COMMONPROGRAMFILES(X86)": `C:\Program Files (x86)\Common Files`, "COMMONPROGRAMW6432": `C:\Program Files\Common Files`,
	} {
		c.Env[name] = value
	}
}

// listed gives the files that a bundle lists without their contents.
func (l *loader) listed() []File {
	var out []File
	for _, list := range l.lists {
		for _, f := range list.Files {
			known := slices.ContainsFunc(l.files, func(x File) bool { return pathKey(x.Path) == pathKey(f.Path) })
			if !known && len(out) < maxFiles {
				out = append(out, File{Path: f.Path, Modified: f.Modified, Bytes: f.Bytes})
			}
		}
	}
	return out
}

// place puts files whose place the evidence does not tell where the profiles expect them.
func (l *loader) place(t *Twin) error {
	inv, err := t.inventory()
	if err != nil {
		return err
	}
	for i := range inv.Profiles {
		for j := range inv.Profiles[i].Services {
			for _, path := range t.cachesOf(&inv.Profiles[i].Services[j]) {
				l.placeOne(t, path)
			}
		}
	}
	return nil
}

// placeOne finds the file whose path ends most like the one that is expected.
func (l *loader) placeOne(t *Twin, path string) {
	if t.files[pathKey(path)] != nil || strings.Contains(path, "%") {
		return
	}
	best, most := -1, 0
	for i, f := range l.loose {
		if n := winpath.CommonTail(f.Path, path); n > most {
			best, most = i, n
		}
	}
	if best >= 0 {
		f := l.loose[best]
		f.Path = path
		t.files[pathKey(path)] = newFile(f)
	}
}
