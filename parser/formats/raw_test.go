package formats

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"oxtail/parser"
	"oxtail/parser/lnav"
)

// mutate changes a line in one to three places, so that about half of the results
// still have a head.
func mutate(rng *rand.Rand, line string) string {
	const alphabet = "0123456789:.,-/[]() <>TZ+aäEé\x00\xff"
	b := []byte(line)
	for range 1 + rng.IntN(2) {
		if len(b) == 0 {
			break
		}
		at := rng.IntN(min(len(b), 60))
		switch rng.IntN(4) {
		case 0:
			b[at] = alphabet[rng.IntN(len(alphabet))]
		case 1:
			b = append(b[:at], b[at+1:]...)
		case 2:
			b = append(b[:at], append([]byte{alphabet[rng.IntN(len(alphabet))]}, b[at:]...)...)
		case 3:
			b = b[:at]
		}
	}
	return strings.NewReplacer("\n", "", "\r", "").Replace(string(b))
}

// TestStartsEqualsAssembler holds the fast splitter equal to the pattern: for every
// format, on lines made of all formats' samples, a raw line starts a record exactly
// when the assembler begins one there, and the time is the same.
func TestStartsEqualsAssembler(t *testing.T) {
	s := defaultSet(t)
	rng := rand.New(rand.NewPCG(1, 2))
	var lines []string
	for _, f := range s.Formats() {
		for _, sample := range f.(*lnav.Format).Samples() {
			for _, line := range strings.Split(sample.Line, "\n") {
				lines = append(lines, line)
				for range 60 {
					lines = append(lines, mutate(rng, line))
				}
			}
		}
	}
	src := parser.Source{ModTime: time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)}
	for _, f := range s.Formats() {
		raw := f.(parser.RawFormat)
		starts, stampOf := raw.Starts(), raw.StampOf(src)
		if starts == nil {
			t.Logf("%s has no splitter", f.Name())
			continue
		}
		hits := 0
		for _, line := range lines {
			if begins := checkLine(t, f, line, src, starts, stampOf); begins {
				hits++
			}
		}
		t.Logf("%s: %d of %d lines start a record", f.Name(), hits, len(lines))
	}
}

func checkLine(t *testing.T, f parser.Format, line string, src parser.Source, starts func([]byte) bool, stampOf func([]byte) (time.Time, parser.TimeBasis, bool)) bool {
	t.Helper()
	// A head of another shape in front makes the line the second one of the source.
	l := linesOf(t, "x\n"+line+"\n")[1]
	var records []*parser.Record
	asm := f.Assembler(src)
	asm.Add(linesOf(t, "x\n")[0], func(*parser.Record) {})
	asm.Add(l, func(*parser.Record) {})
	asm.Close(func(r *parser.Record) { records = append(records, r) })
	begins := len(records) > 0 && records[len(records)-1].Line == 2
	if got := starts(l.Raw); got != begins {
		t.Fatalf("%s: Starts(%q) is %v, the assembler says %v", f.Name(), line, got, begins)
	}
	if !begins {
		return false
	}
	r := records[len(records)-1]
	at, basis, ok := stampOf(l.Raw)
	if _, ambiguous := r.Field(lnav.FieldDateOrder); ok && !ambiguous && (!at.Equal(r.Time) || basis != r.Basis) {
		t.Fatalf("%s: StampOf(%q) = %v %v, the assembler says %v %v", f.Name(), line, at, basis, r.Time, r.Basis)
	}
	return true
}

func TestStartsAllocatesNothing(t *testing.T) {
	line := []byte("2012-03-05 10:11:12.345: <ctx> some text that goes on\r\n")
	other := []byte("Warning: Mar  5 2012 10:11:12 some text that goes on\n")
	for _, f := range defaultSet(t).Formats() {
		raw := f.(parser.RawFormat)
		starts, stampOf := raw.Starts(), raw.StampOf(parser.Source{})
		if starts == nil {
			continue
		}
		if n := testing.AllocsPerRun(100, func() {
			for _, l := range [][]byte{line, other} {
				starts(l)
				stampOf(l)
			}
		}); n != 0 {
			t.Errorf("%s: Starts and StampOf allocate %v times, want 0", f.Name(), n)
		}
	}
}

