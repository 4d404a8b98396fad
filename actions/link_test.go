package actions

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"oxtail/detectors"
	"oxtail/parser/profile"
)

func TestLinkByClue(t *testing.T) {
	const bertCache = `C:\Users\bert\AppData\Local\OXSTORE2\b2.odb`
	anna := oxProfile("Anna", annaServer, annaUser, annaCache)
	bert := oxProfile("Bert", "https://mail.example.net/ajax/", "bert", bertCache)
	anna.Source, bert.Source = "case/pc1/anna.reg", "case/pc2/bert.reg"
	carl := ostProfile("Carl", "Carl Muster", `C:\Users\carl\AppData\Local\Microsoft\Outlook\carl.ost`)
	carl.Source = "case/pc3/carl.reg"
	inv := inventory(anna, bert, carl)
	inv.Caches = []CacheFile{{Path: "case/pc2/OXSTORE2/b2.odb", Kind: "odb", State: CachePresent, Owner: "bert", Links: []CacheLink{{Path: bertCache, How: "tail"}}}}
	ox := func(source, text string) detectors.Finding { return uuidFinding("f1", source, text) }
	ost := func(source, text, mailbox string) detectors.Finding {
		f := finding("f1", "sync-store-corrupt", detectors.StoreCorrupt, detectors.RebuildOST, source, text)
		f.Mailbox = mailbox
		return f
	}
	for _, tt := range []struct {
		name    string
		finding detectors.Finding
		profile string // of the case; "" for none
		kind    EdgeKind
		filled  bool // the finding got its account, profiles and files
	}{
		{"whole cache path", ox("x.log", "UUID error in "+annaCache), "Anna", ByCachePath, true},
		{"cache path in another spelling", ox("x.log", `UUID error in \\?\c:/users/ANNA/AppData/Local/oxstore2/A1.PSZ`), "Anna", ByCachePath, true},
		{"cache path with a variable, log of the user", ox(`C:\Users\anna\log.txt`, `UUID error in %LOCALAPPDATA%\OXSTORE2\a1.odb`), "Anna", ByCacheName, true},
		{"German folder of XP", ox("x.log", `UUID: C:\Dokumente und Einstellungen\anna\Lokale Einstellungen\Anwendungsdaten\OXSTORE2\a1.odb`), "Anna", ByCachePath, true},
		{"name of the cache", ox("x.log", "UUID error in b2.odb"), "Bert", ByCacheName, true},
		{"name of the other file of the pair", ox("x.log", "UUID error in b2.psz"), "Bert", ByCacheName, true},
		{"name at the end of a sentence", ox("x.log", "UUID error in b2.psz. Next"), "Bert", ByCacheName, true},
		{"name of a leftover", ox("x.log", "UUID error in b2.odb.old"), "", "", false},
		{"server and user", ox("x.log", "UUID error at https://mail.example.net/ for user bert"), "Bert", ByServerUser, true},
		{"user alone", ox("x.log", "UUID error, user=bert"), "Bert", ByUser, true},
		{"server alone", ox("x.log", "UUID error from https://OX.EXAMPLE.ORG:443/ajax"), "Anna", ByServer, true},
		{"a word that is a user elsewhere", ox("x.log", "UUID error, bert is not named as a user"), "", "", false},
		{"SupportTool names the profile", ox("x.log", "UUID: Service 'OXSTOR_SVC' recreated in profile 'Bert', but there were warnings"), "Bert", BySupportTool, true},
		{"log beside the cache", ox("case/pc2/OXSTORE2/oxtstore_1.log", "UUID error"), "Bert", ByProximity, true},
		{"log in the user's folder", ox("zip!/C/Users/anna/AppData/Local/Temp/oxtstore_1.log", "UUID error"), "Anna", ByUserFolder, true},
		{"user named by the path, same folder", ox("case/pc1/anna/oxtstore_1.log", "UUID error"), "Anna", ByNamed, true},
		{"same folder only", ox("case/pc1/oxtstore_1.log", "UUID error"), "Anna", ByBundle, false},
		{"nothing", ox("elsewhere/oxtstore_1.log", "UUID error"), "", "", false},
		{"mailbox of a synchronisation log", ost("Sync.txt", "damaged", "Carl Muster"), "Carl", ByMailbox, true},
		{"an Outlook finding is not linked with OXtender", ost("case/pc1/Sync.txt", "damaged, "+annaUser, "Anna Beispiel"), "", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			findings := []detectors.Finding{tt.finding}
			c := Link(findings, inv)
			if len(c) != 1 || !slices.Contains(c[0].Findings, "f1") {
				t.Fatalf("got %d cases; want one with the finding", len(c))
			}
			if got := strings.Join(c[0].Profiles, " "); got != tt.profile {
				t.Fatalf("profiles %q; want %q; because %q", got, tt.profile, c[0].Because)
			}
			isKind := func(e Edge) bool { return e.From.Kind == NodeFinding && e.Kind == tt.kind }
			if tt.kind != "" && !slices.ContainsFunc(c[0].Edges, isKind) {
				t.Errorf("no edge of kind %s among %v", tt.kind, c[0].Edges)
			}
			if got := findings[0].Account != nil && len(findings[0].Profiles) == 1; got != tt.filled {
				t.Errorf("finding filled in: %v; want %v (%+v)", got, tt.filled, findings[0].Account)
			}
			for _, e := range c[0].Edges {
				if e.Source == "" || e.Kind == "" {
					t.Errorf("edge without source or kind: %+v", e)
				}
			}
		})
	}
}

