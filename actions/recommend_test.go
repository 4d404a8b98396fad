package actions

import (
	"strings"
	"testing"

	"oxtail/detectors"
	"oxtail/parser/profile"
)

// worst returns the first case; there must be one.
func worst(t *testing.T, findings []detectors.Finding, inv *Inventory) Case {
	t.Helper()
	cases := Cases(findings, inv)
	if len(cases) == 0 {
		t.Fatal("there is no case")
	}
	return cases[0]
}

const provider = "case/oxtstore_1.log"

func TestGates(t *testing.T) {
	one := inventory(oxProfile("Outlook", annaServer, annaUser, annaCache))
	two := inventory(oxProfile("Outlook", annaServer, annaUser, annaCache), oxProfile("Alt", "https://OX.example.org:443/ajax", "Anna@Example.org", annaCache))
	other := inventory(oxProfile("Outlook", annaServer, annaUser, annaCache), oxProfile("Alt", annaServer, "bert@example.org", `C:\Users\anna\AppData\Local\OXSTORE2\b2.odb`))
	twice := oxProfile("Outlook", annaServer, annaUser, annaCache)
	twice.Services = append(twice.Services, oxService("second", annaServer, annaUser, annaCache))
	cacheOnly := inventory(oxProfile("Outlook", "", "", annaCache), oxProfile("Alt", "", "", strings.ToLower(annaCache)))
	users := inventory(oxProfile("Outlook", annaServer, annaUser, annaCache), oxProfile("Privat", annaServer, annaUser, `C:\Users\bert\AppData\Local\OXSTORE2\a1.odb`))
	users.Profiles[1].Source = "case/bert.reg"

	before, after := oxProfile("Outlook", annaServer, annaUser, annaCache), oxProfile("outlook", annaServer, annaUser, annaCache)
	before.Source, after.Source, after.Services[0].UID = "case/before.reg", "case/after.reg", "new"
	states := inventory(before, after)
	seldom := finding("f1", "own-rule", detectors.UUIDMapping, detectors.RecreateService, provider, "UUID "+annaCache)
	seldom.Count = 1

	unowned := inventory(oxProfile("Outlook", annaServer, annaUser, annaCache), oxProfile("Alt", annaServer, annaUser, ""))
	unowned.Profiles[1].Source = "case/alt.reg"

	full := "UUID already in use, server " + annaServer + " user " + annaUser
	for _, tt := range []struct {
		name     string
		findings []detectors.Finding
		inv      *Inventory
		verdict  detectors.Verdict
		action   detectors.Action
		sure     detectors.Confidence
		blocked  string // start of the only reason; "" for none
	}{
		{"one profile", []detectors.Finding{uuidFinding("f1", provider, full)}, one, detectors.UUIDMapping, detectors.RecreateService, detectors.Likely, ""},
		{"two profiles", []detectors.Finding{uuidFinding("f1", provider, full)}, two, detectors.UUIDMapping, detectors.RecreateService, detectors.Likely, BlockSharedCache + ": 2 services refer to the account: Alt, Outlook"},
		{"two accounts", []detectors.Finding{uuidFinding("f1", provider, full)}, other, detectors.UUIDMapping, detectors.RecreateService, detectors.Likely, ""},
		{"two services of one profile", []detectors.Finding{uuidFinding("f1", provider, full)}, inventory(twice), detectors.UUIDMapping, detectors.RecreateService, detectors.Likely, BlockSharedCache + ": 2 services refer to the account: Outlook (2 services)"},
		{"one cache, accounts not known", []detectors.Finding{uuidFinding("f1", provider, "UUID already in use, cache "+annaCache)}, cacheOnly, detectors.UUIDMapping, detectors.RecreateService, detectors.Likely, BlockSharedCache},
		{"two Windows users have a cache each", []detectors.Finding{uuidFinding("f1", provider, "UUID already in use, cache "+annaCache)}, users, detectors.UUIDMapping, detectors.RecreateService, detectors.Likely, ""},
		{"one profile before and after a repair", []detectors.Finding{uuidFinding("f1", provider, full)}, states, detectors.UUIDMapping, detectors.RecreateService, detectors.Likely, ""},
		{"Windows user of one profile is not known", []detectors.Finding{uuidFinding("f1", provider, full)}, unowned, detectors.UUIDMapping, detectors.RecreateService, detectors.Likely, BlockSharedCache},
		{"seen once only", []detectors.Finding{seldom}, one, detectors.UUIDMapping, detectors.Retry, detectors.Likely, ""},
		{"no profiles were read", []detectors.Finding{uuidFinding("f1", provider, full)}, nil, detectors.UUIDMapping, detectors.RecreateService, detectors.Likely, BlockNotCounted},
		{"only shared, no fault", nil, two, detectors.SharedCache, detectors.CheckProfile, detectors.Certain, ""},
		{"not persisted", []detectors.Finding{finding("f1", "uuid-in-use", detectors.UUIDMapping, detectors.Retry, provider, full)}, one, detectors.UUIDMapping, detectors.Retry, detectors.Likely, ""},
		{"retryable code", []detectors.Finding{finding("f1", "uuid-in-use", detectors.UUIDMapping, detectors.RecreateService, provider, full, "SVL-0015")}, one, detectors.UUIDMapping, "", detectors.Likely, ""},
		{"permission", []detectors.Finding{finding("f1", "own-rule", detectors.Permission, detectors.RecreateService, provider, full)}, one, detectors.Permission, detectors.Manual, detectors.Likely, ""},
		{"address book", []detectors.Finding{finding("f1", "own-rule", detectors.AddressBook, detectors.RecreateService, provider, full)}, one, detectors.AddressBook, detectors.Manual, detectors.Likely, ""},
		{"server", []detectors.Finding{finding("f1", "own-rule", detectors.Server, detectors.RecreateService, provider, full)}, one, detectors.Server, detectors.Manual, detectors.Likely, ""},
		{"access denied code", []detectors.Finding{finding("f1", "uuid-in-use", detectors.UUIDMapping, detectors.RecreateService, provider, full, "0x80070005")}, one, detectors.UUIDMapping, "", detectors.Likely, ""},
		{"start-up line alone", []detectors.Finding{startUp("f1", provider, 2)}, nil, detectors.SharedCache, detectors.CheckProfile, detectors.Unclear, ""},
		{"start-up line against the registry", []detectors.Finding{startUp("f1", provider, 3)}, one, detectors.SharedCache, detectors.CheckProfile, detectors.Unclear, ""},
		{"start-up line with the registry", []detectors.Finding{startUp("f1", provider, 2)}, two, detectors.SharedCache, detectors.CheckProfile, detectors.Certain, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := worst(t, tt.findings, tt.inv)
			if c.Verdict != tt.verdict || tt.action != "" && c.Action != tt.action {
				t.Errorf("got %s → %s; want %s → %s", c.Verdict, c.Action, tt.verdict, tt.action)
			}
			if tt.action == "" && c.Action == detectors.RecreateService {
				t.Errorf("recommends %s in spite of codes %v", c.Action, tt.findings[0].Codes)
			}
			if c.Confidence != tt.sure {
				t.Errorf("confidence %s; want %s", c.Confidence, tt.sure)
			}
			got := strings.Join(c.BlockedBy, " | ")
			if (got == "") != (tt.blocked == "") || !strings.HasPrefix(got, tt.blocked) {
				t.Errorf("blocked by %q; want it to begin with %q", got, tt.blocked)
			}
			if len(c.Next) == 0 {
				t.Error("the case says nothing about what to do next")
			}
		})
	}
}

