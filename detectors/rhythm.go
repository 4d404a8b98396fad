package detectors

import (
	"time"

	"go.yaml.in/yaml/v3"
)

// Gap holds the settings of the built-in gap: a silence inside a session.
type Gap struct {
	Factor int           // times the usual interval
	Least  time.Duration // shorter silences never count
	Most   time.Duration // longer ones are the end of a session
}

// Burst holds the settings of the built-in burst: many more failures than usual.
type Burst struct {
	Factor int // times the usual number of failures a minute
	Least  int // fewer failures in a minute never count
}

func (f *file) gap(n *yaml.Node, g *Gap) {
	f.fields(n, "gap", map[string]reader{
		"factor": f.number("factor", 2, &g.Factor), "least": f.span("least", &g.Least), "most": f.span("most", &g.Most),
	})
}

func (f *file) burst(n *yaml.Node, b *Burst) {
	f.fields(n, "burst", map[string]reader{
		"factor": f.number("factor", 2, &b.Factor), "least": f.number("least", 2, &b.Least),
	})
}
