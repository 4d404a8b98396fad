package machine

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/windows/registry"

	"oxtail/actions/apply"
	"oxtail/actions/apply/applytest"
	"oxtail/parser/profile"
)

// TestPlans runs the cases of every machine, on this computer with the test
// provider as its Outlook.
func TestPlans(t *testing.T) {
	applytest.Run(t, applytest.Options{
		Folder: os.Getenv("LOCALAPPDATA") + `\OXSTORE2`, Root: profilesKey, Service: profile.ServiceOXtender, Slow: true,
	}, openLive)
}

// openLive makes this computer hold a fixture.
func openLive(t *testing.T, f applytest.Fixture) (apply.Machine, applytest.Probe) {
	p := &liveProbe{useProvider(t, ownBits), os.Getenv("LOCALAPPDATA") + `\OXSTORE2`}
	removeUser(t, outlookKey)
	p.clear(t)
	t.Cleanup(func() {
		removeUser(t, outlookKey)
		p.clear(t)
	})
	p.Import(t, f.Registry)
	for path, data := range f.Files {
		p.Put(t, path, data)
	}
	return p.live, p
}

// liveProbe looks at this computer and disturbs it.
type liveProbe struct {
	*provider
	folder string
}

var _ applytest.Probe = (*liveProbe)(nil)

// clear removes the files of the fixtures.
func (p *liveProbe) clear(t testing.TB) {
	t.Helper()
	if err := os.RemoveAll(p.folder); err != nil {
		t.Fatal(err)
	}
}

// Registry is an export of all profiles.
func (p *liveProbe) Registry(t testing.TB) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := p.ExportKey(t.Context(), outlookKey, &out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Files are the files below the folder of caches.
func (p *liveProbe) Files(t testing.TB) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	err := filepath.WalkDir(p.folder, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out[path], err = os.ReadFile(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Import changes the registry as another program would.
func (p *liveProbe) Import(t testing.TB, reg []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.reg")
	if err := os.WriteFile(path, reg, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("reg", "import", path).CombinedOutput(); err != nil {
		t.Fatalf("reg import: %v: %s", err, out)
	}
}

// Put writes a file as another program would.
func (p *liveProbe) Put(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// Hold lets a second process open a file.
func (p *liveProbe) Hold(t testing.TB, path string) (release func()) {
	t.Helper()
	holder := start(t, "holder.exe", "hold "+path)
	return holder.stop
}

// Points are the calls of the test provider.
func (p *liveProbe) Points() []string {
	return []string{
		"MAPIInitialize", "MAPIAdminProfiles", "HrQueryAllRows", "GetProfileTable", "SetDefaultProfile", "AdminServices", "QueryInterface",
		"GetMsgServiceTable", "CreateMsgService", "CreateMsgServiceEx", "DeleteMsgService", "ConfigureMsgService", "SetColumns", "QueryRows",
	}
}

// Fail makes a call of the provider fail after so many have passed in one process.
func (p *liveProbe) Fail(t testing.TB, point string, code uint32, after int) {
	t.Helper()
	p.fail(point, code)
	p.fail(point+".after", uint32(after))
}

// Heal lets all calls work again.
func (p *liveProbe) Heal(t testing.TB) {
	t.Helper()
	if err := registry.DeleteKey(registry.CURRENT_USER, failKey); err != nil && !strings.Contains(err.Error(), "find") {
		t.Fatal(err)
	}
}

// Quota cannot be set on this computer.
func (p *liveProbe) Quota(testing.TB, int64) bool { return false }
