package cli

import (
	"bytes"
	"compress/gzip"
	"os"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// appendLine adds a line to a file: append FILE WORD….
func appendLine(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: append FILE WORD…")
	}
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o666)
	ts.Check(err)
	_, err = f.WriteString(strings.Join(args[1:], " ") + "\n")
	ts.Check(err)
	ts.Check(f.Close())
}

// makeOld sets the last change of files back by a day: old FILE….
func makeOld(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		at := time.Now().Add(-24 * time.Hour)
		ts.Check(os.Chtimes(ts.MkAbs(name), at, at))
	}
}

// waitFor waits until a file holds a text: waitfor FILE TEXT. It is how a script knows
// that a program in the background has done something.
func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: waitfor FILE TEXT")
	}
	const most, pause = 20 * time.Second, 20 * time.Millisecond
	var data []byte
	for end := time.Now().Add(most); time.Now().Before(end); time.Sleep(pause) {
		data, _ = os.ReadFile(ts.MkAbs(args[0])) // it may not be there yet
		if strings.Contains(string(data), args[1]) {
			return
		}
	}
	ts.Fatalf("%s does not hold %q after %v:\n%.2000s", args[0], args[1], most, data)
}

// gzipFile compresses a file: gzip FROM TO.
func gzipFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: gzip FROM TO")
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte(ts.ReadFile(args[0])))
	ts.Check(err)
	ts.Check(z.Close())
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), b.Bytes(), 0o666))
}
