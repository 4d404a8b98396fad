package redact

import (
	"bytes"
	"strconv"
	"strings"
)

// This file knows names by their places in lines of known formats, where no word
// calls them names.

// authority handles what follows the scheme of a URL, which ends at j.
func (s *scanner) authority(j int) {
	a := 0
	for _, mark := range []string{"://", `:\/\/`, "%3A%2F%2F", "%3a%2f%2f"} {
		if bytes.HasPrefix(s.text[j:], []byte(mark)) {
			a = j + len(mark)
		}
	}
	if a == 0 {
		return
	}
	b := a
	for b < len(s.text) && b-a < maxHost && (isAlnum(s.text[b]) || strings.IndexByte(".-_~:@+!$[]", s.text[b]) >= 0) {
		b++
	}
	if at := bytes.LastIndexByte(s.text[a:b], '@'); at >= 0 {
		user := a + at
		if n := bytes.IndexByte(s.text[a:user], ':'); n >= 0 {
			user = a + n
		}
		s.name(User, a, user, true)
		a += at + 1
	}
	if a < b && s.text[a] == '[' {
		s.ip6(a + 1)
		return
	}
	if n := bytes.IndexByte(s.text[a:b], ':'); n >= 0 {
		b = a + n
	}
	if b-a >= 2 {
		s.host(a, b, true)
	}
}

// braced handles {SU:subject} of Outlook's conflict logs. The subject may hold braces.
func (s *scanner) braced(i, j int) {
	if i == 0 || s.text[i-1] != '{' || j >= len(s.text) || s.text[j] != ':' {
		return
	}
	end := s.beforeTime(j, s.line(j))
	if n := bytes.LastIndexByte(s.text[j:end], '}'); n > 1 {
		s.subject(valueAt{j + 1, j + n, true, true})
	}
}

// method handles "POST: anna(192.0.2.7)".
func (s *scanner) method(j int) {
	if !bytes.HasPrefix(s.text[j:], []byte(": ")) {
		return
	}
	a := j + 2
	b := a
	for b < len(s.text) && b-a < maxLocal && strings.IndexByte(" (\r\n/@", s.text[b]) < 0 {
		b++
	}
	if b > a && b < len(s.text) && s.text[b] == '(' {
		s.name(User, a, b, true)
	}
}

// easUser handles "10:183:anna:EAS:device:".
func (s *scanner) easUser(i, j int) {
	if i < 4 || s.text[i-1] != ':' || j >= len(s.text) || s.text[j] != ':' || s.text[i]|0x20 == s.text[i] {
		return
	}
	a := bytes.LastIndexByte(s.text[:i-1], ':') + 1
	if a < 2 || i-a > maxLocal || !isDigit(s.text[a-2]) || bytes.ContainsAny(s.text[a:i-1], "\n \"@") {
		return
	}
	s.name(User, a, i-1, true)
}

// item handles "Error synchronizing message 'subject'".
func (s *scanner) item(i, j int) {
	before := strings.ToLower(string(s.text[max(0, i-14):i]))
	if !strings.HasSuffix(before, "synchronizing ") && !strings.HasSuffix(before, "synchronising ") {
		return
	}
	if j+1 < len(s.text) && s.text[j] == ' ' {
		if v, ok := s.quotedValue(Subject, j+1); ok {
			s.subject(v)
		} else if v := s.rest(j + 1); v.b > v.a {
			s.subject(v)
		}
	}
}

// levelUser handles "[4711] [DEBUG] [anna] text" of Z-Push.
func (s *scanner) levelUser(i, j int) {
	a := i
	for a > 0 && (s.text[a-1] == ' ' || s.text[a-1] == '[') {
		a--
	}
	if a < 2 || s.text[a-1] != ']' || !isDigit(s.text[a-2]) || !bytes.HasPrefix(s.text[j:], []byte("] [")) {
		return
	}
	if n := bytes.IndexByte(s.text[j+3:s.line(j)], ']'); n > 0 && bytes.IndexByte(s.text[j+3:j+3+n], '@') < 0 {
		s.name(User, j+3, j+3+n, false)
	}
}

// migrated handles "()> anna:drafts" of the migration tool.
func (s *scanner) migrated(i, j int) {
	if i >= 4 && string(s.text[i-4:i]) == "()> " && j+1 < len(s.text) && isAlnum(s.text[j+1]) {
		s.name(User, i, j, false)
	}
}

// taken notes a pseudonym that an input holds before anything was replaced.
func (s *scanner) taken(i, j int) {
	b := j + 1
	for b < len(s.text) && b-j < 10 && isDigit(s.text[b]) {
		b++
	}
	if k, n, ok := parsePseudonym(strings.ToLower(string(s.text[i:b]))); ok {
		s.learn.take(k, n)
	}
}

// lineLogin handles "3c5a1 - anna - 2012-03-05T" of Syncroton: text[i:j] is a word
// followed by a blank.
func (s *scanner) lineLogin(_, j int) {
	if bytes.HasPrefix(s.text[j:], []byte(" - 20")) {
		line := s.text[:j]
		if n := bytes.LastIndex(line, []byte(" - ")); n >= 0 && bytes.IndexByte(line[n:], '\n') < 0 && j-n < maxLocal && n > 0 && isHexDigit(s.text[n-1]) && bytes.IndexByte(s.text[n+3:j], '@') < 0 {
			s.name(User, n+3, j, true)
		}
	}
}

// sid handles S-1-5-21-a-b-c-rid, whose three numbers are those of a computer or
// domain. The last number stays: it tells users apart.
func (s *scanner) sid(i int) {
	const head = "-1-5-21-"
	if i+1+len(head) >= len(s.text) || string(s.text[i+1:i+1+len(head)]) != head {
		return
	}
	b, dashes := i+1+len(head), 0
	for b < len(s.text) && (isDigit(s.text[b]) || s.text[b] == '-' && dashes < 2) {
		if s.text[b] == '-' {
			dashes++
		}
		b++
	}
	text := string(s.text[i:b])
	if dashes != 2 || strings.HasPrefix(text[1+len(head):], "0-0-") {
		return
	}
	text = strings.ToUpper(text)
	if s.learn != nil {
		s.learn.add(SID, text, true)
		return
	}
	s.put(i, b, s.sidName(text), SID)
}

func (s *scanner) sidName(text string) string {
	if p := s.r.names.find(text); p != "" {
		return p
	}
	return "S-1-5-21-0-0-" + strconv.Itoa(0)
}
