package source_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
	"testing"

	"oxtail/internal/source"
)

func TestMemberNamesStayInTheArchive(t *testing.T) {
	cases := []struct{ raw, want string }{
		{"logs/a.log", "logs/a.log"},
		{"./logs//a.log", "logs/a.log"},
		{"../../etc/passwd", "__/__/etc/passwd"},
		{"/abs.log", "abs.log"},
		{"//server/share/a.log", "server/share/a.log"},
		{`C:\win\a.log`, "C_/win/a.log"},
		{`c:a.log`, "c_a.log"},
		{`logs\..\..\b.log`, "logs/__/__/b.log"},
		{"x\x00y\x1b[2J.log", "x_y_[2J.log"},
		{"CON", "_CON"},
		{"logs/aux.txt", "logs/_aux.txt"},
		{"com1.log.gz", "_com1.log.gz"},
		{"console.log", "console.log"},
		{"a.zip!/b.log", "a.zip_/b.log"},
		{"\u202egol.exe", "_gol.exe"},
		{"bad\xff\xfename.log", "bad\u00a0\u25a0name.log"}, // the code page of DOS
		{"...", "..."},
		{"", "unnamed"},
		{strings.Repeat("n", 5000), strings.Repeat("n", 1024)},
		{"12:30:00.log", "12:30:00.log"},
	}
	for _, c := range cases {
		root := tree(t, nil)
		write(t, root+"/x.zip", zipOf(t, file{c.raw, "text\n"}))
		got, skipped := read(t, source.Options{}, root+"/x.zip")
		if len(got) != 1 || got[0].Path != root+"/x.zip!/"+c.want || got[0].text != "text\n" {
			t.Errorf("member %q gave %q and told %q; want the path %q", c.raw, lines(got), told(skipped), c.want)
			continue
		}
		if changed := c.raw != c.want; changed != (got[0].Note != "") && !strings.HasPrefix(c.raw, "./") {
			t.Errorf("member %q became %q; note %q", c.raw, c.want, got[0].Note)
		}
		if got[0].Base != root+"/x.zip" {
			t.Errorf("member %q has base %q", c.raw, got[0].Base)
		}
	}
}

func TestDuplicateMembers(t *testing.T) {
	root := tree(t, nil)
	write(t, root+"/x.zip", zipOf(t, file{"a.log", "1"}, file{"a.log", "2"}, file{"a.log#2", "3"}, file{"a.log", "4"}))
	got, skipped := read(t, source.Options{}, root+"/x.zip")
	want(t, root, got, skipped,
		"ROOT/x.zip!/a.log log 1\nROOT/x.zip!/a.log#2 log 2\nROOT/x.zip!/a.log#2#2 log 3\nROOT/x.zip!/a.log#3 log 4\n", "")
}

func TestLinksInArchives(t *testing.T) {
	root := tree(t, map[string]string{"secret.txt": "do not read\n"})
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range []tar.Header{
		{Name: "up.log", Typeflag: tar.TypeSymlink, Linkname: "../secret.txt"},
		{Name: "hard.log", Typeflag: tar.TypeLink, Linkname: root + "/secret.txt"},
		{Name: "dev", Typeflag: tar.TypeChar, Devmajor: 1, Devminor: 5},
		{Name: "dir/", Typeflag: tar.TypeDir},
		{Name: "up.log/a.log", Typeflag: tar.TypeReg, Size: 3},
	} {
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
	}
	io.WriteString(w, "abc")
	w.Close()
	write(t, root+"/x.tar", b.Bytes())
	got, skipped := read(t, source.Options{}, root+"/x.tar")
	want(t, root, got, skipped, "ROOT/x.tar!/up.log/a.log log abc\n",
		"ROOT/x.tar!/up.log: read ROOT/x.tar!/up.log: is a link to \"../secret.txt\", which is not followed inside an archive (note)\n"+
			"ROOT/x.tar!/hard.log: read ROOT/x.tar!/hard.log: is a link to \"ROOT/secret.txt\", which is not followed inside an archive (note)\n")
}

// nested wraps content into levels of zip archives.
func nested(t *testing.T, levels int, content []byte) []byte {
	for i := range levels {
		name := fmt.Sprintf("%d.zip", i)
		if i == 0 {
			name = "deep.log"
		}
		content = zipOf(t, file{name, string(content)})
	}
	return content
}

