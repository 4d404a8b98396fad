package lnav

import (
	"os"
	"strings"
	"testing"
	"time"

	"oxtail/parser"
)

// format wraps the inner part of a definition.
func format(inner string) string { return "{\n\"x_log\": {\n" + inner + "\n}\n}" }

const goodRegex = `"regex": {"std": {"pattern": "^(?<timestamp>\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d) (?<level>\\w+) (?<body>.*)$"}}`

func TestLoadErrors(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"empty", "", "f.json:1:1: not JSON: a value is missing"},
		{"not an object", "[]", "f.json:1:1: the file holds a list, want an object of formats"},
		{"comma missing", "{\n  \"a\": {}\n  \"b\": {}\n}", "f.json:3:3: not JSON: a comma or \"}\" is missing"},
		{"comma too many", "{\"a\": {},\n}", "f.json:2:1: not JSON: a comma before \"}\""},
		{"one backslash", format(`"regex": {"std": {"pattern": "^\d"}}`), `f.json:3:32: not JSON: a backslash that JSON does not know; in patterns write two: \\d`},
		{"text does not end", "{\"a", "f.json:1:2: not JSON: text does not end"},
		{"comment does not end", "{ /* x", "f.json:1:3: not JSON: comment does not end"},
		{"text after the end", "{} x", "f.json:1:4: not JSON: text after the end"},
		{"too deep", strings.Repeat("[", 100), "nested deeper than 64 levels"},
		{"unknown key", format(goodRegex + ",\n\"titel\": \"x\""), `f.json:4:1: unknown key "titel" in format x_log; known keys: title`},
		{"unknown key of ours", format(goodRegex + `, "oxtail": {"thraed": "x"}`), `unknown key "thraed" in oxtail of format x_log; known keys: component thread`},
		{"key twice", format(goodRegex + ",\n\"title\": \"a\",\n\"title\": \"b\""), `f.json:5:1: key "title" stands twice`},
		{"format twice", `{"a_log": {` + goodRegex + `}, "a_log": {` + goodRegex + `}}`, `format "a_log" stands twice`},
		{"wrong type", format(goodRegex + `, "multiline": "yes"`), "text where format x_log wants true or false"},
		{"list for object", format(`"regex": []`), "regex of format x_log is a list, want an object"},
		{"no pattern", format(`"title": "x"`), "format x_log has no pattern"},
		{"bad pattern", format(`"regex": {"std": {"pattern": "^(?<timestamp>\\d+"}}`), "pattern std of format x_log: "},
		{"unsupported construct", format(`"regex": {"std": {"pattern": "^(?|(a)|(b))(?<timestamp>\\d+)"}}`), "branch reset (?|…) is not supported"},
		{"no groups", format(`"regex": {"std": {"pattern": "^\\d+"}}`), "has neither a timestamp nor a body group"},
		{"bad layout", format(goodRegex + `, "timestamp-format": ["%Y-%Q"]`), "%Q is not known"},
		{"unknown level", format(goodRegex + `, "level": {"eror": "x"}`), `unknown level "eror"`},
		{"unknown kind", format(goodRegex + `, "value": {"a": {"kind": "text"}}`), `unknown kind "text" of value a`},
		{"csv", format(`"file-type": "csv"`), `file-type "csv" is not supported; write a pattern`},
		{"sample does not match", format(goodRegex + ",\n\"sample\": [{\"line\": \"2012-03-05 10:11:12 INFO a\"},\n{\"line\": \"2012-03-05 10:11 INFO b\"}]"), "f.json:5:1: format x_log, sample 2: no pattern matches \"2012-03-05 10:11 INFO b\" (pattern std matched the first 16 bytes, then wants : but finds \" INFO b\")"},
		{"sample's time", format(`"regex": {"std": {"pattern": "^(?<timestamp>\\d+) (?<body>.*)$"}}, "timestamp-format": ["%Y-%m"], "sample": [{"line": "12 x"}]`), "timestamp not understood"},
		{"sample's level", format(goodRegex + `, "sample": [{"line": "2012-03-05 10:11:12 INFO a", "level": "error"}]`), `level is "info", want "error"`},
		{"name", `{"a b": {}}`, `"a b" is no name of a format`},
		{"recogniser", format(`"oxtail": {"recogniser": "magic"}`), `there is no recogniser "magic"`},
	}
	for _, tt := range tests {
		_, err := (&Loader{}).Load("f.json", []byte(tt.text))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error is %v, want %q", tt.name, err, tt.want)
		}
	}
}

