package dossier

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oxtail/detectors"
	"oxtail/parser"
	"oxtail/parser/formats"
)

const id = parser.UUID("5d1c2a40-0000-4000-8000-00000000a001")

// tell gathers the dossier of id from logs by name.
func tell(t *testing.T, logs map[string]string) Dossier {
	t.Helper()
	dir := t.TempDir()
	for name, text := range logs {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	set, err := formats.Default()
	if err != nil {
		t.Fatal(err)
	}
	rules, err := detectors.Default()
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	res, err := Gather(context.Background(), id, []string{"."}, Options{Reader: parser.Options{Formats: set.Formats()}, Rules: rules})
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Skipped) > 0 || len(res.Problems) > 0 {
		t.Errorf("skipped %v, problems %v", res.Skipped, res.Problems)
	}
	return res.Dossier
}

func TestAllSpellings(t *testing.T) {
	d := tell(t, map[string]string{"a.log": `2026-11-03 08:00:01 ERROR UUID 5d1c2a40-0000-4000-8000-00000000a001 already in use, folder 'Contacts'
2026-11-03 08:00:02 INFO upload of {5D1C2A40-0000-4000-8000-00000000A001}
2026-11-03 08:00:03 INFO 5D1C2A4000004000800000000000A001 saved
2026-11-03 08:00:04 INFO another 5d1c2a40-0000-4000-8000-00000000a002
2026-11-03 08:00:05 INFO 05d1c2a4000004000800000000000a0011 is a longer number
`})
	if d.Records != 3 || len(d.Entries) != 3 {
		t.Fatalf("%d records; want 3: %+v", d.Records, d.Entries)
	}
	if len(d.Spellings) != 3 {
		t.Errorf("spellings %q; want 3", d.Spellings)
	}
	if d.FirstError == nil || d.FirstError.Line != 1 || d.LastSuccess == nil || d.LastSuccess.Line != 3 || d.State != StateHealed {
		t.Errorf("first error %+v, last success %+v, state %s; want lines 1, 3, healed", d.FirstError, d.LastSuccess, d.State)
	}
	if !slices.Equal(d.Folders, []string{"Contacts"}) || !slices.Contains(d.Operations, "upload") {
		t.Errorf("folders %q, operations %q", d.Folders, d.Operations)
	}
}

// TestOrderOfTime merges files; records without a time stay behind the one before them.
func TestOrderOfTime(t *testing.T) {
	u := string(id)
	d := tell(t, map[string]string{
		"b.log": "2026-11-03 08:00:02 INFO second " + u + "\n2026-11-03 08:00:04 INFO fourth " + u + "\n",
		"a.log": "2026-11-03 08:00:01 INFO first " + u + "\n2026-11-03 08:00:03 INFO third " + u + "\n",
	})
	var order []string
	for _, e := range d.Entries {
		order = append(order, strings.Fields(e.Text)[3])
	}
	if got := strings.Join(order, " "); got != "first second third fourth" {
		t.Errorf("order %q", got)
	}
	if d.State != StateUnknown {
		t.Errorf("state %s; want unknown", d.State)
	}
}

func TestStates(t *testing.T) {
	const bad = "2026-11-03 08:00:0%d ERROR UUID 5d1c2a40-0000-4000-8000-00000000a001 already mapped\n"
	const good = "2026-11-03 08:00:0%d INFO object 5d1c2a40-0000-4000-8000-00000000a001 synced\n"
	at := func(pattern string, n string) string { return strings.Replace(pattern, "%d", n, 1) }
	for name, tt := range map[string]struct {
		log  string
		want State
	}{
		"failing":          {at(bad, "1"), StateFailing},
		"failing again":    {at(bad, "1") + at(good, "2") + at(bad, "3"), StateFailing},
		"healed":           {at(bad, "1") + at(good, "2"), StateHealed},
		"fine":             {at(good, "1"), StateFine},
		"absent":           {"2026-11-03 08:00:01 INFO nothing\n", StateAbsent},
		"not saved":        {"2026-11-03 08:00:01 INFO 5d1c2a40-0000-4000-8000-00000000a001 could not be saved\n", StateUnknown},
		"time on its head": {at(good, "5") + at(bad, "1"), StateHealed},
	} {
		if d := tell(t, map[string]string{"x.log": tt.log}); d.State != tt.want {
			t.Errorf("%s: state %s; want %s", name, d.State, tt.want)
		}
	}
}

