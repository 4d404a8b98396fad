package twin

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"

	"oxtail/actions"
	"oxtail/actions/apply"
	"oxtail/internal/doctor"
	"oxtail/internal/source"
	"oxtail/parser/profile/keytest"
)

// keep writes a twin into a folder.
func keep(t *testing.T, m *Twin, dir string) {
	t.Helper()
	err := m.Save(func(name string, content io.Reader) error {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		data, err := io.ReadAll(content)
		if err != nil {
			return err
		}
		return os.WriteFile(path, data, 0o666)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func load(t *testing.T, o LoadOptions, paths ...string) *Twin {
	t.Helper()
	m, notes, err := Load(t.Context(), paths, source.Options{}, o)
	if err != nil {
		t.Fatal(err)
	}
	if len(notes) > 0 {
		t.Errorf("notes: %q", notes)
	}
	return m
}

// TestKeep: a twin that was kept in the middle of a run is the same twin, and the run can
// be resumed on it.
func TestKeep(t *testing.T) {
	m := newAnna(t, func(c *Config) {
		c.Processes = []Process{{Process: apply.Process{ID: 9, Name: "WINWORD.EXE", Session: 1}, MAPI: true}}
	})
	p := planOf(t, m, actions.PlanRecreateService)
	dying := &diesAfter{Twin: m}
	_, _ = apply.New(dying, apply.Options{Choices: apply.Choices{Mode: apply.ModeCopy}, Tool: "test", Console: &yes{}}).Apply(t.Context(), p)
	dir := t.TempDir()
	keep(t, m, dir)
	again := load(t, LoadOptions{}, dir)
	want, _ := m.Registry()
	got, err := again.Registry()
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("the registry is not the same: %v", err)
	}
	a, b := m.Files(), again.Files()
	for path := range a {
		if !bytes.Equal(a[path], b[path]) {
			t.Errorf("%s is not the same: %d bytes, %d", path, len(a[path]), len(b[path]))
		}
	}
	if len(a) != len(b) || !again.now.Equal(m.now) || again.who.SID != anna.SID {
		t.Errorf("%d files, %d; now %v, %v; %+v", len(a), len(b), m.now, again.now, again.who)
	}
	res, err := apply.New(again, apply.Options{Tool: "test", Console: &yes{}}).Resume(t.Context(), "", false)
	if err != nil || res.State != apply.RunDone {
		t.Errorf("resumed on the twin that was kept: %v, %+v", err, res)
	}
}

// A diesAfter machine is that of a program which crashes when it configures a service.
type diesAfter struct {
	*Twin
	dead bool
}

func (d *diesAfter) ConfigureService(context.Context, string, string, []apply.Property, apply.UI) error {
	d.dead = true
	return context.DeadlineExceeded
}

func (d *diesAfter) Append(ctx context.Context, path string) (io.WriteCloser, error) {
	if d.dead {
		return nil, context.DeadlineExceeded
	}
	return d.Twin.Append(ctx, path)
}

func (d *diesAfter) RestoreKey(context.Context, string, []byte) error {
	return context.DeadlineExceeded
}

func (d *diesAfter) Create(ctx context.Context, path string) (io.WriteCloser, error) {
	if d.dead {
		return nil, context.DeadlineExceeded
	}
	return d.Twin.Create(ctx, path)
}

// TestBundle: what a bundle tells of the computer is used.
func TestBundle(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, data []byte) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	object := func(v any) []byte {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	write("registry/profiles.reg", keytest.RegFileUTF16(annasHive()))
	write("other/bert.reg", keytest.RegFileUTF16(bertsHive()))
	write("system.json", object(doctor.System{
		Schema: doctor.SystemSchema, Computer: doctor.Computer{Name: "PC7"}, User: &doctor.UserAccount{Name: `EXAMPLE\anna`, SID: "S-1-5-21-9"},
		Disks: []doctor.Disk{{Root: `C:\`, Kind: doctor.DiskFixed, Free: 5000}, {Root: `Z:\`, Kind: doctor.DiskNetwork}},
	}))
	write("processes.json", object(doctor.Processes{
		Schema: doctor.ProcessesSchema, Processes: []doctor.Process{{PID: 8, Name: "OUTLOOK.EXE", Session: 3, Modules: []string{"olmapi32.dll"}}}, Holders: []doctor.Holder{{Path: odb, PIDs: []int{8}}},
	}))
	write("files/caches.json", object(doctor.FileList{Schema: doctor.FileListSchema, Files: []doctor.ListedFile{{Path: odb, Bytes: 77}}}))
	write("loose/a1.psz", []byte("psz"))
	m := load(t, LoadOptions{User: "anna", Root: outlookRoot, Profile: "Outlook"}, dir)
	if m.who.Computer != "PC7" || m.who.SID != "S-1-5-21-9" || m.who.Session != 3 || m.free != 5000 {
		t.Errorf("identity %+v, free %d", m.who, m.free)
	}
	if local, err := m.IsLocal(t.Context(), `Z:\x.odb`); err != nil || local {
		t.Errorf("a network drive is local: %v", err)
	}
	if f := m.files[pathKey(odb)]; f == nil || f.bytes != 77 {
		t.Errorf("the listed file is %+v", f)
	}
	if f := m.files[pathKey(folder+`\a1.psz`)]; f == nil || string(f.data) != "psz" {
		t.Errorf("the loose file is %+v", f)
	}
	h, err := m.Holders(t.Context(), []string{odb})
	if err != nil || h.Files[odb] != apply.FileHeld || len(h.Processes) != 1 {
		t.Errorf("holders %+v, %v", h, err)
	}
	inv, err := m.inventory()
	if err != nil || len(inv.Profiles) != 1 {
		t.Errorf("profiles of another user are on the twin: %v, %+v", err, inv.Profiles)
	}
}

// bertsHive is another user's.
func bertsHive() *keytest.Node {
	root := &keytest.Node{KeyName: hive}
	p := root.Key(outlookRoot + `\Bert`)
	p.Key(listSection).Binary(serviceList, raw(oldUID)).Binary("01023d00", raw(provUID))
	p.Key(oldUID).Wide(nameValue, "OXSTOR_SVC").Binary("01023d00", raw(provUID))
	p.Key(provUID).Wide("001f6700", `C:\Users\bert\AppData\Local\OXSTORE2\b.odb`).Wide("001f6701", "https://ox.example.org/").Wide("001f6702", "bert")
	return root
}

// TestDrivePath finds the place of a file on its computer.
func TestDrivePath(t *testing.T) {
	for in, want := range map[string]string{
		"bundle.zip!/C/Users/anna/x.odb": `C:\Users\anna\x.odb`, "case/c_/Users/a.b": `C:\Users\a.b`, "a/b/x.odb": "", "/c/x": "", `x\D$\Users\y`: `D:\Users\y`, "C/Users/a": "", "": "",
	} {
		if got := drivePath(in); got != want {
			t.Errorf("drivePath(%q) = %q; want %q", in, got, want)
		}
	}
}

// TestDiskNames: nothing that a twin holds is written outside of its folder.
func TestDiskNames(t *testing.T) {
	for in, want := range map[string]string{
		`C:\Users\a`: "C/Users/a", `\\server\share\x`: "", `C:\a\..\b`: "", `C:\a/../../b`: "", `C:\a:stream`: "", `CC:\x`: "",
	} {
		if got, _ := diskName(in); got != want {
			t.Errorf("diskName(%q) = %q; want %q", in, got, want)
		}
	}
}
