package regfile

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf16"

	"oxtail/parser/profile"
)

// Write writes a key and all below it as a file of version 5.00, as the registry
// editor does: UTF-16LE with a byte order mark, keys and values in the order of the
// tree. path is the full path of the key, which begins with the name of a hive.
//
// [Parse] of what was written gives an equal tree, with the same bytes in every value.
// A name that cannot be written so is an error; then the file is incomplete.
func Write(w io.Writer, path string, key profile.Key) error {
	hive, _, _ := strings.Cut(path, `\`)
	if full, known := fullHive(hive); !known || full != hive {
		return fmt.Errorf("write %s: a path begins with the full name of a hive, such as HKEY_CURRENT_USER", path)
	}
	out := &writer{to: bufio.NewWriter(w)}
	out.units("\ufeff" + header5 + "\r\n\r\n")
	if err := out.key(path, key, 0); err != nil {
		return err
	}
	if err := out.to.Flush(); err != nil {
		return fmt.Errorf("write the export of %s: %w", path, err)
	}
	return nil
}

// writer writes text as UTF-16LE. Errors of the target come out when it is flushed.
type writer struct{ to *bufio.Writer }

// units writes a text.
func (w *writer) units(text string) {
	for _, r := range text {
		var unit [4]byte
		if high, low := utf16.EncodeRune(r); high != '\ufffd' {
			binary.LittleEndian.PutUint16(unit[:], uint16(high))
			binary.LittleEndian.PutUint16(unit[2:], uint16(low))
			w.to.Write(unit[:])
			continue
		}
		binary.LittleEndian.PutUint16(unit[:], uint16(r))
		w.to.Write(unit[:2])
	}
}

// errUnwritable says that a name would come back as another one.
var errUnwritable = errors.New("it has a name that a .reg file cannot hold")

// writable reports whether a name of a key or value comes back as it is.
func writable(name string) bool { return !strings.ContainsAny(name, "\x00\r\n\ufffd\ufeff") }

// key writes one key with its values, then those below it.
func (w *writer) key(path string, key profile.Key, depth int) error {
	if depth >= MaxDepth {
		return fmt.Errorf("write %s: keys are nested more than %d deep", path, MaxDepth)
	}
	if !writable(path) {
		return fmt.Errorf("write %q: %w", path, errUnwritable)
	}
	values, err := key.Values()
	if err != nil {
		return err
	}
	w.units("[" + path + "]\r\n")
	for _, v := range values {
		if !writable(v.Name) {
			return fmt.Errorf("write value %q of %s: %w", v.Name, path, errUnwritable)
		}
		w.value(v)
	}
	w.units("\r\n")
	subs, err := key.Subkeys()
	if err != nil {
		return err
	}
	for _, sub := range subs {
		if err := w.key(path+`\`+sub.Name(), sub, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// value writes one line, or more of hexadecimal digits.
func (w *writer) value(v profile.Value) {
	head := "@="
	if v.Name != "" {
		head = quote(v.Name) + "="
	}
	text, isText := plainText(v)
	switch {
	case isText:
		w.units(head + quote(text))
	case v.Type == profile.TypeDword && len(v.Data) == 4:
		w.units(fmt.Sprintf("%sdword:%08x", head, binary.LittleEndian.Uint32(v.Data)))
	case v.Type == profile.TypeBinary:
		w.hex(head+"hex:", v.Data)
	default:
		w.hex(fmt.Sprintf("%shex(%x):", head, v.Type), v.Data)
	}
	w.units("\r\n")
}

// lineWidth is how long the registry editor lets a line of digits become.
const lineWidth = 80

// hex writes bytes with commas, folded as the registry editor folds them.
func (w *writer) hex(head string, data []byte) {
	const bytesWide = len("ff,")
	w.units(head)
	at := len(utf16.Encode([]rune(head)))
	for i, b := range data {
		if i == len(data)-1 {
			w.units(fmt.Sprintf("%02x", b))
			break
		}
		w.units(fmt.Sprintf("%02x,", b))
		if at += bytesWide; at+bytesWide >= lineWidth {
			w.units("\\\r\n  ")
			at = 2
		}
	}
}

// plainText gives the text of a REG_SZ that can stand in quotes: its bytes are what
// reading it back gives.
func plainText(v profile.Value) (string, bool) {
	if v.Type != profile.TypeString {
		return "", false
	}
	text := profile.DecodeUTF16(v.Data)
	if !writable(text) || !slices.Equal(encodeText(text), v.Data) {
		return "", false
	}
	return text, true
}

// quote puts a text in quotes.
func quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}
