package redact

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// maxPart bounds one part of a path, in bytes.
const maxPart = 128

// backslash handles a run of backslashes: \\server, DOMAIN\user, or an escape behind
// which a name may begin. It returns where to go on.
func (s *scanner) backslash(i int) int {
	j := i
	for j < len(s.text) && s.text[j] == '\\' {
		j++
	}
	if j >= len(s.text) {
		return j
	}
	s.odd(j - 1)
	if (j-i)%2 == 1 {
		s.escapedStart(j)
	}
	before := byte(' ')
	if i > 0 {
		before = s.text[i-1]
	}
	switch {
	case !s.isNameStart(j):
	case isAlnum(before) || before >= utf8.RuneSelf:
		s.domainUser(i, j)
	case j-i >= 2 && strings.IndexByte(" \t\r\n\"'=(<[{,;>|`", before) >= 0: // behind ")" a path in JSON goes on
		s.unc(j)
	case j-i >= 1 && i >= 4 && bytes.EqualFold(s.text[i-4:i], []byte(`\UNC`)):
		s.unc(j)
	}
	return j
}

func (s *scanner) isNameStart(i int) bool {
	return s.t.class[s.text[i]] == clWord || s.t.class[s.text[i]] == clHigh
}

// escapedStart handles what follows a backslash that may escape a letter: \n, \t, \r
// of JSON, \'e4 of RTF, \u00e4.
func (s *scanner) escapedStart(j int) {
	switch s.text[j] {
	case 'n', 't', 'r', 'b', 'f':
		s.split(j + 1)
	case 'u':
		if j+5 <= len(s.text) {
			s.split(j + 5)
		}
		if bytes.HasPrefix(s.text[j:], []byte("u0040")) {
			s.address(j-1, j+5)
		}
	}
}

// unc handles the host of \\host\share.
func (s *scanner) unc(a int) {
	b := a
	for b < len(s.text) && b-a < maxHost && (isAlnum(s.text[b]) || strings.IndexByte(".-_", s.text[b]) >= 0 || s.text[b] >= utf8.RuneSelf) {
		b++
	}
	if b-a < 2 || b < len(s.text) && s.text[b] == ':' {
		return
	}
	s.host(a, b, true)
}

// host handles a name that its place calls a host.
func (s *scanner) host(a, b int, certain bool) {
	for b > a && s.text[b-1] == '.' {
		b--
	}
	text := string(s.text[a:b])
	if strings.Contains(text, ".") {
		if len(text) > 0 && isHostName(text) {
			s.certainHost(text, a)
		}
		return
	}
	s.name(Host, a, b, certain)
}

// certainHost handles a name with full stops that its place calls a host.
func (s *scanner) certainHost(text string, a int) {
	switch {
	case isPublicHost(text) || isNever(text):
	case s.learn != nil:
		s.learn.host(strings.ToLower(text))
	default:
		if p := s.r.hostName(text, true); p != "" {
			s.put(a, a+len(text), p, Host)
		}
	}
}

// domainUser handles DOMAIN\user, with the backslashes at text[i:j].
func (s *scanner) domainUser(i, j int) {
	a, b := i, j
	for a > 0 && i-a <= 64 && (isAlnum(s.text[a-1]) || s.text[a-1] == '-' || s.text[a-1] == '.' || s.text[a-1] == '_') {
		a--
	}
	if a > 0 && (strings.IndexByte(`\/:%`, s.text[a-1]) >= 0 || s.text[a-1] >= utf8.RuneSelf) {
		return
	}
	for b < len(s.text) && b-j <= 64 && (isAlnum(s.text[b]) || strings.IndexByte(".-_$", s.text[b]) >= 0 || s.text[b] >= utf8.RuneSelf && s.letterAt(b)) {
		b++
	}
	for b > j && s.text[b-1] == '.' {
		b--
	}
	left, right := string(s.text[a:i]), string(s.text[j:b])
	if b < len(s.text) && (s.text[b] == '\\' || s.text[b] == '/') || isNever(left) || isNever(right) || len(trimHost(right)) != len(right) || isCommon(left) && isCommon(right) {
		return
	}
	if !isNetBIOS(left) && !(strings.Contains(left, ".") && looksLikeHost(left)) {
		if s.learn != nil {
			s.learn.weak(left + `\` + right)
			return
		}
		if s.r.names.find(left) == "" || s.r.names.find(right) == "" {
			return
		}
	}
	s.login(a, i, j, b)
}

// isNetBIOS reports whether a word looks like the NetBIOS name of a domain: capitals.
func isNetBIOS(w string) bool {
	return len(w) >= 2 && len(w) <= 15 && strings.ToUpper(w) == w && !strings.ContainsAny(w, "._") && hasLetter(w) && !isCommon(w)
}

// login handles the two names of DOMAIN\user.
func (s *scanner) login(a, i, j, b int) {
	if left := string(s.text[a:i]); strings.Contains(left, ".") {
		s.certainHost(left, a)
	} else {
		s.name(Org, a, i, true)
	}
	s.name(User, j, b, true)
}

// userFolder handles the name behind "Users" and its relatives in a path. The word
// before the separator is text[i:j].
func (s *scanner) userFolder(i, j int) {
	if i == 0 || !isSlash(s.text[i-1]) && !s.slashBefore(i) {
		return
	}
	share := j < len(s.text) && s.text[j] == '$' // \\server\profiles$\anna
	if share {
		j++
	}
	a := s.skipSlashes(j)
	if a == j || !share && s.text[i]|0x20 == 'p' { // Outlook\Profiles\… is the registry
		return
	}
	s.folderName(a)
}

// folderName handles the name of a user's folder that begins at a.
func (s *scanner) folderName(a int) {
	b, blank := a, -1
	for b < len(s.text) && b-a < maxPart && strings.IndexByte("\\/\"<>|:*?\r\n\t;'`)]}", s.text[b]) < 0 && s.skipSlashes(b) == b {
		if blank < 0 && (s.text[b] == ' ' || s.text[b] == ',') {
			blank = b
		}
		b++
	}
	if blank >= 0 && (b >= len(s.text) || s.skipSlashes(b) == b) && (b >= len(s.text) || strings.IndexByte("\"'<>|`", s.text[b]) < 0 || a > 9 && !s.quotedPath(a, s.text[b])) {
		b = blank // not followed by a folder: the sentence goes on
	}
	s.name(User, a, b, true)
	s.suffixed(a, b)
}

