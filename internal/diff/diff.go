package diff

import (
	"oxtail/actions"
	"oxtail/detectors"
)

// A Side is what one scan found.
type Side struct {
	Root      string // the path that was scanned: paths are compared from there on
	Findings  []detectors.Finding
	Templates []detectors.Template
	Inventory *actions.Inventory
}

// State says how a thing differs.
type State string

// The states. Gone is said of findings that healed, too, and New of those that came back.
const (
	New     State = "new"
	Gone    State = "gone"
	Persist State = "persisting"
	Changed State = "changed"
)

// A Pair is a finding of both sides, or of one of them.
type Pair struct {
	State  State
	Before *detectors.Finding // nil if the first side does not have it
	After  *detectors.Finding // nil if the second side does not have it
}

// Worst returns the finding as it is now, or as it was when it is gone.
func (p *Pair) Worst() *detectors.Finding {
	if p.After != nil {
		return p.After
	}
	return p.Before
}

// A Change is a profile or a cache file that is not the same on both sides.
type Change struct {
	State State
	Name  string   // of the profile; path of the cache file
	Owner string   // Windows user, "" when not known
	Was   []string // what only the first side says of it
	Now   []string // what only the second side says of it
}

// A TemplateChange is a kind of unknown trouble that one side alone has.
type TemplateChange struct {
	State    State
	Template *detectors.Template
}

// A Result is all differences. Findings are ordered new, persisting, gone, and within
// these by severity; the rest is ordered by state and name.
type Result struct {
	Findings  []Pair
	Profiles  []Change
	Caches    []Change
	Templates []TemplateChange
}

// Compare returns what is different between two sides.
func Compare(before, after *Side) *Result {
	return &Result{
		Findings:  pairs(before, after),
		Profiles:  profiles(before.Inventory, after.Inventory),
		Caches:    cacheFiles(before, after),
		Templates: templates(before.Templates, after.Templates),
	}
}

// templates tells which patterns appeared, in the order of the second side, and which
// vanished, in that of the first.
func templates(before, after []detectors.Template) []TemplateChange {
	out := onlyIn(after, before, New)
	return append(out, onlyIn(before, after, Gone)...)
}

func onlyIn(list, other []detectors.Template, s State) []TemplateChange {
	known := make(map[string]bool, len(other))
	for i := range other {
		known[other[i].Pattern] = true
	}
	var out []TemplateChange
	for i := range list {
		if !known[list[i].Pattern] {
			out = append(out, TemplateChange{s, &list[i]})
		}
	}
	return out
}
