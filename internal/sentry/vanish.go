package sentry

import (
	"fmt"
	"slices"
	"strings"

	"oxtail/actions"
	"oxtail/detectors"
	"oxtail/parser/winpath"
)

// judgeMissing judges a file that a look did not find.
func (s *Sentry) judgeMissing(f *file, snap *Snapshot) {
	if snap.unsureOf(f.Path) {
		return
	}
	f.Missed++
	key := faultKey(RuleCacheVanished, f.Path)
	switch {
	case f.Missed < confirmLooks:
		s.suspect = true
	case f.Missed == confirmLooks:
		s.changed = true
		s.open(f.Path, 1, s.vanished(f, snap))
		for _, rule := range []string{RuleCacheJump, RuleStoreLimit} {
			s.close(faultKey(rule, f.Path), "the file is not there any more")
		}
	case f.Referred && !refersTo(f.Path, snap):
		f.Referred = false
		s.close(key, "no profile points to it any more")
	case s.now.Sub(f.Seen) >= goneFor:
		s.close(key, fmt.Sprintf("it did not come back within %d days and is not waited for any longer", int(goneFor.Hours()/24)))
		delete(s.files, f.Path)
		s.changed = true
	}
}

// vanished is the finding of a file that is not there any more.
func (s *Sentry) vanished(f *file, snap *Snapshot) detectors.Finding {
	out := detectors.Finding{
		Rule: RuleCacheVanished, Title: "A cache file vanished", Severity: detectors.SeverityHigh, Verdict: detectors.Profile,
		Action: detectors.CheckProfile, Confidence: detectors.Certain, Source: f.Path, CacheFiles: []string{f.Path},
		Account: f.Account, Mailbox: f.Mailbox, Profiles: f.Profiles,
		Because: []string{fmt.Sprintf("%s: the file was there with %s, last changed %s", clock(f.Seen), size(f.Bytes), changedAt(f.Modified)),
			clock(s.now) + ": it is not there any more"},
		Evidence: []detectors.Evidence{
			seen(f.Path, size(f.Bytes)+", last changed "+changedAt(f.Modified), f.Seen),
			seen(f.Path, "not there; it had "+size(f.Bytes)+", last changed "+changedAt(f.Modified), s.now),
		},
		Explain: "What was not yet synchronised to the server was in this file only. If it was renamed for a rebuild, a new one appears at the next synchronisation.",
		Change:  "A file of this name, or no profile that points to it.",
	}
	switch {
	case f.Kind == "pst":
		out.Severity, out.Verdict, out.Action = detectors.SeverityCritical, detectors.Unknown, detectors.Manual
		out.Title, out.Explain = "A data file vanished", "A .pst is the only copy of its data; look for it before anything else is written to the disk."
	case !f.Referred:
		out.Severity = detectors.SeverityLow
		out.Because = append(out.Because, "no profile that was read points to it: it may have been cleaned up")
	case !refersTo(f.Path, snap):
		f.Referred, out.Severity = false, detectors.SeverityLow
		out.Because = append(out.Because, "the profile that pointed to it does not any more: it went with its service")
	}
	if to := s.renamedTo(f, snap); to != "" {
		out.Severity = min(out.Severity, detectors.SeverityMedium)
		out.Because = append(out.Because, "a file with the same content lies at "+to+": it was renamed, not lost")
		out.CacheFiles = append(out.CacheFiles, to)
		out.Evidence = append(out.Evidence, seen(to, "the same content as "+f.Path, s.now))
	}
	return out
}

// refersTo reports whether a profile still points to a file that is not there, or
// whether nobody can tell since the profiles were not read. Profiles of a copy of a
// computer have other paths than the files, so the name decides; who points to one file
// of a pair wants both.
func refersTo(path string, snap *Snapshot) bool {
	if len(snap.Read) == 0 {
		return true
	}
	stem := func(path string) string { return strings.ToLower(winpath.Stem(winpath.Base(path))) }
	return slices.ContainsFunc(snap.Inventory.Caches, func(c actions.CacheFile) bool {
		return (c.State == actions.CacheMissing || len(c.Links) > 0) && stem(c.Path) == stem(path)
	})
}

// renamedTo finds the file, in the same folder, that has the content of one that vanished.
func (s *Sentry) renamedTo(f *file, snap *Snapshot) string {
	i := slices.IndexFunc(snap.Inventory.Caches, func(c actions.CacheFile) bool {
		if c.State == actions.CacheMissing || s.files[c.Path] != nil || winpath.Dir(c.Path) != winpath.Dir(f.Path) {
			return false
		}
		untouched := f.Bytes > 0 && c.Bytes == f.Bytes && !f.Modified.IsZero() && c.Modified.Equal(f.Modified)
		return untouched || f.Head != "" && c.Head == f.Head && c.Bytes >= f.Bytes
	})
	if i < 0 {
		return ""
	}
	return snap.Inventory.Caches[i].Path
}
