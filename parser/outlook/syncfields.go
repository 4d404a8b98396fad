package outlook

import (
	"strconv"
	"strings"

	"oxtail/parser"
	"oxtail/parser/codes"
)

// describe sets the fields of a record from its entry and from what the log said
// before, and takes note of what the entry says.
func (run *syncRun) describe(e *syncEntry, r *parser.Record) {
	run.enter(e.class)
	head := e.parts[0].text
	switch e.class {
	case syncVersion:
		run.version = versionIn(head)
		r.Set("event", "version")
	case syncMailbox:
		rest, _ := after(head, "synchronizing mailbox")
		run.mailbox = quoted(rest)
		r.Set("event", "mailbox")
	case syncScope:
		run.setScope(e.what, head)
		r.Set("event", "scope")
	case syncConnect:
		rest, _ := within(head, "server")
		run.server = quoted(rest)
		r.Set("event", "connect")
		r.Set("server", run.server)
	case syncCount:
		r.Set("event", "count")
		setCount(r, head)
	case syncMoved:
		r.Set("event", "moved")
		setMoved(r, head)
	case syncDone:
		r.Set("event", "done")
	case syncError:
		run.describeError(e, r)
	case syncOAB:
		describeOAB(e, r)
	case syncTask:
		describeTask(r, strings.ReplaceAll(r.Message, "\n", " "))
	default:
		r.Set("event", "notice")
		r.Level = levelOf(e.parts)
	}
	run.place(e, r)
}

// enter begins a new log when a heading follows content: two logs in one file.
func (run *syncRun) enter(class syncClass) {
	heading := class == syncVersion || class == syncMailbox
	if class == syncOther && !run.begun { // what a mail says before its log
		run.number = 1
		return
	}
	again := class == run.headed || class == syncVersion && run.headed == syncMailbox
	switch {
	case !run.begun:
		run.number = 1
	case heading && (run.headed == syncOther || again):
		*run = syncRun{number: run.number + 1}
	}
	run.begun = true
	run.headed = syncOther
	if heading {
		run.headed = class
	}
}

// setScope notes what is being synchronized. Folder and direction belong to
// folders only: an error in the hierarchy is not one of the folder before it.
func (run *syncRun) setScope(scope, head string) {
	run.scope, run.folder, run.direction, run.vectors = scope, "", "", nil
	if scope != "folder" {
		return
	}
	if rest, ok := within(head, "folder"); ok {
		run.folder = quoted(rest)
	}
	switch {
	case starts(head, "synchronizing local"):
		run.direction = "local"
	case starts(head, "synchronizing server"):
		run.direction = "server"
	}
}

// place sets where in which log an entry stands.
func (run *syncRun) place(e *syncEntry, r *parser.Record) {
	r.Set("log", strconv.Itoa(run.number))
	r.Set("version", run.version)
	r.Set("mailbox", run.mailbox)
	if e.class == syncOAB {
		r.Set("scope", "addressbook")
		return
	}
	if e.class == syncTask { // copied along, not said by the log
		return
	}
	if _, ok := r.Field("scope"); !ok {
		r.Set("scope", run.scope)
	}
	if _, ok := r.Field("folder"); !ok {
		r.Set("folder", run.folder)
	}
	r.Set("direction", run.direction)
}

func (run *syncRun) describeError(e *syncEntry, r *parser.Record) {
	r.Level = parser.LevelError
	r.Set("event", "error")
	head := e.parts[0].text
	v, ok := findVector(e.parts)
	kind := e.kind(ok)
	r.Set("error_kind", kind)
	if ok {
		setVector(r, v)
	} else {
		r.Set("hresult", codeIn(e.parts))
	}
	switch kind {
	case "message":
		r.Set("subject", subjectOf(head))
	case "in-folder":
		rest, _ := after(head, "error in folder")
		r.Set("folder", quoted(withoutVector(rest)))
	case "folder":
		if rest, _ := after(head, "error synchronizing folder"); quotes(rest) > 1 {
			r.Set("folder", quoted(rest))
		}
	case "hierarchy":
		r.Set("scope", "hierarchy")
	}
	r.Set("provider", providerOf(e.parts))
	r.Set("detail", e.detail())
	run.relate(kind, v, ok, r)
}

// kind returns the kind of an error from its whole first sentence, which may have
// been wrapped.
func (e *syncEntry) kind(hasVector bool) string {
	head := e.parts[0]
	switch {
	case e.what == "" && head.class == syncError:
		_, what := classifySync(head.text)
		return what
	case e.what == "" && hasVector:
		return "vector"
	}
	return e.what
}

// relate marks errors that repeat the cause of an earlier one in the same scope, and
// those that stand for one failed mail item.
func (run *syncRun) relate(kind string, v codes.Vector, has bool, r *parser.Record) {
	key := v.String()
	_, known := run.vectors[key]
	switch kind {
	case "message", "send":
		r.Set("failed_item", "1")
	case "folder":
		if has && known {
			r.Set("same_cause", "vector")
		}
		return
	case "view":
		if has && known {
			r.Set("same_cause", "vector")
		}
	default:
		return
	}
	if !has || len(run.vectors) >= maxSyncVectors {
		return
	}
	if run.vectors == nil {
		run.vectors = map[string]struct{}{}
	}
	run.vectors[key] = struct{}{}
}

