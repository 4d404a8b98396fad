package query

import "oxtail/parser"

// A Block is what queries are held against: consecutive records of one source.
type Block interface {
	Len() int
	Source() string // path of the source
	Format() string // name of its format

	// Folded returns the folded text of all records and, for each, where it begins;
	// the last element is the length of the text.
	Folded() (text []byte, starts []int32)

	// FoldedRecord returns the folded text of one record, valid until the next call:
	// cheaper than Folded when few records are asked for.
	FoldedRecord(i int) []byte

	// Text returns the decoded text of a record, valid until the next call.
	Text(i int) []byte

	Level(i int) parser.Level
	Time(i int) (unixNano int64, basis parser.TimeBasis)
	Component(i int) string
	Thread(i int) string
	Tags(i int) []parser.Field // what rules say, "rule" and "verdict", and the labels: see Judged
	Record(i int) *parser.Record
}

// values calls do with the values of a record's field until it returns true, and
// reports whether it did.
func values(b Block, i int, field string, do func(string) bool) bool {
	switch field {
	case "source":
		return do(b.Source())
	case "format":
		return do(b.Format())
	case "level":
		return do(b.Level(i).String())
	case "component":
		return do(b.Component(i))
	case "thread":
		return do(b.Thread(i))
	case "time_basis":
		_, basis := b.Time(i)
		return do(basis.String())
	case "rule", "verdict", "case", "episode":
		return tagValues(b.Tags(i), field, do)
	case "profile":
		return tagValues(b.Tags(i), field, do) || tagValues(b.Record(i).Fields, field, do)
	case "problem":
		return do(b.Record(i).Problem)
	case "code":
		for _, c := range b.Record(i).Codes {
			if do(string(c)) {
				return true
			}
		}
		return false
	case "uuid":
		for _, u := range b.Record(i).UUIDs {
			if do(string(u)) {
				return true
			}
		}
		return false
	case "account":
		return tagValues(b.Tags(i), field, do) || tagValues(b.Record(i).Fields, "account_user", do) || tagValues(b.Record(i).Fields, "account_server", do)
	}
	return tagValues(b.Record(i).Fields, field, do)
}

// Values returns the values that a record of a block has for a field, as facets count them.
func Values(b Block, i int, field string) []string {
	var out []string
	values(b, i, field, func(v string) bool {
		if v != "" {
			out = append(out, v)
		}
		return false
	})
	return out
}

func tagValues(fields []parser.Field, name string, do func(string) bool) bool {
	for _, f := range fields {
		if foldEqual(f.Name, name) && do(f.Value) {
			return true
		}
	}
	return false
}

// foldEqual compares the ASCII names of fields; name is in lower case.
func foldEqual(s, name string) bool {
	if len(s) != len(name) {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if c-'A' < 26 {
			c += 'a' - 'A'
		}
		if c != name[i] {
			return false
		}
	}
	return true
}

// Columns lists the fields whose values need no assembled record.
func Columns(field string) bool {
	switch field {
	case "source", "format", "level", "component", "thread", "time_basis", "rule", "verdict", "case", "episode":
		return true
	}
	return false
}
