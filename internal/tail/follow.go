package tail

import (
	"bytes"
	"fmt"
	"time"
)

const (
	// pieceBytes is the size of one read.
	pieceBytes = 256 << 10

	// pollBytes is how much of one file is read in one poll, so that a large file does
	// not keep the others waiting.
	pollBytes = 8 << 20

	// MaxPending is how many bytes a consumer may leave unsettled: an entry of a
	// megabyte and a line of several are below it.
	MaxPending = 16 << 20

	// minNul is the shortest run of NUL bytes that is taken for a gap. Text in UTF-16
	// has no two characters of which all bytes are NUL.
	minNul = 16
)

// A follow is one generation of a file: the content between two truncations.
type follow struct {
	id      FileID
	gen     int    // how often the content of the id was replaced
	name    string // source: the path under which it was met
	path    string // where it stands now, as far as known
	live    bool   // its path is in the pattern
	seen    bool   // met in this poll
	handle  File   // held open between polls, nil if not
	standIn File   // a copy that is read instead, nil if none

	head            head
	buf             []byte // bytes [base, read)
	base            int64
	settled         int64
	read            int64
	nulFrom         int64 // start of a run of NUL bytes that goes on at next; -1: none
	next            int64 // offset of the next byte to read: read, or behind the NUL bytes
	restored        bool  // buf is empty; tailLen and tailSum tell what stands before read
	tailLen         int
	tailSum         string
	wasRead         int64 // before the restart; settled lies before it
	readTailLen     int
	readTailSum     string
	size            int64 // at the last look
	mod             time.Time
	changed         time.Time // by our clock: when it last grew or changed
	idled           bool      // what is pending was offered as idle
	calmed          bool      // the same, as calm
	accepted        bool      // its content is for us
	missing         int       // polls in a row in which it was not found
	ended           bool      // the consumer was told that nothing follows
	departed        time.Time // by our clock: when it left the pattern
	trouble         time.Time // since when it cannot be opened
	troubled        int       // index of the ledger's entry + 1
	retry           time.Time // no attempt before
	quickSize       int64     // size and time at the last look that found nothing to do
	quickMod        time.Time
	stateOf         *FileState // saved form, nil when it has changed
	stateSettled    int64
	skippedToOffset int64 // where it was begun; 0 for the start
}

// key names a generation for ever: no two contents share it.
func (f *follow) key() string { return keyOf(f.id, f.gen) }

func keyOf(id FileID, gen int) string { return fmt.Sprintf("%x-%x-%d", id.Volume, id.Index, gen) }

// pending returns the bytes that were read and not settled.
func (f *follow) pending() []byte { return f.buf[f.settled-f.base:] }

// settle takes n pending bytes for done.
func (f *follow) settle(n int) {
	f.settled += int64(n)
	drop := f.settled - tailBytes - f.base
	if drop <= 0 {
		return
	}
	rest := f.buf[drop:]
	if len(rest) < cap(f.buf)/4 && cap(f.buf) > 4*tailBytes {
		f.buf = append(make([]byte, 0, len(rest)), rest...)
	} else {
		f.buf = append(f.buf[:0], rest...)
	}
	f.base += drop
}

// restart begins the content of the file at its start, as another generation.
func (f *follow) restart() {
	f.gen++
	f.head = head{}
	f.buf, f.base, f.settled, f.read, f.next = nil, 0, 0, 0, 0
	f.nulFrom, f.restored, f.idled, f.calmed, f.ended, f.accepted = -1, false, false, false, false, false
	f.stateOf, f.size, f.skippedToOffset = nil, 0, 0
	if f.live {
		f.name = f.path
	}
}

// beginAt makes the follow start behind the first bytes of the file.
func (f *follow) beginAt(file File, offset int64) error {
	buf := make([]byte, min(offset, tailBytes))
	n, err := readFull(file, buf, offset-int64(len(buf)))
	if err != nil || n < len(buf) {
		return fmt.Errorf("read %s before byte %d: %w", f.path, offset, orShort(err))
	}
	f.buf, f.base = buf, offset-int64(len(buf))
	f.settled, f.read, f.next, f.skippedToOffset = offset, offset, offset, offset
	f.accepted = true
	return f.extendHead(file)
}

// take adds what was read at next. It returns the gap of NUL bytes that data ended, if
// it did: what is pending must be handed out before the rest of data is taken.
func (f *follow) take(data []byte) (rest []byte, gap *Loss) {
	if f.nulFrom >= 0 {
		return f.takeInNul(data)
	}
	before := min(minNul-1, zerosAtEnd(f.pending()))
	if m := len(data) - len(bytes.TrimLeft(data, "\x00")); m > 0 && before+m >= minNul {
		f.buf = f.buf[:len(f.buf)-before]
		f.read -= int64(before)
		f.nulFrom = f.read
		return data, nil
	}
	at := bytes.Index(data, make([]byte, minNul))
	if at < 0 {
		at = len(data)
	}
	f.buf = append(f.buf, data[:at]...)
	f.read += int64(at)
	f.next = f.read
	if at == len(data) {
		return nil, nil
	}
	f.nulFrom = f.read
	return data[at:], nil
}

func zerosAtEnd(b []byte) int { return len(b) - len(bytes.TrimRight(b, "\x00")) }

// takeInNul goes on in a run of NUL bytes.
func (f *follow) takeInNul(data []byte) (rest []byte, gap *Loss) {
	text := bytes.TrimLeft(data, "\x00")
	f.next += int64(len(data) - len(text))
	if len(text) == 0 {
		return nil, nil
	}
	from, end := f.nulFrom, f.next
	f.nulFrom = -1
	from, end, text = f.alignUTF16(from, end, data, text)
	return text, &Loss{From: from, To: end, Why: WhyNul}
}

// alignUTF16 gives the NUL byte at either end of a gap back to the character in UTF-16
// that it belongs to.
func (f *follow) alignUTF16(from, end int64, data, text []byte) (int64, int64, []byte) {
	if n := len(f.buf); n >= 2 && f.buf[n-2] == 0 && f.buf[n-1] != 0 && from%2 == 1 {
		f.buf = append(f.buf, 0)
		f.read++
		from++
	}
	if end%2 == 1 && len(text) > 1 && text[1] == 0 && len(text) < len(data) {
		text = data[len(data)-len(text)-1:]
		end--
	}
	return from, end, text
}

// skipTo goes on behind a gap of NUL bytes. What was before it is handed out.
func (f *follow) skipTo(end int64) {
	before := f.lastBytes()
	zeros := min(tailBytes, end-f.read)
	before = before[max(0, len(before)+int(zeros)-tailBytes):]
	f.buf = append(append(make([]byte, 0, tailBytes), before...), make([]byte, zeros)...)
	f.base, f.settled, f.read, f.next = end-int64(len(f.buf)), end, end, end
}

// quiet reports whether nothing has changed since the last look that found nothing to
// do, and the last change is long enough ago for the time stamp to have moved on.
func (f *follow) quiet(info Info, now time.Time) bool {
	return f.read == f.settled && f.quickSize == info.Size && f.quickMod.Equal(info.ModTime) && info.Size == f.next &&
		!f.restored && now.Sub(f.changed) >= racyAfter
}

// racyAfter is how long after a change a file is compared although size and time are
// the same: time stamps of file systems may be two seconds coarse.
const racyAfter = 3 * time.Second

func orShort(err error) error {
	if err == nil {
		return errShort
	}
	return err
}
