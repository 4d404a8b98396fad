package apply

import (
	"context"
	"fmt"
	"strings"

	"oxtail/actions"
)

// errNoObject is about a step that does not name what it acts on.
func errNoObject(s *actions.Step) error {
	return refuse("make the plan again from evidence that holds the profiles", "step %s names no profile", s.ID)
}

// checkRemoval checks everything just before a duplicate reference is removed.
func (r *run) checkRemoval(ctx context.Context, s *actions.Step) error {
	switch {
	case s.On == nil || s.On.Service == "":
		return errNoObject(s)
	case r.o.Mode == ModePlan:
		return nil
	case r.backup == nil && !r.o.DryRun:
		return refuse("make the plan again", "there is no backup; nothing is deleted without one")
	}
	if err := r.checkName(ctx, mapiName(s.On.Display, s.On.Profile)); err != nil {
		return err
	}
	if err := r.checkChange(ctx, s); err != nil {
		return err
	}
	inv, err := r.inventory(ctx)
	if err != nil {
		return err
	}
	p := findProfile(inv, s.On.Root, s.On.Profile)
	if findService(p, s.On.Service) == nil && r.find(func(o *Op) bool { return o.Name == OpDelete }) == nil {
		found := "no service of this UID in the profile"
		if p == nil {
			found = "no profile of this name"
		}
		return &Stale{"", fmt.Sprintf("service %s of profile %q", s.On.Service, mapiName(s.On.Display, s.On.Profile)), "to be there", found}
	}
	return nil
}

func (r *run) tellRemoval(_ context.Context, s *actions.Step) ([]string, error) {
	r.removed[objectKey(s.On.Root, s.On.Profile, s.On.Service)] = true
	return []string{fmt.Sprintf("would delete service %s of profile %q", s.On.Service, mapiName(s.On.Display, s.On.Profile))}, nil
}

// removeReference deletes a service that refers to the account, too.
func (r *run) removeReference(ctx context.Context, s *actions.Step) (outcome, error) {
	name := mapiName(s.On.Display, s.On.Profile)
	if err := r.confirm(ctx, fmt.Sprintf("Remove the service %s from profile %q?", short(s.On.Service), name), s.Why); err != nil {
		return outcome{}, err
	}
	if err := r.deleteService(ctx, *s.On); err != nil {
		return outcome{}, err
	}
	inv, err := r.inventory(ctx)
	if err != nil {
		return outcome{}, err
	}
	if findService(findProfile(inv, s.On.Root, s.On.Profile), s.On.Service) != nil {
		return outcome{}, fmt.Errorf("service %s is still in profile %q: it is only marked for deletion, because a program uses it", s.On.Service, name)
	}
	return done(fmt.Sprintf("profile %q no longer has the service", name)), nil
}

// deleteService deletes a service through MAPI, if the profile still has it.
func (r *run) deleteService(ctx context.Context, on actions.Object) error {
	inv, err := r.inventory(ctx)
	if err != nil {
		return err
	}
	if findService(findProfile(inv, on.Root, on.Profile), on.Service) == nil {
		return nil // a run before has done it
	}
	name := mapiName(on.Display, on.Profile)
	op := &Op{Name: OpDelete, Profile: name, UID: on.Service, Key: on.Root + `\` + on.Profile}
	if err := r.do(ctx, op, func(ctx context.Context) error { return r.m.DeleteService(ctx, name, on.Service) }); err != nil {
		return fmt.Errorf("delete service %s of profile %q: %w", on.Service, name, err)
	}
	return nil
}

// deleted reports whether the service of the plan was taken out by this run.
func (r *run) deleted() bool {
	for _, o := range r.ops {
		if o.Name == OpDelete && !o.Undone && strings.EqualFold(o.UID, r.plan.Target.ServiceUID) {
			return true
		}
	}
	return false
}

// checkCount demands that exactly the service of the plan refers to the account.
func (r *run) checkCount(ctx context.Context, _ *actions.Step) error {
	inv, err := r.inventory(ctx)
	if err != nil {
		return err
	}
	uses := r.uses(inv)
	if len(uses) == 1 || len(uses) == 0 && r.deleted() {
		return nil
	}
	return &Stale{"", "services that refer to " + r.account(), "1", fmt.Sprintf("%d in %d profiles: %s", len(uses), profileCount(uses), useNames(uses))}
}

func (r *run) tellCount(context.Context, *actions.Step) ([]string, error) {
	return []string{"exactly one service would refer to " + r.account()}, nil
}

func (r *run) count(context.Context, *actions.Step) (outcome, error) {
	return done("exactly one service of one profile refers to " + r.account()), nil
}

func (r *run) tellConsent(context.Context, *actions.Step) ([]string, error) {
	if r.o.Consent {
		return []string{"the user has agreed"}, nil
	}
	return []string{"would ask for consent"}, nil
}

// consent asks for what --yes does not cover.
func (r *run) consent(ctx context.Context, s *actions.Step) (outcome, error) {
	if r.o.Consent {
		return outcome{state: StepConfirmed, facts: []string{"the user has agreed"}}, nil
	}
	if err := r.confirm(ctx, s.Title+"?", s.Why); err != nil {
		return outcome{}, err
	}
	return outcome{state: StepConfirmed}, nil
}
