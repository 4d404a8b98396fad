package lnav

import (
	"strconv"
	"strings"

	"oxtail/parser"
	"oxtail/parser/stamp"
)

// maxFields bounds the fields of one record that has no pattern. Real lines have
// some dozens; hostile ones must not make a record of a million.
const maxFields = 256

// A jsonHead reads lines that are JSON objects. Members of nested objects become
// fields named outer/inner, as in lnav.
type jsonHead struct{ def *definition }

// Read implements Head.
func (h *jsonHead) Read(line string, r *parser.Record) (Reading, bool) {
	if !strings.HasPrefix(strings.TrimLeft(line, " \t"), "{") {
		return Reading{}, false
	}
	n, err := parseJSON(line, false)
	if err != nil || n.kind != objectKind {
		return Reading{}, false
	}
	var v fieldVisitor
	v.visit("", n, line)
	return h.def.fillPairs(v.pairs, line, r), true
}

// A pair is a named value of a line without a pattern.
type pair struct {
	name, value string
	number      bool
}

type fieldVisitor struct{ pairs []pair }

func (v *fieldVisitor) visit(prefix string, n *node, line string) {
	for _, m := range n.members {
		if len(v.pairs) >= maxFields {
			return
		}
		name := prefix + m.name
		switch m.value.kind {
		case objectKind:
			v.visit(name+"/", m.value, line)
		case arrayKind:
			v.pairs = append(v.pairs, pair{name: name, value: line[m.value.at:m.value.end]})
		case nullKind:
		default:
			v.pairs = append(v.pairs, pair{name, m.value.text, m.value.kind == numberKind})
		}
	}
}

// fillPairs moves named values into a record: the first candidate that is there
// becomes the time, the level, the message; the rest become fields.
func (d *definition) fillPairs(pairs []pair, line string, r *parser.Record) Reading {
	at := firstPair(pairs, d.timestamp)
	body := firstPair(pairs, d.body)
	level := firstPair(pairs, d.levelField)
	if d.pointer != nil {
		level = d.pointed(pairs)
	}
	r.Message = line
	for i, p := range pairs {
		if i == level {
			r.Level = d.level(p.value)
		}
		switch {
		case i == body:
			r.Message = p.value
		case i == at, i == level && r.Level != parser.LevelNone && p.name == "level":
		default:
			r.Set(p.name, p.value)
		}
	}
	d.finish(r)
	if at < 0 {
		return Reading{}
	}
	return d.pairTime(pairs, at)
}

// pointed returns the index of the value that level-pointer names.
func (d *definition) pointed(pairs []pair) int {
	for i, p := range pairs {
		if d.pointer.MatchString("/" + p.name) {
			return i
		}
	}
	return -1
}

// firstPair returns the index of the first of the names that is there, or -1. A
// slash and a dot are the same in names: log/level is written both ways.
func firstPair(pairs []pair, names []string) int {
	for _, name := range names {
		for i, p := range pairs {
			if p.name == name || strings.EqualFold(strings.ReplaceAll(p.name, "/", "."), name) {
				return i
			}
		}
	}
	return -1
}

// pairTime reads the time of a line without a pattern.
func (d *definition) pairTime(pairs []pair, at int) Reading {
	p := pairs[at]
	if (p.number || d.divisor > 0) && len(d.layouts) == 0 {
		if s, ok := d.epoch(p.value); ok {
			return Reading{Stamp: s, Timed: true}
		}
	}
	g := groups{timestamp: p.value}
	if i := firstPair(pairs, []string{d.timeField}); i >= 0 && d.timeField != "" {
		g.clock = pairs[i].value
	}
	if i := firstPair(pairs, []string{d.subsecond}); i >= 0 && d.subsecond != "" {
		g.subsecond = pairs[i].value
	}
	return g.reading(d)
}

// epoch reads a number of seconds, or of parts of a second, since 1970.
func (d *definition) epoch(text string) (stamp.Stamp, bool) {
	whole, fraction, _ := strings.Cut(text, ".")
	v, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || v < 0 {
		return stamp.Stamp{}, false
	}
	perSecond := int64(d.divisor)
	if perSecond == 0 || v/perSecond >= maxSeconds {
		perSecond = unitOf(v)
	}
	nsec := (v % perSecond) * (1_000_000_000 / perSecond)
	if fraction != "" && perSecond == 1 {
		nsec = int64(fractionOf(fraction, 0))
	}
	return stamp.FromEpoch(v/perSecond, int(nsec)), true
}

// maxSeconds is more than any log's time in seconds: the year 5138.
const maxSeconds = 100_000_000_000

// unitOf tells seconds from milli-, micro- and nanoseconds by size.
func unitOf(v int64) int64 {
	unit := int64(1)
	for v/unit >= maxSeconds && unit < 1_000_000_000 {
		unit *= 1000
	}
	return unit
}
