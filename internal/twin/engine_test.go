package twin

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"oxtail/actions"
	"oxtail/actions/apply"
	"oxtail/parser/profile/keytest"
)

// The cases that need more of a twin than applytest asks of every machine: programs,
// searching, rights, providers that keep what they should delete.

const (
	outlookRoot = `Software\Microsoft\Office\16.0\Outlook\Profiles`
	folder      = `C:\Users\anna\AppData\Local\OXSTORE2`
	odb         = folder + `\a1.odb`
	oldUID      = "a0a0a0a0a0a0a0a0a0a0a0a0a0a0a001"
	provUID     = "b0b0b0b0b0b0b0b0b0b0b0b0b0b0b001"
)

// raw decodes a UID of the tests.
func raw(uid string) []byte {
	var out []byte
	for i := 0; i < len(uid); i += 2 {
		var b byte
		if _, err := fmt.Sscanf(uid[i:i+2], "%02x", &b); err != nil {
			panic("BUG: no UID: " + uid)
		}
		out = append(out, b)
	}
	return out
}

// annasHive is a hive with one profile and one service.
func annasHive() *keytest.Node {
	root := &keytest.Node{KeyName: hive}
	p := root.Key(outlookRoot + `\Outlook`)
	p.Key(listSection).Binary(serviceList, raw(oldUID)).Binary("01023d00", raw(provUID))
	p.Key(oldUID).Wide(nameValue, "OXSTOR_SVC").Wide(displayValue, "OX Anna").Long("00033009", 0).Binary("01023d00", raw(provUID))
	p.Key(provUID).Binary(backLink, raw(oldUID)).Wide("001f6700", odb).Wide("001f6701", "https://ox.example.org/").Wide("001f6702", "anna@example.org")
	return root
}

// newAnna makes the twin of the tests.
func newAnna(t *testing.T, change func(*Config)) *Twin {
	t.Helper()
	c := Config{
		Registry: annasHive(), Identity: anna, Now: noon, Silent: []string{"OXSTOR_SVC"},
		Env:   map[string]string{"LOCALAPPDATA": `C:\Users\anna\AppData\Local`, "COMMONPROGRAMFILES": `C:\Common`},
		Files: []File{{Path: odb, Data: []byte("odb"), Modified: noon}, {Path: folder + `\a1.psz`, Data: []byte("psz"), Modified: noon}},
	}
	if change != nil {
		change(&c)
	}
	twin, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return twin
}

// planOf makes a sealed plan of the only store.
func planOf(t *testing.T, m *Twin, kind actions.PlanKind) actions.Plan {
	t.Helper()
	inv, err := m.inventory()
	if err != nil {
		t.Fatal(err)
	}
	all := actions.Inventory{Profiles: inv.Profiles}
	stores := all.Stores()
	if len(stores) != 1 {
		t.Fatalf("%d stores; want 1", len(stores))
	}
	p := actions.NewPlan(kind, &stores[0])
	if err := p.Seal("test", m.who.Computer); err != nil {
		t.Fatal(err)
	}
	return p
}

// yes says yes to everything.
type yes struct {
	ticks []string
	on    func(apply.Question) // before the answer
	no    bool
}

func (y *yes) Confirm(_ context.Context, q apply.Question) (bool, error) {
	if y.on != nil {
		y.on(q)
	}
	return !y.no, nil
}
func (y *yes) Tick(text string, left time.Duration) { y.ticks = append(y.ticks, text) }
func (y *yes) Progress(string, int64, int64)        {}
func (y *yes) Step(apply.StepResult)                {}

