package evtx

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"oxtail/parser/evtx/evtxtest"
)

// FuzzLog damages one chunk of a built log. Its checksums are mended, else nothing
// would come of most mutations.
func FuzzLog(f *testing.F) {
	seeds := [][]byte{
		evtxtest.Chunk(alerts(1, 2)),
		evtxtest.Chunk([]evtxtest.Event{plain(1), alert(2), plain(3)}),
		bomb(2, 2, 3), // the large ones of TestBombs take too long for a fuzzer
	}
	for _, s := range seeds {
		f.Add(bytes.TrimRight(s, "\x00"))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		log := evtxtest.Log([]evtxtest.Event{})
		chunk := log[evtxtest.HeaderBytes:]
		copy(chunk, b)
		evtxtest.Seal(chunk)
		before := bytes.Clone(log)
		check(t, log)
		if !bytes.Equal(before, log) {
			t.Error("the log was changed")
		}
	})
}

// check reads a log and holds it against the promises of the package.
func check(t *testing.T, log []byte) {
	t.Helper()
	l, err := Open(bytes.NewReader(log), int64(len(log)))
	if err != nil {
		if !errors.Is(err, ErrNotALog) {
			t.Fatalf("Open = %v", err)
		}
		return
	}
	total, end := 0, int64(0)
	for {
		e, err := l.Next()
		if err != nil {
			var damage *Damage
			if err != io.EOF && !errors.As(err, &damage) {
				t.Fatalf("Next = %v", err)
			}
			break
		}
		if e.Offset < end || e.Offset+int64(e.Length) > int64(len(log)) {
			t.Fatalf("event at %d, length %d; the one before ends at %d, the log at %d", e.Offset, e.Length, end, len(log))
		}
		end = e.Offset + int64(e.Length)
		if err := checkXML(e.XML); err != nil || !isEvent(e.XML) {
			t.Fatalf("record %d (problem %q) is no XML: %v\n%.2000q", e.ID, e.Problem, err, e.XML)
		}
		total += len(e.XML)
	}
	if most := maxChunkText + maxEventBytes + len(log)*4; total > most {
		t.Fatalf("%d bytes of text, limit %d", total, most)
	}
}
