package outlook

import (
	"strings"
	"unicode/utf8"

	"oxtail/parser"
)

// sendReceiveFormat reads errors that people copied out of Outlook's Send/Receive
// dialog, English and German.
type sendReceiveFormat struct{}

func (sendReceiveFormat) Name() string  { return "outlook_sendreceive" }
func (sendReceiveFormat) Title() string { return "Outlook Send/Receive errors" }

func (sendReceiveFormat) Assembler(parser.Source) parser.Assembler { return &sendReceiveAssembler{} }

// Claim implements parser.Format. The sentence may be wrapped anywhere, so the marks
// are looked for in the text of each error.
func (f sendReceiveFormat) Claim(head []parser.Line) parser.Claim {
	t := tally{}
	a := sendReceiveAssembler{}
	see := func(r *parser.Record) {
		lines := countLines(r.Text)
		t.lines += lines
		if _, ok := r.Field("hresult"); !ok {
			return
		}
		t.mark(true)
		t.weak += min(lines-1, textLines)
	}
	for _, l := range head {
		if isForeign(l.Text) {
			a.Close(see)
			t.lines++
			t.alien()
			continue
		}
		a.Add(l, see)
	}
	a.Close(see)
	return t.claim()
}

// countLines returns the number of lines of a text that are not blank.
func countLines(text string) int {
	n := 0
	for line := range strings.Lines(text) {
		if !isBlank(line) {
			n++
		}
	}
	return n
}

// A sendReceiveAssembler makes one record of each error.
type sendReceiveAssembler struct {
	open  entry
	texts []string // lines of the open entry without quote marks
	gap   bool     // a blank line ended the open entry's text
}

// Add implements parser.Assembler.
func (a *sendReceiveAssembler) Add(l parser.Line, emit func(*parser.Record)) {
	for {
		at := nextTask(l.Text)
		if at <= 0 {
			break
		}
		head, tail := l.Cut(at)
		a.add(head, emit)
		l = tail
	}
	a.add(l, emit)
}

func (a *sendReceiveAssembler) add(l parser.Line, emit func(*parser.Record)) {
	text := trim(unquote(l.Text))
	if text == "" {
		a.addBlank(l, emit)
		return
	}
	if a.open.begun && (a.ends(text) || a.open.full()) {
		a.Close(emit)
	}
	a.open.add(l)
	a.texts = append(a.texts, text)
	a.gap = false
}

func (a *sendReceiveAssembler) addBlank(l parser.Line, emit func(*parser.Record)) {
	if !a.open.begun {
		emit(blankRecord(l))
		return
	}
	a.open.add(l)
	a.gap = true
}

// ends reports whether a line is not part of the open entry. An error that has no
// code yet was wrapped before it.
func (a *sendReceiveAssembler) ends(text string) bool {
	if !beginsTask(text) && !a.gap {
		return false
	}
	if len(a.texts) > maxTaskLines {
		return true
	}
	_, complete := parseTask(strings.Join(a.texts, " "))
	return complete || !beginsTask(a.texts[0]) || namesTask(text)
}

// maxTaskLines is how many lines the sentence of an error may be wrapped into.
const maxTaskLines = 20

// namesTask reports whether a line begins with the name of a task.
func namesTask(text string) bool {
	rest, ok := after(text, "task ")
	return ok && startsQuoted(rest) || starts(text, "fehler (0x")
}

// beginsTask reports whether a line begins an error.
func beginsTask(text string) bool { return namesTask(text) || reportsError(text) }

// nextTask returns the index inside a line at which another error begins, or 0.
func nextTask(text string) int {
	for i := 1; i < len(text); i++ {
		if text[i-1] != ' ' && text[i-1] != '\t' {
			continue
		}
		if c := text[i] | 0x20; c != 't' && c != 'f' {
			continue
		}
		if isBlank(unquote(text[:i])) {
			continue
		}
		if rest := text[i:]; starts(rest, "fehler (0x") || namesTask(rest) && reportsError(rest) {
			return i
		}
	}
	return 0
}

// maxTaskName is the longest task name in bytes; a sentence that takes longer to
// come to its code is another one.
const maxTaskName = 400

// reportsError reports whether text holds the error's sentence near its start.
func reportsError(text string) bool {
	rest, ok := within(text[:min(len(text), maxTaskName)], "reported error")
	return ok && startsCode(rest)
}

