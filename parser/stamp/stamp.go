package stamp

import "time"

// MaxBytes is the longest timestamp that is recognised: "Donnerstag, 05. September
// 2012 10:11:12.123456789 Uhr +02:00" has 61 bytes; the rest is room for blanks.
const MaxBytes = 80

// A Stamp is a point in time as far as a text names it.
type Stamp struct {
	Year, Month, Day  int
	Hour, Minute, Sec int
	Nanosecond        int
	ZoneSeconds       int // east of UTC; meaningful when Has(Zone)
	parts             Part
}

// A Part is something that a timestamp may name or leave out.
type Part uint16

// The parts of a timestamp. A text without any of Date and Epoch is a bare clock.
const (
	Date            Part = 1 << iota // month and day are known
	Year                             // the year is known
	Clock                            // hour and minute are known
	Zone                             // the offset from UTC is known
	Ambiguous                        // day and month may be swapped: both are 1 to 12, differ, and the order is a convention
	American                         // an AM/PM clock: speaks for month before day
	Conventional                     // a numeric date whose order of day and month is a convention
	ShowsDayFirst                    // a numeric date whose day is above 12 and stands first
	ShowsMonthFirst                  // a numeric date whose day is above 12 and stands second
)

// Has reports whether the stamp has all the given parts.
func (s Stamp) Has(p Part) bool { return s.parts&p == p }

// Swapped returns the stamp with day and month exchanged. Only an ambiguous stamp changes.
func (s Stamp) Swapped() Stamp {
	if s.Has(Ambiguous) {
		s.Day, s.Month = s.Month, s.Day
	}
	return s
}

// In returns the stamp read in the given order of day and month.
func (s Stamp) In(o Order) Stamp {
	if o == MonthFirst {
		return s.Swapped()
	}
	return s
}

// Time returns the moment that the stamp names, taking loc for a zone that it does
// not name. A missing date is January 1 of year 0.
func (s Stamp) Time(loc *time.Location) time.Time {
	if !s.Has(Zone) {
		return time.Date(s.Year, time.Month(max(s.Month, 1)), max(s.Day, 1), s.Hour, s.Minute, s.Sec, s.Nanosecond, loc)
	}
	t := time.Date(s.Year, time.Month(max(s.Month, 1)), max(s.Day, 1), s.Hour, s.Minute, s.Sec, s.Nanosecond, time.UTC)
	return t.Add(-time.Duration(s.ZoneSeconds) * time.Second)
}

// SinceMidnight returns the time of day.
func (s Stamp) SinceMidnight() time.Duration {
	return time.Duration(s.Hour)*time.Hour + time.Duration(s.Minute)*time.Minute +
		time.Duration(s.Sec)*time.Second + time.Duration(s.Nanosecond)
}

// WithYearBefore completes a stamp without a year: the latest year in which it is
// not after limit. A day of slack allows for clocks and zones that differ.
func (s Stamp) WithYearBefore(limit time.Time) Stamp {
	if s.Has(Year) || !s.Has(Date) {
		return s
	}
	const slack = 24 * time.Hour
	const leapSearch = 8 // years between leap years around 1900 and 2100
	for back := range leapSearch + 1 {
		s.Year = limit.Year() + 1 - back
		if s.Day <= daysIn(s.Month, s.Year) && !s.Time(limit.Location()).After(limit.Add(slack)) {
			break
		}
	}
	s.parts |= Year
	return s
}

// valid reports whether all parts are in range. A leap second counts as in range.
func (s Stamp) valid() bool {
	if s.Has(Clock) && (s.Hour > 23 || s.Minute > 59 || s.Sec > 60) {
		return false
	}
	if !s.Has(Date) {
		return s.Has(Clock)
	}
	year := s.Year
	if !s.Has(Year) {
		year = anyLeapYear
	}
	return s.Month >= 1 && s.Month <= 12 && s.Day >= 1 && s.Day <= daysIn(s.Month, year)
}

const anyLeapYear = 2000

func daysIn(month, year int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// FromEpoch returns the stamp of a number of seconds since 1970, UTC.
func FromEpoch(sec int64, nsec int) Stamp {
	t := time.Unix(sec, int64(nsec)).UTC()
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	return Stamp{year, int(month), day, hour, minute, second, t.Nanosecond(), 0, Date | Year | Clock | Zone}
}
