package applytest

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"oxtail/actions"
	"oxtail/actions/apply"
	"oxtail/parser/winpath"
)

// tool is the version of the program in all cases.
const tool = "test"

// errDead is what every call gives after the engine has crashed.
var errDead = errors.New("the program is dead")

// A console says yes, or no to steps, and keeps what it was told.
type console struct {
	no        map[string]bool // steps that are not confirmed
	questions []apply.Question
	ticks     int
	copied    int64
}

func (c *console) Confirm(_ context.Context, q apply.Question) (bool, error) {
	c.questions = append(c.questions, q)
	return !c.no[q.Step], nil
}

func (c *console) Tick(string, time.Duration)       { c.ticks++ }
func (c *console) Progress(_ string, done, _ int64) { c.copied = done }
func (c *console) Step(apply.StepResult)            {}
func (c *console) refuse(steps ...string) *console  { c.no = set(steps); return c }
func set(list []string) map[string]bool             { return maps.Collect(pairs(list)) }
func pairs(list []string) func(yield func(string, bool) bool) {
	return func(yield func(string, bool) bool) {
		for _, s := range list {
			if !yield(s, true) {
				return
			}
		}
	}
}

// options are those of a run in the tests: copy mode, no long waiting.
func options() apply.Options {
	return apply.Options{
		Choices: apply.Choices{Mode: apply.ModeCopy, AcceptLoss: "saved to a .pst"}, Tool: tool, Console: &console{},
		Patience: apply.Patience{Quit: 5 * time.Second, Restart: 5 * time.Second, Terminate: 5 * time.Second, Idle: 5 * time.Second, Appear: 20 * time.Second, Person: 5 * time.Second, Poll: time.Second},
	}
}

// A lab is one case on one machine.
type lab struct {
	t     *testing.T
	o     Options
	m     apply.Machine
	probe Probe
	reg   []byte
	files map[string][]byte
}

// newLab opens a machine and takes down what it holds.
func newLab(t *testing.T, o Options, open Opener, f Fixture) *lab {
	t.Helper()
	m, probe := open(t, f)
	l := &lab{t: t, o: o, m: m, probe: probe}
	l.mark()
	return l
}

// mark takes the state down that a case is compared with.
func (l *lab) mark() { l.reg, l.files = l.probe.Registry(l.t), l.probe.Files(l.t) }

// unchanged demands that registry and files are as they were when they were marked.
func (l *lab) unchanged() {
	l.t.Helper()
	if !bytes.Equal(l.probe.Registry(l.t), l.reg) {
		l.t.Error("the registry is not as before")
	}
	now := l.probe.Files(l.t)
	for path, data := range l.files {
		if !bytes.Equal(now[path], data) {
			l.t.Errorf("%s is not as before: %d bytes, before %d", path, len(now[path]), len(data))
		}
	}
	for path := range now {
		if _, known := l.files[path]; !known {
			l.t.Errorf("%s was not there before", path)
		}
	}
}

// plan makes the plan of a profile, as oxtail plan does on the same computer.
func (l *lab) plan(kind actions.PlanKind, name string) actions.Plan {
	l.t.Helper()
	ctx := l.t.Context()
	inv, err := l.m.Inventory(ctx)
	if err != nil {
		l.t.Fatal(err)
	}
	who, err := l.m.Identity(ctx)
	if err != nil {
		l.t.Fatal(err)
	}
	all := actions.Inventory{Profiles: inv.Profiles}
	for path, data := range l.probe.Files(l.t) {
		f, err := l.m.Stat(ctx, path)
		if err != nil {
			l.t.Fatal(err)
		}
		all.Caches = append(all.Caches, actions.CacheFile{Path: path, State: actions.CachePresent, Bytes: int64(len(data)), Modified: f.Modified, Head: headOf(data), Links: l.links(path, &all)})
	}
	stores := all.Stores()
	for i := range stores {
		for _, u := range stores[i].Uses {
			if u.Profile.Name == name {
				p := actions.NewPlanFor(kind, &stores[i], u)
				l.seal(&p, who.Computer)
				return p
			}
		}
	}
	l.t.Fatalf("no service of profile %q", name)
	return actions.Plan{}
}

// links joins a file with the profiles that name it or the other half of its pair.
func (l *lab) links(path string, all *actions.Inventory) []actions.CacheLink {
	var out []actions.CacheLink
	for i := range all.Profiles {
		for _, s := range all.Profiles[i].Services {
			for _, named := range s.CacheFiles {
				switch {
				case winpath.Equal(named, path):
					out = append(out, actions.CacheLink{Path: named, How: "path"})
				case winpath.Equal(winpath.Stem(named), winpath.Stem(path)) && slices.Contains([]string{".odb", ".psz"}, winpath.Ext(path)):
					out = append(out, actions.CacheLink{Path: named, How: "pair"})
				}
			}
		}
	}
	return out
}

func (l *lab) seal(p *actions.Plan, computer string) {
	l.t.Helper()
	if err := p.Seal(tool, computer); err != nil {
		l.t.Fatal(err)
	}
}

// apply carries a plan out and demands a state.
func (l *lab) apply(p actions.Plan, o apply.Options, want apply.State) *apply.Result {
	l.t.Helper()
	res, err := apply.New(l.m, o).Apply(l.t.Context(), p)
	if err != nil {
		l.t.Fatalf("apply: %v", err)
	}
	l.demand(res, want)
	return res
}

// demand checks the state of a result, and shows the steps when it is another one.
func (l *lab) demand(res *apply.Result, want apply.State) {
	l.t.Helper()
	if res.State == want {
		return
	}
	l.t.Errorf("the run is %s; want %s: because %q, warnings %q", res.State, want, res.Because, res.Warnings)
	for _, s := range res.Steps {
		l.t.Logf("%2d %-20s %-12s %s %s", s.Number, s.ID, s.State, s.Error, strings.Join(s.Facts, "; "))
	}
}

// sound demands a whole journal.
func (l *lab) sound() []apply.Entry {
	l.t.Helper()
	check, err := apply.CheckJournal(l.t.Context(), l.m)
	if err != nil || !check.Sound() || check.Torn != "" {
		l.t.Fatalf("the journal is not sound: %v, %+v", err, check)
	}
	return check.Entries
}

// services lists the UIDs of the services of a profile.
func (l *lab) services(name string) []string {
	l.t.Helper()
	inv, err := l.m.Inventory(l.t.Context())
	if err != nil {
		l.t.Fatal(err)
	}
	var out []string
	for _, p := range inv.Profiles {
		for _, s := range p.Services {
			if p.Name == name && !s.Missing {
				out = append(out, s.UID)
			}
		}
	}
	return out
}

// recreated demands what a re-creation has to leave.
func (l *lab) recreated(old string) {
	l.t.Helper()
	if got := l.services("Outlook"); len(got) != 1 || got[0] == old {
		l.t.Errorf("services of the profile: %v; want one, and not %s", got, old)
	}
	files := l.probe.Files(l.t)
	for _, name := range []string{`\a1.odb`, `\a1.psz`, `\a1.odb-wal`} {
		if _, there := files[l.o.Folder+name]; there {
			l.t.Errorf("%s is still there", name)
		}
	}
	for _, name := range []string{`\b7.odb`, `\a1.odb.old`} {
		if !bytes.Equal(files[l.o.Folder+name], l.files[l.o.Folder+name]) {
			l.t.Errorf("%s was touched", name)
		}
	}
}
