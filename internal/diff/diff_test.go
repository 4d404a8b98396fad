package diff

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"oxtail/actions"
	"oxtail/detectors"
	"oxtail/parser/profile"
)

func find(rule, source string, uuids ...string) detectors.Finding {
	return detectors.Finding{Rule: rule, Source: source, UUIDs: uuids, Severity: detectors.SeverityHigh}
}

// states writes pairs as "state rule before→after", by the sources.
func states(list []Pair) []string {
	var out []string
	for _, p := range list {
		before, after := "", ""
		if p.Before != nil {
			before = p.Before.Source
		}
		if p.After != nil {
			after = p.After.Source
		}
		out = append(out, fmt.Sprintf("%s %s %s→%s", p.State, p.Worst().Rule, before, after))
	}
	return out
}

func TestFindings(t *testing.T) {
	healed := func(f detectors.Finding) detectors.Finding { f.IsGone = true; return f }
	inFolder := func(f detectors.Finding, names ...string) detectors.Finding { f.Folders = names; return f }
	of := func(f detectors.Finding, mailbox string) detectors.Finding { f.Mailbox = mailbox; return f }
	type list = []detectors.Finding
	tests := map[string]struct {
		before, after list
		want          []string
	}{
		"same path inside other roots": {list{find("r", "a.zip!/logs/x.log", "u1")}, list{find("r", `b/logs/X.log`, "u1")}, []string{"persisting r a.zip!/logs/x.log→b/logs/X.log"}},
		"the log of another day":       {list{find("r", "a.zip!/x_2026-03-05.log", "u1")}, list{find("r", "b/x_2026-03-16.log", "u1")}, []string{"persisting r a.zip!/x_2026-03-05.log→b/x_2026-03-16.log"}},
		"another UUID is another fault": {list{find("r", "a.zip!/x", "u1")}, list{find("r", "b/x", "u2")},
			[]string{"new r →b/x", "gone r a.zip!/x→"}},
		"one shared UUID is enough":  {list{find("r", "a.zip!/x", "u1", "u2")}, list{find("r", "b/x", "u2", "u3")}, []string{"persisting r a.zip!/x→b/x"}},
		"another rule":               {list{find("r", "a.zip!/x", "u1")}, list{find("s", "b/x", "u1")}, []string{"new s →b/x", "gone r a.zip!/x→"}},
		"case of folders":            {list{inFolder(find("r", "a.zip!/x"), "Inbox")}, list{inFolder(find("r", "b/x"), "INBOX")}, []string{"persisting r a.zip!/x→b/x"}},
		"folder without UUID":        {list{inFolder(find("r", "a.zip!/x"), "Inbox")}, list{inFolder(find("r", "b/x"), "Sent")}, []string{"new r →b/x", "gone r a.zip!/x→"}},
		"no object at all":           {list{find("r", "a.zip!/x")}, list{find("r", "b/y")}, []string{"persisting r a.zip!/x→b/y"}},
		"healed is gone":             {list{find("r", "a.zip!/x", "u")}, list{healed(find("r", "b/x", "u"))}, []string{"gone r a.zip!/x→b/x"}},
		"what came back is new":      {list{healed(find("r", "a.zip!/x", "u"))}, list{find("r", "b/x", "u")}, []string{"new r a.zip!/x→b/x"}},
		"the nearest path first":     {list{find("r", "a.zip!/p/x1", "u"), find("r", "a.zip!/q/x2", "u")}, list{find("r", "b/q/x2", "u"), find("r", "b/p/x1", "u")}, []string{"persisting r a.zip!/q/x2→b/q/x2", "persisting r a.zip!/p/x1→b/p/x1"}},
		"two before, one after":      {list{find("r", "a.zip!/x", "u"), find("r", "a.zip!/y", "u")}, list{find("r", "b/y", "u")}, []string{"persisting r a.zip!/y→b/y", "gone r a.zip!/x→"}},
		"mailboxes of two people":    {list{of(find("r", "a.zip!/x", "u"), "anna")}, list{of(find("r", "b/x", "u"), "bruno")}, []string{"new r →b/x", "gone r a.zip!/x→"}},
		"a mailbox that is not told": {list{of(find("r", "a.zip!/x", "u"), "anna")}, list{find("r", "b/x", "u")}, []string{"persisting r a.zip!/x→b/x"}},
		"over all sources":           {list{find("r", "", "u")}, list{find("r", "", "u")}, []string{"persisting r →"}},
		"nothing":                    {nil, nil, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := Compare(&Side{Root: "a.zip", Findings: test.before}, &Side{Root: "./b", Findings: test.after})
			if d := cmp.Diff(test.want, states(r.Findings)); d != "" {
				t.Errorf("Compare (-want +got):\n%s", d)
			}
		})
	}
}

