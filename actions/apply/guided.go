package apply

import (
	"context"
	"fmt"

	"oxtail/actions"
)

// deleteProfile has a person delete a profile, and looks into the registry whether it is
// gone.
func (r *run) deleteProfile(ctx context.Context, s *actions.Step) (outcome, error) {
	if s.On == nil {
		return r.person(ctx, s)
	}
	name := mapiName(s.On.Display, s.On.Profile)
	gone := func() (bool, error) {
		inv, err := r.inventory(ctx)
		return err == nil && findProfile(inv, s.On.Root, s.On.Profile) == nil, err
	}
	if is, err := gone(); is || err != nil {
		return done(fmt.Sprintf("profile %q is gone", name)), err
	}
	if err := r.confirm(ctx, fmt.Sprintf("Delete profile %q now in Control Panel, Mail, Show Profiles. Go on and wait until it is gone?", name), s.Why); err != nil {
		return outcome{}, err
	}
	is, err := r.waitFor(ctx, fmt.Sprintf("waiting for profile %q to be deleted", name), r.o.Patience.Person, gone)
	if err != nil {
		return outcome{}, err
	}
	if !is {
		return outcome{}, refuse("delete it, then go on with oxtail apply --resume", "profile %q is still there", name)
	}
	return done(fmt.Sprintf("profile %q is gone", name)), nil
}

// newProfile has a person create a profile, and looks whether one service refers to the
// account then.
func (r *run) newProfile(ctx context.Context, s *actions.Step) (outcome, error) {
	if r.plan.Target.Account == nil {
		return r.person(ctx, s)
	}
	var uses []actions.Use
	one := func() (bool, error) {
		inv, err := r.inventory(ctx)
		if err != nil {
			return false, err
		}
		uses = r.uses(inv)
		return len(uses) > 0, nil
	}
	if is, err := one(); err != nil {
		return outcome{}, err
	} else if !is {
		if err := r.confirm(ctx, "Create the new profile now in Control Panel, Mail, Show Profiles, Add. Go on and wait until it is there?", s.Why); err != nil {
			return outcome{}, err
		}
		if _, err := r.waitFor(ctx, "waiting for a service of "+r.account(), r.o.Patience.Person, one); err != nil {
			return outcome{}, err
		}
	}
	switch len(uses) {
	case 0:
		return outcome{}, refuse("create it, then go on with oxtail apply --resume", "no profile has a service of %s yet", r.account())
	case 1:
		return done(fmt.Sprintf("profile %q has the one service of %s", uses[0].Label(), r.account())), nil
	}
	out := done()
	out.warn("%d services refer to %s: %s; remove all but one", len(uses), r.account(), useNames(uses))
	return out, nil
}
