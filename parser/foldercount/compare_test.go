package foldercount

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// list makes folders from "path=items" or "path=items/visible" or "path=items:Type".
func list(t *testing.T, folders ...string) []Folder {
	t.Helper()
	var out []Folder
	for _, text := range folders {
		path, rest, _ := strings.Cut(text, "=")
		rest, folderType, _ := strings.Cut(rest, ":")
		items, visible, told := strings.Cut(rest, "~")
		f := Folder{Path: path, Type: folderType}
		n, ok := parseCount(items)
		if !ok {
			t.Fatalf("bad test folder %q", text)
		}
		f.Items = n
		if told {
			v, _ := parseCount(visible)
			f.Visible = &v
		}
		out = append(out, f)
	}
	return out
}

func lines(differences []Difference) []string {
	var got []string
	for _, d := range differences {
		line := fmt.Sprintf("%s %s", d.Path(), d.State)
		if d.Match != "" {
			line += " by " + string(d.Match)
		}
		if d.Missing() != 0 {
			line += fmt.Sprintf(" %+d", -d.Missing())
		}
		if d.Hidden {
			line += " hidden"
		}
		if d.Unsynced != "" {
			line += " unsynced"
		}
		got = append(got, line)
	}
	return got
}

func TestCompare(t *testing.T) {
	for _, tt := range []struct {
		name            string
		server, offline []Folder
		want            []string
	}{
		{"equal", list(t, "/Inbox=5"), list(t, "/inbox=5"), []string{"/Inbox equal by path"}},
		{"two languages", list(t, "/Posteingang/A=5", "/Posteingang=4", "/Gelöschte Elemente=1", "/Junk-E-Mail=2"),
			list(t, "/Inbox=3", "/Inbox/A=5", "/Deleted Items=2", "/Junk Email=2"),
			[]string{"/Gelöschte Elemente differs by name +1", "/Junk-E-Mail equal by name", "/Posteingang differs by name -1", "/Posteingang/A equal by name"}},
		{"a third language, by FolderType", list(t, "/Boîte de réception=5:Inbox", "/Boîte de réception/A=2:User Created"), list(t, "/Inbox=5", "/Inbox/A=2"),
			[]string{"/Boîte de réception equal by type", "/Boîte de réception/A equal by type"}},
		{"both languages in one mailbox", list(t, "/Inbox=5", "/Posteingang=7"), list(t, "/Posteingang=7", "/Inbox=5"),
			[]string{"/Inbox equal by path", "/Posteingang equal by path"}},
		{"one side only", list(t, "/A=1", "/Inbox=5"), list(t, "/B=2", "/Inbox=5"),
			[]string{"/A server-only -1", "/B offline-only +2", "/Inbox equal by path"}},
		{"hidden items", list(t, "/Calendar=12~10", "/Tasks=12~10"), list(t, "/Kalender=10", "/Aufgaben=9"),
			[]string{"/Calendar equal by name hidden", "/Tasks differs by name -1"}},
		{"root of the store", list(t, "/Top of Information Store=0:Root", "/Inbox=5"), list(t, "/Oberste Ebene des Informationsspeichers/Posteingang=5"),
			[]string{"/Inbox equal by name", "/Top of Information Store server-only unsynced"}},
		{"never synchronised", list(t, "/Deletions=9:RecoverableItemsDeletions", "/Recoverable Items=1", "/Wiederherstellbares=2:RecoverableItemsRoot", "/Inbox=5"),
			list(t, "/Sync Issues=3", "/Synchronisierungsprobleme/Lokale Fehler=1", "/Outbox=1", "/Inbox=5"),
			[]string{"/Deletions server-only -9 unsynced", "/Inbox equal by path", "/Outbox offline-only +1 unsynced",
				"/Recoverable Items server-only -1 unsynced", "/Sync Issues offline-only +3 unsynced",
				"/Synchronisierungsprobleme/Lokale Fehler offline-only +1 unsynced", "/Wiederherstellbares server-only -2 unsynced"}},
		{"an inbox below another folder is no default folder", list(t, "/A/Inbox=1"), list(t, "/A/Posteingang=1"),
			[]string{"/A/Inbox server-only -1", "/A/Posteingang offline-only +1"}},
		{"slash within a name", list(t, "/A\uF8FFB=1"), list(t, "/A/B=1"), []string{"/A/B offline-only +1", "/A/B server-only -1"}},
		{"nothing", nil, nil, nil},
	} {
		got := Compare(tt.server, tt.offline)
		if lines := lines(got); !slices.Equal(lines, tt.want) {
			t.Errorf("%s:\ngot  %q\nwant %q", tt.name, lines, tt.want)
		}
		slices.Reverse(tt.server)
		slices.Reverse(tt.offline)
		if !slices.Equal(lines(Compare(tt.server, tt.offline)), tt.want) {
			t.Errorf("%s: the result depends on the order of the lists", tt.name)
		}
	}
}

