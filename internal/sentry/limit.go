package sentry

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"oxtail/actions"
	"oxtail/detectors"
	"oxtail/parser/profile"
	"oxtail/parser/store"
)

// A Limit is one value of the registry below "…\Outlook\PST" that moves the sizes at
// which Outlook stops (KB832925).
type Limit struct {
	Major  int    // Office's major version
	Policy bool   // it stands below Policies, and counts before the user's own
	Name   string // MaxLargeFileSize, WarnLargeFileSize, MaxFileSize or WarnFileSize
	Value  int64  // MB for the Large ones, bytes for the others
	Origin string // registry path
}

// Levels of a store's size.
const (
	levelNear = iota + 1 // 90 % of Warn
	levelWarn            // Outlook takes no more data
	levelFull            // the file does not grow any more
)

// judgeLimits holds each store against its limit.
func (s *Sentry) judgeLimits(snap *Snapshot) {
	owners := ownersOf(snap.Inventory)
	for _, path := range slices.Sorted(maps.Keys(snap.files())) {
		f := s.files[path]
		if f == nil || f.Kind != "ost" && f.Kind != "pst" {
			continue
		}
		layout, how := layoutOf(f, owners[path])
		limits, from := limitsOf(layout, snap.Limits)
		s.judgeLimit(f, limits, fmt.Sprintf("%s; %s", how, from))
	}
}

func (s *Sentry) judgeLimit(f *file, limits store.Limits, basis string) {
	key := faultKey(RuleStoreLimit, f.Path)
	near := limits.WarnBytes / nearDenominator * nearNumerator
	level := 0
	switch {
	case f.Bytes >= limits.MaxBytes:
		level = levelFull
	case f.Bytes >= limits.WarnBytes:
		level = levelWarn
	case f.Bytes >= near:
		level = levelNear
	case f.Bytes < limits.WarnBytes/nearDenominator*easeNumerator:
		s.close(key, fmt.Sprintf("it has %s, below %s", size(f.Bytes), size(near)))
		return
	default:
		return
	}
	s.open(f.Path, level, limitFinding(f, level, limits, basis))
}

// limitFinding says how near a store is to its limit.
func limitFinding(f *file, level int, limits store.Limits, basis string) detectors.Finding {
	out := detectors.Finding{
		Rule: RuleStoreLimit, Title: "A store is near the size at which Outlook takes no more data", Severity: detectors.SeverityMedium,
		Verdict: detectors.Configuration, Action: detectors.Manual, Confidence: detectors.Likely, Source: f.Path, CacheFiles: []string{f.Path}, Profiles: f.Profiles,
		Because: []string{
			fmt.Sprintf("%s has %s; from %s on no more data is taken, at %s the file stops growing", f.Path, size(f.Bytes), size(limits.WarnBytes), size(limits.MaxBytes)),
			basis,
		},
		Evidence: []detectors.Evidence{seen(f.Path, fmt.Sprintf("%s of %s", size(f.Bytes), size(limits.MaxBytes)), f.Seen)},
		Explain:  "Archive or delete items and compact the store, raise the limit by policy, or convert an ANSI store to Unicode.",
		Change:   fmt.Sprintf("A size below %s, or a higher limit.", size(limits.WarnBytes/nearDenominator*easeNumerator)),
	}
	switch level {
	case levelWarn:
		out.Title, out.Severity = "A store has the size at which Outlook takes no more data", detectors.SeverityHigh
	case levelFull:
		out.Title, out.Severity = "A store is at its largest size", detectors.SeverityCritical
	}
	return out
}

// layoutOf tells whether a store has the old layout that ends at 2 GB. Outlook holds its
// stores, so often only the profile tells.
func layoutOf(f *file, owner *actions.Store) (store.Layout, string) {
	switch {
	case strings.Contains(f.Content, string(store.LayoutANSI)):
		return store.LayoutANSI, "its header is that of an ANSI store"
	case strings.Contains(f.Content, "unicode"):
		return store.LayoutUnicode, "its header is that of a Unicode store"
	case owner == nil:
	case slices.ContainsFunc(owner.Uses, func(u actions.Use) bool { return strings.EqualFold(u.Service.Name, "MSPST MS") }):
		return store.LayoutANSI, "its header could not be read; the profile names the service of ANSI stores, MSPST MS"
	case slices.ContainsFunc(owner.Uses, func(u actions.Use) bool { return strings.EqualFold(u.Service.Name, "MSUPST MS") }):
		return store.LayoutUnicode, "its header could not be read; the profile names the service of Unicode stores, MSUPST MS"
	}
	return store.LayoutUnicode, "its header could not be read; taken for a Unicode store, as Outlook makes them since 2003"
}

