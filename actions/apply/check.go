package apply

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"oxtail/actions"
	"oxtail/parser/profile"
	"oxtail/parser/winpath"
)

// A phase says when assumptions are checked.
type phase int

const (
	phaseStart  phase = iota // before anything is done: programs may run, and will be closed
	phaseChange              // just before a profile or a file is changed
)

// checkAssumptions holds the computer against the plan.
func (r *run) checkAssumptions(ctx context.Context, when phase) error {
	for i := range r.plan.Assumptions {
		if err := r.checkAssumption(ctx, &r.plan.Assumptions[i], when); err != nil {
			return err
		}
	}
	return nil
}

// checkAssumption checks one assumption, if it matters now.
func (r *run) checkAssumption(ctx context.Context, a *actions.Assumption, when phase) error {
	switch a.Kind {
	case actions.AssumeServiceCount, actions.AssumeProfileCount:
		return r.checkReferences(ctx, a.ID)
	case actions.AssumeProfileExists:
		return r.checkProfile(ctx, a.ID)
	case actions.AssumeServiceExists:
		return r.checkService(ctx, a.ID)
	case actions.AssumeNotDefaultStore:
		return r.checkDefaultStore(ctx, a.ID)
	case actions.AssumeOwner:
		return r.checkOwner(ctx, a.ID)
	case actions.AssumeCachedMode:
		return r.checkCachedMode(ctx, a.ID)
	case actions.AssumeLocal:
		return r.checkLocal(ctx, a.Subject)
	case actions.AssumeSpace:
		return r.checkSpace(ctx, a)
	case actions.AssumeFileExists, actions.AssumeFileSize, actions.AssumeFileModified, actions.AssumeFileHead:
		if when == phaseStart { // afterwards the state at the closing of the programs counts
			return r.checkFile(ctx, a)
		}
		return nil
	case actions.AssumeNotRunning:
		if when == phaseChange {
			return r.checkNotRunning(ctx, a)
		}
		return nil
	case actions.AssumeNotHeld:
		if when == phaseChange {
			return r.checkNotHeld(ctx, a)
		}
		return nil
	}
	return refuse("use the version of oxtail that made the plan", "the plan assumes %q of %s, which this program cannot check", a.Kind, a.Subject)
}

// checkProfile demands that the profile is there under its name.
func (r *run) checkProfile(ctx context.Context, id string) error {
	inv, err := r.inventory(ctx)
	if err != nil {
		return err
	}
	t := &r.plan.Target
	if findProfile(inv, t.Root, t.Profile) != nil {
		return nil
	}
	found := "no profile of this name"
	for i := range inv.Profiles {
		p := &inv.Profiles[i]
		if t.Instance != "" && p.InstanceID == t.Instance || findService(p, t.ServiceUID) != nil {
			found = fmt.Sprintf("it is named %q now", actions.ProfileLabel(p))
			break
		}
	}
	return &Stale{id, "profile " + strconv.Quote(mapiName(t.ProfileDisplay, t.Profile)), "a profile of this name", found}
}

// checkService demands that the profile still has the service, unless this run has
// already taken it out.
func (r *run) checkService(ctx context.Context, id string) error {
	if r.deleted() {
		return nil
	}
	inv, err := r.inventory(ctx)
	if err != nil {
		return err
	}
	t := &r.plan.Target
	if s := findService(findProfile(inv, t.Root, t.Profile), t.ServiceUID); s != nil {
		if t.Service != "" && !strings.EqualFold(s.Name, t.Service) {
			return &Stale{id, "service " + t.ServiceUID, t.Service, s.Name}
		}
		return nil
	}
	found := "no service of this UID in the profile"
	for i := range inv.Profiles {
		if findService(&inv.Profiles[i], t.ServiceUID) != nil {
			found = fmt.Sprintf("the service is in profile %q: it was renamed or copied", actions.ProfileLabel(&inv.Profiles[i]))
			break
		}
	}
	return &Stale{id, "service " + t.ServiceUID + " of profile " + strconv.Quote(mapiName(t.ProfileDisplay, t.Profile)), "to be there", found}
}

// defaultStoreFlag is SERVICE_DEFAULT_STORE of PR_RESOURCE_FLAGS.
const defaultStoreFlag = 1

