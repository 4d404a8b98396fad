package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"oxtail/actions"
	"oxtail/internal/report"
)

// planFlags are the flags of plan.
type planFlags struct {
	caseFlags
	format   *oneOf
	recreate string
	rebuild  string
	manual   string
	profile  string
	output   string
	computer string // whose evidence it is, "" when that is not known
}

func newPlan(t *term) *cobra.Command {
	f := &planFlags{format: newOneOf("text", "text", "json", "md")}
	cmd := &cobra.Command{
		Use:   "plan [CASE] PATH…",
		Short: "Write down how to mend a case, step by step; nothing is changed",
		Long: `Writes a plan: what may be lost, what is assumed, each step with its reason, how to see
that it is done, and its undo. Nothing is changed.

With the ID of a case, the plan is that of the case; without, there is one for each case.

  --recreate PROFILE[/SERVICE]  delete and re-create the OXtender service of a profile
  --rebuild-ost FILE            let Outlook make a new .ost
  --manual PROCEDURE            a procedure by its name, with --profile for a profile: ` + manualNames() + `

On Windows these need no PATH: the profiles and cache files of this computer are read.

` + exitHelp,
		Example: "  oxtail plan c0123456789ab bundle.zip\n  oxtail plan --recreate Outlook -o plan.json profiles.reg\n  oxtail plan --manual sync-settings",
		RunE:    func(cmd *cobra.Command, args []string) error { return runPlan(cmd.Context(), t, cmd, args, f) },
	}
	flags := cmd.Flags()
	choice(cmd, "format", "form of the output", f.format)
	flags.StringVar(&f.recreate, "recreate", "", "`profile`, or profile/service, whose OXtender service is to be re-created")
	flags.StringVar(&f.rebuild, "rebuild-ost", "", "`file` that is to be rebuilt")
	flags.StringVar(&f.manual, "manual", "", "`procedure` by its name")
	flags.StringVar(&f.profile, "profile", "", "`name` of the profile for --manual")
	flags.StringVarP(&f.output, "output", "o", "", "write to a file, whole or not at all; JSON when its name ends in .json")
	f.input.add(cmd)
	f.rules.add(cmd)
	f.evidence.add(cmd)
	return cmd
}

// manualNames lists the names of --manual.
func manualNames() string {
	var out []string
	for _, k := range actions.PlanKinds() {
		out = append(out, string(k))
	}
	return strings.Join(out, ", ")
}

// check finds flags that contradict each other, before any file is opened.
func (f *planFlags) check(cmd *cobra.Command, args []string) error {
	chosen := 0
	for _, v := range []string{f.recreate, f.rebuild, f.manual} {
		if v != "" {
			chosen++
		}
	}
	switch {
	case chosen > 1:
		return errors.New("--recreate, --rebuild-ost and --manual contradict each other")
	case len(args) == 0 && f.manual == "" && f.rebuild == "" && (f.recreate == "" || !isLive()):
		return withHint(errors.New("oxtail plan needs a file, a folder or an archive"), "see oxtail plan --help")
	case f.profile != "" && f.manual == "":
		return withHint(errors.New("--profile is for --manual"), "did you mean --recreate "+f.profile+"?")
	case f.manual != "" && !slices.Contains(actions.PlanKinds(), actions.PlanKind(f.manual)):
		return unknownValue("procedure", f.manual, strings.Split(manualNames(), ", "))
	}
	if strings.HasSuffix(strings.ToLower(f.output), ".json") && !cmd.Flags().Changed("format") {
		f.format.value = "json"
	}
	return refuseOverwrite(f.output, args)
}

// caseID is what the ID of a case looks like.
var caseID = regexp.MustCompile(`^c[0-9a-f]{12}$`)

func runPlan(ctx context.Context, t *term, cmd *cobra.Command, args []string, f *planFlags) error {
	if err := f.check(cmd, args); err != nil {
		return err
	}
	plans, g, err := f.plans(ctx, t, args)
	if err != nil {
		return err
	}
	f.computer = g.computerOf()
	err = t.output(f.output, func(w io.Writer, colour bool) error { return f.write(w, plans, colour) })
	if err != nil || g == nil {
		return err
	}
	return g.exit(t)
}

// plans makes what was asked for.
func (f *planFlags) plans(ctx context.Context, t *term, args []string) ([]actions.Plan, *gathered, error) {
	if f.recreate == "" && f.rebuild == "" && f.manual == "" {
		return f.casePlans(ctx, t, args)
	}
	if len(args) == 0 && f.profile == "" && (!isLive() || f.manual != "") {
		return []actions.Plan{actions.GeneralPlan(actions.PlanKind(orWord(f.manual, "rebuild-ost")), f.rebuild)}, nil, nil
	}
	g, err := f.gather(ctx, t, args)
	if err != nil {
		return nil, nil, err
	}
	p, err := f.chosenPlan(g)
	return []actions.Plan{p}, g, err
}

