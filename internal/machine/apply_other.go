//go:build !windows

package machine

import (
	"context"
	"io"

	"oxtail/actions/apply"
)

// This is the computer that the program runs on, which must run Windows.
func This(ApplyOptions) (apply.Machine, error) { return nil, errNoMachine }

// ServeMAPI answers one request of another process of oxtail; on Windows only.
func ServeMAPI(context.Context, io.Reader, io.Writer) error { return errNoMachine }
