package machine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"golang.org/x/sys/windows"

	"oxtail/actions/apply"
)

// maxHeld bounds the files that one question is about.
const maxHeld = 1000

// Holders finds who has one of the files open, and who has a MAPI provider loaded. It
// asks in three ways, because each is blind to something: the Restart Manager does not
// see what it has no right to and nothing on network drives; modules show the profile's
// users and no files; only the attempt to have a file for oneself proves that it is free.
func (l *live) Holders(ctx context.Context, files []string) (apply.Holders, error) {
	if len(files) > maxHeld {
		return apply.Holders{}, fmt.Errorf("%d files; at most %d can be asked for", len(files), maxHeld)
	}
	all, err := processes(ctx)
	if err != nil {
		return apply.Holders{}, err
	}
	f := &finder{all: all, why: map[uint32][]string{}, out: apply.Holders{Files: map[string]apply.FileState{}}}
	for _, file := range files {
		if err := mayUse(ctx, file); err != nil {
			return apply.Holders{}, err
		}
		f.file(file)
	}
	if err := f.modules(ctx); err != nil {
		return apply.Holders{}, err
	}
	desktop := l.windows.visible()
	for _, p := range f.all {
		if len(f.why[p.pid]) > 0 {
			found := describe(p, desktop)
			found.Why = f.why[p.pid]
			f.out.Processes = append(f.out.Processes, found)
		}
	}
	return f.out, nil
}

// finder collects what Holders finds.
type finder struct {
	all []listed
	why map[uint32][]string
	out apply.Holders
}

// unexamined notes what could not be looked at.
func (f *finder) unexamined(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(f.out.Unexamined, text) {
		f.out.Unexamined = append(f.out.Unexamined, text)
	}
}

// file looks at one file.
func (f *finder) file(path string) {
	state, err := probe(path)
	f.out.Files[path] = state
	if err != nil {
		f.unexamined("%v", err)
	}
	if state == apply.FileMissing {
		return
	}
	pids, err := usersOf(path)
	if err != nil {
		f.unexamined("who has %s open: %v", path, err)
	}
	for _, pid := range pids {
		if pid == windows.GetCurrentProcessId() {
			continue
		}
		if !slices.ContainsFunc(f.all, func(p listed) bool { return p.pid == pid }) {
			f.unexamined("process %d has %s open and is not in the list of processes: it has just started or ended", pid, path)
		}
		f.why[pid] = append(f.why[pid], "has "+path+" open")
	}
}

// probe tries to open a file with no sharing, and closes it at once.
func probe(path string) (apply.FileState, error) {
	if info, err := windowsAttributes(path); err == nil && info&windows.FILE_ATTRIBUTE_DIRECTORY != 0 {
		return apply.FileUnknown, fmt.Errorf("%s is a folder", path)
	}
	name, err := windows.UTF16PtrFromString(longName(path))
	if err != nil {
		return apply.FileUnknown, fileError("open", path, err)
	}
	handle, err := windows.CreateFile(name, windows.GENERIC_READ, 0, nil, windows.OPEN_EXISTING, windows.FILE_ATTRIBUTE_NORMAL, 0)
	switch {
	case err == nil:
		windows.CloseHandle(handle) // read only: nothing is lost when closing fails
		return apply.FileFree, nil
	case IsHeld(err):
		return apply.FileHeld, nil
	case errors.Is(err, fs.ErrNotExist):
		return apply.FileMissing, nil
	}
	return apply.FileUnknown, fileError("open", path, err)
}

// windowsAttributes are the attribute bits of a file.
func windowsAttributes(path string) (uint32, error) {
	name, err := windows.UTF16PtrFromString(longName(path))
	if err != nil {
		return 0, err
	}
	return windows.GetFileAttributes(name)
}

// modules looks through the processes for MAPI providers.
func (f *finder) modules(ctx context.Context) error {
	shut := 0
	for _, p := range f.all {
		if err := ctx.Err(); err != nil {
			return err
		}
		modules, err := modulesOf(p.pid)
		if use := mapiUse(modules); use != "" {
			f.why[p.pid] = append(f.why[p.pid], use)
			continue
		}
		if err == nil || errors.Is(err, windows.ERROR_INVALID_PARAMETER) { // it has ended
			continue
		}
		if k, ok := known(p.name); ok {
			f.unexamined("%s (process %d) could not be looked into; it may use the profile: %s. To close it: %s", p.name, p.pid, k.Why, k.Close)
			continue
		}
		shut++
	}
	if shut > 0 {
		f.unexamined("%d processes of Windows or of other users, whose modules this user may not see", shut)
	}
	return nil
}

// sameName compares file names as Windows does.
func sameName(a, b string) bool { return strings.EqualFold(a, b) }
