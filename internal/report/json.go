package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// WriteJSON writes one object on one line, without escaping < > & for HTML.
func WriteJSON(w io.Writer, v any) error {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("encode %T: %w", v, err)
	}
	_, err := w.Write(escapeControls(buf.Bytes()))
	return err
}

// escapeControls escapes the control characters that JSON allows as they are: DEL
// and U+0080 to U+009F, which a terminal takes for the start of a command.
func escapeControls(line []byte) []byte {
	out := line[:0:0]
	from := 0
	for i := 0; i < len(line); i++ {
		n := 0
		switch {
		case line[i] == 0x7f:
			n = 1
		case line[i] == 0xc2 && i+1 < len(line) && line[i+1] >= 0x80 && line[i+1] <= 0x9f:
			n = 2
		default:
			continue
		}
		out = append(out, line[from:i]...)
		out = fmt.Appendf(out, "\\u%04x", line[i+n-1])
		from = i + n
		i = from - 1
	}
	if from == 0 {
		return line
	}
	return append(out, line[from:]...)
}

// A Version says what the program was built from. Schema oxtail.version/v1.
type Version struct {
	Schema   string `json:"schema"`
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"`
	Modified bool   `json:"modified,omitempty"` // built from a changed work tree
	Go       string `json:"go"`
	OS       string `json:"os"`
	Arch     string `json:"arch"`
}

// WriteDocument writes all objects of a scan, one a line, the summary last.
func WriteDocument(w io.Writer, d *Document) error {
	out := bufio.NewWriter(w)
	for i := range d.Sources {
		if err := WriteJSON(out, &d.Sources[i]); err != nil {
			return err
		}
	}
	for i := range d.Findings {
		if err := WriteJSON(out, &d.Findings[i]); err != nil {
			return err
		}
	}
	for i := range d.Cases {
		if err := WriteJSON(out, &d.Cases[i]); err != nil {
			return err
		}
	}
	for i := range d.Templates {
		if err := WriteJSON(out, &d.Templates[i]); err != nil {
			return err
		}
	}
	for i := range d.Notes {
		if err := WriteJSON(out, &d.Notes[i]); err != nil {
			return err
		}
	}
	if err := WriteJSON(out, &d.Summary); err != nil {
		return err
	}
	return out.Flush()
}
