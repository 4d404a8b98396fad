package source

import (
	"io"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/transform"
)

// toUTF8 returns r as UTF-8. A charset that is not known, or that needs no
// change, leaves the bytes as they are: whoever reads them looks at them anyway.
func toUTF8(r io.Reader, charset string) io.Reader {
	if enc := charsetByName(charset); enc != nil {
		return transform.NewReader(r, enc.NewDecoder())
	}
	return r
}

// charsetByName returns the encoding with a MIME name, nil if there is nothing
// to decode.
func charsetByName(charset string) encoding.Encoding {
	charset = strings.ToLower(strings.Trim(charset, ` "'`))
	switch charset {
	case "", "us-ascii", "ascii", "utf-8", "utf8", "unknown-8bit", "7bit", "8bit":
		return nil
	case "cp850", "ibm850":
		return charmap.CodePage850
	case "cp437", "ibm437":
		return charmap.CodePage437
	}
	enc, err := htmlindex.Get(charset)
	if err != nil {
		return nil
	}
	return enc
}

// codePages are the Windows code pages that stored mail names by number.
func codePage(n uint32) string {
	switch {
	case n >= 1250 && n <= 1258:
		return "windows-" + string([]byte{'1', '2', '5', byte('0' + n - 1250)})
	case n >= 28591 && n <= 28606:
		names := []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "", "13", "14", "15", "16"}
		return "iso-8859-" + names[n-28591]
	}
	return map[uint32]string{
		932: "shift_jis", 936: "gbk", 949: "euc-kr", 950: "big5", 20866: "koi8-r", 21866: "koi8-u",
		54936: "gb18030", 51949: "euc-kr", 51932: "euc-jp", 850: "cp850", 437: "cp437", 1200: "utf-16le", 1201: "utf-16be",
	}[n]
}
