package evtx

import (
	"errors"
	"fmt"
	"strconv"
)

// Tokens of binary XML, [MS-EVEN6] 2.2.12, without the bit that says that more follows.
const (
	tokenEnd         = 0x00
	tokenElement     = 0x01
	tokenCloseStart  = 0x02
	tokenCloseEmpty  = 0x03
	tokenEndElement  = 0x04
	tokenValue       = 0x05
	tokenAttribute   = 0x06
	tokenCDATA       = 0x07
	tokenCharRef     = 0x08
	tokenEntityRef   = 0x09
	tokenPITarget    = 0x0a
	tokenPIData      = 0x0b
	tokenTemplate    = 0x0c
	tokenSubst       = 0x0d
	tokenOptional    = 0x0e
	tokenFragment    = 0x0f
	tokenMore        = 0x40
	substBytes       = 4 // token, index, type
	templateHead     = 24
	elementDepBytes  = 2 // dependency of an element, which values lack
	fragmentHeadRest = 3
)

// Errors of binary XML that no sound log has.
var (
	errTooLong  = fmt.Errorf("its text is longer than the limit of %d KiB", maxEventBytes>>10)
	errTooMuch  = errors.New("its chunk unfolds to more than the limit")
	errTooDeep  = errors.New("its elements or templates are nested too deep")
	errBadName  = errors.New("a name in it is damaged")
	errBadXML   = errors.New("its elements do not fit together")
	errBadValue = errors.New("a value in it is missing")
)

// A writer renders the events of one chunk.
type writer struct {
	chunk  []byte
	names  map[int]string // by offset
	out    []byte
	spent  int // bytes of text of the events before
	tokens int // looked at so far
	open   []element
	lists  [][]value // of the values of templates, by nesting, to be used again
}

// An element is open.
type element struct {
	name  string
	start int // of its tag in the text
}

// reset makes the writer ready for another chunk.
func (w *writer) reset(b []byte) {
	*w = writer{chunk: b, names: make(map[int]string), out: w.out[:0], open: w.open[:0], lists: w.lists}
}

// event renders the event whose binary XML is b[from:to]. What was rendered before an
// error is closed and returned with it; an event without any text gets the little that
// its head says.
func (w *writer) event(from, to int, e *Event) ([]byte, error) {
	w.out, w.open = w.out[:0], w.open[:0]
	f := fragment{writer: w, cursor: cursor{b: w.chunk, at: from, end: to}}
	err := errTooMuch
	if w.spent < maxChunkText && w.tokens < maxChunkTokens {
		err = f.render(nil, 0, true)
	}
	if err == nil && (len(w.open) > 0 || len(w.out) == 0) {
		err = errBadXML
	}
	if err != nil {
		w.closeAll(f.inTag)
	}
	if !isEvent(w.out) {
		if err == nil {
			err = errBadXML
		}
		w.out = bareEvent(w.out[:0], e)
	}
	w.spent += len(w.out)
	return w.out, err
}

// isEvent reports whether a text is one element Event.
func isEvent(text []byte) bool {
	const tag = "<Event"
	return len(text) > len(tag) && string(text[:len(tag)]) == tag && (text[len(tag)] == ' ' || text[len(tag)] == '>') && text[len(text)-1] == '>'
}

// bareEvent writes what the head of an event says.
func bareEvent(out []byte, e *Event) []byte {
	out = append(out, "<Event><System><EventRecordID>"...)
	out = strconv.AppendUint(out, e.ID, 10)
	out = append(out, "</EventRecordID>"...)
	if !e.Time.IsZero() {
		out = append(out, `<TimeCreated SystemTime="`...)
		out = e.Time.AppendFormat(out, timeLayout)
		out = append(out, `"/>`...)
	}
	return append(out, "</System></Event>"...)
}

// closeAll ends all open elements, after an error.
func (w *writer) closeAll(inTag bool) {
	for i := len(w.open) - 1; i >= 0; i-- {
		if inTag { // half a tag says nothing
			w.out = w.out[:w.open[i].start]
			inTag = false
			continue
		}
		w.out = append(append(append(w.out, "</"...), w.open[i].name...), '>')
	}
	w.open = w.open[:0]
}

// A fragment is binary XML on its way to text: that of an event, of a template, or of
// a value.
type fragment struct {
	*writer
	cursor
	values   []value // of the template at hand
	level    int     // of nesting
	base     int     // elements that were open before it
	bare     bool    // no template: elements have no dependency
	inTag    bool    // a start tag is open
	inAttr   bool    // an attribute is open
	attrAt   int     // where the attribute begins in the text
	attrText int     // where its value begins
	attrNull bool    // an optional value of it is missing
}

// render renders all tokens.
func (f *fragment) render(values []value, level int, bare bool) error {
	f.values, f.level, f.bare, f.base = values, level, bare, len(f.open)
	if level > maxNesting {
		return errTooDeep
	}
	for f.at < f.end {
		if f.tokens++; f.tokens > maxChunkTokens || f.spent+len(f.out) > maxChunkText {
			return errTooMuch
		}
		if len(f.out) > maxEventBytes {
			return errTooLong
		}
		token := f.u8()
		if token == tokenEnd {
			break
		}
		if err := f.step(token); err != nil {
			return err
		}
		if f.err != nil {
			return f.err
		}
	}
	if f.inTag || len(f.open) != f.base {
		return errBadXML
	}
	return nil
}

// step renders one token.
func (f *fragment) step(token byte) error {
	switch token &^ tokenMore {
	case tokenElement:
		return f.element(token&tokenMore != 0)
	case tokenAttribute:
		return f.attribute()
	case tokenCloseStart:
		return f.closeStart()
	case tokenCloseEmpty:
		return f.closeEmpty()
	case tokenEndElement:
		return f.endElement()
	case tokenTemplate:
		return f.template()
	case tokenSubst, tokenOptional:
		return f.substitute(token&^tokenMore == tokenOptional)
	case tokenFragment:
		f.take(fragmentHeadRest)
		return nil
	}
	return f.literal(token &^ tokenMore)
}

