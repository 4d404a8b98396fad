package sentry

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"oxtail/actions"
	"oxtail/detectors"
	"oxtail/parser/profile"
)

const (
	odb = `C:\Users\anna\AppData\Local\OXSTORE2\a1.odb`
	ost = `C:\Users\anna\AppData\Local\Microsoft\Outlook\anna.ost`
	pst = `C:\Users\anna\Documents\archive.pst`
	gb  = int64(1) << 30
	mb  = int64(1) << 20
)

// TestSecondProfile: a second profile on an account is said once, when it comes, with
// who was there before; a third is said again; the end is said when one is left.
func TestSecondProfile(t *testing.T) {
	b := newBench(t)
	b.snap.Inventory.Profiles = []profile.Profile{oxtender("Outlook", "aaaa0001")}
	b.want(0)
	b.snap.Inventory.Profiles = append(b.snap.Inventory.Profiles, oxtender("Neu", "bbbb0002"))
	f := b.want(time.Minute, RuleSharedCache)[0]
	if f.Verdict != detectors.SharedCache || f.Action != detectors.CheckProfile || f.Account == nil || f.Account.User != "anna" {
		t.Errorf("finding %+v; want verdict shared-cache, action check-profile, account anna", f)
	}
	if !strings.Contains(f.Because[0], `new on this account is profile "Neu"`) || !strings.Contains(f.Because[0], `used by profile "Outlook"`) {
		t.Errorf("because %q; want who is new and who was there", f.Because)
	}
	if len(f.Evidence) != 2 || !strings.Contains(f.Evidence[1].Text, "Neu") || f.Evidence[1].Time.IsZero() {
		t.Errorf("evidence %+v; want the new service last, with a time", f.Evidence)
	}
	b.want(time.Minute)
	b.snap.Inventory.Profiles = append(b.snap.Inventory.Profiles, oxtender("Dritt", "cccc0003"))
	if again := b.want(time.Minute, RuleSharedCache)[0]; again.ID != f.ID || again.Count != 2 {
		t.Errorf("id %s, count %d; want %s, 2", again.ID, again.Count, f.ID)
	}
	b.snap.Inventory.Profiles = b.snap.Inventory.Profiles[:2]
	b.want(time.Minute)
	b.snap.Inventory.Profiles = append(b.snap.Inventory.Profiles, oxtender("Vier", "dddd0004"))
	b.want(time.Minute, RuleSharedCache)
	b.snap.Inventory.Profiles = b.snap.Inventory.Profiles[:1]
	b.want(time.Minute) // one look more, please
	gone := b.want(recheckAfter, RuleSharedCache+" gone")[0]
	if gone.ID != f.ID || !strings.Contains(gone.Because[len(gone.Because)-1], `used by profile "Outlook"`) {
		t.Errorf("end %+v; want the id %s, and who is left", gone.Because, f.ID)
	}
}

// TestSharedAtStart: what is so when the sentry begins is said once, and again after a
// restart with the same id, so that nobody is told twice.
func TestSharedAtStart(t *testing.T) {
	b := newBench(t)
	b.memory = filepath.Join(t.TempDir(), "sentry.json")
	b.start()
	b.snap.Inventory.Profiles = []profile.Profile{oxtender("Outlook", "aaaa0001"), oxtender("Neu", "bbbb0002")}
	f := b.want(0, RuleSharedCache)[0]
	b.want(time.Minute)
	b.start()
	if again := b.want(time.Minute, RuleSharedCache)[0]; again.ID != f.ID || again.Count != 1 {
		t.Errorf("after a restart: id %s, count %d; want %s, 1", again.ID, again.Count, f.ID)
	}
	b.want(time.Minute)
}

// TestUnreadRegistry: a registry that was not read ends nothing.
func TestUnreadRegistry(t *testing.T) {
	b := newBench(t)
	b.snap.Inventory.Profiles = []profile.Profile{oxtender("Outlook", "aaaa0001"), oxtender("Neu", "bbbb0002")}
	b.want(0, RuleSharedCache)
	b.snap.Inventory.Profiles, b.snap.Read, b.snap.Unsure = nil, nil, []string{"live registry"}
	b.want(time.Minute)
	b.want(time.Minute)
	if len(b.warned) != 1 || !strings.Contains(b.warned[0], "live registry could not be read") {
		t.Errorf("warnings %q; want one about the registry", b.warned)
	}
	b.err = errLook
	b.pass(time.Minute)
	b.err = nil
	b.snap.Read, b.snap.Unsure = []string{"live registry"}, nil
	b.want(time.Minute)
	b.want(recheckAfter, RuleSharedCache+" gone")
}

