package actions

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"oxtail/detectors"
	"oxtail/parser/profile"
	"oxtail/parser/winpath"
)

// What a record says about its store, as patterns. They run over the evidence of
// findings only, which is at most ten records each.
var (
	cachePathPattern = regexp.MustCompile(`(?i)(?:\\\\\?\\)?(?:[a-z]:[\\/]|\\\\[^\\/\s]|%[a-z_]+%[\\/])[^"'<>|*?\r\n\t]{0,400}?\.(?:odb|psz|ost|nst|pst)\b`)
	cacheNamePattern = regexp.MustCompile(`(?i)[^\s\\/:*?"'<>|,;()\[\]=]{1,200}\.(?:odb|psz|ost|nst|pst)\b`)
	urlPattern       = regexp.MustCompile(`(?i)\bhttps?://[^\s"'<>,;)\]}]+`)
	mailPattern      = regexp.MustCompile(`[\pL\pN._%+\-]+@[\pL\pN][\pL\pN.\-]*`)
	userPattern      = regexp.MustCompile(`(?i)\b(?:user(?:[ _-]?name)?|account|login|benutzer(?:name)?|konto|mailbox|postfach|anmeldename)\b["']?\s*(?:[:=]\s*|\s)["'‘“„]?([^\s"'’”“,;)\]}]+)`)
	profilePattern   = regexp.MustCompile(`(?i)\bprofile?\s*[:=]?\s*(?:"([^"\r\n]{1,200})"|[‘'“„]([^\r\n]{1,200}?)[’'”“](?:[\s,.;:]|$))`)
)

// Clues are what the evidence of one finding says about its store.
type clues struct {
	paths    map[string]string // compared form of a whole path → place
	names    map[string]string // last element of a path, in lower case → place
	servers  map[string]string // server key or host → place
	users    map[string]string // user, in lower case → place
	pairs    map[string]string // "host\x00user" named by one record → place
	profiles map[string]string // profile name, in lower case → place
}

// cluesOf reads the evidence of a finding.
func cluesOf(f *detectors.Finding) *clues {
	c := &clues{map[string]string{}, map[string]string{}, map[string]string{}, map[string]string{}, map[string]string{}, map[string]string{}}
	for i := range f.Evidence {
		c.read(&f.Evidence[i])
	}
	return c
}

func place(e *detectors.Evidence) string { return fmt.Sprintf("%s:%d", e.Source, e.Line) }

// note keeps the first place of a clue.
func note(m map[string]string, key, at string) {
	if _, known := m[key]; key != "" && !known {
		m[key] = at
	}
}

// read takes the clues of one record.
func (c *clues) read(e *detectors.Evidence) {
	at := place(e)
	c.readPaths(e, at)
	hosts, users := hostsIn(e.Text), UsersIn(e.Text)
	for _, host := range hosts {
		note(c.servers, host, at)
		for _, user := range users {
			note(c.pairs, host+"\x00"+foldUser(user), at)
		}
	}
	for _, user := range users {
		note(c.users, foldUser(user), at)
	}
	if !holdsAny(e.Text, "profil", "Profil", "PROFIL") {
		return
	}
	for _, m := range profilePattern.FindAllStringSubmatch(e.Text, -1) {
		note(c.profiles, fold(cmp.Or(m[1], m[2])), at)
	}
}

// readPaths takes the cache files that a record names.
func (c *clues) readPaths(e *detectors.Evidence, at string) {
	if !holdsAny(strings.ToLower(e.Text), ".odb", ".psz", ".ost", ".nst", ".pst") {
		return
	}
	owner := winpath.User(e.Source)
	for _, path := range wholeNames(e.Text, cachePathPattern) {
		note(c.paths, pathKey(path, owner), at)
		note(c.names, baseKey(path), at)
	}
	for _, name := range wholeNames(e.Text, cacheNamePattern) {
		note(c.names, baseKey(name), at)
	}
}

