package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"oxtail/actions"
)

// systemSID is the account of Windows itself.
const systemSID = "S-1-5-18"

// A gatekeeper checks one gate; the text is what was found.
type gatekeeper struct {
	id     string
	check  func(*run, context.Context) (string, error)
	byHand bool // a warning when a person does the steps
}

// gates lists what is checked before anything is done, in the order in which a person
// would ask.
func (r *run) gates() []gatekeeper {
	list := []gatekeeper{
		{"plan-unchanged", (*run).gateSeal, false}, {"computer", (*run).gateComputer, false}, {"owner", (*run).gateOwner, false},
		{"blocked", (*run).gateBlocked, false}, {"assumptions", (*run).gateAssumptions, false}, {"references", (*run).gateReferences, false},
	}
	if !r.changesAnything() {
		return list
	}
	list = append(list, gatekeeper{"profile-key", (*run).gateKey, false}, gatekeeper{"loss", (*run).gateLoss, true}, gatekeeper{"holders", (*run).gateHolders, true}, gatekeeper{"journal", (*run).gateJournal, true})
	if r.needsMAPI() {
		list = append(list, gatekeeper{"mapi", (*run).gateMAPI, false})
	}
	if r.plan.Kind == actions.PlanRecreateService && r.o.Mode != ModePlan {
		list = append(list, gatekeeper{"service", (*run).gateService, false}, gatekeeper{"default-store", (*run).gateConsent, false})
	}
	if r.o.Mode != ModePlan {
		list = append(list, gatekeeper{"backup-space", (*run).gateSpace, false})
	}
	return list
}

// needsMAPI reports whether a step deletes or creates services.
func (r *run) needsMAPI() bool {
	return r.o.Mode != ModePlan && slices.ContainsFunc(r.plan.Steps, func(s actions.Step) bool {
		return s.Kind == actions.StepRecreate || s.Kind == actions.StepRemoveReference && s.On != nil && s.On.Service != ""
	})
}

// guided reports whether there is a step that this program does, or looks after.
func (r *run) guided() bool {
	return slices.ContainsFunc(r.plan.Steps, func(s actions.Step) bool {
		switch s.Kind {
		case actions.StepRecreate, actions.StepRename, actions.StepRemoveReference:
			return workerOf(&s) != nil
		}
		return false
	})
}

// changesAnything reports whether a step of the plan is one that this program does.
func (r *run) changesAnything() bool {
	return slices.ContainsFunc(r.plan.Steps, func(s actions.Step) bool {
		return s.Kind == actions.StepRecreate || s.Kind == actions.StepRename || s.Kind == actions.StepRemoveReference
	})
}

