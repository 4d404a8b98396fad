package twin

import (
	"strings"
	"testing"
	"time"

	"oxtail/actions/apply"
	"oxtail/actions/apply/applytest"
	"oxtail/parser/profile"
	"oxtail/parser/regfile"
)

var noon = time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)

// anna is who works on the twins of the tests.
var anna = apply.Identity{Computer: "PC-ANNA", User: `EXAMPLE\anna`, SID: "S-1-5-21-1-2-3-1001", Session: 1, Bits: 64, Outlook: 64}

// userHive finds HKEY_CURRENT_USER in an export.
func userHive(t testing.TB, reg []byte) profile.Key {
	t.Helper()
	f, err := regfile.Parse(reg)
	if err != nil {
		t.Fatal(err)
	}
	key, err := profile.Find(f.Root(), hive)
	if key == nil || err != nil {
		t.Fatalf("no %s in the export: %v", hive, err)
	}
	return key
}

// open makes a twin of a fixture.
func open(t *testing.T, f applytest.Fixture) (apply.Machine, applytest.Probe) {
	t.Helper()
	c := Config{Registry: userHive(t, f.Registry), Identity: anna, Now: noon, Silent: []string{"OXSTOR_SVC"}, Env: map[string]string{"LOCALAPPDATA": `C:\Users\anna\AppData\Local`, "COMMONPROGRAMFILES": `C:\Program Files\Common Files`}}
	for path, data := range f.Files {
		c.Files = append(c.Files, File{Path: path, Data: data, Modified: noon.Add(-time.Hour)})
	}
	twin, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return twin, &probe{twin}
}

// probe looks behind the twin.
type probe struct{ t *Twin }

func (p *probe) Registry(t testing.TB) []byte {
	data, err := p.t.Registry()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func (p *probe) Files(testing.TB) map[string][]byte {
	out := p.t.Files()
	for path := range out {
		if strings.HasPrefix(path, p.t.StateFolder()) {
			delete(out, path)
		}
	}
	return out
}

func (p *probe) Import(t testing.TB, reg []byte) {
	if err := p.t.Edit(reg); err != nil {
		t.Fatal(err)
	}
}

func (p *probe) Put(_ testing.TB, path string, data []byte) { p.t.Put(path, data) }

func (p *probe) Hold(_ testing.TB, path string) func() {
	p.t.AddProcess(Process{Process: apply.Process{ID: 77, Name: "backup.exe", Session: 1, Started: noon}, Holds: []string{path}, Yields: apply.CloseTerminate + 1})
	return func() { p.t.EndProcess(77) }
}

func (p *probe) Points() []string { return Points() }

func (p *probe) Fail(_ testing.TB, point string, code uint32, after int) {
	p.t.Fail(point, code, after)
}

func (p *probe) Heal(testing.TB) { p.t.Heal() }

func (p *probe) Quota(_ testing.TB, bytes int64) bool {
	p.t.SetQuota(bytes)
	return true
}

// TestConformance holds the twin to the cases of every machine.
func TestConformance(t *testing.T) { applytest.Run(t, applytest.DefaultOptions(), open) }
