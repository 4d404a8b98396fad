package lnav

import (
	"strconv"
	"strings"

	"oxtail/parser"
	"oxtail/parser/stamp"
)

// A textHead reads lines by the patterns of a definition, in order of their names.
type textHead struct {
	def   *definition
	heads []*pattern // patterns that are not for the bodies of other formats
	raw   bool       // every head has a shape
}

func newTextHead(d *definition) *textHead {
	h := &textHead{def: d, raw: d.timeField == "" && d.subsecond == ""}
	for _, p := range d.patterns {
		if p.module {
			continue
		}
		h.heads = append(h.heads, p)
		h.raw = h.raw && p.shape != nil
	}
	h.raw = h.raw && len(h.heads) > 0
	return h
}

// Read implements Head.
func (h *textHead) Read(line string, r *parser.Record) (Reading, bool) {
	var slow bool
	for _, p := range h.heads {
		spans, err := p.match(line)
		slow = slow || err != nil
		if spans != nil {
			return h.fill(p, spans, line, r), true
		}
	}
	if slow {
		r.Problem = ProblemTimeout
	}
	return Reading{}, false
}

// Starts implements RawHead.
func (h *textHead) Starts(line []byte) bool {
	for _, p := range h.heads {
		if match(p.shape, line, nil) {
			return true
		}
	}
	return false
}

// StampOf implements RawHead.
func (h *textHead) StampOf(line []byte) Reading {
	for _, p := range h.heads {
		var at places
		if !match(p.shape, line, &at) {
			continue
		}
		if p.stampGroup < 0 || at[2*p.stampGroup] < 0 {
			return Reading{}
		}
		s, timed := stampOf(h.def.layouts, line[at[2*p.stampGroup]:at[2*p.stampGroup+1]])
		return Reading{Stamp: s, Timed: timed, UTC: h.def.utc}
	}
	return Reading{}
}

// stampOf reads a timestamp by the declared layouts, or by its look if there are none.
func stampOf(layouts []*stamp.Layout, text []byte) (stamp.Stamp, bool) {
	for _, l := range layouts {
		if s, _, ok := l.ParseBytes(text); ok {
			return s, true
		}
	}
	if len(layouts) > 0 || len(text) == 0 {
		return stamp.Stamp{}, false
	}
	s, _, ok := stamp.Parse(text)
	return s, ok
}

// fill moves the groups of a match into a record.
func (h *textHead) fill(p *pattern, spans []span, line string, r *parser.Record) Reading {
	var g groups
	d := h.def
	message := false
	for i, name := range p.names {
		if name == "" || spans[i].start < 0 {
			continue
		}
		value := spans[i].of(line)
		leveled := d.takeLevel(r, name, value)
		switch {
		case oneOf(d.body, name):
			r.Message, message = value, true
		case leveled, g.take(d, name, value):
		default:
			r.Set(name, value)
		}
	}
	if !message {
		r.Message = line
	}
	d.finish(r)
	return g.reading(d)
}

// takeLevel sets the level if the named value is the level's. It reports whether the
// word itself is to be dropped: what rules see as "level" is the record's level.
func (d *definition) takeLevel(r *parser.Record, name, value string) bool {
	if r.Level != parser.LevelNone || !oneOf(d.levelField, name) {
		return false
	}
	r.Level = d.level(value)
	return r.Level != parser.LevelNone && name == "level"
}

// groups collects the parts of an entry's time.
type groups struct {
	timestamp, clock, subsecond string
}

// take keeps what is part of the time, or the level, and reports whether it was that.
func (g *groups) take(d *definition, name, value string) bool {
	switch {
	case oneOf(d.timestamp, name):
		if g.timestamp == "" {
			g.timestamp = value
		}
	case name == d.timeField:
		g.clock = value
	case name == d.subsecond:
		g.subsecond = value
	default:
		return false
	}
	return true
}