// TestTie tells which stores a finding may belong to instead of taking one.
func TestTie(t *testing.T) {
	inv := inventory(oxProfile("A", annaServer, annaUser, annaCache), oxProfile("B", annaServer, "bert", `C:\Users\anna\AppData\Local\OXSTORE2\b2.odb`))
	c := Link([]detectors.Finding{uuidFinding("f1", "x.log", "UUID error from "+annaServer)}, inv)
	if len(c) != 1 || c[0].Account != nil {
		t.Fatalf("got %+v; want one case without account", c)
	}
	if why := strings.Join(c[0].Because, " "); !strings.Contains(why, annaUser) || !strings.Contains(why, "bert") {
		t.Errorf("reasons %q do not name both accounts", why)
	}
}

// TestSameLog carries what one line of a log proves to its other findings.
func TestSameLog(t *testing.T) {
	bert := oxProfile("B", annaServer, "bert", `C:\Users\anna\AppData\Local\OXSTORE2\b2.odb`)
	inv := inventory(oxProfile("A", annaServer, annaUser, annaCache), bert)
	inv.Logs = []Log{{Path: "x/oxtstore_1.log", Clues: []LogLine{{3, "sync started, server " + annaServer + " user bert"}}}}
	findings := []detectors.Finding{uuidFinding("f1", "x/oxtstore_1.log", "UUID already in use")}
	c := Link(findings, inv)
	if got := strings.Join(c[0].Profiles, " "); got != "B" {
		t.Fatalf("profiles %q; want B", got)
	}
	inv.Logs[0].Clues = append(inv.Logs[0].Clues, LogLine{9, "sync started, server " + annaServer + " user " + annaUser})
	c = Link([]detectors.Finding{uuidFinding("f1", "x/oxtstore_1.log", "UUID already in use")}, inv)
	if c[0].Account != nil {
		t.Errorf("a log of two accounts was given to %v", c[0].Account)
	}
}

