package source

import (
	"bufio"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

const (
	// windowBytes is the largest history that a decompressor may keep: that of
	// zstd --long and above that of xz -9. A larger one is refused, for it is
	// allocated before the first byte comes out.
	windowBytes = 128 << 20

	// decodeBufferBytes is read at a time from a compressed file.
	decodeBufferBytes = 64 << 10
)

// coding reads a compressed file. It has one content and no names, so the
// stream in it keeps the path of the file.
func (w *walker) coding(o *origin, f form) error {
	if !o.led.member() {
		w.skip(o.path, budgetError(o.path, "members", int64(w.opts.Budget.MaxMembers)))
		return nil
	}
	inner := *o
	inner.size, inner.at = -1, nil
	inner.depth, inner.coded = o.depth+1, true
	outer, t := o.open, &tally{}
	inner.open = func() (io.ReadCloser, error) {
		rc, err := outer()
		if err != nil {
			return nil, err
		}
		d, err := decompressor(f, rc)
		if err != nil {
			return nil, errors.Join(asError(o.path, err), rc.Close())
		}
		return &joined{
			Reader: &meteredReader{r: d, led: o.led, t: t, path: o.path},
			c:      closers{d, rc},
		}, nil
	}
	return w.enter(&inner)
}

// closers closes several things, the last error wins nothing: all were read-only.
type closers []io.Closer

func (c closers) Close() error {
	var errs []error
	for _, closer := range c {
		errs = append(errs, closer.Close())
	}
	return errors.Join(errs...)
}

// decompressor returns a reader of what r holds in compressed form.
func decompressor(f form, r io.Reader) (rc io.ReadCloser, err error) {
	in := bufio.NewReaderSize(r, decodeBufferBytes)
	err = guard(func() error {
		var err error
		rc, err = newDecompressor(f, in)
		return err
	})
	if err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	return &joined{Reader: guardedReader{rc}, c: rc}, nil
}

func newDecompressor(f form, in *bufio.Reader) (io.ReadCloser, error) {
	switch f {
	case formGzip:
		d, err := gzip.NewReader(in)
		if err != nil {
			return nil, err
		}
		d.Multistream(false)
		return &gzipReader{d: d, in: in}, nil
	case formBzip2:
		return io.NopCloser(bzip2.NewReader(in)), nil
	case formXz:
		if err := checkXzWindow(in); err != nil {
			return nil, err
		}
		d, err := xz.NewReader(in)
		return io.NopCloser(d), err
	case formZstd:
		d, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(windowBytes))
		if err != nil {
			return nil, err
		}
		return d.IOReadCloser(), nil
	}
	panic(fmt.Sprintf("BUG: no decompressor for form %d", f))
}

// A gzipReader reads the members of a gzip file one after the other and stops at
// padding of NULs behind them, which is none of the content.
type gzipReader struct {
	d  *gzip.Reader
	in *bufio.Reader
}

func (g *gzipReader) Read(p []byte) (int, error) {
	n, err := g.d.Read(p)
	if err != io.EOF {
		return n, err
	}
	if n > 0 {
		return n, nil // the end comes again
	}
	next, err := g.in.Peek(1)
	if len(next) == 0 {
		return 0, err
	}
	if next[0] == 0 {
		return 0, g.padding()
	}
	if err := g.d.Reset(g.in); err == io.EOF {
		return 0, io.ErrUnexpectedEOF
	} else if err != nil {
		return 0, err
	}
	g.d.Multistream(false)
	return 0, nil
}

// padding returns io.EOF if nothing but NULs follows.
func (g *gzipReader) padding() error {
	for {
		b, err := g.in.ReadByte()
		if err != nil {
			return err
		}
		if b != 0 {
			return errors.New("something that is not gzip follows the compressed content")
		}
	}
}

func (g *gzipReader) Close() error { return g.d.Close() }

// inflate returns a reader of what deflate has written.
func inflate(r io.Reader) io.ReadCloser { return flate.NewReader(r) }

// Layout of the head of an xz file: stream header, then the first block header.
const (
	xzStreamHeaderBytes = 12
	xzHeadBytes         = xzStreamHeaderBytes + 1024 // the longest block header
	xzFilterLZMA2       = 0x21
	xzMaxDictCode       = 40
)

// checkXzWindow refuses an xz file whose first block wants too large a history.
// Only the usual form is understood, the decoder complains about all others.
func checkXzWindow(in *bufio.Reader) error {
	head, _ := in.Peek(xzHeadBytes)
	at := xzStreamHeaderBytes
	if len(head) < at+2 || head[at] == 0 {
		return nil
	}
	flags := head[at+1]
	at += 2
	for _, present := range []bool{flags&0x40 != 0, flags&0x80 != 0} { // sizes, each a multibyte integer
		for present && at < len(head) {
			at++
			present = head[at-1]&0x80 != 0
		}
	}
	if at+2 >= len(head) || head[at] != xzFilterLZMA2 || head[at+1] != 1 {
		return nil
	}
	code := head[at+2]
	if code > xzMaxDictCode {
		return nil
	}
	if window := int64(2|code&1) << (code/2 + 11); window > windowBytes {
		return unsupported("", fmt.Sprintf("wants %s of history, more than the limit of %s", byteSize(window), byteSize(windowBytes)),
			"unpack it and name the unpacked file")
	}
	return nil
}