// reading reads the collected time.
func (g *groups) reading(d *definition) Reading {
	text := strings.TrimSpace(g.timestamp)
	if g.clock != "" {
		text = strings.TrimSpace(text + " " + g.clock)
	}
	if text == "" {
		return Reading{}
	}
	s, ok := d.stamp(text)
	switch {
	case !ok && len(d.layouts) == 0 && isElapsed(text):
		return Reading{} // time since a start that the line does not name
	case !ok:
		return Reading{Problem: ProblemNoTime}
	}
	if g.subsecond != "" {
		s.Nanosecond = fractionOf(g.subsecond, d.subUnit)
	}
	return Reading{Stamp: s, Timed: true, UTC: d.utc}
}

// stamp reads a timestamp of the format. Files for lnav rely on its built-in
// layouts; those that Parse does not cover by their look are tried after it.
func (d *definition) stamp(text string) (stamp.Stamp, bool) {
	for _, l := range d.layouts {
		if s, _, ok := l.Parse(text); ok {
			return s, true
		}
	}
	if len(d.layouts) > 0 {
		return stamp.Stamp{}, false
	}
	if s, _, ok := stamp.Parse(text); ok {
		return s, true
	}
	return builtinLayout(text)
}

// builtinLayout reads the rarer layouts that lnav knows without being told: those
// of glog, MySQL, logcat, tcsh, strace and TAI64N. Found anywhere in a log they would be numbers.
func builtinLayout(text string) (stamp.Stamp, bool) {
	for _, layout := range [...]string{"%m%d %H:%M:%S.%f", "%m%d %H:%M:%S", "%y%m%d %H:%M:%S", "%m-%d %H:%M:%S.%f", "+%s", "%@", "%s.%f", "%s", "%H:%M:%S", "%H:%M", "%Y-%m-%d", "%d/%b/%Y"} {
		l, err := stamp.Compile(layout)
		if err != nil {
			panic("BUG: " + err.Error())
		}
		if s, n, ok := l.Parse(text); ok && n == len(text) {
			return s, true
		}
	}
	return stamp.Stamp{}, false
}

// isElapsed reports whether a text is a number of minutes and seconds, 29:47.191.
func isElapsed(text string) bool {
	minutes, seconds, ok := strings.Cut(text, ":")
	_, err := strconv.ParseFloat(seconds, 64)
	return ok && err == nil && strings.Trim(minutes, "0123456789") == ""
}

// fractionOf reads a subsecond field: a number of units, or without a unit the
// digits after the decimal point.
func fractionOf(text string, digitsPerSecond int) int {
	n, places := 0, 0
	for _, c := range []byte(text) {
		if c < '0' || c > '9' || places == 9 {
			break
		}
		n = n*10 + int(c-'0')
		places++
	}
	if digitsPerSecond > 0 {
		places = digitsPerSecond
	}
	for ; places < 9; places++ {
		n *= 10
	}
	return n % 1_000_000_000
}

func oneOf(names []string, name string) bool {
	for _, n := range names {
		if n == name {
			return true
		}
	}
	return false
}

// finish sets fields from the body, component and thread from the fields, and the
// format's constants.
func (d *definition) finish(r *parser.Record) {
	if d.levelWords && r.Level == parser.LevelNone {
		if r.Level = LevelInText(r.Message); r.Level != parser.LevelNone {
			r.Set(FieldGuessed, "level")
		}
	}
	for _, p := range d.details {
		p.setFields(r)
	}
	r.Component = firstField(r, d.component, "component", "logger", "module", "class", "source")
	r.Thread = firstField(r, d.thread, "thread", "tid", "pid")
	for _, f := range d.constants {
		r.Set(f.Name, f.Value)
	}
}

func firstField(r *parser.Record, declared string, usual ...string) string {
	if declared != "" {
		v, _ := r.Field(declared)
		return v
	}
	for _, name := range usual {
		if v, ok := r.Field(name); ok {
			return v
		}
	}
	return ""
}

// setFields sets the groups of a pattern that is found in a record's message.
func (p *pattern) setFields(r *parser.Record) {
	spans, err := p.match(r.Message)
	if spans == nil || err != nil {
		return
	}
	for i, name := range p.names {
		if name != "" {
			r.Set(name, spans[i].of(r.Message))
		}
	}
}
