package plant

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"

	"oxtail/parser/literal"
)

// A needle is one spelling of a plant.
type needle struct {
	plant, form string
	bytes       []byte
	squeezed    bool // looked for where blanks and commas are taken out
	exact       bool // letter case counts
}

// A Finder looks for plants in bytes.
type Finder struct {
	needles []needle
	ascii   *literal.Set // of the needles that are ASCII: one look tells that none is there
}

// Finder returns what looks for all plants of the set, in every encoding.
func (s *Set) Finder() *Finder {
	f := &Finder{}
	for _, p := range s.Secrets() {
		low := strings.ToLower(p)
		f.add(p, "utf-8", []byte(low))
		f.add(p, "windows-1252", bytes.ToLower(ANSI(low)))
		f.add(p, "utf-16le", UTF16(low, binary.LittleEndian))
		f.add(p, "utf-16be", UTF16(low, binary.BigEndian))
		f.add(p, "url", []byte(strings.ToLower(url.QueryEscape(low))), []byte(strings.ToLower(url.QueryEscape(p))), []byte(strings.ToLower(url.PathEscape(p))), []byte(strings.ToLower(percentANSI(p))))
		f.add(p, "json", []byte(strings.ToLower(strings.Trim(jsonText(p), `"`))))
		f.add(p, "xml", []byte(strings.ToLower(entities(p))), []byte(strings.ToLower(quoted(p))))
		for _, spelled := range []string{p, low, strings.ToUpper(p)} {
			for _, raw := range [][]byte{[]byte(spelled), ANSI(spelled), UTF16(spelled, binary.LittleEndian), UTF16(spelled, binary.BigEndian)} {
				f.needles = append(f.needles, needle{p, "hexadecimal", []byte(hex.EncodeToString(raw)), true, false})
				for shift := range 3 {
					f.needles = append(f.needles, needle{p, "base64", inBase64(raw, shift), false, true})
				}
			}
		}
	}
	var all []string
	for _, n := range f.needles {
		if len(n.bytes) > 3 && isASCII(n.bytes) {
			all = append(all, strings.ToLower(string(n.bytes)))
		}
	}
	set, err := literal.New(all)
	if err != nil {
		panic("BUG: needles: " + err.Error())
	}
	f.ascii = set
	return f
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

func (f *Finder) add(plant, form string, spelled ...[]byte) {
	for _, b := range spelled {
		f.needles = append(f.needles, needle{plant, form, b, false, false})
	}
}

// inBase64 is what raw looks like within base64, behind shift other bytes: the letters
// that depend on raw only.
func inBase64(raw []byte, shift int) []byte {
	text := base64.RawStdEncoding.EncodeToString(append(make([]byte, shift), raw...))
	from := []int{0, 2, 3}[shift]
	to := (shift + len(raw)) * 8 / 6
	return []byte(text[from:to])
}

// Find returns what of the plants is in data, at most ten.
func (f *Finder) Find(data []byte) []string {
	var out []string
	lower := lowerASCII(data)
	squeezed := bytes.Map(func(r rune) rune {
		if strings.ContainsRune(", \\\r\n\t\x00", r) {
			return -1
		}
		return r
	}, lower)
	clean := f.ascii.Index(lower, 0) < 0 && f.ascii.Index(squeezed, 0) < 0
	for _, n := range f.needles {
		if clean && isASCII(n.bytes) {
			continue
		}
		hay := lower
		if n.squeezed {
			hay = squeezed
		} else if n.exact {
			hay = data
		}
		if len(n.bytes) > 3 && bytes.Contains(hay, n.bytes) && len(out) < 10 {
			at := max(0, bytes.Index(hay, n.bytes)-60)
			out = append(out, fmt.Sprintf("%q as %s at …%q", n.plant, n.form, hay[at:min(at+160, len(hay))]))
		}
	}
	return out
}

// lowerASCII folds ASCII, in any encoding of it; other letters are spelled as planted.
func lowerASCII(data []byte) []byte {
	out := bytes.Clone(data)
	for i, c := range out {
		if c >= 'A' && c <= 'Z' {
			out[i] = c + 'a' - 'A'
		}
	}
	return out
}
