package machine

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// oxtail runs the program itself and demands its exit code.
func oxtail(t *testing.T, want int, args ...string) string {
	t.Helper()
	cmd := exec.Command(wineWork(t, `program\oxtail.exe`), args...)
	out, err := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); code != want {
		t.Fatalf("oxtail %s: exit code %d, %v; want %d\n%s", strings.Join(args, " "), code, err, want, out)
	}
	return string(out)
}

// TestProgram is the whole way of a person: evidence, plan, dry run, the repair with an
// Outlook of 32 bits, the journal, and back again.
func TestProgram(t *testing.T) {
	if ownBits != bits64 {
		t.Skip("the 64-bit oxtail is tried with the 32-bit Outlook")
	}
	folder := os.Getenv("LOCALAPPDATA") + `\OXSTORE2`
	m, probe := openLive(t, oneAccount(folder))
	useProvider(t, bits32)
	wineWork(t, `program\oxtail-mapi32.exe`)
	p := probe.(*liveProbe)
	state := os.Getenv("LOCALAPPDATA") + `\oxtail` // of the program, which has no other here
	forget := func() {
		if err := os.RemoveAll(state); err != nil {
			t.Error(err)
		}
	}
	forget()
	t.Cleanup(forget)
	p.Import(t, oneAccount(folder).Registry) // useProvider has cleared it
	before, files := p.Registry(t), p.Files(t)

	dir := t.TempDir()
	reg, plan := filepath.Join(dir, "profiles.reg"), filepath.Join(dir, "plan.json")
	p.Put(t, reg, before)
	oxtail(t, 0, "plan", "--recreate", "Outlook", "-o", plan, reg, folder)
	oxtail(t, 0, "apply", plan, "--dry-run", "--mode", "copy", "--accept-loss", "saved")
	if !bytes.Equal(p.Registry(t), before) || len(p.Files(t)) != len(files) {
		t.Error("the dry run has changed something")
	}
	oxtail(t, 0, "apply", plan, "--mode", "copy", "--yes", "--accept-loss", "saved")
	inv, err := m.Inventory(t.Context())
	if err != nil || len(inv.Profiles) != 1 || len(inv.Profiles[0].Services) != 1 || inv.Profiles[0].Services[0].UID == "a0000000000000000000000000000001" {
		t.Errorf("inventory %+v, %v; want one new service", inv, err)
	}
	if got := p.Files(t); got[folder+`\a1.odb`] != nil || got[folder+`\a1.psz`] != nil {
		t.Errorf("%d cache files afterwards", len(got))
	}
	oxtail(t, 0, "journal", "verify")
	var backup struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal([]byte(oxtail(t, 0, "backup", "list", "--format", "json")), &backup); err != nil || backup.ID == "" {
		t.Fatalf("backup %+v, %v", backup, err)
	}
	oxtail(t, 0, "apply", "--undo", backup.ID, "--yes")
	if !bytes.Equal(p.Registry(t), before) {
		t.Error("the registry is not as before")
	}
	if got := p.Files(t); !bytes.Equal(got[folder+`\a1.odb`], files[folder+`\a1.odb`]) {
		t.Errorf("%d files; the cache is not as before", len(got))
	}
	oxtail(t, 0, "journal", "verify")
}