// TestSystemsStayApart: an OXtender and an Exchange fault of one user are two cases
// that know of each other by time.
func TestSystemsStayApart(t *testing.T) {
	inv := inventory(oxProfile("A", annaServer, annaUser, annaCache), ostProfile("A2", "Anna", `C:\Users\anna\AppData\Local\Microsoft\Outlook\a.ost`))
	damaged := finding("f2", "sync-store-corrupt", detectors.StoreCorrupt, detectors.RebuildOST, "Sync.txt", "damaged")
	damaged.Mailbox = "Anna"
	cases := Cases([]detectors.Finding{uuidFinding("f1", "x.log", annaCache+" UUID"), damaged}, inv)
	if len(cases) != 2 {
		t.Fatalf("got %d cases; want 2", len(cases))
	}
	if cases[0].System != Exchange || cases[1].System != OXtender {
		t.Errorf("systems %s, %s; want exchange (worse), oxtender", cases[0].System, cases[1].System)
	}
	if !slices.Equal(cases[0].Meanwhile, []string{cases[1].ID}) {
		t.Errorf("meanwhile %v; want the other case", cases[0].Meanwhile)
	}
}

// bigCase has several of everything.
func bigCase() ([]detectors.Finding, *Inventory) {
	inv := inventory(
		oxProfile("A", annaServer, annaUser, annaCache), oxProfile("B", annaServer, annaUser, annaCache),
		oxProfile("C", annaServer, "carl", `C:\Users\carl\AppData\Local\OXSTORE2\c.odb`),
		ostProfile("D", "Doris", `C:\Users\doris\AppData\Local\Microsoft\Outlook\d.ost`),
	)
	inv.Caches = []CacheFile{
		{Path: "z/a1.odb", State: CachePresent, Modified: noon, Links: []CacheLink{{Path: annaCache, How: "tail"}}},
		{Path: "z/loose.psz", State: CacheOrphan}, {Path: "z/loose.odb", State: CacheOrphan},
	}
	inv.Logs = []Log{{Path: "p/oxtstore_1.log", Clues: []LogLine{{1, "user carl at " + annaServer}}}, {Path: "p/x.log"}}
	var findings []detectors.Finding
	for i, text := range []string{annaCache, "user carl", "loose.odb", "nothing", "server " + annaServer} {
		findings = append(findings, uuidFinding(fmt.Sprintf("f%d", i), "p/x.log", "UUID "+text), uuidFinding(fmt.Sprintf("g%d", i), "p/oxtstore_1.log", "UUID "+text))
	}
	mail := finding("m", "sync-item", detectors.Item, detectors.FixItem, "Sync.txt", "failed")
	mail.Mailbox = "Doris"
	return append(findings, mail, startUp("s", "p/x.log", 2)), inv
}

// TestOrderDoesNotMatter gives the same evidence in many orders.
func TestOrderDoesNotMatter(t *testing.T) {
	findings, inv := bigCase()
	want := asJSON(t, Cases(findings, inv))
	for seed := range 30 {
		findings, inv := bigCase()
		shuffle(findings, seed)
		shuffle(inv.Profiles, seed+1)
		shuffle(inv.Caches, seed+2)
		shuffle(inv.Logs, seed+3)
		if got := asJSON(t, Cases(findings, inv)); got != want {
			t.Fatalf("order %d changes the cases: %s", seed, firstDifference(got, want))
		}
	}
}

// shuffle orders a list by a fixed permutation.
func shuffle[T any](list []T, seed int) {
	state := uint32(seed*7919 + 1)
	for i := len(list) - 1; i > 0; i-- {
		state = state*1664525 + 1013904223
		j := int(state>>8) % (i + 1)
		list[i], list[j] = list[j], list[i]
	}
}

// firstDifference shows where two long texts part.
func firstDifference(got, want string) string {
	i := 0
	for i < min(len(got), len(want)) && got[i] == want[i] {
		i++
	}
	from := max(0, i-100)
	return fmt.Sprintf("got …%s… want …%s…", got[from:min(len(got), i+100)], want[from:min(len(want), i+100)])
}

