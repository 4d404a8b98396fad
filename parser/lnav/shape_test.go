package lnav

import (
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestShapesEqualPatterns holds every shape equal to its pattern, groups included,
// on the samples of lnav's formats and on lines made of them by small changes.
func TestShapesEqualPatterns(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var lines []string
	var patterns []*pattern
	for _, file := range lnavFiles(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		formats, err := (&Loader{}).Load(file, text)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range formats {
			for _, s := range f.Samples() {
				lines = append(lines, variants(rng, s.Line)...)
			}
			patterns = append(patterns, f.def.patterns...)
		}
	}
	extra := []string{`^(?<a>a|ab)(?<b>c|bcd)?(?<d>d*)$`, `^x{2,3}(?<n>\d+)(?:\.(?<f>\d+))?(?: (?<w>[^ ]+))? *(?<body>.*)`, `^(?i:error|warn): (?<body>.*)$`, `^(?:(?<u>[^@ ]+)@)?(?<h>[^ ]*)(?<rest> .*)?$`}
	for _, text := range extra {
		p, err := compile(text)
		if err != nil {
			t.Fatal(err)
		}
		if p.shape = shapeOf(text); p.shape == nil {
			t.Errorf("%s has no shape", text)
		}
		patterns = append(patterns, p)
	}
	for _, seed := range []string{"abcd", "acd", "xx12.5 word body", "xxx1 ", "ERROR: x", "warn: ", "user@host rest", "höst", "@", ""} {
		lines = append(lines, variants(rng, seed)...)
	}
	checkShapes(t, patterns, lines)
}

func checkShapes(t *testing.T, patterns []*pattern, lines []string) {
	t.Helper()
	shapes, hits := 0, 0
	for _, p := range patterns {
		if p.shape == nil {
			continue
		}
		shapes++
		re := regexp.MustCompile(p.text)
		for _, line := range lines {
			want := re.FindStringSubmatchIndex(line)
			var at places
			got := match(p.shape, line, &at)
			if got != (want != nil) {
				t.Fatalf("pattern %s on %q: shape says %v, pattern %v", p.text, line, got, want != nil)
			}
			for i := 2; got && i < len(want); i++ {
				if at[i] != want[i] {
					t.Fatalf("pattern %s on %q: group %d at %d, want %d", p.text, line, i/2, at[i], want[i])
				}
			}
			if got {
				hits++
			}
		}
	}
	t.Logf("%d shapes, %d lines, %d matches", shapes, len(lines), hits)
	if shapes < 30 || hits < 1000 {
		t.Errorf("%d shapes with %d matches are too few to prove anything", shapes, hits)
	}
}

func variants(rng *rand.Rand, line string) []string {
	line, _, _ = strings.Cut(line, "\n")
	out := []string{line}
	const alphabet = "0123456789:.,-/[]() <>TZ+aäEé|\"'"
	for range 15 {
		b := []byte(line)
		for range 1 + rng.IntN(2) {
			if len(b) == 0 {
				break
			}
			at, c := rng.IntN(len(b)), alphabet[rng.IntN(len(alphabet))]
			switch rng.IntN(3) {
			case 0:
				b[at] = c
			case 1:
				b = append(b[:at], b[at+1:]...)
			case 2:
				b = append(b[:at], append([]byte{c}, b[at:]...)...)
			}
		}
		out = append(out, strings.ToValidUTF8(string(b), "?"))
	}
	return out
}

// TestNoShape lists patterns whose shape would not be equal to them.
func TestNoShape(t *testing.T) {
	for _, text := range []string{
		`\d+ x`,            // not anchored
		`^.*foo(?<x>.*)$`,  // the run does not end by itself
		`^\w+\d (?<x>.*)$`, // same
		`^[^ ]{3} x`,       // counts characters
		`^(?:ab)* x`,       // unbounded group
		`^\bx`,             // word boundary
		`^[aä] x`,          // a class that cuts through the non-ASCII characters
		`^ä x`,             // raw bytes may be Windows-1252
		`(?m)^x$`,
	} {
		if shapeOf(text) != nil {
			t.Errorf("%s has a shape", text)
		}
	}
}