func startsCode(rest string) bool {
	rest, ok := after(trim(rest), "(0x")
	return ok && len(rest) >= 8
}

// A task is what an error says.
type task struct{ name, code, detail string }

// parseTask reads an error of either language from its text on one line.
func parseTask(text string) (task, bool) {
	if rest, ok := after(text, "fehler (0x"); ok {
		code, rest, ok := strings.Cut(rest, ")")
		rest, named := within(rest, "aufgabe")
		name, detail := quotedHead(rest)
		return task{name, hresultOf(code), unwrapText(detail)}, ok && named && hresultOf(code) != ""
	}
	rest, ok := within(text, "reported error")
	if !ok {
		return task{}, false
	}
	name := text[:len(text)-len(rest)]
	name = trim(name[:max(0, len(name)-len("reported error"))])
	if r, ok := after(name, "task"); ok {
		name = r
	}
	rest, ok = after(trim(rest), "(0x")
	if !ok {
		return task{}, false
	}
	code, detail, ok := strings.Cut(rest, ")")
	return task{stripQuotes(name), hresultOf(code), unwrapText(detail)}, ok && hresultOf(code) != ""
}

// hresultOf returns the printed form of 8 hex digits, "" if they are none.
func hresultOf(digits string) string {
	digits = trim(digits)
	if len(digits) != 8 || !isOABCode("0x"+digits) {
		return ""
	}
	return "0x" + strings.ToUpper(digits)
}

// quotedHead splits the first quoted name of text, which a colon follows, from what
// comes behind it.
func quotedHead(text string) (name, rest string) {
	open := strings.IndexFunc(text, isQuote)
	if open < 0 {
		name, rest, _ = strings.Cut(text, ":")
		return trim(name), rest
	}
	_, n := utf8.DecodeRuneInString(text[open:])
	text = text[open+n:]
	for i, r := range text {
		if isQuote(r) && strings.HasPrefix(trim(text[i+utf8.RuneLen(r):]), ":") {
			return trim(text[:i]), text[i+utf8.RuneLen(r):]
		}
	}
	if end := strings.IndexFunc(text, isQuote); end >= 0 {
		return trim(text[:end]), strings.TrimLeftFunc(text[end:], isQuote)
	}
	return trim(text), ""
}

// unwrapText returns the message behind the colon without the quotation marks
// around it. It may hold others.
func unwrapText(text string) string {
	text = trim(strings.TrimPrefix(trim(text), ":"))
	if !isQuoteStart(text) {
		return text
	}
	bare := strings.TrimRight(text, ". ")
	if !endsQuoted(bare) {
		return trim(strings.TrimLeftFunc(text, isQuote))
	}
	return stripQuotes(bare)
}

// stripQuotes removes one quotation mark from each end.
func stripQuotes(text string) string {
	text = trim(text)
	if isQuoteStart(text) {
		_, n := utf8.DecodeRuneInString(text)
		text = text[n:]
	}
	if endsQuoted(text) {
		_, n := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-n]
	}
	return trim(text)
}

// httpStatusOf returns the number at the end of a SharePoint message, "HTTP 302.".
func httpStatusOf(detail string) string {
	at := strings.LastIndex(detail, "HTTP ")
	if at < 0 {
		return ""
	}
	status := strings.TrimRight(detail[at+len("HTTP "):], ". '\"")
	if status == "" || len(status) > 3 || number(status) < 0 {
		return ""
	}
	return status
}

// Close implements parser.Assembler.
func (a *sendReceiveAssembler) Close(emit func(*parser.Record)) {
	if !a.open.begun {
		return
	}
	r := a.open.record()
	text := strings.Join(a.texts, " ")
	r.Message = text
	describeTask(r, text)
	a.open, a.texts, a.gap = entry{}, nil, false
	emit(r)
}

// describeTask sets the fields of a record whose text, on one line, is an error.
func describeTask(r *parser.Record, text string) {
	t, ok := parseTask(text)
	if !ok {
		return
	}
	r.Level = parser.LevelError
	r.Set("event", "task-error")
	r.Set("task", t.name)
	r.Set("hresult", t.code)
	r.Set("detail", t.detail)
	r.Set("http_status", httpStatusOf(t.detail))
}
