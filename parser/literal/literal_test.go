package literal

import (
	"bytes"
	"math/rand"
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	cases := []struct {
		lits []string
		text string
		want int
	}{
		{[]string{"uuid"}, "a UUID here", 2},
		{[]string{"uuid"}, "uuid", 0},
		{[]string{"uuid"}, "xuuid", 1},
		{[]string{"uuid"}, "xxuuid", 2},
		{[]string{"uuid"}, "uui", -1},
		{[]string{"uuid"}, "", -1},
		{[]string{"0x8"}, "hr=0X8004010F", 3},
		{[]string{"already in use", "err="}, "…ALREADY in uSe", 3},
		{[]string{"[800"}, "{800 [800", 5}, // '[' and '{' fold alike in the table, not in the text
		{nil, "anything", -1},
	}
	for _, c := range cases {
		s, err := New(c.lits)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Index([]byte(c.text), 0); got != c.want {
			t.Errorf("Index(%q) of %q = %d; want %d", c.text, c.lits, got, c.want)
		}
	}
}

func TestNewRejects(t *testing.T) {
	for _, bad := range []string{"ab", "", "für"} {
		if _, err := New([]string{bad}); err == nil {
			t.Errorf("New(%q) gave no error", bad)
		}
	}
}

// TestFindAgreesWithNaiveSearch compares with strings.Index over folded text, from
// every start.
func TestFindAgreesWithNaiveSearch(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	lits := []string{"error", "uuid", "0x80", "already", "no dataobject", "fail", "-214", "rod", "8x0"}
	s, err := New(lits)
	if err != nil {
		t.Fatal(err)
	}
	alphabet := []byte("eErRoOuUiIdD0xX8 -214failFAIL\n")
	found := 0
	for round := 0; round < 20000; round++ {
		text := make([]byte, rng.Intn(40))
		for i := range text {
			text[i] = alphabet[rng.Intn(len(alphabet))]
		}
		if round%3 == 0 {
			text = append(text, strings.ToUpper(lits[rng.Intn(len(lits))])...)
		}
		from := rng.Intn(len(text) + 1)
		want := false
		lower := bytes.ToLower(text[from:])
		for _, l := range lits {
			want = want || bytes.Contains(lower, []byte(l))
		}
		at := s.Index(text, from)
		if (at >= 0) != want {
			t.Fatalf("Index(%q, %d) = %d; naive search says found = %v", text, from, at, want)
		}
		if want {
			found++
		}
	}
	if found < 1000 {
		t.Fatalf("only %d of the random texts held a literal; the test proves too little", found)
	}
}

func BenchmarkIndex(b *testing.B) {
	lits := []string{"uuid", "already in use", "already mapped", "no dataobject", "error", "fail", "0x80", "fatal", "exception", "denied",
		"timeout", "timed out", "refused", "unreachable", "quota", "corrupt", "malformed", "locked", "terminated", "svl-0", "ses-0", "lgi-0", "fld-0",
		"cannot", "unable", "fehler", "warning", "shared", "recreated", "hresult", "conflict", "mapi_e_", "disk full", "no space", "certificate"}
	s, err := New(lits)
	if err != nil {
		b.Fatal(err)
	}
	line := []byte("2026-03-05 10:11:12.345: ctx-41 [sync] DEBUG folder=Inbox obj=9f3a1c2e77aa4b10 state=3 elapsed=12ms calls=4 rev=120391 sz=8812 ok\n")
	text := bytes.Repeat(line, 8000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		for at := 0; at >= 0; {
			if at = s.Index(text, at); at >= 0 {
				at++
			}
		}
	}
	b.ReportMetric(s.Density()*100, "%table")
}
