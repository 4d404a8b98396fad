package caches

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// profilesDir is beside the repository; part of the files are other people's and stay out of it.
const profilesDir = "../../../shared/samples/profiles"

// sampleProfile is what this package needs of an expected inventory.
type sampleProfile struct {
	Name     string
	Services []struct {
		OST       string `json:"ost_path"`
		Providers []struct{ Paths []string }
	}
}

// sampleReferences reads the cache paths of one expected inventory; nil when the file describes no profiles.
func sampleReferences(t *testing.T, name string) []Reference {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var profiles []sampleProfile
	if err := json.Unmarshal(raw, &profiles); err != nil {
		return nil
	}
	var refs []Reference
	for _, p := range profiles {
		for _, s := range p.Services {
			if s.OST != "" {
				refs = append(refs, Reference{Path: s.OST, Profile: p.Name})
			}
			for _, provider := range s.Providers {
				for _, path := range provider.Paths {
					refs = append(refs, Reference{Path: path, Profile: p.Name})
				}
			}
		}
	}
	return refs
}

func TestMatchSampleProfiles(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(profilesDir, "*.expected.json"))
	if len(files) == 0 {
		t.Skip("profile samples are not there")
	}
	checked := 0
	for _, name := range files {
		refs := sampleReferences(t, name)
		var bundle []string
		for _, r := range refs {
			bundle = append(bundle, "case.zip!/"+strings.ReplaceAll(strings.Replace(r.Path, ":", "", 1), `\`, "/"))
		}
		for _, c := range Match(paths(bundle...), refs, nil) {
			checked++
			if c.State != StatePresent || len(c.Profiles) == 0 || c.User == "" {
				t.Errorf("%s: %s is %s, profiles %q, user %q", filepath.Base(name), c.Path, c.State, c.Profiles, c.User)
			}
			if want := strings.Contains(name, "two_profiles"); want != (len(c.Profiles) == 2) {
				t.Errorf("%s: %s has profiles %q; shared by two is %v", filepath.Base(name), c.Path, c.Profiles, want)
			}
		}
	}
	if checked == 0 {
		t.Fatal("no cache path in any sample")
	}
}

func FuzzMatch(f *testing.F) {
	seeds := [][2]string{
		{"b.zip!/C/Users/alex/AppData/Local/OXSTORE2/x.odb\nb.zip!/x.psz", place + "x.odb\n%LOCALAPPDATA%\\y.ost"},
		{"a/b/x.odb\na/c/x.odb\nx (2).ost.old", `\\?\UNC\s\b\x.odb`},
	}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add(s[0], s[1], "alex")
	}
	f.Fuzz(func(t *testing.T, files, references, user string) {
		found := paths(strings.Split(files, "\n")...)
		var refs []Reference
		for _, r := range strings.Split(references, "\n") {
			refs = append(refs, Reference{Path: r, Profile: "A", User: user})
		}
		got := Match(found, refs, nil)
		kept := slices.DeleteFunc(slices.Clone(got), func(c Cache) bool { return c.State == StateMissing })
		if len(kept) != len(found) {
			t.Errorf("%d caches became %d", len(found), len(kept))
		}
		for _, c := range got {
			if c.Path == "" || c.State == "" || c.Kind == "" || (c.State == StateOrphan) && len(c.Links) > 0 {
				t.Errorf("inconsistent: %+v", c)
			}
		}
		slices.Reverse(refs)
		if again := Match(found, refs, nil); !slices.Equal(states(again), states(got)) {
			t.Errorf("order of references matters:\n%q\n%q", states(got), states(again))
		}
	})
}