// TestEachOnce checks that no finding is lost or counted twice.
func TestEachOnce(t *testing.T) {
	var before, after []detectors.Finding
	for i := range 300 {
		before = append(before, find(fmt.Sprint("r", i%3), fmt.Sprint("a/", i%7), fmt.Sprint("u", i%11)))
		after = append(after, find(fmt.Sprint("r", i%4), fmt.Sprint("b/", i%5), fmt.Sprint("u", i%13), fmt.Sprint("u", i%2)))
	}
	seen := map[*detectors.Finding]int{}
	persisting := 0
	for _, p := range Compare(&Side{Root: "a", Findings: before}, &Side{Root: "b", Findings: after}).Findings {
		seen[p.Before]++
		seen[p.After]++
		if p.State == Persist {
			persisting++
		}
	}
	delete(seen, nil)
	for f, n := range seen {
		if n != 1 {
			t.Errorf("%v stands in %d pairs, want 1", f, n)
		}
	}
	if len(seen) != len(before)+len(after) || persisting == 0 {
		t.Errorf("%d findings in pairs, %d persisting; want %d, and some", len(seen), persisting, len(before)+len(after))
	}
}

func TestPlace(t *testing.T) {
	tests := []struct{ root, name, want string }{
		{"a.zip", "a.zip!/Logs/X.log", "logs/x.log"},
		{"dir/", "dir/logs/x.log", "logs/x.log"},
		{"./dir", "dir/x.log", "x.log"},
		{"dir", `dir\C\Users\x`, "c/users/x"},
		{"dir", `C:\Users\x`, "c/users/x"}, // as a profile has it
		{"x.log", "x.log", ""},
		{"dir", "directory/x", "directory/x"},
		{"a.zip", "a.zip!/in.zip!/x", "in.zip!/x"},
	}
	for _, test := range tests {
		if got := place(test.root, test.name); got != test.want {
			t.Errorf("place(%q, %q) = %q, want %q", test.root, test.name, got, test.want)
		}
	}
}

func TestProfiles(t *testing.T) {
	one := func(name, user, cache string) profile.Profile {
		return profile.Profile{Name: name, Display: name, Root: "Outlook", Services: []profile.Service{{
			UID: "1", Name: "OXSTOR_SVC", Display: "OX", Account: &profile.Account{Server: "https://s", User: user}, CacheFiles: []string{cache},
		}}}
	}
	before := &actions.Inventory{Profiles: []profile.Profile{one("Same", "anna", "a"), one("Moved", "anna", "b"), one("Old", "anna", "c")}}
	after := &actions.Inventory{Profiles: []profile.Profile{one("Fresh", "anna", "c"), one("MOVED", "bruno", "b"), one("Same", "anna", "a")}}
	var got []string
	for _, c := range Compare(&Side{Inventory: before}, &Side{Inventory: after}).Profiles {
		got = append(got, fmt.Sprintf("%s %s: %d facts were, %d are", c.State, c.Name, len(c.Was), len(c.Now)))
	}
	want := []string{"new Fresh: 0 facts were, 3 are", "changed MOVED: 1 facts were, 1 are", "gone Old: 3 facts were, 0 are"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("Profiles (-want +got):\n%s", d)
	}
}

func TestCaches(t *testing.T) {
	file := func(path, state string, bytes int64) actions.CacheFile {
		return actions.CacheFile{Path: path, State: state, Bytes: bytes}
	}
	before := &Side{Root: "a.zip", Inventory: &actions.Inventory{Caches: []actions.CacheFile{
		file("a.zip!/C/Users/anna/a.odb", "present", 10), file("a.zip!/C/Users/anna/same.odb", "present", 7), file("a.zip!/old/moved.odb", "present", 5),
	}}}
	after := &Side{Root: "b", Inventory: &actions.Inventory{Caches: []actions.CacheFile{
		file(`C:\Users\anna\a.odb`, "missing", -1), file("b/C/Users/anna/same.odb", "present", 7), file("b/new/moved.odb", "present", 5), file("b/x.pst", "orphan", 1),
	}}}
	var got []string
	for _, c := range Compare(before, after).Caches {
		got = append(got, fmt.Sprintf("%s %s: %s | %s", c.State, c.Name, strings.Join(c.Was, ","), strings.Join(c.Now, ",")))
	}
	want := []string{"new b/x.pst:  | state orphan,1 bytes", `changed C:\Users\anna\a.odb: state present,10 bytes | state missing`}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("Caches (-want +got):\n%s", d)
	}
}

func TestTemplates(t *testing.T) {
	list := func(patterns ...string) (out []detectors.Template) {
		for _, p := range patterns {
			out = append(out, detectors.Template{Pattern: p})
		}
		return out
	}
	var got []string
	for _, c := range Compare(&Side{Templates: list("a", "b")}, &Side{Templates: list("c", "b", "d")}).Templates {
		got = append(got, string(c.State)+" "+c.Template.Pattern)
	}
	if d := cmp.Diff([]string{"new c", "new d", "gone a"}, got); d != "" {
		t.Errorf("Templates (-want +got):\n%s", d)
	}
}
