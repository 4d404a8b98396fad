package outlook

import (
	"fmt"
	"os"
	"testing"
)

func TestDump(t *testing.T) {
	name := os.Getenv("DUMP")
	if name == "" {
		t.Skip("no DUMP")
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	who := choose(raw)
	fmt.Println("CLAIM", who)
	for _, f := range Formats() {
		c := f.Claim(linesOf(raw))
		if c.Matched > 0 {
			fmt.Println("  ", f.Name(), c)
		}
		if f.Name() != who {
			continue
		}
		for _, r := range read(f, raw) {
			fmt.Printf("%d %s %v %q\n", r.Line, r.Level, r.Fields, r.Text)
		}
	}
}