func (r *run) checkDefaultStore(ctx context.Context, id string) error {
	inv, err := r.inventory(ctx)
	if err != nil {
		return err
	}
	s := findService(findProfile(inv, r.plan.Target.Root, r.plan.Target.Profile), r.plan.Target.ServiceUID)
	if s != nil && s.ResourceFlags&defaultStoreFlag != 0 {
		return &Stale{id, "service " + s.UID, "not the default store of the profile", "it is the default store"}
	}
	return nil
}

// checkOwner demands that the profiles' owner runs the program.
func (r *run) checkOwner(_ context.Context, id string) error {
	want, who := r.plan.Target.User, r.who
	name := who.User[strings.LastIndexByte(who.User, '\\')+1:]
	home := winpath.User(r.m.Expand(`%USERPROFILE%`) + `\x`) // the folder may have another name than the user
	if want == "" || strings.EqualFold(want, home) || strings.EqualFold(want, who.SID) || strings.EqualFold(want, name) || strings.EqualFold(want, who.User) {
		return nil
	}
	return &Stale{id, "user who runs oxtail", want + ", the owner of the profiles", who.User}
}

func (r *run) checkCachedMode(ctx context.Context, id string) error {
	inv, err := r.inventory(ctx)
	if err != nil {
		return err
	}
	p := findProfile(inv, r.plan.Target.Root, r.plan.Target.Profile)
	if p == nil {
		return r.checkProfile(ctx, id)
	}
	s := findService(p, r.plan.Target.ServiceUID)
	if s == nil || !s.CachedPrivate {
		return &Stale{id, "cached mode of profile " + strconv.Quote(actions.ProfileLabel(p)), "on", "off, or not to be seen"}
	}
	return nil
}

// maxPath is the longest path that programs without special care can use.
const maxPath = 260

// checkLocal demands that a file is on a disk of the computer and has a usable path.
func (r *run) checkLocal(ctx context.Context, path string) error {
	full := r.m.Expand(path)
	switch {
	case strings.Contains(full, "%"):
		return refuse("give the variable with --env when the plan is made", "%s: a variable in the path is not known", path)
	case len([]rune(full)) >= maxPath:
		return refuse("move the cache to a shorter path", "%s: the path has %d characters; Windows programs end at %d", full, len([]rune(full)), maxPath)
	}
	local, err := r.m.IsLocal(ctx, full)
	if err != nil {
		return fmt.Errorf("find the disk of %s: %w", full, err)
	}
	if !local {
		return refuse("a cache belongs on a disk of the computer; move it, or follow the steps of the plan by hand",
			"%s is on a network share or removable drive: who has it open cannot be found out, and it must not be renamed", full)
	}
	return nil
}

func (r *run) checkSpace(ctx context.Context, a *actions.Assumption) error {
	want, err := strconv.ParseInt(a.Expected, 10, 64)
	if err != nil {
		return refuse("make the plan again", "assumption %s: %q is no number of bytes", a.ID, a.Expected)
	}
	free, err := r.m.FreeBytes(ctx, r.m.Expand(a.Subject))
	if err != nil {
		return fmt.Errorf("find the free space for %s: %w", a.Subject, err)
	}
	if free < want {
		return &Stale{a.ID, "free bytes on the disk of " + a.Subject, "at least " + a.Expected, strconv.FormatInt(free, 10)}
	}
	return nil
}

// timeTolerance is by how much times of files may differ: FAT and zip archives keep every
// other second.
const timeTolerance = 2 * time.Second

// zoneStep and zoneMost are how times of archives can be off that keep local time: whole
// quarters of an hour, as zones are. Size and content are checked beside the time.
const (
	zoneStep = 15 * time.Minute
	zoneMost = 14 * time.Hour
)

// sameTime reports whether two times of a file can be the same one.
func sameTime(a, b time.Time) bool {
	off := a.Sub(b).Abs()
	rest := min(off%zoneStep, zoneStep-off%zoneStep)
	return off <= timeTolerance || off <= zoneMost+timeTolerance && rest <= timeTolerance
}

