//go:build !windows

package machine

import (
	"context"
	"errors"
	"io"

	"oxtail/actions/apply"
)

// errNoMachine is the answer of every other system.
var errNoMachine = errors.New("a plan can be carried out on Windows only; --dry-run with the bundle of the computer shows what it would do")

// This is the computer that the program runs on, which must run Windows.
func This(ApplyOptions) (apply.Machine, error) { return nil, errNoMachine }

// ServeMAPI answers one request of another process of oxtail; on Windows only.
func ServeMAPI(context.Context, io.Reader, io.Writer) error { return errNoMachine }
