package indexing

import (
	"hash/crc32"
	"io"

	"oxtail/index"
	"oxtail/internal/source"
)

// packedAway finds the source whose content a compressed stream may hold: a log that was
// rotated and packed since. Its first bytes must be those of the stream; whether the rest
// is, a tailReader tells.
func (a *adder) packedAway(st *source.Stream, head []byte) (index.Source, bool) {
	if st.ReaderAt != nil && st.Path == st.Base {
		return index.Source{}, false // see moved
	}
	for _, old := range a.away() {
		if n := old.HeadLen; n > 0 && n <= len(head) && old.TailLen > 0 && old.Path != st.Path && !old.Whole && a.w.Has(old.ID, old.Path) &&
			crc32.ChecksumIEEE(head[:n]) == old.HeadSum {
			return old, true
		}
	}
	return index.Source{}, false
}

// A tailReader notices when the bytes that pass are those that stood at the end of a
// source when it was read.
type tailReader struct {
	in    io.Reader
	at    int64 // bytes that passed
	from  int64 // where the tail begins; from == to when nothing is looked for
	to    int64
	sum   uint32 // of the tail so far
	want  uint32
	found bool
}

// watch begins to look for the tail of a source; passed are all bytes so far.
func (t *tailReader) watch(s index.Source, passed []byte) {
	t.from, t.to, t.want = s.Done-int64(s.TailLen), s.Done, s.TailSum
	t.at = 0
	t.see(passed)
}

// see takes the bytes that pass.
func (t *tailReader) see(b []byte) {
	from, to := max(t.at, t.from), min(t.at+int64(len(b)), t.to)
	if from < to {
		t.sum = crc32.Update(t.sum, crc32.IEEETable, b[from-t.at:to-t.at])
		t.found = to == t.to && t.sum == t.want
	}
	t.at += int64(len(b))
}

// Read implements io.Reader.
func (t *tailReader) Read(b []byte) (int, error) {
	n, err := t.in.Read(b)
	t.see(b[:n])
	return n, err
}
