package bundle

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"

	"oxtail/internal/redact"
)

// Rewrite are the choices of redacting or restoring files.
type Rewrite struct {
	Paths []string // files and folders
	// Output is a file, or with Folder a folder; "" writes to Stdout.
	Output string
	Folder bool
	Stdout io.Writer
	Key    *redact.Key
	Back   bool // put names back, instead of taking them out
	UUIDs  bool
	Jobs   int
	// SaveKey keeps the key before anything is written. Not called with Back.
	SaveKey func(*redact.Key) error
}

// Rewritten is what became of the files.
type Rewritten struct {
	Files   int
	Bytes   int64
	Counts  redact.Counts
	Unnamed int       // names over the limit
	Skipped []Skipped // what could not be redacted, and was not written
}

// A rewriteFile is one file and its name below the output.
type rewriteFile struct {
	tree   *tree
	found  found
	name   string
	packed bool
}

// Run rewrites the files. What is no text is skipped, never copied.
func (r *Rewrite) Run(ctx context.Context) (*Rewritten, error) {
	res := &Rewritten{Counts: redact.Counts{}}
	files, err := r.files(ctx, res)
	if err != nil {
		return nil, err
	}
	defer closeTrees(files)
	copier, rename, err := r.prepare(ctx, files, res)
	if err != nil {
		return nil, err
	}
	taken := map[string]bool{}
	for _, f := range files {
		if f.tree == nil {
			continue // it failed in the first pass
		}
		if err := r.one(ctx, f, copier, unused(safePath(rename(f.name)), taken), res); err != nil {
			return res, err
		}
	}
	return res, nil
}

// unused makes a name that was not given before.
func unused(name string, taken map[string]bool) string {
	ext := path.Ext(name)
	for n, base := 2, name[:len(name)-len(ext)]; taken[name]; n++ {
		name = fmt.Sprintf("%s-%d%s", base, n, ext)
	}
	taken[name] = true
	return name
}

func closeTrees(files []*rewriteFile) {
	for _, f := range files {
		if f.tree != nil {
			f.tree.root.Close() // read only: nothing is lost when closing fails
		}
	}
}

// files finds the files of the paths.
func (r *Rewrite) files(ctx context.Context, res *Rewritten) ([]*rewriteFile, error) {
	var out []*rewriteFile
	skip := func(s Skipped) { res.Skipped = append(res.Skipped, s) }
	for _, p := range r.Paths {
		t, only, err := openTree(p)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", p, cause(err))
		}
		err = t.walk(ctx, ".", only == "", func(f found) {
			if only == "" || f.rel == only {
				out = append(out, &rewriteFile{tree: t, found: f, name: f.rel})
			}
		}, func(s Skipped) {
			if only == "" {
				skip(s)
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

type copyFunc func(ctx context.Context, out io.Writer, in io.Reader) (redact.Counts, error)

// prepare makes the function that rewrites one file, after a first pass over all.
func (r *Rewrite) prepare(ctx context.Context, files []*rewriteFile, res *Rewritten) (copyFunc, func(string) string, error) {
	if r.Back {
		back, err := redact.NewRestorer(r.Key)
		if err != nil {
			return nil, nil, err
		}
		return func(ctx context.Context, out io.Writer, in io.Reader) (redact.Counts, error) {
			return nil, back.Copy(ctx, out, in)
		}, back.Text, nil
	}
	c := redact.New(r.Key, redact.Options{UUIDs: r.UUIDs, Jobs: r.Jobs})
	for _, f := range files {
		c.LearnText(f.name)
		if err := f.read(func(in io.Reader) error { return c.Learn(ctx, in) }); err != nil {
			if ctx.Err() != nil {
				return nil, nil, ctx.Err()
			}
			res.Skipped = append(res.Skipped, Skipped{Path: f.tree.shown(f.found.rel), Why: err.Error(), Bytes: f.found.size, Fault: true})
			f.tree = nil
		}
	}
	res.Unnamed = c.Lost()
	red, err := c.Seal()
	if err != nil {
		return nil, nil, err
	}
	if r.SaveKey != nil {
		if err := r.SaveKey(red.Key()); err != nil {
			return nil, nil, err
		}
	}
	return red.Copy, func(name string) string { return red.Path(name, nil) }, nil
}

// read gives a file's text to a function; a rotated log is unpacked.
func (f *rewriteFile) read(with func(io.Reader) error) error {
	head, err := f.tree.head(f.found.rel, 4)
	if err != nil {
		return err
	}
	in, err := f.tree.part(f.found.rel, 0, f.found.size)
	if err != nil {
		return err
	}
	defer in.Close() // read only: nothing is lost when closing fails
	if !bytes.HasPrefix(head, []byte{0x1f, 0x8b}) {
		return with(in)
	}
	f.packed = true
	z, err := gzip.NewReader(in)
	if err != nil {
		return err
	}
	return with(&limited{z, DefaultMaxBytes})
}

// one rewrites one file.
func (r *Rewrite) one(ctx context.Context, f *rewriteFile, copier copyFunc, name string, res *Rewritten) error {
	var counts redact.Counts
	write := func(out io.Writer) error {
		size := &sizer{w: out}
		err := f.read(func(in io.Reader) error {
			to, done := f.repack(size)
			var err error
			if counts, err = copier(ctx, to, in); err != nil {
				return err
			}
			return done()
		})
		res.Bytes += size.n
		return err
	}
	err := r.emit(name, write)
	if errors.Is(err, redact.ErrBinary) {
		res.Skipped = append(res.Skipped, Skipped{Path: f.tree.shown(f.found.rel), Why: err.Error(), Bytes: f.found.size, Fault: true})
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", f.tree.shown(f.found.rel), err)
	}
	res.Files++
	res.Counts.Add(counts)
	return nil
}

// repack packs what was packed.
func (f *rewriteFile) repack(out io.Writer) (io.Writer, func() error) {
	if !f.packed {
		return out, func() error { return nil }
	}
	z := gzip.NewWriter(out)
	return z, z.Close
}

// emit writes one file, whole or not at all.
func (r *Rewrite) emit(name string, write func(io.Writer) error) error {
	if r.Output == "" {
		return write(r.Stdout)
	}
	target := r.Output
	if r.Folder {
		target = filepath.Join(r.Output, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(target), 0o777); err != nil {
			return err
		}
	}
	tmp := target + ".oxtail.tmp"
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	err = write(f)
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		return os.Rename(tmp, target)
	}
	return errors.Join(err, os.Remove(tmp))
}
