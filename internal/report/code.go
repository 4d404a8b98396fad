package report

import (
	"fmt"
	"io"
	"strings"

	"oxtail/parser/codes"
)

// A Code is what the tables say about an error code. Schema oxtail.code/v1.
type Code struct {
	Schema   string   `json:"schema"`
	Code     string   `json:"code"`
	Known    bool     `json:"known"` // the tables have it
	Name     string   `json:"name,omitempty"`
	Meaning  string   `json:"meaning,omitempty"`
	Verdict  string   `json:"verdict,omitempty"` // without context
	Action   string   `json:"action,omitempty"`
	Detail   string   `json:"detail,omitempty"`
	Cause    string   `json:"cause,omitempty"`
	Remedy   string   `json:"remedy,omitempty"`
	Note     string   `json:"note,omitempty"`
	Verified bool     `json:"verified"` // code and meaning stand in a public source
	Source   string   `json:"source,omitempty"`
	Vector   []string `json:"vector,omitempty"` // what the fields of a vector say
}

// NewCode looks a code up.
func NewCode(c codes.Code) Code {
	e, ok := codes.Lookup(c)
	return Code{
		Schema: "oxtail.code/v1", Code: string(c), Known: ok, Name: e.Name, Meaning: e.Meaning, Verdict: e.Verdict, Action: e.Action,
		Detail: e.Detail, Cause: e.Cause, Remedy: e.Remedy, Note: e.Note, Verified: e.Verified, Source: e.Source,
	}
}

// WriteCode writes what is known of a code for a person.
func WriteCode(w io.Writer, c *Code) error {
	t := newText(w, TextOptions{})
	t.printf("%s\n", strings.TrimSpace(c.Code+"  "+c.Name))
	for _, l := range c.Vector {
		t.wrapped("  vector: ", Plain(l))
	}
	if !c.Known {
		t.printf("  not in the tables\n")
		return t.w.Flush()
	}
	verdict := fmt.Sprintf("%s → %s, unless its place in the log says otherwise", c.Verdict, c.Action)
	if !c.Verified {
		verdict += " (not verified)"
	}
	for _, f := range [][2]string{
		{"meaning", c.Meaning}, {"cause", c.Cause}, {"remedy", c.Remedy}, {"how", c.Detail},
		{"verdict", verdict}, {"note", c.Note}, {"source", c.Source},
	} {
		if f[1] != "" {
			t.wrapped(fmt.Sprintf("  %-8s", f[0]), Plain(f[1]))
		}
	}
	return t.w.Flush()
}

// WriteCodes writes a list of codes for a person, one a line.
func WriteCodes(w io.Writer, list []Code) error {
	t := newText(w, TextOptions{})
	rows := [][]string{{"code", "name", "verdict", "action"}}
	for i := range list {
		c := &list[i]
		rows = append(rows, []string{c.Code, Plain(c.Name), c.Verdict, c.Action})
	}
	t.table(rows, "llll")
	return t.w.Flush()
}