// checkGates checks all gates and keeps what was found. The error joins those of the
// gates that are shut.
func (r *run) checkGates(ctx context.Context) error {
	var shut []error
	for _, g := range r.gates() {
		text, err := g.check(r, ctx)
		gate := Gate{ID: g.id, State: GatePass, Text: text}
		if err != nil {
			gate.State, gate.Text, gate.Remedy = GateFail, err.Error(), strings.Join(remedies(err), "; ")
			if r.o.Mode == ModePlan && g.byHand {
				gate.State = GateWarn // a person does the steps, and is told
			} else {
				shut = append(shut, err)
			}
		}
		r.res.Gates = append(r.res.Gates, gate)
		if err != nil && (errors.Is(err, actions.ErrEdited) || errors.Is(err, actions.ErrNotSealed)) {
			break // what an edited plan says is not worth checking
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return errors.Join(shut...)
}

// gateSeal refuses plans that were edited, or made by another version.
func (r *run) gateSeal(context.Context) (string, error) {
	if err := r.plan.CheckSeal(); err != nil {
		return "", &refusal{err.Error(), "make it again with oxtail plan, and do not edit it", err}
	}
	if r.plan.Tool != r.o.Tool {
		return "", refuse("make it again with oxtail plan", "the plan was made by oxtail %s; this is %s", r.plan.Tool, r.o.Tool)
	}
	return "not edited, made by this version", nil
}

func (r *run) gateComputer(context.Context) (string, error) {
	switch {
	case r.plan.Computer == "":
		return "the plan names no computer; the facts decide", nil
	case !strings.EqualFold(r.plan.Computer, r.who.Computer):
		return "", refuse("carry it out on "+r.plan.Computer+", or make one here", "the plan is for computer %s; this is %s", r.plan.Computer, r.who.Computer)
	}
	return "this is " + r.who.Computer, nil
}

func (r *run) gateOwner(ctx context.Context) (string, error) {
	if strings.EqualFold(r.who.SID, systemSID) {
		return "", refuse("log on as the user and run oxtail there", "oxtail runs as SYSTEM; MAPI would lock the owner out of the profiles")
	}
	if err := r.checkOwner(ctx, ""); err != nil {
		return "", err
	}
	return "runs as " + r.who.User, nil
}

// gateBlocked refuses a plan whose case was blocked by something that its own steps do
// not clear.
func (r *run) gateBlocked(context.Context) (string, error) {
	for _, b := range r.plan.BlockedBy {
		shared := strings.HasPrefix(b, actions.BlockSharedCache) && len(r.planned()) > 0
		warned := strings.HasPrefix(b, actions.BlockWarnedBefore)
		if !shared && !warned { // the references themselves are counted before the step
			return "", refuse("clear it, and make the plan again", "the case is blocked: %s", b)
		}
	}
	if len(r.plan.BlockedBy) > 0 {
		return "blocked until the plan's own steps have removed the other references", nil
	}
	return "nothing blocks the case", nil
}

func (r *run) gateAssumptions(ctx context.Context) (string, error) {
	if r.changesAnything() && r.plan.Kind != actions.PlanSupportFiles && r.plan.Target.Profile == "" {
		return "", &refusal{errNoTarget.Error(), "make it of the computer's profiles: oxtail plan --recreate PROFILE, or --rebuild-ost FILE PATH", errNoTarget}
	}
	if err := r.checkAssumptions(ctx, phaseStart); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d facts are as the plan assumes", len(r.plan.Assumptions)), nil
}

// gateReferences tells who refers to the account. Whether that may be is an assumption.
func (r *run) gateReferences(ctx context.Context) (string, error) {
	if r.plan.Target.Profile == "" {
		return "the plan is about no profile", nil
	}
	inv, err := r.inventory(ctx)
	if err != nil {
		return "", err
	}
	uses, planned := r.uses(inv), r.planned()
	var others []actions.Use
	for _, u := range uses {
		if planned[useKey(u)] {
			others = append(others, u)
		}
	}
	if len(others) > 0 {
		return fmt.Sprintf("besides the service of the plan these refer to %s, and are removed first: %s", r.account(), useNames(others)), nil
	}
	return "refer to " + r.account() + ": " + useNames(uses), nil
}

// gateKey checks the rights on the profiles' keys, and takes their access lists down.
func (r *run) gateKey(ctx context.Context) (string, error) {
	for _, root := range r.roots() {
		owns, err := r.m.CurrentUserOwns(ctx, root)
		if err != nil {
			return "", fmt.Errorf("find the owner of HKCU\\%s: %w", root, err)
		}
		if !owns {
			return "", refuse("run oxtail as the owner of the profiles", "%s may not change HKCU\\%s", r.who.User, root)
		}
		sddl, err := r.m.KeySecurity(ctx, root)
		if err != nil {
			return "", fmt.Errorf("read the access list of HKCU\\%s: %w", root, err)
		}
		r.security[root] = sddl
	}
	return r.who.User + " owns the profiles", nil
}

// roots lists the keys of profiles that the plan is about.
func (r *run) roots() []string {
	var out []string
	add := func(root string) {
		if root != "" && !slices.ContainsFunc(out, func(x string) bool { return strings.EqualFold(x, root) }) {
			out = append(out, root)
		}
	}
	add(r.plan.Target.Root)
	for i := range r.plan.Steps {
		if on := r.plan.Steps[i].On; on != nil {
			add(on.Root)
		}
	}
	return out
}

// gateLoss refuses to destroy what is known not to be on the server.
func (r *run) gateLoss(context.Context) (string, error) {
	var known []string
	for _, l := range r.plan.Loss {
		if l.Known == actions.LossYes {
			known = append(known, l.What)
		}
	}
	switch {
	case len(known) == 0:
		return "no unsynchronised items are known; that none is known proves nothing", nil
	case strings.TrimSpace(r.o.AcceptLoss) == "":
		return "", refuse(`back them up, then say so: --accept-loss "what was done about them"`, "these are known not to be on the server: %s", strings.Join(known, "; "))
	}
	return "accepted: " + r.o.AcceptLoss, nil
}

// gateHolders tells who uses the profile. Closing is a step of its own.
func (r *run) gateHolders(ctx context.Context) (string, error) {
	h, err := r.m.Holders(ctx, r.cacheNames())
	if err != nil {
		return "", fmt.Errorf("look who uses the profile: %w", err)
	}
	for _, p := range h.Processes {
		if p.Session != r.who.Session {
			return "", refuse("end it there, or log that session off", "%s (%d) of session %d uses the profile; programs of other sessions are not touched", p.Name, p.ID, p.Session)
		}
	}
	if len(h.Processes) == 0 {
		return "no program is known to use the profile; the files are tried again later", nil
	}
	return "to be closed first: " + processNames(h.Processes), nil
}

func (r *run) gateMAPI(ctx context.Context) (string, error) {
	t := &r.plan.Target
	if err := r.m.CanMAPI(ctx); err != nil {
		return "", &refusal{"MAPI cannot be used: " + err.Error(), "use --mode plan and follow the steps by hand", err}
	}
	if err := r.checkName(ctx, mapiName(t.ProfileDisplay, t.Profile)); err != nil {
		return "", err
	}
	return "MAPI can be used", nil
}

// checkName demands that MAPI can be given the name of a profile. What every Western code
// page holds is taken for granted; of other names the machine knows.
func (r *run) checkName(ctx context.Context, name string) error {
	if isANSI(name) {
		return nil
	}
	if _, err := r.m.Services(ctx, name); errors.Is(err, ErrName) {
		return &refusal{fmt.Sprintf("profile %q: %v", name, ErrName), "use --mode plan and follow the steps by hand", ErrName}
	}
	return nil
}

// gateJournal demands a sound journal, and that no run is open.
func (r *run) gateJournal(ctx context.Context) (string, error) {
	check, err := CheckJournal(ctx, r.m)
	if err != nil {
		return "", err
	}
	if !check.Sound() {
		return "", tampered(r.m, check)
	}
	if open := openRuns(check.Entries); len(open) > 0 {
		return "", unfinished(open)
	}
	return "sound, and every run in it is finished", nil
}

// tampered refuses to go on with a journal that somebody has changed.
func tampered(m Machine, check *JournalCheck) error {
	remedy := `keep it as evidence: rename it and journal.heads in ` + m.StateFolder() + `; a new one begins then`
	return &refusal{ErrTampered.Error() + ": " + check.Faults[0], remedy, ErrTampered}
}

// unfinished refuses to begin a run while another one is open.
func unfinished(open []string) error {
	return refuse("oxtail apply --resume goes on with it; oxtail apply --resume --roll-back takes it back", "run %s was not finished", open[len(open)-1])
}

// gateService refuses services that must not be re-created.
func (r *run) gateService(context.Context) (string, error) {
	if strings.EqualFold(r.plan.Target.Service, "MSEMS") {
		return "", refuse("use oxtail plan --rebuild-ost", "an Exchange service is not re-created: the key of its .ost would be gone with it")
	}
	return r.plan.Target.Service + " may be re-created", nil
}

// gateConsent asks for a word of its own when mail would be delivered nowhere meanwhile.
func (r *run) gateConsent(ctx context.Context) (string, error) {
	inv, err := r.inventory(ctx)
	if err != nil {
		return "", err
	}
	p := findProfile(inv, r.plan.Target.Root, r.plan.Target.Profile)
	s := findService(p, r.currentUID())
	if s == nil {
		return "the service is not there at present", nil
	}
	why := ""
	for _, a := range p.Accounts {
		if a.DeliveryStorePath != "" && slices.ContainsFunc(s.CacheFiles, func(path string) bool { return strings.EqualFold(path, a.DeliveryStorePath) }) {
			why = "mail of account " + a.Name + " is delivered to it"
		}
	}
	if s.ResourceFlags&defaultStoreFlag != 0 {
		why = "it holds the default store of the profile"
	}
	if why != "" && !r.o.Consent {
		return "", refuse("agree with --consent", "the service needs the user's consent: %s, and while it is gone there is none", why)
	}
	return "it is no default or delivery store, or the user has agreed", nil
}

func (r *run) gateSpace(ctx context.Context) (string, error) {
	need, free, err := r.backupSpace(ctx)
	if err != nil {
		return "", err
	}
	if free < need {
		return "", refuse("free some space", "the backup needs %d bytes in %s; %d are free", need, r.m.StateFolder(), free)
	}
	return fmt.Sprintf("the backup needs %s, %s are free", sizeOf(need), sizeOf(free)), nil
}