// literal renders a token that is text.
func (f *fragment) literal(token byte) error {
	if f.inTag && !f.inAttr {
		return errBadXML
	}
	switch token {
	case tokenValue:
		return f.literalValue()
	case tokenCDATA:
		f.text(f.utf16())
	case tokenCharRef:
		f.out = appendRune(f.out, rune(f.u16()))
	case tokenEntityRef:
		name, err := f.name()
		if err != nil {
			return err
		}
		f.entity(name)
	case tokenPITarget:
		_, err := f.name()
		return err
	case tokenPIData:
		f.utf16()
	default:
		return fmt.Errorf("token 0x%02x in it is unknown", token)
	}
	return nil
}

// literalValue renders a value that stands in the XML itself: a text, in all logs that
// are known.
func (f *fragment) literalValue() error {
	if kind := f.u8(); kind != kindString {
		return fmt.Errorf("a literal of type 0x%02x in it is unknown", kind)
	}
	f.text(f.utf16())
	return nil
}

// text writes UTF-16LE.
func (f *fragment) text(b []byte) {
	f.charge(len(b))
	f.out = appendUTF16(f.out, b)
}

// charge counts bytes that are looked at, whether they give text or not.
func (f *fragment) charge(n int) {
	const bytesForToken = 16 // take about as long as a token
	f.tokens += n / bytesForToken
}

func (f *fragment) entity(name string) {
	switch name {
	case "amp", "lt", "gt", "quot", "apos":
		f.out = append(append(append(f.out, '&'), name...), ';')
	default:
		f.out = append(append(append(f.out, "&amp;"...), name...), ';')
	}
}

// element renders the begin of a start tag.
func (f *fragment) element(attributes bool) error {
	if f.inTag || len(f.open) == 0 && len(f.out) > 0 {
		return errBadXML
	}
	if len(f.open) >= maxDepth {
		return errTooDeep
	}
	if !f.bare || !f.nameFollows(4) {
		f.take(elementDepBytes)
	}
	f.take(4) // bytes of the element
	name, err := f.name()
	if err != nil {
		return err
	}
	if attributes {
		f.take(4) // bytes of the attributes
	}
	f.open = append(f.open, element{name, len(f.out)})
	f.out = append(append(f.out, '<'), name...)
	f.inTag = true
	return nil
}

// attribute renders the begin of an attribute.
func (f *fragment) attribute() error {
	if !f.inTag {
		return errBadXML
	}
	f.endAttribute()
	name, err := f.name()
	if err != nil {
		return err
	}
	f.inAttr, f.attrNull, f.attrAt = true, false, len(f.out)
	f.out = append(append(append(f.out, ' '), name...), `="`...)
	f.attrText = len(f.out)
	return nil
}

// endAttribute ends the open attribute. One that has no value is left out.
func (f *fragment) endAttribute() {
	if !f.inAttr {
		return
	}
	f.inAttr = false
	if f.attrNull && len(f.out) == f.attrText {
		f.out = f.out[:f.attrAt]
		return
	}
	f.out = append(f.out, '"')
}

// closeStart ends a start tag. An element that holds nothing but a list of values is
// written once for each of them, as Windows does.
func (f *fragment) closeStart() error {
	if !f.inTag {
		return errBadXML
	}
	f.endAttribute()
	f.inTag = false
	f.out = append(f.out, '>')
	token := f.peek(0) &^ tokenMore
	if token != tokenSubst && token != tokenOptional || f.peek(substBytes) != tokenEndElement {
		return nil
	}
	v, ok := f.value(int(f.peek(1)) | int(f.peek(2))<<8)
	switch {
	case !ok:
		return nil // told when the token is read
	case token == tokenOptional && v.kind == kindNull && !f.hasAttributes():
		f.take(substBytes + 1)
		f.out = f.out[:f.top().start]
		f.open = f.open[:len(f.open)-1]
	case v.kind&kindArray != 0:
		f.take(substBytes + 1)
		return f.repeat(v)
	}
	return nil
}

func (f *fragment) top() element { return f.open[len(f.open)-1] }

func (f *fragment) hasAttributes() bool {
	e := f.top()
	return len(f.out) > e.start+len(e.name)+len("<>")
}

// repeat writes the open element once for each value of an array.
func (f *fragment) repeat(v value) error {
	e := f.top()
	tag := string(f.out[e.start:])
	items, n := v.items(f.b), 0
	for item, ok := items.next(); ok; item, ok = items.next() {
		if n++; n > 1 {
			f.out = append(f.out, tag...)
		}
		if f.tokens++; f.tokens > maxChunkTokens || len(f.out) > maxEventBytes {
			return errTooLong
		}
		if err := f.appendValue(item); err != nil {
			return err
		}
		f.endTag(e.name)
	}
	if n == 0 {
		f.endTag(e.name)
	}
	f.open = f.open[:len(f.open)-1]
	return nil
}

func (f *fragment) endTag(name string) {
	f.out = append(append(append(f.out, "</"...), name...), '>')
}

func (f *fragment) closeEmpty() error {
	if !f.inTag {
		return errBadXML
	}
	f.endAttribute()
	f.inTag = false
	f.out = append(f.out, "/>"...)
	f.open = f.open[:len(f.open)-1]
	return nil
}

func (f *fragment) endElement() error {
	if f.inTag || len(f.open) <= f.base {
		return errBadXML
	}
	f.endTag(f.top().name)
	f.open = f.open[:len(f.open)-1]
	return nil
}