// TestVanished: a file must be missed twice; its end is that a file of the name is there.
func TestVanished(t *testing.T) {
	b := newBench(t)
	b.snap.Inventory.Profiles = []profile.Profile{oxtender("Outlook", "aaaa0001")}
	b.cache(odb, "odb", 12345678, "HKCU")
	b.want(0)
	b.cache(odb, "odb", -1, "HKCU")
	b.want(time.Minute)
	b.cache(odb, "odb", 12345678, "HKCU")
	b.want(recheckAfter) // it was only replaced
	b.cache(odb, "odb", -1, "HKCU")
	b.want(time.Minute)
	f := b.want(recheckAfter, RuleCacheVanished)[0]
	if f.Severity != detectors.SeverityHigh || f.Action != detectors.CheckProfile || f.Source != odb {
		t.Errorf("finding %s %s %s; want high, check-profile, %s", f.Severity, f.Action, f.Source, odb)
	}
	if !strings.Contains(f.Because[0], "12,345,678 bytes") || len(f.Evidence) != 2 || f.Evidence[0].Time.IsZero() || !strings.HasPrefix(f.Evidence[1].Text, "not there; it had 12,345,678 bytes") {
		t.Errorf("because %q, evidence %+v; want size and times before and after", f.Because, f.Evidence)
	}
	b.want(time.Minute)
	b.cache(odb, "odb", 1000, "HKCU")
	gone := b.want(time.Minute, RuleCacheVanished+" gone")[0]
	if gone.ID != f.ID || !strings.Contains(gone.Because[2], "with 1,000 bytes") || gone.Healed.IsZero() {
		t.Errorf("end %+v", gone)
	}
	b.want(time.Minute) // small because it is new: no jump
}

// TestVanishedKinds: a data file is worse, one that nobody refers to is less, one that
// was renamed is not lost, and one that did not come back is forgotten.
func TestVanishedKinds(t *testing.T) {
	for name, test := range map[string]struct {
		path, kind, links, renamed string
		want                       detectors.Severity
	}{
		"data file":        {pst, "pst", "HKCU", "", detectors.SeverityCritical},
		"cache":            {ost, "ost", "HKCU", "", detectors.SeverityHigh},
		"renamed":          {ost, "ost", "HKCU", ost + ".old", detectors.SeverityMedium},
		"without a user":   {odb, "odb", "", "", detectors.SeverityLow},
		"with its service": {odb, "odb", "gone", "", detectors.SeverityLow},
	} {
		b := newBench(t)
		var links []string
		if test.links != "" {
			links = []string{test.links}
		}
		b.cache(test.path, test.kind, 50*mb, links...)
		b.want(0)
		if test.renamed != "" {
			c := b.snap.Inventory.Caches[0]
			c.Path, c.State = test.renamed, "stale"
			b.snap.Inventory.Caches = append(b.snap.Inventory.Caches, c)
		}
		if test.links == "gone" {
			links = nil
		}
		b.cache(test.path, test.kind, -1, links...)
		b.want(time.Minute)
		f := b.want(recheckAfter, RuleCacheVanished)[0]
		if f.Severity != test.want {
			t.Errorf("%s: severity %s; want %s", name, f.Severity, test.want)
		}
		if said := strings.Contains(strings.Join(f.Because, " "), "it was renamed"); said != (test.renamed != "") {
			t.Errorf("%s: because %q", name, f.Because)
		}
		b.want(goneFor+time.Hour, RuleCacheVanished+" gone")
		b.want(time.Minute)
	}
}

