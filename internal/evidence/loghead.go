package evidence

import (
	"bytes"

	"oxtail/actions"
	"oxtail/internal/source"
	"oxtail/parser"
)

// logClues returns the lines of a log's head that may name an account or cache file.
// A log that cannot be read has none; whoever reads it as a log says why.
func (g *Gatherer) logClues(st *source.Stream) []actions.LogLine {
	if st.Once || st.Kind != source.KindLog || g.heads >= maxLogHeads {
		return nil
	}
	g.heads++
	data, err := readHead(st, logHeadBytes)
	if err != nil {
		return nil
	}
	var out []actions.LogLine
	lines := parser.NewLineReader(bytes.NewReader(data), parser.Encoding{})
	for len(out) < logClues {
		l, err := lines.Next()
		if err != nil {
			return out
		}
		if actions.MayNameStore(l.Text) {
			out = append(out, actions.LogLine{Line: l.Number, Text: l.Text[:min(len(l.Text), maxClue)]})
		}
	}
	return out
}
