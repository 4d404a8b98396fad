package machine

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// role is the variable that makes the test binary another program: the helper of MAPI,
// or one that holds a file or shows a window, under any name.
const role = "OXTAIL_TEST_ROLE"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == HelperCommand {
		if err := ServeMAPI(context.Background(), os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		return
	}
	switch kind, argument, _ := strings.Cut(os.Getenv(role), " "); kind {
	case "":
		os.Exit(m.Run())
	case "hold":
		holdFile(argument)
	case "window":
		showWindow(argument)
	case "load":
		loadDLL(argument)
	case "apply":
		applyPlan(argument)
	case "note":
		noteArguments(argument)
	default:
		panic("BUG: role " + kind)
	}
}

// wineWork is where .ci/wine has put the test provider and the other test binaries.
func wineWork(t *testing.T, file string) string {
	t.Helper()
	dir := os.Getenv("OXTAIL_WINE_WORK")
	if dir == "" {
		t.Skip("OXTAIL_WINE_WORK is not set: .ci/wine sets it")
	}
	path := dir + `\` + file
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// copyAs copies this test binary under another name, such as OUTLOOK.EXE.
func copyAs(t testing.TB, from, name string) string {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func thisBinary(t testing.TB) string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return exe
}

// program is another program that runs during a test.
type program struct {
	*exec.Cmd
	in   io.Closer
	done chan error
}

// stop ends the program, if it has not ended.
func (p *program) stop() {
	p.in.Close()
	p.Process.Kill() // it may have ended
	p.done <- <-p.done
}

// start starts a copy of this test binary in a role, and waits until it is ready. It
// ends with the test.
func start(t testing.TB, name, what string) *program {
	t.Helper()
	p := &program{Cmd: exec.Command(copyAs(t, thisBinary(t), name)), done: make(chan error, 1)}
	p.Env = append(os.Environ(), role+"="+what)
	in, err := p.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if line != "ready\n" {
		t.Fatalf("%s %s says %q: %v", name, what, line, err)
	}
	p.in = in
	go func() { p.done <- p.Wait() }()
	t.Cleanup(p.stop)
	return p
}

// untilClosed says that the program is ready, and waits until its input is closed.
func untilClosed() {
	fmt.Println("ready")
	bufio.NewReader(os.Stdin).ReadString('\n')
}
