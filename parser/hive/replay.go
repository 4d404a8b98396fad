package hive

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
)

// Replayed says what the transaction logs changed.
type Replayed struct {
	Format  string `json:"format,omitempty"` // "HvLE", "DIRT"; "" if nothing was applied
	Entries int    `json:"entries"`          // log entries applied; a DIRT log is one
	Pages   int    `json:"pages"`            // pages written
	// First and Last are the sequence numbers of the entries applied.
	First uint32 `json:"first,omitempty"`
	Last  uint32 `json:"last,omitempty"`
}

// Layout of a log entry, in bytes.
const (
	entryHeadBytes = 40
	pageRefBytes   = 8
	hashedHead     = 32 // bytes of the head that the second hash covers
)

// maxGrowth bounds how far log entries may grow a hive beyond what the files
// hold, so that one forged number cannot ask for gigabytes.
const maxGrowth = 64 << 20 // bytes

// entry is one HvLE log entry with its hashes checked.
type entry struct {
	sequence  uint32
	binsBytes uint32
	pages     []page
}

// page is one piece of the hive bins to be written.
type page struct {
	offset int // from the start of the hive bins
	data   []byte
}

// logRun is the valid entries of one log with consecutive sequence numbers.
type logRun struct {
	entries []entry
	ended   string // why the run ended early; "" at a clean end
}

// replay applies the logs to a dirty hive. It works on a copy of h.data.
func (h *Hive) replay(logs [][]byte) {
	h.recoverBase(logs)
	var runs []logRun
	for i, log := range logs {
		if len(log) == 0 {
			continue // an empty .LOG beside .LOG1 and .LOG2 is normal
		}
		head, err := readBase(log)
		switch {
		case err != nil:
			h.problem(0, fmt.Sprintf("log %d: %v", i+1, err))
		case !head.checksumOK:
			h.problem(0, fmt.Sprintf("log %d: checksum of its base block is wrong; not applied", i+1))
		case head.kind == typeLogNew:
			runs = append(runs, h.readRun(i, log))
		case head.kind == typeLogOld || head.kind == typeLogAlt:
			h.applyDirt(i, log, head)
		default:
			h.problem(0, fmt.Sprintf("log %d: file type %d is no transaction log", i+1, head.kind))
		}
	}
	h.applyRuns(runs)
}

// readRun reads the entries of one log that continue the hive.
func (h *Hive) readRun(index int, log []byte) logRun {
	var run logRun
	for pos := sectorBytes; pos < len(log); {
		e, size, err := readEntry(log[pos:])
		if err != nil {
			run.ended = fmt.Sprintf("log %d, offset %d: %v", index+1, pos, err)
			break
		}
		if size == 0 {
			break
		}
		pos += size
		if e.sequence < h.base.sequence2 {
			continue // applied long ago; logs are written in a circle
		}
		if n := len(run.entries); n > 0 && e.sequence != run.entries[n-1].sequence+1 {
			break // left over from an earlier round
		}
		run.entries = append(run.entries, e)
	}
	return run
}

// recoverBase replaces a damaged base block by the copy in the oldest log.
func (h *Hive) recoverBase(logs [][]byte) {
	if h.base.checksumOK {
		return
	}
	for _, log := range logs {
		head, err := readBase(log)
		if err != nil || !head.checksumOK || head.kind == typePrimary {
			continue
		}
		if !h.base.checksumOK || head.sequence2 < h.base.sequence2 {
			h.base = head
		}
	}
	if h.base.checksumOK {
		h.problem(0, "base block is damaged; the copy in the log was used")
	}
}

// readEntry reads one entry. size is 0 where no entry begins.
func readEntry(data []byte) (e entry, size int, err error) {
	if len(data) < entryHeadBytes || string(data[:4]) != "HvLE" {
		return entry{}, 0, nil
	}
	at := func(pos int) uint32 { return binary.LittleEndian.Uint32(data[pos:]) }
	bytes := uint64(at(4))
	switch {
	case bytes < sectorBytes || bytes%sectorBytes != 0:
		return entry{}, 0, fmt.Errorf("log entry of impossible size %d", bytes)
	case bytes > uint64(len(data)):
		return entry{}, 0, fmt.Errorf("log entry is cut: %d of %d bytes", len(data), bytes)
	case at(16)%binAlign != 0:
		return entry{}, 0, fmt.Errorf("log entry gives the hive an impossible size of %d bytes", at(16))
	}
	data = data[:bytes]
	if marvin32(data[entryHeadBytes:]) != binary.LittleEndian.Uint64(data[24:]) ||
		marvin32(data[:hashedHead]) != binary.LittleEndian.Uint64(data[32:]) {
		return entry{}, 0, fmt.Errorf("hash of log entry %d is wrong", at(12))
	}
	e = entry{sequence: at(12), binsBytes: at(16)}
	e.pages, err = readPages(data, int(at(20)))
	return e, int(bytes), err
}

// readPages cuts the pages of an entry.
func readPages(data []byte, count int) ([]page, error) {
	pos := entryHeadBytes + count*pageRefBytes
	if count < 0 || count > len(data)/pageRefBytes || pos > len(data) {
		return nil, fmt.Errorf("%d page references do not fit a log entry of %d bytes", count, len(data))
	}
	pages := make([]page, 0, count)
	for i := range count {
		ref := data[entryHeadBytes+i*pageRefBytes:]
		offset, size := binary.LittleEndian.Uint32(ref), binary.LittleEndian.Uint32(ref[4:])
		if uint64(size) > uint64(len(data)-pos) {
			return nil, fmt.Errorf("page %d of a log entry is cut", i+1)
		}
		pages = append(pages, page{int(offset), data[pos : pos+int(size)]})
		pos += int(size)
	}
	return pages, nil
}

