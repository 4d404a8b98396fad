package source

import (
	"io"
	"math"
	"sync"
)

// A Budget limits what one file on disk may unfold to, with everything inside
// it. A zero field means the default, a negative one no limit.
type Budget struct {
	MaxBytes       int64 // bytes that all members of one file may unpack to
	MaxRatio       int   // unpacked bytes for each byte of the file, beyond ratioFloorBytes
	MaxMembers     int   // members in one file, at all levels
	MaxDepth       int   // archives inside archives; compressed tar counts as one
	MaxDeviceBytes int64 // bytes read from a device such as /dev/zero
	MaxSpillBytes  int64 // bytes in temporary files at any time
}

const (
	// ratioFloorBytes may come out of any archive whatever its ratio: a small
	// bundle of repetitive logs is no bomb.
	ratioFloorBytes = 64 << 20

	defaultMaxBytes       = 16 << 30 // a day of full tracing of a large site is below 10 GiB
	defaultMaxRatio       = 250      // logs reach 10 to 60, deflate cannot do more than 1032
	defaultMaxMembers     = 100_000  // customer bundles have hundreds
	defaultMaxDepth       = 4        // bundle → rotated archive → mail → attachment
	defaultMaxDeviceBytes = 1 << 30  // a device never ends
	defaultMaxSpillBytes  = 4 << 30  // must fit on a workstation's system disk
)

// DefaultBudget is the budget that a zero Budget stands for.
func DefaultBudget() Budget {
	return Budget{
		MaxBytes: defaultMaxBytes, MaxRatio: defaultMaxRatio, MaxMembers: defaultMaxMembers,
		MaxDepth: defaultMaxDepth, MaxDeviceBytes: defaultMaxDeviceBytes, MaxSpillBytes: defaultMaxSpillBytes,
	}
}

func (b Budget) withDefaults() Budget {
	d := DefaultBudget()
	return Budget{
		MaxBytes:       limit(b.MaxBytes, d.MaxBytes, math.MaxInt64),
		MaxRatio:       limit(b.MaxRatio, d.MaxRatio, math.MaxInt),
		MaxMembers:     limit(b.MaxMembers, d.MaxMembers, math.MaxInt),
		MaxDepth:       limit(b.MaxDepth, d.MaxDepth, math.MaxInt),
		MaxDeviceBytes: limit(b.MaxDeviceBytes, d.MaxDeviceBytes, math.MaxInt64),
		MaxSpillBytes:  limit(b.MaxSpillBytes, d.MaxSpillBytes, math.MaxInt64),
	}
}

func limit[T int | int64](given, byDefault, none T) T {
	switch {
	case given == 0:
		return byDefault
	case given < 0:
		return none
	}
	return given
}

// A ledger counts what has come out of one file on disk. Its methods may be
// called from several goroutines.
type ledger struct {
	mu      sync.Mutex
	budget  Budget
	hosted  int64 // bytes of the file on disk; for a pipe those read until now
	out     int64 // bytes that came out of it
	members int
}

// room is how many more bytes may come out, and the budget that says so.
func (l *ledger) room() (bytes int64, budget string, value int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.roomLocked()
}

func (l *ledger) roomLocked() (bytes int64, budget string, value int64) {
	most, name, value := l.budget.MaxBytes, "bytes", l.budget.MaxBytes
	ratio := int64(l.budget.MaxRatio)
	if l.hosted < math.MaxInt64/max(ratio, 1) {
		if byRatio := max(ratioFloorBytes, l.hosted*ratio); byRatio < most {
			most, name, value = byRatio, "ratio", ratio
		}
	}
	return max(most-l.out, 0), name, value
}

// charge takes up to n bytes from the budget and returns how many it granted.
func (l *ledger) charge(n int64) (granted int64, budget string, value int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	room, budget, value := l.roomLocked()
	granted = min(n, room)
	l.out += granted
	return granted, budget, value
}

// member counts one more member and tells whether it is still within the budget.
func (l *ledger) member() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.members++
	return l.members <= l.budget.MaxMembers
}

// read counts bytes of a host whose size is not known beforehand.
func (l *ledger) read(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hosted += int64(n)
}

// A tally remembers how much of one stream has been charged, so that reading it
// twice costs its budget once.
type tally struct {
	mu      sync.Mutex
	charged int64
}

// A meteredReader charges what is read from it to a ledger.
type meteredReader struct {
	r    io.Reader
	led  *ledger
	t    *tally
	path string
	pos  int64
}

func (m *meteredReader) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	granted, budgetErr := m.charge(int64(n))
	m.pos += granted
	if budgetErr != nil {
		return int(granted), budgetErr
	}
	return n, err
}

func (m *meteredReader) charge(n int64) (int64, error) {
	m.t.mu.Lock()
	defer m.t.mu.Unlock()
	known := min(n, max(m.t.charged-m.pos, 0))
	granted, budget, value := m.led.charge(n - known)
	m.t.charged = max(m.t.charged, m.pos+known+granted)
	if known+granted < n {
		return known + granted, budgetError(m.path, budget, value)
	}
	return n, nil
}

// A hostReader counts what is read from a host of unknown size.
type hostReader struct {
	r   io.Reader
	led *ledger
}

func (h hostReader) Read(p []byte) (int, error) {
	n, err := h.r.Read(p)
	h.led.read(n)
	return n, err
}
