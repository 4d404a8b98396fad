package source

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"time"
)

// Limits of a mail.
const (
	mailHeaderBytes = 1 << 20 // of one part; Exchange allows 256 KiB
	maxMailParts    = 10_000
	maxMailDepth    = 16 // multiparts inside multiparts
	maxBoundary     = 70 // bytes, RFC 2046
	mailLineBytes   = 64 << 10
)

// mail gives the text of a mail, and its attachments as members. Parts are
// found by offset, so that each can be opened without reading the ones before.
func (w *walker) mail(o *origin) error {
	look := look{formMail, KindItem, "mail"}
	ra, closer, ok := w.random(o)
	if !ok {
		return nil
	}
	defer closer.Close()
	p := &mailParser{ra: ra}
	root := p.header(0, o.at.n)
	p.parts(root, 0)
	it := item{subject: decodeWords(root.header.Get("Subject")), sender: decodeWords(root.header.Get("From"))}
	if t, err := mail.ParseDate(root.header.Get("Date")); err == nil {
		it.submitted = t.UTC()
	}
	body := p.body()
	if err := w.give(o.text(body), look, it); err != nil {
		return err
	}
	if p.fault != nil {
		w.skip(o.path, p.fault)
	}
	return w.attachments(o, p.leaves, body)
}

// text returns an origin for the text of a mail, under the path of the mail.
func (o *origin) text(body *mailPart) *origin {
	c := *o
	c.size, c.at = -1, nil
	if body == nil {
		c.fromBytes(nil, nil)
		c.size = 0
		return &c
	}
	section := o.at.part(body.from, body.to-body.from)
	c.open = func() (io.ReadCloser, error) {
		rc, err := section.stream()
		if err != nil {
			return nil, err
		}
		r := toUTF8(body.decoded(rc), body.charset)
		if body.media == "text/html" {
			r = newHTMLText(r)
		}
		return &joined{Reader: r, c: rc}, nil
	}
	return &c
}

// attachments gives all leaves but the body, and the body's other forms.
func (w *walker) attachments(o *origin, leaves []*mailPart, body *mailPart) error {
	if o.depth+1 > w.opts.Budget.MaxDepth && len(leaves) > 1 {
		w.skip(o.path, budgetError(o.path, "depth", int64(w.opts.Budget.MaxDepth)))
		return nil
	}
	var names namer
	for _, leaf := range leaves {
		if leaf == body || leaf.alternative {
			continue
		}
		name, note := names.name(leaf.fileName())
		if !w.filter.wants(name, true) {
			continue
		}
		if !o.led.member() {
			w.skip(o.path, budgetError(o.path, "members", int64(w.opts.Budget.MaxMembers)))
			return nil
		}
		c := o.member(name, note, -1, time.Time{})
		section, part, t := o.at.part(leaf.from, leaf.to-leaf.from), leaf, &tally{}
		c.open = func() (io.ReadCloser, error) {
			rc, err := section.stream()
			if err != nil {
				return nil, err
			}
			return &joined{Reader: &meteredReader{r: part.decoded(rc), led: c.led, t: t, path: c.path}, c: rc}, nil
		}
		if err := w.enter(c); err != nil {
			return err
		}
	}
	return nil
}

// A mailPart is one part of a mail and where its content is.
type mailPart struct {
	header      mail.Header
	from, to    int64 // of the content, still encoded
	media       string
	params      map[string]string
	charset     string
	alternative bool // another form of a text that is shown already
	attached    bool
	index       int
}

// fileName returns the name of an attachment; there may be none.
func (p *mailPart) fileName() string {
	_, params, _ := mime.ParseMediaType(p.header.Get("Content-Disposition"))
	for _, name := range []string{params["filename"], p.params["name"]} {
		if name = decodeWords(name); name != "" {
			return name
		}
	}
	switch p.media {
	case "message/rfc822":
		return fmt.Sprintf("part%d.eml", p.index)
	case "text/plain":
		return fmt.Sprintf("part%d.txt", p.index)
	}
	return fmt.Sprintf("part%d", p.index)
}

// decoded undoes the transfer encoding.
func (p *mailPart) decoded(r io.Reader) io.Reader {
	switch strings.ToLower(strings.TrimSpace(p.header.Get("Content-Transfer-Encoding"))) {
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, &base64Filter{r: bufio.NewReaderSize(r, mailLineBytes)})
	case "quoted-printable":
		return quotedprintable.NewReader(r)
	}
	return r
}

// A base64Filter passes what belongs to base64 and adds the padding that some
// writers forget.
type base64Filter struct {
	r    *bufio.Reader
	n    int // characters passed
	done bool
}

func (f *base64Filter) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) && !f.done {
		c, err := f.r.ReadByte()
		switch {
		case err == io.EOF:
			f.done = true
		case err != nil:
			return n, err
		case c == '=':
			f.done = true
		case isBase64(c):
			p[n] = c
			n++
			f.n++
		}
	}
	for n < len(p) && f.done && f.n%4 > 1 {
		p[n] = '='
		n++
		f.n++
	}
	if n == 0 && f.done {
		return 0, io.EOF
	}
	return n, nil
}

func isBase64(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/'
}

// decodeWords decodes =?charset?Q?…?= in header fields.
func decodeWords(s string) string {
	d := mime.WordDecoder{CharsetReader: func(charset string, r io.Reader) (io.Reader, error) {
		return toUTF8(r, charset), nil
	}}
	out, err := d.DecodeHeader(s)
	if err != nil {
		out = s
	}
	return strings.ToValidUTF8(out, "\ufffd")
}