// gather reads the evidence; without paths, on Windows, that of this computer.
func (f *planFlags) gather(ctx context.Context, t *term, args []string) (*gathered, error) {
	if len(args) > 0 || !isLive() {
		return gatherEvidence(ctx, t, args, &f.input, &f.evidence)
	}
	live := liveFlags{caches: true}
	return live.gather(ctx, t, nil, &f.input, &f.evidence)
}

func orWord(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// casePlans makes the plan of one case, or of all.
func (f *planFlags) casePlans(ctx context.Context, t *term, args []string) ([]actions.Plan, *gathered, error) {
	id := ""
	if caseID.MatchString(args[0]) && len(args) > 1 {
		id, args = args[0], args[1:]
	}
	cases, g, err := casesOf(ctx, t, args, &f.caseFlags)
	if err != nil {
		return nil, nil, err
	}
	var plans []actions.Plan
	for i := range cases {
		if id == "" || cases[i].ID == id {
			plans = append(plans, cases[i].Plan())
		}
	}
	if len(plans) == 0 {
		return nil, nil, unknownCase(cases, id)
	}
	return plans, g, nil
}

// chosenPlan makes the plan that --recreate, --rebuild-ost or --manual asks for.
func (f *planFlags) chosenPlan(g *gathered) (actions.Plan, error) {
	stores := g.inv.Stores()
	switch {
	case f.recreate != "":
		return recreatePlan(g, stores, f.recreate)
	case f.rebuild != "":
		for i := range stores {
			if stores[i].HasFile(f.rebuild) {
				return actions.NewPlan(actions.PlanRebuildOST, &stores[i]), nil
			}
		}
		return actions.Plan{}, withHint(fmt.Errorf("no profile and no file found is %s", f.rebuild), "oxtail caches lists them")
	}
	kind := actions.PlanKind(f.manual)
	if f.profile == "" {
		return actions.GeneralPlan(kind, ""), nil
	}
	for i := range stores {
		for _, u := range stores[i].Uses {
			if sameName(u.Profile, f.profile) && actions.Suits(kind, stores[i].System) {
				return actions.NewPlanFor(kind, &stores[i], u), nil
			}
		}
	}
	return actions.Plan{}, unknownProfile(g.inv, f.profile)
}

// recreatePlan finds the service that is to be re-created. The name of a profile may
// hold a slash, so the whole word is tried first.
func recreatePlan(g *gathered, stores []actions.Store, word string) (actions.Plan, error) {
	name, service := word, ""
	if !g.hasProfile(word) {
		if at := strings.LastIndexByte(word, '/'); at > 0 {
			name, service = word[:at], word[at+1:]
		}
	}
	if !g.hasProfile(name) {
		return actions.Plan{}, unknownProfile(g.inv, name)
	}
	type target struct {
		store *actions.Store
		use   actions.Use
	}
	var found []target
	for i := range stores {
		for _, u := range stores[i].Uses {
			if sameName(u.Profile, name) && isService(u, service) && stores[i].System == actions.OXtender {
				found = append(found, target{&stores[i], u})
			}
		}
	}
	switch len(found) {
	case 0:
		return actions.Plan{}, withHint(fmt.Errorf("profile %q has no OXtender service %s", name, service), "oxtail profiles --oxtender lists them")
	case 1:
		return actions.NewPlanFor(actions.PlanRecreateService, found[0].store, found[0].use), nil
	}
	var names []string
	for _, x := range found {
		names = append(names, name+"/"+x.use.Service.UID)
	}
	return actions.Plan{}, withHint(fmt.Errorf("profile %q has %d OXtender services that fit", name, len(found)), "name one of them: "+strings.Join(names, ", "))
}

func (g *gathered) hasProfile(name string) bool {
	for i := range g.inv.Profiles {
		if sameName(&g.inv.Profiles[i], name) {
			return true
		}
	}
	return false
}

// isService reports whether a service has the name, display name or UID that was given.
func isService(u actions.Use, word string) bool {
	return word == "" || strings.EqualFold(u.Service.Name, word) || strings.EqualFold(u.Service.Display, word) || strings.EqualFold(u.Service.UID, word)
}

// write writes the plans in the form that was asked for.
func (f *planFlags) write(w io.Writer, plans []actions.Plan, colour bool) error {
	for i := range plans {
		p := report.NewPlan(plans[i])
		if err := p.Seal(version(), f.computer); err != nil {
			return err
		}
		if i > 0 && f.format.value != "json" {
			if _, err := io.WriteString(w, "\n"); err != nil {
				return err
			}
		}
		var err error
		switch f.format.value {
		case "json":
			err = report.WriteJSON(w, &p)
		case "md":
			err = report.WritePlanMarkdown(w, &p)
		default:
			err = report.WritePlan(w, &p, report.TextOptions{Colour: colour})
		}
		if err != nil {
			return err
		}
	}
	return nil
}