// carryOut applies a plan and demands a state.
func carryOut(t *testing.T, m apply.Machine, p actions.Plan, o apply.Options, want apply.State) *apply.Result {
	t.Helper()
	if o.Console == nil {
		o.Console = &yes{}
	}
	if o.Mode == apply.ModeAuto {
		o.Mode = apply.ModeCopy
	}
	o.Tool = "test"
	res, err := apply.New(m, o).Apply(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if res.State != want {
		t.Errorf("%s; want %s: because %q, warnings %q", res.State, want, res.Because, res.Warnings)
	}
	return res
}

func outlookProcess(yields apply.How) Process {
	return Process{Process: apply.Process{ID: 42, Name: "OUTLOOK.EXE", Session: 1, Started: noon}, MAPI: true, Holds: []string{odb}, Yields: yields}
}

// TestClosing: programs are closed politely, by force only when they were named, and
// never in another session.
func TestClosing(t *testing.T) {
	for _, c := range []struct {
		name      string
		process   Process
		terminate []string
		want      apply.State
		because   string
	}{
		{"obeys", outlookProcess(apply.CloseQuit), nil, apply.RunDone, ""},
		{"obeys Restart Manager", outlookProcess(apply.CloseRestart), nil, apply.RunDone, ""},
		{"does not obey", outlookProcess(apply.CloseTerminate), nil, apply.RunRefused, "OUTLOOK.EXE (42)"},
		{"named", outlookProcess(apply.CloseTerminate), []string{"outlook.exe"}, apply.RunDone, ""},
		{"another one is named", outlookProcess(apply.CloseTerminate), []string{"winword.exe"}, apply.RunRefused, "OUTLOOK.EXE (42)"},
		{"another session", Process{Process: apply.Process{ID: 42, Name: "OUTLOOK.EXE", Session: 2}, MAPI: true}, []string{"OUTLOOK.EXE"}, apply.RunRefused, "session 2"},
		{"another program", Process{Process: apply.Process{ID: 43, Name: "WINWORD.EXE", Session: 1}, MAPI: true}, nil, apply.RunDone, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newAnna(t, func(x *Config) { x.Processes = []Process{c.process} })
			console := &yes{}
			res := carryOut(t, m, planOf(t, m, actions.PlanRecreateService), apply.Options{Choices: apply.Choices{Terminate: c.terminate}, Console: console}, c.want)
			if text := strings.Join(res.Because, "\n"); !strings.Contains(text, c.because) {
				t.Errorf("because %q; want %q in it", text, c.because)
			}
			if c.want == apply.RunDone && len(console.ticks) == 0 {
				t.Error("no countdown was shown")
			}
			if c.want == apply.RunRefused && string(m.Files()[odb]) != "odb" {
				t.Error("the cache was touched")
			}
		})
	}
}

// TestNotAgreedToClose: without a yes no program is closed.
func TestNotAgreedToClose(t *testing.T) {
	m := newAnna(t, func(x *Config) { x.Processes = []Process{outlookProcess(apply.CloseQuit)} })
	console := &yes{}
	console.on = func(q apply.Question) { console.no = q.Step == "close-outlook" }
	carryOut(t, m, planOf(t, m, actions.PlanRecreateService), apply.Options{Console: console}, apply.RunRefused)
	if slices.Contains(m.Calls(), "Close") {
		t.Error("a program was closed")
	}
}

// TestSearchIndexer: Windows Search is asked to leave, stopped only by an administrator,
// and always started again.
func TestSearchIndexer(t *testing.T) {
	indexer := Process{Process: apply.Process{ID: 50, Name: "SearchProtocolHost.exe", Session: 1}, MAPI: true, Service: true}
	for _, c := range []struct {
		name     string
		elevated bool
		fail     string
		want     apply.State
		stopped  bool
	}{
		{"administrator", true, "", apply.RunDone, true},
		{"no administrator", false, "", apply.RunRefused, false},
		{"a later step fails", true, "CreateMsgServiceEx", apply.RunUndone, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newAnna(t, func(x *Config) { x.Processes, x.Identity.Elevated = []Process{indexer}, c.elevated })
			if c.fail != "" {
				m.Fail(c.fail, 0x80004005, 0)
			}
			carryOut(t, m, planOf(t, m, actions.PlanRecreateService), apply.Options{}, c.want)
			if got := slices.Contains(m.Calls(), "StopSearch"); got != c.stopped {
				t.Errorf("the service was stopped: %v; want %v", got, c.stopped)
			}
			if !m.Searching() {
				t.Error("the service was not started again")
			}
		})
	}
}

