package twin

import (
	"context"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"oxtail/actions/apply"
)

// outlook is the program that a twin starts.
const outlook = "OUTLOOK.EXE"

// endTime is how long a program takes to end.
const endTime = 2 * time.Second

// alive lists the processes that have not ended yet.
func (t *Twin) alive() []*Process {
	t.processes = slices.DeleteFunc(t.processes, func(p *Process) bool {
		gone, ending := t.ended[p.ID]
		return ending && !t.now.Before(gone)
	})
	return t.processes
}

// Running lists processes by name.
func (t *Twin) Running(ctx context.Context, names ...string) ([]apply.Process, error) {
	if err := t.enter(ctx, "Running"); err != nil {
		return nil, err
	}
	var out []apply.Process
	for _, p := range t.alive() {
		if slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, p.Name) }) {
			out = append(out, p.Process)
		}
	}
	return out, nil
}

// holdsAny reports whether a process has a file open.
func (t *Twin) holdsAny(path string) bool {
	return slices.ContainsFunc(t.alive(), func(p *Process) bool { return p.holds(path) })
}

func (p *Process) holds(path string) bool {
	return slices.ContainsFunc(p.Holds, func(h string) bool { return pathKey(h) == pathKey(path) })
}

// Holders finds who has one of the files open, or uses the profile.
func (t *Twin) Holders(ctx context.Context, files []string) (apply.Holders, error) {
	if err := t.enter(ctx, "Holders"); err != nil {
		return apply.Holders{}, err
	}
	out := apply.Holders{Files: map[string]apply.FileState{}}
	for _, path := range files {
		switch {
		case t.files[pathKey(path)] == nil:
			out.Files[path] = apply.FileMissing
		case t.holdsAny(path):
			out.Files[path] = apply.FileHeld
		default:
			out.Files[path] = apply.FileFree
		}
	}
	for _, p := range t.alive() {
		found := p.Process
		found.Why = nil
		for _, path := range files {
			if p.holds(path) {
				found.Why = append(found.Why, "has "+path+" open")
			}
		}
		if p.MAPI {
			found.Why = append(found.Why, "has olmapi32.dll loaded")
		}
		if len(found.Why) > 0 {
			out.Processes = append(out.Processes, found)
		}
	}
	return out, nil
}

// Close asks a process to end.
func (t *Twin) Close(ctx context.Context, p apply.Process, how apply.How) error {
	if err := t.enter(ctx, "Close"); err != nil {
		return err
	}
	for _, x := range t.alive() {
		if x.ID != p.ID {
			continue
		}
		if !x.Started.Equal(p.Started) {
			return apply.ErrOtherProcess
		}
		if _, ending := t.ended[x.ID]; !ending && how >= x.Yields && !x.Service {
			t.ended[x.ID] = t.now.Add(endTime)
		}
		return nil
	}
	return apply.ErrOtherProcess
}

// AddProcess starts a program as another user of the computer would.
func (t *Twin) AddProcess(p Process) { t.processes = append(t.processes, &p) }

// EndProcess ends a program at once.
func (t *Twin) EndProcess(id uint32) {
	t.processes = slices.DeleteFunc(t.processes, func(p *Process) bool { return p.ID == id })
}

// StartOutlook starts Outlook: it opens the caches of the profile, and makes those that
// are missing.
func (t *Twin) StartOutlook(ctx context.Context, profileName string) error {
	if err := t.enter(ctx, "StartOutlook"); err != nil {
		return err
	}
	name, err := t.profile(profileName)
	if err != nil {
		return err
	}
	started := Process{Process: apply.Process{ID: t.newID(), Started: t.now, Name: outlook, User: t.who.User, Session: t.who.Session, Windows: 1}, MAPI: true}
	inv, err := t.inventory()
	if err != nil {
		return err
	}
	for _, p := range inv.Profiles {
		if p.Root != name.root || p.Name != name.key.name {
			continue
		}
		for _, s := range p.Services {
			for _, path := range s.CacheFiles {
				started.Holds = append(started.Holds, t.openCaches(path)...)
			}
		}
	}
	t.AddProcess(started)
	mendAccounts(name.key)
	return nil
}

// accountManager is the section of a profile that lists its accounts.
const accountManager = "9375CFF0413111d3B88A00104B2A6676"

// mendAccounts lets the accounts name the only service that there is, as Outlook does
// with accounts whose service was re-created.
func mendAccounts(key *node) {
	manager, services := key.sub(accountManager), uidsOf(key, serviceList)
	if manager == nil {
		return
	}
	for _, account := range manager.subs {
		uid := account.value("Service UID")
		if len(uid) != uidBytes || slices.Contains(services, hex.EncodeToString(uid)) {
			continue
		}
		for _, s := range services {
			if section := key.sub(s); section != nil && account.value("Service Name") != nil && textOf(section, nameValue) == textOf(account, "Service Name") {
				raw, _ := hex.DecodeString(s) // uidsOf has just encoded it
				account.set("Service UID", raw)
			}
		}
	}
}

// openCaches opens both files of a cache, and makes those that are missing.
func (t *Twin) openCaches(path string) []string {
	var out []string
	for _, half := range halves(t.Expand(path)) {
		if t.files[pathKey(half)] == nil {
			f := newFile(File{Path: half, Data: []byte("\x00\x01\x02\x03 the twin's Outlook, " + t.now.UTC().Format(time.RFC3339) + "\x00"), Modified: t.now})
			f.born = t.now
			t.files[pathKey(half)] = f
		}
		out = append(out, half)
	}
	return out
}

// newID gives a free process id.
func (t *Twin) newID() uint32 {
	id := uint32(1000)
	for slices.ContainsFunc(t.processes, func(p *Process) bool { return p.ID == id }) || t.ended[id] != (time.Time{}) {
		id += 4
	}
	return id
}

// SendReceiveAll has nothing to talk to.
func (t *Twin) SendReceiveAll(ctx context.Context) error {
	if err := t.enter(ctx, "SendReceiveAll"); err != nil {
		return err
	}
	return apply.ErrSimulated
}

// StopSearch ends the programs of Windows Search.
func (t *Twin) StopSearch(ctx context.Context) (bool, error) {
	if err := t.enter(ctx, "StopSearch"); err != nil {
		return false, err
	}
	ran := t.searching
	t.searching = false
	for _, p := range t.alive() {
		if strings.HasPrefix(strings.ToLower(p.Name), "search") {
			t.ended[p.ID] = t.now.Add(endTime)
		}
	}
	return ran, nil
}

// StartSearch starts the service again.
func (t *Twin) StartSearch(ctx context.Context) error {
	if err := t.enter(ctx, "StartSearch"); err != nil {
		return err
	}
	t.searching = true
	return nil
}

// Searching reports whether the service of Windows Search runs.
func (t *Twin) Searching() bool { return t.searching }
