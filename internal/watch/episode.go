package watch

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"oxtail/detectors"
)

// An EpisodeState says where an episode is.
type EpisodeState string

// The states of an episode.
const (
	Open    EpisodeState = "open"    // told for the first time
	Ongoing EpisodeState = "ongoing" // still seen
	Healed  EpisodeState = "healed"  // a later record says that it is well
	Silent  EpisodeState = "silent"  // nothing was heard of it for a while
)

// maxEpisodes is how many episodes are remembered; the oldest that ended go first.
const maxEpisodes = 20_000

// An Episode is the findings of one fault from its start to its end.
type Episode struct {
	ID       string       `json:"id"`
	Key      string       `json:"key"` // what makes findings the same fault
	State    EpisodeState `json:"state"`
	Finding  string       `json:"finding"` // id of the worst finding
	First    time.Time    `json:"first,omitzero"`
	Last     time.Time    `json:"last,omitzero"`
	Count    int          `json:"count"` // records in this episode
	LastGood time.Time    `json:"last_good,omitzero"`

	Seen     int       `json:"seen"`     // records in all episodes of the fault
	Number   int       `json:"number"`   // of the episode, from 1
	Heard    time.Time `json:"heard"`    // by our clock: when the count last grew
	Notified time.Time `json:"notified"` // by our clock
	Severity string    `json:"severity"`
}

// ended reports whether the episode is over.
func (e *Episode) ended() bool { return e.State == Healed || e.State == Silent }

// Told is what people are told about an episode: with the finding that it is about.
type Told struct {
	Episode Episode
	Finding detectors.Finding
}

// Episodes follows faults from findings to findings. It speaks once when a fault begins,
// again when it goes on after a pause, and once when it ends.
type Episodes struct {
	Quiet    time.Duration // without news for so long, a fault is silent
	CoolDown time.Duration // least time between two notices of one episode
	Least    detectors.Severity
	Old      map[string]bool // sources whose findings are not live: those of archives

	byKey map[string]*Episode
	order []string
}

// NewEpisodes returns an empty set with the state of earlier ones.
func NewEpisodes(quiet, coolDown time.Duration, least detectors.Severity, saved []Episode) *Episodes {
	s := &Episodes{Quiet: quiet, CoolDown: coolDown, Least: least, byKey: map[string]*Episode{}}
	for _, e := range saved {
		s.byKey[e.Key] = &e
		s.order = append(s.order, e.Key)
	}
	return s
}

// List returns all episodes in the order in which they began.
func (s *Episodes) List() []Episode {
	out := make([]Episode, 0, len(s.order))
	for _, key := range s.order {
		out = append(out, *s.byKey[key])
	}
	return out
}

// Active counts the episodes that go on.
func (s *Episodes) Active() int {
	n := 0
	for _, e := range s.byKey {
		if !e.ended() {
			n++
		}
	}
	return n
}

// A fault is the findings of one key, put together.
type fault struct {
	worst       *detectors.Finding // findings come worst first
	first, last time.Time
	healed      time.Time
	count       int
	gone        bool
	live        bool // something of it was written just now
	standing    bool // see UpdateStanding
}

// episodeKey names the fault of a finding: the rule, the account and the folder or UUID;
// the source if it names none of them.
func episodeKey(f *detectors.Finding) string {
	account := strings.ToLower(f.Mailbox)
	if f.Account != nil {
		account = strings.ToLower(f.Account.Server + "/" + f.Account.User)
	}
	object := ""
	switch {
	case len(f.UUIDs) > 0:
		object = f.UUIDs[0]
	case len(f.Folders) > 0:
		object = strings.ToLower(f.Folders[0])
	}
	if object == "" && account == "" {
		object = f.Source
	}
	return f.Rule + "\x00" + account + "\x00" + object
}

// Update compares findings with what is known and returns what is to be told. Findings
// that are not live may be of long ago: by the times that they name they begin as open
// or as silent. Live ones were written just now, whatever zone their times are in.
func (s *Episodes) Update(findings []detectors.Finding, now time.Time, live bool) []Told {
	return s.update(findings, now, live, false)
}

// UpdateStanding does the same for findings that stand until they are said to be gone,
// however long nothing is heard of them: those of a Feed.
func (s *Episodes) UpdateStanding(findings []detectors.Finding, now time.Time) []Told {
	return s.update(findings, now, true, true)
}

