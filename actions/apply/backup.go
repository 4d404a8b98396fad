package apply

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"oxtail/actions"
	"oxtail/parser/winpath"
)

// ManifestSchema names the JSON form of a Manifest.
const ManifestSchema = "oxtail.backup/v1"

// Names and limits of backups.
const (
	backupFolder = `\backups`
	manifestName = "manifest.json"
	maxManifest  = 16 << 20 // bytes
	maxRegistry  = 256 << 20
	// spareBytes stay free on the disk beside a backup; the .reg files take part of it.
	spareBytes = 64 << 20
)

// Kinds of saved things.
const (
	SavedProfile  = "profile"  // key of one profile, restored by undo
	SavedRoot     = "root"     // key of all profiles of one version of Outlook, for people
	SavedCache    = "cache"    // copy of a cache file, restored by undo
	SavedMetadata = "metadata" // what is known of a store that is not copied
	SavedPlan     = "plan"
)

// A Saved is one thing of a backup.
type Saved struct {
	Kind     string    `json:"kind"`
	File     string    `json:"file,omitempty"`     // in the folder of the backup
	Key      string    `json:"key,omitempty"`      // below HKEY_CURRENT_USER
	Original string    `json:"original,omitempty"` // path of the file
	Bytes    int64     `json:"bytes"`
	Modified time.Time `json:"modified,omitzero"`
	SHA256   string    `json:"sha256,omitempty"` // of the copy; of metadata: of the first bytes, as in plans
}

// A Manifest lists what a backup holds. A folder without one is no whole backup.
type Manifest struct {
	Schema   string            `json:"schema"`
	ID       string            `json:"id"`
	Time     time.Time         `json:"time"`
	Run      string            `json:"run"`
	Plan     string            `json:"plan"`
	Title    string            `json:"title"`
	Computer string            `json:"computer"`
	User     string            `json:"user"`
	SID      string            `json:"sid,omitempty"`
	Tool     string            `json:"tool"`
	Journal  string            `json:"journal,omitempty"` // hash of the journal's last entry before
	Security map[string]string `json:"security,omitempty"`
	Saved    []Saved           `json:"saved"`
	Bytes    int64             `json:"bytes"`
	Folder   string            `json:"-"`
}

// backupSpace tells how much a backup needs, and how much is free.
func (r *run) backupSpace(ctx context.Context) (need, free int64, err error) {
	need = spareBytes
	files, err := r.caches(ctx)
	if err != nil {
		return 0, 0, err
	}
	for _, c := range files {
		if c.Exists && isCopied(c.Path) && c.Bytes > 0 {
			need += c.Bytes
		}
	}
	if free, err = r.m.FreeBytes(ctx, r.m.StateFolder()); err != nil {
		return 0, 0, fmt.Errorf("find the free space for the backup in %s: %w", r.m.StateFolder(), err)
	}
	return need, free, nil
}

// isCopied reports whether a file is copied into the backup. Stores of Outlook may have
// 50 GB, are only renamed, and the server has their content.
func isCopied(path string) bool {
	switch winpath.Ext(path) {
	case ".ost", ".nst", ".pst":
		return false
	}
	return true
}