func TestDepth(t *testing.T) {
	root := tree(t, nil)
	write(t, root+"/4.zip", nested(t, 4, []byte("four\n")))
	write(t, root+"/5.zip", nested(t, 5, []byte("five\n")))
	write(t, root+"/t.zip", nested(t, 3, gzipOf(t, tarOf(t, file{"t.log", "tar.gz is one level\n"}))))
	got, skipped := read(t, source.Options{}, root)
	want(t, root, got, skipped,
		"ROOT/4.zip!/3.zip!/2.zip!/1.zip!/deep.log log four|\nROOT/t.zip!/2.zip!/1.zip!/deep.log!/t.log log tar.gz is one level|\n",
		"ROOT/5.zip!/4.zip!/3.zip!/2.zip!/1.zip: read ROOT/5.zip!/4.zip!/3.zip!/2.zip!/1.zip: is an archive inside 4 others, which is the limit; raise --max-archive-depth if you trust it [depth]\n")
	got, skipped = read(t, source.Options{Budget: source.Budget{MaxDepth: 5}}, root+"/5.zip")
	if len(got) != 1 || got[0].text != "five\n" || len(skipped) > 0 {
		t.Errorf("with depth 5: %s%s", lines(got), told(skipped))
	}
}

func TestByteBudget(t *testing.T) {
	root := tree(t, nil)
	text := strings.Repeat("0123456789abcdef", 64) // 1 KiB
	members := []file{{"a.log", text}, {"b.log", text}, {"c.log", text}, {"d.log", text}}
	write(t, root+"/x.zip", zipOf(t, members...))
	write(t, root+"/x.tar", tarOf(t, members...))
	write(t, root+"/x.tar.gz", gzipOf(t, tarOf(t, members...)))
	write(t, root+"/x.gz", gzipOf(t, []byte(strings.Repeat(text, 4))))
	for name, wantText := range map[string]int{"x.zip": 2560, "x.tar": 2560, "x.gz": 2560, "x.tar.gz": 0} {
		got, skipped := read(t, source.Options{Budget: source.Budget{MaxBytes: 2560}}, root+"/"+name)
		sum, failed := 0, 0
		for _, g := range got {
			sum += len(g.text)
			if g.err != nil {
				failed++
				if !strings.Contains(g.err.Error(), "unpacks to more than the limit of 2560 bytes; raise --max-archive-bytes if you trust it") {
					t.Errorf("%s: error %v; want one that names the budget", name, g.err)
				}
			}
		}
		if sum < wantText || sum > 2560 || failed+len(skipped) == 0 {
			t.Errorf("%s: %d bytes were read, %d failed, told %q; want %d bytes and a failure", name, sum, failed, told(skipped), wantText)
		}
		for _, s := range skipped {
			if s.Budget != "bytes" {
				t.Errorf("%s: skipped %v by budget %q; want bytes", name, s.Err, s.Budget)
			}
		}
	}
}

func TestMemberBudget(t *testing.T) {
	root := tree(t, nil)
	var members []file
	for i := range 20 {
		members = append(members, file{fmt.Sprintf("%02d.log", i), "x"})
	}
	write(t, root+"/x.zip", zipOf(t, members...))
	write(t, root+"/x.tar", tarOf(t, members...))
	for _, name := range []string{"x.zip", "x.tar"} {
		got, skipped := read(t, source.Options{Budget: source.Budget{MaxMembers: 7}}, root+"/"+name)
		if len(got) != 7 || len(skipped) != 1 || skipped[0].Budget != "members" || !strings.Contains(told(skipped), "--max-archive-members") {
			t.Errorf("%s: %d streams, told %q; want 7 and the budget", name, len(got), told(skipped))
		}
	}
}

// overlapping makes a zip bomb without nesting: many entries of the directory
// share one piece of compressed zeros.
func overlapping(entries int, kernel int) []byte {
	var packed bytes.Buffer
	w, _ := flate.NewWriter(&packed, flate.BestCompression)
	zeros := make([]byte, kernel)
	w.Write(zeros)
	w.Close()
	le := binary.LittleEndian
	local := []byte("PK\x03\x04\x14\x00\x00\x00\x08\x00\x00\x00\x21\x00")
	sizes := le.AppendUint32(nil, crc32.ChecksumIEEE(zeros))
	sizes = le.AppendUint32(sizes, uint32(packed.Len()))
	sizes = le.AppendUint32(sizes, uint32(kernel))
	b := append(local, sizes...)
	b = append(b, "\x05\x00\x00\x00a.log"...)
	b = append(b, packed.Bytes()...)
	start := len(b)
	for range entries {
		b = append(b, "PK\x01\x02\x14\x00\x14\x00\x00\x00\x08\x00\x00\x00\x21\x00"...)
		b = append(b, sizes...)
		b = append(b, "\x05\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00a.log"...)
	}
	length := len(b) - start
	b = append(b, "PK\x05\x06\x00\x00\x00\x00"...)
	b = le.AppendUint16(le.AppendUint16(b, uint16(entries)), uint16(entries))
	b = le.AppendUint32(le.AppendUint32(b, uint32(length)), uint32(start))
	return append(b, 0, 0)
}

