package tail

import (
	"slices"
	"time"
)

// A FileState is what of a follow outlives a restart: enough to know the file again,
// and where to go on.
type FileState struct {
	ID      FileID `json:"id"`
	Gen     int    `json:"gen,omitempty"`
	Name    string `json:"name"`
	Path    string `json:"path"`
	Offset  int64  `json:"offset"` // everything before it was handed on
	HeadLen int    `json:"head_len,omitempty"`
	Head    string `json:"head,omitempty"` // hash of the first HeadLen bytes
	TailLen int    `json:"tail_len,omitempty"`
	Tail    string `json:"tail,omitempty"` // hash of the TailLen bytes before Offset
	Size    int64  `json:"size"`           // at the last look

	Read        int64  `json:"read"` // what lies between Offset and Read was seen, not handed on
	ReadTailLen int    `json:"read_tail_len,omitempty"`
	ReadTail    string `json:"read_tail,omitempty"` // hash of the ReadTailLen bytes before Read

	Mod      time.Time `json:"mod"`
	Live     bool      `json:"live,omitempty"`
	Ended    bool      `json:"ended,omitempty"`
	Departed time.Time `json:"departed,omitzero"`
}

// A State is a Tailer's checkpoint. It tells no more than what the consumer settled.
type State struct {
	Files  []FileState `json:"files"`
	Ledger Ledger      `json:"ledger"`
	Counts Counts      `json:"counts"`
	Polled time.Time   `json:"polled"` // when the files were last looked at

	// Past are contents that were replaced in place; a compressed copy may come later.
	Past []FileState `json:"past,omitempty"`

	// Absent are paths that hold no file, with the time after which one that came and
	// went there would have been written.
	Absent map[string]time.Time `json:"absent,omitempty"`
}

// State returns the checkpoint of what was settled so far.
func (t *Tailer) State() State {
	s := State{Ledger: t.ledger, Counts: t.Counts(), Polled: t.lastPoll, Past: slices.Clone(t.past), Files: make([]FileState, 0, len(t.order))}
	for name, a := range t.absent {
		if s.Absent == nil {
			s.Absent = map[string]time.Time{}
		}
		s.Absent[name] = a.mod
	}
	for _, f := range t.order {
		if f.stateOf == nil || f.stateSettled != f.settled {
			x := f.state()
			f.stateOf, f.stateSettled = &x, f.settled
		}
		s.Files = append(s.Files, *f.stateOf)
	}
	return s
}

func (f *follow) state() FileState {
	x := FileState{
		ID: f.id, Gen: f.gen, Name: f.name, Path: f.path, Offset: f.settled, Size: f.size, Mod: f.mod,
		HeadLen: f.head.n, Head: f.head.sum, Live: f.live, Ended: f.ended, Departed: f.departed,
	}
	if f.restored {
		x.TailLen, x.Tail = f.tailLen, f.tailSum
		x.Read, x.ReadTailLen, x.ReadTail = f.wasRead, f.readTailLen, f.readTailSum
		return x
	}
	before := f.buf[:f.settled-f.base]
	before = before[max(0, len(before)-tailBytes):]
	x.TailLen = len(before)
	if len(before) > 0 {
		x.Tail = hashOf(before)
	}
	x.Read = f.read
	if last := f.lastBytes(); len(last) > 0 {
		x.ReadTailLen, x.ReadTail = len(last), hashOf(last)
	}
	return x
}

// Restore makes the Tailer go on where the one that gave the state stopped. It is
// called before the first Poll.
func (t *Tailer) Restore(s State) {
	t.resumed = true
	t.ledger = s.Ledger
	t.ledger.fresh = len(t.ledger.Entries)
	t.counts, t.lastPoll, t.past = s.Counts, s.Polled, s.Past
	now := t.opts.Now()
	for name, mod := range s.Absent {
		t.absent[name] = absence{mod, now}
	}
	for _, x := range s.Files {
		if t.byID[x.ID] != nil {
			continue
		}
		t.add(&follow{
			id: x.ID, gen: x.Gen, name: x.Name, path: x.Path, live: x.Live, ended: x.Ended, departed: x.Departed,
			base: x.Offset, settled: x.Offset, read: x.Offset, next: x.Offset, nulFrom: -1,
			head: head{x.HeadLen, x.Head}, restored: true, tailLen: x.TailLen, tailSum: x.Tail,
			wasRead: x.Read, readTailLen: x.ReadTailLen, readTailSum: x.ReadTail,
			size: x.Size, mod: x.Mod, changed: now, accepted: x.Read > 0,
		})
	}
}

// Lose notes a loss that the caller knows of, such as an unusable checkpoint.
func (t *Tailer) Lose(x Loss) { t.ledger.add(x) }

// Key returns the key of the generation, as in Piece.
func (x *FileState) Key() string { return keyOf(x.ID, x.Gen) }
