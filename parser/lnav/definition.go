package lnav

import (
	"regexp"
	"sort"
	"strings"

	"oxtail/parser"
	"oxtail/parser/stamp"
)

// A definition is one format as its file writes it down.
type definition struct {
	name  string
	at    int // of the name in the file
	end   int
	file  *file
	form  string // text, json, logfmt, or the name of a recogniser
	title string
	text  string // description

	patterns []*pattern
	levels   []levelRule // in lnav's order of trying
	levelOf  levelCache
	layouts  []*stamp.Layout
	samples  []Sample

	timestamp  []string // candidate names of the timestamp's field
	body       []string
	levelField []string
	timeField  string // holds the clock when the timestamp's field holds the date only
	subsecond  string
	subUnit    int // digits of a second that one unit of subsecond-field has
	opid       string
	component  string
	thread     string

	constants   []parser.Field
	details     []*pattern // searched in the body; their groups become fields
	divisor     float64
	utc         bool // zoneless times are UTC
	multiline   bool
	levelWords  bool // the level is guessed from the words of the body
	fallback    bool // claims less than others, see Format.Claim
	marked      bool // its heads are unmistakable: a few among many other lines suffice
	byName      bool // never claims a source by its content
	continues   bool // a head without a time continues an entry that has one
	specificity int
	filePattern *regexp.Regexp
	pointer     *regexp.Regexp // level-pointer
}

// A levelRule gives a level to texts that match, or to a number.
type levelRule struct {
	level   parser.Level
	rank    int
	number  string // compared as written, "" for patterns
	pattern *pattern
}

// A Sample is a line that a format must parse.
type Sample struct {
	Line  string       // one or more lines, separated by \n
	Level parser.Level // LevelNone: any
	at    int
}

func newDefinition(f *file, m member) *definition {
	return &definition{name: m.name, at: m.at, end: m.value.end, file: f, form: "text", multiline: true,
		timestamp: []string{"timestamp"}, body: []string{"body"}, levelField: []string{"level"}}
}

// read fills the definition from its object and returns all that is wrong with it.
func (d *definition) read(n *node) []error {
	if n.kind != objectKind {
		return []error{d.file.problem(n.at, "", "format %s is %s, want an object", d.name, n.kind)}
	}
	var problems []error
	seen := map[string]bool{}
	for _, m := range n.members {
		if seen[m.name] {
			problems = append(problems, d.file.problem(m.at, "keep one of them", "key %q stands twice in format %s", m.name, d.name))
			continue
		}
		seen[m.name] = true
		problems = append(problems, d.set(m)...)
	}
	sort.SliceStable(d.patterns, func(i, j int) bool { return d.patterns[i].name < d.patterns[j].name })
	sort.SliceStable(d.levels, func(i, j int) bool { return d.levels[i].rank < d.levels[j].rank })
	return append(problems, d.check()...)
}

// check finds what is missing or contradictory.
func (d *definition) check() []error {
	var problems []error
	if d.form == "text" && len(d.patterns) == 0 {
		problems = append(problems, d.file.problem(d.at, `add "regex", or "file-type": "json" or "logfmt"`, "format %s has no pattern", d.name))
	}
	for _, p := range d.patterns {
		if p.module || hasAny(p.names, d.timestamp) || d.timeField != "" && hasAny(p.names, []string{d.timeField}) {
			continue
		}
		if len(d.patterns) > 1 || hasAny(p.names, d.body) {
			continue // heads without a time: their records inherit it
		}
		problems = append(problems, d.file.problem(p.at, "name the group of the timestamp (?<timestamp>…) and that of the text (?<body>…)",
			"pattern %s of format %s has neither a timestamp nor a body group", p.name, d.name))
	}
	for _, p := range d.patterns {
		if p.linear != nil {
			p.shape = shapeOf(p.text)
			p.stampGroup = p.groupOf(d.timestamp)
		}
	}
	return problems
}

func hasAny(names, wanted []string) bool {
	for _, w := range wanted {
		for _, n := range names {
			if n == w {
				return true
			}
		}
	}
	return false
}

// level returns the level of the text of the level field.
func (d *definition) level(text string) parser.Level {
	text = strings.TrimSpace(text)
	if len(d.levels) == 0 {
		return Level(text)
	}
	if known, ok := d.levelOf.get(text); ok {
		return known
	}
	for _, r := range d.levels {
		if r.number != "" && r.number == text || r.pattern != nil && r.pattern.matches(text) {
			d.levelOf.put(text, r.level)
			return r.level
		}
	}
	if hasAny(d.levelField, d.body) {
		return parser.LevelNone // a text that says nothing about it
	}
	return parser.LevelInfo // as lnav: a level is there, and none of the graver ones
}
