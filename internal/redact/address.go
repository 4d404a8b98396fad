package redact

import (
	"bytes"
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLocal and maxHost bound the two sides of a mail address, in bytes.
const (
	maxLocal = 128
	maxHost  = 255
)

// address handles an at sign, which stands at text[at:behind] in some encoding.
func (s *scanner) address(at, behind int) {
	a, b := s.localStart(at), s.hostEnd(behind)
	local, host := string(s.text[a:at]), string(s.text[behind:b])
	if local == "" || !strings.Contains(host, ".") || !isHostName(host) || strings.HasSuffix(host, ".invalid") {
		return
	}
	if n := strings.LastIndex(strings.ToLower(local), strings.ToLower(host)+"_"); n >= 0 { // a cache: server_address
		a += n + len(host) + 1
		local = local[n+len(host)+1:]
	}
	s.displayName(a, behind)
	s.behindAddress(b)
	local = unescape(local)
	if s.learn != nil {
		if !isNever(local) {
			s.learn.add(User, local, false)
		}
		s.learn.domain(strings.ToLower(host))
		return
	}
	if !isNever(local) {
		local = s.pseudonym(User, local)
	} else {
		local = string(s.text[a:at])
	}
	s.put(a, b, local+string(s.text[at:behind])+s.domainName(host), Address)
}

// localStart returns where the local part that ends at at begins.
func (s *scanner) localStart(at int) int {
	a := at
	for a > 0 && at-a < maxLocal {
		c := s.text[a-1]
		if isAlnum(c) || strings.IndexByte("._+-", c) >= 0 || c == '\'' && a > 1 && isAlnum(s.text[a-2]) {
			a--
			continue
		}
		if c < utf8.RuneSelf {
			break
		}
		r, n := utf8.DecodeLastRune(s.text[:a])
		if !isWordRune(r) {
			break
		}
		a -= n
	}
	if a >= 1 && s.text[a-1] == '%' && at-a > 2 && isHexDigit(s.text[a]) && isHexDigit(s.text[a+1]) {
		a += 2
	}
	if a >= 1 && s.text[a-1] == '\\' && at-a > 1 && strings.IndexByte("ntr", s.text[a]) >= 0 && s.r != nil && s.r.names.find(string(s.text[a:at])) == "" {
		a++ // "\nanna@…" in JSON
	}
	for a < at && strings.IndexByte(".-'", s.text[a]) >= 0 {
		a++
	}
	return a
}

// hostEnd returns the end of the host name that begins at i, without file extensions
// and full stops.
func (s *scanner) hostEnd(i int) int {
	b := i
	for b < len(s.text) && b-i < maxHost && (isAlnum(s.text[b]) || s.text[b] == '.' || s.text[b] == '-' || s.text[b] >= utf8.RuneSelf && s.letterAt(b)) {
		b++
	}
	return i + len(trimHost(string(s.text[i:b])))
}

func (s *scanner) letterAt(i int) bool {
	for i > 0 && !utf8.RuneStart(s.text[i]) {
		i--
	}
	r, _ := utf8.DecodeRune(s.text[i:])
	return isWordRune(r)
}

// fileExtensions follow addresses in names of files, and are no domains.
const fileExtensions = " ost pst nst odb psz log txt old bak xml obi lst json csv zip gz dat nk2 srs reg eml msg exe dll ini inf htm html php asp aspx js css etl evtx bin db tmp cfg conf java cs cpp "

// trimHost cuts off what stands behind a host name.
func trimHost(h string) string {
	for {
		h = strings.TrimRight(h, ".-")
		dot := strings.LastIndexByte(h, '.')
		if dot < 0 || !strings.Contains(fileExtensions, " "+strings.ToLower(h[dot+1:])+" ") {
			return h
		}
		h = h[:dot]
	}
}

// isHostName reports whether labels make a name of a host, and not a number.
func isHostName(h string) bool {
	last := h[strings.LastIndexByte(h, '.')+1:]
	return len(last) >= 2 && !strings.Contains(h, "..") && hasLetter(last) && h[0] != '-' && h[0] != '.'
}

// displayName handles the name before an address in angle brackets.
func (s *scanner) displayName(a, behind int) {
	i := a - 1
	if i < 1 || s.text[i] != '<' {
		return
	}
	for i > 0 && s.text[i-1] == ' ' {
		i--
	}
	if i > 1 && s.text[i-1] == '"' {
		for b := i - 1; i-2 > 0 && b-i < maxLocal && s.text[i-2] != '\n'; i-- {
			if s.text[i-2] == '"' {
				s.name(Mailbox, i-1, b, true)
				return
			}
		}
		return
	}
	b := i
	for i > 0 && b-i < maxLocal && strings.IndexByte(":;,<>\"\n\r\t=", s.text[i-1]) < 0 {
		i--
	}
	if i > 1 && s.text[i-1] == ',' { // Lang, Anna <anna@…>
		a := i - 1
		for a > 0 && s.letterBefore(a) {
			a--
		}
		if r, _ := utf8.DecodeRune(s.text[a:]); unicode.IsUpper(r) && a < i-1 {
			i = a
		}
	}
	words := strings.Fields(string(s.text[i:b]))
	for len(words) > 2 && strings.ToLower(words[0]) == words[0] { // the mailbox Lang, Anna
		i += bytes.Index(s.text[i:b], []byte(words[0])) + len(words[0])
		words = words[1:]
	}
	if len(words) < 2 || i == 0 {
		return
	}
	for _, w := range words {
		if r, _ := utf8.DecodeRuneInString(w); r == utf8.RuneError || strings.ToLower(string(r)) == string(r) {
			return
		}
	}
	s.name(Mailbox, i, b, true)
}

// letterBefore reports whether a letter or a hyphen ends at i.
func (s *scanner) letterBefore(i int) bool {
	c := s.text[i-1]
	return isAlnum(c) || c == '-' || c >= utf8.RuneSelf
}

// behindAddress handles the name in "anna@… (Anna Lang)".
func (s *scanner) behindAddress(b int) {
	if b+2 < len(s.text) && s.text[b] == ' ' && s.text[b+1] == '(' {
		end := s.capitals(b + 2)
		if end < len(s.text) && s.text[end] == ')' && bytes.IndexByte(s.text[b+2:end], ' ') > 0 {
			s.name(Mailbox, b+2, end, true)
		}
	}
}

// dotted handles a chain of words with full stops, whose first word is text[i:j].
func (s *scanner) dotted(i, j int) {
	if i < s.chain || j+1 >= len(s.text) || s.t.class[s.text[j+1]] != clWord {
		return
	}
	b := j
	letters := false
	for b < len(s.text) && (isAlnum(s.text[b]) || s.text[b] == '.' || s.text[b] == '-') {
		letters = letters || !isDigit(s.text[b]) && s.text[b] != '.' && s.text[b] != '-'
		b++
	}
	s.chain = b
	if isDigit(s.text[i]) && s.ip4(i) {
		return
	}
	a := i
	for a > 0 && s.text[a-1] == '-' || a > 0 && isAlnum(s.text[a-1]) {
		a--
	}
	chain := string(s.text[a:b])
	if b < len(s.text) && s.text[b] == '@' || !letters && isDigit(s.text[i]) {
		return
	}
	chain = trimHost(chain)
	s.fqdn(chain, a)
}

// fqdn handles a chain that may be the name of a host.
func (s *scanner) fqdn(chain string, a int) {
	if strings.Count(chain, ".") < 1 || len(chain) > maxHost || !isHostName(chain) || isPublicHost(chain) {
		return
	}
	certain := looksLikeHost(chain)
	if s.learn != nil {
		if certain {
			s.learn.host(strings.ToLower(chain))
		} else {
			s.learn.weak(chain)
		}
		return
	}
	if p := s.r.hostName(chain, certain); p != "" {
		s.put(a, a+len(chain), p, Host)
	}
}

// topLevels end names of hosts in any text. Others do so where the place tells it, or
// when the domain is known from elsewhere.
const topLevels = " com net org de at ch eu local lan intern internal corp localdomain example test fr nl it es pl cz dk se be lu li uk us biz cloud email gmbh bayern berlin "

// looksLikeHost tells names of hosts from names of Java packages and .NET classes.
func looksLikeHost(chain string) bool {
	labels := strings.Split(chain, ".")
	last := labels[len(labels)-1]
	if !strings.Contains(topLevels, " "+last+" ") {
		return strings.ToUpper(chain) == chain && strings.Contains(topLevels, " "+strings.ToLower(last)+" ")
	}
	switch strings.ToLower(labels[0]) {
	case "com", "org", "net", "de", "java", "javax", "sun", "system", "asp", "ado", "vb", "microsoft":
		return false
	}
	return true
}

// isPublicHost reports whether a host is one that all computers talk to.
func isPublicHost(h string) bool {
	h = strings.ToLower(h)
	_, ok := publicHosts()[h]
	return ok || strings.HasSuffix(h, ".invalid") || h == "localhost"
}

// ip4 handles a dotted quad that may be an address. It reports whether it is numbers only.
func (s *scanner) ip4(i int) bool {
	b, dots := i, 0
	for b < len(s.text) && (isDigit(s.text[b]) || s.text[b] == '.') {
		if s.text[b] == '.' {
			dots++
		}
		b++
	}
	if b < len(s.text) && (isAlnum(s.text[b]) || s.text[b] == '_') {
		return false
	}
	for b > i && s.text[b-1] == '.' {
		b, dots = b-1, dots-1
	}
	if dots != 3 || s.isVersion(i) {
		return true
	}
	if addr, err := netip.ParseAddr(string(s.text[i:b])); err == nil {
		s.ip(i, b, addr)
	}
	return true
}

// isVersion reports whether numbers at i follow a word that calls them a version.
func (s *scanner) isVersion(i int) bool {
	before := strings.ToLower(string(s.text[max(0, i-16):i]))
	if n := strings.LastIndexByte(before, '\n'); n >= 0 {
		before = before[n:]
	}
	trimmed := strings.TrimRight(before, ` ="':(>/`)
	for _, w := range []string{"version", "build", "ver", " v", "_v", "rev", "release", "(v", "-v"} {
		if strings.HasSuffix(trimmed, w) {
			return true
		}
	}
	return strings.HasSuffix(before, ".") || strings.HasSuffix(before, "v")
}

// ip handles an address of a computer. Those that mean any or this computer stay.
func (s *scanner) ip(a, b int, addr netip.Addr) {
	if addr.IsLoopback() || addr.IsUnspecified() || addr == netip.AddrFrom4([4]byte{255, 255, 255, 255}) {
		return
	}
	text := addr.WithZone("").String()
	if s.learn != nil {
		s.learn.add(IP, text, false)
		return
	}
	s.put(a, b, s.pseudonym(IP, text), IP)
}

// ip6 handles what may be an IPv6 address that begins at i.
func (s *scanner) ip6(i int) {
	if i > 0 && (isHexDigit(s.text[i-1]) || s.text[i-1] == ':' || isAlnum(s.text[i-1])) {
		return
	}
	b, colons, digits, long := i, 0, false, false
	for run := 0; b < len(s.text) && b-i < 46; b++ {
		c := s.text[b]
		if c == ':' {
			colons, run = colons+1, 0
			continue
		}
		if !isHexDigit(c) && c != '.' {
			break
		}
		run++
		long = long || run >= 3
		digits = digits || isDigit(c)
	}
	for b > i && (s.text[b-1] == '.' || s.text[b-1] == ':' && (b < i+2 || s.text[b-2] != ':')) {
		b--
	}
	if colons < 2 || !digits || !long || b < len(s.text) && isAlnum(s.text[b]) {
		return
	}
	if addr, err := netip.ParseAddr(string(s.text[i:b])); err == nil && addr.Is6() {
		s.ip(i, b, addr)
	}
}
