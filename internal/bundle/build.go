package bundle

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"oxtail/internal/redact"
)

// A builder turns items into parts in the working folder.
type builder struct {
	*survey
	work   *work
	red    *redact.Redactor // nil: not redacted
	counts redact.Counts
	names  map[string]bool // paths of parts, folded
	done   int64
	total  int64
	lost   int
}

// learn is the first pass over everything. What cannot be read or is no text is left
// out now, so that the second pass meets no surprise.
func (b *builder) learn(ctx context.Context) error {
	if b.opts.Key == nil {
		return nil
	}
	b.total *= 2
	c := redact.New(b.opts.Key, redact.Options{UUIDs: b.opts.UUIDs, Jobs: b.opts.Jobs})
	if b.opts.Learn != nil {
		b.opts.Learn(c)
	}
	for _, it := range b.items {
		c.LearnText(it.path())
	}
	for _, sk := range b.man.Skipped {
		c.LearnText(sk.Path)
	}
	b.items = slices.DeleteFunc(b.items, func(it *item) bool {
		if ctx.Err() != nil {
			return false
		}
		err := b.read(it, func(in io.Reader) error { return c.Learn(ctx, in) })
		if err != nil && ctx.Err() == nil {
			b.fault(it, err)
		}
		return err != nil
	})
	if err := ctx.Err(); err != nil {
		return err
	}
	b.lost = c.Lost()
	var err error
	if b.red, err = c.Seal(); err != nil || b.opts.SaveKey == nil {
		return err
	}
	return b.opts.SaveKey(b.red.Key())
}

// read gives an item's bytes to a function, with progress.
func (b *builder) read(it *item, with func(io.Reader) error) error {
	in, err := it.open()
	if err != nil {
		return err
	}
	defer in.Close() // read only: nothing is lost when closing fails
	return with(&counted{in, b, it.source})
}

// counted tells the progress of a reader.
type counted struct {
	io.Reader
	b    *builder
	what string
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.b.done += int64(n)
	if c.b.opts.Progress != nil {
		c.b.opts.Progress(c.b.done, max(c.b.total, c.b.done), c.what)
	}
	return n, err
}

// fault notes an item that is not in the bundle, though it should be.
func (b *builder) fault(it *item, err error) {
	why := "read: " + err.Error()
	if errors.Is(err, redact.ErrBinary) {
		why = redact.ErrBinary.Error()
	}
	b.man.skip(Skipped{Path: it.source, Why: why, Bytes: it.size, Fault: true})
}

// parts is the second pass.
func (b *builder) parts(ctx context.Context) error {
	mark := b.mark()
	for _, it := range b.items {
		if err := ctx.Err(); err != nil {
			return err
		}
		p, err := b.part(ctx, it, mark)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var w *writeError
		if errors.As(err, &w) {
			return err
		}
		if err != nil {
			b.fault(it, err)
			continue
		}
		b.man.Parts = append(b.man.Parts, p)
		b.man.Bytes += p.Bytes
	}
	return nil
}

// mark names all that the bytes of parts depend on, besides their sources.
func (b *builder) mark() string {
	if b.red == nil {
		return "plain"
	}
	h := sha256.New()
	if err := b.red.Key().Write(h); err != nil {
		panic("BUG: a hash fails: " + err.Error())
	}
	return hex.EncodeToString(h.Sum(nil))
}

// part makes one part, or takes the one that an earlier run has made.
func (b *builder) part(ctx context.Context, it *item, mark string) (Part, error) {
	p := Part{Path: b.partPath(it), Source: b.text(it.source), Kind: it.kind, Modified: it.modified.UTC(), Note: it.note}
	if it.modified.IsZero() {
		p.Modified = it.modified
	}
	id := fmt.Sprintf("%s|%s|%s|%d|%d|%d", mark, it.path(), it.source, it.size, it.from, it.modified.UnixNano())
	if old, ok := b.work.reuse(id); ok && it.source != "" {
		b.done += it.size - it.from
		b.counts.Add(old.Counts)
		p.Bytes, p.SHA256 = old.Bytes, old.SHA256
		b.work.use(p.Path, old.File)
		return p, nil
	}
	out, err := b.work.create(p.Path)
	if err != nil {
		return p, &writeError{err}
	}
	sum := sha256.New()
	counts := redact.Counts{}
	size := &sizer{w: io.MultiWriter(out, sum)}
	if err := b.render(it); err != nil {
		return p, err
	}
	err = b.read(it, func(in io.Reader) error {
		if it.render != nil { // its texts were redacted one by one
			_, err := io.Copy(size, in)
			return err
		}
		if b.red == nil {
			return redact.Strip(ctx, size, in)
		}
		var err error
		counts, err = b.red.Copy(ctx, size, in)
		return err
	})
	if e := out.Close(); e != nil {
		return p, &writeError{e}
	}
	if size.err != nil {
		return p, &writeError{size.err}
	}
	if err != nil {
		return p, err
	}
	b.counts.Add(counts)
	p.Bytes, p.SHA256 = size.n, hex.EncodeToString(sum.Sum(nil))
	return p, b.work.keep(id, p, counts)
}

// render makes the part of an item that is more than its data.
func (b *builder) render(it *item) error {
	if it.render == nil {
		return nil
	}
	data, err := it.render(b.counted)
	if err != nil {
		return err
	}
	it.open = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
	return nil
}

// A writeError ends a collection: the disk is full, the folder is gone.
type writeError struct{ error }

func (w *writeError) Unwrap() error { return w.error }

// sizer counts what is written and keeps the error of writing apart from that of reading.
type sizer struct {
	w   io.Writer
	n   int64
	err error
}

func (s *sizer) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	s.n += int64(n)
	if err != nil {
		s.err = err
	}
	return n, err
}

// text redacts a text of the manifest.
func (b *builder) text(s string) string {
	if b.red == nil {
		return s
	}
	return b.red.Path(s, nil)
}

// counted redacts a text that counts.
func (b *builder) counted(s string) string {
	if b.red == nil {
		return s
	}
	return b.red.Text(s, b.counts)
}

// partPath is the redacted path of a part, which no other part has, not even on a system
// that ignores letter case.
func (b *builder) partPath(it *item) string {
	name := safePath(b.text(it.path()))
	ext := path.Ext(name)
	base := strings.TrimSuffix(name, ext)
	for n := 2; b.names[strings.ToLower(name)] || name == ManifestName; n++ {
		name = base + "-" + strconv.Itoa(n) + ext
	}
	b.names[strings.ToLower(name)] = true
	return name
}

// splitPart cuts a path of a bundle into its first folder and the rest.
func splitPart(p string) (folder, name string) {
	if folder, name, ok := strings.Cut(p, "/"); ok {
		return folder, name
	}
	return "", p
}

// finish completes the manifest.
func (b *builder) finish() {
	for i := range b.man.Skipped {
		b.man.Skipped[i].Path = b.text(b.man.Skipped[i].Path)
		b.man.Skipped[i].Why = b.text(b.man.Skipped[i].Why)
	}
	for i := range b.man.Losses {
		b.man.Losses[i].Source = b.text(b.man.Losses[i].Source)
	}
	b.man.Profile = b.text(b.man.Profile)
	if b.red != nil {
		b.man.Redaction = &Redaction{Replaced: b.counts, UUIDs: b.opts.UUIDs, Unnamed: b.lost, KeyLeaves: keyNote}
	}
}
