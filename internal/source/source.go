// Package source opens what people hand over — files, folders, globs, standard
// input, archives and mail items — and gives it out as named byte streams.
//
// It opens evidence read-only, executes nothing, and follows no path that it
// finds inside an archive: a member's name is a label of a stream, never a place
// to write to. The only thing it writes is a temporary file, deleted again, when
// an archive inside another archive is too large to be held in memory.
//
// Invariants: streams come in a fixed order (paths as given, folders sorted,
// members in archive order); everything that was handed over is either given to
// visit or told as Skipped; and no archive can use more bytes, members, levels
// or memory than its Budget.
package source

import (
	"context"
	"errors"
	"io"
	"time"
)

// A Kind says what a stream holds. It is found by content, never by the name.
type Kind string

// The kinds of streams.
const (
	KindLog     Kind = "log"     // text
	KindItem    Kind = "item"    // body of a mail item: .msg, .eml, or a saved .rtf
	KindProfile Kind = "profile" // exported registry (.reg)
	KindHive    Kind = "hive"    // registry hive
	KindStore   Kind = "store"   // .pst, .ost
	KindArchive Kind = "archive" // an archive; Walk gives its members instead
	KindEvtx    Kind = "evtx"    // Windows event log; the stream is the text of its events, as XML
	KindOther   Kind = "other"   // not a log; Stream.What says what it looks like
)

// HasRecords reports whether a stream of this kind is text that holds records.
func (k Kind) HasRecords() bool {
	return k == KindLog || k == KindItem || k == KindEvtx
}

// A Stream is one named source of bytes.
type Stream struct {
	Path     string    // as given; "bundle.zip!/logs/a.log" for a member of an archive
	Base     string    // path of the file on disk that holds it, "-" for standard input
	Kind     Kind      // by content
	What     string    // what the content looks like in words, "PNG image", "text"
	Note     string    // what has to be told about the name, empty if nothing
	Size     int64     // bytes, -1 if unknown
	ModTime  time.Time // zero if unknown
	ItemTime time.Time // submit time (UTC) if this is the body of a mail item, else zero
	Subject  string    // of the mail item
	Sender   string    // of the mail item

	// Open gives the bytes from the start. It may be called any number of times
	// and from other goroutines until Walk returns, unless Once is set. Errors
	// of the reader are of type *Error; the bytes before the error are good.
	Open func() (io.ReadCloser, error)

	// Once is set for a member of an archive that can only be read from front to
	// back: Open works once and only before visit returns.
	Once bool

	// ReaderAt gives random access, nil if there is none at a fair price. It is
	// bound by Once as well.
	ReaderAt func() (io.ReaderAt, io.Closer, error)
}

// Skipped is something that was handed over and not, or not fully, read.
type Skipped struct {
	Path   string
	Err    error  // names the file, the place and the remedy
	Budget string // name of the budget that stopped it ("ratio"), empty if none did
	Note   bool   // nothing was lost: it is told, but all content was read (links, for instance)
}

// Options are the choices of a walk. The zero value reads everything with the
// default budget and no standard input.
type Options struct {
	Include   []string  // globs; empty means everything
	Exclude   []string  // globs; stronger than Include
	Budget    Budget    // zero fields mean the default
	Passwords []string  // tried in order on encrypted archives
	Stdin     io.Reader // read for the path "-"
	TempDir   string    // for large archives inside archives; empty means the system's
}

// Walk opens each path and calls visit for each stream in it, one after the
// other. What could not be read is returned, in the order it was met; the error
// is that of visit, of ctx, or of a bad glob.
func Walk(ctx context.Context, paths []string, opts Options, visit func(*Stream) error) ([]Skipped, error) {
	f, err := newFilter(opts.Include, opts.Exclude)
	if err != nil {
		return nil, err
	}
	opts.Budget = opts.Budget.withDefaults()
	w := &walker{
		ctx: ctx, opts: opts, filter: f, visit: visit,
		head: make([]byte, sniffBytes),
		temp: &tempStore{dir: opts.TempDir, limit: opts.Budget.MaxSpillBytes},
	}
	if len(paths) > 1 {
		w.seen = map[string]bool{}
	}
	defer w.close()
	for _, path := range paths {
		if err := w.path(path); err != nil {
			return w.skipped, err
		}
	}
	return w.skipped, nil
}

