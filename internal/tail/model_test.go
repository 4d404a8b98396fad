package tail

import (
	"flag"
	"fmt"
	"maps"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	programs  = flag.Int("programs", 1500, "random programs of TestModel; 20000 for a long run")
	modelSeed = flag.Int64("modelseed", 0, "seed of the first program; 0: one of the day")
)

// A model is a random program of writers, rotations and readers, and what must come of it.
type model struct {
	*rig
	random  *rand.Rand
	written []string // whole lines, in the order of writing
	steps   []string
	saved   State
	killed  bool
	n       int

	rotations int // since the last one that the reader saw for certain
	copies    map[*memFile]bool
	looked    map[*memFile]int // file → its content at the last poll
}

const live = "log/app.log"

func (m *model) step(what string) {
	m.steps = append(m.steps, what)
	if *programs == 1 {
		m.t.Logf("%s: %d lines out of %d; ledger %v", what, len(m.lines), len(m.written), m.tail != nil && len(m.tail.ledger.Entries) > 0)
		for _, name := range slices.Sorted(maps.Keys(m.fs.names)) {
			m.t.Logf("    %s id %d size %d", name, m.fs.names[name].id, len(m.fs.names[name].data))
		}
		if m.tail != nil {
			for _, f := range m.tail.order {
				m.t.Logf("        follow %s %s: read %d size %d live %v ended %v held %v", f.key(), f.path, f.read, f.size, f.live, f.ended, f.handle != nil)
			}
		}
	}
}

// seen makes sure that the reader has met the content that is about to be destroyed:
// what comes and goes between two looks leaves no trace that anybody could count.
func (m *model) seen() {
	f := m.fs.names[live]
	if f == nil || m.looked[f] == f.gen+1 {
		return
	}
	m.resume()
	m.step("poll")
	m.after(0)
}

// look notes which contents the reader has met.
func (m *model) look() {
	for _, f := range m.fs.names {
		if len(f.data) > 0 {
			m.looked[f] = f.gen + 1
		}
	}
}

// line writes a line, or the rest of one.
func (m *model) line(name string) {
	m.n++
	text := fmt.Sprintf("line %d %s", m.n, strings.Repeat("x", m.random.Intn(60)))
	m.written = append(m.written, text)
	m.fs.append(name, text+"\n")
}

// The steps that a program is made of. Each leaves whole lines only, so that every line
// that was written has one place.
func (m *model) run() {
	m.rig.write(live, "first", 0, m.random.Intn(5))
	for i := range m.random.Intn(5) {
		_ = i
		m.line(live)
	}
	m.written = append(slices.Clone(m.firstLines()), m.written...)
	m.after(0)
	for range 5 + m.random.Intn(40) {
		m.any()
	}
	m.resume()
	for range 5 {
		m.after(2 * time.Second)
	}
}

func (m *model) firstLines() []string {
	var out []string
	for l := range strings.SplitSeq(string(m.fs.names[live].text()), "\n") {
		if strings.HasPrefix(l, "first") {
			out = append(out, l)
		}
	}
	return out
}

func (f *memFile) text() []byte {
	if f == nil {
		return nil
	}
	return f.data
}

