package caches

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

const place = `C:\Users\alex\AppData\Local\OXSTORE2\`

// states is "path state profiles" of each cache, in order.
func states(caches []Cache) []string {
	var got []string
	for _, c := range caches {
		line := fmt.Sprintf("%s %s", c.Path, c.State)
		if len(c.Profiles) > 0 {
			line += " " + strings.Join(c.Profiles, ",")
		}
		got = append(got, line)
	}
	return got
}

func paths(list ...string) []Cache {
	var candidates []Candidate
	for _, p := range list {
		candidates = append(candidates, Candidate{Path: p, Size: 1})
	}
	return Inventory(candidates)
}

func TestMatch(t *testing.T) {
	const odb = place + "x.odb"
	for _, tt := range []struct {
		name   string
		caches []Cache
		refs   []Reference
		owners []string
		want   []string
	}{
		{"no profiles read", paths(odb), nil, nil, []string{odb + " present"}},
		{"profiles read, none points to it", paths(odb), []Reference{}, nil, []string{odb + " orphan"}},
		{"profiles of somebody else read", paths(odb), []Reference{}, []string{"bob"}, []string{odb + " present"}},
		{"two profiles, any spelling", paths(odb),
			[]Reference{{Path: `\\?\c:/users/ALEX/appdata/local/oxstore2/X.ODB`, Profile: "B"}, {Path: odb, Profile: "A"}}, nil,
			[]string{odb + " present A,B"}},
		{"variable of a known user", paths(odb), []Reference{{Path: `%LOCALAPPDATA%\OXSTORE2\x.odb`, Profile: "A", User: "Alex", Exact: true}}, nil,
			[]string{odb + " present A"}},
		{"variable of another user", paths(odb), []Reference{{Path: `%LOCALAPPDATA%\OXSTORE2\x.odb`, Profile: "A", User: "bob"}}, nil,
			[]string{`%LOCALAPPDATA%\OXSTORE2\x.odb missing A`, odb + " orphan"}},
		{"variable of an unknown user", paths(odb), []Reference{{Path: `%LOCALAPPDATA%\OXSTORE2\x.odb`, Profile: "A"}}, nil,
			[]string{odb + " present A"}},
		{"bundle", paths("bundle.zip!/C/Users/alex/AppData/Local/OXSTORE2/x.odb"), []Reference{{Path: odb, Profile: "A"}}, nil,
			[]string{"bundle.zip!/C/Users/alex/AppData/Local/OXSTORE2/x.odb present A"}},
		{"bundle of another user", paths("b.zip!/C/Users/bob/AppData/Local/OXSTORE2/x.odb"), []Reference{{Path: odb, Profile: "A"}}, nil,
			[]string{"b.zip!/C/Users/bob/AppData/Local/OXSTORE2/x.odb orphan", odb + " missing A"}},
		{"the longest end wins", paths("b/C/Users/alex/AppData/Local/OXSTORE2/x.odb", "b/copy/OXSTORE2/x.odb"), []Reference{{Path: odb, Profile: "A"}}, nil,
			[]string{"b/C/Users/alex/AppData/Local/OXSTORE2/x.odb present A", "b/copy/OXSTORE2/x.odb orphan"}},
		{"two ends alike", paths("b/1/OXSTORE2/x.odb", "b/2/OXSTORE2/x.odb"), []Reference{{Path: odb, Profile: "A"}}, nil,
			[]string{"b/1/OXSTORE2/x.odb present", "b/2/OXSTORE2/x.odb present"}},
		{"two places, one file", paths("b/OXSTORE2/x.odb"),
			[]Reference{{Path: odb, Profile: "A"}, {Path: `C:\Users\bob\AppData\Local\OXSTORE2\x.odb`, Profile: "B"}}, nil,
			[]string{"b/OXSTORE2/x.odb present"}},
		{"file name alone is not enough", paths("b/x.odb"), []Reference{{Path: odb, Profile: "A"}}, nil,
			[]string{"b/x.odb orphan", odb + " missing A"}},
		{"this computer: ends do not count", paths(`D:\copy\OXSTORE2\x.odb`), []Reference{{Path: odb, Profile: "A", Exact: true}}, nil,
			[]string{odb + " missing A", `D:\copy\OXSTORE2\x.odb orphan`}},
		{"a weaker place is missing", paths(odb), []Reference{{Path: odb, Profile: "A"}, {Path: `D:\OXSTORE2\x.odb`, Profile: "B"}}, nil,
			[]string{odb + " present A", `D:\OXSTORE2\x.odb missing B`}},
		{"German XP", paths("b.zip!/C/Dokumente und Einstellungen/alex/Lokale Einstellungen/Anwendungsdaten/OXSTORE2/x.odb"),
			[]Reference{{Path: `C:\Dokumente und Einstellungen\alex\Lokale Einstellungen\Anwendungsdaten\OXSTORE2\x.odb`, Profile: "A"}}, nil,
			[]string{"b.zip!/C/Dokumente und Einstellungen/alex/Lokale Einstellungen/Anwendungsdaten/OXSTORE2/x.odb present A"}},
		{"English XP, by variable", paths(`C:\Documents and Settings\alex\Local Settings\Application Data\OXSTORE2\x.odb`),
			[]Reference{{Path: `%USERPROFILE%\Local Settings\Application Data\OXSTORE2\x.odb`, Profile: "A", User: "alex"}}, nil,
			[]string{`C:\Documents and Settings\alex\Local Settings\Application Data\OXSTORE2\x.odb present A`}},
		{"the pair has one path", paths(odb, place+"X.psz"), []Reference{{Path: odb, Profile: "A"}}, nil,
			[]string{odb + " present A", place + "X.psz present A"}},
		{"half a pair", paths(place + "x.psz"), []Reference{{Path: odb, Profile: "A"}}, nil,
			[]string{odb + " missing A", place + "x.psz present A"}},
		{"numbered, but in use", paths(`C:\o\alex (2).ost`), []Reference{{Path: `C:\o\alex (2).ost`, Profile: "A"}}, nil,
			[]string{`C:\o\alex (2).ost present A`}},
		{"leftover stays a leftover", paths(odb+".old", odb), []Reference{{Path: odb, Profile: "A"}}, nil,
			[]string{odb + " present A", odb + ".old stale"}},
		{"a path to no cache is not missing", nil, []Reference{{Path: `C:\Users\alex\AppData\Local\OXSTORE2`, Profile: "A"}, {Path: ""}}, nil, nil},
	} {
		if got := states(Match(tt.caches, tt.refs, tt.owners)); !slices.Equal(got, tt.want) {
			t.Errorf("%s:\ngot  %q\nwant %q", tt.name, got, tt.want)
		}
	}
}

func TestMatchTellsItsReasons(t *testing.T) {
	account := &Account{Server: "https://ox.example.org", User: "alex"}
	got := Match(paths("b/OXSTORE2/x.odb"), []Reference{
		{Path: place + "x.odb", Profile: "A", Account: account, Source: `HKCU\…\A`},
		{Path: place + "x.odb", Profile: "B", Account: &Account{Server: "https://other.example.org", User: "alex"}},
	}, nil)
	wantLinks := []Link{
		{Profile: "A", How: HowTail, Source: `HKCU\…\A`, Path: place + "x.odb"},
		{Profile: "B", How: HowTail, Path: place + "x.odb"},
	}
	if !reflect.DeepEqual(got[0].Links, wantLinks) || *got[0].Account != *account {
		t.Errorf("got links %+v, account %+v; want %+v, %+v", got[0].Links, got[0].Account, wantLinks, account)
	}
	if want := "another profile names it for account alex at https://other.example.org"; !slices.Contains(got[0].Notes, want) {
		t.Errorf("got notes %q; want one that says %q", got[0].Notes, want)
	}
	ambiguous := Match(paths("b/1/OXSTORE2/x.odb", "b/2/OXSTORE2/x.odb"), []Reference{{Path: place + "x.odb"}}, nil)
	for _, c := range ambiguous {
		if !slices.ContainsFunc(c.Notes, func(n string) bool { return strings.HasPrefix(n, "ambiguous: ") }) {
			t.Errorf("%s: got notes %q; want one that says ambiguous", c.Path, c.Notes)
		}
	}
}

func TestMatchDoesNotDependOnOrder(t *testing.T) {
	list := []string{"b/C/Users/alex/AppData/Local/OXSTORE2/x.odb", "b/1/OXSTORE2/x.odb", "b/1/OXSTORE2/x.psz", place + "y.ost", "z/y.ost.old"}
	refs := []Reference{
		{Path: place + "x.odb", Profile: "A"}, {Path: `%LOCALAPPDATA%\OXSTORE2\x.odb`, Profile: "B", User: "alex"},
		{Path: place + "y.ost", Profile: "C"}, {Path: place + "gone.ost", Profile: "C"},
	}
	want := states(Match(paths(list...), refs, nil))
	slices.Reverse(list)
	slices.Reverse(refs)
	before := paths(list...)
	kept := states(before)
	if got := states(Match(before, refs, nil)); !slices.Equal(got, want) {
		t.Errorf("reversed input:\ngot  %q\nwant %q", got, want)
	}
	if !slices.Equal(states(before), kept) {
		t.Error("Match changed its input")
	}
}

func TestMatchManyProfiles(t *testing.T) {
	var list []string
	var refs []Reference
	for i := range 500 {
		path := fmt.Sprintf(`C:\Users\u%d\AppData\Local\OXSTORE2\x.odb`, i)
		list = append(list, "b.zip!/"+strings.ReplaceAll(strings.Replace(path, ":", "", 1), `\`, "/"))
		refs = append(refs, Reference{Path: path, Profile: fmt.Sprint(i)})
	}
	for _, c := range Match(paths(list...), refs, nil) {
		if c.State != StatePresent || len(c.Profiles) != 1 || "u"+c.Profiles[0] != c.User {
			t.Fatalf("%s: got %s, profiles %v, user %s", c.Path, c.State, c.Profiles, c.User)
		}
	}
}
