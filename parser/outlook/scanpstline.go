package outlook

import (
	"path"
	"strings"

	"oxtail/parser"
)

// A scanpstKind says what a line of a ScanPST log is, by its prefix.
type scanpstKind uint8

const (
	scanpstPlain   scanpstKind = iota // no prefix: head of the log, or more about the line above
	scanpstPhase                      // **
	scanpstError                      // !!
	scanpstWarning                    // ??
	scanpstFatal                      // Fatal Error: 8004xxxx
	scanpstPass                       // Scan Number 2
)

// A scanpstLine is a line of a ScanPST log, taken apart.
type scanpstLine struct {
	kind   scanpstKind
	text   string // without prefix and indent
	code   string // of a fatal error
	indent int    // columns before the prefix
	start  bool   // stands at the start of a scan
}

func parseScanpstLine(line string) scanpstLine {
	line = unquote(line)
	s := scanpstLine{text: trim(line), indent: indentOf(line)}
	prefix := ""
	if len(s.text) >= 2 {
		prefix = s.text[:2]
	}
	switch {
	case prefix == "**":
		s.kind = scanpstPhase
	case prefix == "!!":
		s.kind = scanpstError
	case prefix == "??":
		s.kind = scanpstWarning
	case starts(s.text, "fatal error:"):
		s.kind = scanpstFatal
		rest, _ := after(s.text, "fatal error:")
		s.code = hresultOf(strings.TrimPrefix(strings.ToLower(trim(rest)), "0x"))
	}
	if s.kind != scanpstPlain && s.kind != scanpstFatal {
		s.text = trim(s.text[2:])
	}
	if isScanNumber(s.text) {
		s.kind = scanpstPass
	}
	s.start = s.kind == scanpstPass || starts(s.text, "microsoft (r) inbox repair tool") || starts(s.text, "copyright (c) microsoft") ||
		s.kind == scanpstPhase && starts(s.text, "beginning ndb recovery")
	return s
}

// isScanNumber recognises the heading of a pass. Its exact form is not public.
func isScanNumber(text string) bool {
	rest, ok := after(strings.Trim(text, "*-= "), "scan number")
	rest = strings.TrimLeft(rest, " :#")
	return ok && rest != "" && isDigit(rest[0])
}

func indentOf(line string) int {
	columns := 0
	for _, r := range line {
		switch r {
		case ' ', '\u00a0':
			columns++
		case '\t':
			columns += 8 - columns%8
		default:
			return columns
		}
	}
	return columns
}

// event returns the value of the field event.
func (s scanpstLine) event() string {
	return [...]string{"note", "phase", "error", "warning", "fatal", "pass"}[s.kind]
}

// A dialog is what a text of ScanPST's dialog says about the file.
type dialog struct {
	conclusion string
	event      string
	level      parser.Level
}

// A dialogText is a fragment of the dialog. Those that other programs say, too, need
// the name of a mail file or of the tool in the same text.
type dialogText struct {
	fragment string
	dialog   dialog
	common   bool
}

// dialogTexts are the fragments that are known, English, German and French.
var dialogTexts = [...]dialogText{
	{"no errors were found", dialog{"healthy", "note", parser.LevelInfo}, false},
	{"datei wurden keine fehler gefunden", dialog{"healthy", "note", parser.LevelInfo}, false},
	{"aucune erreur détectée", dialog{"healthy", "note", parser.LevelInfo}, false},
	{"only minor inconsistencies were found", dialog{"informational", "warning", parser.LevelWarning}, false},
	{"to repair these errors", dialog{"store-corrupt", "error", parser.LevelError}, false},
	{"pour le réparer", dialog{"store-corrupt", "error", parser.LevelError}, true},
	{"zugriff verweigert", dialog{"access-denied", "note", parser.LevelError}, true},
	{"wird von einer anderen anwendung verwendet", dialog{"in-use", "note", parser.LevelError}, true},
	{"ist nicht vorhanden", dialog{"not-found", "note", parser.LevelError}, true},
	{"aufgrund eines unbekannten fehlers", dialog{"scan-failed", "note", parser.LevelError}, true},
	{"une erreur inattendue", dialog{"scan-failed", "note", parser.LevelError}, true},
}

