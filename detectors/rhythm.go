package detectors

import (
	"fmt"
	"math/bits"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"oxtail/parser"
)

// Gap holds the settings of the built-in gap: a silence inside a session.
type Gap struct {
	Factor int           // times the usual interval
	Least  time.Duration // shorter silences never count
	Most   time.Duration // longer ones are the end of a session
}

// Burst holds the settings of the built-in burst: many more failures than usual.
type Burst struct {
	Factor int // times the usual number of failures a minute
	Least  int // fewer failures in a minute never count
}

func defaultGap() Gap     { return Gap{Factor: 20, Least: 10 * time.Minute, Most: 8 * time.Hour} }
func defaultBurst() Burst { return Burst{Factor: 10, Least: 20} }

func (f *file) gap(n *yaml.Node, g *Gap) {
	f.fields(n, "gap", map[string]reader{
		"factor": f.number("factor", 2, &g.Factor), "least": f.span("least", &g.Least), "most": f.span("most", &g.Most),
	})
}

func (f *file) burst(n *yaml.Node, b *Burst) {
	f.fields(n, "burst", map[string]reader{
		"factor": f.number("factor", 2, &b.Factor), "least": f.number("least", 2, &b.Least),
	})
}

// A Tick is the time of a record with its place, for the rhythm of a source. One for each
// change of the second is enough.
type Tick struct {
	Time   time.Time        `json:"time"`
	Offset int64            `json:"offset"`         // bytes from the start of the source
	Length int              `json:"length"`         // bytes
	Line   int              `json:"line"`           // 1-based
	Basis  parser.TimeBasis `json:"basis"`          // where Time comes from
	Text   string           `json:"text,omitempty"` // of the record; only needed beside a silence of LongSilence
}

// LongSilence is the shortest silence that may become a gap.
const LongSilence = time.Minute

// Limits of rhythms.
const (
	// maxSilences is how many of the longest silences of a source are kept.
	maxSilences = 16

	// minIntervals is how many intervals tell what is usual.
	minIntervals = 50

	// maxMinutes is how many minutes with failures are kept for bursts.
	maxMinutes = 2000

	// minBurstMinutes is how long a source must be, in minutes, for a usual number of failures.
	minBurstMinutes = 10
)

// rhythm is what is known of the times of a source.
type rhythm struct {
	Last      Tick              `json:"last,omitzero"`
	Count     int               `json:"count"`
	Intervals [40]int           `json:"intervals"` // by the number of bits of their whole seconds
	Silences  []silence         `json:"silences,omitempty"`
	Minutes   map[int64]*minute `json:"minutes,omitempty"` // minute since 1970 → failures
	Failures  int               `json:"failures"`
	First     time.Time         `json:"first,omitzero"` // of the failures and ticks
	Newest    time.Time         `json:"newest,omitzero"`
}

// A silence is the interval between two ticks.
type silence struct {
	From Tick `json:"from"`
	To   Tick `json:"to"`
}

func (s silence) length() time.Duration { return s.To.Time.Sub(s.From.Time) }

// A minute counts failures.
type minute struct {
	Count int      `json:"count"`
	First Evidence `json:"first"`
}

// ObserveTime takes the time of a record of a source, in the order of the records. It
// feeds the built-in gap and costs nothing else.
func (c *Collector) ObserveTime(source string, t Tick) {
	r := &c.source(source).rhythm
	last := r.Last
	r.Last = t
	r.First, r.Newest = spread(r.First, r.Newest, t.Time)
	if last.Time.IsZero() || t.Time.Before(last.Time) {
		return
	}
	r.Count++
	s := silence{last, t}
	r.Intervals[min(bits.Len64(uint64(s.length()/time.Second)), len(r.Intervals)-1)]++
	if s.length() < LongSilence {
		return
	}
	r.Silences = append(r.Silences, s)
	if len(r.Silences) > maxSilences {
		least := slices.MinFunc(r.Silences, func(a, b silence) int { return sign(a.length() < b.length(), a.length() > b.length()) })
		at := slices.Index(r.Silences, least)
		r.Silences = slices.Delete(r.Silences, at, at+1)
	}
}

// usual returns an interval that 95 of 100 do not exceed.
func (r *rhythm) usual() time.Duration {
	seen := 0
	for n, count := range r.Intervals {
		if seen += count; seen*100 >= r.Count*95 {
			return time.Duration(1<<n) * time.Second
		}
	}
	return 0
}

// gaps returns the silences that are longer than usual, but not the end of a session.
func (r *rhythm) gaps(g Gap) []silence {
	if r.Count < minIntervals {
		return nil
	}
	least := max(g.Least, time.Duration(g.Factor)*r.usual())
	return slices.DeleteFunc(slices.Clone(r.Silences), func(s silence) bool {
		return s.length() < least || s.length() > g.Most
	})
}

