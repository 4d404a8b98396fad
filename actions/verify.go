package actions

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"oxtail/detectors"
	"oxtail/parser/profile"
	"oxtail/parser/winpath"
)

// VerifySchema names the JSON form of a Verification.
const VerifySchema = "oxtail.verify/v1"

// Words of Verification.Verdict.
const (
	VerifyFixed    = "fixed"
	VerifyNotFixed = "not fixed"
	VerifyTooEarly = "too early"
)

// A Reference is what was repaired, and how it was before.
type Reference struct {
	Case    string
	Kind    PlanKind // of the repair
	Target  Target
	Heads   map[string]string // checksums of the beginnings of the old cache files, by path
	Rules   []string          // of the findings of the case; empty when they are not known
	Verdict detectors.Verdict // of the case, "" when it is not known
	Since   time.Time         // when it was repaired, or a time shortly before
	Seen    bool              // Since is when the fault was seen last; nobody tells of a repair
	From    string            // what tells all this, in words
}

// NewReference takes the reference out of a plan.
func NewReference(p *Plan, since time.Time, from string) Reference {
	ref := Reference{Case: p.Case, Kind: p.Kind, Target: p.Target, Heads: map[string]string{}, Since: since, From: from}
	for _, a := range p.Assumptions {
		if a.Kind == AssumeFileHead {
			ref.Heads[winpath.Key(winpath.Expand(a.Subject, p.Target.User))] = a.Expected
		}
	}
	switch p.Kind {
	case PlanRecreateService, PlanManualProfile:
		ref.Verdict = detectors.UUIDMapping
	case PlanRebuildOST, PlanRepairStore:
		ref.Verdict = detectors.StoreCorrupt
	case PlanCheckProfile:
		ref.Verdict = detectors.SharedCache
	}
	return ref
}

// Reference is what the case says of itself before it is repaired.
func (c *Case) Reference(since time.Time) Reference {
	p := c.Plan()
	ref := NewReference(&p, since, "the earlier evidence")
	ref.Verdict = c.Verdict
	for _, f := range c.findings {
		ref.Rules = appendNew(ref.Rules, f.Rule)
	}
	return ref
}

// SeenLast is the reference when nobody tells of a repair: the case as it is, and when its
// fault was seen last.
func (c *Case) SeenLast() Reference {
	ref := c.Reference(c.Last)
	ref.Target.ServiceUID, ref.Target.CacheFiles, ref.Heads, ref.Seen = "", nil, nil, true
	ref.From = "the same evidence: the fault was seen last then"
	return ref
}

// Later is what was seen after the repair.
type Later struct {
	Inventory *Inventory          // nil when no profiles were given
	Findings  []detectors.Finding // of records since the repair, and of records without a time
	Cycles    int                 // sync cycles that have begun since the repair
	Logs      int                 // logs that hold records since the repair
	Last      time.Time           // of the newest record
	Looked    bool                // the computer itself was looked at: a file that was not found is not there
}

// A VerifyFact is one thing that the verdict rests on.
type VerifyFact struct {
	ID    string `json:"id"`    // references, service, account, cache, errors, cycles
	State string `json:"state"` // good, bad, unknown
	Text  string `json:"text"`
}

// Words of VerifyFact.State.
const (
	FactGood    = "good"
	FactBad     = "bad"
	FactUnknown = "unknown"
)

// A Verification says whether a repair has helped.
type Verification struct {
	Schema  string       `json:"schema"`
	Case    string       `json:"case,omitempty"`
	Kind    PlanKind     `json:"kind,omitempty"`
	Verdict string       `json:"verdict"` // fixed, not fixed, too early
	Because []string     `json:"because,omitempty"`
	Next    []string     `json:"next,omitempty"`
	Facts   []VerifyFact `json:"facts"`
	Cycles  int          `json:"cycles"`        // seen without the fault
	Wanted  int          `json:"cycles_wanted"` // for the verdict fixed
	Since   time.Time    `json:"since,omitzero"`
	Last    time.Time    `json:"last,omitzero"` // newest record
	From    string       `json:"reference,omitempty"`
}

