package redact

import (
	"crypto/cipher"
	"encoding/hex"
	"strings"
)

// uuid changes the UUID that begins at i with a word that ends at j, if there is one. The
// change is a permutation of all UUIDs by the seed of the case, so that links between
// lines, keys and values stay, no list is kept, and the key undoes it.
func (s *scanner) uuid(i, j int) {
	if s.r == nil {
		return
	}
	n := 32
	if j-i == 8 {
		n = 36
	}
	if i+n > len(s.text) || i+n < len(s.text) && (isAlnum(s.text[i+n]) || n == 36 && s.text[i+n] == '-') {
		return
	}
	if out, ok := mapUUID(string(s.text[i:i+n]), s.r.block.Encrypt); ok {
		s.put(i, i+n, out, UUID)
	}
}

// mapUUID changes a UUID as text, with or without hyphens, and keeps its spelling.
func mapUUID(text string, change func(dst, src []byte)) (string, bool) {
	if !isUUIDText(text) {
		return "", false
	}
	raw, err := hex.DecodeString(strings.ReplaceAll(text, "-", ""))
	if err != nil || isWellKnown(raw) {
		return "", false
	}
	change(raw, raw)
	out := hex.EncodeToString(raw)
	if strings.Contains(text, "-") {
		out = out[:8] + "-" + out[8:12] + "-" + out[12:16] + "-" + out[16:20] + "-" + out[20:]
	}
	if strings.ToLower(text) != text {
		out = strings.ToUpper(out)
	}
	return out, true
}

// isUUIDText reports whether s is a UUID with hyphens, or 32 hexadecimal digits.
func isUUIDText(s string) bool {
	switch len(s) {
	case 32:
		return allHex([]byte(s))
	case 36:
		return s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-' && allHex([]byte(strings.ReplaceAll(s, "-", ""))) && strings.Count(s, "-") == 4
	}
	return false
}

// wellKnown are ids of MAPI and Outlook that are the same on all computers. Profiles
// cannot be read without them.
const wellKnown = " 9207f3e0a3b11019908b08002b2a56c2 13dbb0c8aa05101a9bb000aa002fc45a 9375cff0413111d3b88a00104b2a6676 dca740c8c042101ab4b908002b2fe182 f86ed2903a4a11cfb57e524153480001 " +
	"5acf76a3665511cea39a00aa004acafa 38a1bb1005e5101aa1bb08002b2a56c2 4e495441f9bfb80100aa0037d96e0000 00000000000000000000000000000000 ffffffffffffffffffffffffffffffff "

// isWellKnown reports whether a UUID is one of the makers'.
func isWellKnown(raw []byte) bool {
	text := hex.EncodeToString(raw)
	return strings.Contains(wellKnown, " "+text+" ") || strings.HasSuffix(text, "c000000000000046") || strings.HasPrefix(text, "ed4754") && strings.HasSuffix(text, "b0d611d28c3b00104b2a6676")
}

// mapUIDs changes the ids of 16 bytes in binary data that are also names of keys.
func mapUIDs(data []byte, known map[string]bool, block cipher.Block) bool {
	changed := false
	for i := 0; i+16 <= len(data); {
		if known[string(data[i:i+16])] {
			block.Encrypt(data[i:i+16], data[i:i+16])
			changed = true
			i += 16
			continue
		}
		i++
	}
	return changed
}
