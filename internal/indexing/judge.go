package indexing

import (
	"context"
	"slices"
	"strings"
	"time"

	"oxtail/detectors"
	"oxtail/index"
	"oxtail/parser"
)

// A Judgement is what the records of an index say when they are judged as a scan judges
// logs. It is derived when somebody asks, and never stored: so it is never older than the
// index, whatever was added, replaced or removed.
type Judgement struct {
	Findings  []detectors.Finding
	Templates []detectors.Template // records of unknown trouble, grouped by their words
	Notes     []detectors.Note
	Formats   map[string]string // path of a source → name of its format

	proofs []proof
}

// A proof is a record that a rule fits.
type proof struct {
	hit    index.Hit
	path   string
	offset int64
	rule   string
	uuids  []parser.UUID
}

// maxProofs is how many records are remembered to be labelled.
const maxProofs = 1 << 20

// Judge holds the rules against the records that were marked when they were indexed, which
// is a small part of all. The findings are those of a scan of the same records with the
// same rules; with other rules only records count that the rules of then marked, too.
func Judge(ctx context.Context, x *index.Index, rules *detectors.Rules) (*Judgement, error) {
	j := &judge{
		x: x, matcher: detectors.NewMatcher(rules), collector: detectors.NewCollector(rules), strange: detectors.NewTemplates(),
		out: &Judgement{Formats: make(map[string]string)},
	}
	if err := index.Passages(ctx, x, j.look, j.take); err != nil {
		return nil, err
	}
	for _, s := range x.Sources() {
		j.collector.EndSource(s.Path)
		j.out.Formats[s.Path] = s.Format
	}
	j.out.Findings, j.out.Templates, j.out.Notes = j.collector.Findings(), j.strange.List(), j.collector.Notes()
	return j.out, nil
}

// A judge is the state of one Judge.
type judge struct {
	x         *index.Index
	matcher   *detectors.Matcher
	collector *detectors.Collector
	strange   *detectors.Templates
	source    *index.Source // at hand
	ticked    *beat         // last one of it
	out       *Judgement
}

// A beat is a record whose second is not that of the one before.
type beat struct {
	hit  index.Hit
	tick detectors.Tick // without its place, unless it stands beside a silence
}

// A passage is what one block says.
type passage struct {
	hits    [][]detectors.Hit
	places  []index.Hit // of hits
	strange []*parser.Record
	beats   []beat
}

// look judges the records of a block; several at once.
func (j *judge) look(p *index.Passage) *passage {
	out := &passage{beats: beats(p)}
	ctx := detectors.EventContext{Source: p.Source.Path, Format: p.Source.Format}
	for _, i := range p.Marks() {
		rec := p.Record(i)
		hits := j.matcher.Match(rec, ctx)
		if len(hits) > 0 {
			out.hits, out.places = append(out.hits, hits), append(out.places, p.Hit(i))
		}
		if detectors.Strange(rec, hits) {
			out.strange = append(out.strange, rec)
		}
	}
	return out
}

// beats returns the times of the records of a block, one for each change of the second.
func beats(p *index.Passage) []beat {
	var out []beat
	for i := range p.Len() {
		nano, basis := p.Time(i)
		if basis <= parser.TimeInherited {
			continue
		}
		t := time.Unix(0, nano).UTC()
		n := len(out)
		if n > 0 && out[n-1].tick.Time.Unix() == t.Unix() {
			continue
		}
		out = append(out, beat{p.Hit(i), detectors.Tick{Time: t, Basis: basis}})
	}
	return out
}

// take collects what a block says, in the order of the blocks.
func (j *judge) take(s *index.Source, p *passage) {
	if j.source != s {
		j.source, j.ticked = s, nil
	}
	for n, hits := range p.hits {
		j.collector.Add(hits...)
		j.remember(p.places[n], hits)
	}
	for _, rec := range p.strange {
		j.strange.Add(rec, s.Path)
	}
	for i := range p.beats {
		j.beat(s, &p.beats[i])
	}
}

// beat tells the collector a time. Only beside a silence it looks at the record itself.
func (j *judge) beat(s *index.Source, b *beat) {
	if last := j.ticked; last != nil {
		silence := b.tick.Time.Sub(last.tick.Time)
		if b.tick.Time.Unix() == last.tick.Time.Unix() {
			return
		}
		if silence >= detectors.LongSilence && last.tick.Line == 0 {
			// The collector has the time before without its place: it is told again.
			j.locate(last)
			j.collector.ObserveTime(s.Path, last.tick)
		}
		if silence >= detectors.LongSilence {
			j.locate(b)
		}
	}
	j.ticked = b
	j.collector.ObserveTime(s.Path, b.tick)
}

// locate fills in where a beat stands and what it says.
func (j *judge) locate(b *beat) {
	rec, err := j.x.Record(b.hit)
	if err != nil {
		return // a damaged block, which is among the losses
	}
	b.tick.Offset, b.tick.Length, b.tick.Line = rec.Offset, len(rec.Raw), rec.Line
	b.tick.Text, _, _ = strings.Cut(rec.Text, "\n")
}

// remember keeps which records rules fit.
func (j *judge) remember(at index.Hit, hits []detectors.Hit) {
	for i := range hits {
		if h := &hits[i]; h.Kind == detectors.HitFault && len(j.out.proofs) < maxProofs {
			j.out.proofs = append(j.out.proofs, proof{at, h.Evidence.Source, h.Evidence.Offset, h.Rule.ID, h.UUIDs})
		}
	}
}

// Label says of each record that proves a finding what about tells of that finding. A
// record proves the findings that cite it. Findings cite their first and last records;
// one in between belongs to the only finding of its rule in its source, or to the only
// one of these that lists a UUID of it. It gets no label when that is not certain.
func (j *Judgement) Label(about func(*detectors.Finding) []parser.Field) []index.Label {
	cited := make(map[place][]int)
	ofRule := make(map[[2]string][]int) // rule and source → findings
	fields := make([][]parser.Field, len(j.Findings))
	for i := range j.Findings {
		f := &j.Findings[i]
		fields[i] = about(f)
		for _, e := range f.Evidence {
			at := place{e.Source, e.Offset}
			cited[at] = append(cited[at], i)
		}
		if f.Source != "" {
			key := [2]string{f.Rule, f.Source}
			ofRule[key] = append(ofRule[key], i)
		}
	}
	var out []index.Label
	for i := range j.proofs {
		p := &j.proofs[i]
		list := slices.Clone(cited[place{p.path, p.offset}])
		if n, ok := j.only(ofRule[[2]string{p.rule, p.path}], p); ok && !slices.Contains(list, n) {
			list = append(list, n)
		}
		for _, n := range list {
			out = append(out, index.Label{Hit: p.hit, Fields: fields[n]})
		}
	}
	return out
}

// A place is where a record begins.
type place struct {
	path   string
	offset int64
}

// only returns the one finding among some of one rule and source that a record belongs to.
func (j *Judgement) only(list []int, p *proof) (int, bool) {
	if len(list) == 1 {
		return list[0], true
	}
	found, n := 0, 0
	for _, i := range list {
		if slices.ContainsFunc(p.uuids, func(u parser.UUID) bool { return slices.Contains(j.Findings[i].UUIDs, string(u)) }) {
			found = i
			n++
		}
	}
	return found, n == 1
}
