package source_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"slices"
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

func TestChangedEncryptedMember(t *testing.T) {
	whole, err := os.ReadFile("testdata/password-aes128-stored.zip")
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(whole, []byte("logs/a.log")) + 200
	whole[at] ^= 1
	root := tree(t, nil)
	write(t, root+"/x.zip", whole)
	got, _ := read(t, source.Options{Passwords: []string{"s3cret"}}, root+"/x.zip")
	failed := 0
	for _, g := range got {
		if g.err != nil && strings.Contains(g.err.Error(), "authentication code does not match") {
			failed++
		}
	}
	if len(got) != 3 || failed != 1 {
		t.Errorf("%s; want three members and the changed one told", lines(got))
	}
}

func TestSequentialMemberIsNotReadLate(t *testing.T) {
	root := tree(t, nil)
	big := strings.Repeat("a line of a big member\n", 100_000)
	write(t, root+"/x.tar.gz", gzipOf(t, tarOf(t, file{"big.log", big}, file{"next.log", big})))
	var late io.ReadCloser
	_, err := source.Walk(t.Context(), []string{root}, source.Options{}, func(s *source.Stream) error {
		if !s.Once {
			t.Errorf("%s: Once is false for a member of %d bytes", s.Path, s.Size)
		}
		rc, err := s.Open()
		if err != nil {
			return err
		}
		if late == nil {
			late = rc
			return nil
		}
		if _, err := io.Copy(io.Discard, late); err == nil {
			t.Error("the first member gave bytes after the archive had moved on")
		}
		if b, err := io.ReadAll(rc); err != nil || string(b) != big {
			t.Errorf("%s: %d bytes, %v; want %d", s.Path, len(b), err, len(big))
		}
		if _, err := s.Open(); err == nil {
			t.Errorf("%s: opened twice", s.Path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestGlobsInsideArchives(t *testing.T) {
	root := tree(t, nil)
	members := []file{{"logs/a.log", "a"}, {"logs/b.txt", "b"}, {"img/c.log", "c"}}
	write(t, root+"/x.zip", zipOf(t, members...))
	write(t, root+"/y.tar.gz", gzipOf(t, tarOf(t, members...)))
	cases := []struct {
		opts source.Options
		path string
		want string
	}{
		{source.Options{Include: []string{"*.log"}}, "/x.zip", "ROOT/x.zip!/logs/a.log log a\nROOT/x.zip!/img/c.log log c\n"},
		{source.Options{Exclude: []string{"img", "*.txt"}}, "/y.tar.gz", "ROOT/y.tar.gz!/logs/a.log log a\n"},
		{source.Options{Include: []string{"*.zip"}, Exclude: []string{"logs/*"}}, "", "ROOT/x.zip!/img/c.log log c\n"},
		{source.Options{Include: []string{"logs/**"}}, "/y.tar.gz", "ROOT/y.tar.gz!/logs/a.log log a\nROOT/y.tar.gz!/logs/b.txt log b\n"},
	}
	for _, c := range cases {
		got, skipped := read(t, c.opts, root+c.path)
		want(t, root, got, skipped, c.want, "")
	}
}

func TestCodings(t *testing.T) {
	text := []byte("14:21:07 hello\n")
	for name, b := range map[string][]byte{"gz": gzipOf(t, text), "zst": zstdOf(t, text), "xz": xzOf(t, text)} {
		root := tree(t, nil)
		// The name says nothing about the content.
		write(t, root+"/wrong.jpg", b)
		got, skipped := read(t, source.Options{}, root)
		want(t, root, got, skipped, "ROOT/wrong.jpg log 14:21:07 hello|\n", "")
		if len(got) == 1 && got[0].Size != -1 {
			t.Errorf("%s: size %d; want -1, it is not known", name, got[0].Size)
		}
		root = tree(t, nil)
		write(t, root+"/x", append(append([]byte{}, b...), b...))
		got, _ = read(t, source.Options{}, root)
		if len(got) != 1 || got[0].text != string(text)+string(text) {
			t.Errorf("%s, two of them joined: %s", name, lines(got))
		}
	}
	root := tree(t, nil)
	members := []file{{"a.log", "a\n"}, {"sub/b.log", "b\n"}}
	for name, b := range map[string][]byte{"x.tar.zst": zstdOf(t, tarOf(t, members...)), "x.tar.xz": xzOf(t, tarOf(t, members...)), "x.tgz": gzipOf(t, tarOf(t, members...)), "x.tar": tarOf(t, members...)} {
		write(t, root+"/"+name, b)
		got, skipped := read(t, source.Options{}, root+"/"+name)
		want(t, root, got, skipped, "ROOT/"+name+"!/a.log log a|\nROOT/"+name+"!/sub/b.log log b|\n", "")
	}
}

// Some writers add the record of large archives to small ones, some put a
// program before the archive or bytes behind it.
func TestZipWithOtherThingsAround(t *testing.T) {
	plain := zipOf(t, file{"a.log", "a\n"}, file{"b.log", "b\n"})
	end := bytes.LastIndex(plain, []byte("PK\x05\x06"))
	directory := bytes.Index(plain, []byte("PK\x01\x02"))
	rec := append([]byte("PK\x06\x06"), make([]byte, 52)...)
	le := binary.LittleEndian
	le.PutUint64(rec[4:], 44)
	le.PutUint64(rec[24:], 2)
	le.PutUint64(rec[32:], 2)
	le.PutUint64(rec[40:], uint64(end-directory))
	le.PutUint64(rec[48:], uint64(directory))
	loc := append(le.AppendUint64([]byte("PK\x06\x07\x00\x00\x00\x00"), uint64(end)), 1, 0, 0, 0)
	cases := map[string][]byte{
		"record of large archives": slices.Concat(plain[:end], rec, loc, plain[end:]),
		"something before it":      slices.Concat([]byte("PK\x07\x08"), plain),
		"something behind it":      slices.Concat(plain, []byte("a signature of somebody\n")),
		"a gap before the end":     slices.Concat(plain[:end], []byte("gap"), plain[end:]),
	}
	for name, b := range cases {
		root := tree(t, nil)
		write(t, root+"/x.zip", b)
		got, skipped := read(t, source.Options{}, root)
		if lines(got) != strings.ReplaceAll("ROOT!/a.log log a|\nROOT!/b.log log b|\n", "ROOT", root+"/x.zip") || len(skipped) > 0 {
			t.Errorf("%s: %s%s", name, lines(got), told(skipped))
		}
	}
}

// Tapes and some copying programs fill the last block with zeros.
func TestPaddedGzip(t *testing.T) {
	root := tree(t, nil)
	write(t, root+"/x.gz", append(gzipOf(t, []byte("hello\n")), make([]byte, 700)...))
	got, skipped := read(t, source.Options{}, root)
	want(t, root, got, skipped, "ROOT/x.gz log hello|\n", "")
}

// Found by mutation: a member that says AES but not that it is encrypted.
func TestAESWithoutEncryption(t *testing.T) {
	b, err := os.ReadFile("testdata/password-aes256.zip")
	if err != nil {
		t.Fatal(err)
	}
	for mark, flags := range map[string]int{"PK\x03\x04": 6, "PK\x01\x02": 8} {
		for at := 0; ; {
			i := bytes.Index(b[at:], []byte(mark))
			if i < 0 {
				break
			}
			at += i + len(mark)
			b[at-len(mark)+flags] &^= 1
		}
	}
	root := tree(t, nil)
	write(t, root+"/x.zip", b)
	got, skipped := read(t, source.Options{Passwords: []string{"s3cret"}}, root)
	if len(got) != 0 || strings.Count(told(skipped), "zip method 99") != 3 {
		t.Errorf("%s%s; want three members that cannot be read", lines(got), told(skipped))
	}
}
