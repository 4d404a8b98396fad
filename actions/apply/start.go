package apply

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"oxtail/actions"
)

func (r *run) tellStart(context.Context, *actions.Step) ([]string, error) {
	if !r.o.Start {
		return []string{"left to a person: start Outlook (--start-outlook lets oxtail do it)"}, nil
	}
	return []string{"would start Outlook and wait for the new file to appear and grow"}, nil
}

// start starts Outlook if the user wants it, and waits until the new file is there.
func (r *run) start(ctx context.Context, s *actions.Step) (outcome, error) {
	if !r.o.Start || r.plan.Target.Profile == "" {
		r.res.Next = append(r.res.Next, "start Outlook and let the synchronisation finish; then oxtail verify says whether it helped")
		return byHand("start Outlook: " + s.Verification), nil
	}
	name := mapiName(r.plan.Target.ProfileDisplay, r.plan.Target.Profile)
	running, err := r.m.Running(ctx, outlookProgram)
	if err != nil {
		return outcome{}, fmt.Errorf("look for Outlook: %w", err)
	}
	out := done()
	if len(r.ownSession(running)) == 0 {
		if err := r.do(ctx, &Op{Name: OpStart, Profile: name}, func(ctx context.Context) error { return r.m.StartOutlook(ctx, name) }); err != nil {
			out.warn("Outlook could not be started: %v; start it by hand", err)
			return out, ctx.Err()
		}
	}
	out.facts = append(out.facts, "Outlook runs with profile "+name)
	if err := r.awaitFile(ctx, &out); err != nil {
		return out, err
	}
	if r.o.SendAll {
		err := r.do(ctx, &Op{Name: OpSendAll}, r.m.SendReceiveAll)
		switch {
		case errors.Is(err, ErrSimulated):
			out.facts = append(out.facts, "Send/Receive All cannot be simulated")
		case err != nil:
			out.warn("Send/Receive All: %v; press F9 in Outlook", err)
		default:
			out.facts = append(out.facts, "Outlook was asked to send and receive everything")
		}
	} else {
		r.res.Next = append(r.res.Next, "press F9 in Outlook (Send/Receive All), or use --send-receive")
	}
	return out, ctx.Err()
}

// awaitFile waits for a new cache file, and for it to grow.
func (r *run) awaitFile(ctx context.Context, out *outcome) error {
	var first, now CacheInfo
	appeared, err := r.waitFor(ctx, "waiting for a new cache file", r.o.Patience.Appear, func() (bool, error) {
		var err error
		first, err = r.newCache(ctx)
		return first.Exists, err
	})
	if err != nil {
		return err
	}
	if !appeared {
		out.warn("no new cache file has appeared within %s: look at Outlook, it may ask something", r.o.Patience.Appear)
		return nil
	}
	out.facts = append(out.facts, "new file "+first.Path)
	grown, err := r.waitFor(ctx, "waiting for the new file to grow", r.o.Patience.Appear, func() (bool, error) {
		var err error
		now, err = r.newCache(ctx)
		return now.Exists && now.Bytes > first.Bytes, err
	})
	if err != nil {
		return err
	}
	if !grown {
		out.warn("%s does not grow: look at Outlook, it may ask for a password", first.Path)
		return nil
	}
	out.facts = append(out.facts, fmt.Sprintf("it grows: from %s to %s", sizeOf(first.Bytes), sizeOf(now.Bytes)))
	return nil
}

// newCache looks for a cache file of the service as the registry names it now, that is
// not the old one.
func (r *run) newCache(ctx context.Context) (CacheInfo, error) {
	inv, err := r.inventory(ctx)
	if err != nil {
		return CacheInfo{}, err
	}
	names := r.cacheNames()
	if s := findService(findProfile(inv, r.plan.Target.Root, r.plan.Target.Profile), r.currentUID()); s != nil {
		for _, path := range s.CacheFiles {
			names = append(names, r.m.Expand(path))
		}
	}
	for _, name := range names {
		if c := r.cacheInfo(ctx, name); c.Exists && !r.isOldCache(c) && c.Bytes != unknownBytes {
			return c, nil
		}
	}
	return CacheInfo{}, nil
}

