package machine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"

	"oxtail/actions/apply"
)

// fileError names operation and path as package os does.
func fileError(op, path string, err error) error {
	if err == nil {
		return nil
	}
	return &fs.PathError{Op: op, Path: path, Err: err}
}

// mayUse is the check before every use of a path.
func mayUse(ctx context.Context, path string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return checkName(path)
}

// Stat tells size and time of a file. Links are followed.
func (*live) Stat(ctx context.Context, path string) (apply.File, error) {
	if err := mayUse(ctx, path); err != nil {
		return apply.File{}, err
	}
	info, err := os.Stat(longName(path))
	if err != nil {
		return apply.File{}, named("stat", path, err)
	}
	if info.IsDir() {
		return apply.File{}, fmt.Errorf("%s is a folder", path)
	}
	return apply.File{Path: path, Bytes: info.Size(), Modified: info.ModTime()}, nil
}

// named puts the path as it was given into an error of package os.
func named(op, path string, err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	return fileError(op, path, err)
}

// List gives the files of a folder.
func (*live) List(ctx context.Context, folder string) ([]apply.File, error) {
	if err := mayUse(ctx, folder); err != nil {
		return nil, err
	}
	dir, err := os.Open(longName(folder))
	if err != nil {
		return nil, named("list", folder, err)
	}
	defer dir.Close() // read only: nothing is lost when closing fails
	var out []apply.File
	for {
		entries, err := dir.ReadDir(listedAtOnce)
		for _, e := range entries {
			info, infoErr := e.Info()
			switch {
			case errors.Is(infoErr, fs.ErrNotExist) || e.IsDir(): // gone meanwhile
				continue
			case infoErr != nil:
				return out, named("list", folder, infoErr)
			}
			out = append(out, apply.File{Path: strings.TrimRight(folder, `\`) + `\` + e.Name(), Bytes: info.Size(), Modified: info.ModTime()})
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = ctx.Err()
		}
		if err == nil && len(out) > apply.MaxListed {
			err = fmt.Errorf("more than %d files", apply.MaxListed)
		}
		if err != nil {
			return nil, named("list", folder, err)
		}
	}
	slices.SortFunc(out, func(a, b apply.File) int { return strings.Compare(strings.ToLower(a.Path), strings.ToLower(b.Path)) })
	return out, nil
}

// listedAtOnce is how many names of a folder are taken at a time.
const listedAtOnce = 1000

// Open reads a file and lets others write, rename and delete it meanwhile.
func (*live) Open(ctx context.Context, path string) (io.ReadCloser, error) {
	if err := mayUse(ctx, path); err != nil {
		return nil, err
	}
	in, err := openShared(longName(path))
	if err != nil {
		return nil, named("open", path, err)
	}
	return in, nil
}

// durable is a file whose writes are on the disk when they, or Close, return.
type durable struct {
	*os.File
	each bool // flush after each write
	path string
}

// Write writes all of data.
func (d *durable) Write(data []byte) (int, error) {
	n, err := d.File.Write(data)
	if err == nil && d.each {
		err = d.Sync()
	}
	return n, named("write", d.path, err)
}

// Close flushes the file and closes it.
func (d *durable) Close() error {
	return named("close", d.path, errors.Join(d.Sync(), d.File.Close()))
}

// Create makes a new file with the folders above it.
func (l *live) Create(ctx context.Context, path string) (io.WriteCloser, error) {
	return openDurable(ctx, path, windows.GENERIC_WRITE, windows.FILE_SHARE_READ|windows.FILE_SHARE_DELETE, windows.CREATE_NEW)
}

// Append opens a file at its end. Nobody else may write to it at the same time.
func (l *live) Append(ctx context.Context, path string) (io.WriteCloser, error) {
	return openDurable(ctx, path, windows.FILE_APPEND_DATA|windows.SYNCHRONIZE, windows.FILE_SHARE_READ|windows.FILE_SHARE_DELETE, windows.OPEN_ALWAYS)
}

// openDurable opens a file for writing. Without a right to see what it holds,
// FlushFileBuffers still works.
func openDurable(ctx context.Context, path string, access, share, how uint32) (io.WriteCloser, error) {
	if err := mayUse(ctx, path); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(longName(filepath.Dir(path)), 0o700); err != nil {
		return nil, named("make the folder of", path, err)
	}
	name, err := windows.UTF16PtrFromString(longName(path))
	if err != nil {
		return nil, fileError("create", path, err)
	}
	handle, err := windows.CreateFile(name, access, share, nil, how, windows.FILE_ATTRIBUTE_NORMAL, 0)
	if err != nil {
		return nil, fileError("create", path, err)
	}
	return &durable{File: os.NewFile(uintptr(handle), path), each: how == windows.OPEN_ALWAYS, path: path}, nil
}

// moveWriteThrough makes a rename return only when it is on the disk. Without the flags
// to replace and to copy, nothing is overwritten and no volume is left.
const moveWriteThrough = 0x8

// Rename moves a file within its volume and never over another file.
func (*live) Rename(ctx context.Context, from, to string) error {
	if err := errors.Join(mayUse(ctx, from), mayUse(ctx, to)); err != nil {
		return err
	}
	if err := refuseLink(from); err != nil {
		return err
	}
	old, oldErr := windows.UTF16PtrFromString(longName(from))
	next, nextErr := windows.UTF16PtrFromString(longName(to))
	if err := errors.Join(oldErr, nextErr); err != nil {
		return fileError("rename", from, err)
	}
	if err := windows.MoveFileEx(old, next, moveWriteThrough); err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	return nil
}

// refuseLink refuses a link, whose file would stay where it is, and a folder.
func refuseLink(path string) error {
	info, err := os.Lstat(longName(path))
	switch {
	case err != nil:
		return named("rename", path, err)
	case info.IsDir():
		return fmt.Errorf("rename %s: it is a folder", path)
	case info.Mode()&fs.ModeSymlink != 0:
		return fmt.Errorf("rename %s: it is a link; its file lies elsewhere", path)
	}
	return nil
}

// errNotOurs says that a file is not one that oxtail wrote.
var errNotOurs = errors.New("only files below the folder of backups and the journal are removed")

// Remove deletes a file, or an empty folder, below StateFolder.
func (l *live) Remove(ctx context.Context, path string) error {
	if err := mayUse(ctx, path); err != nil {
		return err
	}
	if !below(l.state, path) {
		return fmt.Errorf("remove %s: %w (%s)", path, errNotOurs, l.state)
	}
	// A link on the way would lead out of the folder.
	real, err := finalPath(filepath.Dir(path))
	if err != nil {
		return named("remove", path, err)
	}
	home, err := finalPath(l.state)
	if err != nil {
		return named("remove", path, err)
	}
	if !strings.EqualFold(real, home) && !below(home, real) {
		return fmt.Errorf("remove %s: %w; a link leads to %s", path, errNotOurs, real)
	}
	return named("remove", path, os.Remove(longName(path)))
}

// StateFolder is where backups and the journal of this user are.
func (l *live) StateFolder() string { return l.state }

// Expand puts the values of environment variables into a path.
func (*live) Expand(path string) string {
	full, err := registry.ExpandString(path)
	if err != nil {
		return path
	}
	return full
}