// wholeNames lists the matches of a pattern that are whole names: "a1.odb.old" is
// another file than "a1.odb".
func wholeNames(text string, pattern *regexp.Regexp) []string {
	var out []string
	for _, at := range pattern.FindAllStringIndex(text, -1) {
		if rest := text[at[1]:]; len(rest) < 2 || rest[0] != '.' || !isLetter(rest[1]) {
			out = append(out, text[at[0]:at[1]])
		}
	}
	return out
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// baseKey is the name of a cache file in the form in which both files of a pair are
// equal.
func baseKey(path string) string {
	base := fold(winpath.Base(path))
	for _, end := range []string{".odb", ".psz"} {
		if stem, is := strings.CutSuffix(base, end); is {
			return stem + ".odb"
		}
	}
	return base
}

// hostsIn lists the hosts of the addresses in a text.
func hostsIn(text string) []string {
	if !strings.Contains(text, "://") {
		return nil
	}
	var hosts []string
	for _, url := range urlPattern.FindAllString(text, -1) {
		hosts = append(hosts, hostOf(url))
	}
	return hosts
}

// UsersIn lists mail addresses, and words behind "user", "account" and the like.
func UsersIn(text string) []string {
	var users []string
	if strings.Contains(text, "@") {
		users = mailPattern.FindAllString(text, -1)
	}
	for _, m := range userPattern.FindAllStringSubmatch(text, -1) {
		users = append(users, m[1])
	}
	return users
}

// holdsAny reports whether a text holds one of the words. It keeps patterns from
// running over text that they cannot fit.
func holdsAny(text string, words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
}

func foldUser(user string) string { return fold(strings.TrimRight(user, ".:")) }

// hostOf gives the host of an address, without port, in lower case.
func hostOf(server string) string {
	_, host, found := strings.Cut(profile.ServerKey(server), "://")
	if !found {
		host = fold(server)
	}
	host, _, _ = strings.Cut(host, "/")
	if at := strings.LastIndexByte(host, ':'); at > 0 && !strings.HasSuffix(host, "]") {
		host = host[:at]
	}
	return host
}

// A match is one clue that fits a store.
type match struct {
	kind  EdgeKind
	to    Node
	place string
}

// strength orders clues: the best kind of a finding decides.
type strength int

const (
	noLink     strength = iota
	weakLink            // unclear
	nearLink            // likely, by what stands beside the record
	likelyLink          // likely, by the record itself
	certainLink
)

func (s strength) confidence() detectors.Confidence {
	switch s {
	case certainLink:
		return detectors.Certain
	case likelyLink, nearLink:
		return detectors.Likely
	}
	return detectors.Unclear
}

// strengthOf is the table of the package comment.
func strengthOf(kind EdgeKind) strength {
	switch kind {
	case ByCachePath, ByServerUser:
		return certainLink
	case ByCacheName, ByUser, ByServer, ByMailbox, BySupportTool:
		return likelyLink
	case BySameLog, ByProximity, ByUserFolder:
		return nearLink
	case ByTime:
		return noLink // it supports others, and joins nothing alone
	}
	return weakLink
}

// strengthOfAll judges all clues for one store together.
func strengthOfAll(matches []match) strength {
	best, weak := noLink, map[EdgeKind]bool{}
	for _, m := range matches {
		s := strengthOf(m.kind)
		best = max(best, s)
		if s == weakLink {
			weak[m.kind] = true
		}
	}
	if best == weakLink && len(weak) >= 2 {
		return nearLink
	}
	return best
}

// accountNode is the node of the store's account, or of what stands for it.
func (s *Store) accountNode() Node {
	if s.Account != nil {
		return Node{NodeAccount, s.Name()}
	}
	if len(s.Paths) > 0 {
		return Node{NodeCache, s.Paths[0].Path}
	}
	return Node{NodeAccount, s.Name()}
}

// matches compares the clues of records with a store.
func (s *Store) matches(c *clues) []match {
	var out []match
	for _, p := range s.Paths {
		if at, hit := c.paths[p.key]; hit {
			out = append(out, match{ByCachePath, Node{NodeCache, p.Path}, at})
		} else if at, hit := c.names[p.base]; hit {
			out = append(out, match{ByCacheName, Node{NodeCache, p.Path}, at})
		}
	}
	out = append(out, s.accountMatches(c)...)
	for _, u := range s.Uses {
		for _, name := range []string{u.Profile.Name, u.Profile.Display} {
			if at, hit := c.profiles[fold(name)]; hit {
				out = append(out, match{BySupportTool, profileNode(u.Profile), at})
				break
			}
		}
	}
	return out
}

// accountMatches compares server and user.
func (s *Store) accountMatches(c *clues) []match {
	if s.Account == nil {
		return nil
	}
	host, user := s.host, s.user
	if at, hit := c.pairs[host+"\x00"+user]; hit && host != "" {
		return []match{{ByServerUser, s.accountNode(), at}}
	}
	var out []match
	if at, hit := c.users[user]; hit {
		out = append(out, match{ByUser, s.accountNode(), at})
	}
	if at, hit := c.servers[host]; hit && host != "" {
		out = append(out, match{ByServer, s.accountNode(), at})
	}
	return out
}

// mailboxMatch compares the mailbox that a log belongs to.
func (s *Store) mailboxMatch(f *detectors.Finding) []match {
	name := fold(f.Mailbox)
	if name == "" {
		return nil
	}
	isAccount := s.Account != nil && s.user == name
	if !isAccount && !slices.Contains(s.names, name) {
		return nil
	}
	return []match{{ByMailbox, s.accountNode(), firstPlace(f)}}
}

// contradicts reports whether a log is known to be of another mailbox: its name and
// that of the store are of one kind, and differ.
func (s *Store) contradicts(f *detectors.Finding) bool {
	name := fold(f.Mailbox)
	if name == "" || s.mailboxMatch(f) != nil {
		return false
	}
	for _, u := range s.Uses {
		for _, known := range []string{u.Service.Exchange.Mailbox, u.Service.SMTPAddress} {
			if known != "" && strings.Contains(known, "@") == strings.Contains(name, "@") {
				return true
			}
		}
	}
	return false
}

func firstPlace(f *detectors.Finding) string {
	if len(f.Evidence) > 0 {
		return place(&f.Evidence[0])
	}
	return f.Source
}

// A logPlace is where a log lies, as it is compared with every store.
type logPlace struct {
	source string
	dir    string   // compared form of its folder
	folder []string // elements of its folder
	owner  string   // Windows user in whose profile folder it lies
	words  []string // of its path, in lower case
}

func newLogPlace(source string) *logPlace {
	dir := winpath.Dir(source)
	return &logPlace{
		source: source, dir: winpath.Key(dir), folder: winpath.Elements(dir), owner: strings.ToLower(winpath.User(source)),
		words: strings.FieldsFunc(strings.ToLower(source), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }),
	}
}

