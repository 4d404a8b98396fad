package sentry

import (
	"fmt"
	"time"

	"oxtail/detectors"
)

// judgeJump compares the size of a file with what it was within the window.
func (s *Sentry) judgeJump(f *file) {
	key := faultKey(RuleCacheJump, f.Path)
	if len(f.Samples) == 0 {
		return
	}
	least, most := f.span()
	last := f.Samples[len(f.Samples)-1]
	filling := !f.Born.IsZero() && s.now.Sub(f.Born) < fillTime
	switch {
	case last.Bytes <= most.Bytes/shrinkFactor && most.Bytes-last.Bytes >= leastShrink:
		s.openJump(f, most, last)
	case !filling && last.Bytes/growFactor >= least.Bytes && last.Bytes-least.Bytes >= leastGrowth:
		s.openJump(f, least, last)
	default:
		s.close(key, fmt.Sprintf("the size has been steady for %s, at %s", jumpWindow, size(last.Bytes)))
	}
}

// openJump says that a size jumped. The account is left out: each file of an account
// jumps for itself.
func (s *Sentry) openJump(f *file, before, after sample) {
	out := detectors.Finding{
		Rule: RuleCacheJump, Title: "A cache file grew by a jump", Severity: detectors.SeverityMedium, Verdict: detectors.Unknown,
		Action: detectors.Manual, Confidence: detectors.Likely, Source: f.Path, CacheFiles: []string{f.Path}, Profiles: f.Profiles,
		Because: []string{fmt.Sprintf("%s at %s, %s at %s", size(before.Bytes), clock(before.Time), size(after.Bytes), clock(after.Time))},
		Evidence: []detectors.Evidence{
			seen(f.Path, size(before.Bytes), before.Time),
			seen(f.Path, fmt.Sprintf("%s; %s before, it had %s", size(after.Bytes), after.Time.Sub(before.Time).Round(time.Second), size(before.Bytes)), after.Time),
		},
		Explain: "A mailbox that is fetched anew, an import, or a loop that stores the same items again and again makes a cache grow like this.",
		Change:  fmt.Sprintf("A steady size for %s.", jumpWindow),
	}
	rule := fmt.Sprintf("told when a size doubles, by at least %s, within %s", size(leastGrowth), jumpWindow)
	if after.Bytes < before.Bytes {
		out.Title, out.Severity = "A cache file lost more than half of its size", detectors.SeverityHigh
		out.Explain = "The cache was made anew, cut off or compacted. What was not yet synchronised to the server may be lost."
		rule = fmt.Sprintf("told when a size is halved, by at least %s, within %s", size(leastShrink), jumpWindow)
	}
	out.Because = append(out.Because, rule)
	s.open(f.Path, 1, out)
}

// size shows a number of bytes exactly.
func size(n int64) string {
	if n < 0 {
		return "an unknown size"
	}
	digits := fmt.Sprint(n)
	out := ""
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			out += ","
		}
		out += string(d)
	}
	return out + " bytes"
}

// changedAt shows the time of a file's last change.
func changedAt(t time.Time) string {
	if t.IsZero() {
		return "at an unknown time"
	}
	return clock(t)
}
