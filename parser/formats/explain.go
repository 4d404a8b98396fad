package formats

import (
	"oxtail/parser"
	"oxtail/parser/lnav"
)

// Explain reports line by line what a format makes of a log. Grammars explain less
// than pattern formats: which record a line belongs to, not why.
func Explain(f parser.Format, lines []parser.Line, src parser.Source) []lnav.LineReport {
	if l, ok := f.(*lnav.Format); ok {
		return l.Explain(lines, src)
	}
	return explainGrammar(f, lines, src)
}

// explainGrammar runs the assembler and tells which lines begin a record.
func explainGrammar(f parser.Format, lines []parser.Line, src parser.Source) []lnav.LineReport {
	begins := map[int]*parser.Record{}
	note := func(r *parser.Record) { begins[r.Line] = r }
	asm := f.Assembler(src)
	for _, l := range lines {
		asm.Add(l, note)
	}
	asm.Close(note)
	reports := make([]lnav.LineReport, 0, len(lines))
	for _, l := range lines {
		rep := lnav.LineReport{Line: l.Number, Text: l.Text, Record: begins[l.Number]}
		rep.Matched = rep.Record != nil && rep.Record.Problem == ""
		rep.Continues = rep.Record == nil
		if rep.Record != nil {
			rep.Why, rep.Pattern = rep.Record.Problem, f.Name()
		}
		reports = append(reports, rep)
	}
	return reports
}
