package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"oxtail/actions"
	"oxtail/internal/evidence"
	"oxtail/internal/source"
	"oxtail/parser/profile"
)

// evidenceFlags say how profiles and cache files are read. Commands that link logs
// with them share them.
type evidenceFlags struct {
	mappings string
	env      []string
	profiles []string
	servers  bool // search logs for versions of Exchange servers; set by the command
}

func (f *evidenceFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.mappings, "mappings", "", "JSON file that says what the property ids of a provider mean")
	flags.StringArrayVar(&f.profiles, "profiles", nil, "registry export, hive or folder with profiles and cache files that are not in PATH; may be repeated")
	flags.StringArrayVar(&f.env, "env", nil, "variable of the profiles' owner, NAME=VALUE, for paths such as %LOCALAPPDATA%; may be repeated")
}

// options reads the table of the user.
func (f *evidenceFlags) options() (evidence.Options, error) {
	opts := evidence.Options{Env: map[string]string{}}
	for _, pair := range f.env {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return opts, withHint(fmt.Errorf("--env %s is no NAME=VALUE", pair), `for instance --env 'LOCALAPPDATA=C:\Users\anna\AppData\Local'`)
		}
		opts.Env[strings.ToUpper(name)] = value
	}
	if f.mappings == "" {
		return opts, nil
	}
	data, err := os.ReadFile(f.mappings)
	if err != nil {
		return opts, err
	}
	if opts.Mappings, err = profile.ParseMappings(data); err != nil {
		return opts, fmt.Errorf("read %s: %w", f.mappings, err)
	}
	return opts, nil
}

// gathered is what a command found besides logs.
type gathered struct {
	inv      *actions.Inventory
	from     *evidence.Gatherer
	computer string           // whose evidence it is, as a bundle tells; "" when nothing does
	several  bool             // it is of more than one computer
	live     bool             // it is of the running computer
	faults   []string         // what was not, or not fully, read
	lost     []source.Skipped // those of them that are evidence which was opened
	streams  int
}

// gatherEvidence walks the paths for profiles and cache files. Logs are not opened.
func gatherEvidence(ctx context.Context, t *term, paths []string, in *inputFlags, ev *evidenceFlags) (*gathered, error) {
	opts, err := ev.options()
	if err != nil {
		return nil, err
	}
	walk, err := in.evidenceWalk(ctx, t)
	if err != nil {
		return nil, err
	}
	g := &gathered{from: evidence.New(opts)}
	skipped, err := source.Walk(ctx, paths, walk, func(st *source.Stream) error {
		g.streams++
		g.lookForComputer(st)
		return g.from.Add(st)
	})
	if err != nil {
		return nil, err
	}
	g.finish(t, skipped)
	if g.streams == 0 {
		return nil, g.nothing(paths)
	}
	return g, nil
}

// finish takes the inventory, and what was not read.
func (g *gathered) finish(t *term, skipped []source.Skipped) {
	inv, problems := g.from.Finish()
	g.inv = inv
	for _, s := range skipped {
		if !s.Note {
			g.faults = append(g.faults, s.Err.Error())
		}
	}
	for _, p := range problems {
		if p.Lost {
			g.faults = append(g.faults, p.Text)
			g.lost = append(g.lost, source.Skipped{Path: p.Path, Err: errors.New(p.Text)})
		} else {
			t.sayf("%s", p.Text)
		}
	}
}

// nothing is the error for paths in which nothing could be read.
func (g *gathered) nothing(paths []string) error {
	if len(g.faults) > 0 {
		return errors.New(strings.Join(g.faults, "\n"))
	}
	return fmt.Errorf("there is nothing to read in %s", strings.Join(paths, ", "))
}

// exit tells what was not read and returns the exit code as an error.
func (g *gathered) exit(t *term) error {
	if len(g.faults) == 0 {
		return nil
	}
	warnFaults(t, g.faults)
	return &exitError{code: ExitIncomplete}
}

// warnFaults tells what was not, or not fully, read.
func warnFaults(t *term, faults []string) {
	const most = 10 // lines; a folder may hold thousands that may not be read
	for i, text := range faults {
		if i == most {
			t.warnf("and %d more were not fully read", len(faults)-most)
			return
		}
		t.warnf("%s", text)
	}
}

// sameName reports whether a profile has the name that a person gave: as stored, as
// shown, or with letter case aside.
func sameName(p *profile.Profile, name string) bool {
	name = strings.TrimSpace(name)
	return strings.EqualFold(p.Name, name) || strings.EqualFold(p.Display, name)
}

// unknownProfile is the error for a name that no profile has.
func unknownProfile(inv *actions.Inventory, name string) error {
	err := fmt.Errorf("no profile is named %q", name)
	var names []string
	for i := range inv.Profiles {
		names = append(names, inv.Profiles[i].Display)
	}
	switch n := nearest(name, names); {
	case n != "":
		return withHint(err, "did you mean "+n+"?")
	case len(names) == 0:
		return withHint(err, "no profiles were found; give a .reg export of the profiles, or the user's NTUSER.DAT")
	}
	return withHint(err, "there are "+strings.Join(names, ", "))
}

// addPlain adds the flags of commands that open no logs.
func (f *inputFlags) addPlain(cmd *cobra.Command) {
	budget := source.DefaultBudget()
	f.maxBytes, f.maxRatio, f.maxMembers, f.maxDepth = size(budget.MaxBytes), budget.MaxRatio, budget.MaxMembers, budget.MaxDepth
	flags := cmd.Flags()
	flags.StringArrayVar(&f.include, "include", nil, "read only files that a `glob` names, such as '*.reg'; may be repeated")
	flags.StringArrayVar(&f.exclude, "exclude", nil, "leave out files that a `glob` names; stronger than --include; may be repeated")
	flags.StringVar(&f.passwordFile, "password-file", "", "`file` with passwords for archives, one a line")
}
