package watch

import (
	"bytes"
	"flag"
	"io/fs"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"oxtail/internal/tail"
	"oxtail/parser"
)

var seeds = flag.Int("seeds", 1, "interleavings of each sample in TestScanIsWatch")

// samples returns the texts of the samples, by path; those beside the project only when
// they are there.
func samples(t *testing.T) map[string][]byte {
	out := map[string][]byte{}
	for _, root := range []string{"../../samples", "../../../shared/samples"} {
		if _, err := os.Stat(root); err != nil {
			t.Logf("no samples in %s: %v", root, err)
			continue
		}
		err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			const maxSample = 1 << 20 // bytes; larger ones take too long in small pieces
			if info, err := d.Info(); err != nil || info.Size() > maxSample || strings.HasSuffix(name, ".md") || strings.HasSuffix(name, ".tsv") {
				return err
			}
			data, err := os.ReadFile(name)
			if err == nil && len(data) > 0 && looksLikeText(data[:min(4096, len(data))]) {
				out[filepath.ToSlash(name)] = data
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, data := range out {
		if lines := bytes.Count(data, []byte{'\n'}); lines > 0 && bytes.HasSuffix(data, []byte{'\n'}) { // heads that are full
			out[name+" repeated"] = bytes.Repeat(data, 2+3*parser.HeadLines/2/lines)
		}
	}
	if len(out) < 40 {
		t.Fatalf("%d samples; want at least 40", len(out))
	}
	return out
}

// sampleMod is the last change of all samples.
var sampleMod = time.Date(2026, 3, 5, 18, 0, 0, 0, time.UTC)

func scanned(data []byte, name string, formats []parser.Format) []*parser.Record {
	r := parser.NewReader(bytes.NewReader(data), parser.Source{Path: name, ModTime: sampleMod}, parser.Options{Formats: formats})
	var out []*parser.Record
	for {
		rec, err := r.Next()
		if err != nil {
			return out
		}
		out = append(out, rec)
	}
}

// A follower reads one growing file with a Tailer and a stream, with restarts.
type follower struct {
	t       *testing.T
	fs      *fakeFS
	tail    *tail.Tailer
	clock   time.Time
	reading *reading
	stream  *stream
	out     []*parser.Record
}

func newFollower(t *testing.T, formats []parser.Format) *follower {
	f := &follower{t: t, fs: newFakeFS(), clock: sampleMod, stream: &stream{}}
	f.reading = &reading{formats: formats, now: func() time.Time { return f.clock }}
	f.start(nil)
	return f
}

func (f *follower) start(s *tail.State) {
	x, err := tail.New([]string{"log/*"}, tail.Options{FS: f.fs, Now: f.reading.now})
	if err != nil {
		f.t.Fatal(err)
	}
	if s != nil {
		x.Restore(*s)
		f.stream = &stream{Source: f.stream.Source, At: f.stream.At, Whole: f.stream.Whole, Given: f.stream.Given}
	}
	f.tail = x
}

func (f *follower) poll() {
	for f.tail.Poll(func(p *tail.Piece) int {
		return f.stream.feed(f.reading, p, func(r *parser.Record) {
			r.Raw = bytes.Clone(r.Raw)
			f.out = append(f.out, r)
		})
	}) {
	}
}

// grow appends data in random pieces, with polls and now and then a restart in between,
// and then lets the idle time pass.
func (f *follower) grow(name string, data []byte, random *rand.Rand, restarts bool) {
	all := len(data)
	for len(data) > 0 {
		n := 1 + random.Intn(len(data))
		if random.Intn(8) > 0 {
			n = min(n, 1+random.Intn(max(200, all/40)))
		}
		f.fs.append(name, data[:n], sampleMod)
		data = data[n:]
		f.poll()
		f.clock = f.clock.Add(60 * time.Millisecond)
		if restarts && random.Intn(8) == 0 {
			s := f.tail.State()
			f.start(&s)
			f.poll()
		}
	}
	for range 6 {
		f.clock = f.clock.Add(tail.DefaultIdle)
		f.poll()
	}
}

// TestScanIsWatch: a file that grows in pieces gives the same records as the finished
// one, whatever the pieces, and with restarts in between. Writers that are silent inside
// a record for longer than the idle time are the exception, and not part of it.
func TestScanIsWatch(t *testing.T) {
	formats := allFormats(t)
	opts := cmp.Options{cmpopts.IgnoreUnexported(parser.Record{}), cmpopts.EquateEmpty()}
	for name, data := range samples(t) {
		for n := range int64(*seeds) {
			seed := n + int64(len(data))
			random := rand.New(rand.NewSource(seed))
			f := newFollower(t, formats)
			inner := "log/" + filepath.Base(name)
			f.grow(inner, data, random, seed%2 == 1)
			want := scanned(data, inner, formats)
			for _, r := range f.out {
				if r.Problem == ProblemUnterminated {
					r.Problem = ""
				}
			}
			if diff := cmp.Diff(want, f.out, opts); diff != "" {
				t.Errorf("%s, seed %d: %d records; want %d; -scan +watch\n%.1500s", name, seed, len(f.out), len(want), diff)
				break
			}
		}
	}
}
