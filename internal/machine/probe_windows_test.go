package machine

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestProbes asks the running computer, be it Windows or Wine.
func TestProbes(t *testing.T) {
	programs, err := Programs(context.Background())
	if err != nil || len(programs) == 0 {
		t.Errorf("programs: %d, %v", len(programs), err)
	}
	if slices.ContainsFunc(programs, func(p Program) bool { return p.PID == os.Getpid() }) {
		t.Error("this program is among the programs")
	}
	volumes, err := Volumes()
	drive := strings.ToUpper(os.Getenv("SystemDrive")) + `\`
	i := slices.IndexFunc(volumes, func(v Volume) bool { return v.Root == drive })
	if err != nil || i < 0 || volumes[i].Kind != "fixed" || volumes[i].Total <= 0 || volumes[i].Free > volumes[i].Total {
		t.Errorf("volumes %+v, %v; want %s, fixed, with space", volumes, err, drive)
	}
	if m, err := Joined(); err != nil || m.Computer == "" {
		t.Errorf("joined %+v, %v", m, err)
	}
	release, err := WindowsRelease()
	if err != nil || strings.Count(release.Version, ".") != 2 || release.Bits == 0 || release.CodePage == 0 {
		t.Errorf("release %+v, %v", release, err)
	}
	services, err := ServiceStates()
	if err != nil || len(services) == 0 || services[0].Name == "" || services[0].State == "" {
		t.Errorf("%d services, %v", len(services), err)
	}
	self, err := Self()
	if err != nil || !strings.HasPrefix(self.SID, "S-1-") || self.Bits == 0 {
		t.Errorf("self %+v, %v", self, err)
	}
	groups, err := GroupsOf(os.Getpid())
	if err != nil || !slices.ContainsFunc(groups, func(sid string) bool { return strings.HasPrefix(sid, "S-1-") }) {
		t.Errorf("groups %v, %v", groups, err)
	}
	if _, err := OpenProgram(`relative.dll`); err == nil {
		t.Error("a path without a drive is opened")
	}
	if _, err := OpenProgram(drive + `no such folder\x.dll`); !os.IsNotExist(err) {
		t.Errorf("a program that is not there: %v", err)
	}
}
