package report

import (
	"oxtail/parser"
)

// FromRecord returns a record in the form of the schema, redacted.
func FromRecord(source string, r *parser.Record) Record {
	out := Record{
		Schema: SchemaRecord, Source: clean(source), Offset: r.Offset, Length: int64(len(r.Raw)), Line: r.Line,
		Level: r.Level.String(), Component: clean(r.Component), Thread: clean(r.Thread),
		Message: clean(r.Message), Codes: codeStrings(r.Codes), Problem: clean(r.Problem),
	}
	if r.Message == "" {
		out.Message = clean(r.Text)
	}
	if r.Basis != parser.TimeNone {
		out.Time, out.TimeBasis = stamp(r.Time), r.Basis.String()
	}
	for _, u := range r.UUIDs {
		out.UUIDs = append(out.UUIDs, string(u))
	}
	for _, f := range r.Fields {
		if out.Fields == nil {
			out.Fields = map[string]string{}
		}
		out.Fields[f.Name] = redactField(f.Name, f.Value)
	}
	return out
}

// redactField redacts a value by the name of its field, too.
func redactField(name, value string) string {
	if probe := name + "="; Redact(probe+"x") != probe+"x" {
		return mask
	}
	return clean(value)
}
