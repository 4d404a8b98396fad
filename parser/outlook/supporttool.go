package outlook

import (
	"strings"

	"oxtail/parser"
)

// supportToolFormat reads the output of the OXtender SupportTool when it re-creates
// a service. Only two of its texts are public; the rest becomes plain entries.
type supportToolFormat struct{}

func (supportToolFormat) Name() string  { return "ox_supporttool" }
func (supportToolFormat) Title() string { return "OXtender SupportTool output" }

func (supportToolFormat) Assembler(parser.Source) parser.Assembler { return &supportToolAssembler{} }

// Claim implements parser.Format.
func (supportToolFormat) Claim(head []parser.Line) parser.Claim {
	t := tally{}
	follow := 0
	for _, l := range head {
		text := trim(unquote(l.Text))
		if text == "" {
			continue
		}
		t.lines++
		_, _, recreated := recreatedIn(text)
		switch {
		case isCacheList(text), recreated && starts(text, "service "):
			t.mark(true)
			follow = textLines
		case strings.HasPrefix(text, "* "), cacheFileIn(text) != "" && !isForeign(text):
			t.mark(false)
		case isForeign(text):
			t.alien()
		case follow > 0:
			follow--
			t.mark(false)
		}
	}
	return t.claim()
}

func isCacheList(text string) bool {
	return starts(strings.TrimLeft(text, "* "), "listing cache file information") && strings.HasPrefix(text, "*")
}

// recreatedIn reads "Service 'OXSTOR_SVC' recreated in profile '<name>'".
func recreatedIn(text string) (service, profile string, ok bool) {
	rest, ok := within(text, "recreated in profile")
	if !ok {
		return "", "", false
	}
	head := text[:len(text)-len(rest)]
	if at := strings.LastIndex(asciiLower(head), "service"); at >= 0 {
		head = head[at+len("service"):]
	}
	head = trim(head[:len(head)-len("recreated in profile")])
	if end := strings.Index(asciiLower(rest), ", but there were"); end >= 0 {
		rest = rest[:end]
	}
	rest = trim(rest)
	if !startsQuoted(head) || !startsQuoted(rest) {
		return "", "", false
	}
	return quoted(head), quoted(rest), true
}

// cacheFileIn returns the path of a cache file of OXtender 2 that a line names.
func cacheFileIn(text string) string {
	lower := asciiLower(text)
	for _, ext := range [...]string{".odb", ".psz"} {
		if end := fileEnd(lower, ext); end >= 0 {
			return strings.TrimLeftFunc(text[fileStart(text[:end]):end], isQuote)
		}
	}
	return ""
}

// A supportToolAssembler makes one record of each line, and one of the message about
// the result, which mail programs wrap.
type supportToolAssembler struct {
	open   entry
	texts  []string
	when   string // of the current list of cache files
	listed int    // lists so far
	next   string // what the next list shows
}

// Add implements parser.Assembler.
func (a *supportToolAssembler) Add(l parser.Line, emit func(*parser.Record)) {
	text := trim(unquote(l.Text))
	switch {
	case text == "" && !a.open.begun:
		emit(blankRecord(l))
		return
	case text == "":
		a.open.add(l)
		return
	case a.open.begun && (!a.wrapped(text) || a.open.full()):
		a.Close(emit)
	}
	a.open.add(l)
	a.texts = append(a.texts, text)
}

// maxResultLines is how many lines the message about the result may be wrapped into.
const maxResultLines = 12

// wrapped reports whether a line continues the open message about the result, whose
// text ends in "try again."
func (a *supportToolAssembler) wrapped(text string) bool {
	if len(a.texts) > maxResultLines {
		return false
	}
	sofar := strings.Join(a.texts, " ")
	return starts(sofar, "service ") && !strings.HasPrefix(text, "*") && !starts(text, "service ") &&
		cacheFileIn(text) == "" && !strings.HasSuffix(strings.TrimRight(asciiLower(sofar), ". "), "try again")
}

// Close implements parser.Assembler.
func (a *supportToolAssembler) Close(emit func(*parser.Record)) {
	if !a.open.begun {
		return
	}
	r := a.open.record()
	text := strings.Join(a.texts, " ")
	r.Message = text
	a.describe(r, text)
	a.open, a.texts = entry{}, nil
	emit(r)
}

func (a *supportToolAssembler) describe(r *parser.Record, text string) {
	service, profile, recreated := recreatedIn(text)
	file := cacheFileIn(text)
	switch {
	case isCacheList(text):
		a.beginList()
		r.Set("event", "cache-list")
		r.Set("when", a.when)
	case recreated:
		r.Set("event", "recreated")
		r.Set("service", service)
		r.Set("profile", profile)
		if _, warned := within(text, "there were warnings"); warned {
			r.Level = parser.LevelWarning
			r.Set("warnings", "1")
		}
		a.when, a.next = "", "after"
	case file != "":
		r.Set("event", "cache-file")
		r.Set("file", file)
		r.Set("when", a.when)
	default:
		r.Set("event", "text")
	}
}

// beginList settles whether a list shows the cache files before or after the
// service was re-created: the tool lists them both times.
func (a *supportToolAssembler) beginList() {
	switch {
	case a.next != "":
		a.when = a.next
	case a.listed%2 == 1:
		a.when = "after"
	default:
		a.when = "before"
	}
	if a.next = ""; a.when == "after" {
		a.listed = 0
		return
	}
	a.listed = 1
}