// TestSearchAfterCrash: a run that is resumed starts the service that the first one had
// stopped.
func TestSearchAfterCrash(t *testing.T) {
	m := newAnna(t, func(x *Config) {
		x.Identity.Elevated = true
		x.Processes = []Process{{Process: apply.Process{ID: 50, Name: "SearchProtocolHost.exe", Session: 1}, MAPI: true, Service: true}}
	})
	p := planOf(t, m, actions.PlanRecreateService)
	dying := &dies{Twin: m}
	_, _ = apply.New(dying, apply.Options{Choices: apply.Choices{Mode: apply.ModeCopy}, Tool: "test", Console: &yes{}}).Apply(t.Context(), p)
	if m.Searching() {
		t.Fatal("the service runs after the crash; the case is none")
	}
	res, err := apply.New(m, apply.Options{Tool: "test", Console: &yes{}}).Resume(t.Context(), "", true)
	if err != nil || res.State != apply.RunUndone || !m.Searching() {
		t.Errorf("after the roll back: %v, %+v, searching %v", err, res, m.Searching())
	}
}

// dies is a twin whose program crashes when it exports a key.
type dies struct {
	*Twin
	dead bool
}

func (d *dies) List(ctx context.Context, folder string) ([]apply.File, error) {
	d.dead = d.dead || !d.Searching()
	if d.dead {
		return nil, context.DeadlineExceeded
	}
	return d.Twin.List(ctx, folder)
}

func (d *dies) Append(ctx context.Context, path string) (io.WriteCloser, error) {
	if d.dead {
		return nil, context.DeadlineExceeded
	}
	return d.Twin.Append(ctx, path)
}

func (d *dies) StartSearch(ctx context.Context) error {
	if d.dead {
		return context.DeadlineExceeded
	}
	return d.Twin.StartSearch(ctx)
}

// stubborn is a twin whose provider keeps its cache, for a reason.
type stubborn struct {
	*Twin
	after func(m *Twin)
}

func (s *stubborn) DeleteService(ctx context.Context, name, uid string) error {
	kept := s.Files()
	err := s.Twin.DeleteService(ctx, name, uid)
	for path, data := range kept {
		if strings.HasPrefix(path, folder) {
			s.files[pathKey(path)] = newFile(File{Path: path, Data: data, Modified: noon})
		}
	}
	s.after(s.Twin)
	return err
}

// TestCacheRemains: when the old cache is still there, the reason is found.
func TestCacheRemains(t *testing.T) {
	t.Run("held", func(t *testing.T) {
		m := &stubborn{Twin: newAnna(t, nil), after: func(m *Twin) {
			m.AddProcess(Process{Process: apply.Process{ID: 9, Name: "scanner.exe", Session: 1}, Holds: []string{odb}})
		}}
		res := carryOut(t, m, planOf(t, m.Twin, actions.PlanRecreateService), apply.Options{}, apply.RunWarnings)
		if len(res.Remains) != 1 || res.Remains[0].Reason != apply.RemainsHeld || !strings.Contains(fmt.Sprint(res.Remains[0].By), "scanner.exe") {
			t.Errorf("remains %+v; want a1.odb, held by scanner.exe", res.Remains)
		}
	})
	t.Run("left", func(t *testing.T) {
		m := &stubborn{Twin: newAnna(t, nil), after: func(*Twin) {}}
		res := carryOut(t, m, planOf(t, m.Twin, actions.PlanRecreateService), apply.Options{}, apply.RunDone)
		if len(res.Remains) != 0 || string(m.Files()[odb+".old"]) != "odb" {
			t.Errorf("what the provider left is not renamed: %+v", res.Remains)
		}
	})
	t.Run("shared", func(t *testing.T) {
		m := &stubborn{Twin: newAnna(t, nil), after: func(m *Twin) {
			m.AddProcess(Process{Process: apply.Process{ID: 9, Name: "scanner.exe", Session: 1}, Holds: []string{odb}})
			second := &keytest.Node{KeyName: hive}
			p := second.Key(outlookRoot + `\Second`)
			p.Key(listSection).Binary(serviceList, raw(oldUID[:31]+"2")).Binary("01023d00", raw(provUID[:31]+"2"))
			p.Key(oldUID[:31]+"2").Wide(nameValue, "OXSTOR_SVC").Binary("01023d00", raw(provUID[:31]+"2"))
			p.Key(provUID[:31]+"2").Wide("001f6700", odb).Wide("001f6701", "https://ox.example.org/").Wide("001f6702", "anna@example.org")
			if err := m.Edit(keytest.RegFileUTF16(second)); err != nil {
				t.Fatal(err)
			}
		}}
		res := carryOut(t, m, planOf(t, m.Twin, actions.PlanRecreateService), apply.Options{}, apply.RunWarnings)
		if len(res.Remains) != 1 || res.Remains[0].Reason != apply.RemainsShared || !strings.Contains(fmt.Sprint(res.Remains[0].By), "Second") {
			t.Errorf("remains %+v; want a1.odb, shared by Second", res.Remains)
		}
	})
}