// Verify judges a repair by what was seen afterwards: references and cache, and whether
// the fault stays away for so many sync cycles.
func Verify(ref Reference, later Later, cycles int) Verification {
	v := Verification{Schema: VerifySchema, Case: ref.Case, Kind: ref.Kind, Cycles: later.Cycles, Wanted: cycles, Since: ref.Since, Last: later.Last, From: ref.From}
	v.Facts = append(v.Facts, ref.profileFacts(later.Inventory)...)
	v.Facts = append(v.Facts, ref.cacheFact(&later), ref.errorFact(&later), cycleFact(&later, cycles))
	v.judge()
	v.Next = v.next()
	return v
}

// judge weighs the facts: one that is bad means not fixed. The fault's absence over some
// cycles means fixed, also when something else was not to be seen; nothing else does.
func (v *Verification) judge() {
	v.Verdict = VerifyFixed
	because := map[string][]string{}
	for _, f := range v.Facts {
		because[f.State] = append(because[f.State], f.Text)
		if f.State == FactUnknown && (f.ID == factErrors || f.ID == factCycles) {
			v.Verdict = VerifyTooEarly
		}
	}
	v.Because = because[FactUnknown]
	switch {
	case len(because[FactBad]) > 0:
		v.Verdict, v.Because = VerifyNotFixed, because[FactBad]
	case v.Verdict == VerifyFixed:
		v.Because = append(because[FactGood], because[FactUnknown]...)
	}
}

// The facts without which nothing is called fixed.
const (
	factErrors = "errors"
	factCycles = "cycles"
)

// next says what to do.
func (v *Verification) next() []string {
	switch v.Verdict {
	case VerifyFixed:
		return []string{"nothing; oxtail backup prune removes the backup when it is not needed any more"}
	case VerifyTooEarly:
		return []string{"let Outlook synchronise, then verify again with the logs and profiles of then"}
	}
	return []string{"scan the new logs and make a new plan: oxtail scan, oxtail plan"}
}

// profileFacts judges who refers to the account now.
func (ref *Reference) profileFacts(inv *Inventory) []VerifyFact {
	if inv == nil || len(inv.Profiles) == 0 {
		return []VerifyFact{{"references", FactUnknown, "no profiles were given; nobody can say who refers to the account"}}
	}
	uses := ref.uses(inv)
	var out []VerifyFact
	if !ref.isOX() {
		return []VerifyFact{{"references", FactGood, "the profile is an Exchange one; it shares no cache"}}
	}
	switch names := useLabels(uses); len(uses) {
	case 0:
		out = append(out, VerifyFact{"references", FactUnknown, "no profile refers to the account yet"})
	case 1:
		out = append(out, VerifyFact{"references", FactGood, "exactly one service refers to the account, in profile " + names})
	default:
		out = append(out, VerifyFact{"references", FactBad, fmt.Sprintf("%d services refer to the account: %s", len(uses), names)})
	}
	if ref.Kind == PlanRecreateService && ref.Target.ServiceUID != "" {
		out = append(out, ref.serviceFact(inv))
	}
	return out
}

// isOX reports whether the repair was about an OXtender account.
func (ref *Reference) isOX() bool {
	switch ref.Kind {
	case PlanRebuildOST, PlanRepairStore, PlanSyncSettings, PlanSupportFiles:
		return false
	}
	return true
}

// uses lists the services that refer to the account.
func (ref *Reference) uses(inv *Inventory) []Use {
	var out []Use
	stores := inv.Stores()
	for i := range stores {
		s := &stores[i]
		same := ref.Target.Account != nil && s.Account != nil && accountKey(ref.Target.Account) == accountKey(s.Account)
		if same || slices.ContainsFunc(ref.Target.CacheFiles, s.HasFile) {
			out = append(out, s.Distinct()...)
		}
	}
	return out
}

func useLabels(uses []Use) string {
	var out []string
	for _, u := range uses {
		out = append(out, fmt.Sprintf("%q", u.Label()))
	}
	return someOf(out)
}

// serviceFact judges whether the service is a new one.
func (ref *Reference) serviceFact(inv *Inventory) VerifyFact {
	for i := range inv.Profiles {
		p := &inv.Profiles[i]
		for _, s := range p.Services {
			if strings.EqualFold(s.UID, ref.Target.ServiceUID) && !s.Missing {
				return VerifyFact{"service", FactBad, fmt.Sprintf("profile %q still has the old service %s: it was not re-created", ProfileLabel(p), s.UID)}
			}
		}
		for _, a := range p.Accounts {
			if strings.EqualFold(a.ServiceUID, ref.Target.ServiceUID) {
				return VerifyFact{"service", FactUnknown, fmt.Sprintf("account %q of profile %q still names the old service; Outlook mends that when it starts", a.Name, ProfileLabel(p))}
			}
		}
	}
	return VerifyFact{"service", FactGood, "the old service is gone from all profiles"}
}

