package applytest

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"oxtail/actions"
	"oxtail/actions/apply"
)

// Run holds a machine to all cases.
func Run(t *testing.T, o Options, open Opener) {
	for _, c := range []struct {
		name string
		run  func(*testing.T, Options, Opener)
	}{
		{"Recreate", testRecreate}, {"Assisted", testAssisted}, {"DryRun", testDryRun}, {"ByHand", testByHand},
		{"SharedCache", testSharedCache}, {"DuplicateReference", testDuplicate}, {"NotConfirmed", testNotConfirmed},
		{"ProviderFails", testProviderFails}, {"CallFails", testCallFails}, {"HeldFile", testHeldFile}, {"Crash", testCrash},
		{"JournalTampered", testTampered}, {"DiskFull", testDiskFull}, {"Stale", testStale}, {"EditedPlan", testEdited},
		{"RebuildOST", testRebuild}, {"SupportFiles", testSupport}, {"BackupDamaged", testBackupDamaged},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, o, open) })
	}
}

// testRecreate is the whole procedure, and its undo.
func testRecreate(t *testing.T, o Options, open Opener) {
	l := newLab(t, o, open, o.single())
	p := l.plan(actions.PlanRecreateService, "Outlook")
	res := l.apply(p, options(), apply.RunDone)
	l.recreated(p.Target.ServiceUID)
	if res.NewUID == "" || res.OldUID != p.Target.ServiceUID || len(res.Before) == 0 || len(res.After) == 0 || len(res.PropsBefore) == 0 || len(res.PropsAfter) == 0 {
		t.Errorf("the result lacks a part: %+v", res)
	}
	for _, x := range slices.Concat(res.PropsBefore, res.PropsAfter) {
		if x.Secured && x.Text != "" || strings.Contains(x.Text, "secret") {
			t.Errorf("a secret is shown: %+v", x)
		}
	}
	entries := l.sound()
	if text := fmt.Sprintf("%+v", entries); strings.Contains(text, "a secret") {
		t.Error("a secret is in the journal")
	}
	checkSteps(t, entries)
	list, err := apply.ReadManifest(t.Context(), l.m, res.BackupID)
	if err != nil || len(list.Check(t.Context(), l.m)) > 0 {
		t.Errorf("the backup is not whole: %v", err)
	}
	undone, err := apply.New(l.m, options()).Undo(t.Context(), res.BackupID)
	if err != nil {
		t.Fatal(err)
	}
	l.demand(undone, apply.RunUndone)
	l.unchanged()
	again, err := apply.New(l.m, options()).Undo(t.Context(), res.BackupID)
	if err != nil {
		t.Fatal(err)
	}
	l.demand(again, apply.RunRefused)
}

// checkSteps demands that every step and operation has a begin and an end in the journal.
func checkSteps(t *testing.T, entries []apply.Entry) {
	t.Helper()
	counts := map[apply.Event]int{}
	for _, e := range entries {
		counts[e.Event]++
	}
	if counts[apply.EventStepBegin] == 0 || counts[apply.EventStepBegin] != counts[apply.EventStepEnd] || counts[apply.EventOpBegin] != counts[apply.EventOpEnd] ||
		counts[apply.EventRunBegin] != 1 || counts[apply.EventRunEnd] != 1 {
		t.Errorf("begins and ends in the journal: %v", counts)
	}
}

func testAssisted(t *testing.T, o Options, open Opener) {
	if o.Slow {
		t.Skip("a dialog of the provider needs a person")
	}
	l := newLab(t, o, open, o.single())
	p := l.plan(actions.PlanRecreateService, "Outlook")
	choices := options()
	choices.Mode = apply.ModeAssisted
	l.apply(p, choices, apply.RunDone)
	l.recreated(p.Target.ServiceUID)
}