// applyRuns applies the runs of all logs, the one with the earliest entry
// first; a run that does not continue the one before it is not applied.
func (h *Hive) applyRuns(runs []logRun) {
	slices.SortStableFunc(runs, func(a, b logRun) int { return int(int64(firstSequence(a)) - int64(firstSequence(b))) })
	for _, run := range runs {
		if len(run.entries) == 0 {
			if run.ended != "" {
				h.problem(0, run.ended)
			}
			continue
		}
		first := run.entries[0].sequence
		if h.Replayed.Entries > 0 && first != h.Replayed.Last+1 {
			h.problem(0, fmt.Sprintf("log entries %d to %d are missing; entries from %d on were not applied", h.Replayed.Last+1, first-1, first))
			return
		}
		if !h.applyRun(run) {
			return
		}
		if run.ended != "" {
			h.problem(0, run.ended+"; later entries were not applied")
			return
		}
	}
}

// firstSequence sorts empty runs last.
func firstSequence(run logRun) uint32 {
	if len(run.entries) == 0 {
		return 1<<32 - 1
	}
	return run.entries[0].sequence
}

// applyRun applies entries until one does not fit.
func (h *Hive) applyRun(run logRun) bool {
	for _, e := range run.entries {
		if err := h.applyEntry(e); err != nil {
			h.problem(0, fmt.Sprintf("log entry %d: %v; it and later ones were not applied", e.sequence, err))
			return false
		}
		if h.Replayed.Entries == 0 {
			h.Replayed.First = e.sequence
		}
		h.Replayed.Format = "HvLE"
		h.Replayed.Entries++
		h.Replayed.Pages += len(e.pages)
		h.Replayed.Last = e.sequence
	}
	return true
}

// applyEntry writes the pages of one entry, after all of them were checked.
func (h *Hive) applyEntry(e entry) error {
	limit := min(uint64(len(h.data))+maxGrowth, maxHiveBytes)
	if baseBytes+uint64(e.binsBytes) > limit {
		return fmt.Errorf("hive would grow to %d bytes", e.binsBytes)
	}
	for _, page := range e.pages {
		if uint64(page.offset)+uint64(len(page.data)) > uint64(e.binsBytes) {
			return fmt.Errorf("page at %d lies beyond the hive's %d bytes", page.offset, e.binsBytes)
		}
	}
	h.ownData()
	h.grow(baseBytes + int(e.binsBytes))
	for _, page := range e.pages {
		copy(h.data[baseBytes+page.offset:], page.data)
	}
	h.base.binsBytes = e.binsBytes
	return nil
}

// ownData copies the caller's bytes before the first change.
func (h *Hive) ownData() {
	if !h.owned {
		h.data = append(make([]byte, 0, len(h.data)+binAlign), h.data...)
		h.owned = true
	}
}

// grow lengthens the hive with zeros.
func (h *Hive) grow(size int) {
	if size > len(h.data) {
		h.data = append(h.data, make([]byte, size-len(h.data))...)
	}
}

// applyDirt applies a log of the format up to Windows 8: a bitmap of the
// 512-byte pages of the hive bins, then the pages. Such a log has no hash; it
// belongs to the hive when both carry the same time of writing.
func (h *Hive) applyDirt(index int, log []byte, head base) {
	start := sectorBytes + 4
	bitmapBytes := (int64(head.binsBytes) + sectorBytes*8 - 1) / (sectorBytes * 8)
	switch {
	case len(log) < start || string(log[sectorBytes:start]) != "DIRT":
		h.problem(0, fmt.Sprintf("log %d: neither HvLE nor DIRT", index+1))
		return
	case head.sequence1 != head.sequence2 || head.written != h.base.written:
		h.problem(0, fmt.Sprintf("log %d: DIRT log of another state of the hive; not applied", index+1))
		return
	case bitmapBytes > int64(len(log)-start) || h.Replayed.Entries > 0:
		h.problem(0, fmt.Sprintf("log %d: DIRT log is cut or a second one; not applied", index+1))
		return
	}
	pages, err := dirtPages(log, log[start:start+int(bitmapBytes)])
	if err == nil {
		err = h.applyEntry(entry{binsBytes: head.binsBytes, pages: pages})
	}
	if err != nil {
		h.problem(0, fmt.Sprintf("log %d: %v; not applied", index+1, err))
		return
	}
	h.Replayed = Replayed{Format: "DIRT", Entries: 1, Pages: len(pages), First: head.sequence1, Last: head.sequence1}
}

// dirtPages cuts the pages that the bitmap announces.
func dirtPages(log, bitmap []byte) ([]page, error) {
	pos := sectorBytes + (4+len(bitmap)+sectorBytes-1)/sectorBytes*sectorBytes
	var pages []page
	for i, marks := range bitmap {
		for ; marks != 0; marks &= marks - 1 {
			if pos+sectorBytes > len(log) {
				return nil, fmt.Errorf("DIRT log is cut after %d pages", len(pages))
			}
			offset := (i*8 + bits.TrailingZeros8(marks)) * sectorBytes
			pages = append(pages, page{offset, log[pos : pos+sectorBytes]})
			pos += sectorBytes
		}
	}
	return pages, nil
}