func TestConflicts(t *testing.T) {
	const other = "5d1c2a40-0000-4000-8000-00000000a002"
	for name, tt := range map[string]struct {
		log  string
		kind ConflictKind // "" for none
		want string       // in the detail
	}{
		"remapped":       {"mapped UUID " + string(id) + " to object 17\nmapped UUID " + string(id) + " to object 18\n", RemappedUUID, "object 17, then → object 18"},
		"remapped uuid":  {"UUID " + string(id) + " -> " + other + "\nUUID {" + strings.ToUpper(string(id)) + "} already mapped to 5d1c2a4000004000800000000000a003\n", RemappedUUID, other},
		"claimed twice":  {"UUID " + string(id) + " mapped to object 17\nUUID " + other + " mapped to object 17\n", ClaimedTwice, "object 17 is claimed by"},
		"orphan":         {"No DataObject with UUID " + string(id) + "\n", OrphanUUID, "no record maps it"},
		"same again":     {"mapped UUID " + string(id) + " to object 17\nmapped UUID " + string(id) + " to object 17\n", "", ""},
		"known before":   {"mapped UUID " + string(id) + " to object 17\nNo DataObject with UUID " + string(id) + "\n", "", ""},
		"two of its own": {"UUID " + other + " mapped to object 1\nUUID " + other + " mapped to object 2\nsee " + string(id) + "\n", "", ""},
	} {
		d := tell(t, map[string]string{"x.log": tt.log})
		if tt.kind == "" {
			if len(d.Conflicts) > 0 {
				t.Errorf("%s: conflicts %+v; want none", name, d.Conflicts)
			}
			continue
		}
		if len(d.Conflicts) != 1 || d.Conflicts[0].Kind != tt.kind || !strings.Contains(d.Conflicts[0].Detail, tt.want) {
			t.Errorf("%s: conflicts %+v; want one %s with %q", name, d.Conflicts, tt.kind, tt.want)
			continue
		}
		if len(d.Conflicts[0].Places) == 0 {
			t.Errorf("%s: the conflict names no place", name)
		}
	}
}

// TestPathsInAnyOrder gives the same dossier.
func TestPathsInAnyOrder(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.log": "mapped UUID " + string(id) + " to object 17\n", "b.log": "2026-11-03 08:00:01 INFO " + string(id) + "\n",
		"c.log": "mapped UUID " + string(id) + " to object 18\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	var first string
	for _, paths := range [][]string{{"a.log", "b.log", "c.log"}, {"c.log", "b.log", "a.log"}} {
		res, err := Gather(context.Background(), id, paths, Options{})
		if err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(res.Dossier)
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = string(data)
		}
		if string(data) != first {
			t.Errorf("order of paths changes the dossier:\n%s\nwant\n%s", data, first)
		}
	}
}

func FuzzMappings(f *testing.F) {
	seeds := []string{
		"UUID " + string(id) + " already mapped to {" + string(id) + "}", "mapped UUID 5d1c2a4000004000800000000000a001 to item id=4711/3",
		string(id) + " -> object 5", "in use by object 12", "→",
	}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rec := &parser.Record{Text: text, UUIDs: parser.UUIDs(text), Line: 1}
		for _, m := range mappingsIn("x", rec) {
			if m.To == "" || m.To == string(m.UUID) || m.To == "object " {
				t.Errorf("%q gives %+v", text, m)
			}
		}
		spelling(text, id)
		operationOf(rec)
		outcomeOf(rec, nil)
	})
}
