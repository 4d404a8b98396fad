package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"oxtail/index"
	"oxtail/index/query"
)

// steps is a Waker that does the next of its steps instead of waiting.
type steps struct{ next []func() }

func (s *steps) Wait(context.Context, time.Duration) {
	step := s.next[0]
	s.next = s.next[1:]
	step()
}

// TestFollow changes logs and their index between the looks of a follower.
func TestFollow(t *testing.T) {
	dir := t.TempDir()
	ix, logs := filepath.Join(dir, "ix"), filepath.Join(dir, "logs")
	write := func(name, text string) {
		t.Helper()
		f, err := os.OpenFile(filepath.Join(logs, name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
		if err == nil {
			_, err = f.WriteString(text)
		}
		if err == nil {
			err = f.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	add := func() {
		t.Helper()
		if code, _, stderr := run(t, nil, "index", "add", "--index", ix, logs); code != ExitDone {
			t.Fatalf("index add: code %d, %s", code, stderr)
		}
	}
	if err := os.Mkdir(logs, 0o777); err != nil {
		t.Fatal(err)
	}
	line := func(clock, text string) string { return "2026-03-05 " + clock + ".000: ERROR worker: " + text + "\n" }
	write("a.log", line("08:00:00", "failed old"))
	add()

	var out bytes.Buffer
	term := newTerm(Process{Stdout: &out, Stderr: &out, Getenv: func(string) string { return "" }, Now: time.Now})
	flags := &searchFlags{format: newOneOf("text", "text", "json")}
	open := func() (*index.Index, error) { return term.openIndex(ix, nil, 1) }
	x, err := open()
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	q, err := query.Parse("failed", query.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var got []string
	look := func(change func()) func() {
		return func() {
			got = append(got, strings.ReplaceAll(out.String(), logs+string(filepath.Separator), ""))
			out.Reset()
			change()
		}
	}
	waker := &steps{[]func(){
		look(func() { write("a.log", line("08:00:01", "failed one")+line("08:00:02", "worked")); add() }),
		look(func() {}),
		look(func() {
			write("b.log", line("07:00:00", "failed two"))
			write("a.log", line("08:00:03", "failed three"))
			add()
		}),
		look(func() { write("a.log", "2026-03-05 08:00:04.000: ERROR worker: fai"); add() }),
		look(func() { write("a.log", "led four\n"); add() }),
		look(cancel),
	}}
	l := &follower{f: flags, t: term, q: q, seen: map[string]int64{}, open: open}
	if err := l.run(ctx, x, waker); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"", // what was there before is not new
		"a.log:2: 2026-03-05 08:00:01.000: ERROR worker: failed one\n",
		"",
		"b.log:1: 2026-03-05 07:00:00.000: ERROR worker: failed two\na.log:4: 2026-03-05 08:00:03.000: ERROR worker: failed three\n",
		"",
		"a.log:5: 2026-03-05 08:00:04.000: ERROR worker: failed four\n",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("shown at each look (-want +got):\n%s", d)
	}
}

func TestFollowRefuses(t *testing.T) {
	for _, args := range [][]string{{"x.log"}, {"--count"}, {"--format", "csv"}, {"-o", "out"}} {
		code, _, stderr := run(t, nil, append([]string{"search", "--follow", "failed"}, args...)...)
		if code != ExitFailed || !strings.Contains(stderr, "--follow shows hits of an index") {
			t.Errorf("search --follow failed %v: code %d, %s; want %d and the reason", args, code, stderr, ExitFailed)
		}
	}
}