// placeMatches compares where the log lies with where the store's files and
// profiles were found.
func (s *Store) placeMatches(log *logPlace) []match {
	var out []match
	source, dir := log.source, log.dir
	for _, f := range s.Files {
		if f.State != CacheMissing && dir != "" && winpath.Key(winpath.Dir(f.Path)) == dir {
			out = append(out, match{ByProximity, Node{NodeFile, f.Path}, source})
			break
		}
	}
	if log.owner != "" && log.owner == s.Owner {
		out = append(out, match{ByUserFolder, s.accountNode(), source})
	}
	if s.namedIn(log.words) {
		out = append(out, match{ByNamed, s.accountNode(), source})
	}
	return out
}

// minNamed is how long a name must be to be looked for in paths: "ox" is everywhere.
const minNamed = 3

// namedIn reports whether the path of a log names the store's user or owner.
func (s *Store) namedIn(words []string) bool {
	user, _, _ := strings.Cut(s.user, "@")
	for _, name := range []string{s.Owner, user} {
		if len(name) >= minNamed && slices.Contains(words, name) {
			return true
		}
	}
	return false
}

// commonFolder is how many leading elements the folder of a log has in common with
// the evidence of the store.
func (s *Store) commonFolder(log []string) int {
	best := 0
	for _, folder := range s.folders {
		n := 0
		for n < len(log) && n < len(folder) && log[n] == folder[n] {
			n++
		}
		best = max(best, n)
	}
	return best
}

// timeSlack is how far the last write of a cache may be from a fault.
const timeSlack = 24 * time.Hour

// timeMatch reports whether a cache file was last written while the fault lasted.
func (s *Store) timeMatch(f *detectors.Finding) []match {
	if f.First.IsZero() || f.Last.IsZero() {
		return nil
	}
	for _, file := range s.Files {
		m := file.Modified
		if !m.IsZero() && m.After(f.First.Add(-timeSlack)) && m.Before(f.Last.Add(timeSlack)) {
			return []match{{ByTime, Node{NodeFile, file.Path}, file.Path}}
		}
	}
	return nil
}

func profileNode(p *profile.Profile) Node { return Node{NodeProfile, ProfileLabel(p)} }