// TestGuessedAccountBlocks: a case is no surer than the link of its leading finding.
func TestGuessedAccountBlocks(t *testing.T) {
	near := oxProfile("Near", annaServer, annaUser, annaCache)
	far := oxProfile("Far", annaServer, "bert", `C:\Users\bert\AppData\Local\OXSTORE2\b.odb`)
	near.Source, far.Source = "case/pc1/a.reg", "case/pc2/b.reg"
	f := uuidFinding("f1", "case/pc1/oxtstore_1.log", "UUID already in use")
	f.Confidence = detectors.Certain
	c := worst(t, []detectors.Finding{f}, inventory(near, far))
	if c.Confidence != detectors.Unclear || len(c.BlockedBy) != 1 || !strings.HasPrefix(c.BlockedBy[0], BlockLinkUnclear) {
		t.Errorf("confidence %s, blocked by %q; want unclear, %s", c.Confidence, c.BlockedBy, BlockLinkUnclear)
	}
}

func TestNextNamesWhatToRemove(t *testing.T) {
	p, q := oxProfile("Outlook", annaServer, annaUser, annaCache), oxProfile("Alt", annaServer, annaUser, annaCache)
	p.Default = true
	c := worst(t, []detectors.Finding{uuidFinding("f1", provider, "UUID x "+annaCache)}, inventory(p, q))
	next := strings.Join(c.Next, "\n")
	for _, want := range []string{"the default profile is Outlook", `from profile "Alt"`} {
		if !strings.Contains(next, want) {
			t.Errorf("next steps lack %q:\n%s", want, next)
		}
	}
	if strings.Contains(next, `from profile "Outlook"`) {
		t.Errorf("next steps remove the service from the profile that keeps it:\n%s", next)
	}
	if i, j := strings.Index(next, `from profile "Alt"`), strings.Index(next, "Re-create the service"); i > j {
		t.Errorf("the duplicate is removed after the re-creation:\n%s", next)
	}
}

