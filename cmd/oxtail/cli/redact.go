package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"oxtail/internal/bundle"
	"oxtail/internal/redact"
	"oxtail/internal/report"
)

// redactFlags are the flags of redact and unredact.
type redactFlags struct {
	output string
	key    string
	uuids  bool
	report bool
	jobs   int
	back   bool
}

const redactHelp = `Takes out of logs, registry exports and tables what tells who and where: mail addresses,
users, mailboxes, hosts, domains, subjects and IP addresses become pseudonyms such as
mailbox-3, the same everywhere; passwords, tokens and session ids are removed for good.
Lines, encodings and UUIDs stay, so that oxtail reads the result as it reads the original.

All files are read twice: a name that one of them gives is taken out of all. The key file
leads back from pseudonyms to names; it stays with you. With the key of an earlier run the
names are the same.

What is no text (hives, stores, event logs, archives) cannot be redacted, and is not
written. Docs: docs/redaction.md.

`

const fileExitHelp = `Exit codes:
  0  done
  2  could not do it: wrong usage, or nothing readable
  3  done, but some files could not be read or redacted, and were left out
`

func newRedact(t *term) *cobra.Command {
	f := &redactFlags{}
	cmd := &cobra.Command{
		Use:     "redact PATH…",
		Short:   "Take names and secrets out of files",
		Long:    redactHelp + fileExitHelp,
		Example: "  oxtail redact -o clean.log oxtstore_4711.log\n  oxtail redact -o clean --key case7.key.json logs profiles.reg\n  oxtail redact oxtstore.log --redact-report > clean.log",
		Args:    atLeastOne("a file or folder"),
		RunE:    func(cmd *cobra.Command, args []string) error { return runRedact(cmd.Context(), t, args, f) },
	}
	flags := cmd.Flags()
	flags.StringVarP(&f.output, "output", "o", "", "`file` to write, or folder for several; standard output if not given")
	flags.StringVar(&f.key, "key", "", "key `file`, read if it is there and written (default the output's name and .key.json)")
	flags.BoolVar(&f.uuids, "redact-uuids", false, "change UUIDs, too; links between them stay")
	flags.BoolVar(&f.report, "redact-report", false, "say what was replaced, by kind and count")
	flags.IntVar(&f.jobs, "jobs", 2, "`number` of goroutines")
	return cmd
}

func newUnredact(t *term) *cobra.Command {
	f := &redactFlags{back: true}
	cmd := &cobra.Command{
		Use:   "unredact --key KEY PATH…",
		Short: "Put the names back for their pseudonyms",
		Long: `Puts back the names for the pseudonyms of a case, with the key file of its redaction: in
redacted files, or in what somebody has written about them. Secrets stay removed; names
have the letter case of their first place.

` + fileExitHelp,
		Example: "  oxtail unredact --key case7.key.json -o answer.md answer-of-support.md\n  oxtail unredact --key bundle.key.json findings.csv",
		Args:    atLeastOne("a file or folder"),
		RunE:    func(cmd *cobra.Command, args []string) error { return runRedact(cmd.Context(), t, args, f) },
	}
	cmd.Flags().StringVarP(&f.output, "output", "o", "", "`file` to write, or folder for several; standard output if not given")
	cmd.Flags().StringVar(&f.key, "key", "", "key `file` of the redaction")
	return cmd
}

func runRedact(ctx context.Context, t *term, paths []string, f *redactFlags) error {
	r := &bundle.Rewrite{Paths: paths, Output: f.output, Stdout: t.stdout, UUIDs: f.uuids, Jobs: f.jobs, Back: f.back}
	var err error
	if r.Folder, err = f.isFolder(paths); err != nil {
		return err
	}
	if !r.Folder {
		if err := refuseOverwrite(f.output, paths); err != nil {
			return err
		}
	}
	keyName := f.key
	if keyName == "" && f.output != "" {
		keyName = keyBeside(f.output)
	}
	if f.back {
		if r.Key, err = loadKey(f.key); err != nil {
			return err
		}
	} else if r.Key, err = openKey(keyName); err != nil {
		return err
	}
	r.SaveKey = func(k *redact.Key) error { return saveKey(t, keyName, k) }
	res, err := r.Run(ctx)
	if err != nil {
		return err
	}
	if f.report {
		t.redactReport(res.Counts, res.Unnamed)
	}
	return t.rewritten(res)
}

