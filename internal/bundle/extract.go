package bundle

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"oxtail/internal/source"
	"oxtail/parser"
)

// Limits of extracts.
const (
	// MaxExtractLines bounds the lines of evidence that are shown of one source.
	MaxExtractLines = 400
	// maxExtractWidth bounds one line, in bytes.
	maxExtractWidth = 8 << 10
)

// An Extract is the lines of a source around its evidence.
type Extract struct {
	Source string
	Text   []byte
}

// Extracts reads the lines around evidence: around lines before and behind each of want, by
// the path of the source. Lines are numbered as in the source.
func Extracts(ctx context.Context, paths []string, opts source.Options, want map[string][]int, around int) ([]Extract, error) {
	var out []Extract
	_, err := source.Walk(ctx, paths, opts, func(st *source.Stream) error {
		lines := slices.Clone(want[st.Path])
		if len(lines) == 0 || !st.Kind.HasRecords() {
			return nil
		}
		slices.Sort(lines)
		text, err := extract(ctx, st, lines[:min(len(lines), MaxExtractLines)], around)
		if err != nil {
			return fmt.Errorf("read %s: %w", st.Path, err)
		}
		out = append(out, Extract{st.Path, text})
		return nil
	})
	return out, err
}

func extract(ctx context.Context, st *source.Stream, lines []int, around int) ([]byte, error) {
	in, err := st.Open()
	if err != nil {
		return nil, err
	}
	defer in.Close() // read only: nothing is lost when closing fails
	r := parser.NewLineReader(in, parser.Encoding{})
	var out strings.Builder
	last := 0
	for len(lines) > 0 && ctx.Err() == nil {
		l, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			fmt.Fprintf(&out, "…  not read to its end: %v\n", err)
			break
		}
		for len(lines) > 0 && l.Number > lines[0]+around {
			lines = lines[1:]
		}
		if len(lines) == 0 || l.Number < lines[0]-around {
			continue
		}
		if last > 0 && l.Number > last+1 {
			out.WriteString("…\n")
		}
		mark := " "
		if slices.Contains(lines, l.Number) {
			mark = ">"
		}
		last = l.Number
		fmt.Fprintf(&out, "%s%7d  %s\n", mark, l.Number, strings.ToValidUTF8(l.Text[:min(len(l.Text), maxExtractWidth)], ""))
	}
	return []byte(out.String()), ctx.Err()
}
