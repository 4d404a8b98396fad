package bundle

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"oxtail/internal/redact"
	"oxtail/internal/redact/plant"
)

// now is when tests collect.
func now() time.Time { return time.Date(2031, 5, 7, 8, 0, 0, 0, time.UTC) }

func newKey(t testing.TB) *redact.Key {
	t.Helper()
	key, err := redact.NewKey([]byte("0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// tempDir is t.TempDir, without os.RemoveAll, which Wine does not have.
func tempDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "bundle")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		var names []string
		err := filepath.WalkDir(dir, func(name string, _ fs.DirEntry, err error) error {
			names = append(names, name)
			return err
		})
		for _, name := range slices.Backward(names) {
			err = errors.Join(err, os.Remove(name))
		}
		if err != nil {
			t.Error(err)
		}
	})
	return dir
}

// write writes a file of a tree.
func write(t testing.TB, root, name string, data []byte) {
	t.Helper()
	name = filepath.Join(root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// unzip returns the files of an archive.
func unzip(t testing.TB, name string) map[string][]byte {
	t.Helper()
	z, err := zip.OpenReader(name)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	out := map[string][]byte{}
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		out[f.Name] = data
	}
	return out
}

func gzipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// plantTree makes the tree of a computer with plants in contents, names of files, and
// names of folders.
func plantTree(t testing.TB) (string, *plant.Set) {
	set := plant.New()
	root := tempDir(t)
	inputs := map[string][]byte{}
	for _, in := range set.Inputs() {
		inputs[in.Name] = in.Data
	}
	for i, p := range set.People {
		home := "C/Users/" + p.Login
		switch i {
		case 0:
			for name, data := range inputs {
				write(t, root, home+"/AppData/Local/OXSTORE2/oxtstore_"+name, data)
			}
			write(t, root, home+"/AppData/Local/OXSTORE2/oxtstore_1.log.gz", gzipped(t, []byte(set.Log())))
		case 1:
			write(t, root, home+"/AppData/Local/Temp/Outlook Logging/"+set.Mail(p)+" "+p.Last+".log", []byte(set.Sync()))
		default:
			write(t, root, home+"/AppData/Local/OXSTORE2/"+set.Mail(p)+".odb", []byte("opaque "+p.Subject))
			write(t, root, home+"/AppData/Local/Microsoft/Outlook/"+set.Mail(p)+".ost", append([]byte("!BDN"), p.Subject...))
		}
	}
	for name, data := range inputs {
		if strings.HasSuffix(name, ".reg") {
			write(t, root, set.People[3].Login+"-"+name, data)
		}
	}
	return root, set
}

func TestLeak(t *testing.T) {
	root, set := plantTree(t)
	out := filepath.Join(tempDir(t), "bundle.zip")
	extra, err := JSON("findings.jsonl", map[string]string{"text": "login of " + set.Mail(set.People[5]), "path": `C:\Users\` + set.People[5].Login})
	if err != nil {
		t.Fatal(err)
	}
	man, err := Collect(context.Background(), Options{Paths: []string{root}, Output: out, Key: newKey(t), Jobs: 2, Now: now(), Extra: []Extra{extra}})
	if err != nil {
		t.Fatal(err)
	}
	if len(man.Parts) < 20 || man.Faults() != 0 {
		t.Errorf("%d parts, %d faults: %v; want 20 or more, and none", len(man.Parts), man.Faults(), man.Skipped)
	}
	finder := set.Finder()
	for name, data := range unzip(t, out) {
		for _, leak := range finder.Find(data) {
			t.Errorf("%s: %s", name, leak)
		}
		for _, leak := range finder.Find([]byte(name)) {
			t.Errorf("name %s: %s", name, leak)
		}
	}
	raw, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, leak := range finder.Find(raw) {
		t.Errorf("the archive itself: %s", leak)
	}
	if _, err := os.Stat(out + workSuffix); !os.IsNotExist(err) {
		t.Errorf("the working folder is left: %v", err)
	}
}
