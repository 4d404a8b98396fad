package stamp

import "time"

// An Order is how a numeric date puts day and month.
type Order uint8

// The orders of day and month.
const (
	OrderUnknown Order = iota // not decided; DayFirst is assumed
	DayFirst                  // 31/12/2012
	MonthFirst                // 12/31/2012
)

// String names the order for people.
func (o Order) String() string {
	return [...]string{"unknown, day/month assumed", "day/month", "month/day"}[o]
}

// A Survey gathers what the stamps of one file say about the order of day and
// month. The zero value is an empty survey.
//
// Three things decide, in this order of strength: a number above 12; the first
// change of date (of the two readings, the one that moves the log by the smaller
// step forwards is right); a 12-hour clock, which only America combines with such
// dates.
type Survey struct {
	order    Order
	american bool
	seen     int // ambiguous stamps
	last     Stamp
}

// Observe takes a stamp into account, in file order.
func (v *Survey) Observe(s Stamp) {
	switch {
	case v.order != OrderUnknown:
		return
	case s.Has(ShowsDayFirst):
		v.order = DayFirst
		return
	case s.Has(ShowsMonthFirst):
		v.order = MonthFirst
		return
	case !s.Has(Ambiguous):
		return
	}
	v.seen++
	v.american = v.american || s.Has(American)
	if v.seen > 1 && (s.Day != v.last.Day || s.Month != v.last.Month) {
		v.order = smallerStep(v.last, s)
	}
	v.last = s
}

// Order returns the order that the file shows, OrderUnknown if it shows none.
func (v *Survey) Order() Order {
	if v.order == OrderUnknown && v.american {
		return MonthFirst
	}
	return v.order
}

// Decided reports whether further stamps cannot change the order.
func (v *Survey) Decided() bool { return v.order != OrderUnknown }

// modifiedSlack allows for a log and a file system in different zones, which differ
// by up to 26 hours.
const modifiedSlack = 36 * time.Hour

// Against settles an undecided order by the moment when the file was last written:
// a log does not come from the future.
func (v *Survey) Against(modified time.Time) Order {
	if o := v.Order(); o != OrderUnknown || v.seen == 0 || modified.IsZero() {
		return o
	}
	limit := modified.Add(modifiedSlack)
	dayFuture, monthFuture := v.last.Time(time.UTC).After(limit), v.last.Swapped().Time(time.UTC).After(limit)
	switch {
	case dayFuture && !monthFuture:
		return MonthFirst
	case monthFuture && !dayFuture:
		return DayFirst
	}
	return OrderUnknown
}

// Near settles an undecided order at the end of the file: its last entry was
// written near the moment when the file was last changed.
func (v *Survey) Near(modified time.Time) Order {
	if o := v.Against(modified); o != OrderUnknown || v.seen == 0 || modified.IsZero() {
		return o
	}
	day := modified.Sub(v.last.Time(time.UTC)).Abs() <= modifiedSlack
	month := modified.Sub(v.last.Swapped().Time(time.UTC)).Abs() <= modifiedSlack
	switch {
	case day && !month:
		return DayFirst
	case month && !day:
		return MonthFirst
	}
	return OrderUnknown
}

// smallerStep compares a change of date under both readings.
func smallerStep(a, b Stamp) Order {
	day := b.Time(time.UTC).Sub(a.Time(time.UTC))
	month := b.Swapped().Time(time.UTC).Sub(a.Swapped().Time(time.UTC))
	switch {
	case day < 0 && month < 0, day == month:
		return OrderUnknown
	case day < 0:
		return MonthFirst
	case month < 0, day < month:
		return DayFirst
	}
	return MonthFirst
}
