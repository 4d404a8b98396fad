package detectors

import (
	"errors"
	"io/fs"
	"os"
	"testing"

	"oxtail/parser"
	"oxtail/parser/codes"
)

// seedRules returns the texts of all shipped rules. A fuzz target without a corpus
// would pass and prove nothing.
func seedRules(f *testing.F) []string {
	f.Helper()
	names, err := fs.Glob(os.DirFS("rules"), "*.yml")
	if err != nil || len(names) == 0 {
		f.Fatalf("no rules in the seed corpus: %v", err)
	}
	var out []string
	for _, name := range names {
		data, err := os.ReadFile("rules/" + name)
		if err != nil {
			f.Fatal(err)
		}
		out = append(out, string(data))
	}
	return out
}

// FuzzRule: no rule file makes the loader panic or hang, every error names its file,
// and a rule that loads can be matched.
func FuzzRule(f *testing.F) {
	for _, text := range seedRules(f) {
		f.Add([]byte(text))
	}
	f.Add([]byte(detectionRule("r", "sel: {A|wide|base64offset|contains: x}") + "---\na: &a [*a]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		set, err := LoadRules(ruleFS(map[string]string{"r.yml": string(data)}))
		if err != nil {
			var le *LoadError
			if !errors.As(err, &le) || le.File != "r.yml" {
				t.Fatalf("error without a file: %v", err)
			}
			return
		}
		m, c := NewMatcher(set), NewCollector(set)
		rec := &parser.Record{Text: "ERROR 0x8004010F UUID in use", Message: "UUID in use"}
		c.Add(m.Match(rec, EventContext{Source: "s"})...)
		c.Findings()
	})
}

// FuzzMatch: no record makes the shipped rules panic, and the index loses nothing.
func FuzzMatch(f *testing.F) {
	set, err := Default()
	if err != nil {
		f.Fatal(err)
	}
	seeds := 0
	for _, r := range set.list {
		for _, s := range append(r.Hits, r.Misses...) {
			f.Add(s.content(), s.Format)
			seeds++
		}
	}
	if seeds == 0 {
		f.Fatal("the rules have no samples: empty seed corpus")
	}
	m := NewMatcher(set)
	f.Fuzz(func(t *testing.T, text, format string) {
		rec := &parser.Record{Text: text, Message: text, Codes: codes.Find(text), UUIDs: parser.UUIDs(text), Raw: []byte(text)}
		ctx := EventContext{Source: "s", Format: format}
		hits := m.Match(rec, ctx)
		want := matchAll(m, rec, ctx)
		if len(hits) != len(want) {
			t.Fatalf("Match(%q) gives %d hits; all rules one by one: %v", text, len(hits), want)
		}
		c := NewCollector(set)
		c.Add(hits...)
		for _, finding := range c.Findings() {
			if len(finding.Evidence) == 0 || len(finding.Because) == 0 {
				t.Fatalf("finding without evidence or reason: %+v", finding)
			}
		}
		Strange(rec, hits)
		Mask(text)
	})
}

// FuzzState: no saved state, whatever happened to its file, makes the collector panic.
func FuzzState(f *testing.F) {
	set, err := LoadRules(ruleFS(map[string]string{"r.yml": correlationRule(valuesA), "u.yml": uuidRule, "b.yml": "title: B\nid: burst\noxtail: {builtin: burst}\n"}))
	if err != nil {
		f.Fatal(err)
	}
	c := collect(f, set, []string{"a 0:00 Account=x Folder=a", "a 0:10 Folder=b", "a 0:20 Account=x Folder=c"})
	m := NewMatcher(set)
	for i, text := range []string{"UUID " + uuidU + " already in use, folder 'Inbox'", "folder 'Inbox' synchronized", "sync cycle begins"} {
		c.Add(m.Match(line{i, text}.record(i), EventContext{Source: "u.log"})...)
	}
	saved, err := c.Save()
	if err != nil || len(c.Findings()) == 0 {
		f.Fatalf("no state to begin with: %v", err)
	}
	f.Add(saved)
	f.Add([]byte(`{"version":1,"sources":[{"path":"s","faults":[{"rule":"a","head":[{}],"objects":{"x":null}}],"rhythm":{"minutes":{"1":null}}}],"tallies":{"corr":{"rules":["a"],"groups":{"":null}}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := RestoreCollector(set, data)
		if err != nil {
			return
		}
		c.Add(m.Match(line{9, "UUID " + uuidU + " already in use, folder 'Inbox'"}.record(9), EventContext{Source: "u.log"})...)
		c.EndSource("u.log")
		c.Findings()
	})
}
