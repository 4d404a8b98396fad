package source_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"oxtail/internal/source"
)

// fuzzBudget keeps one input of a fuzz target below a second.
func fuzzBudget() source.Budget {
	return source.Budget{MaxBytes: 8 << 20, MaxMembers: 200, MaxSpillBytes: 16 << 20}
}

// fuzzLimit is far above what fuzzBudget allows: reaching it is a hang.
const fuzzLimit = 20 * time.Second

// walkBytes walks b as a file and checks what must hold for every input.
func walkBytes(t *testing.T, b []byte) {
	path := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	start, out := time.Now(), int64(0)
	opts := source.Options{Budget: fuzzBudget(), TempDir: t.TempDir(), Passwords: []string{"s3cret"}}
	_, err := source.Walk(context.Background(), []string{path}, opts, func(s *source.Stream) error {
		if s.Path != path && !strings.HasPrefix(s.Path, path+"!/") {
			t.Errorf("stream %q left the name space of %q", s.Path, path)
		}
		for part := range strings.SplitSeq(strings.TrimPrefix(s.Path, path), "/") {
			if part == ".." || strings.ContainsAny(part, "\x00\\\x1b\n") {
				t.Errorf("stream %q has a dangerous part %q", s.Path, part)
			}
		}
		rc, err := s.Open()
		if err != nil {
			return nil
		}
		defer rc.Close()
		n, _ := io.Copy(io.Discard, rc)
		out += n
		return nil
	})
	if err != nil {
		t.Errorf("Walk: %v; want the fault to be told as skipped", err)
	}
	if most := int64(len(b)) + 64<<20; out > most {
		t.Errorf("%d bytes gave %d; want at most %d", len(b), out, most)
	}
	if took := time.Since(start); took > fuzzLimit {
		t.Errorf("%d bytes took %v", len(b), took)
	}
}

func fuzz(f *testing.F, seeds [][]byte) {
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		if len(s) == 0 {
			f.Fatal("empty seed")
		}
		f.Add(s)
	}
	f.Fuzz(walkBytes)
}

func FuzzArchive(f *testing.F) {
	members := []file{{"logs/a.log", "14:21:07 a\n"}, {"../b.log", strings.Repeat("b\n", 100)}}
	zipped, tarred := zipOf(f, members...), tarOf(f, members...)
	seeds := [][]byte{
		zipped, tarred, half(zipped), gzipOf(f, tarred), zstdOf(f, tarred), xzOf(f, tarred),
		zipOf(f, file{"inner.zip", string(zipped)}), []byte(oldTar()), overlapping(3, 1000),
	}
	fixtures, err := filepath.Glob("testdata/*.*z*")
	if err != nil || len(fixtures) < 5 {
		f.Fatalf("testdata has %d archives, %v; want all of README.md", len(fixtures), err)
	}
	for _, name := range fixtures {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		seeds = append(seeds, b)
	}
	fuzz(f, seeds)
}

func FuzzMSG(f *testing.F) {
	const a0 = "__attach_version1.0_#00000000/"
	attached := syncItem().wide(a0, "3707", "a.log").raw(a0, "37010102", []byte(strings.Repeat("a line\n", 800))).fixed(a0, nil)
	fuzz(f, [][]byte{syncItem().c.bytes(), attached.c.bytes(), half(attached.c.bytes()), compound{"WordDocument": []byte("x")}.bytes()})
}

func FuzzEML(f *testing.F) {
	head := "From: a@b\r\nDate: Mon, 2 Nov 2026 14:21:09 +0100\r\nSubject: =?utf-8?B?w7w=?=\r\nMIME-Version: 1.0\r\n"
	fuzz(f, [][]byte{
		[]byte(head + "\r\ntext\r\n"),
		[]byte(head + "Content-Type: text/html; charset=windows-1252\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>=FC&auml;</p>"),
		[]byte(head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nbody\r\n--b\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"../a.log\"\r\n\r\naGVsbG8=\r\n--b--\r\n"),
		[]byte("From a@b\n" + head + "\nmbox\n\nFrom a@b\n" + head + "\nsecond\n"),
	})
}
