package index

import (
	"bytes"
	"time"

	"oxtail/parser"
)

// Most entries begin with their time, and the columns hold that time already. So the
// text is stored without it: of a log without random identifiers that is a quarter of
// what is left after packing. The bytes come back exactly as they were, since only a
// time that is written back to the same bytes is taken out.

// A stamp says how the times at the start of entries are written, and which entries
// are stored without.
type stamp struct {
	width  int    // bytes; 0: all entries are stored as they are
	shift  int64  // milliseconds from the time of an entry to the clock that it shows
	split  byte   // between day and clock
	point  byte   // between seconds and milliseconds
	all    bool   // every entry is stored without
	except []byte // a bit for each entry that is stored as it is, unless all
}

// Widths of a stamp.
const (
	secondStamp = len("2006-01-02 15:04:05")
	milliStamp  = len("2006-01-02 15:04:05.000")

	dayMillis = 24 * 60 * 60 * 1000
)

// thin takes the stamps and the records that are held out of the text of a block, and
// notes in the columns how they come back.
func (c *columns) thin(text []byte) []byte {
	c.stamp = c.measure(text)
	if c.whole() {
		return text
	}
	out := make([]byte, 0, len(text))
	held := 0
	for i := range c.times {
		switch {
		case held < len(c.held) && c.held[held].record == i:
			held++
		case c.stamp.has(i):
			out = append(out, text[int(c.starts[i])+c.stamp.width:c.starts[i+1]]...)
		default:
			out = append(out, text[c.starts[i]:c.starts[i+1]]...)
		}
	}
	return out
}

// whole reports whether the text is stored as it is.
func (c *columns) whole() bool { return c.stamp.width == 0 && len(c.held) == 0 }

// measure returns the stamp of the text; its width is 0 when hardly any entry has one,
// which is not worth the time to put them back.
func (c *columns) measure(text []byte) stamp {
	n := len(c.times)
	st, ok := c.findStamp(text)
	if !ok {
		return stamp{}
	}
	st.except = make([]byte, (n+7)/8)
	w := stampWriter{stamp: &st}
	var buf [milliStamp]byte
	taken := 0
	for i := range n {
		if c.exactTime(i) && bytes.HasPrefix(text[c.starts[i]:c.starts[i+1]], w.append(buf[:0], c.times[i])) {
			taken++
		} else {
			st.except[i/8] |= 1 << (i % 8)
		}
	}
	if 2*taken < n {
		return stamp{}
	}
	st.all = taken == n
	return st
}

// exactTime reports whether an entry has a time of whole milliseconds.
func (c *columns) exactTime(i int) bool {
	return parser.TimeBasis(c.states[i]>>4) != parser.TimeNone && c.times[i]%int64(time.Millisecond) == 0
}

// findStamp looks at the first entry that has a time for how it is written.
func (c *columns) findStamp(text []byte) (stamp, bool) {
	for i := range c.times {
		if !c.exactTime(i) {
			continue
		}
		raw := text[c.starts[i]:c.starts[i+1]]
		if len(raw) < secondStamp {
			return stamp{}, false
		}
		layout, st := []byte("2006-01-02 15:04:05"), stamp{width: secondStamp, split: raw[10]}
		layout[10] = st.split
		if len(raw) >= milliStamp && (raw[19] == '.' || raw[19] == ',') && raw[20]-'0' < 10 {
			layout = append(layout, raw[19], '0', '0', '0')
			st.width, st.point = milliStamp, raw[19]
		}
		shown, err := time.Parse(string(layout), string(raw[:st.width]))
		st.shift = shown.UnixMilli() - c.times[i]/int64(time.Millisecond)
		return st, err == nil && (st.split == ' ' || st.split == 'T') && -dayMillis < st.shift && st.shift < dayMillis
	}
	return stamp{}, false
}

// has reports whether an entry is stored without its stamp.
func (s *stamp) has(i int) bool {
	return s.width > 0 && (s.all || s.except[i/8]&(1<<(i%8)) == 0)
}

func (s *stamp) encode(e *encoder) {
	e.uint(uint64(s.width))
	if s.width == 0 {
		return
	}
	e.int(s.shift)
	e.b = append(e.b, s.split, s.point)
	if s.all {
		e.uint(1)
		return
	}
	e.uint(0)
	e.b = append(e.b, s.except...)
}

func decodeStamp(d *decoder, n int) stamp {
	s := stamp{width: int(d.uint())}
	if s.width == 0 {
		return s
	}
	if s.width != secondStamp && s.width != milliStamp {
		d.bad = true
		return stamp{}
	}
	s.shift = d.int()
	marks := d.bytes(2)
	if len(marks) == 2 {
		s.split, s.point = marks[0], marks[1]
	}
	if s.all = d.uint() == 1; !s.all {
		s.except = d.bytes((n + 7) / 8)
		d.bad = d.bad || len(s.except) != (n+7)/8
	}
	return s
}

// fill puts stamps and held records back into the text of a block, into a buffer, and
// finds the starts of entries if these are not known. It reports false when the text does
// not fit the columns.
func (c *columns) fill(out, thin []byte, size int) ([]byte, bool) {
	starts := make([]int32, 0, len(c.times)+1)
	w := stampWriter{stamp: &c.stamp}
	at, held := 0, 0
	for i := range c.times {
		starts = append(starts, int32(len(out)))
		if held < len(c.held) && c.held[held].record == i {
			if out = append(out, c.held[held].raw...); len(out) > size {
				return out, false
			}
			held++
			continue
		}
		has := c.stamp.has(i)
		if has {
			out = w.append(out, c.times[i])
		}
		end := 0
		switch {
		case c.starts == nil:
			end = nextLine(thin, at)
		case has:
			end = at + int(c.starts[i+1]-c.starts[i]) - c.stamp.width
		default:
			end = at + int(c.starts[i+1]-c.starts[i])
		}
		if end < at || end > len(thin) || len(out)+end-at > size {
			return out, false
		}
		out = append(out, thin[at:end]...)
		at = end
	}
	c.starts = append(starts, int32(len(out)))
	return out, at == len(thin) && len(out) == size
}

// A stampWriter writes times, mostly of one day.
type stampWriter struct {
	*stamp
	from int64    // start of the day, in milliseconds
	day  [11]byte // with what follows it; valid when known
	have bool
}

// append writes a time in Unix nanoseconds as the stamp shows it.
func (w *stampWriter) append(b []byte, nano int64) []byte {
	t := nano/int64(time.Millisecond) + w.shift
	if !w.have || t < w.from || t >= w.from+dayMillis {
		at := time.UnixMilli(t).UTC()
		year := at.AppendFormat(nil, time.DateOnly)
		if len(year) != 10 { // a year of more than four digits
			return append(b, 0)
		}
		copy(w.day[:], year)
		w.day[10], w.have = w.split, true
		w.from = at.Truncate(24 * time.Hour).UnixMilli()
	}
	b = append(b, w.day[:]...)
	left := int(t - w.from)
	seconds := left / 1000
	b = two(b, seconds/3600)
	b = two(append(b, ':'), seconds/60%60)
	b = two(append(b, ':'), seconds%60)
	if w.width == milliStamp {
		milli := left % 1000
		b = two(append(b, w.point, '0'+byte(milli/100)), milli%100)
	}
	return b
}

// two writes a number of two digits.
func two(b []byte, n int) []byte { return append(b, '0'+byte(n/10), '0'+byte(n%10)) }
