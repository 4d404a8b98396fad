package apply

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"oxtail/actions"
)

// JournalSchema names the JSON form of an Entry.
const JournalSchema = "oxtail.journal/v1"

// Names of the journal's files, in the folder of the machine's state.
const (
	journalName = "journal.jsonl"
	headsName   = "journal.heads" // number and hash of every entry: shows when the end of the journal is cut off
)

// maxJournal bounds how much of a journal is read. A run writes about 40 KB.
const maxJournal = 64 << 20 // bytes

// An Entry is one line of the journal. Each names the hash of the one before it.
type Entry struct {
	Schema   string         `json:"schema"`
	Number   int            `json:"number"` // from 1
	Time     time.Time      `json:"time"`
	Run      string         `json:"run"`
	Event    Event          `json:"event"`
	User     string         `json:"user"`
	SID      string         `json:"sid,omitempty"`
	Computer string         `json:"computer"`
	Tool     string         `json:"tool"`
	Step     string         `json:"step,omitempty"`
	Op       *Op            `json:"op,omitempty"`
	State    State          `json:"state,omitempty"`
	Before   []string       `json:"before,omitempty"`
	After    []string       `json:"after,omitempty"`
	Text     string         `json:"text,omitempty"`
	Error    string         `json:"error,omitempty"`
	Plan     *actions.Plan  `json:"plan,omitempty"`    // of run-begin
	Choices  *Choices       `json:"choices,omitempty"` // of run-begin
	Torn     string         `json:"torn,omitempty"`    // of recovered: hash of the torn line before it
	Values   map[string]any `json:"values,omitempty"`  // facts that a resumed run needs
	Previous string         `json:"previous"`          // hash of the entry before, "" for the first
	Hash     string         `json:"hash"`              // of this entry without Hash
}

// An Event says what an entry is about.
type Event string

// The events.
const (
	EventRunBegin  Event = "run-begin"
	EventRunEnd    Event = "run-end"
	EventResume    Event = "resume"
	EventStepBegin Event = "step-begin"
	EventStepEnd   Event = "step-end"
	EventOpBegin   Event = "op-begin"
	EventOpEnd     Event = "op-end"
	EventUndo      Event = "undo"      // an operation was undone, or could not be
	EventRecovered Event = "recovered" // the line before was torn by a crash
	EventPrune     Event = "prune"
)

// ErrTampered says that the journal was changed by somebody else than this program.
var ErrTampered = errors.New("the journal was changed")

// A Journal is the journal of a machine, open for appending.
type Journal struct {
	m     Machine
	who   Identity
	tool  string
	last  Entry  // the zero value before the first
	head  string // what the next line of the list of heads begins with: a line end after a torn one
	heads int64  // bytes of the list of heads: when it has others, somebody else writes, too
	fresh string
	bad   error // the first error of writing; nothing is written after it
}

