//go:build !windows

package cli

import (
	"context"

	"oxtail/internal/bundle"
)

// collectLive would take the running computer.
func (t *term) collectLive(context.Context, *bundle.Options) error {
	return withHint(errNotLive, "give a tree that stands for the computer: oxtail collect -o bundle.zip PATH; --help says more")
}
