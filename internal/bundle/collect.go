package bundle

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"oxtail/internal/doctor"
	"oxtail/internal/redact"
)

// Options are the choices of a collection.
type Options struct {
	Paths    []string // trees and files; none with Live
	Output   string   // the archive
	Folder   bool     // Output is a folder, which must not be there or be empty
	Kind     string   // collect if empty
	Since    time.Time
	Profile  string // told in the manifest; the caller narrows what it adds
	MaxBytes int64  // DefaultMaxBytes if 0

	WithSyncLogs bool
	Resume       bool
	Live         bool                // of the running computer
	Env          func(string) string // its variables; the known places are collected, besides Paths

	Key   *redact.Key // nil: nothing is redacted but secured values
	UUIDs bool
	Jobs  int

	Tool Tool
	Now  time.Time
	Zone string

	// Missing is what the caller could not read; the manifest tells it.
	Missing []Skipped
	// Extra are parts that the caller makes: findings, results of checks, what the
	// running computer tells.
	Extra []Extra
	// SaveKey keeps the key before anything is written with it, nil for nobody.
	SaveKey func(*redact.Key) error
	// Learn tells what is known for certain, before anything is read.
	Learn func(*redact.Case)
	// Progress is told of bytes that were read, of all that will be, nil for nobody.
	Progress func(done, total int64, what string)
}

// An Extra is a part that the caller makes.
type Extra struct {
	Path string // in the bundle
	Kind string // result if empty
	Data func() (io.ReadCloser, error)
	Size int64 // bytes, as a guess for the progress

	// Render makes the part from what Data gave for learning. It is handed the
	// redaction of texts, so that what it shortens was redacted before. nil: Data is
	// the part.
	Render func(text func(string) string) ([]byte, error)
}

// Bytes is an Extra of bytes.
func Bytes(path string, data []byte) Extra {
	return Extra{Path: path, Size: int64(len(data)), Data: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}
}

// JSON is an Extra of one object.
func JSON(path string, v any) (Extra, error) {
	data, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return Extra{}, fmt.Errorf("write %s: %w", path, err)
	}
	return Bytes(path, append(data, '\n')), nil
}

// ErrNothing says that there was nothing to collect.
var ErrNothing = errors.New("there is nothing to collect")

// Collect collects and writes the archive. The manifest says what is in it.
func Collect(ctx context.Context, opts Options) (*Manifest, error) {
	opts.MaxBytes = cmp.Or(opts.MaxBytes, DefaultMaxBytes)
	man := &Manifest{
		Schema: SchemaManifest, Kind: cmp.Or(opts.Kind, kindCollect), Tool: opts.Tool, Created: opts.Now, Zone: opts.Zone, Since: opts.Since, Profile: opts.Profile,
		Live: opts.Live, MaxBytes: opts.MaxBytes, Parts: []Part{}, Skipped: []Skipped{}, Losses: []Loss{},
	}
	s := &survey{opts: &opts, man: man, taken: map[string]bool{}}
	s.extras()
	for _, m := range opts.Missing {
		man.skip(m)
	}
	for _, p := range opts.Paths {
		t, only, err := openTree(p)
		if err != nil {
			man.skip(Skipped{Path: p, Why: cause(err).Error(), Fault: true})
			continue
		}
		defer t.root.Close() // read only: nothing is lost when closing fails
		if err := s.tree(ctx, t, only); err != nil {
			return nil, err
		}
	}
	if opts.Env != nil {
		if err := s.live(ctx); err != nil {
			return nil, err
		}
	}
	if err := s.listing(); err != nil {
		return nil, err
	}
	s.fit()
	if !slices.ContainsFunc(s.items, func(it *item) bool {
		return it.source != "" || it.kind == kindListing && len(s.list.Files) > 0 || opts.Live || man.Kind != kindCollect
	}) {
		return man, ErrNothing
	}
	return man, s.build(ctx)
}

// extras adds the parts of the caller.
func (s *survey) extras() {
	for _, e := range s.opts.Extra {
		folder, name := splitPart(e.Path)
		s.items = append(s.items, &item{folder: folder, name: name, kind: cmp.Or(e.Kind, kindResult), priority: prioResult, size: e.Size, open: e.Data, render: e.Render})
	}
}

// listing adds the list of caches, stores and programs.
func (s *survey) listing() error {
	if len(s.list.Files) == 0 && len(s.list.Folders) == 0 {
		return nil
	}
	s.list.Schema = doctor.FileListSchema
	if s.list.Files == nil {
		s.list.Files = []doctor.ListedFile{}
	}
	data, err := json.MarshalIndent(s.list, "", " ")
	if err != nil {
		return fmt.Errorf("write the listing of files: %w", err)
	}
	s.items = append(s.items, &item{folder: "files", name: "filelist.json", kind: kindListing, priority: prioRegistry, size: int64(len(data)),
		open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }})
	return nil
}

// fit leaves out what is over the budget: the least important first, and of equals the
// oldest. Of a log that does not fit its end is taken, which is what happened last.
func (s *survey) fit() {
	order := slices.Clone(s.items)
	slices.SortStableFunc(order, func(a, b *item) int {
		if a.priority != b.priority {
			return a.priority - b.priority
		}
		return b.modified.Compare(a.modified)
	})
	left := s.opts.MaxBytes
	dropped := map[*item]bool{}
	for n, it := range order {
		switch {
		case n >= maxParts:
			s.man.skip(Skipped{Path: it.source, Why: fmt.Sprintf("the bundle has %d parts already", maxParts), Bytes: it.size, Fault: true})
			dropped[it] = true
		case it.size <= left:
			left -= it.size
		case it.note == "" && it.kind == kindLog && left >= minTailBytes:
			it.from = (it.size - left + 1) &^ 1 // UTF-16 stays even
			it.note = "its end"
			s.man.Losses = append(s.man.Losses, Loss{Source: it.source, From: 0, To: it.from, Why: "over the size budget"})
			left = 0
		default:
			s.man.skip(Skipped{Path: it.source, Why: "over the size budget", Bytes: it.size, Fault: true})
			dropped[it] = true
		}
	}
	s.items = slices.DeleteFunc(s.items, func(it *item) bool { return dropped[it] })
}

// build learns, redacts and packs.
func (s *survey) build(ctx context.Context) error {
	w, err := openWork(s.opts.Output, s.opts.Resume)
	if err != nil {
		return err
	}
	b := &builder{survey: s, work: w, counts: redact.Counts{}, names: map[string]bool{}}
	for _, it := range s.items {
		b.total += it.size - it.from
	}
	if err := b.learn(ctx); err != nil {
		return errors.Join(err, w.save())
	}
	if err := b.parts(ctx); err != nil {
		return errors.Join(err, w.save())
	}
	b.finish()
	pack := w.pack
	if s.opts.Folder {
		pack = w.unpacked
	}
	if err := pack(ctx, s.opts.Output, s.man); err != nil {
		return err
	}
	return w.remove()
}
