package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // Windows has no zone files
)

// layouts of --since and --until that hold a time of day, and those of a whole day.
var (
	timeLayouts = []string{
		time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04",
		"02.01.2006 15:04:05", "02.01.2006 15:04",
	}
	dayLayouts = []string{"2006-01-02", "02.01.2006"}
)

// parseWhen reads a point in time as people write it: a date, RFC 3339, "2h" (ago),
// "yesterday". A whole day means its start, or with end its end.
func parseWhen(s string, now time.Time, zone *time.Location, end bool) (time.Time, error) {
	if zone == nil {
		zone = time.UTC
	}
	for _, l := range timeLayouts {
		if t, err := time.ParseInLocation(l, s, zone); err == nil {
			return t, nil
		}
	}
	if day, ok := parseDay(s, now.In(zone)); ok {
		if end {
			return day.AddDate(0, 0, 1), nil
		}
		return day, nil
	}
	word := strings.TrimSpace(strings.TrimSuffix(strings.ToLower(s), " ago"))
	if word == "now" {
		return now, nil
	}
	if ago, ok := parseAgo(word); ok {
		return now.Add(-ago), nil
	}
	return time.Time{}, fmt.Errorf("unexpected time %q; want a date (2026-03-05), RFC 3339, a time ago (90m, 2h, 3d, 1w), today or yesterday", s)
}

func parseDay(s string, now time.Time) (time.Time, bool) {
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	switch strings.ToLower(s) {
	case "today":
		return today, true
	case "yesterday":
		return today.AddDate(0, 0, -1), true
	}
	for _, l := range dayLayouts {
		if t, err := time.ParseInLocation(l, s, now.Location()); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// parseAgo reads a duration; besides Go's units it knows d and w.
func parseAgo(s string) (time.Duration, bool) {
	if d, err := time.ParseDuration(s); err == nil && d >= 0 {
		return d, true
	}
	if len(s) < 2 {
		return 0, false
	}
	const maxCount = 100_000 // weeks; beyond lies the end of time.Duration
	n, err := strconv.ParseUint(s[:len(s)-1], 10, 32)
	if err != nil || n > maxCount/7 {
		return 0, false
	}
	switch s[len(s)-1] {
	case 'd':
		return time.Duration(n) * 24 * time.Hour, true
	case 'w':
		return time.Duration(n) * 7 * 24 * time.Hour, true
	}
	return 0, false
}

// parseZone reads --tz: a name such as Europe/Berlin, an offset, UTC or local.
func parseZone(s string) (*time.Location, error) {
	switch strings.ToLower(s) {
	case "":
		return nil, nil
	case "utc", "z":
		return time.UTC, nil
	case "local":
		return time.Local, nil
	}
	for _, l := range []string{"-07:00", "-0700", "-07"} {
		if t, err := time.Parse(l, s); err == nil {
			_, offset := t.Zone()
			return time.FixedZone("UTC"+s, offset), nil
		}
	}
	zone, err := time.LoadLocation(s)
	if err != nil {
		return nil, fmt.Errorf("unknown time zone %q; want a name such as Europe/Berlin, an offset such as +01:00, UTC or local", s)
	}
	return zone, nil
}