// TestLoadReportsAll holds that one wrong format does not hide the others.
func TestLoadReportsAll(t *testing.T) {
	text := `{ // a comment
	"a_log": {"x": 1, "y": 2}, /* another */
	"b_log": {` + goodRegex + `}}`
	formats, err := (&Loader{}).Load("f.json", []byte(text))
	if len(formats) != 1 || formats[0].Name() != "b_log" {
		t.Errorf("loaded %d formats, want b_log", len(formats))
	}
	for _, want := range []string{`"x"`, `"y"`, "no pattern"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want it to name %s", err, want)
		}
	}
}

func TestTranslate(t *testing.T) {
	tests := []struct{ in, want string }{
		{`a++b`, `(?>a+)b`},
		{`\d*+x`, `(?>\d*)x`},
		{`[a-z]?+`, `(?>[a-z]?)`},
		{`(?:ab)++`, `(?>(?:ab)+)`},
		{`(?<n>a|b){2,3}+c`, `(?>(?<n>a|b){2,3})c`},
		{`((a)++b)++`, `(?>((?>(a)+)b)+)`},
		{`a+?b`, `a+?b`},
		{`[]+]+`, `[]+]+`},
		{`\h+`, `[ \t]+`},
		{`\Qa.b\Ec`, `a\.bc`},
		{`a{x}`, `a\{x}`},
		{`(?<q>['"]).*?(?P=q)`, `(?<q>['"]).*?\k<q>`},
		{`[[:alpha:]]++`, `(?>[[:alpha:]]+)`},
	}
	for _, tt := range tests {
		if got, err := translate(tt.in); got != tt.want || err != nil {
			t.Errorf("translate(%q) = %q, %v, want %q", tt.in, got, err, tt.want)
		}
	}
	for _, in := range []string{`(?|a|b)`, `(?R)`, `(?&x)`, `(*SKIP)`, `a\Kb`, `(?1)`} {
		if got, err := translate(in); err == nil {
			t.Errorf("translate(%q) = %q, want an error", in, got)
		}
	}
}

// TestBacktracking uses each construct that only the second engine knows.
func TestBacktracking(t *testing.T) {
	tests := []struct{ pattern, line, group, want string }{
		{`^(?<x>\w++) (?!skip)(?<body>.*)$`, "wörd Übung", "body", ""},
		{`^(?<x>[^ ]++) (?!skip)(?<body>.*)$`, "wörd Übung", "body", "Übung"},
		{`^(?<x>(?>a|ab))c`, "abc", "x", ""},
		{`(?<=é)(?<x>b+)`, "aébb", "x", "bb"},
		{`^(?<q>['"])(?<x>.*)\k<q>$`, "'é'", "x", "é"},
	}
	for _, tt := range tests {
		p, err := compile(tt.pattern)
		if err != nil {
			t.Errorf("compile(%q): %v", tt.pattern, err)
			continue
		}
		if p.linear != nil {
			t.Errorf("%q compiles for the linear engine", tt.pattern)
		}
		got := ""
		spans, _ := p.match(tt.line)
		for i, name := range p.names {
			if spans != nil && name == tt.group {
				got = spans[i].of(tt.line)
			}
		}
		if got != tt.want {
			t.Errorf("%q on %q: group %s is %q, want %q", tt.pattern, tt.line, tt.group, got, tt.want)
		}
	}
}