func FuzzAssemble(f *testing.F) {
	s, err := Default()
	if err != nil {
		f.Fatal(err)
	}
	seeds := 0
	for _, format := range s.Formats() {
		for _, sample := range format.(*lnav.Format).Samples() {
			f.Add([]byte("lost line\n" + sample.Line + "\r\n  at x.y\n" + sample.Line))
			seeds++
		}
	}
	if seeds == 0 {
		f.Fatal("no seeds")
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		lines := linesOf(t, string(data))
		for _, format := range s.Formats() {
			var got []byte
			next := int64(0)
			emit := func(r *parser.Record) {
				if r.Offset != next {
					t.Fatalf("%s: record at %d, want %d", format.Name(), r.Offset, next)
				}
				next = r.End()
				got = append(got, r.Raw...)
			}
			asm := format.Assembler(parser.Source{})
			var want []byte
			for _, l := range lines {
				want = append(want, l.Raw...)
				asm.Add(l, emit)
			}
			asm.Close(emit)
			if string(got) != string(want) {
				t.Fatalf("%s: %d raw bytes became %d", format.Name(), len(want), len(got))
			}
		}
	})
}

// benchLog is a log of a layout with one continuation line in ten.
func benchLog(head string) []byte {
	var b strings.Builder
	for i := range 20_000 {
		b.WriteString(head)
		b.WriteString("Folder synchronized, 12 objects, id 3f1c2d4e-0000-4000-8000-0123456789ab, and some more text\n")
		if i%10 == 0 {
			b.WriteString("\tat com.example.Sync(Sync.java:12) and a continuation of it\n")
		}
	}
	return []byte(b.String())
}

func benchHeads() map[string]string {
	return map[string]string{
		"oxtstore_a": "2012-03-05 10:11:12.345: <ctx> ",
		"oxtstore_c": "[05.03.2012 10:11:12.345] [0x1a2c] [ERROR] comp: ",
		"log4net":    "2012-03-05 10:11:12,345 [7] DEBUG Acme.Sync - ",
		"eas_zpush":  "13/02/2023 02:38:31 [ 4695] [ WARN] [u@example.com] ",
		"generic":    "2012.03.05 10:11:12 [7] DEBUG ",
	}
}

func BenchmarkStarts(b *testing.B) {
	s := defaultSet(b)
	for _, f := range s.Formats() {
		head, ok := benchHeads()[f.Name()]
		starts := f.(parser.RawFormat).Starts()
		if !ok || starts == nil {
			continue
		}
		log := benchLog(head)
		lines := strings.SplitAfter(string(log), "\n")
		raws := make([][]byte, len(lines))
		for i, l := range lines {
			raws[i] = []byte(l)
		}
		b.Run(f.Name(), func(b *testing.B) {
			b.SetBytes(int64(len(log)))
			for b.Loop() {
				for _, l := range raws {
					starts(l)
				}
			}
		})
	}
}

func BenchmarkStampOf(b *testing.B) {
	f, _ := defaultSet(b).Lookup("oxtstore_a")
	stampOf := f.(parser.RawFormat).StampOf(parser.Source{})
	line := []byte("2012-03-05 10:11:12.345: <ctx> Folder synchronized")
	for b.Loop() {
		stampOf(line)
	}
}

func BenchmarkAssembler(b *testing.B) {
	s := defaultSet(b)
	for _, f := range s.Formats() {
		head, ok := benchHeads()[f.Name()]
		if !ok {
			continue
		}
		log := string(benchLog(head))
		lines := linesOf(b, log)
		b.Run(f.Name(), func(b *testing.B) {
			b.SetBytes(int64(len(log)))
			for b.Loop() {
				asm := f.Assembler(parser.Source{})
				for _, l := range lines {
					asm.Add(l, func(*parser.Record) {})
				}
				asm.Close(func(*parser.Record) {})
			}
		})
	}
}