// walkCounting reads all streams without keeping their text.
func walkCounting(t *testing.T, opts source.Options, path string) (streams int, bytesOut int64, failed []error, skipped []source.Skipped) {
	t.Helper()
	opts.TempDir = t.TempDir()
	skipped, err := source.Walk(context.Background(), []string{path}, opts, func(s *source.Stream) error {
		streams++
		rc, err := s.Open()
		if err != nil {
			failed = append(failed, err)
			return nil
		}
		defer rc.Close()
		n, err := io.Copy(io.Discard, rc)
		bytesOut += n
		if err != nil {
			failed = append(failed, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return streams, bytesOut, failed, skipped
}

func TestBombs(t *testing.T) {
	root := tree(t, nil)
	zeros := make([]byte, 100<<20)
	inner := []byte("bottom of the bomb\n")
	for range 6 { // as 42.zip: sixteen copies a level
		var same []file
		for i := range 16 {
			same = append(same, file{fmt.Sprintf("%x.zip", i), string(inner)})
		}
		inner = zipOf(t, same...)
	}
	deep := gzipOf(t, zeros)
	for range 2 {
		deep = gzipOf(t, deep)
	}
	cases := map[string][]byte{
		"overlap.zip": overlapping(5000, 10<<20),
		"zeros.gz":    gzipOf(t, zeros),
		"zeros.zip":   zipOf(t, file{"zeros.log", string(zeros)}),
		"zeros.xz":    xzOf(t, zeros),
		"zeros.zst":   zstdOf(t, zeros),
		"deep.gz":     deep,
		"levels.zip":  inner,
	}
	for name, b := range cases {
		write(t, root+"/"+name, b)
		_, n, failed, skipped := walkCounting(t, source.Options{}, root+"/"+name)
		if n > 64<<20+int64(len(b))*250 {
			t.Errorf("%s (%d bytes) unpacked to %d bytes", name, len(b), n)
		}
		why := fmt.Sprint(failed, told(skipped))
		if !strings.Contains(why, "raise --max-archive-") {
			t.Errorf("%s: stopped by %.300q; want a budget that names its flag", name, why)
		}
	}
	_, n, failed, _ := walkCounting(t, source.Options{Budget: source.Budget{MaxRatio: -1}}, root+"/zeros.zip")
	if n != int64(len(zeros)) || len(failed) > 0 {
		t.Errorf("without a ratio: %d bytes, %v; want all %d", n, failed, len(zeros))
	}
}

// A zip archive with a million members must cost neither memory nor time.
func TestMillionMembers(t *testing.T) {
	var b bytes.Buffer
	const count = 1_000_000
	local := "PK\x03\x04\x14\x00\x00\x00\x00\x00\x00\x00\x21\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00x"
	b.WriteString(local)
	start := b.Len()
	for range count {
		b.WriteString("PK\x01\x02\x14\x00\x14\x00\x00\x00\x00\x00\x00\x00\x21\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00x")
	}
	length := b.Len() - start
	le := binary.LittleEndian
	end := b.Len()
	rec := append([]byte("PK\x06\x06"), make([]byte, 52)...)
	le.PutUint64(rec[4:], 44)
	le.PutUint64(rec[24:], count)
	le.PutUint64(rec[32:], count)
	le.PutUint64(rec[40:], uint64(length))
	le.PutUint64(rec[48:], uint64(start))
	b.Write(rec)
	loc := append([]byte("PK\x06\x07\x00\x00\x00\x00"), le.AppendUint64(nil, uint64(end))...)
	b.Write(append(loc, 1, 0, 0, 0))
	b.WriteString("PK\x05\x06\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00")
	root := tree(t, nil)
	write(t, root+"/x.zip", b.Bytes())
	n, _, _, skipped := walkCounting(t, source.Options{Budget: source.Budget{MaxMembers: 1000}}, root+"/x.zip")
	if n != 1000 || len(skipped) != 1 || skipped[0].Budget != "members" {
		t.Errorf("%d streams, told %.300q; want 1000 and the budget", n, told(skipped))
	}
}

func TestCutZip(t *testing.T) {
	root := tree(t, nil)
	var members []file
	for i := range 5 {
		text := ""
		for j := range 2000 {
			text += fmt.Sprintf("%d.%d some line of a log\n", i, j*j*7919%1000)
		}
		members = append(members, file{fmt.Sprintf("%d.log", i), text})
	}
	streamed := zipOf(t, members...)
	known := zipKnown(t, zip.Deflate, members...)
	stored := zipKnown(t, zip.Store, members...)
	for name, whole := range map[string][]byte{"streamed": streamed, "known": known, "stored": stored} {
		directory := bytes.Index(whole, []byte("PK\x01\x02"))
		fourth := bytes.LastIndex(whole[:directory], []byte("4.log"))
		for _, cut := range []int{len(whole) - 1, directory, fourth + 500} {
			write(t, root+"/x.zip", whole[:cut])
			got, skipped := read(t, source.Options{}, root+"/x.zip")
			if len(got) != 5 || len(skipped) != 1 || !strings.Contains(told(skipped), "5 members were found without it") {
				t.Errorf("%s cut at %d of %d: %d streams, told %q; want 5", name, cut, len(whole), len(got), told(skipped))
				continue
			}
			for i, g := range got {
				complete := i < 4 || cut >= directory
				if complete && (g.text != members[i].text || g.err != nil) || !complete && (!strings.HasPrefix(members[i].text, g.text) || g.text == "" || g.err == nil) {
					t.Errorf("%s cut at %d: %s gave %d of %d bytes, error %v", name, cut, g.Path, len(g.text), len(members[i].text), g.err)
				}
			}
		}
	}
}

// zipKnown writes local headers that name the sizes, as most other writers do.
func zipKnown(t *testing.T, method uint16, files ...file) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		packed := []byte(f.text)
		if method == zip.Deflate {
			var p bytes.Buffer
			w, _ := flate.NewWriter(&p, flate.DefaultCompression)
			io.WriteString(w, f.text)
			w.Close()
			packed = p.Bytes()
		}
		h := &zip.FileHeader{Name: f.name, Method: method, CRC32: crc32.ChecksumIEEE([]byte(f.text)),
			CompressedSize64: uint64(len(packed)), UncompressedSize64: uint64(len(f.text))}
		w, err := z.CreateRaw(h)
		if err != nil {
			t.Fatal(err)
		}
		w.Write(packed)
	}
	z.Close()
	return b.Bytes()
}

func TestCutAndDamagedStreams(t *testing.T) {
	root := tree(t, nil)
	var text strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&text, "%d line of a log %x\n", i, i*i)
	}
	whole := text.String()
	crc := gzipOf(t, []byte(whole))
	crc[len(crc)-8] ^= 1
	tarred := tarOf(t, file{"a.log", "first\n"}, file{"b.log", whole}, file{"c.log", "last\n"})
	zipped := zipKnown(t, zip.Store, file{"a.log", whole})
	zipped[len(zipped)/2] ^= 1
	cases := map[string]struct {
		b       []byte
		streams int
		atLeast int // bytes of the last stream
		reason  source.Reason
		told    string
	}{
		"cut.gz":      {half(gzipOf(t, []byte(whole))), 1, 1000, source.ReasonTruncated, ""},
		"cut.zst":     {half(zstdOf(t, []byte(whole))), 1, 0, source.ReasonTruncated, ""},
		"cut.xz":      {cutAt(xzOf(t, []byte(whole)), 3, 4), 1, 1000, source.ReasonTruncated, ""},
		"crc.gz":      {crc, 1, len(whole), source.ReasonDamaged, ""},
		"crc.zip":     {zipped, 1, len(whole), source.ReasonDamaged, ""},
		"cut.tar":     {half(tarred), 2, 1000, source.ReasonTruncated, "truncated"},
		"cut.tar.gz":  {half(gzipOf(t, tarred)), 2, 1000, source.ReasonTruncated, "truncated"},
		"cut.tar.zst": {half(zstdOf(t, tarred)), 2, 1000, source.ReasonTruncated, "truncated"},
	}
	for name, c := range cases {
		write(t, root+"/"+name, c.b)
		got, skipped := read(t, source.Options{}, root+"/"+name)
		if len(got) == 0 && name == "cut.zst" && len(skipped) == 1 {
			continue // one block, nothing can be read of it
		}
		if len(got) != c.streams || !strings.Contains(told(skipped), c.told) || (c.told == "") != (len(skipped) == 0) {
			t.Errorf("%s: %d streams, told %q; want %d, %q", name, len(got), told(skipped), c.streams, c.told)
			continue
		}
		last := got[len(got)-1]
		var e *source.Error
		if !asError(last.err, &e) || e.Reason != c.reason || e.Path != last.Path {
			t.Errorf("%s: error %#v; want reason %q", name, last.err, c.reason)
		}
		if !strings.HasPrefix(whole, last.text) && name != "crc.zip" || len(last.text) < c.atLeast {
			t.Errorf("%s: %d bytes were read; want at least %d, unchanged", name, len(last.text), c.atLeast)
		}
	}
}

