package pipeline

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"oxtail/parser"
)

// startsWithDigit is a splitter: lines that begin with a digit begin a record.
func startsWithDigit(line []byte) bool { return len(line) > 0 && isDigit(line[0]) }

// readChunks cuts a stream into chunks and joins them again.
func readChunks(t *testing.T, in io.Reader) (chunks []chunk, err error) {
	t.Helper()
	c := &chunker{in: in, starts: startsWithDigit, at: parser.Place{Line: 1}, free: make(chan []byte, 1)}
	for {
		ch, err := c.next()
		if err != nil {
			return chunks, err
		}
		chunks = append(chunks, chunk{ch.at, bytes.Clone(ch.raw)})
	}
}

func TestChunksBeginAtRecords(t *testing.T) {
	var log strings.Builder
	for log.Len() < 3*chunkBytes {
		log.WriteString("1 record\n  goes on\n  and on\n")
	}
	log.WriteString("2 the last has no line end")
	for name, in := range map[string]io.Reader{
		"whole": strings.NewReader(log.String()), "halves": iotest.HalfReader(strings.NewReader(log.String())),
		"data with EOF": iotest.DataErrReader(strings.NewReader(log.String())),
	} {
		chunks, err := readChunks(t, in)
		if !errors.Is(err, io.EOF) || len(chunks) < 2 {
			t.Fatalf("%s: %d chunks, %v; want several and EOF", name, len(chunks), err)
		}
		var joined []byte
		line := 1
		for i, c := range chunks {
			if c.at.Offset != int64(len(joined)) || c.at.Line != line || !startsWithDigit(c.raw) {
				t.Errorf("%s: chunk %d is at %d, line %d and begins %.9q; want %d, line %d, a record", name, i, c.at.Offset, c.at.Line, c.raw, len(joined), line)
			}
			joined = append(joined, c.raw...)
			line += bytes.Count(c.raw, []byte{'\n'})
		}
		if string(joined) != log.String() {
			t.Errorf("%s: the chunks do not give the log back", name)
		}
	}
}

func TestChunkerRefusesWhatIsNotRaw(t *testing.T) {
	cases := map[string]string{
		"NUL":            "1 a\n\x00\n" + strings.Repeat("1 b\n", chunkBytes/4),
		"endless record": "1 a\n" + strings.Repeat("  on and on\n", 2*maxChunkBytes/12),
	}
	for name, log := range cases {
		if _, err := readChunks(t, strings.NewReader(log)); !errors.Is(err, errNotRaw) {
			t.Errorf("%s: %v; want %v", name, err, errNotRaw)
		}
	}
}

// TestChunkerKeepsAnError: what was read before an error is handed out, then the error.
func TestChunkerKeepsAnError(t *testing.T) {
	cut := io.ErrUnexpectedEOF // of a compressed stream that was cut off: no end like any other
	chunks, err := readChunks(t, io.MultiReader(strings.NewReader("1 a\n2 b\n"), iotest.ErrReader(cut)))
	if !errors.Is(err, cut) || len(chunks) != 1 || string(chunks[0].raw) != "1 a\n2 b\n" {
		t.Errorf("chunks %v, error %v; want the two lines and %v", chunks, err, cut)
	}
}