// isFolder decides whether the output is a folder, and refuses outputs within the input.
func (f *redactFlags) isFolder(paths []string) (bool, error) {
	several := len(paths) > 1
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			return false, err
		}
		several = several || info.IsDir()
		if info.IsDir() && f.output != "" && within(f.output, p) {
			return false, withHint(fmt.Errorf("write %s: it lies in %s, which is read", f.output, p), "evidence is never overwritten; choose another place for -o")
		}
		if within(f.output, filepath.Dir(p)) && !info.IsDir() && filepath.Clean(f.output) == filepath.Clean(filepath.Dir(p)) {
			return false, withHint(fmt.Errorf("write %s: it is the folder of %s, which is read", f.output, p), "evidence is never overwritten; choose another folder for -o")
		}
	}
	if several && f.output == "" {
		return false, withHint(errors.New("several files need a folder to be written to"), "add -o FOLDER")
	}
	info, err := os.Stat(f.output)
	return several || err == nil && info.IsDir() || strings.HasSuffix(f.output, "/") || strings.HasSuffix(f.output, string(filepath.Separator)), nil
}

// within reports whether a path lies in a folder, or is it.
func within(name, folder string) bool {
	a, errA := filepath.Abs(name)
	b, errB := filepath.Abs(folder)
	if errA != nil || errB != nil || name == "" {
		return false
	}
	rel, err := filepath.Rel(b, a)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// keyBeside is the key file of an output: never inside it.
func keyBeside(output string) string {
	return strings.TrimSuffix(filepath.Clean(output), ".zip") + ".key.json"
}

// openKey reads the key of a case, or begins a new one.
func openKey(name string) (*redact.Key, error) {
	k, err := loadKey(name)
	if err == nil || name != "" && !errors.Is(err, fs.ErrNotExist) {
		return k, err
	}
	seed := make([]byte, redact.SeedBytes)
	if _, err := rand.Read(seed); err != nil {
		return nil, err
	}
	return redact.NewKey(seed)
}

func loadKey(name string) (*redact.Key, error) {
	if name == "" {
		return nil, withHint(errors.New("no key file was given"), "add --key FILE; redact and collect write it beside their output, as .key.json")
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close() // read only: nothing is lost when closing fails
	k, err := redact.ReadKey(file)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return k, nil
}

// saveKey writes the key for its owner only.
func saveKey(t *term, name string, k *redact.Key) error {
	if name == "" {
		t.warnf("no key is kept: the names cannot be put back")
		t.hintf("add --key FILE to keep one")
		return nil
	}
	tmp := name + ".tmp"
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	err = errors.Join(k.Write(f), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(tmp, name)
	}
	if err != nil {
		return fmt.Errorf("write the key %s: %w", name, err)
	}
	t.sayf("the key is in %s; it stays with you", name)
	return nil
}

// redactReport says what was replaced, by kind and count.
func (t *term) redactReport(counts redact.Counts, unnamed int) {
	t.sayf("replaced or removed: %d", counts.Total())
	for _, k := range counts.Sorted() {
		t.line("", fmt.Sprintf("  %-10s %d", k, counts[k]))
	}
	if unnamed > 0 {
		t.warnf("%d names were over the limit of %d: they were removed where their places tell what they are, and not looked for elsewhere", unnamed, redact.MaxNames)
	}
}

// rewritten tells what was left out, and returns the exit code as an error.
func (t *term) rewritten(res *bundle.Rewritten) error {
	faults := 0
	for _, s := range res.Skipped {
		if s.Fault {
			faults++
		}
		t.warnf("left out %s: %s", s.Path, s.Why)
	}
	switch {
	case res.Files == 0:
		return withHint(errors.New("nothing could be rewritten"), "only text can; export hives with the registry editor, event logs with wevtutil")
	case faults > 0 || res.Unnamed > 0:
		return &exitError{code: ExitIncomplete}
	}
	t.sayf("%d files, %s", res.Files, report.Size(res.Bytes))
	return nil
}