// failure counts a fault for bursts.
func (r *rhythm) failure(e *Evidence) {
	if e.Time.IsZero() {
		return
	}
	r.First, r.Newest = spread(r.First, r.Newest, e.Time)
	r.Failures++
	if r.Minutes == nil {
		r.Minutes = make(map[int64]*minute)
	}
	key := e.Time.Unix() / 60
	m := r.Minutes[key]
	if m == nil {
		m = &minute{First: *e}
		m.First.Text = cutText(e.Text, tallyText)
		r.Minutes[key] = m
	}
	m.Count++
	if len(r.Minutes) > maxMinutes {
		r.dropQuiet()
	}
}

// dropQuiet forgets the half of the minutes with the fewest failures.
func (r *rhythm) dropQuiet() {
	keys := sortedKeys(r.Minutes)
	slices.SortStableFunc(keys, func(a, b int64) int { return r.Minutes[a].Count - r.Minutes[b].Count })
	for _, key := range keys[:len(keys)/2] {
		delete(r.Minutes, key)
	}
}

// bursts returns the minutes with many more failures than usual.
func (r *rhythm) bursts(b Burst) []*minute {
	minutes := int(r.Newest.Sub(r.First)/time.Minute) + 1
	if minutes < minBurstMinutes {
		return nil
	}
	var out []*minute
	for _, key := range sortedKeys(r.Minutes) {
		m := r.Minutes[key]
		if m.Count >= b.Least && m.Count*minutes >= b.Factor*r.Failures {
			out = append(out, m)
		}
	}
	return out
}

// rhythmic returns the findings of the built-in rules.
func (c *Collector) rhythmic() []Finding {
	var out []Finding
	paths := sortedKeys(c.sources)
	for _, rule := range c.rules.list {
		if rule.Builtin == BuiltinNone {
			continue
		}
		for _, path := range paths {
			r := &c.sources[path].rhythm
			switch rule.Builtin {
			case BuiltinGap:
				if gaps := r.gaps(rule.Gap); len(gaps) > 0 {
					out = append(out, gapFinding(rule, path, gaps, r.usual()))
				}
			case BuiltinBurst:
				if bursts := r.bursts(rule.Burst); len(bursts) > 0 {
					out = append(out, burstFinding(rule, path, bursts, r))
				}
			}
		}
	}
	return out
}

// builtinFinding is what the findings of built-in rules have in common.
func builtinFinding(r *Rule, source string) Finding {
	return Finding{
		ID: findingID(r.ID, source), Rule: r.ID, Title: r.Title, Severity: r.Level, Verdict: r.Verdict, Action: r.Action,
		Confidence: r.Confidence, Source: source, Explain: r.Explain, Change: r.Change, Weak: r.Weak,
	}
}

func gapFinding(r *Rule, source string, gaps []silence, usual time.Duration) Finding {
	f := builtinFinding(r, source)
	f.Count = len(gaps)
	var evidence []Evidence
	for _, g := range gaps {
		f.First, f.Last = spread(f.First, f.Last, g.From.Time)
		f.First, f.Last = spread(f.First, f.Last, g.To.Time)
		if len(f.Because) < evidenceEnds {
			f.Because = append(f.Because, fmt.Sprintf("%s:%d is followed by %s of silence up to line %d; usual are %s at most",
				source, g.From.Line, roughly(g.length()), g.To.Line, roughly(usual)))
		}
		for _, t := range [...]Tick{g.From, g.To} {
			evidence = append(evidence, Evidence{Source: source, Offset: t.Offset, Length: t.Length, Line: t.Line, Time: t.Time, Basis: t.Basis, Text: cutText(t.Text, MaxEvidenceText)})
		}
	}
	f.Evidence = ends(evidence, nil)
	return f
}

func burstFinding(r *Rule, source string, bursts []*minute, rh *rhythm) Finding {
	f := builtinFinding(r, source)
	minutes := int(rh.Newest.Sub(rh.First)/time.Minute) + 1
	var evidence []Evidence
	for _, m := range bursts {
		f.Count += m.Count
		f.First, f.Last = spread(f.First, f.Last, m.First.Time)
		if len(f.Because) < evidenceEnds {
			f.Because = append(f.Because, fmt.Sprintf("%s begins a minute with %d failures; the whole source has %d in %d minutes",
				m.First.place(), m.Count, rh.Failures, minutes))
		}
		evidence = append(evidence, m.First)
	}
	f.Evidence = ends(evidence, nil)
	return f
}
