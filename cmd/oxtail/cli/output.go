package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// output hands write where the result goes: standard output, or a file that appears
// whole. Files are never coloured.
func (t *term) output(name string, write func(w io.Writer, colour bool) error) error {
	if name == "" {
		return write(t.stdout, t.colour)
	}
	return writeAtomically(name, func(f *os.File) error { return write(f, false) })
}

// writeAtomically writes a file that appears whole or not at all: into a temporary
// file beside it, renamed when write has succeeded. An old file stays as it is if
// anything fails.
func writeAtomically(name string, write func(*os.File) error) error {
	mode := os.FileMode(0o666)
	if info, err := os.Stat(name); err == nil {
		if !info.Mode().IsRegular() { // /dev/stdout, a pipe: nothing to replace
			return writeThrough(name, write)
		}
		mode = info.Mode().Perm()
	}
	f, err := createBeside(name, mode)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // the error that matters is the one before
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// createBeside creates a new file in the folder of name; unlike os.CreateTemp it
// leaves the permissions to the user's mask.
func createBeside(name string, mode os.FileMode) (*os.File, error) {
	for i := range 100 {
		tmp := filepath.Join(filepath.Dir(name), fmt.Sprintf(".%s.%d.%d.tmp", filepath.Base(name), os.Getpid(), i))
		f, err := os.OpenFile(tmp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
		if !os.IsExist(err) {
			return f, err
		}
	}
	return nil, fmt.Errorf("temporary names beside it are taken")
}

func writeThrough(name string, write func(*os.File) error) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	err = write(f)
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}
