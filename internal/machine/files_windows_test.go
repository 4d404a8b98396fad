package machine

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/windows"

	"oxtail/actions/apply"
)

// here is this computer with a folder of its own for the state.
func here(t *testing.T) *live {
	t.Helper()
	m, err := This(ApplyOptions{StateFolder: filepath.Join(t.TempDir(), "state")})
	if err != nil {
		t.Fatal(err)
	}
	return m.(*live)
}

func write(t *testing.T, w io.WriteCloser, err error, text string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Error(err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}

func content(t *testing.T, l *live, path string) string {
	t.Helper()
	in, err := l.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	data, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestFiles takes a file through its life, at a path of more than 260 characters too.
func TestFiles(t *testing.T) {
	for name, below := range map[string]string{"short": `a`, "long": strings.Repeat(`\0123456789ünïcode 0123456789012345678901`, 8)[1:]} {
		t.Run(name, func(t *testing.T) {
			l, ctx := here(t), t.Context()
			old := filepath.Join(t.TempDir(), below, "cache.odb")
			w, err := l.Create(ctx, old)
			write(t, w, err, "x")
			if _, err := l.Create(ctx, old); !errors.Is(err, fs.ErrExist) {
				t.Errorf("create it again: %v", err)
			}
			for range 2 {
				w, err = l.Append(ctx, old)
				write(t, w, err, "yz")
			}
			if got := content(t, l, old); got != "xyzyz" {
				t.Errorf("content %q", got)
			}
			if f, err := l.Stat(ctx, old); err != nil || f.Path != old || f.Bytes != 5 || f.Modified.IsZero() {
				t.Errorf("stat %+v, %v", f, err)
			}
			if _, err := l.Stat(ctx, filepath.Dir(old)); err == nil || errors.Is(err, fs.ErrNotExist) {
				t.Errorf("stat of a folder: %v", err)
			}
			next := old + ".old"
			w, err = l.Create(ctx, next)
			write(t, w, err, "in the way")
			if err := l.Rename(ctx, old, next); !errors.Is(err, fs.ErrExist) || content(t, l, next) != "in the way" {
				t.Errorf("rename over another file: %v", err)
			}
			if list, err := l.List(ctx, filepath.Dir(old)); err != nil || len(list) != 2 || list[0].Path != old || list[1].Bytes != 10 {
				t.Errorf("list %+v, %v", list, err)
			}
			if err := l.Rename(ctx, old, old+".2"); err != nil {
				t.Error(err)
			}
			if _, err := l.Stat(ctx, old); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("stat of what was renamed: %v", err)
			}
			if err := l.Rename(ctx, old, old+".3"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("rename of nothing: %v", err)
			}
			if err := l.Rename(ctx, filepath.Dir(old), filepath.Dir(old)+"2"); err == nil {
				t.Error("a folder was renamed")
			}
			if n, err := l.FreeBytes(ctx, filepath.Dir(old)+`\not\there`); err != nil || n <= 0 {
				t.Errorf("free bytes %d, %v", n, err)
			}
		})
	}
}

// TestOpenLetsOthersWork: what is read can be renamed meanwhile.
func TestOpenLetsOthersWork(t *testing.T) {
	l, path := here(t), filepath.Join(t.TempDir(), "a.log")
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := l.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := l.Rename(t.Context(), path, path+".1"); err != nil {
		t.Error(err)
	}
}

// TestRemoveOnlyOurs: nothing outside of the state folder is removed, by no name.
func TestRemoveOnlyOurs(t *testing.T) {
	l, ctx := here(t), t.Context()
	mine, other := l.StateFolder()+`\backups\1\x.reg`, filepath.Join(t.TempDir(), "cache.odb")
	for _, path := range []string{mine, other, l.StateFolder() + "2"} {
		w, err := l.Create(ctx, path)
		write(t, w, err, "x")
	}
	for _, path := range []string{other, l.StateFolder() + "2", l.StateFolder(), l.StateFolder() + `\..\x`} {
		if err := l.Remove(ctx, path); err == nil {
			t.Errorf("%s was removed", path)
		}
	}
	if content(t, l, other) != "x" {
		t.Error("the other file has changed")
	}
	if err := l.Remove(ctx, filepath.Dir(mine)); err == nil {
		t.Error("a folder that is not empty was removed")
	}
	for _, path := range []string{mine, filepath.Dir(mine), strings.ToUpper(filepath.Dir(filepath.Dir(mine)))} {
		if err := l.Remove(ctx, path); err != nil {
			t.Error(err)
		}
	}
	if err := l.Remove(ctx, mine); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("remove it again: %v", err)
	}
}

// TestNamesAreRefused: no method takes a name that means something else.
func TestNamesAreRefused(t *testing.T) {
	l, ctx := here(t), t.Context()
	for _, path := range []string{`C:\a.odb:stream`, `a.odb`, `C:a.odb`, `C:\x\..\a.odb`, `\\.\C:`, `C:\NUL`, ``} {
		_, statErr := l.Stat(ctx, path)
		_, openErr := l.Open(ctx, path)
		_, createErr := l.Create(ctx, path)
		_, appendErr := l.Append(ctx, path)
		_, listErr := l.List(ctx, path)
		_, freeErr := l.FreeBytes(ctx, path)
		_, localErr := l.IsLocal(ctx, path)
		_, holdersErr := l.Holders(ctx, []string{path})
		for _, err := range []error{statErr, openErr, createErr, appendErr, listErr, freeErr, localErr, holdersErr, l.Remove(ctx, path), l.Rename(ctx, path, `C:\b`), l.Rename(ctx, `C:\b`, path)} {
			if !errors.Is(err, errName) {
				t.Errorf("%q: error %v; want %v", path, err, errName)
			}
		}
	}
}

func TestIsLocal(t *testing.T) {
	l, ctx := here(t), t.Context()
	windowsFolder, err := windows.GetSystemWindowsDirectory()
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{
		windowsFolder:                        true,
		windowsFolder + `\not\there\a.odb`:   true,
		`\\server.example\share\cache\a.odb`: false,
	} {
		if got, err := l.IsLocal(ctx, path); got != want || err != nil {
			t.Errorf("IsLocal(%s) = %v, %v; want %v", path, got, err, want)
		}
	}
	if got, err := l.IsLocal(ctx, `Q:\a.odb`); got || err == nil {
		t.Errorf("IsLocal of a drive that is not there = %v, %v; want an error", got, err)
	}
}

func TestIdentity(t *testing.T) {
	id, err := here(t).Identity(t.Context())
	if err != nil || id.Computer == "" || id.User == "" || !strings.HasPrefix(id.SID, "S-1-5-") || id.Bits != ownBits || id.Simulated {
		t.Errorf("identity %+v, %v", id, err)
	}
	if expanded := here(t).Expand(`%SystemRoot%\x`); strings.Contains(expanded, "%") {
		t.Errorf("expanded: %s", expanded)
	}
	m, err := This(ApplyOptions{})
	if local := os.Getenv("LOCALAPPDATA"); err != nil || !strings.EqualFold(m.StateFolder(), local+`\oxtail`) {
		t.Errorf("state folder %s, %v; want oxtail below %s", m.StateFolder(), err, local)
	}
}

var _ apply.Files = (*live)(nil)
