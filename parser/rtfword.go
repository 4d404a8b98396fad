package parser

import "strconv"

// control handles a backslash: a control symbol, \'hh, or a control word.
func (d *rtfDecoder) control() {
	from := d.at
	if from+1 >= len(d.raw) {
		d.at++
		return
	}
	c := d.raw[from+1]
	if !isLetter(c) {
		d.symbol(c, from)
		return
	}
	word, number, has := d.word()
	d.apply(rtfWord{word, number, has, from})
}

// An rtfWord is a control word with its number, and where it stands.
type rtfWord struct {
	name   string
	number int
	has    bool // a number was written
	from   int
}

// word reads a control word behind the backslash at d.at and the blank that ends it.
func (d *rtfDecoder) word() (name string, number int, has bool) {
	i := d.at + 1
	for i < len(d.raw) && isLetter(d.raw[i]) && i-d.at <= maxRTFWord {
		i++
	}
	name = string(d.raw[d.at+1 : i])
	digits := i
	if i < len(d.raw) && d.raw[i] == '-' {
		i++
	}
	for i < len(d.raw) && isDigit(d.raw[i]) && i-digits < maxRTFDigits {
		i++
	}
	number, err := strconv.Atoi(string(d.raw[digits:i]))
	if err != nil {
		i = digits
	}
	if i < len(d.raw) && d.raw[i] == ' ' {
		i++
	}
	d.at = i
	return name, number, err == nil
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// symbol handles a backslash and a character that is no letter.
func (d *rtfDecoder) symbol(c byte, from int) {
	d.at += 2
	switch c {
	case '\'':
		d.hex(from)
	case '*':
		if d.state.dest == rtfUndecide {
			d.hide(rtfSkipped)
		}
	case '\\', '{', '}':
		d.character(rune(c), from)
	case '~':
		d.character(' ', from)
	case '_':
		d.character('-', from)
	case '\r', '\n':
		d.lineBreak()
	case '\t':
		d.character('\t', from)
	}
}

// hex handles \'hh. A line feed written so ends the line.
func (d *rtfDecoder) hex(from int) {
	end := min(from+4, len(d.raw))
	v, err := strconv.ParseUint(string(d.raw[d.at:end]), 16, 8)
	if err != nil || end < from+4 {
		return
	}
	d.at = end
	switch {
	case !d.visible():
	case d.skip > 0:
		d.skip--
	case v == '\n':
		d.lineBreak()
	case v == '\r' || v == 0:
	case v < 0x80 && len(d.pending) == 0:
		d.put(rune(v), from)
	default:
		d.pend(byte(v), from)
	}
}

// lineBreak ends the line if text is shown here.
func (d *rtfDecoder) lineBreak() {
	d.skip = 0
	if d.visible() {
		d.flush()
		d.endLine(false)
	}
}

// hide makes the rest of the group invisible, unless the group turned out to hold
// the document's text.
func (d *rtfDecoder) hide(dest rtfDest) {
	if d.shown[d.state.group] {
		d.state.dest = rtfText
		return
	}
	d.state.dest = dest
}

// rtfDestination returns the kind of a group that holds no text by its first word.
// Groups that readers may skip are marked \* and need no name here.
func rtfDestination(word string) (dest rtfDest, named bool) {
	switch word {
	case "fonttbl", "stylesheet", "info", "filetbl", "revtbl", "listtable", "listoverridetable", "rsidtbl", "generator", "xmlnstbl":
		return rtfTable, true
	case "colortbl":
		return rtfColours, true
	case "pict", "object", "objdata", "nonshppict", "themedata", "datastore", "colorschememapping":
		return rtfBinary, true
	case "header", "footer", "headerl", "headerr", "headerf", "footerl", "footerr", "footerf":
		return rtfSkipped, true
	}
	return rtfText, false
}

// rtfCharacter returns the character that a control word stands for. Fixed spaces
// become plain ones: the logs' grammars know blank and TAB only.
func rtfCharacter(word string) (rune, bool) {
	switch word {
	case "tab", "cell":
		return '\t', true
	case "emspace", "enspace", "qmspace":
		return ' ', true
	case "lquote":
		return '‘', true
	case "rquote":
		return '’', true
	case "ldblquote":
		return '“', true
	case "rdblquote":
		return '”', true
	case "bullet":
		return '•', true
	case "endash":
		return '–', true
	case "emdash":
		return '—', true
	}
	return 0, false
}

// apply carries out a control word.
func (d *rtfDecoder) apply(w rtfWord) {
	d.decideGroup(w)
	d.leaveCutTable(w)
	if r, ok := rtfCharacter(w.name); ok {
		d.character(r, w.from)
		return
	}
	switch w.name {
	case "par", "line", "page", "sect", "row":
		d.lineBreak()
	case "u":
		d.codeUnit(w.number, w.from)
	case "uc":
		d.state.uc = min(max(w.number, 0), maxCharBytes)
	case "plain":
		d.state.colour = 0
	case "cf":
		d.state.colour = w.number
	case "ansicpg", "mac":
		d.codePage(w)
	case "bin":
		d.at += min(max(w.number, 0), len(d.raw)-d.at)
	case "red", "green", "blue":
		d.colourPart(w)
	}
}

// decideGroup looks at the first control word of a group.
func (d *rtfDecoder) decideGroup(w rtfWord) {
	dest, named := rtfDestination(w.name)
	switch {
	case dest == rtfBinary && d.state.dest == rtfSkipped:
		d.state.dest = rtfBinary
	case d.state.dest != rtfUndecide:
	case named:
		d.hide(dest)
	default:
		d.state.dest = rtfText
	}
}

// leaveCutTable notices that a table lost its end: paragraphs stand in text only.
func (d *rtfDecoder) leaveCutTable(w rtfWord) {
	if d.state.dest != rtfTable && d.state.dest != rtfColours {
		return
	}
	switch w.name {
	case "par", "pard", "plain", "uc", "tab":
		d.state.dest = rtfText
	}
}

func (d *rtfDecoder) colourPart(w rtfWord) {
	if d.state.dest != rtfColours {
		return
	}
	switch w.name {
	case "red":
		d.colour.red = w.number
	case "green":
		d.colour.green = w.number
	case "blue":
		d.colour.blue = w.number
	}
}

// codePage sets the encoding of \'hh. An unknown code page leaves Windows-1252.
func (d *rtfDecoder) codePage(w rtfWord) {
	number := w.number
	if w.name == "mac" {
		number = 10000
	}
	if enc, err := EncodingByName(codePageName(number)); err == nil {
		d.ansi = enc
	}
}

// codePageName returns the name under which x/text knows a Windows code page.
func codePageName(number int) string {
	switch number {
	case 866:
		return "ibm866"
	case 932:
		return "shift_jis"
	case 936:
		return "gbk"
	case 949:
		return "euc-kr"
	case 950:
		return "big5"
	case 10000:
		return "macintosh"
	case 20866:
		return "koi8-r"
	case 54936:
		return "gb18030"
	case 65001:
		return "utf-8"
	}
	if number > 28590 && number < 28606 {
		return "iso-8859-" + strconv.Itoa(number-28590)
	}
	return "windows-" + strconv.Itoa(number)
}
