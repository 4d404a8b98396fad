package cli

import (
	"context"
	"fmt"

	"oxtail/internal/doctor"
	"oxtail/internal/machine"
)

// gatherLiveFacts takes the facts of the running computer. Its logs are not read: oxtail
// doctor PATH… does that.
func gatherLiveFacts(ctx context.Context, t *term, in *inputFlags, ev *evidenceFlags) (*doctor.Facts, []string, error) {
	reg, err := machine.OpenRegistry(machine.Options{})
	if err != nil {
		return nil, nil, withHint(fmt.Errorf("%w: %w", errNotLive, err), "for instance: oxtail doctor bundle.zip, oxtail doctor server.reg; --help says more")
	}
	live := &liveFlags{caches: true}
	g, err := live.gatherLive(ctx, t, in, ev)
	if err != nil {
		return nil, nil, err
	}
	doc := doctor.New(doctor.Options{})
	if err := doc.LiveRegistry(machine.Source, reg.Root); err != nil {
		g.faults = append(g.faults, err.Error())
	}
	doc.Live(ctx, t.now())
	doc.AddLiveFiles()
	facts, faults := doc.Finish(doctor.Scanned{Inventory: g.inv, Caches: g.from.Caches()})
	for _, f := range faults {
		g.faults = append(g.faults, f.Text)
	}
	return facts, g.faults, nil
}
