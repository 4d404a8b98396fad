package actions

import (
	"fmt"
	"slices"

	"oxtail/detectors"
	"oxtail/parser/profile"
	"oxtail/parser/winpath"
)

// This file turns what the inventory itself says to be wrong into findings of the
// cases, so that evidence without any log can make a case.

// judgeStore starts the case of a store whose own evidence shows a fault: an account
// that several services share, a damaged store file.
func (l *linker) judgeStore(s *Store) {
	if s.System == OXtender && s.Shared() {
		l.storeCase(s) // proveShare says the rest
	}
	for _, f := range s.Files {
		if len(f.Damage) > 0 && (s.System == Exchange || s.System == DataFile) {
			l.addExtra(s, damageFinding(s.System, "registry-store-header", "The header of the store is damaged", f.Damage, f.Path))
		}
	}
	for _, r := range l.inv.Corrupt {
		if s.hasPath(r.Path) {
			why := fmt.Sprintf("Outlook recorded this file as damaged (%s, %s)", r.LocalTime, r.Origin)
			l.addExtra(s, damageFinding(s.System, "registry-corrupt-store", "Outlook recorded the store as damaged", []string{why}, r.Path))
		}
	}
}

// addExtra adds what the inventory says to the case of a store.
func (l *linker) addExtra(s *Store, f detectors.Finding) {
	c := l.storeCase(s)
	c.extra = append(c.extra, f)
}

func (s *Store) hasPath(path string) bool {
	key := pathKey(path, s.Owner)
	return slices.ContainsFunc(s.Paths, func(p Path) bool { return p.key == key })
}

// damageFinding is a damaged store: an .ost is rebuilt from the server, a .pst is
// the only copy and repaired.
func damageFinding(system System, rule, title string, why []string, path string) detectors.Finding {
	f := detectors.Finding{
		Rule: rule, Title: title, Severity: detectors.SeverityHigh, Verdict: detectors.StoreCorrupt, Action: detectors.RebuildOST,
		Confidence: detectors.Likely, CacheFiles: []string{path},
		Change: "The same file read again while no program holds it, without damage.",
	}
	if system == DataFile {
		f.Action = detectors.RepairStore
	}
	for _, w := range why {
		f.Because = append(f.Because, winpath.Base(path)+": "+w)
	}
	return f
}

// seriousProblems are the problems of a profile that keep it from working. The others
// are remarks: leftovers of removed services stand in most real profiles.
func seriousProblems() []string {
	return []string{
		profile.DefaultMissing, profile.ServiceGhost, profile.ProviderMissing, profile.BacklinkWrong,
		profile.AccountGhost, profile.ServiceListLost, profile.AddressBookEmpty,
	}
}

// judgeProfiles makes a case of each profile with serious problems, and one of the
// registry trees as a whole.
func (l *linker) judgeProfiles() {
	for i := range l.inv.Profiles {
		p := &l.inv.Profiles[i]
		l.judgeProblems("profile\x00"+hiveOf(p)+"\x00"+p.Root+"\x00"+p.Name, p.Problems, p)
	}
	l.judgeProblems("profiles", l.inv.Problems, nil)
}

func (l *linker) judgeProblems(key string, problems []profile.Problem, p *profile.Profile) {
	for _, problem := range problems {
		if !slices.Contains(seriousProblems(), problem.ID) {
			continue
		}
		c := l.caseOf(key, Other)
		if p != nil && len(c.Profiles) == 0 {
			c.Profiles = []string{profileNode(p).Name}
		}
		var proof []detectors.Evidence
		if problem.Source != "" {
			proof = []detectors.Evidence{l.inv.Places.cite(problem.Source, problem.Origin)}
		}
		c.extra = append(c.extra, detectors.Finding{
			Evidence: proof,
			Rule:     problem.ID, Title: problem.Title, Severity: detectors.SeverityMedium, Verdict: detectors.Profile,
			Action: detectors.CheckProfile, Confidence: detectors.Likely,
			Because: []string{problem.ID + " " + problem.Title + ": " + problem.Detail + " (" + problem.Origin + ")"},
			Change:  "A profile without this contradiction.",
		})
	}
}