// limitsOf gives the limits of a layout. The policy of the newest Office counts first;
// of several users' values the smallest, since nobody knows who opens the file.
func limitsOf(layout store.Layout, found []Limit) (store.Limits, string) {
	warnName, maxName := "WarnLargeFileSize", "MaxLargeFileSize"
	if layout == store.LayoutANSI {
		warnName, maxName = "WarnFileSize", "MaxFileSize"
	}
	warn, max := strongest(warnName, found), strongest(maxName, found)
	source, origins := "registry", []string{}
	for _, l := range []Limit{warn, max} {
		if l.Value > 0 {
			origins = append(origins, fmt.Sprintf("%s = %d", l.Origin, l.Value))
		}
	}
	limits := store.RegistryLimits(layout, 0, warn.Value, max.Value, source)
	limits.WarnBytes = min(limits.WarnBytes, limits.MaxBytes)
	if layout == store.LayoutANSI {
		limits.MaxBytes = min(limits.MaxBytes, store.ANSIEndBytes)
		limits.WarnBytes = min(limits.WarnBytes, limits.MaxBytes)
	}
	if len(origins) == 0 {
		return limits, "limits are the " + limits.Source
	}
	return limits, "limits by " + strings.Join(origins, ", ")
}

// strongest returns the value of a name that counts.
func strongest(name string, found []Limit) Limit {
	best := Limit{}
	for _, l := range found {
		switch {
		case !strings.EqualFold(l.Name, name) || l.Value <= 0:
		case best.Value == 0, l.Policy && !best.Policy, l.Policy == best.Policy && l.Major > best.Major,
			l.Policy == best.Policy && l.Major == best.Major && l.Value < best.Value:
			best = l
		}
	}
	return best
}

// officeMajors are the versions whose limits are read: Outlook 2003 to today's.
func officeMajors() []int { return []int{11, 12, 14, 15, 16} }

// ReadLimits reads the limits of all users of a registry tree: a user's hive, or a tree
// whose subkeys are hives. What cannot be read is left out: then the defaults count.
func ReadLimits(root profile.Key) []Limit {
	var out []Limit
	for _, hive := range users(root) {
		for _, major := range officeMajors() {
			for _, policy := range []string{`Policies\`, ""} {
				path := fmt.Sprintf(`Software\%sMicrosoft\Office\%d.0\Outlook\PST`, policy, major)
				out = append(out, limitsIn(hive.key, path, hive.origin+`\`+path, major, policy != "")...)
			}
		}
	}
	return out
}

// limitsIn reads the values of one key.
func limitsIn(hive profile.Key, path, origin string, major int, policy bool) []Limit {
	key, _ := profile.Find(hive, path)
	if key == nil {
		return nil
	}
	values, _ := key.Values()
	var out []Limit
	for _, v := range values {
		names := []string{"MaxLargeFileSize", "WarnLargeFileSize", "MaxFileSize", "WarnFileSize"}
		i := slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, v.Name) })
		if i < 0 {
			continue
		}
		if n, ok := number(v); ok {
			out = append(out, Limit{Major: major, Policy: policy, Name: names[i], Value: n, Origin: origin + `\` + v.Name})
		}
	}
	return out
}

// number reads a DWORD, or a text that holds a decimal number, as people set it.
func number(v profile.Value) (int64, bool) {
	if v.Type == profile.TypeDword && len(v.Data) == 4 {
		return int64(v.Data[0]) | int64(v.Data[1])<<8 | int64(v.Data[2])<<16 | int64(v.Data[3])<<24, true
	}
	if v.Type != profile.TypeString {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(profile.DecodeUTF16(v.Data)), 10, 64)
	return n, err == nil
}

// A user is the registry of one user in a tree.
type user struct {
	key    profile.Key
	origin string
}

// users finds the users' hives as profile.Read does: the root itself when it has a key
// Software, else its subkeys and those of HKEY_USERS.
func users(root profile.Key) []user {
	top, _ := root.Subkeys()
	if hasSoftware(top) {
		return []user{{root, "HKCU"}}
	}
	var out []user
	for _, key := range top {
		below, _ := key.Subkeys()
		switch name := profile.FoldName(key.Name()); {
		case name == "HKEY_LOCAL_MACHINE":
		case hasSoftware(below):
			out = append(out, user{key, strings.Replace(name, "HKEY_CURRENT_USER", "HKCU", 1)})
		case name == "HKEY_USERS":
			for _, one := range below[:min(len(below), profile.MaxUsers)] {
				out = append(out, user{one, `HKU\` + one.Name()})
			}
		}
	}
	return out
}

func hasSoftware(keys []profile.Key) bool {
	return slices.ContainsFunc(keys, func(k profile.Key) bool { return strings.EqualFold(k.Name(), "Software") })
}
