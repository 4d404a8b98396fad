package cli

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"oxtail/internal/caches"
	"oxtail/internal/report"
)

// cachesFlags are the flags of caches.
type cachesFlags struct {
	input    inputFlags
	evidence evidenceFlags
	live     liveFlags
	format   *oneOf
	profile  string
	output   string
	bom      bool
	all      bool
}

func newCaches(t *term) *cobra.Command {
	f := &cachesFlags{live: liveFlags{caches: true}, format: newOneOf("text", "text", "json", "csv")}
	cmd := &cobra.Command{
		Use:   "caches [PATH…]",
		Short: "Show cache files, and which profiles point to them",
		Long: `Shows cache and store files (.odb and .psz pairs, .ost, .pst): what they are by
content, size, owner, and which profiles of the same paths point to them. Files that no
profile points to are orphans, files that only a profile knows are missing, and renamed
or copied ones are stale.

Without PATH, on Windows, the known places of this computer are searched, and its
registry is read.

--profile NAME shows what the SupportTool lists for a profile.

` + exitHelp,
		Example: "  oxtail caches bundle.zip\n  oxtail caches --profile Outlook profiles.reg OXSTORE2",
		RunE:    func(cmd *cobra.Command, args []string) error { return runCaches(cmd.Context(), t, args, f) },
	}
	flags := cmd.Flags()
	choice(cmd, "format", "form of the output", f.format)
	flags.StringVar(&f.profile, "profile", "", "only the cache files of the profile of this name")
	flags.StringVarP(&f.output, "output", "o", "", "write to a file, whole or not at all, instead of standard output")
	flags.BoolVar(&f.bom, "bom", false, "begin CSV with a byte order mark, for Excel")
	flags.BoolVar(&f.all, "all", false, "show whole paths and all remarks")
	f.input.addPlain(cmd)
	f.evidence.add(cmd)
	f.live.add(cmd)
	return cmd
}

func runCaches(ctx context.Context, t *term, paths []string, f *cachesFlags) error {
	if err := refuseOverwrite(f.output, paths); err != nil {
		return err
	}
	g, err := f.live.gather(ctx, t, paths, &f.input, &f.evidence)
	if err != nil {
		return err
	}
	rows := g.from.Caches()
	if f.profile != "" {
		label, err := g.labelOf(f.profile)
		if err != nil {
			return err
		}
		rows = slices.DeleteFunc(slices.Clone(rows), func(c caches.Cache) bool { return !slices.Contains(c.Profiles, label) })
	}
	err = t.output(f.output, func(w io.Writer, colour bool) error {
		switch f.format.value {
		case "json":
			return writeJSONLines(w, rows)
		case "csv":
			return report.WriteCachesCSV(w, rows, f.bom)
		}
		return report.WriteCaches(w, rows, f.profile, report.TextOptions{Colour: colour, All: f.all})
	})
	if err != nil {
		return err
	}
	return g.exit(t)
}

// labelOf returns the name under which a profile stands with its cache files.
func (g *gathered) labelOf(name string) (string, error) {
	for i := range g.inv.Profiles {
		if p := &g.inv.Profiles[i]; sameName(p, name) {
			return strings.TrimSpace(p.Display), nil
		}
	}
	return "", unknownProfile(g.inv, name)
}
