package detectors

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"oxtail/internal/loggen"
	"oxtail/parser"
	"oxtail/parser/codes"
)

// hundredRules returns 100 rules as they are in the wild: most with words of a
// message, some bound to a component, some with regular expressions.
func hundredRules(t testing.TB) *Rules {
	var b strings.Builder
	for i := range 100 {
		fmt.Fprintf(&b, "title: Rule %d\nid: rule-%d\ndetection:\n", i, i)
		switch i % 4 {
		case 0:
			fmt.Fprintf(&b, "  sel: {Message|contains|all: [object, 'refused %d']}\n  not_this: {Component: test}\n  condition: sel and not not_this\n", i)
		case 1:
			fmt.Fprintf(&b, "  sel: {Message|contains: ['timeout %d', 'broken pipe %d'], Level: [error, fatal]}\n  condition: sel\n", i, i)
		case 2:
			fmt.Fprintf(&b, "  sel: {Message|re: 'code %d: \\w+ failed'}\n  condition: sel\n", i)
		case 3:
			fmt.Fprintf(&b, "  sel: {Component: component%d, Retries|gte: 5}\n  condition: sel\n", i)
		}
		b.WriteString("---\n")
	}
	return load(t, map[string]string{"r.yml": b.String()})
}

// events returns records as a format makes them of provider-like lines.
func events(t testing.TB, n int) []*parser.Record {
	var log bytes.Buffer
	if err := loggen.Write(&log, loggen.Options{Lines: n, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	var out []*parser.Record
	for i, line := range strings.Split(strings.TrimSpace(log.String()), "\r\n") {
		message := line[25:]
		out = append(out, &parser.Record{
			Line: i + 1, Raw: []byte(line), Text: line, Message: message, Level: parser.LevelError, Component: "sync",
			Fields: []parser.Field{{Name: "context", Value: message[:6]}, {Name: "Retries", Value: "7"}},
			Codes:  codes.Find(message), UUIDs: parser.UUIDs(message),
		})
	}
	return out
}

func benchmarkMatch(b *testing.B, set *Rules) {
	m := NewMatcher(set)
	recs := events(b, 2000)
	ctx := EventContext{Source: "s.log", Format: "oxtstore_a"}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		m.Match(recs[i%len(recs)], ctx)
		i++
	}
	b.ReportMetric(float64(i)/b.Elapsed().Seconds(), "events/s")
}

func BenchmarkMatch100Rules(b *testing.B) { benchmarkMatch(b, hundredRules(b)) }

func BenchmarkMatchDefaultRules(b *testing.B) {
	set, err := Default()
	if err != nil {
		b.Fatal(err)
	}
	benchmarkMatch(b, set)
}

func BenchmarkLoadDefaultRules(b *testing.B) {
	for b.Loop() {
		set, err := Default()
		if err != nil {
			b.Fatal(err)
		}
		NewMatcher(set)
	}
}

// BenchmarkCollect is the price of a record that is a fault, from match to finding.
func BenchmarkCollect(b *testing.B) {
	set, err := Default()
	if err != nil {
		b.Fatal(err)
	}
	m, c := NewMatcher(set), NewCollector(set)
	recs := make([]*parser.Record, 500)
	for i := range recs {
		recs[i] = line{i, fmt.Sprintf("ERROR UUID 5d1c2a40-0000-4000-8000-%012x already in use, folder 'Inbox'", i)}.record(i)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		c.Add(m.Match(recs[i%len(recs)], EventContext{Source: "s.log", Format: "oxtstore_a"})...)
		i++
	}
}
