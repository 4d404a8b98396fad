package hive

import (
	"errors"
	"fmt"

	"oxtail/parser/profile"
)

// Limits of one hive.
const (
	// MaxDepth bounds the nesting of keys; Windows allows 512.
	MaxDepth = 512
	// MaxKeys bounds the keys of a tree; a large SOFTWARE hive has 500,000.
	MaxKeys = 4 << 20
	// MaxProblems bounds the listed problems; further ones are counted.
	MaxProblems = 1000
)

// Problem is damage at one place of the hive.
type Problem struct {
	Offset int64  `json:"offset"` // in the primary file, bytes; 0 if it concerns no single place
	Key    string `json:"key,omitempty"`
	Detail string `json:"detail"`
}

// Hive is a registry hive in memory.
type Hive struct {
	// Sequence1 and Sequence2 are the base block's numbers as stored; they differ
	// while a change is on its way to the file.
	Sequence1, Sequence2 uint32
	// Dirty says that the primary file, as given, was not written completely.
	Dirty    bool
	Replayed Replayed // what the logs added
	Problems []Problem
	// MoreProblems counts those beyond MaxProblems.
	MoreProblems int
	Keys, Values int // in the tree; the root is counted
	Depth        int // of the deepest key; the root is 0

	data  []byte
	owned bool // data is our copy
	base  base
	root  *node
}

// Open reads a hive and replays its logs, if it is dirty. The logs may come in
// any order. primary is kept and must not change while the tree is in use.
// Damage beyond the base block and the root key is not an error, but a problem.
func Open(primary []byte, logs ...[]byte) (*Hive, error) {
	head, err := readBase(primary)
	if err != nil {
		return nil, fmt.Errorf("read hive: %w", err)
	}
	switch {
	case head.kind == typeLogOld || head.kind == typeLogAlt || head.kind == typeLogNew:
		return nil, errors.New("read hive: this is a transaction log; the hive is the file of the same name without .LOG, .LOG1 or .LOG2")
	case len(primary) <= baseBytes:
		return nil, fmt.Errorf("read hive: %d bytes hold no keys", len(primary))
	case len(primary) > maxHiveBytes:
		return nil, fmt.Errorf("read hive: %d bytes; the limit is %d", len(primary), maxHiveBytes)
	}
	h := &Hive{Sequence1: head.sequence1, Sequence2: head.sequence2, data: primary, base: head}
	h.Dirty = !head.checksumOK || head.sequence1 != head.sequence2
	h.recover(logs)
	h.checkSize()
	if err := h.build(); err != nil {
		return nil, fmt.Errorf("read hive: %w", err)
	}
	return h, nil
}

// Root gives the root key.
func (h *Hive) Root() profile.Key { return h.root }

// recover brings a dirty hive up to date and says what could not be done.
func (h *Hive) recover(logs [][]byte) {
	if !h.Dirty {
		return
	}
	wrong := fmt.Sprintf("sequence numbers %d and %d", h.Sequence1, h.Sequence2)
	if !h.base.checksumOK {
		wrong = "checksum of the base block is wrong"
	}
	if len(logs) == 0 {
		h.problem(0, "the hive is dirty ("+wrong+") and no transaction log was given; the last changes may be missing")
		return
	}
	h.replay(logs)
	if h.Replayed.Entries == 0 {
		h.problem(0, "the hive is dirty ("+wrong+") and no log entry could be applied; the last changes may be missing")
	}
}

// checkSize reports a hive that ends early.
func (h *Hive) checkSize() {
	if want := baseBytes + int64(h.base.binsBytes); want > int64(len(h.data)) {
		h.problem(int64(len(h.data)), fmt.Sprintf("the hive is cut: %d of %d bytes", len(h.data), want))
	}
}

// problem records damage at a file offset.
func (h *Hive) problem(offset int64, detail string) {
	h.problemAt(offset, "", detail)
}

// problemAt records damage at a file offset, within a key.
func (h *Hive) problemAt(offset int64, key, detail string) {
	if len(h.Problems) >= MaxProblems {
		h.MoreProblems++
		return
	}
	h.Problems = append(h.Problems, Problem{offset, key, detail})
}
