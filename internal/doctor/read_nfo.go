package doctor

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// isNFO tells a file that msinfo32 has saved, .nfo: XML with categories of rows.
func isNFO(text string) bool {
	return strings.HasPrefix(text, "<") && strings.Contains(text, "<MsInfo>")
}

// maxTokens bounds the parts of a .nfo file; a real one has some 200,000.
const maxTokens = 10_000_000

// takeNFO reads a .nfo file. Its rows are those of the text export.
func (g *Gatherer) takeNFO(path string, data []byte) error {
	var text strings.Builder
	linesOf(data, func(_ int, line string) bool {
		text.WriteString(line)
		text.WriteByte('\n')
		return true
	})
	body := text.String()
	if at := strings.Index(body, "<MsInfo>"); at >= 0 {
		body = body[at:] // the declaration before it names the encoding that is undone here
	}
	n := &nfo{dec: xml.NewDecoder(strings.NewReader(body))}
	err := n.read()
	g.addMSInfo(path, &n.msinfo)
	if err != nil {
		return fmt.Errorf("the XML of msinfo32 is damaged: %w", err)
	}
	return nil
}

// nfo is the state of reading a .nfo file.
type nfo struct {
	msinfo
	dec    *xml.Decoder
	names  []string // elements of the row
	cells  []string
	inData bool
}

func (n *nfo) read() error {
	for range maxTokens {
		token, err := n.dec.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		n.take(token)
	}
	return fmt.Errorf("more than %d parts", maxTokens)
}

// take takes one token.
func (n *nfo) take(token xml.Token) {
	switch t := token.(type) {
	case xml.StartElement:
		switch name := t.Name.Local; {
		case name == "Category":
			for _, a := range t.Attr {
				if a.Name.Local == "name" {
					n.section, n.columns = strings.ToLower(a.Value), nil
				}
			}
		case name == "Data":
			n.inData, n.names, n.cells = true, nil, nil
		case n.inData && len(n.cells) < maxColumns:
			n.names, n.cells = append(n.names, strings.ReplaceAll(name, "_", " ")), append(n.cells, "")
		}
	case xml.CharData:
		if last := len(n.cells) - 1; n.inData && last >= 0 {
			n.cells[last] += string(t)
		}
	case xml.EndElement:
		if t.Name.Local == "Data" {
			n.inData = false
			n.row()
		}
	}
}

// maxColumns bounds the cells of a row; tables of msinfo32 have ten.
const maxColumns = 50

// row takes a whole row.
func (n *nfo) row() {
	for i := range n.cells {
		n.cells[i] = strings.TrimSpace(n.cells[i])
	}
	if n.isTable() {
		n.columns = nil
		n.msinfo.cells(n.names)
	}
	n.msinfo.cells(n.cells)
}
