package cli

import (
	"context"

	"oxtail/internal/doctor"
)

// gatherLiveFacts takes the facts of the running computer.
func gatherLiveFacts(context.Context, *term, *inputFlags, *evidenceFlags) (*doctor.Facts, []string, error) {
	return nil, nil, withHint(errNotLive, "for instance: oxtail doctor bundle.zip, oxtail doctor server.reg; --help says more")
}
