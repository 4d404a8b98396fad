package index

import (
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// A zipper packs and unpacks pieces of segments. It may be used from several
// goroutines at once.
type zipper struct {
	enc *zstd.Encoder
	dec *zstd.Decoder

	buffers sync.Pool // of *[]byte, so that a search over all blocks does not live on fresh memory
}

// maxPiece is the largest piece that is unpacked: sizes in a damaged file must not
// become memory.
const maxPiece = 1 << 30

// newZipper uses the fastest level: the next ones save 3 % of the size and take half as
// long again, since their tables do not fit the cache beside all else.
func newZipper(jobs int) (*zipper, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(jobs), zstd.WithEncoderCRC(false), zstd.WithWindowSize(512<<10), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, err
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(jobs), zstd.WithDecoderMaxMemory(maxPiece))
	return &zipper{enc: enc, dec: dec}, err
}

func (z *zipper) pack(b []byte) []byte { return z.enc.EncodeAll(b, nil) }

func (z *zipper) unpack(b []byte, size int) ([]byte, error) {
	return z.unpackInto(make([]byte, 0, min(size, blockBytes*2)), b)
}

func (z *zipper) unpackInto(buf, b []byte) ([]byte, error) {
	out, err := z.dec.DecodeAll(b, buf[:0])
	if err != nil {
		return nil, fmt.Errorf("unpack: %w: %w", err, errDamaged)
	}
	return out, nil
}

// buffer returns a buffer of at least n bytes, whose content does not matter.
func (z *zipper) buffer(n int) []byte {
	if b, ok := z.buffers.Get().(*[]byte); ok && cap(*b) >= n {
		return (*b)[:cap(*b)]
	}
	return make([]byte, max(n, blockBytes+blockBytes/4))
}

// recycle takes a buffer back that nobody looks at any more.
func (z *zipper) recycle(b []byte) {
	if cap(b) >= blockBytes {
		b = b[:cap(b)]
		z.buffers.Put(&b)
	}
}
