package outlook

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"oxtail/parser"
	"oxtail/parser/codes"
)

// A syncClass says what a line of a synchronization log is.
type syncClass uint8

const (
	syncOther   syncClass = iota // message text, or a sentence in a language that is not known
	syncVersion                  // first line of a log, Outlook 2003 and later
	syncMailbox                  // first line of a log before
	syncScope
	syncConnect
	syncCount
	syncMoved
	syncDone
	syncContext // Exchange 4 and 5 only
	syncError
	syncOAB
	syncOABText // belongs to an address-book heading
	syncOABCode // "0X8004010F": only the address book writes codes so
	syncVector  // the vector, or the link that repeats it
	syncDetail  // provider, link text, additional information
	syncTask    // an error of the Send/Receive dialog, copied along
)

// A syncLine is a line of a synchronization log, taken apart.
type syncLine struct {
	class    syncClass
	what     string // scope or kind of error
	text     string // without quote marks, time and blanks around
	clock    time.Duration
	timed    bool
	indented bool // a TAB or several blanks stand before the text
	mark     parser.Mark
	line     parser.Line
}

// A syncPhrase is what a line starts with.
type syncPhrase struct {
	phrase string
	class  syncClass
	what   string
	whole  bool // nothing else may follow but punctuation
}

// syncPhrases are compared in order, the longer ones first. z stands for s, too.
var syncPhrases = [...]syncPhrase{
	{"synchronizer version ", syncVersion, "", false},
	{"synchronizing mailbox", syncMailbox, "", false},
	{"synchronizing hierarchy", syncScope, "hierarchy", true},
	{"synchronizing favorites", syncScope, "favorites", true},
	{"synchronizing favourites", syncScope, "favorites", true},
	{"synchronizing views", syncScope, "views", true},
	{"synchronizing forms", syncScope, "forms", true},
	{"synchronizing organization forms", syncScope, "org-forms", true},
	{"synchronizing local changes in folder", syncScope, "folder", false},
	{"synchronizing server changes in folder", syncScope, "folder", false},
	{"synchronizing folder", syncScope, "folder", false},
	{"sending off-line mail", syncScope, "offline-mail", true},
	{"sending offline mail", syncScope, "offline-mail", true},
	{"downloading from server", syncConnect, "", false},
	{"uploading to server", syncConnect, "", false},
	{"error synchronizing message", syncError, "message", false},
	{"error synchronizing hierarchy", syncError, "hierarchy", false},
	{"error synchronizing view", syncError, "view", false},
	{"error synchronizing form", syncError, "view", false},
	{"error synchronizing folder", syncError, "folder", false},
	{"error synchronizing", syncError, "", false},
	{"error sending message", syncError, "send", false},
	{"error in folder", syncError, "in-folder", false},
	{"terminated in error", syncError, "terminated", false},
	{"synchronization of some deletions failed", syncError, "deletions", false},
	{"could not connect to public folder server", syncError, "public-folder", false},
	{"moved a message that failed synchronization", syncMoved, "", false},
	{"done", syncDone, "", true},
	{"begin ctx", syncContext, "", false},
	{"end ctx", syncContext, "", false},
	{"microsoft exchange offline address book", syncOAB, "", false},
	{"not downloading offline address book", syncOABText, "", false},
	{"microsoft exchange information store", syncDetail, "", true},
	{"microsoft exchange server information store", syncDetail, "", true},
	{"mapi 1.0", syncDetail, "", true},
	{"for more information on this failure", syncDetail, "", false},
	{additionalInfo, syncDetail, "info", false},
}

// additionalInfo begins what Outlook 16.0.17328 and later tells beyond the message.
const additionalInfo = "additional info:"

// parseSyncLine takes a line, or the part of a joined line, apart.
func parseSyncLine(l parser.Line) syncLine {
	s := syncLine{line: l, mark: l.Mark}
	rest := unquote(l.Text)
	flush := strings.TrimLeft(rest, " \t\u00a0")
	if clock, n := parseClock(flush); n > 0 {
		s.clock, s.timed = clock, true
		rest = flush[n:]
	}
	s.text = trim(strings.TrimPrefix(rest, "\ufeff"))
	s.indented = strings.HasPrefix(strings.TrimPrefix(rest, " "), "\t") || strings.HasPrefix(rest, "   ")
	s.class, s.what = classifySync(s.text)
	return s
}

