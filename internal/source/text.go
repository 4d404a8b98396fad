package source

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	// maxControlShare is the part of control characters, one in so many, up to
	// which bytes are text. Logs have none or a few; random bytes have one in ten.
	maxControlShare = 20

	// nulRunBytes is the shortest run of NULs that counts as a hole in a text: a
	// block that was never written, not a character.
	nulRunBytes = 16

	utf16Sample = 4096 // bytes of the head that are looked at for UTF-16 without a mark
)

// sniffText tells what a stream is that has no signature.
func sniffText(head []byte) look {
	other := look{formOther, KindOther, "binary data"}
	if text, ok := asUTF16(head); ok {
		if controls(text) {
			return other
		}
		return textLook(text)
	}
	text := withoutHoles(head)
	if len(text) == 0 {
		return look{formNuls, KindOther, "nothing but NUL bytes"}
	}
	if controls(text) {
		return other
	}
	return textLook(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")))
}

// textLook tells what kind of text it is.
func textLook(text []byte) look {
	switch {
	case bytes.HasPrefix(text, []byte("REGEDIT4")), bytes.HasPrefix(text, []byte("Windows Registry Editor Version")):
		return look{formPass, KindProfile, "exported registry"}
	case isOwn(text):
		return look{formOther, KindOther, "what oxtail itself has written"}
	case isMbox(text):
		return look{formMbox, KindArchive, "mailbox (mbox)"}
	case isMail(text):
		return look{formMail, KindItem, "mail"}
	}
	return look{formText, KindLog, "text"}
}

// isOwn tells whether text is JSON that oxtail has written, which quotes the faults of
// logs: read as a log it would show each of them again.
func isOwn(text []byte) bool {
	rest := bytes.TrimLeft(text, " \t\r\n")
	for _, want := range []string{"{", `"schema"`, ":", `"oxtail.`} {
		var is bool
		if rest, is = bytes.CutPrefix(rest, []byte(want)); !is {
			return false
		}
		rest = bytes.TrimLeft(rest, " \t\r\n")
	}
	return true
}

// asUTF16 returns head as UTF-8 if it is UTF-16, with or without a mark.
func asUTF16(head []byte) ([]byte, bool) {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		order, head = binary.LittleEndian, head[2:]
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		order, head = binary.BigEndian, head[2:]
	default:
		order = guessUTF16(head[:min(len(head), utf16Sample)])
	}
	if order == nil {
		return nil, false
	}
	units := make([]uint16, len(head)/2)
	for i := range units {
		units[i] = order.Uint16(head[2*i:])
	}
	return withoutHoles([]byte(string(utf16.Decode(units)))), true
}

// guessUTF16 finds UTF-16 without a mark: nearly every unit has a NUL in its
// high byte and something in its low byte. Texts in other scripts than Latin
// have a NUL in the units of spaces, digits and line ends only, so that a
// quarter of them has to be enough where the other side has none.
func guessUTF16(head []byte) binary.ByteOrder {
	var even, odd, units int
	for i := 0; i+1 < len(head); i += 2 {
		if head[i] == 0 && head[i+1] == 0 {
			continue // a hole, or no text
		}
		units++
		if head[i] == 0 {
			even++
		}
		if head[i+1] == 0 {
			odd++
		}
	}
	const enough = 4 // one unit in so many
	switch {
	case units < 2:
		return nil
	case odd*enough >= units && even*maxControlShare <= odd:
		return binary.LittleEndian
	case even*enough >= units && odd*maxControlShare <= even:
		return binary.BigEndian
	}
	return nil
}

// withoutHoles returns head without its runs of NULs.
func withoutHoles(head []byte) []byte {
	if bytes.IndexByte(head, 0) < 0 {
		return head
	}
	var text []byte
	for len(head) > 0 {
		n := bytes.IndexByte(head, 0)
		if n < 0 {
			return append(text, head...)
		}
		text = append(text, head[:n]...)
		rest := bytes.TrimLeft(head[n:], "\x00")
		if run := len(head) - n - len(rest); run < nulRunBytes && len(rest) > 0 && n > 0 {
			text = append(text, head[n:n+run]...)
		}
		head = rest
	}
	return text
}

// controls tells whether text has more control characters than a text has.
func controls(text []byte) bool {
	n := 0
	for _, c := range text {
		if c < 0x20 && !isTextControl(c) || c == 0x7f {
			n++
		}
	}
	return n*maxControlShare > len(text)
}

// isTextControl tells whether texts use a control character: tab, line ends,
// form feed, backspace, escape (colours), and the end mark of DOS.
func isTextControl(c byte) bool {
	return strings.IndexByte("\t\n\r\f\v\b\x1b\x1a", c) >= 0
}

// mailSignBytes of a text have to hold what tells that it is a mail.
const mailSignBytes = 16 << 10

// isMail tells whether text begins with the header of a mail: lines "Name: value"
// up to an empty one, with a Date and one more field that every mail has. A mail
// that was printed or quoted has Sent instead of Date and is a text like others.
func isMail(text []byte) bool {
	found := map[string]bool{}
	for line := range bytes.Lines(text[:min(len(text), mailSignBytes)]) {
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		if line[0] == ' ' || line[0] == '\t' {
			if len(found) == 0 {
				return false
			}
			continue
		}
		name, _, ok := bytes.Cut(line, []byte(":"))
		if !ok || !isFieldName(name) {
			if len(found) == 0 || len(text) <= mailSignBytes {
				return false
			}
			break
		}
		found[strings.ToLower(string(name))] = true
	}
	marks := 0
	for _, name := range []string{"date", "message-id", "mime-version", "received", "return-path", "delivered-to"} {
		if found[name] {
			marks++
		}
	}
	return marks >= 2 || marks == 1 && found["from"] && (found["subject"] || found["to"])
}

// isFieldName tells whether name can be that of a header field.
func isFieldName(name []byte) bool {
	for _, c := range name {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && c != '-' && (c < '0' || c > '9') {
			return false
		}
	}
	return len(name) > 0
}

// isMbox tells whether text begins with the separator line of a mailbox and the
// header of a mail.
func isMbox(text []byte) bool {
	if !bytes.HasPrefix(text, []byte("From ")) || !utf8.Valid(text[:min(len(text), 5)]) {
		return false
	}
	_, mail, ok := bytes.Cut(text, []byte("\n"))
	return ok && isMail(mail)
}