// TestCatastrophicPattern holds that a hostile pattern costs a bounded time and
// marks the line.
func TestCatastrophicPattern(t *testing.T) {
	text := format(`"regex": {"std": {"pattern": "^(?<body>(?:a|aa)+(?!x))$(?<timestamp>)"}}`)
	formats, err := (&Loader{}).Load("f.json", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	asm := formats[0].Assembler(parser.Source{})
	line := strings.Repeat("a", 40) + "!"
	var got *parser.Record
	begin := time.Now()
	asm.Add(parser.Line{Raw: []byte(line), Text: line, Number: 1}, nil)
	asm.Close(func(r *parser.Record) { got = r })
	if took := time.Since(begin); took > 20*matchTimeout {
		t.Errorf("took %v", took)
	}
	if got == nil || got.Problem != ProblemTimeout {
		t.Errorf("record is %+v, want problem %q", got, ProblemTimeout)
	}
}

// TestLimits holds that an entry without end is split and says so.
func TestLimits(t *testing.T) {
	formats, err := (&Loader{}).Load("f.json", []byte(format(goodRegex)))
	if err != nil {
		t.Fatal(err)
	}
	var records []*parser.Record
	emit := func(r *parser.Record) { records = append(records, r) }
	asm := formats[0].Assembler(parser.Source{})
	add := func(n int, text string, split bool) {
		asm.Add(parser.Line{Raw: []byte(text), Text: strings.TrimSuffix(text, "\n"), Number: n, Split: split}, emit)
	}
	add(1, "lost\n", false)
	add(2, "2012-03-05 10:11:12 INFO head\n", false)
	for i := range MaxEntryLines + 1 {
		add(3+i, "more\n", false)
	}
	add(20_000, "2012-03-05 10:11:12 INFO piece one ", true)
	add(20_001, "2012-03-05 10:11:12 INFO piece two\n", false)
	add(20_002, "2012-03-05 10:11:12 INFO last\n", false)
	asm.Close(emit)
	var got []string
	for _, r := range records {
		got = append(got, r.Problem)
	}
	want := []string{ProblemNoHead, ProblemLongEntry, ProblemLongEntry, parser.ProblemLongLine, ""}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("problems are %q, want %q", got, want)
	}
}

// TestUserJSON reads a JSON format as lnav writes them.
func TestUserJSON(t *testing.T) {
	text := `{"j_log": {"json": true, "timestamp-field": "t", "timestamp-divisor": 1000, "level-field": "lvl", "level": {"error": 50, "info": 30},
		"body-field": "m", "line-format": ["x", {"field": "m"}], "opid-field": "id", "value": {"id": {"kind": "string"}},
		"sample": [{"line": "{\"t\": 1330942272345, \"lvl\": 50, \"m\": \"boom\", \"id\": \"7\"}", "level": "error"}]}}`
	formats, err := (&Loader{}).Load("f.json", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	r, ok := formats[0].parseOne(formats[0].Samples()[0].Line)
	if !ok || r.Message != "boom" || r.Level != parser.LevelError {
		t.Errorf("record is %+v", r)
	}
}

func FuzzFormat(f *testing.F) {
	seeds := 0
	for _, file := range lnavFiles(f) {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text), "2012-03-05 10:11:12 INFO x")
		seeds++
	}
	f.Add(format(goodRegex), "2012-03-05 10:11:12 INFO x")
	if seeds == 0 {
		f.Fatal("no seeds")
	}
	f.Fuzz(func(t *testing.T, text, line string) {
		formats, err := (&Loader{}).Load("f.json", []byte(text))
		if err != nil && !strings.Contains(err.Error(), "f.json:") {
			t.Fatalf("error without a place: %v", err)
		}
		for _, format := range formats {
			for _, p := range format.def.patterns {
				p.furthest(line)
			}
			if _, ok := format.parseOne(line); ok {
				format.Claim([]parser.Line{{Text: line, Raw: []byte(line)}})
			}
		}
	})
}