// testDryRun: everything is checked and told, nothing is written.
func testDryRun(t *testing.T, o Options, open Opener) {
	l := newLab(t, o, open, o.double())
	p := l.plan(actions.PlanRecreateService, "Outlook")
	choices := options()
	choices.DryRun = true
	res := l.apply(p, choices, apply.RunDryRun)
	l.unchanged()
	if check, err := apply.CheckJournal(t.Context(), l.m); err != nil || len(check.Entries) > 0 {
		t.Errorf("a dry run wrote a journal: %v, %v", check.Entries, err)
	}
	told := 0
	for _, s := range res.Steps {
		if s.State == apply.StepWouldDo && len(s.Facts) > 0 {
			told++
		}
	}
	if told < 6 {
		t.Errorf("%d steps say what they would do; want at least 6", told)
	}
}

func testByHand(t *testing.T, o Options, open Opener) {
	l := newLab(t, o, open, o.single())
	choices := options()
	choices.Mode = apply.ModePlan
	res := l.apply(l.plan(actions.PlanRecreateService, "Outlook"), choices, apply.RunByHand)
	l.unchanged()
	if len(res.Steps) == 0 || len(res.Before) == 0 {
		t.Errorf("the result says nothing: %+v", res)
	}
}

// second is the export of another profile on the same account.
func second(o Options) []byte {
	return o.registry(profileSpec{name: "Second", number: 2, cache: o.Folder + `\a1.odb`})
}

// testSharedCache: a second profile that the plan does not know stops everything.
func testSharedCache(t *testing.T, o Options, open Opener) {
	l := newLab(t, o, open, o.single())
	p := l.plan(actions.PlanRecreateService, "Outlook")
	l.probe.Import(t, second(o))
	l.mark()
	res := l.apply(p, options(), apply.RunRefused)
	l.unchanged()
	if text := strings.Join(res.Because, "\n"); !strings.Contains(text, "Second") {
		t.Errorf("the other profile is not named: %q", text)
	}
}

// testDuplicate: the plan removes the other reference first, when the user agrees.
func testDuplicate(t *testing.T, o Options, open Opener) {
	l := newLab(t, o, open, o.double())
	p := l.plan(actions.PlanRecreateService, "Outlook")
	asked := &console{}
	choices := options()
	choices.Console = asked
	l.apply(p, choices, apply.RunDone)
	l.recreated(p.Target.ServiceUID)
	if got := l.services("Second"); len(got) != 0 {
		t.Errorf("the other profile still has %v", got)
	}
	if !slices.ContainsFunc(asked.questions, func(q apply.Question) bool { return strings.HasPrefix(q.Step, "remove-reference") }) {
		t.Error("the removal was not confirmed")
	}
}