// A walker is the state of one Walk. Its methods return an error only when the
// walk has to end; everything else goes to skipped.
type walker struct {
	ctx     context.Context
	opts    Options
	filter  *filter
	visit   func(*Stream) error
	skipped []Skipped
	head    []byte          // buffer for the first bytes of a stream, one at a time
	seen    map[string]bool // paths on disk already read; nil for a single path
	warm    []*blob         // blobs kept loaded for late readers, oldest first
	pinned  []*blob         // unpacked from streams that open once, for the archives being walked
	held    []*blob         // unpacked from pipes, until the walk ends
	temp    *tempStore
}

// warmBlobs is how many archives stay open after their walk, for readers that
// lag behind it; more only costs them a second opening.
const warmBlobs = 4

func (w *walker) keepWarm(b *blob) {
	if b.acquire() != nil {
		return
	}
	w.warm = append(w.warm, b)
	if len(w.warm) > warmBlobs {
		w.warm[0].release()
		w.warm = append(w.warm[:0], w.warm[1:]...)
	}
}

func (w *walker) close() {
	for _, b := range append(w.warm, w.held...) {
		b.release()
	}
	w.temp.close()
}

// unpin drops what was unpacked since mark.
func (w *walker) unpin(mark int) {
	for _, b := range w.pinned[mark:] {
		b.release()
	}
	w.pinned = w.pinned[:mark]
}

// skip tells that path was not, or not fully, read because of err.
func (w *walker) skip(path string, err error) {
	e := asError(path, err)
	w.skipped = append(w.skipped, Skipped{Path: path, Err: e, Budget: e.Budget})
}

// note tells something about path that lost no content.
func (w *walker) note(path string, err error) {
	w.skipped = append(w.skipped, Skipped{Path: path, Err: asError(path, err), Note: true})
}

// enter looks at what o holds and gives it to visit, or walks into it.
func (w *walker) enter(o *origin) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	defer w.unpin(len(w.pinned))
	head, err := o.peek(w.head)
	if err != nil && len(head) == 0 {
		w.skip(o.path, err)
		return nil
	}
	look := sniff(head)
	if look.form == formNuls && err == nil {
		look = w.lookBeyondNuls(o, look)
	}
	if layer := look.form.layer(o.coded); layer > 0 && o.depth+layer > w.opts.Budget.MaxDepth {
		w.skip(o.path, budgetError(o.path, "depth", int64(w.opts.Budget.MaxDepth)))
		return nil
	}
	return w.expand(o, look)
}

// expand walks into o if it holds other streams, and else gives it to visit.
func (w *walker) expand(o *origin, look look) error {
	switch look.form {
	case formZip:
		return w.zip(o, look)
	case formSevenZip:
		return w.sevenZip(o)
	case formGzip, formZstd, formXz, formBzip2:
		return w.coding(o, look.form)
	case formTar:
		return w.tar(o)
	case formCompound:
		return w.compound(o, look)
	case formMail:
		return w.mail(o)
	case formMbox:
		return w.mbox(o)
	case formEvtx:
		return w.eventLog(o, look)
	}
	return w.give(o, look, item{})
}

// An item is what is known of the mail that a stream is the body of.
type item struct {
	subject, sender string
	submitted       time.Time
}

// give hands o to visit.
func (w *walker) give(o *origin, look look, it item) error {
	if look.kind.wantsRandomAccess() && o.at == nil {
		if err := w.makeRandom(o); err != nil {
			w.skip(o.path, err)
			return nil
		}
	}
	s := &Stream{
		Path: o.path, Base: o.base, Kind: look.kind, What: look.what, Note: o.note,
		Size: o.size, ModTime: o.modTime,
		ItemTime: it.submitted, Subject: it.subject, Sender: it.sender,
		Open: o.guarded(), Once: o.once,
	}
	if o.at != nil {
		s.ReaderAt = o.at.open
	}
	return w.visit(s)
}

// wantsRandomAccess tells whether nobody can do anything with a stream of this
// kind that can only be read from front to back.
func (k Kind) wantsRandomAccess() bool {
	return k == KindHive || k == KindStore
}

// errDecoder is what the panic of a third-party decoder is turned into.
var errDecoder = errors.New("the decoder of this format gave up")
