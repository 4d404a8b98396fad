package detectors

import (
	"strings"
	"testing"
)

func TestLoadErrors(t *testing.T) {
	rule := func(lines string) string { return detectionRule("r", lines) }
	head := "title: T\nid: r\n"
	corr := func(lines string) string {
		return rule("sel: {A: a}") + "---\ntitle: C\nid: c\ncorrelation:\n  " + strings.ReplaceAll(lines, "\n", "\n  ") + "\n"
	}
	tests := []struct{ name, text, want string }{
		{"unknown key", head + "detecton: {sel: {A: a}, condition: sel}\n", `r.yml:3: unknown key "detecton" of a rule; did you mean "detection"?`},
		{"unknown oxtail key", rule("sel: {A: a}") + "oxtail:\n  verdikt: item\n", `r.yml:7: unknown key "verdikt" of oxtail; did you mean "verdict"?`},
		{"unknown modifier", rule("sel: {A|contain: a}"), `r.yml:4: modifier "contain" of "A|contain": unknown modifier; did you mean "contains"?`},
		{"gte with a text", rule("sel: {A|gte: many}"), `r.yml:4: gte: "many" is no decimal number`},
		{"gte with hex", rule("sel: {A|gte: 0x10}"), `r.yml:4: gte: "0x10" is no decimal number`},
		{"bad network", rule("sel: {A|cidr: 10.0.0/8}"), `r.yml:4: cidr: "10.0.0/8" is no network`},
		{"bad re", rule("sel: {A|re: 'a('}"), "r.yml:4: regular expression: missing closing )"},
		{"re of another engine", rule("sel: {A|re: 'a(?=b)'}"), "look-arounds"},
		{"re beyond the limit", rule("sel: {A|re: '" + strings.Repeat("a", MaxRegexp+1) + "'}"), "the limit is 4096"},
		{"re too large inside", rule("sel: {A|re: '((a{900}){900}){900}'}"), "r.yml:4: regular expression:"},
		{"i without re", rule("sel: {A|i: a}"), `modifier "i" of "A|i": stands only behind re`},
		{"modifiers clash", rule("sel: {A|contains|startswith: a}"), "one of contains, startswith and endswith"},
		{"re and contains", rule("sel: {A|re|contains: a}"), "do not fit together"},
		{"wide alone", rule("sel: {A|wide|contains: a}"), "an encoding goes before one base64"},
		{"base64 of a wildcard", rule("sel: {A|base64|contains: 'a*'}"), "wildcards, which have no encoding"},
		{"modifier twice", rule("sel: {A|cased|cased: a}"), "stands twice"},
		{"part of a date", rule("sel: {A|hour: 3}"), "parts of dates are not supported"},
		{"unknown selection", rule("sel: {A: a}\ncondition: sel and filtr"), `r.yml:5: the condition names an unknown selection "filtr"`},
		{"no selection fits", rule("sel: {A: a}\ncondition: sel and all of filter_*"), `no selection fits "all of filter_*"`},
		{"selection named them", rule("them: {A: a}\ncondition: them"), `"them" cannot be the name of a selection`},
		{"selection named of", rule("of: {A: a}\nsel: {A: a}"), `"of" cannot be`},
		{"selection named not", rule("not: {A: a}\nsel: {A: a}"), `"not" cannot be`},
		{"empty list", rule("sel: {A: []}"), "empty list, which would never match"},
		{"empty selection", rule("sel: []"), "empty list, which would never match"},
		{"empty condition", rule("sel: {A: a}\ncondition: ''"), "the condition is empty"},
		{"open parenthesis", rule("sel: {A: a}\ncondition: (sel"), "not closed"},
		{"close parenthesis", rule("sel: {A: a}\ncondition: sel)"), `unexpected ")"`},
		{"aggregation", rule("sel: {A: a}\ncondition: sel | count() > 5"), "unexpected \"|\""},
		{"no condition", "title: T\nid: r\ndetection:\n  sel: {A: a}\n", "detection has no condition"},
		{"place-holder", rule("sel: {A|expand: '%users%'}"), "place-holder %users% has no definition"},
		{"no rule", "title: T\nid: r\n", "no detection and no correlation, so it is no rule"},
		{"second document of another kind", rule("sel: {A: a}") + "---\ntitle: F\nid: f\nfilter: {rules: [r]}\n", `r.yml:9: unknown key "filter" of a rule`},
		{"a list as document", "- a\n- b\n", "must be a map"},
		{"key twice", rule("sel: {A: a}\nsel: {B: b}"), `key "sel" of detection stands twice; first in line 4`},
		{"id twice", rule("sel: {A: a}") + "---\n" + rule("sel: {A: a}"), `rule "r" is there twice`},
		{"no id", "title: T\ndetection: {sel: {A: a}, condition: sel}\n", "the rule has no id"},
		{"bad id", "title: T\nid: a b\ndetection: {sel: {A: a}, condition: sel}\n", `id "a b"`},
		{"bad level", rule("sel: {A: a}") + "level: hihg\n", `unexpected level "hihg"; did you mean "high"?`},
		{"bad verdict", rule("sel: {A: a}") + "oxtail: {verdict: items}\n", `unexpected verdict "items"; did you mean "item"?`},
		{"not YAML", "title: [a\n", "r.yml:"},
		{"merge key", "base: &b {title: T}\n<<: *b\n", "merge key << is not supported"},
		{"too deep", "title: T\nid: r\nrelated: " + strings.Repeat("[", 60) + strings.Repeat("]", 60) + "\n", "nested deeper"},
		{"aliases of aliases", "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n", "once aliases are followed"},
		{"too large", "# " + strings.Repeat("x", MaxRuleFile) + "\n", "more than the limit of a rule file"},
		{"absorb without table", rule("sel: {A: a}") + "oxtail: {absorb: true}\n", "absorb needs a table"},
		{"bad extract", rule("sel: {A: a}") + "oxtail: {extract: {a: '('}}\n", "regular expression: missing closing )"},
		{"heals without anything", rule("sel: {A: a}") + "oxtail: {heals: {key: [uuid]}}\n", "heals needs keywords or fields"},

		{"c24 unknown reference", corr("type: event_count\nrules: [x]\ntimespan: 5m\ncondition: {gte: 3}"), `r.yml:11: correlation "c" names an unknown rule "x"`},
		{"c24 doubled reference", corr("type: event_count\nrules: [r, r]\ntimespan: 5m\ncondition: {gte: 3}"), `r.yml:11: rule "r" is named twice`},
		{"c23 cycle", corr("type: event_count\nrules: [c]\ntimespan: 5m\ncondition: {gte: 3}"), `correlation "c" counts itself`},
		{"c25 zero", corr("type: event_count\nrules: [r]\ntimespan: 0m\ncondition: {gte: 3}"), `unexpected time span "0m"`},
		{"c25 negative", corr("type: event_count\nrules: [r]\ntimespan: -1m\ncondition: {gte: 3}"), `unexpected time span "-1m"`},
		{"c25 unit", corr("type: event_count\nrules: [r]\ntimespan: 5x\ncondition: {gte: 3}"), `unexpected time span "5x"`},
		{"no timespan", corr("type: event_count\nrules: [r]\ncondition: {gte: 3}"), "no timespan"},
		{"no condition of a count", corr("type: event_count\nrules: [r]\ntimespan: 5m"), "event_count needs a condition"},
		{"value_count without field", corr("type: value_count\nrules: [r]\ntimespan: 5m\ncondition: {gte: 3}"), "value_count needs the field"},
		{"c26 word", corr("type: event_count\nrules: [r]\ntimespan: 5m\ncondition: {ge: 3}"), `unknown key "ge" of condition`},
		{"type", corr("type: event_cont\nrules: [r]\ntimespan: 5m\ncondition: {gte: 3}"), `did you mean "event_count"?`},
		{"alias of a stranger", corr("type: temporal\nrules: [r]\ntimespan: 5m\naliases: {u: {x: User}}"), `alias "u" is for rule "x"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := LoadRules(ruleFS(map[string]string{"r.yml": tt.text}))
			if err == nil {
				t.Fatalf("LoadRules succeeded; want an error with %q", tt.want)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("LoadRules: %v\nwant an error with %q", err, tt.want)
			}
			if !strings.HasPrefix(err.Error(), "r.yml:") {
				t.Errorf("error %q does not begin with the file", err)
			}
		})
	}
}

func TestUnusedSelectionIsAWarning(t *testing.T) {
	set := load(t, map[string]string{"r.yml": detectionRule("r", "sel: {A: a}\nspare: {B: b}\ncondition: sel")})
	w := set.Warnings()
	if len(w) != 1 || w[0].Error() != `r.yml:5: selection "spare" is not used by the condition` {
		t.Errorf("Warnings() = %v; want one about line 5", w)
	}
}

func TestAllDocumentsAndProblemsAreRead(t *testing.T) {
	set := load(t, map[string]string{
		"a.yml":      detectionRule("one", "sel: {A: a}") + "---\n" + detectionRule("two", "sel: {A: a}") + "---\n",
		"sub/b.yaml": detectionRule("three", "sel: {User|expand: '%staff%'}"),
		"lists.yml":  "placeholders:\n  staff: [bob, eve]\n",
		"notes.txt":  "no rule",
	})
	if got := strings.Join(set.ids(), " "); got != "one three two" {
		t.Errorf("rules = %s; want one three two", got)
	}
	two, _ := set.Lookup("two")
	if !strings.HasPrefix(two.Source, "title: T\nid: two\n") || two.Line != 7 {
		t.Errorf("rule two: line %d, source %q; want line 7 and its own document", two.Line, two.Source)
	}
	if !matches(t, set, recordOf("User", "Eve")) {
		t.Error("place-holders of the folder are not used")
	}
	_, err := LoadRules(ruleFS(map[string]string{"r.yml": "title: T\nid: r\nlevl: low\ndetection: {sel: {A|contain: a}, condition: sel}\n"}))
	if err == nil || strings.Count(err.Error(), "r.yml:") < 2 {
		t.Errorf("LoadRules: %v; want both problems at once", err)
	}
}

func TestMergeExcludeTune(t *testing.T) {
	own := load(t, map[string]string{"r.yml": detectionRule("r", "sel: {A: b}") + "level: low\n"})
	base := load(t, map[string]string{
		"r.yml": detectionRule("r", "sel: {A: a}") + "---\n" + detectionRule("s", "sel: {A: c}"),
		"c.yml": "title: C\nid: c\ncorrelation: {type: event_count, rules: [s], timespan: 5m, condition: {gte: 2}}\n",
	})
	if s, _ := base.Lookup("s"); !s.Silent {
		t.Error("a base rule of a correlation without generate reports")
	}
	merged, err := base.Merge(own)
	if err != nil {
		t.Fatal(err)
	}
	if merged.Len() != 3 || !matches(t, merged, recordOf("A", "b")) || matches(t, merged, recordOf("A", "a")) {
		t.Error("Merge: the own rule does not replace the one with its id")
	}
	if _, err := base.Exclude("sss"); err == nil {
		t.Error("Exclude of an unknown id succeeded")
	}
	less, err := base.Exclude("c")
	if err != nil {
		t.Fatal(err)
	}
	if s, _ := less.Lookup("s"); s.Silent {
		t.Error("a base rule stays silent without its correlation")
	}
	if less, err = base.Exclude("s"); err != nil || less.Len() != 1 {
		t.Errorf("Exclude(s) leaves %d rules, %v; want 1: the correlation goes with its rule", less.Len(), err)
	}
	levels, err := ParseLevels("levels.yml", []byte("r: critical\n"))
	if err != nil {
		t.Fatal(err)
	}
	tuned, err := base.Tune(levels)
	if err != nil {
		t.Fatal(err)
	}
	r, _ := tuned.Lookup("r")
	before, _ := base.Lookup("r")
	if r.Level != SeverityCritical || before.Level != SeverityMedium {
		t.Errorf("levels = %v, %v; want critical in the new set only", r.Level, before.Level)
	}
}

// TestFolderOnTopOfASet: rules of the user's folder may count shipped ones.
func TestFolderOnTopOfASet(t *testing.T) {
	base := load(t, map[string]string{"r.yml": detectionRule("r", "sel: {A: a}")})
	folder := ruleFS(map[string]string{
		"c.yml": "title: C\nid: c\ncorrelation: {type: event_count, rules: [r], timespan: 5m, condition: {gte: 2}, generate: true}\n",
	})
	if _, err := LoadRules(folder); err == nil {
		t.Error("the folder alone loads, though its correlation counts a rule that is not there")
	}
	set, err := base.Load(folder)
	if err != nil || set.Len() != 2 || base.Len() != 1 {
		t.Fatalf("Load = %v, %v; want both rules in a new set", set, err)
	}
}