// quotedPath reports whether a quote opened shortly before a on the same line.
func (s *scanner) quotedPath(a int, quote byte) bool {
	n := bytes.LastIndexByte(s.text[max(0, a-64):a], quote)
	return n >= 0 && bytes.IndexByte(s.text[max(0, a-64)+n:a], '\n') < 0
}

// suffixed handles "anna.CONTOSO" and "anna.CONTOSO.000", which Windows makes when a
// folder is taken.
func (s *scanner) suffixed(a, b int) {
	name := string(s.text[a:b])
	user, domain, ok := strings.Cut(name, ".")
	if s.learn == nil || !ok {
		return
	}
	domain = strings.TrimRight(domain, ".0123456789")
	if isNetBIOS(domain) && !isNever(user) {
		s.learn.add(User, user, isCommon(user))
		s.learn.add(Org, domain, false)
	}
}

func isSlash(c byte) bool { return c == '\\' || c == '/' }

// slashBefore reports whether an encoded slash ends at i: %5C, %2F.
func (s *scanner) slashBefore(i int) bool {
	return i >= 3 && isCodedSlash(s.text[i-3:i])
}

func isCodedSlash(b []byte) bool {
	return b[0] == '%' && (b[1] == '5' && b[2]|0x20 == 'c' || b[1] == '2' && b[2]|0x20 == 'f')
}

// skipSlashes returns the end of the slashes, in any encoding, that begin at i.
func (s *scanner) skipSlashes(i int) int {
	for i < len(s.text) {
		switch {
		case isSlash(s.text[i]):
			i++
		case i+2 < len(s.text) && isCodedSlash(s.text[i:i+3]):
			i += 3
		default:
			return i
		}
	}
	return i
}

// distinguished handles one part of a directory name: "cn=anna" behind a slash or comma.
func (s *scanner) distinguished(i, j int, attribute byte) {
	if j >= len(s.text) || s.text[j] != '=' || i > 0 && strings.IndexByte("/, \"'=:", s.text[i-1]) < 0 {
		return
	}
	a := j + 1
	b := a
	for b < len(s.text) && b-a < maxPart && strings.IndexByte("/,\r\n\"<>;'", s.text[b]) < 0 && (attribute != 'd' || s.text[b] != ' ') {
		b++
	}
	part := fold(string(s.text[a:b]))
	switch {
	case attribute == 'o' || attribute == 'd' && !strings.Contains(topLevels, " "+part+" "):
		s.name(Org, a, b, attribute == 'o' || len(part) >= minPart)
	case attribute == 'c' && !isDirectoryWord(part):
		k := User
		if bytes.HasSuffix(bytes.ToLower(s.text[max(0, i-12):i]), []byte("cn=servers/")) {
			k = Host
		}
		s.commonName(k, a, b)
	}
}

// commonName handles the value of cn=, before which a directory may have put an id: "8f3…-anna".
func (s *scanner) commonName(k Kind, a, b int) {
	if n := bytes.LastIndexByte(s.text[a:b], '-'); n >= 16 && n+1 < b-a && allHex(s.text[a:a+n]) {
		a += n + 1
	}
	s.name(k, a, b, true)
}

func allHex(b []byte) bool {
	for _, c := range b {
		if !isHexDigit(c) {
			return false
		}
	}
	return len(b) > 0
}

// isDirectoryWord knows the containers of Exchange's directory.
func isDirectoryWord(w string) bool {
	switch w {
	case "recipients", "configuration", "servers", "connections", "microsoft private mdb", "microsoft public mdb", "users", "computers", "first administrative group",
		"exchange administrative group (fydibohf23spdlt)", "schema", "services", "microsoft exchange":
		return true
	}
	return strings.HasPrefix(w, "microsoft ")
}
