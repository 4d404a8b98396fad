package query

import (
	"math/rand"
	"testing"
)

// TestFoldPieces holds folding many bytes at a time against folding each character alone.
func TestFoldPieces(t *testing.T) {
	rnd := rand.New(rand.NewSource(1))
	alphabet := []string{"A", "Z", "a", "z", "@", "[", "`", "{", "0", " ", "\n", "Ü", "ß", "é", "–", "\xe4"}
	for range 20000 {
		var text, want []byte
		usual := 1 + rnd.Intn(len(alphabet)) // how much of the alphabet: plain texts must come up, too
		for range rnd.Intn(40) {
			c := alphabet[rnd.Intn(usual)]
			text = append(text, c...)
			want = Fold(want, []byte(c))
		}
		if got := Fold([]byte("x"), text); string(got) != "x"+string(want) {
			t.Fatalf("Fold(%q) = %q, want %q", text, got, "x"+string(want))
		}
	}
}