// checkSettings demands that cached mode is on.
func (r *run) checkSettings(ctx context.Context, _ *actions.Step) error {
	return r.checkCachedMode(ctx, "")
}

func (r *run) settings(ctx context.Context, _ *actions.Step) (outcome, error) {
	inv, err := r.inventory(ctx)
	if err != nil {
		return outcome{}, err
	}
	out := done("cached mode is on")
	p := findProfile(inv, r.plan.Target.Root, r.plan.Target.Profile)
	for _, a := range p.Accounts {
		if strings.HasSuffix(strings.ToLower(a.DeliveryStorePath), ".pst") && strings.EqualFold(a.ServiceUID, r.plan.Target.ServiceUID) {
			out.warn("mail of account %q is delivered to %s, not to the mailbox", a.Name, a.DeliveryStorePath)
		}
	}
	return out, nil
}

// checkFound demands that the profile still uses the .ost, and that it is there.
func (r *run) checkFound(ctx context.Context, _ *actions.Step) error {
	names := r.cacheNames()
	if len(names) == 0 {
		return refuse("make the plan of the profile: oxtail plan --rebuild-ost FILE PATH", "the plan names no .ost")
	}
	there, err := r.exists(ctx, names[0])
	if err != nil {
		return fmt.Errorf("look at %s: %w", names[0], err)
	}
	if !there && r.findRename(names[0]) == nil {
		return &Stale{"", "file " + names[0], "to be there", "it is gone"}
	}
	inv, err := r.inventory(ctx)
	if err != nil {
		return err
	}
	s := findService(findProfile(inv, r.plan.Target.Root, r.plan.Target.Profile), r.plan.Target.ServiceUID)
	if s == nil || !strings.EqualFold(r.m.Expand(s.OSTPath), names[0]) {
		found := "another one"
		if s != nil && s.OSTPath != "" {
			found = s.OSTPath
		}
		return &Stale{"", ".ost of the profile", names[0], found}
	}
	return nil
}

// findRename finds the rename of a file in any step.
func (r *run) findRename(from string) *Op {
	for _, o := range r.ops {
		if o.Name == OpRename && !o.Undone && strings.EqualFold(o.From, from) {
			return o
		}
	}
	return nil
}

func (r *run) foundStore(ctx context.Context, _ *actions.Step) (outcome, error) {
	var err error
	r.res.Before, err = r.caches(ctx)
	return done(cacheLines(r.res.Before)...), err
}

// checkRename checks everything just before the store is renamed.
func (r *run) checkRename(ctx context.Context, s *actions.Step) error {
	if err := r.checkChange(ctx, s); err != nil {
		return err
	}
	return r.checkFound(ctx, s)
}

func (r *run) tellRename(ctx context.Context, _ *actions.Step) ([]string, error) {
	var out []string
	for _, name := range r.cacheNames() {
		to, err := freeName(ctx, r.m, name+".old")
		if err != nil {
			return nil, err
		}
		out = append(out, "would rename "+name+" to "+to)
	}
	return out, nil
}

// renameStore moves the .ost away, and makes sure that the same file is there under its
// new name.
func (r *run) renameStore(ctx context.Context, _ *actions.Step) (outcome, error) {
	out := done()
	for _, name := range r.cacheNames() {
		before, err := r.m.Stat(ctx, name)
		if err != nil && r.findRename(name) == nil {
			return out, fmt.Errorf("look at %s: %w", name, err)
		}
		to, err := r.rename(ctx, name, ".old")
		if err != nil {
			return out, fmt.Errorf("rename %s: %w", name, err)
		}
		after, err := r.m.Stat(ctx, to)
		if err != nil {
			return out, fmt.Errorf("look at %s: %w", to, err)
		}
		if before.Path != "" && after.Bytes != before.Bytes {
			return out, fmt.Errorf("%s has %d bytes; %s had %d", to, after.Bytes, name, before.Bytes)
		}
		out.facts = append(out.facts, fmt.Sprintf("%s is %s now, %s", name, to, sizeOf(after.Bytes)))
	}
	var err error
	r.res.After, err = r.caches(ctx)
	return out, err
}
