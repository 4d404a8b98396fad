//go:build windows

package service

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/mgr"
)

// The test program plays the service: it is started with this word and a folder.
const playService = "play-service"

func TestMain(m *testing.M) {
	if len(os.Args) > 3 && os.Args[1] == playService {
		os.Exit(play(os.Args[2], os.Args[3]))
	}
	os.Exit(m.Run())
}

// play runs as a service that notes its start and its end in a folder; with a third
// argument it ends at once with code 7.
func play(name, dir string) int {
	note := func(what string) { _ = os.WriteFile(filepath.Join(dir, what), nil, 0o600) }
	err := Serve(name, func(ctx context.Context) int {
		note("started")
		if len(os.Args) > 4 {
			return 7
		}
		<-ctx.Done()
		note("ended")
		return 0
	})
	if err != nil {
		note("failed")
		return 1
	}
	return 0
}

// admin skips a test where services cannot be made.
func admin(t *testing.T) {
	t.Helper()
	m, err := connect()
	if err != nil {
		t.Skipf("services are not tested: %v", err)
	}
	_ = m.Disconnect()
}

func noted(dir, what string) bool {
	_, err := os.Stat(filepath.Join(dir, what))
	return err == nil
}

// TestServices: the whole life of a service, with one that runs.
func TestServices(t *testing.T) {
	admin(t)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	name := "oxtail-test-" + strconv.Itoa(os.Getpid())
	v, ctx := &Services{}, t.Context()
	t.Cleanup(func() { _, _ = v.Uninstall(context.Background(), name) })
	s := Spec{Name: name, Program: program, State: dir, Args: []string{playService, name, dir}}
	for i, step := range []struct {
		do   func() (Outcome, error)
		want Change
	}{
		{func() (Outcome, error) { return v.Uninstall(ctx, name) }, Absent},
		{func() (Outcome, error) { return v.Install(ctx, s, false) }, Created},
		{func() (Outcome, error) { return v.Install(ctx, s, false) }, Updated},
		{func() (Outcome, error) { return v.Stop(ctx, name) }, Idle},
		{func() (Outcome, error) { return v.Start(ctx, name) }, Started},
		{func() (Outcome, error) { return v.Start(ctx, name) }, Running},
		{func() (Outcome, error) { return v.Stop(ctx, name) }, Stopped},
		{func() (Outcome, error) { return v.Install(ctx, s, true) }, Updated},
		{func() (Outcome, error) { return v.Uninstall(ctx, name) }, Removed},
		{func() (Outcome, error) { return v.Uninstall(ctx, name) }, Absent},
	} {
		o, err := step.do()
		if err != nil || o.Change != step.want {
			t.Fatalf("step %d: %q, error %v; want %q", i, o.Change, err, step.want)
		}
		for _, n := range o.Notes {
			t.Logf("step %d: %s", i, n)
		}
	}
	if !noted(dir, "started") || !noted(dir, "ended") || noted(dir, "failed") {
		t.Error("the service was not started and ended in order")
	}
	if _, err := v.Start(ctx, name); !errors.Is(err, ErrNotInstalled) {
		t.Errorf("start of what is not there: %v; want ErrNotInstalled", err)
	}
}

// TestServiceEndsAtOnce: a start that fails is told.
func TestServiceEndsAtOnce(t *testing.T) {
	admin(t)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir, name := t.TempDir(), "oxtail-test-end-"+strconv.Itoa(os.Getpid())
	v := &Services{}
	t.Cleanup(func() { _, _ = v.Uninstall(context.Background(), name) })
	if _, err := v.Install(t.Context(), Spec{Name: name, Program: program, State: dir, Args: []string{playService, name, dir, "x"}}, false); err != nil {
		t.Fatal(err)
	}
	o, err := v.Start(t.Context(), name)
	t.Logf("start: %+v, error %v", o, err)
	if err != nil && !strings.Contains(err.Error(), "ended at once") {
		t.Errorf("error %v; want that it ended at once", err)
	}
	if _, err := v.with(name, func(_ *mgr.Mgr, s *mgr.Service) error { return await(t.Context(), s, svc.Stopped) }); err != nil {
		t.Errorf("it did not end: %v", err)
	}
}

