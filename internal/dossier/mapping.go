package dossier

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"oxtail/parser"
)

// A Mapping is one record that says what a UUID stands for.
type Mapping struct {
	UUID   parser.UUID `json:"uuid"`
	To     string      `json:"to"` // another UUID, or "object N"
	Source string      `json:"source"`
	Line   int         `json:"line"`
	Time   time.Time   `json:"time,omitzero"`
}

// A Conflict is a contradiction between mappings.
type Conflict struct {
	Kind   ConflictKind `json:"kind"`
	Detail string       `json:"detail"`
	Places []string     `json:"places"` // source:line of the records that contradict each other
}

// A ConflictKind names a contradiction.
type ConflictKind string

// The kinds of conflicts.
const (
	RemappedUUID ConflictKind = "remapped"      // A→B, then A→C
	ClaimedTwice ConflictKind = "claimed-twice" // A→B and D→B
	OrphanUUID   ConflictKind = "orphan"        // "no object with UUID", and no mapping of it was seen
)

const uuidText = `\{?[0-9A-Fa-f]{8}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{12}\}?`

// mappingPattern finds "UUID A already mapped to B", "A -> object 17", "mapped UUID A
// to item id=4711" and the like. No such line is public; the words are guesses.
var mappingPattern = regexp.MustCompile(`(?i)(` + uuidText + `)["'\s]*(?:is\s+|was\s+|has\s+been\s+|ist\s+|wurde\s+|already\s+|bereits\s+|now\s+|re)*(?:mapped|assigned|bound|zugeordnet|in\s+use|->|=>|→)?\s*(?:to|by|for|an|von|->|=>|→)?\s*(?:UUID\s+)?["']?(?:(` + uuidText + `)|(?:(?:object|objekt|item|server\s?id|id)\s*(?:id)?\s*[=:#]?\s*["']?([0-9]{1,12}(?:[/:][0-9]{1,12})*)))`)

// mappingWords keep the pattern from running over records that cannot fit.
var mappingWords = []string{"map", "assign", "bound", "zugeordnet", "in use", "->", "=>", "→"}

// orphanPattern is the documented phrase for a UUID that nothing is known of.
var orphanPattern = regexp.MustCompile(`(?i)no\s+dataobject\s+with\s+uuid`)

// mappingsIn reads the mappings that a record tells.
func mappingsIn(source string, rec *parser.Record) []Mapping {
	if len(rec.UUIDs) == 0 {
		return nil
	}
	lower := strings.ToLower(rec.Text)
	if !slices.ContainsFunc(mappingWords, func(w string) bool { return strings.Contains(lower, w) }) {
		return nil
	}
	var out []Mapping
	for _, m := range mappingPattern.FindAllStringSubmatch(rec.Text, -1) {
		from, ok := parser.ParseUUID(m[1])
		if !ok {
			continue
		}
		to := "object " + m[3]
		if m[3] == "" {
			other, isUUID := parser.ParseUUID(m[2])
			if !isUUID || other == from {
				continue
			}
			to = string(other)
		}
		out = append(out, Mapping{from, to, source, rec.Line, rec.Time})
	}
	return out
}

func (m *Mapping) place() string { return fmt.Sprintf("%s:%d", m.Source, m.Line) }

// sortMappings orders by time, then place.
func sortMappings(mappings []Mapping) {
	slices.SortStableFunc(mappings, func(a, b Mapping) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Line, b.Line), cmp.Compare(a.UUID, b.UUID), cmp.Compare(a.To, b.To))
	})
}

// related keeps the mappings of a UUID, those to it, and those of other UUIDs that
// claim the same target.
func related(id parser.UUID, all []Mapping) []Mapping {
	targets := map[string]bool{string(id): true}
	for _, m := range all {
		if m.UUID == id {
			targets[m.To] = true
		}
	}
	var out []Mapping
	for _, m := range all {
		if m.UUID == id || targets[m.To] {
			out = append(out, m)
		}
	}
	sortMappings(out)
	return out
}

// conflicts finds the contradictions among the mappings of a dossier.
func (d *Dossier) conflicts() []Conflict {
	out := d.remapped()
	out = append(out, d.claimedTwice()...)
	return append(out, d.orphan()...)
}

// remapped tells when the UUID goes to another target than before.
func (d *Dossier) remapped() []Conflict {
	var out []Conflict
	var before *Mapping
	for i := range d.Mappings {
		m := &d.Mappings[i]
		if m.UUID != d.UUID {
			continue
		}
		if before != nil && before.To != m.To {
			out = append(out, Conflict{RemappedUUID, fmt.Sprintf("%s → %s, then → %s", d.UUID, before.To, m.To), []string{before.place(), m.place()}})
		}
		before = m
	}
	return out
}

// claimedTwice tells when two UUIDs go to one target.
func (d *Dossier) claimedTwice() []Conflict {
	first := map[string]*Mapping{}
	var out []Conflict
	told := map[string]bool{}
	for i := range d.Mappings {
		m := &d.Mappings[i]
		known := first[m.To]
		if known == nil {
			first[m.To] = m
			continue
		}
		key := m.To + "\x00" + string(m.UUID)
		if known.UUID != m.UUID && !told[key] {
			told[key] = true
			out = append(out, Conflict{ClaimedTwice, fmt.Sprintf("%s is claimed by %s and by %s", m.To, known.UUID, m.UUID), []string{known.place(), m.place()}})
		}
	}
	return out
}

// orphan tells when the sync engine knows nothing of the UUID, and no log says that
// it ever stood for something.
func (d *Dossier) orphan() []Conflict {
	if slices.ContainsFunc(d.Mappings, func(m Mapping) bool { return m.UUID == d.UUID }) {
		return nil
	}
	for i := range d.Entries {
		e := &d.Entries[i]
		if orphanPattern.MatchString(e.Text) {
			return []Conflict{{OrphanUUID, fmt.Sprintf("nothing is known of %s, and no record maps it", d.UUID), []string{fmt.Sprintf("%s:%d", e.Source, e.Line)}}}
		}
	}
	return nil
}
