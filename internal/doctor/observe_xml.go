package doctor

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"oxtail/actions/checks"
)

// Words for an entry of a configuration file.
const (
	entryFound     = "found"
	entryMissing   = "missing"
	entryCommented = "commented out"
)

// observeXML looks for the configured entry in atlas.xml. What the entry is, the sources
// do not say; without a configured one nothing is known.
func (f *Facts) observeXML(checks.Probe) checks.Observation {
	entry := f.Config["atlas_entry"]
	var out checks.Observation
	if entry == "" {
		out.Settles = append(out.Settles, "the entry that the vendor gives: --set atlas_entry='<…/>'")
	}
	if len(f.atlas) == 0 {
		out.Settles = append(out.Settles, "the file atlas.xml from the program folder of XPhone")
	}
	if len(out.Settles) > 0 {
		return out
	}
	want, err := elements(strings.NewReader(entry))
	if err != nil || len(want) == 0 {
		return unseen(fmt.Sprintf("an atlas_entry that is an XML element: %v", err))
	}
	out.Covered = true
	for _, doc := range f.atlas {
		word, err := lookFor(doc.data, want)
		if err != nil {
			out.Remarks = append(out.Remarks, fmt.Sprintf("%s is damaged: %v", doc.path, err))
		}
		if word == entryMissing && (err != nil || checks.Redacted(string(doc.data))) {
			out.Covered = false
			out.Settles = append(out.Settles, "a copy of atlas.xml that is whole and not redacted")
			continue
		}
		out.Values = append(out.Values, checks.Value{Is: word, Text: "the entry is " + word, Place: "atlas.xml", Source: doc.path})
	}
	return out
}

// An element is the start of an XML element in a form that is compared.
type element struct {
	name  string
	attrs []string // name=value, sorted
}

// same reports whether an element has the name and at least the attributes of another.
func (e element) same(want element) bool {
	if !strings.EqualFold(e.name, want.name) {
		return false
	}
	return !slices.ContainsFunc(want.attrs, func(a string) bool { return !slices.Contains(e.attrs, a) })
}

// lookFor finds the wanted elements, one behind the other, in a document, or in one of
// its comments.
func lookFor(data []byte, want []element) (string, error) {
	var comments [][]byte
	have, err := scanXML(bytes.NewReader(data), func(c xml.Comment) { comments = append(comments, bytes.Clone(c)) })
	if holds(have, want) {
		return entryFound, nil
	}
	for _, c := range comments {
		inside, _ := elements(bytes.NewReader(c)) // a comment need not be XML
		if holds(inside, want) {
			return entryCommented, err
		}
	}
	return entryMissing, err
}

// holds reports whether the wanted elements stand in the list in their order.
func holds(have, want []element) bool {
	for i := range have {
		if i+len(want) > len(have) {
			return false
		}
		if slices.EqualFunc(have[i:i+len(want)], want, element.same) {
			return true
		}
	}
	return false
}

// elements lists the elements of a text in their order.
func elements(r io.Reader) ([]element, error) { return scanXML(r, func(xml.Comment) {}) }

// maxElements bounds the elements of a configuration file.
const maxElements = 100_000

// scanXML lists the elements of a text and shows its comments.
func scanXML(r io.Reader, comment func(xml.Comment)) ([]element, error) {
	dec := xml.NewDecoder(r)
	dec.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // names are ASCII
	var out []element
	for len(out) < maxElements {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		switch t := token.(type) {
		case xml.Comment:
			comment(t)
		case xml.StartElement:
			e := element{name: t.Name.Local}
			for _, a := range t.Attr {
				e.attrs = append(e.attrs, strings.ToLower(a.Name.Local)+"="+a.Value)
			}
			slices.Sort(e.attrs)
			out = append(out, e)
		}
	}
	return out, fmt.Errorf("more than %d elements", maxElements)
}