func asJSON(t *testing.T, cases []Case) string {
	t.Helper()
	var b strings.Builder
	for i := range cases {
		data, err := json.Marshal(&cases[i])
		if err != nil {
			t.Fatal(err)
		}
		plan, err := json.Marshal(cases[i].Plan())
		if err != nil {
			t.Fatal(err)
		}
		lines, _ := cases[i].Chain()
		fmt.Fprintf(&b, "%s\n%s\n%v\n", data, plan, lines)
	}
	return b.String()
}

// TestEveryFindingHasOneCase: nothing is lost and nothing is told twice.
func TestEveryFindingHasOneCase(t *testing.T) {
	findings, inv := bigCase()
	count := map[string]int{}
	for _, c := range Link(findings, inv) {
		for _, id := range c.Findings {
			count[id]++
		}
	}
	for i := range findings {
		if n := count[findings[i].ID]; n != 1 {
			t.Errorf("finding %s stands in %d cases; want 1", findings[i].ID, n)
		}
	}
}

// TestChainFromAnyEnd: each node of a case leads back to it.
func TestChainFromAnyEnd(t *testing.T) {
	findings, inv := bigCase()
	for _, c := range Cases(findings, inv) {
		for _, e := range c.Edges {
			for _, n := range []Node{e.From, e.To} {
				if n.Kind != NodeAccount && !c.Holds(n.Name) {
					t.Errorf("case %s does not know its own %s", c.ID, n)
				}
			}
		}
		if c.Account != nil && (!c.Holds(c.Account.User) || c.Account.Server != "" && !c.Holds(strings.ToUpper(c.Account.Server))) {
			t.Errorf("case %s is not found by its account", c.ID)
		}
		if c.Holds("no such thing") || c.Holds("") {
			t.Error("a case is found by anything")
		}
	}
}

func TestNodeText(t *testing.T) {
	for _, n := range []Node{{NodeCache, `C:\a:b`}, {NodeProfile, ""}, {NodeLog, "z!/x:y"}} {
		text, _ := n.MarshalText()
		var back Node
		if err := back.UnmarshalText(text); err != nil || back != n {
			t.Errorf("%v → %s → %v (%v)", n, text, back, err)
		}
	}
	if err := new(Node).UnmarshalText([]byte("nothing")); err == nil {
		t.Error("a node without a kind was read")
	}
}

// TestDeletedProfilesDoNotCount: a leftover is no reference.
func TestDeletedProfilesDoNotCount(t *testing.T) {
	inv := inventory(oxProfile("A", annaServer, annaUser, annaCache))
	inv.Deleted = []profile.Profile{oxProfile("Old", annaServer, annaUser, annaCache)}
	c := worst(t, []detectors.Finding{uuidFinding("f1", "x.log", "UUID "+annaCache)}, inv)
	if len(c.BlockedBy) > 0 {
		t.Errorf("blocked by %v; want nothing", c.BlockedBy)
	}
}

// TestLinkChangesNoInventory: the inventory is evidence.
func TestLinkChangesNoInventory(t *testing.T) {
	findings, inv := bigCase()
	_, want := bigCase()
	Cases(findings, inv)
	if !reflect.DeepEqual(inv, want) {
		t.Error("the inventory was changed")
	}
}

func FuzzClues(f *testing.F) {
	seeds := []string{
		annaCache, `\\?\C:\x\a.psz, https://ox.example.org:443/a?b user=anna@example.org profile "X"`, "profil 'x", "b2.odb.old", "user: ", "http://", "%TEMP%\\a.ost",
	}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add(s)
	}
	inv := inventory(oxProfile("Anna", annaServer, annaUser, annaCache), ostProfile("Carl", "Carl", `C:\Users\carl\x.ost`))
	f.Fuzz(func(t *testing.T, text string) {
		cases := Cases([]detectors.Finding{uuidFinding("f1", text, text)}, inv)
		n := 0
		for _, c := range cases {
			n += len(c.Findings)
			c.Chain()
			c.Plan()
		}
		if n != 1 {
			t.Errorf("the finding stands in %d cases", n)
		}
		profilesSaid(text)
	})
}
