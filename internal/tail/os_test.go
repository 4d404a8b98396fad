package tail

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestOS is the smoke test on the system's own files: append, rename, delete, replace,
// truncate, with the notifier. It waits for notifications, never for time to pass.
func TestOS(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "app.log")
	x, err := New([]string{filepath.Join(dir, "*.log")}, Options{FS: OS{}, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	var got []string
	poll := func() {
		x.Poll(func(p *Piece) int {
			n := strings.LastIndexByte(string(p.Data), '\n') + 1
			got = append(got, strings.Fields(string(p.Data[:n]))...)
			return n
		})
	}
	write := func(flag int, text string) {
		f, err := os.OpenFile(name, flag|os.O_WRONLY|os.O_CREATE, 0o666)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	poll()
	write(os.O_APPEND, "a\nb\n")
	poll()
	write(os.O_APPEND, "c\n")
	if err := os.Rename(name, name+".1"); err != nil { // on Windows only if we share deletion
		t.Fatal(err)
	}
	write(os.O_APPEND, "d\n")
	poll()
	write(os.O_TRUNC, "e\nf\ng\n")
	poll()
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	write(os.O_APPEND, "h\n")
	poll()
	if want := []string{"a", "b", "c", "d", "e", "f", "g", "h"}; !slices.Equal(got, want) {
		t.Errorf("got %v; want %v", got, want)
	}
}

// TestOpenShared: an open file can be renamed and deleted.
func TestOpenShared(t *testing.T) {
	name := filepath.Join(t.TempDir(), "app.log")
	if err := os.WriteFile(name, []byte("x"), 0o666); err != nil {
		t.Fatal(err)
	}
	f, err := OS{}.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := os.Rename(name, name+".1"); err != nil {
		t.Errorf("rename while open: %v", err)
	}
	if err := os.Remove(name + ".1"); err != nil {
		t.Errorf("remove while open: %v", err)
	}
}

// TestNotifier: a write ends the wait long before its pause.
func TestNotifier(t *testing.T) {
	dir := t.TempDir()
	n, err := NewNotifier()
	if err != nil {
		t.Skipf("no notifications: %v", err)
	}
	defer n.Close()
	n.Watch([]string{dir, filepath.Join(dir, "missing")})
	if err := os.WriteFile(filepath.Join(dir, "a"), []byte("x"), 0o666); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	n.Wait(ctx, time.Hour)
	if ctx.Err() != nil {
		t.Error("the write did not end the wait")
	}
}