// TestVanishedService: a file that nobody wants any more is no fault any more.
func TestVanishedService(t *testing.T) {
	b := newBench(t)
	b.cache(odb, "odb", 50*mb, "HKCU")
	b.want(0)
	b.cache(odb, "odb", -1, "HKCU")
	b.want(time.Minute)
	b.want(recheckAfter, RuleCacheVanished)
	b.snap.Inventory.Caches, b.snap.Read = nil, nil // the registry was not read
	b.want(time.Minute)
	b.snap.Read = []string{"live registry"}
	gone := b.want(time.Minute, RuleCacheVanished+" gone")[0]
	if last := gone.Because[len(gone.Because)-1]; !strings.Contains(last, "no profile points to it any more") {
		t.Errorf("end because %q", last)
	}
	b.want(time.Minute)
}

// TestUnsureFolder: a folder that cannot be read loses no file.
func TestUnsureFolder(t *testing.T) {
	b := newBench(t)
	b.cache(odb, "odb", 50*mb, "HKCU")
	b.want(0)
	b.cache(odb, "odb", -1)
	for _, place := range []string{`C:\Users\anna\AppData\Local\OXSTORE2`, odb, `C:\`} {
		b.snap.Unsure = []string{place}
		b.want(time.Minute)
		b.want(time.Minute)
	}
	b.snap.Unsure = []string{`C:\Users\anna\AppData\Local\OXSTORE`} // another folder
	b.want(time.Minute)
	b.want(time.Minute, RuleCacheVanished)
}

// TestJumps: factor and least size decide, within a window.
func TestJumps(t *testing.T) {
	for name, test := range map[string]struct {
		before, after int64
		pause         time.Duration
		want          string
	}{
		"doubled":                    {gb, 2 * gb, time.Minute, "grew"},
		"not quite doubled":          {gb, 2*gb - 1, time.Minute, ""},
		"doubled, but little":        {100 * mb, 500 * mb, time.Minute, ""},
		"doubled over a long time":   {gb, 2 * gb, 11 * time.Minute, ""},
		"halved":                     {gb, gb / 2, time.Minute, "lost"},
		"halved, but little":         {20 * mb, 5 * mb, time.Minute, ""},
		"cut to nothing":             {16 * mb, 0, time.Minute, "lost"},
		"grown a little, then fewer": {gb, gb - 100*mb, time.Minute, ""},
	} {
		b := newBench(t)
		b.cache(ost, "ost", test.before, "HKCU")
		b.want(0)
		b.cache(ost, "ost", test.after, "HKCU")
		if test.want == "" {
			b.want(test.pause)
			continue
		}
		f := b.want(test.pause, RuleCacheJump)[0]
		if !strings.Contains(f.Title, test.want) || !strings.Contains(f.Because[0], size(test.before)) || !strings.Contains(f.Because[0], size(test.after)) {
			t.Errorf("%s: %q because %q", name, f.Title, f.Because)
		}
		b.want(time.Minute)
		gone := b.want(jumpWindow, RuleCacheJump+" gone")[0]
		if !strings.Contains(gone.Because[len(gone.Because)-1], "steady") {
			t.Errorf("%s: end because %q", name, gone.Because)
		}
	}
}

// TestReplaced: a file that was away for one look is another one: it may be small, and grow.
func TestReplaced(t *testing.T) {
	b := newBench(t)
	b.cache(ost, "ost", 4*gb, "HKCU")
	b.want(0)
	for _, bytes := range []int64{-1, mb, 2 * gb} {
		b.cache(ost, "ost", bytes, "HKCU")
		b.want(time.Minute)
	}
}

// TestFilling: a cache that appears under the sentry's eyes may grow as it likes.
func TestFilling(t *testing.T) {
	b := newBench(t)
	b.want(0)
	b.cache(ost, "ost", 1*mb, "HKCU")
	b.want(time.Minute)
	b.cache(ost, "ost", 4*gb, "HKCU")
	b.want(time.Minute)
	b.cache(ost, "ost", 1*mb, "HKCU")
	b.want(time.Minute, RuleCacheJump) // but not shrink
}

// TestStoreLimit: near, no more data, full; each step is said, and the end with a swing.
func TestStoreLimit(t *testing.T) {
	b := newBench(t)
	b.cache(ost, "ost", 40*gb, "HKCU")
	b.want(0)
	steps := []struct {
		bytes    int64
		severity detectors.Severity
		word     string
	}{
		{43 * gb, detectors.SeverityMedium, "near"},
		{48 * gb, detectors.SeverityHigh, "takes no more data"},
		{50 * gb, detectors.SeverityCritical, "largest size"},
	}
	id := ""
	for i, step := range steps {
		b.cache(ost, "ost", step.bytes, "HKCU")
		f := b.want(time.Minute, RuleStoreLimit)[0]
		if f.Severity != step.severity || !strings.Contains(f.Title, step.word) || f.Count != i+1 || id != "" && f.ID != id {
			t.Errorf("at %s: %s %q, count %d, id %s; want %s %q, %d, %s", size(step.bytes), f.Severity, f.Title, f.Count, f.ID, step.severity, step.word, i+1, id)
		}
		id = f.ID
		b.want(time.Minute)
	}
	b.cache(ost, "ost", 42*gb+500*mb, "HKCU")
	b.want(time.Minute) // a swing
	b.cache(ost, "ost", 40*gb, "HKCU")
	b.want(time.Minute, RuleStoreLimit+" gone")
}

// TestStoreLimitBasis: layout by header or service, limits by policy, then by the user.
func TestStoreLimitBasis(t *testing.T) {
	value := func(major int, policy bool, name string, n int64) Limit {
		return Limit{Major: major, Policy: policy, Name: name, Value: n, Origin: `HKCU\…\PST\` + name}
	}
	for name, test := range map[string]struct {
		content string
		service string
		bytes   int64
		limits  []Limit
		want    bool
		because string
	}{
		"ansi header":             {"pst ansi", "", 1900 * mb, nil, true, "its header is that of an ANSI store; limits are the default of ANSI stores"},
		"ansi by its service":     {"unreadable", "MSPST MS", 1900 * mb, nil, true, "names the service of ANSI stores"},
		"unicode by its service":  {"", "MSUPST MS", 1900 * mb, nil, false, ""},
		"unicode header":          {"pst unicode", "MSPST MS", 1900 * mb, nil, false, ""},
		"not readable":            {"", "", 1900 * mb, nil, false, ""},
		"policy":                  {"pst unicode 4k", "", 9 * gb, []Limit{value(16, true, "MaxLargeFileSize", 10240), value(16, true, "WarnLargeFileSize", 9728), value(16, false, "WarnLargeFileSize", 99999)}, true, `WarnLargeFileSize = 9728, HKCU\…\PST\MaxLargeFileSize = 10240`},
		"newest office":           {"pst unicode", "", 9 * gb, []Limit{value(12, true, "WarnLargeFileSize", 1000), value(16, true, "WarnLargeFileSize", 40000)}, false, ""},
		"max below warn":          {"pst unicode", "", 9 * gb, []Limit{value(16, false, "MaxLargeFileSize", 10000)}, true, "MaxLargeFileSize = 10000"},
		"ansi with a great limit": {"pst ansi", "", 2 * gb, []Limit{value(16, true, "MaxFileSize", 4294967295), value(16, true, "WarnFileSize", 4294967295)}, true, "MaxFileSize"},
		"zero is no limit":        {"pst unicode", "", 9 * gb, []Limit{value(16, true, "MaxLargeFileSize", 0)}, false, ""},
	} {
		b := newBench(t)
		b.snap.Limits = test.limits
		b.cache(pst, "pst", test.bytes, "HKCU")
		c := &b.snap.Inventory.Caches[0]
		c.Content = test.content
		if test.service != "" {
			b.snap.Inventory.Profiles = []profile.Profile{{Source: "live registry", Root: "r", Name: "Outlook", Services: []profile.Service{{UID: "aaaa0001", Name: test.service, CacheFiles: []string{pst}}}}}
			c.Links[0].Origin = "" // joined by its path
		}
		got := b.pass(0)
		if (len(got) == 1) != test.want {
			t.Errorf("%s: said %d findings; want one: %v", name, len(got), test.want)
			continue
		}
		if test.want && !strings.Contains(got[0].Because[1], test.because) {
			t.Errorf("%s: because %q; want %q", name, got[0].Because[1], test.because)
		}
	}
}

// TestDamaged: what package actions says of a store is told here, and taken back.
func TestDamaged(t *testing.T) {
	b := newBench(t)
	b.snap.Inventory.Profiles = []profile.Profile{{Source: "live registry", Root: "r", Name: "Outlook", Services: []profile.Service{{UID: "aaaa0001", Name: "MSEMS", Exchange: profile.Exchange{OSTPath: ost}, CacheFiles: []string{ost}}}}}
	b.cache(ost, "ost", gb)
	b.want(0)
	b.snap.Inventory.Corrupt = []profile.CorruptStore{{Recorded: "2026-03-05-10:00::59.0609", LocalTime: "2026-03-05T10:00:59.0609", Path: ost, Origin: `HKCU\…\CorruptFiles`}}
	f := b.want(time.Minute, RuleStoreDamaged)[0]
	if f.Verdict != detectors.StoreCorrupt || f.Action != detectors.RebuildOST || f.Source != ost {
		t.Errorf("finding %+v", f)
	}
	b.snap.Inventory.Corrupt = nil
	b.want(time.Minute)
	b.want(time.Minute, RuleStoreDamaged+" gone")
}

// TestRestart: what vanished while nobody looked is said, what stands is said again, and
// files that were not there before are new.
func TestRestart(t *testing.T) {
	b := newBench(t)
	b.memory = filepath.Join(t.TempDir(), "sentry.json")
	b.start()
	b.cache(odb, "odb", 50*mb, "HKCU")
	b.cache(ost, "ost", 45*gb, "HKCU")
	b.want(0, RuleStoreLimit)
	b.start()
	b.cache(odb, "odb", -1, "HKCU")
	b.cache(pst, "pst", mb, "HKCU")
	b.want(time.Hour, RuleStoreLimit)
	b.want(recheckAfter, RuleCacheVanished)
	b.cache(pst, "pst", 3*gb, "HKCU")
	b.want(time.Minute) // new since the restart: it may grow
	b.start()
	b.want(time.Minute, RuleCacheVanished, RuleStoreLimit)
}

// TestRun: a look that fails is told once, also the first one; a suspicion is looked at
// again soon.
func TestRun(t *testing.T) {
	b := newBench(t)
	b.err = errLook
	b.cache(odb, "odb", mb, "HKCU")
	ctx, stop := context.WithCancel(t.Context())
	var pauses []time.Duration
	b.sentry.opts.Waker = wakerFunc(func(pause time.Duration) {
		pauses = append(pauses, pause)
		b.now = b.now.Add(pause)
		switch len(pauses) {
		case 2:
			b.err = nil
		case 3:
			b.err = errLook
		case 5:
			b.err = nil
			b.cache(odb, "odb", -1)
		case 7:
			stop()
		}
	})
	said := 0
	if err := b.sentry.Run(ctx, func(detectors.Finding) { said++ }); err != nil {
		t.Fatal(err)
	}
	if len(pauses) != 7 || pauses[5] != recheckAfter || pauses[6] != DefaultPoll {
		t.Errorf("pauses %v; want the sixth to be %s", pauses, recheckAfter)
	}
	if said != 1 || len(b.warned) != 2 || !strings.Contains(b.warned[0], "could not be looked at: the registry") {
		t.Errorf("said %d, warned %q; want one finding, and each failure once", said, b.warned)
	}
}

type wakerFunc func(time.Duration)

func (f wakerFunc) Wait(_ context.Context, pause time.Duration) { f(pause) }

// TestRest: however often it is woken, looking takes a twentieth of the time at most.
func TestRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		looks := 0
		look := lookerFunc(func(ctx context.Context, _ time.Time) (*Snapshot, error) {
			looks++
			rest(ctx, 100*time.Millisecond) // it takes that long
			return &Snapshot{Inventory: &actions.Inventory{}}, nil
		})
		s := New(Options{Look: look, Now: time.Now, Waker: wakerFunc(func(time.Duration) {})})
		ctx, stop := context.WithTimeout(t.Context(), 21*time.Second)
		defer stop()
		if err := s.Run(ctx, func(detectors.Finding) {}); err != nil {
			t.Fatal(err)
		}
		if looks < 9 || looks > 11 {
			t.Errorf("%d looks of 100 ms in 21 s; want about 10", looks)
		}
	})
}
