package parser

import (
	_ "embed"
	"regexp"
	"sync"
)

var (
	table   = []string{"literal"}
	counts  map[string]int
	once    sync.Once
	pool    = sync.Pool{}
	built   = build()
	pattern = regexp.MustCompile("x")
	lazy    = sync.OnceValue(build)
	later   = 1
)

//go:embed a.go
var source string

var _ error = (*failure)(nil)

type failure struct{ text string }

func (f *failure) Error() string { f.text = "x"; return f.text }

func init() { table[0] = "changed" }

func build() int {
	later++
	delete(counts, "x")
	table := []string{"local"}
	table[0] = "fine"
	for later = range 3 {
	}
	return len(table)
}
