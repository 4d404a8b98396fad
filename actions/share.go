package actions

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"oxtail/detectors"
)

// A shareProof is what the two independent proofs say about how many profiles
// share the store's cache: the registry, and the provider's start-up line.
type shareProof struct {
	read     bool     // profiles were read, so that the registry's count means something
	profiles int      // different profiles in the registry
	services int      // services in the registry; two of one profile share a cache as well
	roots    int      // registry keys that the profiles stand in
	names    []string // of the profiles, with how often where it is more than once
	said     int      // profiles by the start-up line: 0 not said, -1 several
	place    string   // of the start-up line
	warned   string   // place of the SupportTool's warning about remaining references
}

// countPattern finds the number of profiles in a start-up line, whose wording is not
// public: a number or a number word near "profile", on either side.
var countPattern = regexp.MustCompile(`(?i)\b(\d{1,3}|two|three|four|five|several|multiple|zwei|drei|vier|fünf|mehreren?)\s+(?:\w+\s+){0,3}?profil|\bprofil[^\n]*?[:=]\s*(\d{1,3})\b`)

// profilesSaid reads the number out of a start-up line: -1 for several, 0 for none.
func profilesSaid(text string) int {
	m := countPattern.FindStringSubmatch(text)
	if m == nil {
		return 0
	}
	word := strings.ToLower(m[1] + m[2])
	if n, err := strconv.Atoi(word); err == nil {
		return n
	}
	for n, words := range map[int][]string{2: {"two", "zwei"}, 3: {"three", "drei"}, 4: {"four", "vier"}, 5: {"five", "fünf"}} {
		if slices.Contains(words, word) {
			return n
		}
	}
	return -1
}

// Rules whose findings are the second proof.
const (
	ruleStartUp = "shared-cache-startup"
	ruleWarned  = "supporttool-recreated-warning"
)

// proveShare gathers both proofs for the case.
func (c *Case) proveShare() {
	for _, f := range c.findings {
		switch {
		case f.Rule == ruleStartUp && len(f.Evidence) > 0:
			last := &f.Evidence[len(f.Evidence)-1]
			c.share.said, c.share.place = profilesSaid(last.Text), place(last)
		case f.Rule == ruleWarned && !f.IsGone:
			c.share.warned = firstPlace(f)
		}
	}
	if c.store == nil || len(c.store.Uses) == 0 {
		return
	}
	c.share.read, c.share.profiles, c.share.services = true, c.store.ProfileCount(), len(c.store.Distinct())
	c.share.names, c.share.roots = c.store.profilesWithCounts(), c.store.roots()
}

// profilesWithCounts names the profiles, and how many services of each use the store
// when it is more than one.
func (s *Store) profilesWithCounts() []string {
	var out []string
	counts := map[string]int{}
	for _, u := range s.Distinct() {
		counts[u.Label()]++
	}
	for _, name := range s.Profiles() {
		if n := counts[name]; n > 1 {
			name = fmt.Sprintf("%s (%d services)", name, n)
		}
		out = append(out, name)
	}
	return out
}

// maxNamed bounds the names that one sentence spells out: 500 profiles may share an
// account.
const maxNamed = 20

// someOf joins names, and counts those that are too many.
func someOf(names []string) string {
	if more := len(names) - maxNamed; more > 0 {
		return strings.Join(names[:maxNamed], ", ") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(names, ", ")
}

func profileWord(n int) string {
	if n == 1 {
		return "1 profile"
	}
	return fmt.Sprintf("%d profiles", n)
}

// proven reports whether the registry proves a shared cache.
func (p *shareProof) proven() bool { return p.read && p.services > 1 }

// agrees reports whether both proofs were given and say the same.
func (p *shareProof) agrees() bool {
	return p.said == p.profiles || p.said < 0 && p.profiles > 1
}

// reasons tells what each proof says, and when they disagree.
func (p *shareProof) reasons() []string {
	var out []string
	if p.proven() {
		out = append(out, fmt.Sprintf("the registry shows %d services of %s on this account: %s", p.services, profileWord(p.profiles), someOf(p.names)))
	}
	if p.proven() && p.roots > 1 {
		out = append(out, "the profiles stand under different versions of Outlook; the older ones may be left over from an upgrade, and still count until they are removed")
	}
	if p.said == 0 {
		return out
	}
	said := fmt.Sprintf("the provider's start-up line counts %s (%s)", profileWord(p.said), p.place)
	if p.said < 0 {
		said = fmt.Sprintf("the provider's start-up line speaks of several profiles (%s)", p.place)
	}
	switch {
	case !p.read:
		out = append(out, said+"; without the registry this proves nothing")
	case p.agrees():
		out = append(out, said+", as the registry does")
	default:
		out = append(out, fmt.Sprintf("%s, the registry shows %d: they disagree; other profiles may not have been read, or the line is from another day", said, p.profiles))
	}
	return out
}

// shareFinding is the verdict of the registry in the form of a finding, so that it
// is weighed like those of logs.
func (c *Case) shareFinding() (detectors.Finding, bool) {
	if !c.share.proven() {
		return detectors.Finding{}, false
	}
	return detectors.Finding{
		Rule: "registry-shared-cache", Title: "Several services use one OXtender account and its cache", Severity: detectors.SeverityHigh,
		Verdict: detectors.SharedCache, Action: detectors.CheckProfile, Confidence: detectors.Certain, Because: c.share.reasons(),
		Change: "One profile with one service for this account.",
	}, true
}
