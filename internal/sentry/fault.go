package sentry

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"oxtail/detectors"
	"oxtail/parser"
)

// The rules, which are code here and not data: they compare two looks.
const (
	RuleSharedCache   = "sentry-shared-cache"   // several services use one account and its cache
	RuleStoreDamaged  = "sentry-store-damaged"  // a store's header, or Outlook's own record, says damaged
	RuleCacheVanished = "sentry-cache-vanished" // a cache file is not there any more
	RuleCacheJump     = "sentry-cache-jump"     // the size of a cache file jumped
	RuleStoreLimit    = "sentry-store-limit"    // a store is near or at its limit
)

// A fault is a finding that stands.
type fault struct {
	Finding detectors.Finding `json:"finding"`
	Level   int               `json:"level,omitempty"` // of what is getting worse: greater is worse
	Clear   int               `json:"clear,omitempty"` // looks in a row that saw it over
}

// faultKey names a fault: one rule about one object.
func faultKey(rule, object string) string { return rule + "\x00" + object }

// findingID is the same for every episode of a fault.
func findingID(rule, object string) string {
	sum := sha256.Sum256([]byte(faultKey(rule, object)))
	return "f" + hex.EncodeToString(sum[:6])
}

// open says a fault, or again when it got worse. One that stands is only kept.
func (s *Sentry) open(object string, level int, f detectors.Finding) {
	key := faultKey(f.Rule, object)
	f.ID, f.First, f.Last, f.Count = findingID(f.Rule, object), s.now, s.now, 1
	known := s.faults[key]
	if known != nil && level <= known.Level {
		known.Clear = 0
		return
	}
	if known != nil {
		f.First, f.Count = known.Finding.First, known.Finding.Count+1
	}
	s.faults[key] = &fault{Finding: f, Level: level}
	s.news = append(s.news, key)
}

// close says the end of a fault, with what shows it.
func (s *Sentry) close(key, why string) {
	x := s.faults[key]
	if x == nil {
		return
	}
	delete(s.faults, key)
	f := x.Finding
	f.IsGone, f.Healed, f.Last = true, s.now, s.now
	f.Because = append(append([]string(nil), f.Because...), clock(s.now)+": "+why)
	s.ended = append(s.ended, f)
}

// clock shows a time in a reason. The day stands with it: watches run for weeks.
func clock(t time.Time) string { return t.Format("2006-01-02 15:04:05 -07:00") }

// seen is the evidence of what a look found at a time. It is no byte range.
func seen(source, text string, at time.Time) detectors.Evidence {
	return detectors.Evidence{Source: source, Text: text, Time: at, Basis: parser.TimeExact}
}

// hasPrefix reports whether a fault's key is of a rule.
func isRule(key, rule string) bool { return strings.HasPrefix(key, rule+"\x00") }