func TestJudge(t *testing.T) {
	base := []string{"/Inbox=5", "/Sent Items=4", "/Calendar=3", "/Drafts=0"}
	for _, tt := range []struct {
		name    string
		offline []Folder
		verdict Verdict
		action  Action
		pattern Pattern
		doubts  []Doubt
	}{
		{"all equal", list(t, base...), Healthy, None, PatternNone, nil},
		{"equal in another language", list(t, "/Posteingang=5", "/Gesendete Elemente=4", "/Kalender=3", "/Entwürfe=0"), Healthy, None, PatternNone,
			[]Doubt{DoubtMatchedName}},
		{"a folder differs", list(t, "/Inbox=5", "/Sent Items=1", "/Calendar=3", "/Drafts=0"), FolderFault, CheckProfile, PatternSingle,
			[]Doubt{DoubtStillSyncing, DoubtSyncWindow}},
		{"two folders differ", list(t, "/Inbox=5", "/Sent Items=1", "/Calendar=2", "/Drafts=0"), FolderFault, CheckProfile, PatternSingle,
			[]Doubt{DoubtStillSyncing, DoubtSyncWindow}},
		{"all but the Inbox are equal", list(t, "/Posteingang=2", "/Sent Items=4", "/Calendar=3", "/Drafts=0"), StoreCorrupt, RebuildOST, PatternInbox,
			[]Doubt{DoubtStillSyncing, DoubtSyncWindow, DoubtMatchedName}},
		{"all differ but an empty one", list(t, "/Inbox=2", "/Sent Items=1", "/Calendar=1", "/Drafts=0"), StoreCorrupt, RebuildOST, PatternAll,
			[]Doubt{DoubtStillSyncing, DoubtSyncWindow}},
		{"offline has more", list(t, "/Inbox=5", "/Sent Items=9", "/Calendar=3", "/Drafts=0"), FolderFault, CheckProfile, PatternSingle,
			[]Doubt{DoubtStillSyncing, DoubtUnsentLocal}},
		{"a folder is not there", list(t, "/Inbox=5", "/Sent Items=4", "/Drafts=0"), FolderFault, CheckProfile, PatternNone, []Doubt{DoubtOneSided}},
		{"an empty folder is not there", list(t, "/Inbox=5", "/Sent Items=4", "/Calendar=3"), Healthy, None, PatternNone, nil},
		{"only sync logs beyond", list(t, append(slices.Clone(base), "/Sync Issues=9", "/Outbox=1")...), Healthy, None, PatternNone, nil},
		{"no common folder", list(t, "/A=1", "/B=2"), Unknown, Manual, PatternNoData, []Doubt{DoubtUnsentLocal, DoubtOneSided, DoubtFewFolders}},
		{"the Inbox alone was counted", list(t, "/Inbox=2"), FolderFault, CheckProfile, PatternSingle,
			[]Doubt{DoubtStillSyncing, DoubtSyncWindow, DoubtOneSided, DoubtFewFolders}},
	} {
		j := Judge(Compare(list(t, base...), tt.offline))
		if j.Verdict != tt.verdict || j.Action != tt.action || j.Pattern != tt.pattern || !slices.Equal(j.Doubts, tt.doubts) {
			t.Errorf("%s: got %s, %s, %s, %v; want %s, %s, %s, %v", tt.name, j.Verdict, j.Action, j.Pattern, j.Doubts, tt.verdict, tt.action, tt.pattern, tt.doubts)
		}
		if (len(j.Next) == 0) != (j.Verdict == Healthy) {
			t.Errorf("%s: got next checks %v with verdict %s", tt.name, j.Next, j.Verdict)
		}
	}
	j := Judge(Compare(list(t, "/Inbox=5", "/A=10~8"), list(t, "/Inbox=7", "/A=3")))
	if j.Missing != 5 || j.Surplus != 2 || j.Compared != 2 || j.DiffCount != 2 || j.EqualCount != 0 {
		t.Errorf("got %+v; want 5 missing, 2 beyond, 2 of 2 different", j)
	}
}
