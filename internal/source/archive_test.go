package source_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"oxtail/internal/source"
)

// sizes writes path and size of each stream, with X for the archive's path.
func sizes(all []got, archive string) string {
	var b strings.Builder
	for _, g := range all {
		fmt.Fprintf(&b, "%s %d", strings.Replace(g.Path, archive, "X", 1), len(g.text))
		if g.err != nil {
			b.WriteString(" ERROR " + g.err.Error())
		}
		if g.Size >= 0 && g.Size != int64(len(g.text)) {
			fmt.Fprintf(&b, " ANNOUNCED %d", g.Size)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestFixtures(t *testing.T) {
	const members = "X!/logs/NTUSER.DAT 260\nX!/logs/a.log 1600\nX!/logs/b.log 7\n"
	cases := []struct{ name, want, skips string }{
		{"plain.7z", members, ""},
		{"password.7z", members, ""},
		{"password-names.7z", members, ""},
		{"password-aes256.zip", members, ""},
		{"password-aes128-stored.zip", members, ""},
		{"password-classic.zip", members, ""},
		{"bzip2.zip", "X!/logs/a.log 1600\n", ""},
		{"xz.zip", "X!/logs/a.log 1600\n", ""},
		{"a.log.bz2", "X 1600\n", ""},
		{"deflate64.zip", "", "is packed with Deflate64, which oxtail cannot read"},
		{"lzma.zip", "", "is packed with zip method 14, which oxtail cannot read"},
	}
	for _, c := range cases {
		path := "testdata/" + c.name
		if _, err := os.Stat(path); err != nil {
			t.Fatal(err)
		}
		got, skipped := read(t, source.Options{Passwords: []string{"wrong", "s3cret"}}, path)
		if g := sizes(got, path); g != c.want {
			t.Errorf("%s gave\n%s; want\n%s", c.name, g, c.want)
		}
		if g := told(skipped); !strings.Contains(g, c.skips) || (g == "") != (c.skips == "") {
			t.Errorf("%s told %q; want %q", c.name, g, c.skips)
		}
	}
}
