package bundle

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"oxtail/parser/regfile"
)

func collect(t testing.TB, opts Options) *Manifest {
	t.Helper()
	opts.Now = now()
	man, err := Collect(context.Background(), opts)
	if err != nil {
		t.Fatal(err)
	}
	return man
}

// skippedFor returns why a path is not in a bundle.
func skippedFor(man *Manifest, part string) string {
	for _, s := range man.Skipped {
		if strings.Contains(s.Path, part) {
			return s.Why
		}
	}
	return ""
}

func TestWhatIsLeftOut(t *testing.T) {
	root, out := tempDir(t), filepath.Join(tempDir(t), "b.zip")
	write(t, root, "oxtstore_1.log", []byte("user=anna\n"))
	write(t, root, "a.pst", []byte("!BDN secret content"))
	write(t, root, "broken.DAT", []byte("regf and no more"))
	write(t, root, "broken.evtx", []byte("ElfFile\x00 and no more"))
	archive, err := os.ReadFile(zipped(t, map[string][]byte{"a.log": []byte("anna\n")}))
	if err != nil {
		t.Fatal(err)
	}
	write(t, root, "x.zip", archive)
	write(t, root, "mail.eml", []byte("From: anna@example.com\r\nSubject: x\r\nDate: Thu, 5 Mar 2026 10:00:00 +0100\r\n\r\nbody\r\n"))
	write(t, root, "cut.log.gz", gzipped(t, bytes.Repeat([]byte("line\n"), 5000))[:60])
	write(t, root, "case.key.json", []byte(`{"schema":"oxtail.redaction-key/v1"}`))
	man := collect(t, Options{Paths: []string{root, filepath.Join(root, "gone")}, Output: out, Key: newKey(t)})
	for part, want := range map[string]string{
		"broken.DAT": "is no text", "broken.evtx": "read:", "x.zip": "is an archive", "mail.eml": "mail item", "cut.log.gz": "unexpected EOF",
		"case.key.json": "stays with its owner", "gone": "does not exist",
	} {
		if got := skippedFor(man, part); !strings.Contains(got, want) {
			t.Errorf("%s is left out because %q; want %q", part, got, want)
		}
	}
	if man.Faults() != 5 {
		t.Errorf("%d faults; want 5: %+v", man.Faults(), man.Skipped)
	}
	for name, data := range unzip(t, out) {
		if bytes.Contains(data, []byte("secret content")) || bytes.Contains(data, []byte("anna")) {
			t.Errorf("%s holds what it must not: %q", name, data)
		}
	}
}

func TestLinksAreNotFollowed(t *testing.T) {
	root, outside, out := tempDir(t), tempDir(t), filepath.Join(tempDir(t), "b.zip")
	write(t, outside, "secret.log", []byte("outside\n"))
	write(t, root, "a.log", []byte("inside\n"))
	if err := os.Symlink(filepath.Join(outside, "secret.log"), filepath.Join(root, "link.log")); err != nil {
		t.Skip("no links here: ", err)
	}
	if info, err := os.Lstat(filepath.Join(root, "link.log")); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Skip("links look like files here")
	}
	man := collect(t, Options{Paths: []string{root}, Output: out})
	if why := skippedFor(man, "link.log"); !strings.Contains(why, "is a link") || len(man.Parts) != 1 {
		t.Errorf("skipped because %q, %d parts; want a link, 1", why, len(man.Parts))
	}
}

