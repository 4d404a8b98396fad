package apply

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"oxtail/actions"
)

// checkRecreate checks everything just before the service is deleted. A run that goes on
// after that checks what is left to check.
func (r *run) checkRecreate(ctx context.Context, s *actions.Step) error {
	if s.On == nil {
		return errNoObject(s)
	}
	if r.deleted() {
		return r.checkCount(ctx, s)
	}
	if err := r.checkChange(ctx, s); err != nil {
		return err
	}
	return r.checkCount(ctx, s)
}

func (r *run) tellRecreate(ctx context.Context, s *actions.Step) ([]string, error) {
	name := mapiName(s.On.Display, s.On.Profile)
	out := []string{fmt.Sprintf("would delete service %s %s of profile %q through MAPI", r.plan.Target.Service, s.On.Service, name)}
	files, err := r.caches(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range files {
		if c.Exists {
			out = append(out, "would rename "+c.Path+" to end in .old, if MAPI leaves it")
		}
	}
	out = append(out, fmt.Sprintf("would create a service %s in profile %q", r.plan.Target.Service, name))
	if r.o.Mode == ModeAssisted {
		return append(out, "would let the provider's own dialog ask for server, user and password"), nil
	}
	list, err := r.properties(ctx, s.On.Service)
	if err != nil {
		return nil, err
	}
	for _, p := range r.copied(list) {
		out = append(out, fmt.Sprintf("would set property %08X (%s) as it was", p.Tag, p.Type))
	}
	return out, nil
}

// recreate deletes the service, moves what is left of its cache away, and creates it
// anew. Every part looks first whether a run before has done it.
func (r *run) recreate(ctx context.Context, s *actions.Step) (outcome, error) {
	out := done()
	if r.backup == nil {
		return out, refuse("make the plan again", "there is no backup; nothing is deleted without one")
	}
	old, err := r.savedProperties(ctx)
	if err != nil {
		return out, err
	}
	if err := r.deleteService(ctx, *s.On); err != nil {
		return out, err
	}
	out.facts = append(out.facts, "service "+s.On.Service+" is deleted")
	if err := r.moveCaches(ctx, &out); err != nil {
		return out, err
	}
	uid, err := r.createService(ctx, s.On)
	if err != nil {
		return out, err
	}
	r.res.OldUID, r.res.NewUID = s.On.Service, uid
	out.facts = append(out.facts, "service "+uid+" is created in its place")
	if err := r.configure(ctx, s.On, uid, r.copied(old)); err != nil {
		return out, err
	}
	if after, err := r.properties(ctx, uid); err == nil {
		r.res.PropsAfter = redacted(after)
	}
	return out, r.judgeService(ctx, s, uid, &out)
}

// moveCaches renames what MAPI has left of the cache. A file that somebody has opened
// meanwhile stays, and is told at the end.
func (r *run) moveCaches(ctx context.Context, out *outcome) error {
	files, err := r.caches(ctx)
	if err != nil {
		return err
	}
	for _, c := range files {
		if !c.Exists || r.find(func(o *Op) bool { return o.Name == OpCreate }) != nil {
			continue // after the creation it may be the new cache
		}
		to, err := r.rename(ctx, c.Path, ".old")
		switch {
		case err == nil:
			out.facts = append(out.facts, c.Path+" was left; it is renamed to "+to)
		case ctx.Err() != nil:
			return ctx.Err()
		case r.isHeld(ctx, c.Path):
			out.warn("%s could not be renamed: a program has it open", c.Path)
		default:
			return fmt.Errorf("rename %s: %w", c.Path, err)
		}
	}
	return nil
}

func (r *run) isHeld(ctx context.Context, path string) bool {
	h, err := r.m.Holders(ctx, []string{path})
	return err == nil && h.Files[path] == FileHeld
}

// createService creates the new service, unless a run before has done so: then it is the
// one that was not there when that run began.
func (r *run) createService(ctx context.Context, on *actions.Object) (string, error) {
	name := mapiName(on.Display, on.Profile)
	services, err := r.m.Services(ctx, name)
	if err != nil {
		return "", fmt.Errorf("list the services of profile %q: %w", name, err)
	}
	var uids []string
	for _, s := range services {
		uids = append(uids, s.UID)
	}
	if begun := r.find(func(o *Op) bool { return o.Name == OpCreate && !o.Undone }); begun != nil {
		for _, s := range services {
			if !slices.Contains(begun.Known, s.UID) && strings.EqualFold(s.Name, r.plan.Target.Service) {
				return s.UID, nil
			}
		}
	}
	op := &Op{Name: OpCreate, Profile: name, Service: r.plan.Target.Service, Key: on.Root + `\` + on.Profile, Known: uids}
	err = r.do(ctx, op, func(ctx context.Context) error {
		var err error
		op.UID, err = r.m.CreateService(ctx, name, r.plan.Target.Service, r.displayName(), r.o.Mode == ModeAssisted)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("create service %s in profile %q: %w", r.plan.Target.Service, name, err)
	}
	return op.UID, nil
}

// displayName is that of the old service.
func (r *run) displayName() string {
	for _, p := range r.res.PropsBefore {
		if p.Tag>>16 == idDisplayName && p.Section == r.plan.Target.ServiceUID {
			return p.Text
		}
	}
	return r.plan.Target.Service
}

// configure gives the new service its account: by the provider's dialog, or with the
// properties of the old one.
func (r *run) configure(ctx context.Context, on *actions.Object, uid string, properties []Property) error {
	if done := r.find(func(o *Op) bool { return o.Name == OpConfigure && o.Ended }); done != nil {
		return nil
	}
	name := mapiName(on.Display, on.Profile)
	ui := UI(r.o.Mode == ModeAssisted)
	if ui {
		properties = nil
	}
	op := &Op{Name: OpConfigure, Profile: name, UID: uid, Key: on.Root + `\` + on.Profile}
	if err := r.do(ctx, op, func(ctx context.Context) error { return r.m.ConfigureService(ctx, name, uid, properties, ui) }); err != nil {
		return fmt.Errorf("configure service %s of profile %q: %w", uid, name, err)
	}
	return nil
}

// judgeService looks at what the registry has now, whatever MAPI said.
func (r *run) judgeService(ctx context.Context, s *actions.Step, uid string, out *outcome) error {
	inv, err := r.inventory(ctx)
	if err != nil {
		return err
	}
	p := findProfile(inv, s.On.Root, s.On.Profile)
	created := findService(p, uid)
	switch {
	case created == nil:
		return fmt.Errorf("MAPI says that service %s was created, but profile %q does not have it", uid, mapiName(s.On.Display, s.On.Profile))
	case findService(p, s.On.Service) != nil:
		out.warn("the old service %s is still in the profile: it is only marked for deletion, because a program uses it", s.On.Service)
	}
	if want := r.plan.Target.Account; want != nil {
		if got := actions.AccountOf(created); got == nil || !strings.EqualFold(got.User, want.User) {
			out.warn("the new service does not name the account %s: open it in Control Panel, Mail, and enter server, user and password", r.account())
		}
	}
	for _, a := range p.Accounts {
		if strings.EqualFold(a.ServiceUID, s.On.Service) {
			out.facts = append(out.facts, fmt.Sprintf("account %q of the profile still names the old service; Outlook mends that when it starts, and oxtail verify looks", a.Name))
		}
	}
	return nil
}

// verifyGone judges by facts: the old cache is gone and nobody else refers to it.
func (r *run) verifyGone(ctx context.Context, _ *actions.Step) (outcome, error) {
	inv, err := r.inventory(ctx)
	if err == nil {
		r.res.After, err = r.caches(ctx)
	}
	out := done(cacheLines(r.res.After)...)
	if err != nil { // the service is re-created; that nobody could look is no reason to undo it
		out.warn("whether the old cache is gone could not be found out: %v", err)
		return out, ctx.Err()
	}
	var others []string
	for _, u := range r.uses(inv) {
		if !strings.EqualFold(u.Service.UID, r.currentUID()) {
			others = append(others, fmt.Sprintf("%q (%s)", u.Label(), short(u.Service.UID)))
		}
	}
	for _, c := range r.res.After {
		if r.isOldCache(c) {
			r.res.Remains = append(r.res.Remains, r.whyRemains(ctx, c, others))
		}
	}
	for _, x := range r.res.Remains {
		out.warn("%s", x.String())
	}
	switch {
	case len(r.res.Remains) > 0:
		out.warn("the faults may come back with the old cache: remove the other references, close what holds it, or log off and on; then make a new plan")
	case len(others) > 0:
		out.warn("still refer to the account: %s; remove them, then make a new plan", strings.Join(others, ", "))
	default:
		out.facts = append(out.facts, "the old cache files are gone, and no other profile refers to them")
	}
	return out, nil
}

// isOldCache reports whether a file is still the one of before. A new cache may have the
// name of the old one.
func (r *run) isOldCache(c CacheInfo) bool {
	if !c.Exists {
		return false
	}
	for _, b := range r.res.Before {
		if strings.EqualFold(b.Path, c.Path) {
			return b.Exists && (c.Bytes == unknownBytes || b.Head == c.Head || c.Head == "")
		}
	}
	return r.res.Before == nil // nothing is known of before: it may be the old one
}

// whyRemains finds out why a cache file is still there.
func (r *run) whyRemains(ctx context.Context, c CacheInfo, others []string) Remainder {
	if len(others) > 0 {
		return Remainder{c.Path, RemainsShared, others}
	}
	h, err := r.m.Holders(ctx, []string{c.Path})
	if err == nil && h.Files[c.Path] == FileHeld {
		var by []string
		for _, p := range h.Processes {
			by = append(by, fmt.Sprintf("%s (%d)", p.Name, p.ID))
		}
		return Remainder{c.Path, RemainsHeld, by}
	}
	if r.isPending(ctx) || c.Bytes == unknownBytes {
		return Remainder{c.Path, RemainsPending, nil}
	}
	return Remainder{c.Path, RemainsUnknown, nil}
}

// isPending reports whether the registry still has a section of the old service.
func (r *run) isPending(ctx context.Context) bool {
	inv, err := r.m.Inventory(ctx)
	if err != nil {
		return false
	}
	p := findProfile(inv, r.plan.Target.Root, r.plan.Target.Profile)
	if p == nil {
		return false
	}
	return findService(p, r.plan.Target.ServiceUID) != nil || slices.Contains(p.Unreferenced, strings.ToLower(r.plan.Target.ServiceUID))
}

// String says it in words.
func (x *Remainder) String() string {
	switch x.Reason {
	case RemainsShared:
		return x.Path + " is still there, because other services share it: " + strings.Join(x.By, ", ")
	case RemainsHeld:
		if len(x.By) == 0 {
			return x.Path + " is still there, because a program has it open that could not be found out"
		}
		return x.Path + " is still there, because a program has it open: " + strings.Join(x.By, ", ")
	case RemainsPending:
		return x.Path + " is still there: the deletion is pending until the programs that used it have ended; log off and on"
	}
	return x.Path + " is still there; why is not known"
}

// exists reports whether a file is there.
func (r *run) exists(ctx context.Context, path string) (bool, error) {
	_, err := r.m.Stat(ctx, path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
