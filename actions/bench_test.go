package actions

import (
	"fmt"
	"testing"
	"time"

	"oxtail/detectors"
)

// terminalServer is 500 profiles and many findings in many logs.
func terminalServer(findings int) ([]detectors.Finding, *Inventory) {
	inv := &Inventory{}
	for i := range 500 {
		user := fmt.Sprintf("user%03d", i)
		p := oxProfile("Outlook", annaServer, user, `C:\Users\`+user+`\AppData\Local\OXSTORE2\a.odb`)
		p.Source = "case/" + user + "/NTUSER.DAT"
		inv.Profiles = append(inv.Profiles, p)
	}
	var out []detectors.Finding
	for i := range findings {
		source := fmt.Sprintf("case/user%03d/oxtstore_%d.log", i%500, i)
		f := uuidFinding(fmt.Sprintf("f%05d", i), source, fmt.Sprintf("UUID already in use, user=user%03d, server %s", i%500, annaServer))
		for range 9 {
			f.Evidence = append(f.Evidence, f.Evidence[0])
		}
		out = append(out, f)
	}
	return out, inv
}

// TestManyProfiles holds a ceiling on the time for 500 profiles and 2,000 findings.
func TestManyProfiles(t *testing.T) {
	findings, inv := terminalServer(2000)
	start := time.Now()
	cases := Cases(findings, inv)
	if len(cases) != 500 {
		t.Errorf("%d cases; want 500", len(cases))
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("linking took %v", took)
	}
}

func BenchmarkCases(b *testing.B) {
	findings, inv := terminalServer(1000)
	for b.Loop() {
		Cases(findings, inv)
	}
}