// cacheFact judges whether the old cache files are gone or replaced.
func (ref *Reference) cacheFact(later *Later) VerifyFact {
	inv := later.Inventory
	switch {
	case inv == nil:
		return VerifyFact{"cache", FactUnknown, "no cache files were given"}
	case len(ref.Target.CacheFiles) == 0:
		return VerifyFact{"cache", FactGood, "the repair was about no cache file"}
	}
	fresh, found := "", 0
	for i := range inv.Caches {
		f := &inv.Caches[i]
		if f.State == CacheMissing {
			continue
		}
		if found++; !ref.isCache(f) {
			continue
		}
		old := ref.Heads[winpath.Key(winpath.Expand(f.OnComputer(), ref.Target.User))]
		switch {
		case old != "" && old == f.Head:
			return VerifyFact{"cache", FactBad, f.Path + " is still the old cache: it begins with the same bytes"}
		case old == "" && !f.Modified.IsZero() && f.Modified.Before(ref.Since):
			return VerifyFact{"cache", FactBad, f.Path + " is older than the repair"}
		}
		fresh = f.Path
	}
	switch {
	case fresh == "" && found == 0 && !later.Looked:
		return VerifyFact{"cache", FactUnknown, "no cache file is in the evidence; whether the old ones are gone is not known"}
	case fresh == "":
		return VerifyFact{"cache", FactGood, "the old cache files are gone"}
	}
	return VerifyFact{"cache", FactGood, fresh + " is a new cache"}
}

// isCache reports whether a file is one of those that were repaired.
func (ref *Reference) isCache(f *CacheFile) bool {
	return slices.ContainsFunc(ref.Target.CacheFiles, func(path string) bool {
		a, b := winpath.Expand(path, ref.Target.User), winpath.Expand(f.OnComputer(), ref.Target.User)
		return profile.CacheKey(winpath.Key(a), nil) == profile.CacheKey(winpath.Key(b), nil)
	})
}

// errorFact judges whether the fault was seen again.
func (ref *Reference) errorFact(later *Later) VerifyFact {
	untimed := 0
	for i := range later.Findings {
		f := &later.Findings[i]
		if !ref.isFault(f) {
			continue
		}
		switch {
		case f.Last.IsZero():
			untimed++
		case f.Last.After(ref.Since):
			return VerifyFact{factErrors, FactBad, fmt.Sprintf("the fault is back: %s, last on %s (%s)", f.Title, f.Last.Format("2006-01-02 15:04:05"), firstPlace(f))}
		}
	}
	switch {
	case ref.Seen && later.Cycles == 0:
		return VerifyFact{factErrors, FactBad, "no sync cycle has begun since the fault was seen last, on " + ref.Since.Format("2006-01-02 15:04:05")}
	case untimed > 0:
		return VerifyFact{factErrors, FactUnknown, fmt.Sprintf("%d findings of the fault have no time; whether they are older than the repair is not known", untimed)}
	case later.Logs == 0:
		return VerifyFact{factErrors, FactUnknown, "no log with records since the repair was given"}
	}
	return VerifyFact{factErrors, FactGood, fmt.Sprintf("the fault is in none of %d logs since the repair", later.Logs)}
}

// isFault reports whether a finding is of the fault that was repaired.
func (ref *Reference) isFault(f *detectors.Finding) bool {
	if f.IsGone || f.Weak {
		return false
	}
	if a, b := f.Account, ref.Target.Account; a != nil && b != nil && accountKey(a) != accountKey(b) {
		return false
	}
	return slices.Contains(ref.Rules, f.Rule) || ref.Verdict != "" && f.Verdict == ref.Verdict
}

// cycleFact judges whether there were enough sync cycles to say anything.
func cycleFact(later *Later, wanted int) VerifyFact {
	text := fmt.Sprintf("%d sync cycles since the repair; %d are wanted", later.Cycles, wanted)
	if later.Cycles >= wanted {
		return VerifyFact{factCycles, FactGood, text}
	}
	return VerifyFact{factCycles, FactUnknown, text}
}
