package parser

import (
	"time"
)

// maxClockRecords is how many clock-only records are kept back until the day of the
// last one is known. A synchronization log has some hundreds; beyond the limit
// days are counted forward from the first record instead.
const maxClockRecords = 100_000

// clockSlack is how far a clock may go back without a new day having begun: a
// change to winter time, or writers that are a moment apart.
const clockSlack = 90 * time.Minute

// inferDays gives clock-only records their day. The last record of a stored item
// was written in the second of its submit time, which also tells the zone; failing
// that, a date in the file's name is the day of the first record, as logs are named
// when they are begun; failing that, the file's last change tells the day of the last
// one. Going backwards, a time greater than its successor belongs to the day before,
// except for a step within clockSlack. Without an anchor the records stay without a
// time: never today.
func inferDays(records []*Record, src Source) {
	last := lastClock(records)
	if last < 0 {
		return
	}
	if day, ok := dayInName(src.Path, zoneOf(src)); ok && src.ItemTime.IsZero() {
		daysFrom(day, records)
		return
	}
	anchor, ok := anchorOf(records[last].clock, src)
	if !ok {
		return
	}
	day := midnight(anchor)
	next := records[last].clock
	for i := last; i >= 0; i-- {
		r := records[i]
		if !r.clocked {
			continue
		}
		if r.clock > next+clockSlack {
			day = day.AddDate(0, 0, -1)
		}
		r.Time, r.Basis = day.Add(r.clock), DayInferred
		next = r.clock
	}
}

// daysFrom counts days forward from that of the first clock.
func daysFrom(day time.Time, records []*Record) {
	var before time.Duration
	for _, r := range records {
		if !r.clocked {
			continue
		}
		if r.clock < before-clockSlack {
			day = day.AddDate(0, 0, 1)
		}
		r.Time, r.Basis = day.Add(r.clock), DayInferred
		before = r.clock
	}
}

func zoneOf(src Source) *time.Location {
	if src.Zone == nil {
		return time.UTC
	}
	return src.Zone
}

func lastClock(records []*Record) int {
	for i := len(records) - 1; i >= 0; i-- {
		if records[i].clocked {
			return i
		}
	}
	return -1
}

func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}

// anchorOf returns the moment of the last clock of a source, in the zone in which
// the clock is read.
func anchorOf(clock time.Duration, src Source) (time.Time, bool) {
	if !src.ItemTime.IsZero() {
		return itemAnchor(clock, src.ItemTime), true
	}
	if src.ModTime.IsZero() {
		return time.Time{}, false
	}
	mod := src.ModTime.In(zoneOf(src))
	day := midnight(mod)
	if day.Add(clock).After(mod.Add(clockSlack)) {
		day = day.AddDate(0, 0, -1)
	}
	return day.Add(clock), true
}

// itemAnchor compares the last clock with the item's submit time (UTC): their
// difference, rounded to a quarter of an hour, is the zone.
func itemAnchor(clock time.Duration, submit time.Time) time.Time {
	const quarter = 15 * time.Minute
	utc := submit.UTC()
	offset := (clock - utc.Sub(midnight(utc))).Round(quarter)
	for offset > 14*time.Hour { // zones reach from -12:00 to +14:00
		offset -= 24 * time.Hour
	}
	for offset <= -12*time.Hour {
		offset += 24 * time.Hour
	}
	local := utc.In(time.FixedZone("", int(offset/time.Second)))
	at := midnight(local).Add(clock)
	for _, day := range [...]int{-1, 0, 1} { // the second before midnight, the item just after
		if d := at.AddDate(0, 0, day).Sub(submit); d.Abs() <= quarter {
			return at.AddDate(0, 0, day)
		}
	}
	return at
}

// dayInName finds a date such as 2026-03-05 or 20260305 in the last element of a path.
func dayInName(path string, zone *time.Location) (time.Time, bool) {
	name := path
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '/' || path[i] == '\\' {
			name = path[i+1:]
			break
		}
	}
	for _, layout := range [...]string{"2006-01-02", "2006_01_02", "2006.01.02", "20060102", "01_02_2006"} { // the last one: IMAP-…-MM_DD_YYYY-….log
		for i := 0; i+len(layout) <= len(name); i++ {
			if i > 0 && isDigit(name[i-1]) || i+len(layout) < len(name) && isDigit(name[i+len(layout)]) {
				continue
			}
			day, err := time.ParseInLocation(layout, name[i:i+len(layout)], zone)
			if err == nil && day.Year() > 1990 && day.Year() < 2100 {
				return day, true
			}
		}
	}
	return time.Time{}, false
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
