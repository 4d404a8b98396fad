package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"oxtail/actions"
	"oxtail/parser/profile"
)

// inventory reads the profiles anew. A place of profiles that cannot be read is an
// error: nobody could say then how many refer to an account.
func (r *run) inventory(ctx context.Context) (*profile.Inventory, error) {
	inv, err := r.m.Inventory(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the profiles: %w", err)
	}
	for _, p := range inv.AllProblems() {
		if p.ID == profile.KeyUnreadable && strings.Contains(strings.ToLower(p.Origin), `\profiles`) {
			return nil, refuse("run oxtail as the owner of the profiles", "%s cannot be read, so nobody knows which profiles refer to the account: %s", p.Origin, p.Detail)
		}
	}
	return inv, nil
}

// isProfile reports whether a profile has the root and name, as stored.
func isProfile(p *profile.Profile, root, name string) bool {
	return profile.FoldName(p.Root) == profile.FoldName(root) && profile.FoldName(p.Name) == profile.FoldName(name)
}

// findProfile finds a profile by its place, nil when it is not there.
func findProfile(inv *profile.Inventory, root, name string) *profile.Profile {
	for i := range inv.Profiles {
		if isProfile(&inv.Profiles[i], root, name) {
			return &inv.Profiles[i]
		}
	}
	return nil
}

// findService finds a service that has a section, nil when it is not there.
func findService(p *profile.Profile, uid string) *profile.Service {
	if p == nil {
		return nil
	}
	for i := range p.Services {
		if s := &p.Services[i]; strings.EqualFold(s.UID, uid) && !s.Missing {
			return s
		}
	}
	return nil
}

// uses lists the services that use the account or cache of the plan, over all profiles
// of the user.
func (r *run) uses(inv *profile.Inventory) []actions.Use {
	all := actions.Inventory{Profiles: inv.Profiles}
	stores := all.Stores()
	var out []actions.Use
	for i := range stores {
		if r.isStore(&stores[i]) {
			out = append(out, stores[i].Distinct()...)
		}
	}
	return slices.DeleteFunc(out, func(u actions.Use) bool { return u.Service.Missing || r.removed[useKey(u)] })
}

// isStore reports whether a store is that of the plan: by its account, its cache files,
// or the service itself.
func (r *run) isStore(s *actions.Store) bool {
	t := &r.plan.Target
	if a, b := t.Account, s.Account; a != nil && b != nil && profile.AccountKey(a.Server, a.User) == profile.AccountKey(b.Server, b.User) {
		return profile.AccountKey(a.Server, a.User) != "" || strings.EqualFold(a.User, b.User)
	}
	if slices.ContainsFunc(t.CacheFiles, func(path string) bool { return s.HasFile(r.m.Expand(path)) || s.HasFile(path) }) {
		return true
	}
	return slices.ContainsFunc(s.Uses, func(u actions.Use) bool {
		return isProfile(u.Profile, t.Root, t.Profile) && strings.EqualFold(u.Service.UID, t.ServiceUID)
	})
}

// useKey names a service in the profiles of a user.
func useKey(u actions.Use) string { return objectKey(u.Profile.Root, u.Profile.Name, u.Service.UID) }

func objectKey(root, name, uid string) string {
	return profile.FoldName(root) + "\x00" + profile.FoldName(name) + "\x00" + strings.ToLower(uid)
}

// useNames names services for people.
func useNames(uses []actions.Use) string {
	var out []string
	for _, u := range uses {
		out = append(out, fmt.Sprintf("%q (%s)", u.Label(), short(u.Service.UID)))
	}
	return strings.Join(out, ", ")
}

// short cuts an id to what a person compares.
func short(uid string) string {
	const digits = 8
	return uid[:min(len(uid), digits)]
}

// profileCount counts the profiles of services.
func profileCount(uses []actions.Use) int {
	seen := map[string]bool{}
	for _, u := range uses {
		seen[objectKey(u.Profile.Root, u.Profile.Name, "")] = true
	}
	return len(seen)
}

// planned lists the references that steps of the plan still have to remove.
func (r *run) planned() map[string]bool {
	out := map[string]bool{}
	for i := range r.plan.Steps {
		if s := &r.plan.Steps[i]; s.Kind == actions.StepRemoveReference && s.On != nil && s.On.Service != "" && !r.finished(s.ID) {
			out[objectKey(s.On.Root, s.On.Profile, s.On.Service)] = true
		}
	}
	return out
}

// checkReferences demands that nobody refers to the account but the service of the plan
// and those that later steps remove.
func (r *run) checkReferences(ctx context.Context, id string) error {
	inv, err := r.inventory(ctx)
	if err != nil {
		return err
	}
	uses, planned := r.uses(inv), r.planned()
	var others []actions.Use
	for _, u := range uses {
		key := useKey(u)
		switch {
		case planned[key], isProfile(u.Profile, r.plan.Target.Root, r.plan.Target.Profile) && strings.EqualFold(u.Service.UID, r.currentUID()):
		default:
			others = append(others, u)
		}
	}
	if len(others) > 0 {
		return &Stale{id, "services that refer to " + r.account(), fmt.Sprint(1 + len(planned)), fmt.Sprintf("%d more: %s", len(others), useNames(others))}
	}
	return nil
}

// currentUID is the UID of the service of the plan as it is now.
func (r *run) currentUID() string {
	if r.res.NewUID != "" {
		return r.res.NewUID
	}
	return r.plan.Target.ServiceUID
}

// account names the account of the plan for people.
func (r *run) account() string {
	if a := r.plan.Target.Account; a != nil {
		return a.User + " at " + a.Server
	}
	if len(r.plan.Target.CacheFiles) > 0 {
		return r.plan.Target.CacheFiles[0]
	}
	return "the account"
}

// mapiName is the name of a profile as MAPI takes it: decoded.
func mapiName(display, stored string) string {
	if display != "" {
		return display
	}
	return profile.DecodeName(stored)
}

// errNoTarget is about plans that were made without evidence.
var errNoTarget = errors.New("the plan names no profile: it was made without evidence")
