package lnav

import (
	"strings"
	"time"

	"oxtail/parser"
	"oxtail/parser/stamp"
)

// A Format is a loaded format. It implements parser.Format and, where its patterns
// allow it (Starts), parser.RawFormat.
type Format struct {
	def   *definition
	head  Head
	order stamp.Order // of day and month, if the source settled it
	whole bool        // only a reading of the whole source can settle it
}

var (
	_ parser.RawFormat     = (*Format)(nil)
	_ parser.SettledFormat = (*Format)(nil)
	_ parser.FileFormat    = (*Format)(nil)
)

// Name implements parser.Format.
func (f *Format) Name() string { return f.def.name }

// Title implements parser.Format.
func (f *Format) Title() string { return f.def.title }

// Description returns what the format's author says about it.
func (f *Format) Description() string { return f.def.text }

// File names the file that the format comes from.
func (f *Format) File() string { return f.def.file.name }

// Source returns the format's definition as it stands in its file.
func (f *Format) Source() string { return f.def.file.text[f.def.at:f.def.end] }

// Samples returns the format's sample lines.
func (f *Format) Samples() []Sample { return f.def.samples }

// Fallback reports whether the format says little about a log and gives way to others.
func (f *Format) Fallback() bool { return f.def.fallback }

// Patterns returns one line about each pattern: its name, its engine, whether it has a
// fast splitter.
func (f *Format) Patterns() []string {
	var out []string
	for _, p := range f.def.patterns {
		line := p.name + ": " + p.engine()
		if p.shape != nil {
			line += ", fast splitter"
		}
		out = append(out, line)
	}
	return out
}

// Claim implements parser.Format. Blank lines and lines that look like the
// continuation of an entry do not count, nor does more than one line between two
// heads that are near each other. A fallback counts two lines of three, so that a
// format which knows the lines wins even if it misses some.
func (f *Format) Claim(head []parser.Line) parser.Claim {
	if f.def.byName {
		return parser.Claim{}
	}
	return f.claim(head)
}

// ClaimFile implements parser.FileFormat: a format that never claims by content does
// so for the files that it is declared for.
func (f *Format) ClaimFile(path string, head []parser.Line) parser.Claim {
	if !f.def.byName || !f.ForFile(path) {
		return f.Claim(head)
	}
	c := f.claim(head)
	c.Specificity = named
	return c
}

// named is the specificity of a format that the name of the file calls for.
const named = 50

func (f *Format) claim(head []parser.Line) parser.Claim {
	var t tally
	for i, l := range head {
		if strings.TrimSpace(l.Text) == "" || i > 0 && head[i-1].Split {
			continue
		}
		r := parser.Record{}
		_, ok := f.head.Read(l.Text, &r)
		switch {
		case ok:
			t.hit()
		case r.Problem == ProblemTimeout:
			return parser.Claim{} // too slow to be right
		case t.heads == 0 || !f.def.multiline || !looksContinued(l.Text):
			t.gap++
		}
	}
	c := t.claim(f.def.multiline)
	c.Specificity = f.specificity()
	switch {
	case f.def.fallback:
		c.Matched, c.Considered = 2*c.Matched, 3*c.Considered
	case f.def.marked && c.Matched > 0:
		const decisive = 100 // see parser.Claim
		c.Considered, c.Specificity = c.Matched, decisive
	}
	return c
}

// A tally counts the lines of a claim.
type tally struct {
	heads int // lines that match
	gap   int // lines since the last head that do not
	lines int // lines that do not match, before the last head
	short int // the same, with one line for each short gap after a head
}

// shortGap is how many lines an entry may add to its head without being doubtful.
const shortGap = 20

func (t *tally) hit() {
	t.lines += t.gap
	if t.heads > 0 {
		t.gap = shortened(t.gap)
	}
	t.short += t.gap
	t.heads, t.gap = t.heads+1, 0
}

func shortened(gap int) int {
	if gap > shortGap {
		return gap
	}
	return min(gap, 1)
}