// dialogIn finds a text of the dialog.
func dialogIn(text string) (dialog, bool) {
	d, ok := findDialog(text)
	return d.dialog, ok
}

func findDialog(text string) (dialogText, bool) {
	for _, d := range dialogTexts {
		if _, ok := within(text, d.fragment); ok {
			return d, true
		}
	}
	return dialogText{}, false
}

// isDialogTitle recognises the title of the dialog on a line of its own.
func isDialogTitle(text string) bool {
	for _, title := range [...]string{"inbox repair tool", "microsoft outlook inbox repair tool", "tool zum reparieren des posteingangs", "réparateur de boîte de réception"} {
		if rest, ok := after(strings.Trim(text, "[]-= "), title); ok && rest == "" {
			return true
		}
	}
	return false
}

// Claim implements parser.Format.
func (scanpstFormat) Claim(head []parser.Line) parser.Claim {
	t := tally{}
	d := dialogClaim{}
	for _, l := range head {
		s := parseScanpstLine(l.Text)
		if s.text == "" {
			continue
		}
		t.lines++
		d.see(s.text)
		switch {
		case s.isMark():
			t.mark(true)
		case s.kind != scanpstPlain, t.strong > 0 && s.indent > 0:
			t.mark(false)
		case isForeign(s.text):
			t.alien()
		}
	}
	if c := t.claim(); c.Matched > 0 {
		return c
	}
	return d.claim(t)
}

// isMark reports whether a line is one that only ScanPST writes.
func (s scanpstLine) isMark() bool {
	switch s.kind {
	case scanpstFatal:
		return s.code != ""
	case scanpstPhase:
		return starts(s.text, "beginning ") || starts(s.text, "attempting to ")
	case scanpstError, scanpstWarning:
		return isReport(s.text)
	case scanpstPass:
		return false
	}
	return starts(s.text, "microsoft (r) inbox repair tool")
}

// isReport recognises the reports by the structures of a mail file that they name.
func isReport(text string) bool {
	if objectIn(text) != "" || isHarmless(text) {
		return true
	}
	word, _, _ := strings.Cut(text, " ")
	switch strings.ToUpper(strings.Trim(word, ":,(")) {
	case "TC", "PC", "HN", "BTH", "BBT", "NBT", "RBT", "AMAP", "PMAP", "TCINFO", "SAL", "FLT", "NDB", "SUBNODES", "HMP", "BID", "NID":
		return true
	}
	for _, phrase := range [...]string{"receive folder table missing", "contents table for", "hierarchy table for", "invalid block (", "missing pr_", "couldn't find", "not found in bbt", "not found in nbt", "search folder", "message (", "folder (", "attachment ("} {
		if _, ok := within(text, phrase); ok {
			return true
		}
	}
	return false
}

// A dialogClaim looks for the texts of the dialog in a short text: in a long one
// they are prose about it.
type dialogClaim struct {
	title  bool
	sure   int // fragments that only the dialog has
	common int // fragments that others have, too
	file   bool
}

// maxDialogLines is how many lines a pasted dialog has at most.
const maxDialogLines = 12

func (d *dialogClaim) see(text string) {
	d.title = d.title || isDialogTitle(text)
	d.file = d.file || namesMailFile(text)
	found, ok := findDialog(text)
	switch {
	case !ok:
	case found.common:
		d.common++
	default:
		d.sure++
	}
}

func (d *dialogClaim) claim(t tally) parser.Claim {
	if t.lines > maxDialogLines || t.foreign > 0 || d.sure+d.common == 0 && !d.title {
		return parser.Claim{}
	}
	if !d.title && !d.file && (d.sure == 0 || t.lines > d.sure+2) {
		return parser.Claim{}
	}
	return parser.Claim{Matched: t.lines, Considered: t.lines, Specificity: decisive - 10}
}

// namesMailFile reports whether a text names an Outlook data file.
func namesMailFile(text string) bool {
	for word := range strings.FieldsSeq(strings.ToLower(text)) {
		word = strings.TrimRightFunc(word, func(r rune) bool { return isQuote(r) || r == '.' || r == ',' || r == ':' || r == ')' })
		switch path.Ext(word) {
		case ".pst", ".ost", ".nst":
			return true
		}
	}
	return false
}
