package profile

import (
	"fmt"
	"slices"
	"strings"
)

// readMapped applies the mapping table to the sections of a service.
func (r *reader) readMapped(service *Service, reached []*section) {
	var facts []Fact
	for _, s := range reached {
		for _, v := range s.values {
			facts = append(facts, r.factsOf(service.Name, s, v)...)
		}
		if len(facts) > MaxFactsPerService {
			r.problem(LimitReached, s.origin, fmt.Sprintf("more than %d facts of one service", MaxFactsPerService))
			facts = facts[:MaxFactsPerService]
			break
		}
	}
	isOX := strings.EqualFold(service.Name, ServiceOXtender)
	if isOX {
		facts = demoteOtherPaths(facts)
	}
	facts, doubt := chooseUser(facts)
	for _, fact := range facts {
		addFact(service, fact)
	}
	if isOX {
		r.setAccount(service, doubt)
	}
}

// factsOf maps the texts of one value. Descriptive properties of MAPI itself
// (ids 0x3000 to 0x3FFF: names, DLLs) can be paths by accident only.
func (r *reader) factsOf(service string, s *section, v Value) []Fact {
	if Secret(v.Name, service) {
		return nil
	}
	if tag, ok := parseTag(v.Name); ok && tag.id >= 0x3000 && tag.id <= 0x3fff {
		return nil
	}
	var facts []Fact
	for _, text := range r.textsOf(s, v) {
		text = strings.TrimSpace(text)
		kind := r.kindOf(service, v.Name, text)
		if kind == "" || kind == KindIgnore {
			continue
		}
		if looksLikeURL(text) {
			text = redactURL(text)
		}
		facts = append(facts, Fact{kind, text, s.at(v.Name)})
	}
	return facts
}

// kindOf finds the first row of the table that fits a text.
func (r *reader) kindOf(service, valueName, text string) string {
	if !printable(text) {
		return ""
	}
	for _, row := range r.mappings {
		if row.fits(service, valueName, text) {
			return row.Kind
		}
	}
	return ""
}

// demoteOtherPaths keeps as cache files what ends in .odb or .psz. Only where
// no path does, every path that is no program or text counts as one.
func demoteOtherPaths(facts []Fact) []Fact {
	named := slices.ContainsFunc(facts, func(f Fact) bool { return f.Kind == KindCache && isOXCache(f.Value) })
	for i, f := range facts {
		if f.Kind != KindCache || isOXCache(f.Value) {
			continue
		}
		if named || slices.Contains([]string{".dll", ".exe", ".log", ".txt", ".xml", ".ini"}, fileExt(f.Value)) {
			facts[i].Kind = KindPath
		}
	}
	return facts
}

// chooseUser keeps one user. A mail address wins over a plain word; several
// different candidates of one form are all dropped, since one of them could be
// a password in plain text. doubt says why no user is left.
func chooseUser(facts []Fact) (kept []Fact, doubt string) {
	var users, mails []string
	for _, f := range facts {
		if f.Kind != KindUser {
			continue
		}
		users = appendFolded(users, f.Value)
		if looksLikeMail(f.Value) {
			mails = appendFolded(mails, f.Value)
		}
	}
	candidates := users
	if len(mails) > 0 {
		candidates = mails
	}
	if len(candidates) > 1 {
		doubt = fmt.Sprintf("%d values look like a user name", len(candidates))
		candidates = nil
	}
	for _, f := range facts {
		if f.Kind != KindUser || len(candidates) == 1 && strings.EqualFold(f.Value, candidates[0]) {
			kept = append(kept, f)
		}
	}
	return kept, doubt
}

// appendFolded adds a text that is not in the list in any letter case.
func appendFolded(texts []string, text string) []string {
	for _, t := range texts {
		if strings.EqualFold(t, text) {
			return texts
		}
	}
	return append(texts, text)
}

// setAccount derives the account of an OXtender service from its facts.
func (r *reader) setAccount(service *Service, doubt string) {
	account := Account{Server: firstFact(service, KindServer), User: firstFact(service, KindUser)}
	if account != (Account{}) {
		service.Account = &account
	}
	if doubt == "" && account.User == "" {
		doubt = "no value looks like a user name"
	}
	if account.Server == "" {
		doubt = firstOf(strings.TrimPrefix(doubt+"; no value looks like a server address", "; "))
	}
	if doubt != "" {
		r.problem(AccountUnclear, service.Origin, doubt)
	}
}

// firstFact gives the first fact of a kind.
func firstFact(service *Service, kind string) string {
	for _, f := range service.Facts {
		if f.Kind == kind {
			return f.Value
		}
	}
	return ""
}
