package machine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/windows"

	"oxtail/actions/apply"
)

// one gives the only running process of a name.
func one(t *testing.T, l *live, name string) apply.Process {
	t.Helper()
	list, err := l.Running(t.Context(), strings.ToLower(name))
	if err != nil || len(list) != 1 {
		t.Fatalf("running %s: %+v, %v; want one", name, list, err)
	}
	return list[0]
}

// ended waits until a program has ended.
func ended(t *testing.T, p *program) {
	t.Helper()
	select {
	case err := <-p.done:
		p.done <- err
	case <-time.After(time.Minute):
		t.Error("the program did not end")
	}
}

func TestHolderOfAFile(t *testing.T) {
	l := here(t)
	dir := t.TempDir()
	held, free, gone := filepath.Join(dir, "a.odb"), filepath.Join(dir, "a.psz"), filepath.Join(dir, "b.odb")
	for _, path := range []string{held, free} {
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := start(t, "OUTLOOK.EXE", "hold "+held)
	h, err := l.Holders(t.Context(), []string{held, free, gone, dir})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]apply.FileState{held: apply.FileHeld, free: apply.FileFree, gone: apply.FileMissing, dir: apply.FileUnknown} {
		if h.Files[path] != want {
			t.Errorf("%s is %q; want %q", path, h.Files[path], want)
		}
	}
	if len(h.Processes) != 1 || h.Processes[0].ID != uint32(p.Process.Pid) || !slices.Equal(h.Processes[0].Why, []string{"has " + held + " open"}) {
		t.Fatalf("holders %+v; want process %d", h.Processes, p.Process.Pid)
	}
	got := h.Processes[0]
	if got.Name != "OUTLOOK.EXE" || !strings.EqualFold(got.Path, p.Path) || got.User == "" || time.Since(got.Started) > time.Minute || got.Parent != uint32(os.Getpid()) {
		t.Errorf("holder %+v", got)
	}
}

// TestHolderOfAProfile: a process that has a provider loaded holds the profile without
// any file.
func TestHolderOfAProfile(t *testing.T) {
	l := here(t)
	dll := copyAs(t, wineWork(t, fmt.Sprintf("testmapi%d.dll", ownBits)), "oxstor32.dll")
	p := start(t, "SearchProtocolHost.exe", "load "+dll)
	h, err := l.Holders(t.Context(), nil)
	if err != nil || len(h.Processes) != 1 || h.Processes[0].ID != uint32(p.Process.Pid) || !slices.Equal(h.Processes[0].Why, []string{"has oxstor32.dll loaded"}) {
		t.Errorf("holders %+v, %v", h, err)
	}
}

func TestCloseByWindow(t *testing.T) {
	l := here(t)
	p := start(t, "OUTLOOK.EXE", "window")
	seen := one(t, l, "OUTLOOK.EXE")
	if seen.Windows != 1 {
		t.Errorf("%d windows; want 1", seen.Windows)
	}
	if err := l.Close(t.Context(), seen, apply.CloseQuit); err != nil {
		t.Fatal(err)
	}
	ended(t, p)
	if err := l.Close(t.Context(), seen, apply.CloseQuit); !errors.Is(err, apply.ErrOtherProcess) {
		t.Errorf("close what has ended: %v; want %v", err, apply.ErrOtherProcess)
	}
}

// TestCloseStubborn: a program that does not close stays until it is terminated.
func TestCloseStubborn(t *testing.T) {
	l := here(t)
	p := start(t, "OUTLOOK.EXE", "window stubborn")
	seen := one(t, l, "OUTLOOK.EXE")
	for _, how := range []apply.How{apply.CloseQuit, apply.CloseRestart} {
		if err := l.Close(t.Context(), seen, how); err != nil {
			t.Errorf("%s: %v; want none, since it was asked", how, err)
		}
		if now := one(t, l, "OUTLOOK.EXE"); now.ID != seen.ID {
			t.Fatalf("%s: process %d; want %d", how, now.ID, seen.ID)
		}
	}
	other := seen
	other.Started = other.Started.Add(-time.Second)
	if err := l.Close(t.Context(), other, apply.CloseTerminate); !errors.Is(err, apply.ErrOtherProcess) {
		t.Errorf("terminate by number alone: %v; want %v", err, apply.ErrOtherProcess)
	}
	if err := l.Close(t.Context(), seen, apply.CloseTerminate); err != nil {
		t.Fatal(err)
	}
	ended(t, p)
}

func TestCloseByRestartManager(t *testing.T) {
	l := here(t)
	p := start(t, "lync.exe", "window")
	if err := l.Close(t.Context(), one(t, l, "lync.exe"), apply.CloseRestart); err != nil {
		t.Fatal(err)
	}
	ended(t, p)
}

func TestCloseWithoutWindow(t *testing.T) {
	l := here(t)
	path := filepath.Join(t.TempDir(), "a.odb")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, "SearchProtocolHost.exe", "hold "+path)
	if err := l.Close(t.Context(), one(t, l, "SearchProtocolHost.exe"), apply.CloseQuit); !errors.Is(err, errNoWindow) {
		t.Errorf("close a program without a window: %v; want %v", err, errNoWindow)
	}
	if err := l.Close(t.Context(), apply.Process{ID: windows.GetCurrentProcessId()}, apply.CloseTerminate); !errors.Is(err, errOwn) {
		t.Errorf("close oxtail: %v; want %v", err, errOwn)
	}
}

// TestStartOutlook: the program that is registered gets the profile as one argument.
func TestStartOutlook(t *testing.T) {
	l := here(t)
	note := filepath.Join(t.TempDir(), "arguments")
	l.opts.Outlook = copyAs(t, thisBinary(t), "OUTLOOK.EXE")
	t.Setenv(role, "note "+note)
	const name = `A "profile" of two`
	if err := l.StartOutlook(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	var got string
	until(t, "the program starts", func() bool {
		data, err := os.ReadFile(note)
		got = string(data)
		return err == nil && strings.HasSuffix(got, "\n")
	})
	if want := "/profile\n" + name + "\n"; got != want {
		t.Errorf("arguments %q; want %q", got, want)
	}
}

// TestNoOutlookRuns: what COM says is named.
func TestNoOutlookRuns(t *testing.T) {
	l := here(t)
	err := l.SendReceiveAll(t.Context())
	var failed *apply.MAPIError
	if !errors.As(err, &failed) || !strings.Contains(failed.Call, outlookClass) {
		t.Errorf("Send/Receive without Outlook: %v", err)
	}
	t.Log(err)
}

// TestSearchService: Wine has no Windows Search. On Windows nothing is stopped by a test.
func TestSearchService(t *testing.T) {
	if !onWine() {
		t.Skip("a test stops no service of a real computer")
	}
	l := here(t)
	if ran, err := l.StopSearch(t.Context()); ran || err != nil {
		t.Errorf("stop: ran %v, %v; want nothing to stop", ran, err)
	}
	if err := l.StartSearch(t.Context()); !errors.Is(err, windows.ERROR_SERVICE_DOES_NOT_EXIST) {
		t.Errorf("start: %v; want that it does not exist", err)
	}
}