func describeOAB(e *syncEntry, r *parser.Record) {
	r.Set("event", "oab")
	code := codeIn(e.parts)
	for i := 0; code == "" && i < len(e.parts); i++ {
		code = bareCode(e.parts[i].text)
	}
	if v, ok := findVector(e.parts); ok {
		setVector(r, v)
		code = ""
		r.Level = parser.LevelWarning
	}
	r.Set("hresult", code)
	r.Set("detail", e.detail())
	if code != "" {
		r.Level = parser.LevelWarning
	}
}

// codeIn returns the first code of an entry that is not a vector.
func codeIn(parts []syncPart) string {
	for _, p := range parts {
		for _, c := range codes.Find(p.text) {
			if _, ok := c.HRESULT(); ok {
				return string(c)
			}
		}
		if isOABCode(p.text) && strings.Trim(p.text[2:], "0") != "" {
			return "0x" + strings.ToUpper(p.text[2:])
		}
	}
	return ""
}

func setVector(r *parser.Record, v codes.Vector) {
	r.Set("vector", v.String())
	if v.HRESULT != "" {
		r.Set("hresult", "0x"+v.HRESULT)
	}
	r.Set("msgid", v.Message)
	r.Set("result", v.Result)
	r.Set("context", v.Context)
}

func vectorIn(text string) (codes.Vector, bool) {
	v, _, _, ok := codes.FindVector(text)
	return v, ok
}

// findVector returns the vector of an entry: in brackets if there is one, else from
// the link, which mail programs may have wrapped.
func findVector(parts []syncPart) (codes.Vector, bool) {
	var link codes.Vector
	found := false
	for _, p := range parts {
		v, start, _, ok := codes.FindVector(p.text)
		switch {
		case ok && p.text[start] == '[':
			return v, true
		case ok && !found:
			link, found = v, true
		}
	}
	if found {
		return link, true
	}
	return wrappedVector(parts)
}

// wrappedVector looks for a link that was cut by the end of a line.
func wrappedVector(parts []syncPart) (codes.Vector, bool) {
	for i, p := range parts {
		if i > 0 && starts(p.text, "http") {
			return vectorIn(strings.ReplaceAll(p.text, " ", ""))
		}
	}
	return codes.Vector{}, false
}

func withoutVector(text string) string {
	if _, start, end, ok := codes.FindVector(text); ok && text[start] == '[' {
		return trim(text[:start]) + " " + trim(text[end:])
	}
	return text
}

// subjectOf returns the subject of the message in "Error synchronizing message '…'".
func subjectOf(head string) string {
	rest, _ := after(head, "error synchronizing message")
	if rest = trim(withoutVector(rest)); rest == "" {
		return ""
	}
	return quoted(rest)
}

// setMoved sets the fields of "Moved a message … to '<folder>'. Message subject -> '<subject>'. …".
func setMoved(r *parser.Record, head string) {
	subject, ok := within(head, "message subject")
	folder := head
	if ok {
		folder = head[:len(head)-len(subject)]
		if open := strings.IndexFunc(subject, isQuote); open >= 0 {
			subject = subject[open:]
		}
		if end := strings.LastIndexFunc(subject, isQuote); end > 0 {
			subject = subject[:end]
		}
		r.Set("subject", strings.TrimLeftFunc(subject, isQuote))
	}
	r.Set("moved_to", quoted(folder))
}

// providerOf returns the part of Outlook that reported an error.
func providerOf(parts []syncPart) string {
	for _, p := range parts {
		if starts(p.text, "microsoft exchange information store") || starts(p.text, "microsoft exchange server information store") || starts(p.text, "mapi 1.0") {
			return strings.TrimRight(p.text, ".")
		}
	}
	return ""
}

// detail returns the text of the message that belongs to an error.
func (e *syncEntry) detail() string {
	var texts []string
	for i, p := range e.parts {
		text := p.text
		if starts(text, additionalInfo) {
			break
		}
		switch {
		case i == 0 && e.class == syncError && p.class == syncError:
			_, text, _ = cutVector(text)
		case i == 0 && p.class == syncOAB:
			text, _ = after(text, "microsoft exchange offline address book")
		case p.class == syncVector && text[0] == '[':
			_, text, _ = cutVector(text)
		case p.class != syncOther && p.class != syncOABText || starts(text, "http"):
			continue
		}
		if text = trim(text); text != "" && !isOABCode(text) {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, " ")
}

// cutVector splits text around the vector in brackets.
func cutVector(text string) (before, behind string, ok bool) {
	_, start, end, ok := codes.FindVector(text)
	if !ok || text[start] != '[' {
		return text, "", false
	}
	return text[:start], text[end:], true
}

// versionIn returns the version in the first line of a log.
func versionIn(head string) string {
	rest, _ := after(head, "synchronizer version ")
	version, _, _ := strings.Cut(trim(rest), " ")
	return version
}

// levelOf returns the level that the colour of an entry stands for.
func levelOf(parts []syncPart) parser.Level {
	level := parser.LevelInfo
	for _, p := range parts {
		switch p.marked {
		case parser.MarkError:
			level = parser.LevelError
		case parser.MarkWarning:
			level = max(level, parser.LevelWarning)
		}
	}
	return level
}

// Codes implements parser.CodePolicy: names of folders and subjects of messages are
// the users' own words, so only the places where the log itself puts a code count.
func (a *syncAssembler) Codes(r *parser.Record) []codes.Code {
	event, _ := r.Field("event")
	switch event {
	case "error", "oab":
	case "notice", "task-error":
		return codes.Find(r.Text)
	default:
		return nil
	}
	var text []string
	for _, name := range [...]string{"vector", "hresult", "detail"} {
		value, _ := r.Field(name)
		text = append(text, value)
	}
	return codes.Find(strings.Join(text, "\n"))
}