func (r *run) tellBackUp(ctx context.Context, _ *actions.Step) ([]string, error) {
	need, free, err := r.backupSpace(ctx)
	if err != nil {
		return nil, err
	}
	out := []string{fmt.Sprintf(`would save to %s%s\…: needs %s, free are %s`, r.m.StateFolder(), backupFolder, sizeOf(need), sizeOf(free))}
	for _, key := range r.profileKeys() {
		out = append(out, `would export HKCU\`+key)
	}
	files, err := r.caches(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range files {
		if c.Exists && isCopied(c.Path) {
			out = append(out, "would copy "+c.Path)
		}
	}
	return out, nil
}

// backUp saves profiles and cache files, and makes sure that the copies are good.
func (r *run) backUp(ctx context.Context, _ *actions.Step) (outcome, error) {
	if r.backup != nil {
		return done("backup " + r.backup.ID + " is there already"), nil
	}
	need, free, err := r.backupSpace(ctx)
	if err != nil {
		return outcome{}, err
	}
	if free < need {
		return outcome{}, refuse("free some space", "the backup needs %d bytes in %s; %d are free", need, r.m.StateFolder(), free)
	}
	w, err := r.newBackup(ctx)
	if err != nil {
		return outcome{}, err
	}
	op := &Op{Name: OpBackUp, Backup: w.list.ID}
	err = r.do(ctx, op, func(ctx context.Context) error {
		var err error
		op.SHA256, err = w.write(ctx)
		return err
	})
	if err != nil {
		w.discard(context.WithoutCancel(ctx))
		return outcome{}, fmt.Errorf("back up: %w", err)
	}
	r.backup = &w.list
	r.res.Backup, r.res.BackupID = w.list.Folder, w.list.ID
	return done(fmt.Sprintf("backup %s: %d files, %s, each read again and compared", w.list.ID, len(w.list.Saved), sizeOf(w.list.Bytes)), "in "+w.list.Folder), nil
}

// profileKeys lists the keys of the profiles that the plan changes.
func (r *run) profileKeys() []string {
	var out []string
	add := func(root, name string) {
		key := root + `\` + name
		if name != "" && !slices.ContainsFunc(out, func(x string) bool { return strings.EqualFold(x, key) }) {
			out = append(out, key)
		}
	}
	add(r.plan.Target.Root, r.plan.Target.Profile)
	for i := range r.plan.Steps {
		if on := r.plan.Steps[i].On; on != nil {
			add(on.Root, on.Profile)
		}
	}
	return out
}

// A backupWriter writes one backup.
type backupWriter struct {
	r       *run
	list    Manifest
	caches  []CacheInfo
	written []string // paths, for discard
	total   int64    // bytes of the files to be copied
}

// newBackup chooses the folder of a backup: dated, and not in use.
func (r *run) newBackup(ctx context.Context) (*backupWriter, error) {
	base := r.m.StateFolder() + backupFolder + `\` + r.m.Now().UTC().Format("20060102-150405") + "-" + r.plan.ID
	folder := base
	for n := 2; ; n++ {
		files, err := r.m.List(ctx, folder)
		if errors.Is(err, fs.ErrNotExist) || err == nil && len(files) == 0 {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("look into %s: %w", folder, err)
		}
		if n > maxNumbered {
			return nil, refuse("oxtail backup prune", "%s: %d names are taken", base, maxNumbered)
		}
		folder = fmt.Sprintf("%s-%d", base, n)
	}
	w := &backupWriter{r: r}
	var err error
	if w.caches, err = r.caches(ctx); err != nil {
		return nil, err
	}
	w.list = Manifest{
		Schema: ManifestSchema, ID: winpath.Base(folder), Time: r.m.Now().UTC(), Run: r.res.Run, Plan: r.plan.ID, Title: r.plan.Title, Computer: r.who.Computer,
		User: r.who.User, SID: r.who.SID, Tool: r.o.Tool, Journal: r.j.last.Hash, Security: r.security, Folder: folder,
	}
	for _, c := range w.caches {
		if c.Exists && isCopied(c.Path) {
			w.total += c.Bytes
		}
	}
	return w, nil
}

// write saves everything; the manifest comes last, and its checksum is returned.
func (w *backupWriter) write(ctx context.Context) (string, error) {
	plan, err := json.MarshalIndent(&w.r.plan, "", "  ")
	if err != nil {
		return "", fmt.Errorf("write the plan: %w", err)
	}
	if err := w.save(ctx, Saved{Kind: SavedPlan, File: "plan.json"}, bytes.NewReader(plan)); err != nil {
		return "", err
	}
	for i, key := range w.r.roots() {
		if err := w.export(ctx, Saved{Kind: SavedRoot, File: fmt.Sprintf("profiles-%d.reg", i+1), Key: key}); err != nil {
			return "", err
		}
	}
	for i, key := range w.r.profileKeys() {
		if err := w.export(ctx, Saved{Kind: SavedProfile, File: fmt.Sprintf("profile-%d.reg", i+1), Key: key}); err != nil {
			return "", err
		}
	}
	for i, c := range w.caches {
		if err := w.cache(ctx, i, c); err != nil {
			return "", err
		}
	}
	return w.manifest(ctx)
}

// export saves a registry key.
func (w *backupWriter) export(ctx context.Context, s Saved) error {
	var out bytes.Buffer
	if err := w.r.m.ExportKey(ctx, s.Key, &out); err != nil {
		return fmt.Errorf("export HKCU\\%s: %w", s.Key, err)
	}
	return w.save(ctx, s, &out)
}

// cache saves a cache file, or what is known of a store.
func (w *backupWriter) cache(ctx context.Context, i int, c CacheInfo) error {
	switch {
	case !c.Exists:
		return nil
	case !isCopied(c.Path):
		w.list.Saved = append(w.list.Saved, Saved{Kind: SavedMetadata, Original: c.Path, Bytes: c.Bytes, Modified: c.Modified, SHA256: c.Head})
		return nil
	}
	in, err := w.r.m.Open(ctx, c.Path)
	if err != nil {
		return fmt.Errorf("copy %s: %w", c.Path, err)
	}
	defer in.Close() // read only: nothing is lost when closing fails
	s := Saved{Kind: SavedCache, File: fmt.Sprintf("%d-%s", i+1, winpath.Base(c.Path)), Original: c.Path, Modified: c.Modified}
	if err := w.save(ctx, s, in); err != nil {
		return fmt.Errorf("copy %s: %w", c.Path, err)
	}
	if got := w.list.Saved[len(w.list.Saved)-1].Bytes; got != c.Bytes {
		return refuse("close what works on it", "copy %s: it had %d bytes, %d were copied: it changes", c.Path, c.Bytes, got)
	}
	return nil
}

// save writes a file of the backup and reads it again.
func (w *backupWriter) save(ctx context.Context, s Saved, in io.Reader) error {
	path := w.list.Folder + `\` + s.File
	out, err := w.r.m.Create(ctx, path)
	if err != nil {
		return fmt.Errorf("create %s: %w", path, err)
	}
	w.written = append(w.written, path)
	sum := sha256.New()
	s.Bytes, err = io.Copy(io.MultiWriter(out, sum), &measured{ctx, in, w})
	if e := out.Close(); err == nil {
		err = e
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	s.SHA256 = hex.EncodeToString(sum.Sum(nil))
	if err := compareFile(ctx, w.r.m, path, s.SHA256); err != nil {
		return err
	}
	w.list.Bytes += s.Bytes
	w.list.Saved = append(w.list.Saved, s)
	return nil
}

// A measured reader shows how much was read, and ends when the run is stopped.
type measured struct {
	ctx context.Context
	in  io.Reader
	w   *backupWriter
}

func (m *measured) Read(p []byte) (int, error) {
	if err := m.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := m.in.Read(p)
	m.w.r.o.Console.Progress("backing up", m.w.list.Bytes+int64(n), max(m.w.total, m.w.list.Bytes+int64(n)))
	return n, err
}

// manifest writes the list of what was saved, and gives its checksum.
func (w *backupWriter) manifest(ctx context.Context) (string, error) {
	data, err := json.MarshalIndent(&w.list, "", "  ")
	if err != nil {
		return "", fmt.Errorf("write the manifest: %w", err)
	}
	data = append(data, '\n')
	sum := sha256.Sum256(data)
	path := w.list.Folder + `\` + manifestName
	out, err := w.r.m.Create(ctx, path)
	if err != nil {
		return "", fmt.Errorf("create %s: %w", path, err)
	}
	w.written = append(w.written, path)
	_, err = out.Write(data)
	if e := out.Close(); err == nil {
		err = e
	}
	if err != nil {
		return "", fmt.Errorf("write %s: %w", path, err)
	}
	return hex.EncodeToString(sum[:]), nil
}

// discard removes what there is of a backup that was not finished.
func (w *backupWriter) discard(ctx context.Context) {
	for _, path := range w.written {
		if err := w.r.m.Remove(ctx, path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			w.r.res.Warnings = append(w.r.res.Warnings, fmt.Sprintf("%s is part of an unfinished backup and could not be removed: %v", path, err))
		}
	}
}

// compareFile reads a file and compares its checksum.
func compareFile(ctx context.Context, m Machine, path, want string) error {
	in, err := m.Open(ctx, path)
	if err != nil {
		return fmt.Errorf("read %s again: %w", path, err)
	}
	defer in.Close() // read only: nothing is lost when closing fails
	sum := sha256.New()
	if _, err := io.Copy(sum, in); err != nil {
		return fmt.Errorf("read %s again: %w", path, err)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != want {
		return fmt.Errorf("%s: its checksum is %s; the manifest says %s", path, got, want)
	}
	return nil
}
