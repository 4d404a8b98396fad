package index

import (
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// A zipper packs and unpacks pieces of segments. It may be used from several
// goroutines at once.
type zipper struct {
	enc  *zstd.Encoder
	more *zstd.Encoder // takes longer and packs better
	dec  *zstd.Decoder

	buffers sync.Pool // of *[]byte, so that a search over all blocks does not live on fresh memory
}

// maxPiece is the largest piece that is unpacked: sizes in a damaged file must not
// become memory.
const maxPiece = 1 << 30

func newZipper(jobs int) (*zipper, error) {
	enc, err := newEncoder(zstd.SpeedFastest, jobs)
	if err != nil {
		return nil, err
	}
	more, err := newEncoder(zstd.SpeedBetterCompression, jobs)
	if err != nil {
		return nil, err
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(jobs), zstd.WithDecoderMaxMemory(maxPiece))
	return &zipper{enc: enc, more: more, dec: dec}, err
}

func newEncoder(level zstd.EncoderLevel, jobs int) (*zstd.Encoder, error) {
	const window = 512 << 10 // bytes: a block at once
	return zstd.NewWriter(nil, zstd.WithEncoderLevel(level), zstd.WithEncoderConcurrency(jobs), zstd.WithEncoderCRC(false), zstd.WithWindowSize(window), zstd.WithLowerEncoderMem(true))
}

// packText packs the text of a block. Text full of random identifiers gains 3 % by a
// better level, which takes half as long again since its tables do not fit the cache
// beside all else; other text gains a fifth.
func (z *zipper) packText(b []byte) []byte {
	out := z.enc.EncodeAll(b, nil)
	const worth = 5 // times smaller
	if len(out)*worth < len(b) {
		out = z.more.EncodeAll(b, out[:0])
	}
	return out
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
	if n < blockBytes/16 { // of a small block: clearing a large buffer would cost more than reading it
		return make([]byte, n)
	}
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
