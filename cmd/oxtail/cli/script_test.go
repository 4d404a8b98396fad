package cli

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite expected output of scripts and docs")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"oxtail": func() { os.Exit(Main(System())) },
	})
}

// minScripts guards against a folder that is empty, or named wrongly.
const minScripts = 10

// TestScripts runs one script for each promise of the command line.
func TestScripts(t *testing.T) {
	found, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(found) < minScripts {
		t.Fatalf("found %d scripts, error %v; want at least %d", len(found), err, minScripts)
	}
	root, err := filepath.Abs(filepath.Join("..", "..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("SAMPLES", filepath.Join(root, "samples"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"code":     exitCode,
			"utf16":    toUTF16,
			"zip":      toZip,
			"truncate": truncate,
			"append":   appendLine,
			"waitfor":  waitFor,
			"old":      makeOld,
			"edit":     editFile,
			"gzip":     gzipFile,
		},
	})
}

// exitCode runs a program and checks its exit code: code 3 oxtail scan x.
func exitCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N program args…")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if err != nil {
		got = lastNumber(err.Error())
	}
	if got != args[0] {
		ts.Fatalf("exit code %s (%v); want %s", got, err, args[0])
	}
}

// lastNumber returns N of "exit status N".
func lastNumber(s string) string {
	const prefix = "exit status "
	if i := bytes.LastIndex([]byte(s), []byte(prefix)); i >= 0 {
		return s[i+len(prefix):]
	}
	return s
}

// toUTF16 rewrites a UTF-8 file as UTF-16: utf16 le|be FILE.
func toUTF16(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: utf16 le|be FILE")
	}
	var order binary.AppendByteOrder = binary.LittleEndian
	if args[0] == "be" {
		order = binary.BigEndian
	}
	out := order.AppendUint16(nil, 0xfeff)
	for _, u := range utf16.Encode([]rune(ts.ReadFile(args[1]))) {
		out = order.AppendUint16(out, u)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), out, 0o666))
}

// toZip writes a zip archive: zip ARCHIVE FILE….
func toZip(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: zip ARCHIVE FILE…")
	}
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for _, name := range args[1:] {
		w, err := z.Create(name)
		ts.Check(err)
		_, err = w.Write([]byte(ts.ReadFile(name)))
		ts.Check(err)
	}
	ts.Check(z.Close())
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), buf.Bytes(), 0o666))
}

// truncate cuts a file off: truncate FILE BYTES.
func truncate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: truncate FILE BYTES")
	}
	n, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), n))
}

// editFile replaces a text in a file, which must hold it: edit FILE OLD NEW.
func editFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: edit FILE OLD NEW")
	}
	text := ts.ReadFile(args[0])
	if !strings.Contains(text, args[1]) {
		ts.Fatalf("%s does not hold %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Replace(text, args[1], args[2], 1)), 0o666))
}