func (t *tally) claim(multiline bool) parser.Claim {
	const enough = 3 // heads that make a habit: two may be dates in a letter
	others := t.lines + t.gap
	if multiline && t.heads >= enough {
		others = t.short + shortened(t.gap)
	}
	return parser.Claim{Matched: t.heads, Considered: t.heads + others}
}

// ForFile reports whether the format is declared for files of this name
// ("file-pattern"). The base name of the path counts.
func (f *Format) ForFile(path string) bool {
	name := path[strings.LastIndexAny(path, `/\`)+1:]
	return f.def.filePattern != nil && f.def.filePattern.MatchString(name)
}

// specificity is that of the least demanding head: any of them may have matched.
func (f *Format) specificity() int {
	d := f.def
	if d.specificity > 0 || len(d.patterns) == 0 {
		return d.specificity
	}
	least := d.patterns[0].specificity
	for _, p := range d.patterns {
		if !p.module {
			least = min(least, p.specificity)
		}
	}
	if d.filePattern != nil {
		const restricted = 2 // meant for certain files only, whose names a claim does not know
		least = min(least, restricted)
	}
	return least
}

// looksContinued reports whether a line looks like the continuation of an entry:
// indented, or a piece of a stack trace, a dump or an exception.
func looksContinued(line string) bool {
	if strings.IndexByte(" \t}])", line[0]) >= 0 {
		return true
	}
	for _, prefix := range [...]string{"at ", "#", "Caused by", "Stack trace", "java.", "com.", "System.", "---", "...", "thrown"} {
		if strings.HasPrefix(line, prefix) {
			return true
		}
	}
	return false
}

// Assembler implements parser.Format.
func (f *Format) Assembler(src parser.Source) parser.Assembler {
	a := newAssembler(f.head, src, f.def.multiline, f.def.continues)
	a.days.order = f.order
	return a
}

// Starts implements parser.RawFormat. It is nil when one of the patterns has no
// shape: the format's lines must be decoded then. See Settle for dates that could be
// read the other way round.
func (f *Format) Starts() func(line []byte) bool {
	if !f.def.multiline {
		return func([]byte) bool { return true }
	}
	raw := f.rawHead()
	if raw == nil || f.def.continues || f.whole {
		return nil
	}
	return func(line []byte) bool { return raw.Starts(withoutLineEnd(line)) }
}

// Settle returns the format for a source that is read in pieces, by what the
// source's head says about the order of day and month. If the dates need to be
// settled and the head does not, the format returned has no Starts: only an assembler
// of the whole source finds the order.
func (f *Format) Settle(head []parser.Line, src parser.Source) parser.RawFormat {
	var d dayOrder
	conventional := false
	for _, l := range head {
		in, ok := f.head.Read(l.Text, &parser.Record{})
		if !ok || !in.Timed {
			continue
		}
		conventional = conventional || in.Stamp.Has(stamp.Conventional)
		d.observe(in, src)
	}
	settled := f.In(d.order)
	settled.whole = conventional && d.order == stamp.OrderUnknown
	return settled
}

// In returns the format for a source whose dates put day and month in this order.
func (f *Format) In(order stamp.Order) *Format {
	settled := *f
	settled.order = order
	return &settled
}

// StampOf implements parser.RawFormat. A date that could be read the other way round
// is not ok unless the order is settled (In).
func (f *Format) StampOf(src parser.Source) func(line []byte) (time.Time, parser.TimeBasis, bool) {
	raw := f.rawHead()
	return func(line []byte) (time.Time, parser.TimeBasis, bool) {
		if raw == nil {
			return time.Time{}, parser.TimeNone, false
		}
		in := raw.StampOf(withoutLineEnd(line))
		if !in.Timed || in.Stamp.Has(stamp.Ambiguous) && f.order == stamp.OrderUnknown {
			return time.Time{}, parser.TimeNone, false
		}
		t, basis := in.when(src, f.order)
		return t, basis, basis != parser.TimeNone
	}
}

func (f *Format) rawHead() RawHead {
	raw, ok := f.head.(RawHead)
	if text, isText := f.head.(*textHead); isText && !text.raw {
		return nil
	}
	if !ok {
		return nil
	}
	return raw
}