func TestReasonsTellOfDisagreement(t *testing.T) {
	one := inventory(oxProfile("Outlook", annaServer, annaUser, annaCache))
	two := inventory(oxProfile("Outlook", annaServer, annaUser, annaCache), oxProfile("Alt", annaServer, annaUser, annaCache))
	for _, tt := range []struct {
		said int
		inv  *Inventory
		want string
	}{
		{3, two, "they disagree"},
		{2, one, "they disagree"},
		{2, two, "as the registry does"},
		{2, nil, "without the registry this proves nothing"},
	} {
		c := worst(t, []detectors.Finding{startUp("f1", provider, tt.said)}, tt.inv)
		if got := strings.Join(c.Because, "\n"); !strings.Contains(got, tt.want) {
			t.Errorf("line says %d: reasons lack %q:\n%s", tt.said, tt.want, got)
		}
	}
}

func TestProfilesSaid(t *testing.T) {
	for text, want := range map[string]int{
		"2 profiles share the same local cache data":         2,
		"local cache C:\\x\\a.odb is used by 12 profiles":    12,
		"number of profiles sharing the local cache: 3":      3,
		"3 Profile verwenden denselben lokalen Cache":        3,
		"Der Cache wird von zwei Profilen gemeinsam genutzt": 2,
		"several profiles share the cache":                   -1,
		"profile opened":                                     0,
	} {
		if got := profilesSaid(text); got != want {
			t.Errorf("profilesSaid(%q) = %d; want %d", text, got, want)
		}
	}
}

func TestDamagedStoreOfInventory(t *testing.T) {
	const ost = `C:\Users\bruno\AppData\Local\Microsoft\Outlook\b.ost`
	p := ostProfile("Exchange", "Bruno Muster", ost)
	inv := inventory(p)
	inv.Caches = []CacheFile{{Path: ost, Kind: "ost", State: CachePresent, Bytes: 10, Damage: []string{"STO001 cut"}, Links: []CacheLink{{Path: ost, How: "path"}}}}
	c := worst(t, nil, inv)
	if c.Verdict != detectors.StoreCorrupt || c.Action != detectors.RebuildOST || c.System != Exchange {
		t.Errorf("got %s → %s (%s); want store-corrupt → rebuild-ost (exchange)", c.Verdict, c.Action, c.System)
	}
	inv = inventory(p)
	inv.Corrupt = []profile.CorruptStore{{Path: strings.ToUpper(ost), Origin: "HKCU"}}
	if c = worst(t, nil, inv); c.Verdict != detectors.StoreCorrupt {
		t.Errorf("recorded damage gives %s; want store-corrupt", c.Verdict)
	}
}
