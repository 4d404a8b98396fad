package source_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oxtail/internal/source"
)

// got is what Walk gave for one stream.
type got struct {
	source.Stream
	text string
	err  error // of the reader
}

// read walks the paths and reads every stream to its end.
func read(t *testing.T, opts source.Options, paths ...string) ([]got, []source.Skipped) {
	t.Helper()
	if opts.TempDir == "" {
		opts.TempDir = t.TempDir()
	}
	var all []got
	skipped, err := source.Walk(context.Background(), paths, opts, func(s *source.Stream) error {
		text, err := readAll(s)
		all = append(all, got{*s, text, err})
		return nil
	})
	if err != nil {
		t.Fatalf("Walk(%q): %v", paths, err)
	}
	if left, _ := os.ReadDir(opts.TempDir); len(left) > 0 {
		t.Errorf("Walk(%q) left %d temporary files behind", paths, len(left))
	}
	return all, skipped
}

func readAll(s *source.Stream) (string, error) {
	rc, err := s.Open()
	if err != nil {
		return "", err
	}
	defer rc.Close()
	b, err := io.ReadAll(rc)
	return string(b), err
}

// line writes what was given in one line a stream: path, kind, text, error.
func lines(all []got) string {
	var b strings.Builder
	for _, g := range all {
		text := g.text
		if len(text) > 60 {
			text = text[:60] + "…"
		}
		b.WriteString(g.Path + " " + string(g.Kind) + " " + strings.ReplaceAll(text, "\n", "|"))
		if g.err != nil {
			b.WriteString(" ERROR " + g.err.Error())
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// told writes what was skipped in one line each.
func told(skipped []source.Skipped) string {
	var b strings.Builder
	for _, s := range skipped {
		b.WriteString(s.Path + ": " + s.Err.Error())
		if s.Budget != "" {
			b.WriteString(" [" + s.Budget + "]")
		}
		if s.Note {
			b.WriteString(" (note)")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// want compares all that Walk gave; ROOT in want stands for the folder.
func want(t *testing.T, root string, all []got, skipped []source.Skipped, wantLines, wantTold string) {
	t.Helper()
	if g := strings.ReplaceAll(lines(all), root, "ROOT"); g != wantLines {
		t.Errorf("streams:\n%s\nwant:\n%s", g, wantLines)
	}
	if g := strings.ReplaceAll(told(skipped), root, "ROOT"); g != wantTold {
		t.Errorf("skipped:\n%s\nwant:\n%s", g, wantTold)
	}
}

// tree writes files below a new folder.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := filepath.ToSlash(t.TempDir())
	for name, text := range files {
		write(t, filepath.Join(root, name), []byte(text))
	}
	return root
}

func write(t *testing.T, name string, b []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestFilesFoldersAndGlobs(t *testing.T) {
	root := tree(t, map[string]string{
		"b.log": "bee\n", "a.log": "ay\n", "sub/deep/c.txt": "sea\n", "sub/[x].log": "brackets\n", "empty.log": "",
	})
	all := "ROOT/a.log log ay|\nROOT/b.log log bee|\nROOT/empty.log log \nROOT/sub/[x].log log brackets|\nROOT/sub/deep/c.txt log sea|\n"
	cases := []struct {
		name        string
		opts        source.Options
		paths       []string
		want, skips string
	}{
		{"folder", source.Options{}, []string{root}, all, ""},
		{"folder with a slash", source.Options{}, []string{root + "/"}, all, ""},
		{"files as given", source.Options{}, []string{root + "/b.log", root + "/a.log"}, "ROOT/b.log log bee|\nROOT/a.log log ay|\n", ""},
		{"the same twice", source.Options{}, []string{root + "/a.log", root + "/./a.log"}, "ROOT/a.log log ay|\n", ""},
		{"glob", source.Options{}, []string{root + "/*.log"}, "ROOT/a.log log ay|\nROOT/b.log log bee|\nROOT/empty.log log \n", ""},
		{"deep glob", source.Options{}, []string{root + "/**/*.txt"}, "ROOT/sub/deep/c.txt log sea|\n", ""},
		{"deep glob of all", source.Options{}, []string{root + "/**"}, all, ""},
		{"a name that looks like a glob", source.Options{}, []string{root + "/sub/[x].log"}, "ROOT/sub/[x].log log brackets|\n", ""},
		{"include", source.Options{Include: []string{"*.txt"}}, []string{root}, "ROOT/sub/deep/c.txt log sea|\n", ""},
		{"include with path", source.Options{Include: []string{"sub/**"}, Exclude: []string{`sub\deep`}}, []string{root}, "ROOT/sub/[x].log log brackets|\n", ""},
		{"exclude", source.Options{Exclude: []string{"sub", "empty.*"}}, []string{root}, "ROOT/a.log log ay|\nROOT/b.log log bee|\n", ""},
		{"missing", source.Options{}, []string{root + "/none", root + "/a.log"}, "ROOT/a.log log ay|\n",
			"ROOT/none: read ROOT/none: no such file or directory\n"},
		{"glob without match", source.Options{}, []string{root + "/*.zip"}, "", "ROOT/*.zip: read ROOT/*.zip: no file matches this glob\n"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, skipped := read(t, c.opts, c.paths...)
			want(t, root, got, skipped, c.want, c.skips)
		})
	}
}

func TestBadGlobEndsTheWalk(t *testing.T) {
	_, err := source.Walk(context.Background(), []string{"."}, source.Options{Include: []string{"[a"}}, func(*source.Stream) error { return nil })
	if err == nil || !strings.Contains(err.Error(), `"[a"`) {
		t.Errorf("Walk with include [a: error %v; want one that names the glob", err)
	}
}

func TestStandardInput(t *testing.T) {
	zipped := zipOf(t, file{"logs/a.log", "from a zip\n"}, file{"b.log", "second\n"})
	cases := []struct{ name, in, want string }{
		{"text", "hello\n", "- log hello|\n"},
		{"empty", "", "- log \n"},
		{"gzip", string(gzipOf(t, []byte("hello gz\n"))), "- log hello gz|\n"},
		{"zip", string(zipped), "-!/logs/a.log log from a zip|\n-!/b.log log second|\n"},
		{"tar.gz", string(gzipOf(t, tarOf(t, file{"a.log", "one\n"}, file{"b.log", "two\n"}))), "-!/a.log log one|\n-!/b.log log two|\n"},
		{"binary", "\x00\x01\x02\x03\x04\x05\x06\x07\x80\x81\xff\xfe\x03", "- other \x00\x01\x02\x03\x04\x05\x06\x07\x80\x81\xff\xfe\x03\n"},
	}
	for _, c := range cases {
		got, skipped := read(t, source.Options{Stdin: strings.NewReader(c.in)}, "-")
		if lines(got) != c.want || len(skipped) > 0 {
			t.Errorf("%s: Walk(-) gave\n%s%s; want\n%s", c.name, lines(got), told(skipped), c.want)
		}
	}
	_, skipped := read(t, source.Options{}, "-")
	if told(skipped) != "-: read -: there is no standard input\n" {
		t.Errorf("Walk(-) without input told %q", told(skipped))
	}
}

func TestStreamsCanBeOpenedAgainWhileWalkRuns(t *testing.T) {
	root := tree(t, nil)
	inner := zipOf(t, file{"c.log", "in two zips\n"})
	write(t, root+"/a.zip", zipOf(t, file{"b.zip", string(inner)}, file{"a.log", "in one zip\n"}))
	write(t, root+"/b.tar.gz", gzipOf(t, tarOf(t, file{"t.log", "in a tar\n"})))
	write(t, root+"/c.tar", tarOf(t, file{"t.log", "in a plain tar\n"}))
	write(t, root+"/d.log", []byte("plain\n"))
	var kept []*source.Stream
	_, err := source.Walk(context.Background(), []string{root}, source.Options{TempDir: t.TempDir()}, func(s *source.Stream) error {
		kept = append(kept, s)
		done := make(chan error)
		for _, k := range kept {
			go func() {
				_, err := readAll(k)
				_, again := readAll(k)
				done <- errors.Join(err, again)
			}()
		}
		for range kept {
			if err := <-done; err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || len(kept) != 5 {
		t.Errorf("Walk: %v after %d streams; want 5 that can be opened again", err, len(kept))
	}
}

func TestVisitErrorAndContextEndTheWalk(t *testing.T) {
	root := tree(t, map[string]string{"a.log": "a", "b.log": "b"})
	stop := errors.New("enough")
	n := 0
	_, err := source.Walk(context.Background(), []string{root}, source.Options{}, func(*source.Stream) error { n++; return stop })
	if err != stop || n != 1 {
		t.Errorf("Walk = %v after %d streams; want the error of visit after 1", err, n)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = source.Walk(ctx, []string{root}, source.Options{}, func(*source.Stream) error { n++; return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Walk with a cancelled context = %v", err)
	}
}

func TestRandomAccess(t *testing.T) {
	hive := "regf" + strings.Repeat("\x00\x01\x02\x03", 100)
	root := tree(t, map[string]string{"NTUSER.DAT": hive})
	write(t, root+"/h.zip", zipOf(t, file{"NTUSER.DAT", hive}))
	write(t, root+"/h.gz", gzipOf(t, []byte(hive)))
	write(t, root+"/h.tar.gz", gzipOf(t, tarOf(t, file{"NTUSER.DAT", hive + strings.Repeat("\x00", 2<<20)})))
	n := 0
	_, err := source.Walk(context.Background(), []string{root}, source.Options{TempDir: t.TempDir()}, func(s *source.Stream) error {
		n++
		if s.Kind != source.KindHive || s.ReaderAt == nil {
			t.Errorf("%s: kind %s, random access %v; want a hive with random access", s.Path, s.Kind, s.ReaderAt != nil)
			return nil
		}
		ra, closer, err := s.ReaderAt()
		if err != nil {
			return err
		}
		defer closer.Close()
		b := make([]byte, 4)
		if _, err := ra.ReadAt(b, 5); err != nil || !bytes.Equal(b, []byte("\x01\x02\x03\x00")) {
			t.Errorf("%s: ReadAt(5) = %q, %v", s.Path, b, err)
		}
		return nil
	})
	if err != nil || n != 4 {
		t.Errorf("Walk: %v, %d streams; want 4", err, n)
	}
}

// asError is errors.As that also accepts nil.
func asError(err error, target **source.Error) bool {
	return err != nil && errors.As(err, target)
}