// testNotConfirmed: no to any question leaves everything as it was.
func testNotConfirmed(t *testing.T, o Options, open Opener) {
	l := newLab(t, o, open, o.double())
	p := l.plan(actions.PlanRecreateService, "Outlook")
	for _, step := range append([]string{""}, questionSteps(p)...) {
		choices := options()
		choices.Console = (&console{}).refuse(step)
		res, err := apply.New(l.m, choices).Apply(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if res.State != apply.RunRefused && res.State != apply.RunUndone {
			l.demand(res, apply.RunRefused)
		}
		l.unchanged()
	}
}

// questionSteps lists the steps that ask.
func questionSteps(p actions.Plan) []string {
	var out []string
	for _, s := range p.Steps {
		if s.Kind == actions.StepRemoveReference || s.ID == "back-up" {
			out = append(out, s.ID)
		}
	}
	return out
}

// testProviderFails: whatever call of MAPI fails, all is as before.
func testProviderFails(t *testing.T, o Options, open Opener) {
	l := newLab(t, o, open, o.single())
	p := l.plan(actions.PlanRecreateService, "Outlook")
	points := l.probe.Points()
	if len(points) < 12 {
		t.Fatalf("%d calls can be made to fail; want at least 12", len(points))
	}
	failed := 0
	for _, point := range points {
		l.probe.Fail(t, point, 0x80004005, 0)
		res, err := apply.New(l.m, options()).Apply(t.Context(), p)
		l.probe.Heal(t)
		if err != nil {
			t.Fatalf("%s: %v", point, err)
		}
		if res.State == apply.RunDone || res.State == apply.RunWarnings {
			// There was another way, as with an old Outlook that lacks an interface.
			undone, err := apply.New(l.m, options()).Undo(t.Context(), res.BackupID)
			if err != nil {
				t.Fatal(err)
			}
			l.demand(undone, apply.RunUndone)
		} else {
			failed++
			if res.State != apply.RunUndone && res.State != apply.RunRefused {
				l.demand(res, apply.RunUndone)
			}
		}
		l.unchanged()
		if t.Failed() {
			t.Fatalf("after %s failed", point)
		}
	}
	if failed < len(points)/2 {
		t.Errorf("only %d of %d failing calls were noticed", failed, len(points))
	}
}

// testCallFails breaks the calls of the machine, one in each run.
func testCallFails(t *testing.T, o Options, open Opener) {
	total := countCalls(t, o, open)
	step := 1
	if o.Slow {
		step = total/12 + 1
	}
	for at := 0; at < total; at += step {
		l := newLab(t, o, open, o.single())
		p := l.plan(actions.PlanRecreateService, "Outlook")
		n, name := 0, ""
		broken := &hooked{l.m, func(call string) error {
			if n++; n == at+1 {
				name = call
				return errBroken
			}
			return nil
		}}
		res, err := apply.New(broken, options()).Apply(t.Context(), p)
		switch {
		case err != nil: // it could not even begin
			l.unchanged()
		case res.State == apply.RunDone || res.State == apply.RunWarnings:
			l.recreated(p.Target.ServiceUID)
		case res.State == apply.RunUndone || res.State == apply.RunRefused:
			l.unchanged()
		default:
			l.demand(res, apply.RunUndone)
		}
		if t.Failed() {
			t.Fatalf("after call %d of %d, %s, failed: %v, %+v", at+1, total, name, err, res)
		}
	}
}

// countCalls counts the calls of a whole run.
func countCalls(t *testing.T, o Options, open Opener) int {
	l := newLab(t, o, open, o.single())
	p := l.plan(actions.PlanRecreateService, "Outlook")
	total := 0
	l.m = &hooked{l.m, func(string) error { total++; return nil }}
	l.apply(p, options(), apply.RunDone)
	if total < 50 {
		t.Fatalf("a run makes %d calls; that cannot be", total)
	}
	return total
}

// testHeldFile: a file that somebody has open stops the run before anything is changed.
func testHeldFile(t *testing.T, o Options, open Opener) {
	l := newLab(t, o, open, o.single())
	p := l.plan(actions.PlanRecreateService, "Outlook")
	release := l.probe.Hold(t, o.Folder+`\a1.psz`)
	res := l.apply(p, options(), apply.RunRefused)
	if text := strings.Join(res.Because, "\n"); !strings.Contains(text, "a1.psz") {
		t.Errorf("the held file is not named: %q", text)
	}
	release()
	l.unchanged()
	l.apply(p, options(), apply.RunDone)
	l.recreated(p.Target.ServiceUID)
}

// testCrash ends the program at each call, and lets a new one go on, or take it back.
func testCrash(t *testing.T, o Options, open Opener) {
	total := countCalls(t, o, open)
	step := 1
	if o.Slow {
		step = total/10 + 1
	}
	resumed := 0
	for at := 0; at < total; at += step {
		for _, rollBack := range []bool{false, true} {
			l := newLab(t, o, open, o.single())
			p := l.plan(actions.PlanRecreateService, "Outlook")
			n := 0
			dying := &hooked{l.m, func(string) error {
				switch n++; {
				case n == at+1:
					return errBroken // a write is torn in the middle
				case n > at:
					return errDead
				}
				return nil
			}}
			_, _ = apply.New(dying, options()).Apply(t.Context(), p) // what a dead program says does not matter
			if l.resume(p, rollBack) {
				resumed++
			}
			if t.Failed() {
				t.Fatalf("after a crash at call %d of %d, roll back %v", at+1, total, rollBack)
			}
		}
	}
	if resumed == 0 {
		t.Error("no crash left anything to resume")
	}
}

// resume goes on after a crash, and checks the end. It reports whether there was anything
// to go on with.
func (l *lab) resume(p actions.Plan, rollBack bool) bool {
	l.t.Helper()
	res, err := apply.New(l.m, options()).Resume(l.t.Context(), "", rollBack)
	if err != nil { // nothing had begun, or all had ended
		if services := l.services("Outlook"); len(services) == 1 && services[0] != p.Target.ServiceUID {
			l.recreated(p.Target.ServiceUID)
			return false
		}
		l.unchanged()
		return false
	}
	if rollBack {
		l.demand(res, apply.RunUndone)
		l.unchanged()
	} else {
		l.demand(res, apply.RunDone)
		l.recreated(p.Target.ServiceUID)
	}
	l.sound()
	return true
}

// testTampered: changes, cuts and torn ends of the journal are told apart.
func testTampered(t *testing.T, o Options, open Opener) {
	l := newLab(t, o, open, o.single())
	p := l.plan(actions.PlanRecreateService, "Outlook")
	l.apply(p, options(), apply.RunDone)
	path := l.m.StateFolder() + `\journal.jsonl`
	whole := readAll(t, l.m, path)
	lines := strings.SplitAfter(strings.TrimSuffix(string(whole), "\n"), "\n")
	for _, c := range []struct {
		name, text string
		sound      bool
		torn       bool
		want       string
	}{
		{"as written", string(whole), true, false, ""},
		{"a word changed", strings.Replace(string(whole), "saved to a .pst", "nothing to save", 1), false, false, "hash does not fit"},
		{"a line removed", strings.Join(slices.Delete(slices.Clone(lines), 3, 4), ""), false, false, "due"},
		{"the beginning removed", strings.Join(lines[2:], ""), false, false, "due"},
		{"the end cut off", strings.Join(lines[:len(lines)-3], ""), false, false, "cut off"},
		{"the last line torn", string(whole[:len(whole)-20]), true, true, ""},
		{"a line of somebody else", strings.Join(lines[:4], "") + "hello\n" + strings.Join(lines[4:], "") + "\n", false, false, "no entry"},
	} {
		l.probe.Put(t, path, []byte(c.text))
		check, err := apply.CheckJournal(t.Context(), l.m)
		if err != nil {
			t.Fatal(err)
		}
		if check.Sound() != c.sound || (check.Torn != "") != c.torn || !strings.Contains(strings.Join(check.Faults, "; "), c.want) {
			t.Errorf("%s: sound %v, torn %v, faults %q; want %v, %v, %q", c.name, check.Sound(), check.Torn != "", check.Faults, c.sound, c.torn, c.want)
		}
		if _, err := apply.New(l.m, options()).Resume(t.Context(), "", false); !c.sound && !errors.Is(err, apply.ErrTampered) {
			t.Errorf("%s: resume says %v; want ErrTampered", c.name, err)
		}
	}
}

// testDiskFull: the disk fills while the backup is written.
func testDiskFull(t *testing.T, o Options, open Opener) {
	l := newLab(t, o, open, o.single())
	p := l.plan(actions.PlanRecreateService, "Outlook")
	if !l.probe.Quota(t, 60_000) {
		t.Skip("the disk of this machine cannot be filled")
	}
	res, err := apply.New(l.m, options()).Apply(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if res.State != apply.RunUndone && res.State != apply.RunRefused {
		l.demand(res, apply.RunUndone)
	}
	l.unchanged()
	if text := strings.Join(res.Because, "\n"); !strings.Contains(text, "space") {
		t.Errorf("the full disk is not named: %q", text)
	}
	list, err := apply.Backups(t.Context(), l.m)
	if err != nil || len(list) != 0 {
		t.Errorf("half a backup counts as one: %v, %v", list, err)
	}
	l.probe.Quota(t, -1)
	l.apply(p, options(), apply.RunDone)
}

// testStale changes each fact that the plan assumes.
func testStale(t *testing.T, o Options, open Opener) {
	odb := o.Folder + `\a1.odb`
	for _, c := range []struct {
		name   string
		change func(l *lab)
		want   string
	}{
		{"another service on the account", func(l *lab) { l.probe.Import(t, second(o)) }, "Second"},
		{"profile renamed", func(l *lab) {
			l.probe.Import(t, deletion(o, "Outlook"))
			l.probe.Import(t, o.registry(profileSpec{name: "Renamed", number: 1, cache: odb}))
		}, "Renamed"},
		{"service gone", func(l *lab) { l.probe.Import(t, deletion(o, `Outlook\`+fmt.Sprintf("%x", uid(0xa0, 1)))) }, "no service"},
		{"file of another size", func(l *lab) { l.probe.Put(t, odb, content("odb", 70_001)) }, "file-size"},
		{"file of another content", func(l *lab) { l.probe.Put(t, odb, content("xyz", 70_000)) }, "a1.odb"},
		{"default store now", func(l *lab) {
			l.probe.Import(t, o.registry(profileSpec{name: "Outlook", number: 1, cache: odb, flags: 1}))
		}, "default store"},
	} {
		l := newLab(t, o, open, o.single())
		p := l.plan(actions.PlanRecreateService, "Outlook")
		c.change(l)
		l.mark()
		res := l.apply(p, options(), apply.RunRefused)
		if text := strings.Join(res.Because, "\n"); !strings.Contains(text, c.want) {
			t.Errorf("%s: because %q; want %q in it", c.name, text, c.want)
		}
		l.unchanged()
	}
}

// deletion is a .reg file that deletes a key below the profiles.
func deletion(o Options, key string) []byte {
	return []byte("Windows Registry Editor Version 5.00\r\n\r\n[-HKEY_CURRENT_USER\\" + o.Root + `\` + key + "]\r\n")
}

// testEdited: plans that were edited, or made elsewhere, are refused.
func testEdited(t *testing.T, o Options, open Opener) {
	l := newLab(t, o, open, o.single())
	plan := l.plan(actions.PlanRecreateService, "Outlook")
	for _, c := range []struct {
		name   string
		change func(p *actions.Plan)
		want   string
	}{
		{"edited", func(p *actions.Plan) { p.Assumptions = p.Assumptions[1:] }, "edited"},
		{"no digest", func(p *actions.Plan) { p.Digest = "" }, "no digest"},
		{"another version", func(p *actions.Plan) { seal(t, p, "0.1", p.Computer) }, "made by oxtail 0.1"},
		{"another computer", func(p *actions.Plan) { seal(t, p, tool, "ELSEWHERE") }, "ELSEWHERE"},
		{"another user", func(p *actions.Plan) { p.Target.User = "bert"; seal(t, p, tool, p.Computer) }, "bert"},
		{"an Exchange service", func(p *actions.Plan) { p.Target.Service = "MSEMS"; seal(t, p, tool, p.Computer) }, "MSEMS"},
		{"on a share", func(p *actions.Plan) {
			p.Assumptions = append(p.Assumptions, actions.Assumption{ID: "x", Kind: actions.AssumeLocal, Subject: `\\server\share\a.odb`, Expected: "yes"})
			seal(t, p, tool, p.Computer)
		}, "network"},
		{"a long path", func(p *actions.Plan) {
			p.Assumptions = append(p.Assumptions, actions.Assumption{ID: "x", Kind: actions.AssumeLocal, Subject: `C:\` + strings.Repeat("long", 70) + `\a.odb`, Expected: "yes"})
			seal(t, p, tool, p.Computer)
		}, "characters"},
		{"a name that is not ANSI", func(p *actions.Plan) { p.Target.ProfileDisplay = "Профиль"; seal(t, p, tool, p.Computer) }, "ANSI"},
		{"an unknown assumption", func(p *actions.Plan) {
			p.Assumptions = append(p.Assumptions, actions.Assumption{ID: "x", Kind: "moon-phase", Subject: "moon", Expected: "full"})
			seal(t, p, tool, p.Computer)
		}, "moon-phase"},
		{"known loss", func(p *actions.Plan) {
			p.Loss = []actions.Loss{{What: "three mails", Known: actions.LossYes}}
			seal(t, p, tool, p.Computer)
		}, "three mails"},
		{"blocked", func(p *actions.Plan) { p.BlockedBy = []string{"account-unclear: two"}; seal(t, p, tool, p.Computer) }, "account-unclear"},
	} {
		p := plan
		p.Assumptions = slices.Clone(plan.Assumptions)
		c.change(&p)
		choices := options()
		choices.AcceptLoss = ""
		res := l.apply(p, choices, apply.RunRefused)
		if text := strings.Join(res.Because, "\n"); !strings.Contains(text, c.want) {
			t.Errorf("%s: because %q; want %q in it", c.name, text, c.want)
		}
		if len(res.Remedies) == 0 {
			t.Errorf("%s: no remedy is given", c.name)
		}
		l.unchanged()
	}
}

func seal(t *testing.T, p *actions.Plan, version, computer string) {
	t.Helper()
	if err := p.Seal(version, computer); err != nil {
		t.Fatal(err)
	}
}

// testRebuild: the .ost is renamed, and the undo gives it its name back.
func testRebuild(t *testing.T, o Options, open Opener) {
	l := newLab(t, o, open, o.exchange())
	p := l.plan(actions.PlanRebuildOST, "Outlook")
	res := l.apply(p, options(), apply.RunWarnings)
	files := l.probe.Files(t)
	ost := o.Folder + `\anna.ost`
	if _, there := files[ost]; there || string(files[ost+".old2"]) != string(l.files[ost]) || string(files[ost+".old"]) != string(l.files[ost+".old"]) {
		t.Errorf("the .ost is not renamed to the next free name: %d files", len(files))
	}
	undone, err := apply.New(l.m, options()).Undo(t.Context(), res.Run)
	if err != nil {
		t.Fatal(err)
	}
	l.demand(undone, apply.RunUndone)
	l.unchanged()
}

// testSupport: a support file is renamed by an administrator only, and the undo gives it
// its name back.
func testSupport(t *testing.T, o Options, open Opener) {
	l := newLab(t, o, open, o.single())
	path := l.m.Expand(`%CommonProgramFiles%\System\MSMAPI\1033\emsui32.dll`)
	if strings.Contains(path, "%") {
		t.Skip("the folder of the support files is not known on this machine")
	}
	l.probe.Put(t, path, content("dll", 300))
	who, err := l.m.Identity(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p := actions.NewPlan(actions.PlanSupportFiles, nil)
	l.seal(&p, who.Computer)
	choices := options()
	choices.Console = (&console{}).refuse("repair-office")
	if !who.Elevated {
		res := l.apply(p, choices, apply.RunRefused)
		if !strings.Contains(strings.Join(res.Remedies, "; "), "administrator") {
			t.Errorf("remedies %q; want an administrator", res.Remedies)
		}
		return
	}
	res := l.apply(p, choices, apply.RunWarnings)
	if _, err := l.m.Stat(t.Context(), path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is still there: %v", path, err)
	}
	undone, err := apply.New(l.m, options()).Undo(t.Context(), res.Run)
	if err != nil {
		t.Fatal(err)
	}
	l.demand(undone, apply.RunUndone)
	if got := readAll(t, l.m, path); string(got) != string(content("dll", 300)) {
		t.Errorf("%s is not as before: %d bytes", path, len(got))
	}
}

// testBackupDamaged: a backup that is not what was written is not put back.
func testBackupDamaged(t *testing.T, o Options, open Opener) {
	l := newLab(t, o, open, o.single())
	p := l.plan(actions.PlanRecreateService, "Outlook")
	res := l.apply(p, options(), apply.RunDone)
	list, err := apply.ReadManifest(t.Context(), l.m, res.BackupID)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list.Saved {
		if s.Kind == apply.SavedProfile {
			l.probe.Put(t, list.Folder+`\`+s.File, []byte("Windows Registry Editor Version 5.00\r\n"))
		}
	}
	if faults := list.Check(t.Context(), l.m); len(faults) != 1 {
		t.Errorf("the check finds %q; want one file", faults)
	}
	l.mark()
	undone, err := apply.New(l.m, options()).Undo(t.Context(), res.BackupID)
	if err != nil {
		t.Fatal(err)
	}
	l.demand(undone, apply.RunPartly)
}
