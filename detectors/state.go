package detectors

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// stateVersion changes when the form of a collector's saved state changes.
const stateVersion = 1

// collectorState is a collector as JSON. Rules are named by id.
type collectorState struct {
	Version int                   `json:"version"`
	Sources []savedSource         `json:"sources"`
	Heals   map[string][]healing  `json:"heals,omitempty"`
	Tallies map[string]savedTally `json:"tallies,omitempty"`
	Newest  time.Time             `json:"newest,omitzero"`
	Notes   map[string]int        `json:"notes,omitempty"`
}

type savedSource struct {
	Path   string            `json:"path"`
	Ended  bool              `json:"ended,omitempty"`
	Cycle  int               `json:"cycle,omitempty"`
	Faults []faultState      `json:"faults,omitempty"` // in the order of their beginning
	Latest map[string]string `json:"latest,omitempty"` // see sourceState; values are keys of faults
	Rhythm rhythm            `json:"rhythm"`
}

// savedTally names the base rules: entries refer to them by number.
type savedTally struct {
	Rules  []string               `json:"rules"`
	Groups map[string]*tallyGroup `json:"groups"`
}

// Save returns the collector's state. A collector that RestoreCollector makes of it
// goes on as this one would: the findings of a log that was followed over restarts are
// those of the log read at once.
func (c *Collector) Save() ([]byte, error) {
	state := collectorState{
		Version: stateVersion, Heals: c.heals, Tallies: make(map[string]savedTally), Newest: c.newest, Notes: c.notes,
	}
	for _, path := range sortedKeys(c.sources) {
		state.Sources = append(state.Sources, c.sources[path].save())
	}
	for id, t := range c.tallies {
		state.Tallies[id] = savedTally{t.rule.Correlation.Rules, t.groups}
	}
	data, err := json.Marshal(state)
	if err != nil {
		return nil, fmt.Errorf("save the state of findings: %w", err)
	}
	return data, nil
}

func (s *sourceState) save() savedSource {
	out := savedSource{Path: s.path, Ended: s.ended, Cycle: s.cycle, Rhythm: s.rhythm, Latest: make(map[string]string)}
	for _, f := range s.order {
		out.Faults = append(out.Faults, f.faultState)
	}
	for key, f := range s.latest {
		out.Latest[key] = f.Key
	}
	return out
}

// RestoreCollector returns the collector whose state was saved. What belongs to rules
// that are no longer in the set, or to correlations that now count other rules, is left out.
func RestoreCollector(set *Rules, data []byte) (*Collector, error) {
	var state collectorState
	if err := json.Unmarshal(data, &state); err != nil {
		return nil, fmt.Errorf("read the state of findings: %w", err)
	}
	if state.Version != stateVersion {
		return nil, fmt.Errorf("state of findings has version %d; this program reads version %d; delete it to start anew", state.Version, stateVersion)
	}
	c := NewCollector(set)
	c.newest = state.Newest
	for key, list := range state.Heals {
		if len(list) > 0 {
			c.heals[key] = list
		}
	}
	if state.Notes != nil {
		c.notes = state.Notes
	}
	for _, s := range state.Sources {
		c.restoreSource(s)
	}
	for id, saved := range state.Tallies {
		t := c.tallies[id]
		if t == nil || !slices.Equal(t.rule.Correlation.Rules, saved.Rules) || saved.Groups == nil {
			continue
		}
		t.restore(saved.Groups)
	}
	return c, nil
}

// restore takes saved groups; those that do not fit the correlation are left out.
func (t *tally) restore(groups map[string]*tallyGroup) {
	c := t.rule.Correlation
	for key, g := range groups {
		if g == nil || len(g.Values) != len(c.GroupBy) {
			continue
		}
		g.Entries = slices.DeleteFunc(g.Entries, func(e entry) bool { return e.Rule < 0 || e.Rule >= len(c.Rules) })
		t.groups[key] = g
		t.size += len(g.Entries)
	}
}

func (c *Collector) restoreSource(saved savedSource) {
	s := c.source(saved.Path)
	s.ended, s.cycle, s.rhythm = saved.Ended, saved.Cycle, saved.Rhythm
	maps.DeleteFunc(s.rhythm.Minutes, func(_ int64, m *minute) bool { return m == nil })
	for _, state := range saved.Faults {
		r, known := c.rules.Lookup(state.Rule)
		if !known || len(state.Head) == 0 {
			continue
		}
		f := &fault{r, state}
		if f.Objects == nil {
			f.Objects = make(map[string]*object)
		}
		s.faults[f.Key] = f
		s.order = append(s.order, f)
		s.perRule[r.ID]++
		c.faults++
		maps.DeleteFunc(f.Objects, func(_ string, o *object) bool { return o == nil })
		for _, id := range sortedKeys(f.Objects) {
			s.index(r, f.Objects[id])
		}
	}
	for key, fault := range saved.Latest {
		if f := s.faults[fault]; f != nil {
			s.latest[key] = f
		}
	}
}
