package cli

import (
	"context"
	"io"
	"sync"
)

// stdinChunk is how much is read from standard input at a time, in bytes.
const stdinChunk = 64 << 10

// interruptible returns a reader of r whose Read returns when ctx ends, although the
// read below it goes on: a pipe that nobody writes to cannot be woken. What was not
// asked for before that is lost with the process.
func interruptible(ctx context.Context, r io.Reader) io.Reader {
	return &interruptibleReader{ctx: ctx, in: r, chunks: make(chan chunk)}
}

type interruptibleReader struct {
	ctx    context.Context
	in     io.Reader
	once   sync.Once
	chunks chan chunk
	rest   []byte
	err    error
}

type chunk struct {
	data []byte
	err  error
}

// Read implements io.Reader.
func (r *interruptibleReader) Read(p []byte) (int, error) {
	r.once.Do(func() { go r.pump() })
	for len(r.rest) == 0 {
		if r.err != nil {
			return 0, r.err
		}
		select {
		case <-r.ctx.Done():
			return 0, r.ctx.Err()
		case c := <-r.chunks:
			r.rest, r.err = c.data, c.err
		}
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// pump reads until the end, an error, or the end of ctx.
func (r *interruptibleReader) pump() {
	for {
		buf := make([]byte, stdinChunk)
		n, err := r.in.Read(buf)
		select {
		case r.chunks <- chunk{buf[:n], err}:
		case <-r.ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}
