package redact

import (
	"bytes"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// A keyword is a word whose neighbour is, or may be, a name.
type keyword struct {
	role role
	kind Kind
}

type role uint8

const (
	roleField     role = iota // user: anna
	roleSecond                // "name" of "user name: anna"
	rolePath                  // C:\Users\anna
	roleDN                    // /o=Contoso/cn=anna
	roleURL                   // https://
	roleSU                    // {SU:subject}
	roleMethod                // POST: anna(192.0.2.7)
	roleEAS                   // 10:183:anna:EAS:
	roleItem                  // Error synchronizing message '…'
	roleLevel                 // [4711] [DEBUG] [anna]
	roleSID                   // S-1-5-21-…
	roleAs                    // logged on as anna
	roleAddressee             // "to":"Anna Lang"
)

// fieldNames lists the names of fields by the kind of their value, folded, without
// separators.
const (
	userFields = "user username userid useraccount login loginname logonname logon logonuser account accountname benutzer benutzername benutzerkonto anwender anmeldename " +
		"samaccountname subjectusername targetusername owner getuser authuser uid remoteuser runas konto lastloggedonuser registeredowner defaultusername upn userprincipalname"
	mailboxFields = "mailbox mailboxname postfach displayname fullname anzeigename vorname nachname firstname lastname sendername recipientname mailboxowner givenname surname absender empfänger"
	hostFields    = "server servername host hostname computer computername computers machine machinename workstation workstationname rechner rechnername proxy proxyserver homeserver remotehost logonserver " +
		"endpoint domaincontroller servermachine clientname nodename serverhost imapserver smtpserver popserver mailserver"
	domainFields  = "domain domainname userdomain userdnsdomain subjectdomainname targetdomainname logondomain domäne dnsdomain organization organisation registeredorganization company firma tenant"
	subjectFields = "subject betreff msgsubject itemsubject mailsubject conversationtopic normalizedsubject"
)

// seconds lists first words of fields of two words: "user name", "mailbox_id".
const seconds = "user account login logon mailbox display full host computer server machine benutzer sender recipient owner workstation domain target subject postfach system rechner"

// keyBits is the logarithm of the bits that tell that a word is no keyword.
const keyBits = 13

// A keywordSet finds keywords by the hash of the word.
type keywordSet struct {
	bits  [1 << keyBits / 64]uint64
	words map[uint32]keyword
}

func (k *keywordSet) find(h uint32) (keyword, bool) {
	slot := h * 2654435769 >> (32 - keyBits)
	if k.bits[slot/64]&(1<<(slot%64)) == 0 {
		return keyword{}, false
	}
	found, ok := k.words[h]
	return found, ok
}

// keywords returns all keywords.
var keywords = sync.OnceValue(func() *keywordSet {
	out := &keywordSet{words: map[uint32]keyword{}}
	add := func(list string, k keyword) {
		for w := range strings.FieldsSeq(list) {
			h := hashWord(w)
			slot := h * 2654435769 >> (32 - keyBits)
			out.bits[slot/64] |= 1 << (slot % 64)
			out.words[h] = k
		}
	}
	add(userFields, keyword{roleField, User})
	add(mailboxFields, keyword{roleField, Mailbox})
	add(hostFields, keyword{roleField, Host})
	add(domainFields, keyword{roleField, Org})
	add(subjectFields, keyword{roleField, Subject})
	add("name", keyword{role: roleSecond})
	add("users home homes profiles einstellungen settings benutzerprofile", keyword{role: rolePath})
	add("o ou cn dc", keyword{role: roleDN})
	add("https http ldap ldaps ftp imaps smtp", keyword{role: roleURL})
	add("su", keyword{role: roleSU})
	add("post get put options propfind report delete", keyword{role: roleMethod})
	add("eas json drive carddav caldav", keyword{role: roleEAS})
	add("message", keyword{role: roleItem})
	add("s", keyword{role: roleSID})
	add("as als", keyword{role: roleAs})
	add("from to cc bcc sender recipient recipients attendee attendees organizer author", keyword{role: roleAddressee})
	add("debug info warn warning error fatal trace wbxml wbxmlstack deviceid", keyword{role: roleLevel})
	return out
})

// keyword handles the keyword text[i:j].
func (s *scanner) keyword(k keyword, i, j int) {
	switch k.role {
	case roleField:
		s.field(k.kind, i, j)
	case roleSecond:
		s.secondWord(i, j)
	case rolePath:
		s.userFolder(i, j)
	case roleDN:
		if j-i == 1 || s.text[i+1]|0x20 != 'u' { // a unit is an administrative group
			s.distinguished(i, j, s.text[i]|0x20)
		}
	case roleURL:
		s.authority(j)
	case roleSU:
		s.braced(i, j)
	case roleMethod:
		s.method(j)
	case roleEAS:
		s.easUser(i, j)
	case roleItem:
		s.item(i, j)
	case roleLevel:
		s.levelUser(i, j)
	case roleSID:
		s.sid(i)
	case roleAs:
		s.loggedOnAs(i, j)
	case roleAddressee:
		if j < len(s.text) && i > 0 && (s.text[j] == '"' && s.text[i-1] == '"' || s.text[j] == '>' && (s.text[i-1] == '<' || s.text[i-1] == ':')) {
			s.field(Mailbox, i, j)
		}
	}
}

// secondWord handles "name" behind "user ", "mailbox-" and the like.
func (s *scanner) secondWord(i, j int) {
	if s.memberName(i, j) || i < 2 || strings.IndexByte(" _-.", s.text[i-1]) < 0 {
		return
	}
	a := i - 1
	for a > 0 && isAlnum(s.text[a-1]) {
		a--
	}
	first := strings.ToLower(string(s.text[a : i-1]))
	if first == "" || !strings.Contains(" "+seconds+" ", " "+first+" ") {
		return
	}
	if first == "display" || first == "full" || first == "sender" || first == "recipient" || first == "owner" {
		s.field(Mailbox, i, j)
		return
	}
	if first == "system" {
		s.field(Host, i, j)
	} else if k, ok := s.keys.find(hashWord(first)); ok && k.role == roleField && k.kind != Subject {
		s.field(k.kind, i, j)
	}
}

// memberName handles the name of an object: {"user":{"name":"anna"}} and
// <Mailbox><Name>…</Name>.
func (s *scanner) memberName(i, j int) bool {
	before := strings.ToLower(string(s.text[max(0, i-32):i]))
	if n := strings.LastIndexAny(before, "\n"); n >= 0 {
		before = before[n:]
	}
	if tag := strings.LastIndexByte(before, '<'); tag > 0 && strings.HasSuffix(before[:tag], "mailbox>") {
		s.field(Mailbox, i, j)
		return true
	}
	object, ok := strings.CutSuffix(strings.ReplaceAll(strings.TrimRight(before, `\"`), " ", ""), "{")
	if !ok {
		return false
	}
	object = strings.TrimRight(object, ":")
	object = strings.TrimRight(object, `\"`)
	word := object[strings.LastIndexFunc(object, func(r rune) bool { return !isWordRune(r) })+1:]
	k, ok := s.keys.find(hashWord(word))
	if !ok || k.role != roleField && k.role != roleAddressee {
		return false
	}
	if k.role == roleAddressee {
		k.kind = Mailbox
	}
	s.field(k.kind, i, j)
	return true
}

// loggedOnAs handles "logged on as anna".
func (s *scanner) loggedOnAs(i, j int) {
	before := strings.ToLower(string(s.text[max(0, i-16):i]))
	ok := false
	for _, w := range []string{"logged on ", "logged in ", "logon ", "login ", "signed in ", "angemeldet ", "anmeldung ", "authenticated ", "connected ", "running "} {
		ok = ok || strings.HasSuffix(before, w)
	}
	if !ok && !bytes.HasPrefix(bytes.ToLower(s.text[j:min(j+6, len(s.text))]), []byte(" user ")) {
		return
	}
	p, _ := s.separator(j)
	if v, ok := s.quotedValue(User, p); ok {
		s.value(User, v)
		return
	}
	if bytes.HasPrefix(bytes.ToLower(s.text[p:min(p+5, len(s.text))]), []byte("user ")) {
		p += len("user ")
	}
	if v, ok := s.plainValue(User, p, '='); ok && !isCommon(strings.TrimRight(string(s.text[v.a:v.b]), ".,")) {
		s.value(User, v)
	}
}

// A valueAt is the value of a field and how it was written.
type valueAt struct {
	a, b    int
	quoted  bool
	certain bool // its ends are sure, and that it is a value
}

// field handles a field whose name is text[i:j].
func (s *scanner) field(k Kind, i, j int) {
	if v, ok := s.valueOf(k, i, j); ok {
		s.value(k, v)
	}
}

// valueOf finds the value behind a name of a field.
func (s *scanner) valueOf(k Kind, i, j int) (valueAt, bool) {
	p := s.skipQuote(j)
	if p < len(s.text) && s.text[p] == '>' && (p > j || i > 0 && (s.text[i-1] == '<' || s.text[i-1] == ':')) {
		return s.element(p + 1)
	}
	if p == j && p+1 < len(s.text) && s.text[p] == ']' && s.text[p+1] == ' ' && i > 0 && s.text[i-1] == '[' && k != Org && k != Host {
		return s.plainValue(k, p+2, ':')
	}
	p, separated := s.separator(p)
	if separated == 0 {
		if p == j+1 && p < len(s.text) && s.text[j] == ' ' {
			return s.besideValue(k, i, p)
		}
		return valueAt{}, false
	}
	if v, ok := s.quotedValue(k, p); ok {
		return v, true
	}
	return s.plainValue(k, p, separated)
}

// besideValue takes a value that follows the name of a field without a mark: in quotes, or a
// word that looks like the name of a computer or account.
func (s *scanner) besideValue(k Kind, i, p int) (valueAt, bool) {
	if v, ok := s.quotedValue(k, p); ok {
		return v, true
	}
	if k == Mailbox && bytes.EqualFold(s.text[max(0, i-14):i], []byte("synchronizing ")) {
		return s.rest(p), true
	}
	if k == Mailbox {
		return s.ownedBy(p)
	}
	if k == User && s.acts(p) {
		_, end := s.t.wordSpan(s.text, p)
		return valueAt{p, end, true, true}, !isCommon(string(s.text[p:end]))
	}
	b, digits, capitals, small, marks := p, 0, 0, 0, 0
	for ; b < len(s.text) && (isAlnum(s.text[b]) || s.text[b] == '-' || s.text[b] == '_' || s.text[b] == '.' && b+1 < len(s.text) && isAlnum(s.text[b+1])); b++ {
		switch c := s.text[b]; {
		case isDigit(c):
			digits++
		case c >= 'A' && c <= 'Z':
			capitals++
		case c >= 'a' && c <= 'z':
			small++
		default:
			marks++
		}
	}
	isHost := k == Host && (capitals > 1 && small == 0 && digits+marks > 0 || capitals == 0 && small > 1 && digits > 0 && isDigit(s.text[b-1]) && s.text[p] > '9' && !isHexWord(s.text[p:b]))
	isUser := k == User && capitals+small > 2 && digits+marks > 0 && !isHexWord(s.text[p:b]) && s.text[p] > '9'
	return valueAt{p, b, true, isHost && capitals > 0 || isUser && marks > 0}, isHost || isUser
}

// acts reports whether the word at p is somebody who does what users do: "user anna logged
// in".
func (s *scanner) acts(p int) bool {
	_, end := s.t.wordSpan(s.text, p)
	rest := strings.ToLower(string(s.text[end:min(end+16, len(s.text))]))
	for _, w := range []string{" logged ", " signed ", " logs ", " authenticated", " angemeldet", " abgemeldet", " hat sich"} {
		if strings.HasPrefix(rest, w) {
			return true
		}
	}
	return false
}

// ownedBy takes the name in "mailbox of Anna Lang": words that begin with capitals.
func (s *scanner) ownedBy(p int) (valueAt, bool) {
	for _, w := range []string{"of ", "for ", "von ", "für "} {
		if bytes.HasPrefix(s.text[p:], []byte(w)) {
			a := p + len(w)
			b := s.capitals(a)
			return valueAt{a, b, true, true}, bytes.IndexByte(s.text[a:b], ' ') > 0
		}
	}
	return valueAt{}, false
}

// capitals returns the end of the words that begin with capitals, from a on, at most four,
// with one comma.
func (s *scanner) capitals(a int) int {
	end := a
	for n := 0; n < 4; n++ {
		at := end
		if n > 0 {
			if at < len(s.text) && s.text[at] == ',' && n == 1 {
				at++
			}
			if at >= len(s.text) || s.text[at] != ' ' {
				break
			}
			at++
		}
		start, stop := s.t.wordSpan(s.text, at)
		if start == stop {
			break
		}
		if r, _ := utf8.DecodeRune(s.text[at:]); !unicode.IsUpper(r) {
			break
		}
		end = stop
	}
	return end
}

// isHexWord tells numbers in hexadecimal from names.
func isHexWord(w []byte) bool { return allHex(bytes.ReplaceAll(w, []byte("-"), nil)) }

// skipQuote skips what closes the quotes of a name: ", ', \".
func (s *scanner) skipQuote(p int) int {
	q := p
	for q < len(s.text) && s.text[q] == '\\' {
		q++
	}
	if q < len(s.text) && (s.text[q] == '"' || s.text[q] == '\'') && q-p <= 3 {
		return q + 1
	}
	return p
}

// separator skips blanks and ":", "=" or "->" and returns which it was; 0 for none, with the
// position behind the blanks.
func (s *scanner) separator(p int) (int, byte) {
	skip := func(p int) int {
		for p < len(s.text) && (s.text[p] == ' ' || s.text[p] == '\t') {
			p++
		}
		return p
	}
	tab := p < len(s.text) && s.text[p] == '\t'
	p = skip(p)
	if p+1 >= len(s.text) {
		return p, 0
	}
	if tab && s.t.class[s.text[p]] == clWord { // a report of msinfo32
		return p, ':'
	}
	switch c, next := s.text[p], s.text[p+1]; {
	case c == ':' && next == '=', c == '=' && next == '>', c == '-' && next == '>':
		return skip(p + 2), '='
	case c == ':' && (next == ':' || next == '/' || next == '\\' && p+2 < len(s.text) && s.text[p+2] != '"'):
		return p, 0
	case c == ':' || c == '=':
		return skip(p + 1), c
	case c == '%' && p+2 < len(s.text) && next == '3' && s.text[p+2]|0x20 == 'd':
		return p + 3, '='
	}
	return p, 0
}

// element takes the text of an XML element up to its end tag.
func (s *scanner) element(a int) (valueAt, bool) {
	b := a
	for b < len(s.text) && b-a < MaxNameBytes && s.text[b] != '<' && s.text[b] != '\n' {
		b++
	}
	return valueAt{a, b, true, true}, b > a && b < len(s.text) && s.text[b] == '<'
}

// quotedValue takes a value in quotes, which may be escaped or typographic.
func (s *scanner) quotedValue(k Kind, p int) (valueAt, bool) {
	q := p
	for q < len(s.text) && s.text[q] == '\\' && q-p < 3 {
		q++
	}
	if q >= len(s.text) {
		return valueAt{}, false
	}
	end := lineEnd(s.text, q)
	switch c := s.text[q]; {
	case c == '"' || (c == '[' || c == '<' && k == User) && q == p:
		if c != '"' {
			c += 2 // ] and >
		}
		for b := q + 1; b < end; b++ {
			if s.text[b] == c && (q > p || s.text[b-1] != '\\' || s.text[b-2] == '\\') {
				for q > p && s.text[b-1] == '\\' {
					b--
				}
				return valueAt{q + 1, b, true, true}, true
			}
		}
	case c == '\'' && q == p:
		if b := s.closing(k, q+1, end, "'"); b > 0 {
			return valueAt{q + 1, b, true, true}, true
		}
	case c >= utf8.RuneSelf:
		r, n := utf8.DecodeRune(s.text[q:])
		if strings.ContainsRune("‘’‚“”„«»", r) {
			if b := s.closing(k, q+n, end, "‘’“”«»"); b > 0 {
				return valueAt{q + n, b, true, true}, true
			}
		}
	}
	return valueAt{}, false
}

// closing returns where a quote closes: not within a word, and for a subject, which may
// hold quotes itself, the last one of the line.
func (s *scanner) closing(k Kind, a, end int, quotes string) int {
	found := 0
	if k == Subject {
		end = s.beforeTime(a, end)
	}
	for b := a; b < end; {
		r, n := utf8.DecodeRune(s.text[b:])
		if strings.ContainsRune(quotes, r) && (b+n >= end || !s.letterStart(b+n)) {
			if k != Subject {
				return b
			}
			found = b
		}
		b += n
	}
	return found
}

// beforeTime returns where the next entry begins, if all entries of a log stand in one
// line: before the next " 7:05:14 ".
func (s *scanner) beforeTime(a, end int) int {
	for i := a; i+8 < end; i++ {
		if s.text[i] != ':' || s.text[i+3] != ':' || !isDigit(s.text[i-1]) || !isDigit(s.text[i+1]) || !isDigit(s.text[i+2]) || !isDigit(s.text[i+4]) {
			continue
		}
		b := i - 1
		if b > 0 && isDigit(s.text[b-1]) {
			b--
		}
		if b > a && s.text[b-1] == ' ' {
			return b - 1
		}
	}
	return end
}

func (s *scanner) letterStart(i int) bool {
	r, _ := utf8.DecodeRune(s.text[i:])
	return isWordRune(r)
}

// line returns the end of the line at i, without its line end. Within a string of JSON a
// line ends at \n, and at the end of the string.
func (s *scanner) line(i int) int {
	end := lineEnd(s.text, i)
	for end > i && s.text[end-1] == '\r' {
		end--
	}
	for b := i; b+1 < end; b++ {
		switch c, next := s.text[b], s.text[b+1]; {
		case c == '\\' && (next == 'n' || next == 'r') && b > 0 && s.text[b-1] != ':' && s.text[b-1] != '\\':
			return b
		case c == '"' && (next == '}' || next == ']'), c == '"' && next == ',' && b+2 < end && (s.text[b+2] == '"' || s.text[b+2] == ' ' && b+3 < end && s.text[b+3] == '"'):
			if b > i {
				return b
			}
		}
	}
	return end
}

// rest takes all up to the end of the line.
func (s *scanner) rest(a int) valueAt { return valueAt{a, s.line(a), false, true} }

// plainValue takes a value without quotes.
func (s *scanner) plainValue(k Kind, a int, separator byte) (valueAt, bool) {
	if a >= len(s.text) || strings.IndexByte("{(<,;", s.text[a]) >= 0 {
		return valueAt{}, false
	}
	end := s.line(a)
	if k == Subject || k == Mailbox || k == Org && separator == ':' {
		return s.phrase(k, a, end, separator)
	}
	stops := " \t,;|)]}>\"'<&"
	if k == User {
		stops += ":("
	}
	b := a
	for b < end && strings.IndexByte(stops, s.text[b]) < 0 {
		b++
	}
	if b == a || bytes.IndexByte(s.text[a:b], '=') >= 0 {
		return valueAt{}, false // none, or a field of its own
	}
	v := valueAt{a, b, false, true}
	if separator == ':' && k == User {
		if c := s.capitals(a); c > b && c == end {
			return valueAt{a, c, true, true}, true
		}
	}
	if separator == ':' {
		rest := bytes.TrimLeft(s.text[b:end], " \t")
		v.certain = len(rest) == 0 || b < end && strings.IndexByte(",;|)]}", s.text[b]) >= 0
		word := string(s.text[a:b])
		if isCommon(strings.TrimRight(word, ".")) || !v.certain && k == Host && !looksLikeName(word) {
			return valueAt{}, false
		}
	}
	return v, true
}

// looksLikeName tells a name from a word of a sentence.
func looksLikeName(w string) bool {
	return strings.ContainsAny(w, "0123456789.-_") || strings.IndexFunc(w, unicode.IsUpper) >= 0
}

// phraseWords bounds the words of a mailbox's name without quotes.
const phraseWords = 5

// phrase takes a value of several words: to the end of the line, or to a separator.
func (s *scanner) phrase(k Kind, a, end int, separator byte) (valueAt, bool) {
	b := end
	for _, stop := range []string{"\t", "  ", " | ", " -> ", ";"} {
		if n := bytes.Index(s.text[a:b], []byte(stop)); n >= 0 {
			b = a + n
		}
	}
	if separator == '=' && (k != Mailbox || bytes.IndexByte(s.text[a:b], '=') >= 0 || bytes.ContainsAny(s.text[a:b], "&|")) {
		b = s.beforeNext(a, b)
	}
	if n := bytes.Index(bytes.ToLower(s.text[a:b]), []byte("0x8")); n >= 0 {
		b = a + n
	}
	text := strings.TrimSpace(string(s.text[a:b]))
	if text == "" || text[0] == '{' || text[0] == '0' && len(text) == 1 {
		return valueAt{}, false
	}
	if k == Subject {
		return valueAt{a, b, false, true}, true
	}
	words := strings.FieldsFunc(text, func(r rune) bool { return !isWordRune(r) && r != '-' })
	if len(words) > phraseWords && !strings.Contains(text, "@") {
		return valueAt{}, false
	}
	for _, w := range words {
		if _, ok := common()[strings.ToLower(w)]; ok && len(words) > 1 {
			return valueAt{}, false
		}
	}
	return valueAt{a, b, false, true}, true
}

// beforeNext returns where the value of "a=b c d=e" ends: before the next field or a
// separator.
func (s *scanner) beforeNext(a, b int) int {
	for _, stop := range ",&|" {
		if n := bytes.IndexByte(s.text[a:b], byte(stop)); n >= 0 {
			b = a + n
		}
	}
	if n := bytes.IndexByte(s.text[a:b], '='); n >= 0 {
		if blank := bytes.LastIndexByte(s.text[a:a+n], ' '); blank >= 0 {
			return a + blank
		}
	}
	return b
}

// value handles a value by its kind and its own form.
func (s *scanner) value(k Kind, v valueAt) {
	text := s.text[v.a:v.b]
	isAddress := bytes.IndexByte(text, '@') > 0 && bytes.IndexByte(text, ' ') < 0
	switch {
	case k == Subject:
		s.subject(v)
	case isAddress || bytes.Contains(text, []byte("://")) || bytes.Contains(text, []byte("%40")) || len(text) > 2 && text[1] == ':' && isSlash(text[2]):
	case bytes.HasPrefix(bytes.ToLower(text), []byte("/o=")) || bytes.HasPrefix(bytes.ToLower(text), []byte("cn=")):
	case k == Host:
		s.hostValue(v)
	case k == Org && bytes.IndexByte(text, '.') > 0 && bytes.IndexByte(text, ' ') < 0:
		s.certainHost(string(text), v.a)
	case k == User && bytes.IndexByte(text, '\\') > 0:
		s.loginValue(v)
	case k == Mailbox && isTagged(text):
	case k == User && bytes.IndexByte(text, ' ') > 0 && !v.quoted:
	case k != User && k != Org || bytes.IndexByte(text, '/') < 0:
		s.name(k, v.a, v.b, v.certain)
	}
}

// isTagged reports whether a value says itself what it is: "finding:f52c", a node of our own
// chains.
func isTagged(text []byte) bool {
	n := bytes.IndexByte(text, ':')
	if n < 2 || n+1 >= len(text) || text[n+1] == ' ' {
		return false
	}
	for _, c := range text[:n] {
		if c < 'a' || c > 'z' {
			return false
		}
	}
	return true
}

// subject handles the value of a subject. IPM.Note is a class, not a subject.
func (s *scanner) subject(v valueAt) {
	text := strings.TrimSpace(string(s.text[v.a:v.b]))
	if strings.HasPrefix(text, "IPM.") || strings.HasPrefix(text, "{") || strings.HasPrefix(text, "'") && len(text) < 3 {
		return
	}
	if !hasLetter(text) {
		return
	}
	s.name(Subject, v.a, v.b, strings.IndexByte(text, ' ') > 0 || len(text) >= 8)
}

// hostValue handles the value of a field for a host: with a port, an instance, brackets.
func (s *scanner) hostValue(v valueAt) {
	a, b := v.a, v.b
	for a < b && (s.text[a] == '\\' || s.text[a] == '[' || s.text[a] == ' ') {
		a++
	}
	for at := a; at < b; at++ {
		if strings.IndexByte(`:\/,;`, s.text[at]) >= 0 {
			b = at
		}
	}
	for b > a && (s.text[b-1] == ' ' || s.text[b-1] == ']') {
		b--
	}
	for at := a; at < b; at++ {
		if c := s.text[at]; !isAlnum(c) && c != '.' && c != '-' && c != '_' && c < utf8.RuneSelf {
			return
		}
	}
	if b > a && !allHex(bytes.ReplaceAll(s.text[a:b], []byte("."), nil)) || b > a && hasLetter(string(s.text[a:b])) {
		s.host(a, b, v.certain)
	}
}

// loginValue handles DOMAIN\user as the value of a field, where nothing is doubtful.
func (s *scanner) loginValue(v valueAt) {
	i := v.a + bytes.IndexByte(s.text[v.a:v.b], '\\')
	j := i
	for j < v.b && s.text[j] == '\\' {
		j++
	}
	if bytes.IndexByte(s.text[j:v.b], '\\') < 0 && j < v.b {
		s.login(v.a, i, j, v.b)
	}
}