func half(b []byte) []byte { return cutAt(b, 1, 2) }

func cutAt(b []byte, part, of int) []byte { return b[:len(b)*part/of] }

func TestGarbageAfterMagic(t *testing.T) {
	root := tree(t, nil)
	for _, magic := range []string{"PK\x03\x04", "7z\xbc\xaf\x27\x1c", "\x1f\x8b\x08", "\x28\xb5\x2f\xfd", "\xfd7zXZ\x00", "BZh91AY&SY", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"} {
		write(t, root+"/x", []byte(magic+strings.Repeat("\x00\xffgarbage", 100)))
		got, skipped := read(t, source.Options{}, root+"/x")
		if len(got) > 0 && got[0].err == nil && got[0].Kind != source.KindOther || len(skipped)+len(got) == 0 {
			t.Errorf("%q and garbage gave %q, told %q; want it to be told", magic, lines(got), told(skipped))
		}
	}
}

func TestPasswords(t *testing.T) {
	for _, name := range []string{"password.7z", "password-names.7z", "password-aes256.zip", "password-aes128-stored.zip", "password-classic.zip"} {
		for _, passwords := range [][]string{nil, {"nope"}} {
			got, skipped := read(t, source.Options{Passwords: passwords}, "testdata/"+name)
			if len(got) > 0 || len(skipped) != 1 {
				t.Errorf("%s with %q gave %d streams, told %d: %s", name, passwords, len(got), len(skipped), told(skipped))
				continue
			}
			var e *source.Error
			if !asError(skipped[0].Err, &e) || e.Reason != source.ReasonPassword || !strings.Contains(e.Error(), "--password-file") {
				t.Errorf("%s with %q told %v; want that it needs a password", name, passwords, skipped[0].Err)
			}
		}
	}
}