// A mailParser finds the parts of a mail.
type mailParser struct {
	ra     io.ReaderAt
	leaves []*mailPart
	fault  error
}

// header reads the header of the part in [from, to).
func (p *mailParser) header(from, to int64) *mailPart {
	part := &mailPart{from: from, to: to, index: len(p.leaves) + 1}
	block, length := p.headerBlock(from, to)
	part.from = from + length
	part.header = parseHeader(block)
	media, params, err := mime.ParseMediaType(part.header.Get("Content-Type"))
	if err != nil && media == "" {
		media = "text/plain"
	}
	part.media, part.params, part.charset = media, params, params["charset"]
	kind, _, _ := mime.ParseMediaType(part.header.Get("Content-Disposition"))
	part.attached = kind == "attachment"
	return part
}

// headerBlock reads up to the empty line; length includes it.
func (p *mailParser) headerBlock(from, to int64) (block []byte, length int64) {
	in := bufio.NewReaderSize(io.NewSectionReader(p.ra, from, min(to-from, mailHeaderBytes)), 4096)
	for {
		line, err := in.ReadSlice('\n')
		length += int64(len(line))
		if err == nil && len(bytes.TrimRight(line, "\r\n")) == 0 {
			return block, length
		}
		block = append(block, line...)
		if err != nil && err != bufio.ErrBufferFull {
			return block, length
		}
	}
}

// parseHeader reads header fields and forgives what is none: net/mail gives up
// at the first bad line.
func parseHeader(block []byte) mail.Header {
	h := mail.Header{}
	var name string
	for line := range bytes.Lines(block) {
		line = bytes.TrimRight(line, "\r\n")
		if len(line) > 0 && (line[0] == ' ' || line[0] == '\t') {
			if values := h[name]; len(values) > 0 {
				values[len(values)-1] += " " + string(bytes.TrimSpace(line))
			}
			continue
		}
		field, value, ok := bytes.Cut(line, []byte(":"))
		if !ok || !isFieldName(field) {
			name = ""
			continue
		}
		name = canonicalField(string(field))
		h[name] = append(h[name], string(bytes.TrimSpace(value)))
	}
	return h
}

// canonicalField is how mail.Header spells the name of a field.
func canonicalField(name string) string {
	b := []byte(strings.ToLower(name))
	for i := range b {
		if (i == 0 || b[i-1] == '-') && b[i] >= 'a' && b[i] <= 'z' {
			b[i] -= 'a' - 'A'
		}
	}
	return string(b)
}

// parts adds the leaves of part.
func (p *mailParser) parts(part *mailPart, depth int) {
	boundary := part.params["boundary"]
	if !strings.HasPrefix(part.media, "multipart/") || boundary == "" || len(boundary) > maxBoundary {
		p.leaves = append(p.leaves, part)
		return
	}
	if depth >= maxMailDepth {
		p.fault = fmt.Errorf("the mail has parts inside more than %d others", maxMailDepth)
		return
	}
	first := len(p.leaves)
	for _, s := range p.split(part.from, part.to, boundary) {
		if len(p.leaves) >= maxMailParts {
			p.fault = fmt.Errorf("the mail has more than %d parts", maxMailParts)
			return
		}
		p.parts(p.header(s.from, s.to), depth+1)
	}
	if part.media == "multipart/alternative" {
		markAlternatives(p.leaves[first:])
	}
}

// markAlternatives keeps one text of several forms of it, the plain one if there
// is one.
func markAlternatives(leaves []*mailPart) {
	best := -1
	for i, leaf := range leaves {
		if leaf.media == "text/plain" || best < 0 && leaf.media == "text/html" {
			if best < 0 || leaves[best].media != "text/plain" {
				best = i
			}
		}
	}
	for i, leaf := range leaves {
		leaf.alternative = best >= 0 && i != best && strings.HasPrefix(leaf.media, "text/") && !leaf.attached
	}
}

// body returns the leaf that is the text of the mail, nil if there is none.
func (p *mailParser) body() *mailPart {
	for _, media := range []string{"text/plain", "text/html", "text/rtf"} {
		for _, leaf := range p.leaves {
			if leaf.media == media && !leaf.attached && !leaf.alternative {
				return leaf
			}
		}
	}
	return nil
}

// A span is a piece of the mail.
type span struct{ from, to int64 }

// split finds the pieces between the lines of a boundary. The last one may lack
// its end: mails are cut off.
func (p *mailParser) split(from, to int64, boundary string) []span {
	in := bufio.NewReaderSize(io.NewSectionReader(p.ra, from, to-from), mailLineBytes)
	mark := []byte("--" + boundary)
	var spans []span
	start, at, lineStart := int64(-1), from, true
	var ending int64 // bytes of the line end before the boundary, which belong to it
	for {
		line, err := in.ReadSlice('\n')
		if lineStart && bytes.HasPrefix(line, mark) {
			rest := bytes.TrimRight(line[len(mark):], " \t\r\n")
			last := string(rest) == "--"
			if last || len(rest) == 0 {
				if start >= 0 {
					spans = append(spans, span{start, max(at-ending, start)})
				}
				start = at + int64(len(line))
				if last || len(spans) >= maxMailParts {
					return spans
				}
			}
		}
		at += int64(len(line))
		ending = int64(len(line) - len(bytes.TrimRight(line, "\r\n")))
		lineStart = err == nil
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			if start >= 0 && start < to {
				spans = append(spans, span{start, to})
			}
			if err != io.EOF {
				p.fault = err
			}
			return spans
		}
	}
}