// TestBudget holds that the least important is left out, and of the rest the end is kept.
func TestBudget(t *testing.T) {
	root, out := tempDir(t), filepath.Join(tempDir(t), "b.zip")
	write(t, root, "oxtstore_1.log", bytes.Repeat([]byte("0123456\n"), 3<<17)) // 3 MiB
	write(t, root, "other.log", []byte("less important\n"))
	write(t, root, "p.reg", []byte("REGEDIT4\r\n[HKEY_CURRENT_USER\\a]\r\n"))
	man := collect(t, Options{Paths: []string{root}, Output: out, MaxBytes: 2 << 20, Key: newKey(t)})
	if len(man.Losses) != 1 || man.Losses[0].To < 1<<20 || man.Losses[0].Why != "over the size budget" {
		t.Errorf("losses %+v; want one of more than 1 MiB", man.Losses)
	}
	if why := skippedFor(man, "other.log"); why != "over the size budget" {
		t.Errorf("other.log is left out because %q", why)
	}
	if man.Bytes > 2<<20 || len(man.Parts) != 2 {
		t.Errorf("%d bytes in %d parts; want at most 2 MiB in 2", man.Bytes, len(man.Parts))
	}
}

func TestSince(t *testing.T) {
	root, out := tempDir(t), filepath.Join(tempDir(t), "b.zip")
	write(t, root, "old.log", []byte("old\n"))
	write(t, root, "new.log", []byte("new\n"))
	long := now().AddDate(0, -2, 0)
	if err := os.Chtimes(filepath.Join(root, "old.log"), long, long); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(filepath.Join(root, "new.log"), now(), now()); err != nil {
		t.Fatal(err)
	}
	man := collect(t, Options{Paths: []string{root}, Output: out, Since: now().AddDate(0, 0, -14)})
	if why := skippedFor(man, "old.log"); !strings.Contains(why, "--since") || len(man.Parts) != 1 || man.Faults() != 0 {
		t.Errorf("old.log is left out because %q, %d parts, %d faults", why, len(man.Parts), man.Faults())
	}
}

// TestResume interrupts a collection, and holds that the next one takes what was made, and
// ends with the same bytes.
func TestResume(t *testing.T) {
	root, dir := tempDir(t), tempDir(t)
	for i := range 20 {
		write(t, root, fmt.Sprintf("oxtstore_%02d.log", i), fmt.Appendf(nil, "user=anna%d\n", i))
	}
	opts := Options{Paths: []string{root}, Output: filepath.Join(dir, "b.zip"), Key: newKey(t), Now: now()}
	ctx, cancel := context.WithCancel(context.Background())
	reads := 0
	opts.Progress = func(int64, int64, string) {
		if reads++; reads > 70 {
			cancel()
		}
	}
	if _, err := Collect(ctx, opts); !errors.Is(err, context.Canceled) {
		t.Fatalf("Collect = %v; want it canceled", err)
	}
	if _, err := os.Stat(opts.Output); !os.IsNotExist(err) {
		t.Fatalf("an archive is there: %v", err)
	}
	before, err := readState(filepath.Join(opts.Output+workSuffix, stateName))
	if err != nil || len(before.Parts) == 0 {
		t.Fatalf("state %+v, %v; want parts", before, err)
	}
	opts.Progress, opts.Resume = nil, true
	collect(t, opts)
	whole := opts
	whole.Output, whole.Resume, whole.Key = filepath.Join(dir, "c.zip"), false, newKey(t)
	collect(t, whole)
	got, want := unzip(t, opts.Output), unzip(t, whole.Output)
	for name := range want {
		if !bytes.Equal(got[name], want[name]) {
			t.Errorf("%s differs after the interruption:\n%s\n%s", name, got[name], want[name])
		}
	}
}

func TestForeignWorkFolder(t *testing.T) {
	root, out := tempDir(t), filepath.Join(tempDir(t), "b.zip")
	write(t, root, "a.log", []byte("a\n"))
	write(t, out+workSuffix, "mine.txt", []byte("precious"))
	if _, err := Collect(context.Background(), Options{Paths: []string{root}, Output: out}); err == nil || !strings.Contains(err.Error(), "is in the way") {
		t.Errorf("Collect = %v; want it refused", err)
	}
	if _, err := os.Stat(filepath.Join(out+workSuffix, "mine.txt")); err != nil {
		t.Error(err)
	}
}