func (s *Episodes) update(findings []detectors.Finding, now time.Time, live, standing bool) []Told {
	faults := map[string]*fault{}
	var keys []string
	for i := range findings {
		f := &findings[i]
		key := episodeKey(f)
		x := faults[key]
		if x == nil {
			x = &fault{worst: f, gone: true, standing: standing}
			faults[key] = x
			keys = append(keys, key)
		}
		x.add(f)
		x.live = x.live || live && !s.Old[f.Source]
	}
	var out []Told
	for _, key := range keys {
		out = s.step(out, key, faults[key], now)
	}
	s.forget()
	return out
}

func (x *fault) add(f *detectors.Finding) {
	x.count += f.Count
	x.gone = x.gone && f.IsGone
	if !f.First.IsZero() && (x.first.IsZero() || f.First.Before(x.first)) {
		x.first = f.First
	}
	if f.Last.After(x.last) {
		x.last = f.Last
	}
	if f.Healed.After(x.healed) {
		x.healed = f.Healed
	}
}

// step takes one fault on.
func (s *Episodes) step(out []Told, key string, x *fault, now time.Time) []Told {
	e := s.byKey[key]
	if e != nil && x.standing {
		e.rebase(x)
	}
	if e == nil || e.ended() && x.count > e.Seen && !x.gone {
		if e = s.open(key, e, x, now); e == nil {
			return out
		}
		return s.tell(out, e, x, now)
	}
	grown := x.count > e.Seen
	if grown {
		e.Count += x.count - e.Seen
		e.Seen, e.Last, e.Heard = x.count, x.last, now
	}
	e.Finding = x.worst.ID
	if now.Before(e.Heard) { // the clock was set back
		e.Heard = now
	}
	switch {
	case e.ended():
		return out
	case x.gone:
		e.State, e.LastGood = Healed, x.healed
		return s.tell(out, e, x, now)
	case !grown && !x.standing && now.Sub(e.Heard) >= s.Quiet:
		e.State = Silent
		return s.tell(out, e, x, now)
	case grown && (now.Sub(e.Notified) >= s.CoolDown || now.Before(e.Notified)):
		e.State = Ongoing
		return s.tell(out, e, x, now)
	}
	return out
}

// rebase makes the count of a fault that stands comparable: its feed counts anew after a
// restart, and one that is there again after its end is a new episode.
func (e *Episode) rebase(x *fault) {
	switch {
	case !e.ended():
		e.Seen = min(e.Seen, x.count)
	case x.gone:
		e.Seen = x.count
	default:
		e.Seen = x.count - 1
	}
}

// open begins an episode, unless the fault is healed or too light. One that is long past
// begins as a silent one.
func (s *Episodes) open(key string, before *Episode, x *fault, now time.Time) *Episode {
	if x.gone || x.worst.Severity < s.Least {
		return nil
	}
	e := &Episode{
		Key: key, State: Open, Finding: x.worst.ID, First: x.first, Last: x.last, Count: x.count, Seen: x.count,
		Number: 1, Heard: now, Severity: x.worst.Severity.String(),
	}
	if before != nil {
		e.Number, e.Count, e.First, e.LastGood = before.Number+1, x.count-before.Seen, x.last, before.LastGood
	} else {
		s.order = append(s.order, key)
	}
	if !x.live && !x.last.IsZero() && now.Sub(x.last) >= s.Quiet {
		e.State = Silent
	}
	sum := sha256.Sum256([]byte(key + "\x00" + strconv.Itoa(e.Number)))
	e.ID = "e" + hex.EncodeToString(sum[:6])
	s.byKey[key] = e
	return e
}

func (s *Episodes) tell(out []Told, e *Episode, x *fault, now time.Time) []Told {
	e.Notified = now
	return append(out, Told{*e, *x.worst})
}

// forget drops the oldest episodes beyond the limit.
func (s *Episodes) forget() {
	for i := 0; len(s.order) > maxEpisodes && i < len(s.order); {
		if e := s.byKey[s.order[i]]; !e.ended() {
			i++
			continue
		}
		delete(s.byKey, s.order[i])
		s.order = append(s.order[:i], s.order[i+1:]...)
	}
}