// programFile makes a program with a version resource.
func programFile(version [4]uint16) []byte {
	out := append([]byte("MZ program"), 0xbd, 0x04, 0xef, 0xfe, 0, 0, 1, 0)
	out = binary.LittleEndian.AppendUint32(out, uint32(version[0])<<16|uint32(version[1]))
	return binary.LittleEndian.AppendUint32(out, uint32(version[2])<<16|uint32(version[3]))
}

// TestSupportFiles: program files are renamed by an administrator only, the run waits for
// one, and goes on where it was.
func TestSupportFiles(t *testing.T) {
	path := `C:\Common\System\MSMAPI\1031\emsmdb32.dll`
	m := newAnna(t, func(x *Config) {
		x.Files = append(x.Files, File{Path: path, Data: programFile([4]uint16{16, 0, 4266, 1001})})
	})
	p := actions.NewPlan(actions.PlanSupportFiles, nil)
	if err := p.Seal("test", ""); err != nil {
		t.Fatal(err)
	}
	res := carryOut(t, m, p, apply.Options{}, apply.RunRefused)
	if !strings.Contains(strings.Join(res.Remedies, ";"), "administrator") || len(m.Files()[path]) == 0 {
		t.Errorf("without the rights: remedies %q", res.Remedies)
	}
	who := anna
	who.Elevated = true
	m.SetIdentity(who)
	console := &yes{}
	console.on = func(q apply.Question) {
		if q.Step == "repair-office" {
			m.Put(path, programFile([4]uint16{16, 0, 5000, 1000}))
		}
	}
	res = carryOut(t, m, p, apply.Options{Console: console}, apply.RunWarnings)
	text := fmt.Sprintf("%+v", res.Steps)
	for _, want := range []string{"version 16.0.4266.1001", "version 16.0.5000.1000", "emsabp32.dll was not found"} {
		if !strings.Contains(text, want) {
			t.Errorf("the steps do not say %q: %s", want, text)
		}
	}
	undone, err := apply.New(m, apply.Options{Tool: "test", Console: &yes{}}).Undo(t.Context(), res.Run)
	if err != nil || undone.State != apply.RunUndone || !strings.Contains(string(m.Files()[path]), string(programFile([4]uint16{16, 0, 4266, 1001}))) {
		t.Errorf("undo: %v, %+v", err, undone)
	}
}

// TestManualProfile: a person deletes and creates, the registry shows when it is done.
func TestManualProfile(t *testing.T) {
	m := newAnna(t, nil)
	p := planOf(t, m, actions.PlanManualProfile)
	console := &yes{}
	console.on = func(q apply.Question) {
		switch {
		case strings.HasPrefix(q.Step, "delete-profile"):
			m.root.at(outlookRoot).remove("Outlook")
			delete(m.files, pathKey(odb))
			delete(m.files, pathKey(folder+`\a1.psz`))
		case q.Step == "new-profile":
			if err := m.Edit(keytest.RegFileUTF16(annasHive())); err != nil {
				t.Error(err)
			}
		}
	}
	res := carryOut(t, m, p, apply.Options{Console: console}, apply.RunWarnings) // the first start is left to a person
	if text := fmt.Sprintf("%+v", res.Steps); !strings.Contains(text, `profile "Outlook" is gone`) || !strings.Contains(text, "has the one service of") {
		t.Errorf("the steps are not verified: %s", text)
	}
	patient := &yes{}
	again := newAnna(t, nil)
	res = carryOut(t, again, planOf(t, again, actions.PlanManualProfile), apply.Options{Console: patient}, apply.RunPartly)
	if len(patient.ticks) == 0 || !strings.Contains(strings.Join(res.Because, ";"), "is still there") {
		t.Errorf("a profile that nobody deleted: because %q", res.Because)
	}
	again.root.at(outlookRoot).remove("Outlook")
	resumed, err := apply.New(again, apply.Options{Tool: "test", Console: patient}).Resume(t.Context(), "", false)
	if err != nil || !strings.Contains(fmt.Sprint(resumed.Because), "no profile has a service") {
		t.Errorf("resumed after the profile was deleted: %v, %+v", err, resumed)
	}
}

