package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"oxtail/actions"
	"oxtail/actions/apply"
	"oxtail/internal/machine"
	"oxtail/internal/twin"
)

// machineFlags say which computer a plan is carried out on. Commands about plans, the
// journal and backups share them.
type machineFlags struct {
	twin  []string
	keep  string
	input inputFlags
	ev    evidenceFlags
}

func (f *machineFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&f.twin, "twin", nil, "evidence (export, hive, bundle, folder) that a twin of the computer is made of; nothing real is changed; may be repeated")
	flags.StringVar(&f.keep, "keep", "", "write the twin to a new `folder` at the end, to go on with --twin FOLDER")
	f.input.addPlain(cmd)
	f.ev.addShared(cmd)
}

// addShared adds the flags for what is in the evidence, without --profiles.
func (f *evidenceFlags) addShared(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.mappings, "mappings", "", "JSON file that says what the property ids of a provider mean")
	cmd.Flags().StringArrayVar(&f.env, "env", nil, "variable of the profiles' owner, NAME=VALUE, for paths such as %LOCALAPPDATA%; may be repeated")
}

// open gives the machine: this computer, or a twin.
func (f *machineFlags) open(ctx context.Context, t *term, p *actions.Plan) (apply.Machine, error) {
	if f.keep != "" && len(f.twin) == 0 {
		return nil, withHint(errors.New("--keep is for a twin"), "give --twin EVIDENCE")
	}
	if f.keep != "" {
		if _, err := os.Lstat(f.keep); err == nil {
			return nil, withHint(fmt.Errorf("%s exists", f.keep), "--keep makes a new folder; nothing is overwritten")
		}
	}
	if len(f.twin) > 0 {
		return f.openTwin(ctx, t, p)
	}
	m, err := machine.This(machine.ApplyOptions{})
	if err != nil {
		if runtime.GOOS != "windows" {
			err = errors.New("this is not Windows: give --twin EVIDENCE for a dry run")
		}
		return nil, withHint(err, "--twin makes a twin of the computer from a bundle, registry exports and cache files; nothing real is changed")
	}
	return m, nil
}

// openTwin makes a twin of evidence.
func (f *machineFlags) openTwin(ctx context.Context, t *term, p *actions.Plan) (apply.Machine, error) {
	walk, err := f.input.walk(ctx, t)
	if err != nil {
		return nil, err
	}
	ev, err := f.ev.options()
	if err != nil {
		return nil, err
	}
	o := twin.LoadOptions{Now: t.now(), Env: ev.Env, Mappings: ev.Mappings}
	if p != nil {
		o.User, o.Root, o.Profile, o.Evidence = p.Target.User, p.Target.Root, p.Target.Profile, p.Target.Evidence
	}
	m, notes, err := twin.Load(ctx, f.twin, walk, o)
	for _, n := range notes {
		t.warnf("%s", n)
	}
	return m, err
}

// save writes a twin to the folder of --keep.
func (f *machineFlags) save(m apply.Machine) error {
	made, is := m.(*twin.Twin)
	if f.keep == "" || !is {
		return nil
	}
	return made.Save(func(name string, content io.Reader) error {
		path := filepath.Join(f.keep, filepath.FromSlash(name))
		if !strings.HasPrefix(path, filepath.Clean(f.keep)+string(filepath.Separator)) {
			return fmt.Errorf("write %s: not below %s", path, f.keep)
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if err != nil {
			return err
		}
		_, err = io.Copy(out, content)
		if e := out.Close(); err == nil {
			err = e
		}
		return err
	})
}