func TestLargeInnerArchives(t *testing.T) {
	root := tree(t, nil)
	noise := pseudoRandom(12 << 20)
	inner := zipOf(t, file{"noise.log", string(noise)}, file{"a.log", "small\n"})
	write(t, root+"/deep.zip", zipOf(t, file{"inner.zip", string(inner)}))
	write(t, root+"/deep.tar.gz", gzipOf(t, tarOf(t, file{"inner.zip", string(inner)}, file{"big.log", strings.Repeat("a line\n", 1<<20)}, file{"end.log", "end\n"})))
	for name, wantStreams := range map[string]int{"deep.zip": 2, "deep.tar.gz": 4} {
		got, skipped := read(t, source.Options{}, root+"/"+name)
		if len(got) != wantStreams || len(skipped) > 0 {
			t.Errorf("%s: %s%s; want %d streams", name, lines(got), told(skipped), wantStreams)
			continue
		}
		if got[0].text != string(noise) || got[1].text != "small\n" || got[0].err != nil {
			t.Errorf("%s: %d bytes, %v; want the %d bytes of the inner archive", name, len(got[0].text), got[0].err, len(noise))
		}
		if name == "deep.tar.gz" && (len(got[2].text) != 7<<20 || !got[2].Once || got[3].text != "end\n") {
			t.Errorf("%s: big.log %d bytes, once %v; end.log %q", name, len(got[2].text), got[2].Once, got[3].text)
		}
	}
	_, skipped := read(t, source.Options{Budget: source.Budget{MaxSpillBytes: 1 << 20}}, root+"/deep.zip")
	if len(skipped) != 1 || skipped[0].Budget != "spill" {
		t.Errorf("with 1 MiB of temporary space: told %q", told(skipped))
	}
}

// pseudoRandom returns bytes that do not compress.
func pseudoRandom(n int) []byte {
	b := make([]byte, n)
	x := uint64(88172645463325252)
	for i := range b {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		b[i] = byte(x)
	}
	return b
}
