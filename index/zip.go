package index

import (
	"fmt"

	"github.com/klauspost/compress/zstd"
)

// A zipper packs and unpacks pieces of segments. It may be used from several
// goroutines at once.
type zipper struct {
	enc *zstd.Encoder
	dec *zstd.Decoder
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
	return &zipper{enc, dec}, err
}

func (z *zipper) pack(b []byte) []byte { return z.enc.EncodeAll(b, nil) }

func (z *zipper) unpack(b []byte, size int) ([]byte, error) {
	out, err := z.dec.DecodeAll(b, make([]byte, 0, min(size, blockBytes*2)))
	if err != nil {
		return nil, fmt.Errorf("unpack: %w: %w", err, errDamaged)
	}
	return out, nil
}