func classifySync(text string) (syncClass, string) {
	if text == "" {
		return syncOther, ""
	}
	for i := range syncPhrases {
		p := &syncPhrases[i]
		rest, ok := after(text, p.phrase)
		if ok && p.fits(rest) {
			return p.class, p.what
		}
	}
	switch {
	case namesTask(text) && reportsError(text):
		return syncTask, ""
	case countOf(text) != "":
		return syncCount, ""
	case text[0] == '[' && startsWithVector(text), isVectorLink(text):
		return syncVector, ""
	case isOABCode(text):
		return syncOABCode, ""
	}
	return syncOther, ""
}

// beginsPhrase reports whether text is the first part of a sentence that was wrapped.
func beginsPhrase(text string) bool {
	const shortest = len("synchronizing") // fewer words may begin any sentence
	if len(text) < shortest {
		return false
	}
	for i := range syncPhrases {
		p := &syncPhrases[i]
		if p.class != syncDetail && p.class != syncOAB && p.class != syncOABText && len(text) < len(p.phrase) && starts(text, p.phrase[:len(text)]) {
			return true
		}
	}
	return false
}

// endsPhrase reports whether text is a sentence whose name stands on the next line.
func endsPhrase(text string) bool {
	for i := range syncPhrases {
		p := &syncPhrases[i]
		named := p.class == syncMailbox || p.class == syncConnect || p.what == "folder" && p.class == syncScope || p.what == "message" || p.what == "in-folder"
		if rest, ok := after(text, p.phrase); ok && named && rest == "" {
			return true
		}
	}
	return false
}

// fits reports whether rest may stand behind the phrase: not the middle of a word,
// and, for phrases that are a whole line, at most punctuation.
func (p *syncPhrase) fits(rest string) bool {
	if p.whole {
		return strings.Trim(rest, " .\t\r>") == ""
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return !unicode.IsLetter(r) || p.class == syncVersion
}

func isQuoteStart(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return isQuote(r)
}

func startsWithVector(text string) bool {
	const longest = 40 // bytes of a vector with its brackets
	_, start, _, ok := codes.FindVector(text[:min(len(text), longest)])
	return ok && start == 0
}

// isVectorLink recognises the link to Microsoft's pages, which repeats the vector.
func isVectorLink(text string) bool {
	if !starts(text, "http") && !starts(text, "<http") {
		return false
	}
	_, _, _, ok := codes.FindVector(text)
	return ok
}

// isOABCode recognises a line that is nothing but 0X and eight digits.
func isOABCode(text string) bool {
	if len(text) != 10 || text[0] != '0' || text[1]|0x20 != 'x' {
		return false
	}
	for i := 2; i < len(text); i++ {
		if c := text[i] | 0x20; !isDigit(text[i]) && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// bareCode returns the code that an address-book line ends in without its 0X, in
// printed form, or "".
func bareCode(text string) string {
	const digits = 8
	at := len(text) - digits
	if at < 0 || at > 0 && text[at-1] != ' ' && text[at-1] != '\t' || text[at] != '8' || !isOABCode("0x"+text[at:]) {
		return ""
	}
	return "0x" + strings.ToUpper(text[at:])
}

// mentionsVector reports whether prose holds a whole vector in brackets, as a word of
// its own: what people write who quote nothing but that.
func mentionsVector(text string) bool {
	v, start, end, ok := codes.FindVector(text)
	if !ok || v.HRESULT == "" || text[start] != '[' || start > 0 && text[start-1] != ' ' {
		return false
	}
	return end == len(text) || strings.IndexByte(" .,;:!?", text[end]) >= 0
}

// countOf returns what a count line counts: "item", "folder", "view", or "". The
// number may be the place-holder of a document, "<#>".
func countOf(text string) string {
	n := 0
	for n < len(text) && isDigit(text[n]) {
		n++
	}
	rest := text[n:]
	if n == 0 {
		var ok bool
		if rest, ok = strings.CutPrefix(text, "<#>"); !ok {
			return ""
		}
	}
	rest = strings.TrimLeft(rest, " \t\u00a0")
	for _, unit := range [...]string{"item", "folder", "view"} {
		if starts(rest, unit+"(s)") {
			return unit
		}
	}
	return ""
}
