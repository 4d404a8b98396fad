package index

import (
	"bytes"
	"fmt"
	"math/rand"
	"strings"
	"testing"
	"time"

	"oxtail/parser"
)

// block lays records out that were read from lines with times.
func stampBlock(lines []string, times []time.Time) ([]byte, *columns) {
	var records []*parser.Record
	for i, l := range lines {
		r := &parser.Record{Raw: []byte(l), Text: strings.TrimRight(l, "\n")}
		if !times[i].IsZero() {
			r.Time, r.Basis = times[i], parser.TimeExact
		}
		records = append(records, r)
	}
	return layOut(records, false)
}

// roundTrip packs the text away and gets it back.
func roundTrip(t *testing.T, text []byte, c *columns) (thin []byte) {
	t.Helper()
	thin = c.thin(text)
	back, err := decodeColumns(c.encode(text), len(text))
	if err != nil {
		t.Fatalf("decode columns of %q: %v", text, err)
	}
	got, ok := thin, true
	if !back.whole() {
		got, ok = back.fill(nil, thin, len(text))
	}
	if !ok || !bytes.Equal(got, text) {
		t.Fatalf("text came back as %q, %v; want %q", got, ok, text)
	}
	if back.starts != nil && fmt.Sprint(back.starts) != fmt.Sprint(c.starts) {
		t.Fatalf("starts of %q are %v, want %v", text, back.starts, c.starts)
	}
	return thin
}

func TestStamp(t *testing.T) {
	at := time.Date(2026, 3, 5, 23, 59, 59, 7e6, time.UTC)
	next := at.Add(1500 * time.Millisecond)
	tests := map[string]struct {
		lines []string
		times []time.Time
		taken int // bytes
	}{
		"milliseconds":         {[]string{"2026-03-05 23:59:59.007: a\n", "2026-03-06 00:00:00.507: b\n"}, []time.Time{at, next}, 46},
		"comma and T":          {[]string{"2026-03-05T23:59:59,007 a\n", "2026-03-06T00:00:00,507 b"}, []time.Time{at, next}, 46},
		"seconds":              {[]string{"2026-03-05 23:59:59 a\n"}, []time.Time{at.Truncate(time.Second)}, 19},
		"stamp alone":          {[]string{"2026-03-05 23:59:59.007\n", "2026-03-05 23:59:59.007"}, []time.Time{at, at}, 46},
		"another zone":         {[]string{"2026-03-06 00:59:59.007 a\n", "2026-03-06 01:00:00.507 b\n"}, []time.Time{at, next}, 46},
		"several lines":        {[]string{"2026-03-05 23:59:59.007 a\n more\n", "2026-03-06 00:00:00.507 b\n"}, []time.Time{at, next}, 46},
		"one without time":     {[]string{"2026-03-05 23:59:59.007 a\n", "2026-03-06 00:00:00.507 b\n", "c\n"}, []time.Time{at, next, {}}, 46},
		"one of another form":  {[]string{"2026-03-05 23:59:59.007 a\n", "2026-03-06 00:00:00,507 b\n"}, []time.Time{at, next}, 23},
		"mostly of other form": {[]string{"2026-03-05 23:59:59.007 a\n", "x\n", "y\n"}, []time.Time{at, {}, {}}, 0},
		"not a time":           {[]string{"2026-03-05 23:59:99.007 a\n"}, []time.Time{at}, 0},
		"another time":         {[]string{"2026-07-05 23:59:59.007 a\n"}, []time.Time{at}, 0},
		"microseconds":         {[]string{"2026-03-05 23:59:59.007123 a\n"}, []time.Time{at.Add(123 * time.Microsecond)}, 0},
		"before 1970":          {[]string{"1901-03-05 23:59:59.007 a\n"}, []time.Time{at.AddDate(-125, 0, 0)}, 23},
		"short":                {[]string{"a\n"}, []time.Time{at}, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			text, c := stampBlock(test.lines, test.times)
			if got := len(text) - len(roundTrip(t, text, c)); got != test.taken {
				t.Errorf("%d bytes are taken out of %q, want %d", got, text, test.taken)
			}
		})
	}
}

// TestStampRandom puts lines of all kinds together.
func TestStampRandom(t *testing.T) {
	rnd := rand.New(rand.NewSource(1))
	taken := 0
	for range 3000 {
		var lines []string
		var times []time.Time
		shift := time.Duration(rnd.Intn(27)-13) * time.Hour
		form := []string{"2006-01-02 15:04:05.000", "2006-01-02 15:04:05", "2006-01-02T15:04:05,000"}[rnd.Intn(3)]
		for range 1 + rnd.Intn(20) {
			at := time.Unix(rnd.Int63n(4e9), rnd.Int63n(1000)*1e6).UTC()
			line := at.Add(shift).Format(form) + " text"
			switch rnd.Intn(12) {
			case 0:
				line = line[:rnd.Intn(len(line))]
			case 1:
				line = "\r"
			case 2:
				at = time.Time{}
			case 3:
				line += "\n  more\n"
			case 4:
				at = at.Add(time.Duration(rnd.Intn(2e9)))
			}
			lines, times = append(lines, line+"\n"), append(times, at)
		}
		text, c := stampBlock(lines, times)
		taken += len(text) - len(roundTrip(t, text, c))
	}
	if taken == 0 {
		t.Error("nothing was taken out of any text")
	}
}

// TestStampDamaged gives columns and texts that do not fit each other.
func TestStampDamaged(t *testing.T) {
	at := time.Date(2026, 3, 5, 8, 0, 0, 0, time.UTC)
	text, c := stampBlock([]string{"2026-03-05 08:00:00.000 a\n", "2026-03-05 08:00:00.000 b\n"}, []time.Time{at, at})
	thin := c.thin(text)
	for n := range len(thin) + 1 {
		for _, bad := range [][]byte{thin[:n], append(thin[:n:n], "more\n more"...)} {
			back, err := decodeColumns(c.encode(text), len(text))
			if err != nil {
				t.Fatal(err)
			}
			if got, ok := back.fill(nil, bad, len(text)); ok && !bytes.Equal(bad, thin) && len(got) != len(text) {
				t.Errorf("fill(%q) = %q, want it refused", bad, got)
			}
		}
	}
	packed := c.encode(text)
	for n := range packed {
		if _, err := decodeColumns(packed[:n], len(text)); err == nil {
			t.Errorf("columns cut to %d of %d bytes are taken for whole", n, len(packed))
		}
	}
}