// TestVerify forges archives.
func TestVerify(t *testing.T) {
	root, out := tempDir(t), filepath.Join(tempDir(t), "b.zip")
	write(t, root, "a.log", []byte("a\n"))
	collect(t, Options{Paths: []string{root}, Output: out})
	files := unzip(t, out)
	for _, c := range []struct {
		name, want string
		change     func(map[string][]byte)
	}{
		{"as it is", "", func(map[string][]byte) {}},
		{"changed", "was changed", func(f map[string][]byte) { f["logs/a.log"] = []byte("b\n") }},
		{"grown", "another size", func(f map[string][]byte) { f["logs/a.log"] = []byte("a\nb\n") }},
		{"gone", "is missing", func(f map[string][]byte) { delete(f, "logs/a.log") }},
		{"more", "is not in the manifest", func(f map[string][]byte) { f["logs/b.log"] = []byte("b\n") }},
		{"outside", "outside of the bundle", func(f map[string][]byte) { f["../evil.log"] = []byte("b\n") }},
		{"drive", "outside of the bundle", func(f map[string][]byte) { f[`C:\evil.log`] = []byte("b\n") }},
	} {
		forged := map[string][]byte{}
		for k, v := range files {
			forged[k] = v
		}
		c.change(forged)
		_, problems, err := Verify(context.Background(), zipped(t, forged))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		text := fmt.Sprint(problems)
		if c.want == "" && len(problems) > 0 || !strings.Contains(text, c.want) {
			t.Errorf("%s: problems %s; want %q", c.name, text, c.want)
		}
	}
	if _, _, err := Verify(context.Background(), zipped(t, map[string][]byte{"a": nil})); !errors.Is(err, ErrNoBundle) {
		t.Errorf("Verify of an archive without a manifest = %v; want ErrNoBundle", err)
	}
}

func zipped(t *testing.T, files map[string][]byte) string {
	t.Helper()
	name := filepath.Join(tempDir(t), "forged.zip")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	for n, data := range files {
		w, err := z.Create(n)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestExportRegistry(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "samples", "chain", "shared", "profiles.reg"))
	if err != nil {
		t.Fatal(err)
	}
	file, err := regfile.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	folder := tempDir(t)
	problems, err := ExportRegistry(file.Root(), folder)
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	names, err := filepath.Glob(filepath.Join(folder, "*.reg"))
	if err != nil || len(names) != 1 || filepath.Base(names[0]) != "HKEY_CURRENT_USER-Software-Microsoft-Office-16.0-Outlook.reg" {
		t.Errorf("exports %v, %v; want that of Outlook", names, err)
	}
}

func TestManifestIsWhole(t *testing.T) {
	root, out := tempDir(t), filepath.Join(tempDir(t), "b.zip")
	write(t, root, "a.log", []byte("user=anna\n"))
	collect(t, Options{Paths: []string{root}, Output: out, Key: newKey(t), Tool: Tool{Name: "oxtail", Version: "1"}, Zone: "CET"})
	var man map[string]any
	if err := json.Unmarshal(unzip(t, out)[ManifestName], &man); err != nil {
		t.Fatal(err)
	}
	for _, field := range []string{"schema", "tool", "created", "zone", "parts", "skipped", "losses", "redaction", "max_bytes"} {
		if _, ok := man[field]; !ok {
			t.Errorf("the manifest lacks %q", field)
		}
	}
}

// zeros is a log without an end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = "2026-03-05 10:11:12.345: DEBUG sync engine: folder state clean, 12 objects\n"[i%75]
	}
	return len(p), nil
}

func BenchmarkCollect(b *testing.B) {
	const size = 64 << 20
	for _, redacted := range []bool{false, true} {
		b.Run(fmt.Sprintf("redacted=%v", redacted), func(b *testing.B) {
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				opts := Options{Output: filepath.Join(tempDir(b), "b.zip"), Now: time.Time{}, Jobs: 2, Live: true}
				opts.Extra = []Extra{{Path: "logs/a.log", Size: size, Data: func() (io.ReadCloser, error) { return io.NopCloser(io.LimitReader(zeros{}, size)), nil }}}
				if redacted {
					opts.Key = newKey(b)
				}
				if _, err := Collect(context.Background(), opts); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
