package indexing

import (
	"crypto/sha256"
	"encoding/hex"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"time"

	"oxtail/index"
	"oxtail/internal/source"
)

// markBytes is how much of the head and of the end of what was read is remembered,
// to tell a grown file from a replaced one.
const markBytes = 4 << 10

// An identity is what the file system says of the file that holds a stream.
type identity struct {
	size int64
	time time.Time
	ok   bool
}

func identify(st *source.Stream) identity {
	info, err := os.Stat(st.Base)
	if err != nil || !info.Mode().IsRegular() {
		return identity{}
	}
	return identity{info.Size(), info.ModTime().UTC(), true}
}

// same reports whether the file is as it was when the source was read.
func (id identity) same(s index.Source) bool {
	return id.ok && s.BaseSize == id.size && s.BaseTime.Equal(id.time)
}

// sourceID follows from the first bytes of a stream: it survives a new name.
func sourceID(head []byte) string {
	sum := sha256.Sum256(head)
	const idBytes = 5
	return hex.EncodeToString(sum[:idBytes])
}

// sumAt returns the checksum of a part of a stream.
func sumAt(in io.ReaderAt, at int64, n int) (uint32, bool) {
	buf := make([]byte, n)
	if got, _ := in.ReadAt(buf, at); got != n {
		return 0, false
	}
	return crc32.ChecksumIEEE(buf), true
}

// mark remembers the head of a source and the end of what was read.
func mark(st *source.Stream, s *index.Source) {
	if st.ReaderAt == nil || st.Path != st.Base {
		return
	}
	in, closer, err := st.ReaderAt()
	if err != nil {
		return // it will be read as a whole next time
	}
	defer closer.Close()
	n := int(min(s.Done, markBytes))
	head, ok := sumAt(in, 0, n)
	tail, also := sumAt(in, s.Done-int64(n), n)
	if ok && also {
		s.HeadLen, s.HeadSum, s.TailLen, s.TailSum = n, head, n, tail
	}
}

// continues reports whether a stream begins with what the index has of it, and goes on.
func (a *adder) continues(st *source.Stream, old index.Source) bool {
	return !st.Once && !old.Decoded && !old.Whole && len(old.Extents) > 0 && old.Complete && st.Size > old.Done && begins(st, old)
}

// touched reports whether a stream is what the index has of it, although its file has
// another time, or was followed and has none in the index.
func (a *adder) touched(st *source.Stream, old index.Source) bool {
	return !st.Once && !old.Whole && old.Complete && st.Size == old.Done && begins(st, old)
}

// begins reports whether a stream begins with what the index has of a source, as far as
// the marks of it tell.
func begins(st *source.Stream, old index.Source) bool {
	if st.ReaderAt == nil || st.Path != st.Base || old.HeadLen == 0 || old.TailLen == 0 || st.Size < old.Done {
		return false
	}
	in, closer, err := st.ReaderAt()
	if err != nil {
		return false
	}
	defer closer.Close()
	head, ok := sumAt(in, 0, old.HeadLen)
	tail, also := sumAt(in, old.Done-int64(old.TailLen), old.TailLen)
	return ok && also && head == old.HeadSum && tail == old.TailSum
}

// spelled returns the source whose file is the one at a path, under another spelling:
// from another folder, or whole. Only files of the same name are asked for.
func spelled(w *index.Writer, path string) (index.Source, bool) {
	var info os.FileInfo
	for _, s := range w.Sources() {
		if s.Past || s.Path != s.Base || s.Path == path || filepath.Base(s.Path) != filepath.Base(path) {
			continue
		}
		if info == nil {
			var err error
			if info, err = os.Stat(path); err != nil {
				return index.Source{}, false
			}
		}
		if other, err := os.Stat(s.Base); err == nil && os.SameFile(info, other) {
			return s, true
		}
	}
	return index.Source{}, false
}