func (m *model) any() {
	switch k := m.random.Intn(100); {
	case k < 30:
		m.step("write")
		for range 1 + m.random.Intn(20) {
			m.line(live)
		}
	case k < 40:
		m.step("write half, poll, write the rest")
		m.n++
		text := fmt.Sprintf("%d is the number of a half line, rest %s", m.n, strings.Repeat("y", m.random.Intn(400)))
		const unlike = 8 // bytes; a content of which fewer were seen may begin like the next one, and nobody can tell them apart
		cut := unlike + m.random.Intn(len(text)-unlike)
		m.fs.append(live, text[:cut])
		m.mayPoll()
		m.fs.append(live, text[cut:]+"\n")
		m.written = append(m.written, text)
	case k < 65:
		m.mayPoll()
	case k < 73:
		if m.rotations++; m.rotations > 7 {
			m.resume()
			m.after(0)
			m.rotations = 0
		}
		m.step("rotate")
		m.fs.rotate(live, 9)
	case k < 77 && m.fs.names[live+".1"] != nil && !m.copies[m.fs.names[live+".1"]]:
		m.step("late write")
		m.line(live + ".1")
	case k < 83 && m.fs.names[live] != nil:
		m.seen()
		m.step("copy and truncate")
		for i := 8; i > 0; i-- {
			m.fs.rotate2(fmt.Sprint(live, ".", i), fmt.Sprint(live, ".", i+1))
		}
		m.fs.copy(live, live+".1")
		m.copies[m.fs.names[live+".1"]] = true // nobody appends to a copy
		m.fs.truncate(live, 0)
	case k < 86 && m.fs.names[live] != nil:
		m.seen()
		m.step("truncate")
		m.fs.truncate(live, 0)
	case k < 89:
		m.seen()
		m.step("delete")
		m.fs.remove(live)
	case k < 92:
		m.seen()
		m.step("replace")
		for range 1 + m.random.Intn(10) {
			m.line("log/tmp")
		}
		m.fs.rename("log/tmp", live)
	case k < 94:
		m.step("stop and start")
		m.resume()
		m.restart()
	case k < 97:
		m.stop()
	case k < 99:
		m.step("pause")
		m.resume()
		m.after(time.Duration(m.random.Intn(5)) * time.Second)
	default:
		m.step("kill")
		m.resume()
		s := m.tail.State()
		m.mayPoll()
		m.killed = true
		m.looked = map[*memFile]int{} // what only the killed reader saw nobody knows
		m.tail.Close()
		m.maxOff = map[string]int64{}
		m.start(&s)
	}
}

// stop ends the reader cleanly; the next poll starts it again.
func (m *model) stop() {
	if m.tail == nil {
		return
	}
	m.step("stop")
	m.saved = m.tail.State()
	m.tail.Close()
	m.tail = nil
}

func (m *model) resume() {
	if m.tail == nil {
		m.step("start")
		m.start(&m.saved)
		m.poll()
	}
}

func (m *model) mayPoll() {
	if m.random.Intn(4) == 0 {
		return
	}
	if m.tail == nil && m.random.Intn(3) > 0 {
		return
	}
	m.resume()
	m.step("poll")
	m.after(time.Duration(m.random.Intn(300)) * time.Millisecond)
}

// check compares what was handed out with what was written.
func (m *model) check() error {
	if x := without(without(m.lines, m.torn), m.written); len(x) > 0 && !m.killed && !m.recopied() {
		return fmt.Errorf("%d lines are handed out that nobody wrote, or twice: %.60q", len(x), x)
	}
	lost := without(m.written, m.lines)
	if len(m.torn) > 0 && !m.killed && len(m.tail.Ledger().Entries) == 0 {
		return fmt.Errorf("torn lines %.60q", m.torn)
	}
	if len(lost) > 0 && len(m.tail.Ledger().Entries) == 0 {
		return fmt.Errorf("%d lines are lost and the ledger is empty: %.60q", len(lost), lost)
	}
	return nil
}

// recopied reports whether the program made a copy: a copy that the reader meets after
// the original went through more changes cannot be told from a new file, and is read again.
func (m *model) recopied() bool { return slices.Contains(m.steps, "copy and truncate") }

// TestModel runs random programs against what must come of them.
func TestModel(t *testing.T) {
	seed := *modelSeed
	if seed == 0 {
		seed = time.Now().Unix() / 86400 * 1_000_000
	}
	t.Logf("first seed %d, %d programs", seed, *programs)
	lossless, failed := 0, 0
	for i := range int64(*programs) {
		for _, hold := range []bool{true, false} {
			m := &model{rig: newRig(t, hold), random: rand.New(rand.NewSource(seed + i)), looked: map[*memFile]int{}, copies: map[*memFile]bool{}}
			m.polled = m.look
			if m.random.Intn(3) == 0 {
				m.pats = []string{"log/app.log*"}
				m.start(nil)
			}
			m.run()
			if err := m.check(); err != nil {
				t.Errorf("seed %d, hold %v, patterns %v: %v\nprogram: %s\nledger: %v", seed+i, hold, m.pats, err, strings.Join(m.steps, "; "), m.tail.Ledger().Entries)
				failed++
			}
			if len(without(m.written, m.lines)) == 0 {
				lossless++
			}
			m.tail.Close()
			if failed > 3 {
				t.Fatal("more failures are not shown")
			}
		}
	}
	t.Logf("%d of %d programs lost no line", lossless, 2**programs)
	if lossless < *programs {
		t.Errorf("%d of %d programs lost no line; want at least half", lossless, 2**programs)
	}
}