// TestOwner: the keys of the profiles must be the user's, and nobody may work as SYSTEM.
func TestOwner(t *testing.T) {
	m := newAnna(t, nil)
	p := planOf(t, m, actions.PlanRecreateService)
	m.SetOwner(false)
	carryOut(t, m, p, apply.Options{}, apply.RunRefused)
	m.SetOwner(true)
	who := anna
	who.SID, who.User = "S-1-5-18", `NT AUTHORITY\SYSTEM`
	m.SetIdentity(who)
	res := carryOut(t, m, p, apply.Options{}, apply.RunRefused)
	if !strings.Contains(strings.Join(res.Because, ";"), "SYSTEM") {
		t.Errorf("because %q; want SYSTEM named", res.Because)
	}
}

// TestSpace: a backup that does not fit is not begun.
func TestSpace(t *testing.T) {
	m := newAnna(t, nil)
	p := planOf(t, m, actions.PlanRecreateService)
	m.SetFree(1000)
	res := carryOut(t, m, p, apply.Options{}, apply.RunRefused)
	if !strings.Contains(strings.Join(res.Because, ";"), "1000 are free") {
		t.Errorf("because %q; want the free space named", res.Because)
	}
}

// TestCopiedProperties: the new service gets what belongs to the provider, and no secret,
// no id and no path of the old cache.
func TestCopiedProperties(t *testing.T) {
	m := newAnna(t, func(x *Config) {
		root := annasHive()
		p := root.Key(outlookRoot + `\Outlook\` + provUID)
		p.Long("00036710", 30).Binary("01026611", []byte("key")).Wide("001f6703", "hunter2").Binary("S001f6720", []byte("blob")).Binary("01026730", raw(oldUID)).Long("00036601", 0x180)
		x.Registry = root
	})
	carryOut(t, m, planOf(t, m, actions.PlanRecreateService), apply.Options{}, apply.RunDone)
	inv, err := m.inventory()
	if err != nil {
		t.Fatal(err)
	}
	s := inv.Profiles[0].Services[0]
	if s.UID == oldUID || s.Account == nil || s.Account.User != "anna@example.org" || s.Account.Server != "https://ox.example.org/" {
		t.Errorf("the new service is %+v", s)
	}
	section := m.root.at(outlookRoot + `\Outlook\` + s.Providers[0].UID)
	for name, want := range map[string]bool{"00036710": true, "01026611": false, "001f6703": false, "S001f6720": false, "01026730": false, "00036601": false} {
		if got := section.value(name) != nil; got != want {
			t.Errorf("value %s is copied: %v; want %v", name, got, want)
		}
	}
}

// TestTornJournal: after a torn line the next run notes it and goes on.
func TestTornJournal(t *testing.T) {
	m := newAnna(t, nil)
	p := planOf(t, m, actions.PlanRecreateService)
	res := carryOut(t, m, p, apply.Options{}, apply.RunDone)
	path := m.StateFolder() + `\journal.jsonl`
	m.Put(path, append(m.Files()[path], `{"schema":"oxtail.jour`...))
	if _, err := apply.New(m, apply.Options{Tool: "test", Console: &yes{}}).Undo(t.Context(), res.Run); err != nil {
		t.Fatal(err)
	}
	check, err := apply.CheckJournal(t.Context(), m)
	if err != nil || !check.Sound() || check.Recovered != 1 || check.Torn != "" {
		t.Errorf("after a torn line: %v, %+v", err, check.Faults)
	}
}

// TestUndoKeepsWhatItReplaces: changes since the run are in an export beside the backup.
func TestUndoKeepsWhatItReplaces(t *testing.T) {
	m := newAnna(t, nil)
	res := carryOut(t, m, planOf(t, m, actions.PlanRecreateService), apply.Options{}, apply.RunDone)
	m.root.at(outlookRoot+`\Outlook`).make("later").set("0003ffff", []byte{1, 2, 3, 4})
	undone, err := apply.New(m, apply.Options{Tool: "test", Console: &yes{}}).Undo(t.Context(), res.BackupID)
	if err != nil || undone.State != apply.RunUndone {
		t.Fatalf("undo: %v, %+v", err, undone)
	}
	kept := 0
	for path, data := range m.Files() {
		if strings.HasSuffix(path, "-replaced.reg") && bytes.Contains(data, keytest.UTF16("later")[:10]) {
			kept++
		}
	}
	if kept != 1 || m.root.at(outlookRoot+`\Outlook\later`) != nil {
		t.Errorf("%d exports of what was replaced; want 1", kept)
	}
}

// TestTornAnywhere cuts the journal and its heads at every byte of their last entries: a
// crash is never taken for somebody's change, and the next entry mends it.
func TestTornAnywhere(t *testing.T) {
	m := newAnna(t, nil)
	carryOut(t, m, planOf(t, m, actions.PlanRecreateService), apply.Options{}, apply.RunDone)
	path, headPath := m.StateFolder()+`\journal.jsonl`, m.StateFolder()+`\journal.heads`
	journal, heads := m.Files()[path], m.Files()[headPath]
	entry := len(journal) - 1 - bytes.LastIndexByte(journal[:len(journal)-1], '\n')
	head := len(heads) - 1 - bytes.LastIndexByte(heads[:len(heads)-1], '\n')
	try := func(a, b []byte) {
		t.Helper()
		m.Put(path, slices.Clone(a))
		m.Put(headPath, slices.Clone(b))
		j, _, err := apply.OpenJournal(t.Context(), m, anna, "test")
		if err != nil {
			t.Fatalf("%d bytes of the journal, %d of the heads: %v", len(a), len(b), err)
		}
		if err := j.Write(t.Context(), apply.Entry{Run: "next", Event: apply.EventPrune}); err != nil {
			t.Fatal(err)
		}
		check, err := apply.CheckJournal(t.Context(), m)
		if err != nil || !check.Sound() || check.Torn != "" {
			t.Fatalf("after %d bytes of the journal, %d of the heads: %v, %q", len(a), len(b), err, check.Faults)
		}
	}
	for cut := 0; cut <= entry; cut++ { // the entry is torn; its head was not written yet
		try(journal[:len(journal)-cut], heads[:len(heads)-head])
	}
	for cut := 0; cut <= head; cut++ { // the entry is whole, its head is torn
		try(journal, heads[:len(heads)-cut])
	}
}

// TestTwoAtOnce: a second run at the same time is noticed, and undone.
func TestTwoAtOnce(t *testing.T) {
	m := newAnna(t, nil)
	p := planOf(t, m, actions.PlanRecreateService)
	console := &yes{}
	console.on = func(q apply.Question) {
		if q.Step == "" {
			return
		}
		console.on = nil
		j, _, err := apply.OpenJournal(t.Context(), m, anna, "test")
		if err == nil {
			err = j.Write(t.Context(), apply.Entry{Run: "other", Event: apply.EventRunBegin})
		}
		if err != nil {
			t.Error(err)
		}
	}
	res := carryOut(t, m, p, apply.Options{Console: console}, apply.RunRefused)
	if !strings.Contains(strings.Join(res.Because, ";"), "another oxtail") || string(m.Files()[odb]) != "odb" {
		t.Errorf("because %q; want another oxtail", res.Because)
	}
	if check, err := apply.CheckJournal(t.Context(), m); err != nil || !check.Sound() {
		t.Errorf("the journal was spoilt: %v, %q", err, check.Faults)
	}
}

// TestExpand: variables that are not known stay.
func TestExpand(t *testing.T) {
	m := newAnna(t, nil)
	for in, want := range map[string]string{
		`%LOCALAPPDATA%\x`: `C:\Users\anna\AppData\Local\x`, `%localappdata%`: `C:\Users\anna\AppData\Local`, `%NO%\x`: `%NO%\x`, `a%b`: `a%b`,
		`%NO%LOCALAPPDATA%`: `%NOC:\Users\anna\AppData\Local`, ``: ``, `100%`: `100%`,
	} {
		if got := m.Expand(in); got != want {
			t.Errorf("Expand(%q) = %q; want %q", in, got, want)
		}
	}
}