// TestServeOutside: whoever runs the hidden command by hand is told.
func TestServeOutside(t *testing.T) {
	if err := Serve("oxtail-test", func(context.Context) int { return 0 }); err == nil || !strings.Contains(err.Error(), "service manager") {
		t.Errorf("error %v; want one that names the service manager", err)
	}
}

// TestAsk: a task is asked to end and says that it has; one that does not run is told.
func TestAsk(t *testing.T) {
	name := "test-" + strconv.Itoa(os.Getpid())
	if ran, err := Ask(t.Context(), name); ran || err != nil {
		t.Errorf("Ask = %v, %v; want nobody", ran, err)
	}
	ctx, stop, err := Listen(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan error, 1)
	go func() {
		_, err := Ask(context.Background(), name)
		asked <- err
	}()
	<-ctx.Done()
	stop()
	if err := <-asked; err != nil {
		t.Errorf("Ask: %v", err)
	}
	if ran, err := Ask(t.Context(), name); ran || err != nil {
		t.Errorf("Ask after the end = %v, %v; want nobody", ran, err)
	}
}

// TestCommandLineIsOfWindows: Windows splits what CommandLine joined.
func TestCommandLineIsOfWindows(t *testing.T) {
	for _, word := range hostile() {
		if strings.ToValidUTF8(word, "") != word {
			continue // cannot be an argument of Windows
		}
		args := []string{`C:\Program Files\oxtail.exe`, word, "x", word}
		got, err := windows.DecomposeCommandLine(CommandLine(args))
		if err != nil || !equal(got, args) {
			t.Errorf("Windows reads %q as %q, %v; want %q", CommandLine(args), got, err, args)
		}
	}
}

// TestSchtasks registers a task with the program of the system. Wine's knows /Create,
// /Change /ENABLE and /Delete, but not the others: there, only these are proven.
func TestSchtasks(t *testing.T) {
	m, err := New(UserTask, os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	user, err := CurrentUser()
	if err != nil {
		t.Fatal(err)
	}
	tasks := m.(*Tasks)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir, name := t.TempDir(), "oxtail-test-"+strconv.Itoa(os.Getpid())
	s := Spec{Name: name, Program: program, State: dir, User: user, Args: []string{"-test.run=none", "two words", `a "quote"`}}
	o, err := tasks.Install(t.Context(), s, false)
	if err != nil {
		t.Fatalf("install: %v", err)
	}
	t.Logf("install: %s, ran %v", o.Change, o.Ran)
	for _, word := range []string{"/DISABLE", "/ENABLE"} {
		if word == "/DISABLE" && windows.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() == nil {
			continue
		}
		if err := tasks.all(t.Context(), &o, []string{tasks.Schtasks, "/Change", "/TN", name, word}); err != nil {
			t.Errorf("change %s: %v", word, err)
		}
	}
	there, err := tasks.there(t.Context(), name)
	t.Logf("there: %v, %v", there, err)
	if err := tasks.all(t.Context(), &o, []string{tasks.Schtasks, "/Delete", "/TN", name, "/F"}); err != nil {
		t.Errorf("delete: %v", err)
	}
	if err := tasks.all(t.Context(), &o, []string{tasks.Schtasks, "/Delete", "/TN", name, "/F"}); err == nil {
		t.Error("the task was there after it was deleted")
	}
}

// TestPrepareState: the folder of a service lets nobody in but the system and
// administrators; that of a task is the user's.
func TestPrepareState(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	note, err := PrepareState(WinService, dir, "")
	if err != nil {
		t.Fatal(err)
	}
	if note != "" {
		t.Skipf("access lists cannot be set here: %s", note)
	}
	sd, err := windows.GetNamedSecurityInfo(dir, windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		t.Fatal(err)
	}
	text := sd.String()
	t.Logf("access list %s", text)
	if windows.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() == nil {
		t.Skip("Wine keeps the rights of a Unix file, not an access list")
	}
	for _, who := range []string{";;;WD)", ";;;BU)", ";;;AU)"} {
		if strings.Contains(text, who) {
			t.Errorf("access list %s lets %s in", text, who)
		}
	}
	if note, err = PrepareState(UserTask, filepath.Join(dir, "c"), ""); note != "" || err != nil {
		t.Errorf("PrepareState of a task: %q, %v", note, err)
	}
}
