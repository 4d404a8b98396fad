package source

import (
	"bufio"
	"bytes"
	"html"
	"io"
)

const (
	htmlTagBytes    = 64 << 10 // of one tag; longer ones end there
	htmlEntityBytes = 32       // of one character reference
)

// htmlText gives the text of HTML: tags are left out, those that begin a line
// become line ends, character references are decoded. It is meant for logs that
// somebody pasted into a mail, not for pages.
type htmlText struct {
	in   *bufio.Reader
	out  bytes.Buffer
	skip string // element whose content is no text: style, script, head
	bol  bool   // at the start of a line
	err  error
}

func newHTMLText(r io.Reader) io.Reader {
	return &htmlText{in: bufio.NewReaderSize(r, mailLineBytes), bol: true}
}

func (h *htmlText) Read(p []byte) (int, error) {
	for h.out.Len() == 0 && h.err == nil {
		h.err = h.step()
	}
	if h.out.Len() > 0 {
		return h.out.Read(p)
	}
	return 0, h.err
}

// step handles one tag, reference or character.
func (h *htmlText) step() error {
	c, err := h.in.ReadByte()
	if err != nil {
		return err
	}
	switch {
	case c == '<':
		return h.tag()
	case h.skip != "":
	case c == '&':
		return h.reference()
	case c == '\r', c == '\n', c == '\t', c == ' ':
		if !h.bol {
			h.out.WriteByte(' ')
		}
	default:
		h.bol = false
		h.out.WriteByte(c)
	}
	return nil
}

// tag reads a tag up to its end.
func (h *htmlText) tag() error {
	var tag []byte
	for len(tag) < htmlTagBytes {
		c, err := h.in.ReadByte()
		if err != nil {
			return err
		}
		if c == '>' && (!bytes.HasPrefix(tag, []byte("!--")) || bytes.HasSuffix(tag, []byte("--"))) {
			break
		}
		tag = append(tag, c)
	}
	h.element(tagName(tag))
	return nil
}

// tagName returns the lower-case name, with a slash before that of an end tag.
func tagName(tag []byte) string {
	end := bytes.IndexAny(tag, " \t\r\n")
	if end >= 0 {
		tag = tag[:end]
	}
	if len(tag) > 1 {
		tag = bytes.TrimRight(tag, "/")
	}
	return string(bytes.ToLower(tag))
}

func (h *htmlText) element(name string) {
	if h.skip != "" {
		if name == "/"+h.skip {
			h.skip = ""
		}
		return
	}
	switch name {
	case "style", "script", "title":
		h.skip = name
	case "br", "/p", "/div", "/tr", "/li", "/h1", "/h2", "/h3", "/pre", "/blockquote":
		h.out.WriteByte('\n')
		h.bol = true
	case "/td", "/th":
		h.out.WriteByte('\t')
	}
}

// reference decodes a character reference such as &auml; or &#8217;.
func (h *htmlText) reference() error {
	ref := []byte{'&'}
	for len(ref) < htmlEntityBytes {
		c, err := h.in.ReadByte()
		if err != nil {
			h.out.Write(ref)
			return err
		}
		if c == '<' || c == '&' || c == ' ' || c == '\n' {
			h.in.UnreadByte()
			break
		}
		ref = append(ref, c)
		if c == ';' {
			break
		}
	}
	text := html.UnescapeString(string(ref))
	if text == "\u00a0" {
		text = " " // the space that HTML editors write
	}
	h.bol = false
	h.out.WriteString(text)
	return nil
}
