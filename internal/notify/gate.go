package notify

import (
	"fmt"
	"time"
)

const (
	// perMinute is how many pop-ups are shown in a minute; nobody reads more. Those that
	// are held back are counted in the next one.
	perMinute = 4

	// keepTimes is how long the times of pop-ups count.
	keepTimes = time.Minute
)

// A gate lets only so many notices through.
type gate struct {
	shown []time.Time
	held  int   // notices since the last one that was let through
	worst Level // of those
}

// pass decides about a notice, and adds to one that is let through how many were held.
// What is loudest is never held by what is less: an error passes while it is the first
// in the minute that is one.
func (g *gate) pass(n Notice, now time.Time) (Notice, bool) {
	var kept []time.Time
	for _, t := range g.shown {
		if age := now.Sub(t); age >= 0 && age < keepTimes {
			kept = append(kept, t)
		}
	}
	g.shown = kept
	room := perMinute
	if n.Level == Error {
		room++
	}
	if len(g.shown) >= room {
		g.held++
		g.worst = max(g.worst, n.Level)
		return n, false
	}
	g.shown = append(g.shown, now)
	if g.held > 0 {
		n.Text = fmt.Sprintf("(%s before this one not shown)\n%s", notices(g.held), n.Text)
		n.Level = max(n.Level, g.worst)
	}
	g.held, g.worst = 0, Info
	return n, true
}

func notices(n int) string {
	if n == 1 {
		return "1 notice"
	}
	return fmt.Sprintf("%d notices", n)
}
