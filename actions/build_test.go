package actions

import (
	"fmt"
	"time"

	"oxtail/detectors"
	"oxtail/parser/profile"
)

// The builders of test data. Times are fixed; nothing is random.

var noon = time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)

const (
	annaServer = "https://ox.example.org/ajax/"
	annaUser   = "anna@example.org"
	annaCache  = `C:\Users\anna\AppData\Local\OXSTORE2\a1.odb`
)

// oxProfile is a profile with one OXtender service.
func oxProfile(name, server, user, cache string) profile.Profile {
	return profile.Profile{
		Source: "case/profiles.reg", Root: `Software\Microsoft\Office\16.0\Outlook\Profiles`, Name: name, Display: name,
		Services: []profile.Service{oxService(name+"-ox", server, user, cache)},
	}
}

func oxService(uid, server, user, cache string) profile.Service {
	s := profile.Service{UID: uid, Name: "OXSTOR_SVC", Display: "OX " + user, Origin: `HKCU\…\` + uid}
	if server != "" || user != "" {
		s.Account = &profile.Account{Server: server, User: user}
	}
	if cache != "" {
		s.CacheFiles = []string{cache}
		s.Facts = []profile.Fact{{Kind: profile.KindCache, Value: cache, Origin: s.Origin + `\001f6700`}}
	}
	return s
}

// ostProfile is a profile with an Exchange service.
func ostProfile(name, mailbox, ost string) profile.Profile {
	s := profile.Service{UID: name + "-ems", Name: "MSEMS", CacheFiles: []string{ost}, Origin: `HKCU\…\` + name + "-ems"}
	s.OSTPath, s.Exchange.Mailbox, s.CachedPrivate = ost, mailbox, true
	return profile.Profile{Source: "case/profiles.reg", Root: "Profiles", Name: name, Display: name, Services: []profile.Service{s}}
}

// uuidFinding is a UUID error that persisted.
func uuidFinding(id, source, text string) detectors.Finding {
	return detectors.Finding{
		ID: id, Rule: "uuid-in-use", Title: "UUID already in use", Severity: detectors.SeverityHigh, Verdict: detectors.UUIDMapping,
		Action: detectors.RecreateService, Confidence: detectors.Likely, First: noon, Last: noon.Add(10 * time.Minute), Count: 3,
		Evidence: []detectors.Evidence{{Source: source, Line: 7, Length: len(text), Text: text, Time: noon}},
	}
}

// finding is any other finding.
func finding(id, rule string, v detectors.Verdict, a detectors.Action, source, text string, codes ...string) detectors.Finding {
	f := uuidFinding(id, source, text)
	f.Rule, f.Title, f.Verdict, f.Action, f.Codes = rule, rule, v, a, codes
	return f
}

// startUp is the provider's line about profiles that share a cache.
func startUp(id, source string, profiles int) detectors.Finding {
	f := finding(id, ruleStartUp, detectors.SharedCache, detectors.CheckProfile, source, fmt.Sprintf("local cache is used by %d profiles", profiles))
	f.Weak, f.Confidence, f.Severity = true, detectors.Unclear, detectors.SeverityMedium
	return f
}

func inventory(profiles ...profile.Profile) *Inventory { return &Inventory{Profiles: profiles} }
