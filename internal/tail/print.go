package tail

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
)

const (
	// headBytes is how much of a file's head is hashed: more than a first line, so that
	// most logs differ, and little to read again at each change.
	headBytes = 1024

	// tailBytes is how much before the offset read so far is compared. It catches files
	// that were truncated and grew past the old end, whatever their head says.
	tailBytes = 256

	// sumBytes is how much of a SHA-256 is kept. Nobody attacks it: the logs are the
	// user's own.
	sumBytes = 16
)

// A head is the hash of the first bytes of a file.
type head struct {
	n   int // bytes hashed
	sum string
}

func hashOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:sumBytes])
}

// readHead hashes the first n bytes of a file; ok is false when it has fewer.
func readHead(f File, n int) (head, bool, error) {
	buf := make([]byte, n)
	got, err := readFull(f, buf, 0)
	if err != nil || got < n {
		return head{}, false, err
	}
	return head{n, hashOf(buf)}, true, nil
}

// readFull fills buf from off. Fewer bytes mean that the file ends there.
func readFull(f File, buf []byte, off int64) (int, error) {
	n, err := f.ReadAt(buf, off)
	if err == io.EOF {
		err = nil
	}
	return n, err
}

// holds reports whether a file has the bytes want before offset end.
func holds(f File, want []byte, end int64) (bool, error) {
	buf := make([]byte, len(want))
	n, err := readFull(f, buf, end-int64(len(want)))
	if err != nil || n < len(want) {
		return false, err
	}
	return bytes.Equal(buf, want), nil
}

// fits reports whether an open file is the one that f describes: it is at least as long
// as what was read, its head is equal and so are the bytes before the offset.
func (f *follow) fits(file File, size int64) (bool, error) {
	if size < f.read || size < f.size { // logs grow
		return false, nil
	}
	if f.head.n > 0 {
		h, ok, err := readHead(file, f.head.n)
		if err != nil || !ok || h != f.head {
			return false, err
		}
	}
	if f.restored {
		return f.fitsCheckpoint(file)
	}
	return holds(file, f.lastBytes(), f.read)
}

// fitsCheckpoint compares with the hash of a checkpoint, and keeps the bytes from then on.
func (f *follow) fitsCheckpoint(file File) (bool, error) {
	buf := make([]byte, f.tailLen)
	n, err := readFull(file, buf, f.read-int64(f.tailLen))
	if err != nil || n < len(buf) || n > 0 && hashOf(buf) != f.tailSum {
		return false, err
	}
	seen := make([]byte, f.readTailLen)
	n, err = readFull(file, seen, f.wasRead-int64(f.readTailLen))
	if err != nil || n < len(seen) || n > 0 && hashOf(seen) != f.readTailSum {
		return false, err
	}
	f.buf, f.base, f.restored = buf, f.read-int64(len(buf)), false
	return true, nil
}

// extendHead hashes more of the head while the file is short.
func (f *follow) extendHead(file File) error {
	n := int(min(headBytes, f.read))
	if n <= f.head.n {
		return nil
	}
	h, ok, err := readHead(file, n)
	if ok {
		f.head = h
	}
	return err
}

// lastBytes returns the bytes before the offset read so far, at most tailBytes.
func (f *follow) lastBytes() []byte {
	return f.buf[max(0, len(f.buf)-tailBytes):]
}