// checkFile checks what the plan knows of a file.
func (r *run) checkFile(ctx context.Context, a *actions.Assumption) error {
	path := r.m.Expand(a.Subject)
	f, err := r.m.Stat(ctx, path)
	missing := errors.Is(err, fs.ErrNotExist)
	if err != nil && !missing {
		return fmt.Errorf("look at %s: %w", path, err)
	}
	found := ""
	switch {
	case a.Kind == actions.AssumeFileExists:
		found = map[bool]string{true: "no", false: "yes"}[missing]
	case missing:
		return &Stale{a.ID, "file " + path, "to be there", "it is gone"}
	case a.Kind == actions.AssumeFileSize:
		found = strconv.FormatInt(f.Bytes, 10)
	case a.Kind == actions.AssumeFileModified:
		want, err := time.Parse(time.RFC3339Nano, a.Expected)
		if err == nil && sameTime(f.Modified, want) {
			return nil
		}
		found = f.Modified.UTC().Format(time.RFC3339Nano)
	default:
		if found, err = headSum(ctx, r.m, path); err != nil {
			return err
		}
	}
	if found != a.Expected {
		return &Stale{a.ID, string(a.Kind) + " of " + path, a.Expected, found}
	}
	return nil
}

// headSum is the checksum of the first bytes of a file, as plans have it.
func headSum(ctx context.Context, m Machine, path string) (string, error) {
	in, err := m.Open(ctx, path)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", path, err)
	}
	defer in.Close() // read only: nothing is lost when closing fails
	h := sha256.New()
	if _, err := io.Copy(h, io.LimitReader(in, actions.HeadBytes)); err != nil {
		return "", fmt.Errorf("read %s: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func (r *run) checkNotRunning(ctx context.Context, a *actions.Assumption) error {
	running, err := r.m.Running(ctx, a.Subject)
	if err != nil {
		return fmt.Errorf("look for %s: %w", a.Subject, err)
	}
	if own := r.ownSession(running); len(own) > 0 {
		return &Stale{a.ID, "program " + a.Subject, "not running", "running as " + processNames(own)}
	}
	return nil
}

func (r *run) checkNotHeld(ctx context.Context, a *actions.Assumption) error {
	path := r.m.Expand(a.Subject)
	h, err := r.m.Holders(ctx, []string{path})
	if err != nil {
		return fmt.Errorf("look who has %s open: %w", path, err)
	}
	switch state := h.Files[path]; state {
	case FileFree, FileMissing:
		return nil
	case FileHeld:
		return &Stale{a.ID, "file " + path, "held by nobody", "held by " + holderNames(h.Processes)}
	default:
		return &Stale{a.ID, "file " + path, "held by nobody", "not known: " + string(state) + "; " + strings.Join(h.Unexamined, "; ")}
	}
}

// checkUnchanged demands that the cache files are as they were when the programs were
// closed; the first look takes that state down.
func (r *run) checkUnchanged(ctx context.Context, _ *actions.Step) error {
	now, err := r.caches(ctx)
	if err != nil {
		return err
	}
	if r.baseline == nil {
		r.baseline = map[string]CacheInfo{}
		for _, c := range now {
			r.baseline[c.Path] = c
		}
		return nil
	}
	for _, c := range now {
		was, known := r.baseline[c.Path]
		if !known || c.Exists != was.Exists || c.Bytes != was.Bytes || !c.Modified.Equal(was.Modified) || c.Head != was.Head {
			if c.Exists { // what is gone has been deleted or renamed by this run
				return &Stale{"", "file " + c.Path, "unchanged since the programs were closed", "another size, time or content: a program works on it"}
			}
		}
	}
	return nil
}

// checkChange is everything that must hold just before a profile or file is changed.
func (r *run) checkChange(ctx context.Context, s *actions.Step) error {
	if err := r.checkAssumptions(ctx, phaseChange); err != nil {
		if r.o.DryRun && isProgramFact(err) {
			return nil // it would have been closed by now
		}
		return err
	}
	return r.checkUnchanged(ctx, s)
}

// isProgramFact reports whether an error is about a program that still works on the
// profile, which a dry run does not close.
func isProgramFact(err error) bool {
	var s *Stale
	return errors.As(err, &s) && (strings.HasPrefix(s.Fact, "program ") || s.Expected == "held by nobody")
}

// isANSI reports whether the name of a profile can be one that MAPI takes. The machine
// knows its code page; what is beyond every Western one is refused before that.
func isANSI(name string) bool {
	for _, c := range name {
		if c < 0x80 || c >= 0xa0 && c <= 0xff {
			continue
		}
		if !bytes.ContainsRune(windows1252(), c) {
			return false
		}
	}
	return true
}

// windows1252 lists what the code page has at 80 to 9F.
func windows1252() []byte {
	var out []byte
	for b := 0x80; b < 0xa0; b++ {
		out = append(out, string(profile.ANSIRune(byte(b)))...)
	}
	return out
}