// hashOf is the checksum of an entry.
func hashOf(e Entry) (string, error) {
	e.Hash = ""
	data, err := json.Marshal(&e)
	if err != nil {
		return "", fmt.Errorf("journal: %w", err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}

// OpenJournal opens the journal of the machine and checks all of it. A line that a
// crash tore is made a line of its own and noted.
func OpenJournal(ctx context.Context, m Machine, who Identity, tool string) (*Journal, []Entry, error) {
	check, err := CheckJournal(ctx, m)
	if err != nil {
		return nil, nil, err
	}
	if !check.Sound() {
		return nil, nil, tampered(m, check)
	}
	j := &Journal{m: m, who: who, tool: tool}
	if j.heads, err = j.headBytes(ctx); err != nil {
		return nil, nil, err
	}
	if check.headTorn {
		j.head = "\n"
	}
	if n := len(check.Entries); n > 0 {
		j.last = check.Entries[n-1]
	}
	if check.noEnd {
		j.fresh = "\n"
	}
	if check.Torn == "" {
		return j, check.Entries, nil
	}
	sum := sha256.Sum256([]byte(check.Torn))
	j.fresh = "\n"
	err = j.Write(ctx, Entry{Event: EventRecovered, Torn: hex.EncodeToString(sum[:]), Text: "the line before was torn, as by a crash while it was written"})
	return j, check.Entries, err
}

// Write appends an entry; number, time, who and hashes are set here.
func (j *Journal) Write(ctx context.Context, e Entry) error {
	if j.bad != nil {
		return j.bad
	}
	j.bad = j.write(ctx, e)
	return j.bad
}

func (j *Journal) write(ctx context.Context, e Entry) error {
	e.Schema, e.Number, e.Time, e.Previous = JournalSchema, j.last.Number+1, j.m.Now().UTC(), j.last.Hash
	e.User, e.SID, e.Computer, e.Tool = j.who.User, j.who.SID, j.who.Computer, j.tool
	switch heads, err := j.headBytes(ctx); {
	case err != nil:
		return err
	case heads != j.heads:
		return refuse("wait until it has ended", "another oxtail writes the journal in %s at the same time", j.m.StateFolder())
	}
	hash, err := hashOf(e)
	if err != nil {
		return err
	}
	e.Hash = hash
	line, err := json.Marshal(&e)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if err := appendTo(ctx, j.m, journalName, j.fresh+string(line)+"\n"); err != nil {
		return err
	}
	j.fresh, j.last = "", e
	head := fmt.Sprintf("%s%d %s\n", j.head, e.Number, e.Hash)
	j.heads, j.head = j.heads+int64(len(head)), ""
	return appendTo(ctx, j.m, headsName, head)
}

// headBytes is the size of the list of heads.
func (j *Journal) headBytes(ctx context.Context) (int64, error) {
	f, err := j.m.Stat(ctx, j.m.StateFolder()+`\`+headsName)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("journal: look at %s: %w", headsName, err)
	}
	return f.Bytes, nil
}

// appendTo adds text to a file of the machine's state, in one write.
func appendTo(ctx context.Context, m Machine, name, text string) error {
	path := m.StateFolder() + `\` + name
	w, err := m.Append(ctx, path)
	if err != nil {
		return fmt.Errorf("journal: open %s: %w", path, err)
	}
	_, err = io.WriteString(w, text)
	if e := w.Close(); err == nil {
		err = e
	}
	if err != nil {
		return fmt.Errorf("journal: write %s: %w", path, err)
	}
	return nil
}

// A JournalCheck is what was found in a journal.
type JournalCheck struct {
	Path      string
	Entries   []Entry
	Torn      string   // the last line, when it has no end; a crash leaves one
	Recovered int      // torn lines that were noted later
	Faults    []string // why it is not what this program wrote
	noEnd     bool     // the last entry is whole, but its line has no end
	headTorn  bool     // the list of heads has no end of line
}

// Sound reports whether the journal is whole, but for a torn last line.
func (c *JournalCheck) Sound() bool { return len(c.Faults) == 0 }

// CheckJournal reads the journal of a machine and holds it against its own hashes. The
// error is for a journal that cannot be read; that there is none is no error.
func CheckJournal(ctx context.Context, m Machine) (*JournalCheck, error) {
	c := &JournalCheck{Path: m.StateFolder() + `\` + journalName}
	data, err := readFile(ctx, m, c.Path, maxJournal)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	heads, err := readFile(ctx, m, m.StateFolder()+`\`+headsName, maxJournal)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	c.read(data)
	c.compare(string(heads))
	return c, nil
}

// read takes the lines apart.
func (c *JournalCheck) read(data []byte) {
	pending := "" // hash of a torn line that the next entry must note
	for number := 1; len(data) > 0; number++ {
		line, rest, ended := bytes.Cut(data, []byte("\n"))
		data = rest
		var e Entry
		switch err := json.Unmarshal(line, &e); {
		case !ended:
			if c.noEnd = err == nil && pending == "" && c.follows(&e); c.noEnd {
				c.Entries = append(c.Entries, e) // only the end of its line is missing
			} else {
				c.Torn = string(line)
			}
			return
		case err != nil && pending == "" && len(data) > 0:
			sum := sha256.Sum256(line)
			pending = hex.EncodeToString(sum[:])
			continue
		case err != nil:
			c.fault("line %d is no entry", number)
			return
		case pending != "" && (e.Event != EventRecovered || e.Torn != pending):
			c.fault("line %d is no entry, and the next one does not say that a crash tore it", number-1)
			return
		case pending != "":
			c.Recovered++
		}
		pending = ""
		if !c.add(e, number) {
			return
		}
	}
}

// follows reports whether an entry is the next one.
func (c *JournalCheck) follows(e *Entry) bool {
	var last Entry
	if n := len(c.Entries); n > 0 {
		last = c.Entries[n-1]
	}
	hash, err := hashOf(*e)
	return err == nil && hash == e.Hash && e.Number == last.Number+1 && e.Previous == last.Hash
}

// add checks an entry against the one before it.
func (c *JournalCheck) add(e Entry, line int) bool {
	hash, err := hashOf(e)
	var last Entry
	if n := len(c.Entries); n > 0 {
		last = c.Entries[n-1]
	}
	switch {
	case err != nil || hash != e.Hash:
		c.fault("line %d (entry %d) was changed: its hash does not fit", line, e.Number)
	case e.Number != last.Number+1:
		c.fault("line %d is entry %d; entry %d is due: entries were removed or moved", line, e.Number, last.Number+1)
	case e.Previous != last.Hash:
		c.fault("line %d (entry %d) does not follow the entry before it: that one was replaced", line, e.Number)
	default:
		c.Entries = append(c.Entries, e)
		return true
	}
	return false
}

func (c *JournalCheck) fault(format string, args ...any) {
	c.Faults = append(c.Faults, fmt.Sprintf(format, args...))
}

// compare holds the entries against the list of heads, which may lag behind by the last
// entry, and may have a torn end itself.
func (c *JournalCheck) compare(heads string) {
	at := strings.LastIndexByte(heads, '\n')
	c.headTorn = at != len(heads)-1
	heads = heads[:max(at, 0)]
	last, lines := 0, 0
	for line := range strings.SplitSeq(heads, "\n") {
		var number int
		var hash string
		if _, err := fmt.Sscanf(line, "%d %s", &number, &hash); err != nil || len(hash) != 2*sha256.Size {
			continue // torn by a crash; the numbers after it count
		}
		last = number
		lines++
		if number >= 1 && number <= len(c.Entries) && c.Entries[number-1].Hash != hash {
			c.fault("entry %d is not the one that was written: its hash is not in %s", number, headsName)
			return
		}
	}
	switch n := len(c.Entries); {
	case !c.Sound():
	case last > n && (c.Torn == "" || last > n+1):
		c.fault("the journal was cut off: it ends with entry %d, but %d were written", n, last)
	case n > 1 && lines == 0:
		c.fault("%s is missing: whether the end of the journal was cut off cannot be told", headsName)
	}
}

// readFile reads a file of the machine of at most so many bytes.
func readFile(ctx context.Context, m Machine, path string, most int64) ([]byte, error) {
	r, err := m.Open(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	defer r.Close() // read only: nothing is lost when closing fails
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if int64(len(data)) > most {
		return nil, fmt.Errorf("read %s: larger than %d bytes", path, most)
	}
	return data, nil
}
