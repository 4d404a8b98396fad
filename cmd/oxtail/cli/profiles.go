package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"oxtail/internal/report"
)

// profilesFlags are the flags of profiles.
type profilesFlags struct {
	input    inputFlags
	evidence evidenceFlags
	live     liveFlags
	format   *oneOf
	name     string
	oxtender bool
	output   string
	bom      bool
	all      bool
}

func newProfiles(t *term) *cobra.Command {
	f := &profilesFlags{format: newOneOf("text", "text", "json", "csv")}
	cmd := &cobra.Command{
		Use:   "profiles [PATH…]",
		Short: "Show mail profiles: services, accounts, cache files",
		Long: `Shows the mail profiles in registry exports (.reg) and hives (NTUSER.DAT): their
services in order, accounts, cache files, and what contradicts itself. Hives that were
copied while in use are read with their .LOG1 and .LOG2. Passwords are never decoded.

Without PATH, on Windows, the registry of this computer is read.

--oxtender shows what the SupportTool lists: profiles that contain OXtender services.

` + exitHelp,
		Example: "  oxtail profiles bundle.zip\n  oxtail profiles --oxtender profiles.reg\n  oxtail profiles --profile Outlook --format json NTUSER.DAT",
		RunE:    func(cmd *cobra.Command, args []string) error { return runProfiles(cmd.Context(), t, args, f) },
	}
	flags := cmd.Flags()
	choice(cmd, "format", "form of the output", f.format)
	flags.StringVar(&f.name, "profile", "", "only the profile of this name")
	flags.BoolVar(&f.oxtender, "oxtender", false, "only profiles that contain OXtender services, and only those services")
	flags.StringVarP(&f.output, "output", "o", "", "write to a file, whole or not at all, instead of standard output")
	flags.BoolVar(&f.bom, "bom", false, "begin CSV with a byte order mark, for Excel")
	flags.BoolVar(&f.all, "all", false, "show all problems, not the first few")
	f.input.addPlain(cmd)
	f.evidence.add(cmd)
	f.live.add(cmd)
	return cmd
}

func runProfiles(ctx context.Context, t *term, paths []string, f *profilesFlags) error {
	if err := refuseOverwrite(f.output, paths); err != nil {
		return err
	}
	g, err := f.live.gather(ctx, t, paths, &f.input, &f.evidence)
	if err != nil {
		return err
	}
	var rows []report.Profile
	for _, p := range report.NewProfiles(g.inv) {
		if (f.name == "" || sameName(&p.Profile, f.name)) && (!f.oxtender || p.HasOXtender()) {
			rows = append(rows, p)
		}
	}
	if f.name != "" && len(rows) == 0 {
		return unknownProfile(g.inv, f.name)
	}
	err = t.output(f.output, func(w io.Writer, colour bool) error {
		switch f.format.value {
		case "json":
			return writeJSONLines(w, rows)
		case "csv":
			return report.WriteProfilesCSV(w, rows, f.oxtender, f.bom)
		}
		return report.WriteProfiles(w, rows, f.oxtender, report.TextOptions{Colour: colour, All: f.all})
	})
	if err != nil {
		return err
	}
	if len(g.inv.Profiles) == 0 {
		t.sayf("no profile was found")
		t.hintf("give a .reg export of the profiles, or the user's NTUSER.DAT")
	}
	return g.exit(t)
}

// writeJSONLines writes one object a line.
func writeJSONLines[T any](w io.Writer, rows []T) error {
	for i := range rows {
		if err := report.WriteJSON(w, &rows[i]); err != nil {
			return err
		}
	}
	return nil
}
