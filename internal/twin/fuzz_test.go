package twin

import (
	"bytes"
	"testing"

	"oxtail/actions"
	"oxtail/actions/apply"
)

// FuzzJournal: no bytes make the check panic, and what was changed is never sound unless
// only its end was torn.
func FuzzJournal(f *testing.F) {
	m, journal, heads := journalOfRun(f)
	journal, heads = firstLines(journal, 5), firstLines(heads, 5) // the first entry holds the plan and is long; a few are enough
	f.Add(journal, heads)
	f.Add(journal[:len(journal)-7], heads)
	f.Add(bytes.Replace(journal, []byte("done"), []byte("dome"), 1), heads)
	f.Add([]byte("{}\n"), []byte("1 x\n"))
	f.Fuzz(func(t *testing.T, data, listed []byte) {
		m.Put(m.StateFolder()+`\journal.jsonl`, data)
		m.Put(m.StateFolder()+`\journal.heads`, listed)
		check, err := apply.CheckJournal(t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
		if check.Sound() && check.Recovered == 0 && len(check.Entries) > 0 && !bytes.HasPrefix(journal, data[:len(data)-len(check.Torn)]) {
			// A chain of valid checksums that is not ours takes somebody who makes them.
			for i, e := range check.Entries {
				if e.Number != i+1 {
					t.Errorf("entry %d is number %d and sound", i, e.Number)
				}
			}
		}
	})
}

// firstLines cuts a text behind some lines, without the first one, which is long.
func firstLines(data []byte, n int) []byte {
	lines := bytes.SplitAfterN(data, []byte("\n"), n+2)
	return bytes.Join(lines[1:n+1], nil)
}

// journalOfRun makes the journal of one run.
func journalOfRun(f *testing.F) (m *Twin, journal, heads []byte) {
	f.Helper()
	m, err := New(Config{
		Registry: annasHive(), Identity: anna, Now: noon, Silent: []string{"OXSTOR_SVC"},
		Files: []File{{Path: odb, Data: []byte("odb"), Modified: noon}},
	})
	if err != nil {
		f.Fatal(err)
	}
	inv, err := m.inventory()
	if err != nil {
		f.Fatal(err)
	}
	all := actions.Inventory{Profiles: inv.Profiles}
	stores := all.Stores()
	p := actions.NewPlan(actions.PlanRecreateService, &stores[0])
	if err := p.Seal("test", ""); err != nil {
		f.Fatal(err)
	}
	if _, err := apply.New(m, apply.Options{Choices: apply.Choices{Mode: apply.ModeCopy}, Tool: "test", Console: &yes{}}).Apply(f.Context(), p); err != nil {
		f.Fatal(err)
	}
	files := m.Files()
	return m, files[m.StateFolder()+`\journal.jsonl`], files[m.StateFolder()+`\journal.heads`]
}

// FuzzRestore: no export makes the twin panic, and one that reaches outside of its key
// changes nothing.
func FuzzRestore(f *testing.F) {
	f.Add([]byte("Windows Registry Editor Version 5.00\r\n\r\n[HKEY_CURRENT_USER\\k]\r\n\"a\"=\"b\"\r\n"))
	f.Add([]byte("Windows Registry Editor Version 5.00\r\n\r\n[HKEY_CURRENT_USER\\k]\r\n[HKEY_CURRENT_USER\\Software]\r\n"))
	f.Fuzz(func(t *testing.T, reg []byte) {
		m, err := New(Config{Registry: annasHive(), Identity: anna, Now: noon})
		if err != nil {
			t.Fatal(err)
		}
		before, _ := m.Registry()
		if m.RestoreKey(t.Context(), "k", reg) != nil {
			if after, _ := m.Registry(); !bytes.Equal(before, after) {
				t.Error("a failed restore changed the registry")
			}
			return
		}
		m.root.remove("k")
		if after, _ := m.Registry(); !bytes.Equal(before, after) {
			t.Error("the restore of one key changed another")
		}
	})
}
