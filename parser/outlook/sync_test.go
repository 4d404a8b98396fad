package outlook

import (
	"strings"
	"testing"
	"time"

	"oxtail/parser"
)

// brief renders the records of a synchronization log, one a line.
func brief(records []*parser.Record) string {
	var out []string
	for _, r := range records {
		out = append(out, show(r, "event", "error_kind", "vector", "scope", "folder", "count", "same_cause", "failed_item"))
	}
	return strings.Join(out, "\n")
}

const failedItem = `10:00:00 Synchronizer Version 16.0.4266
10:00:00 Synchronizing Mailbox 'Doe, Pat'
10:00:00 Synchronizing local changes in folder 'Posteingang'
10:00:01 Error synchronizing message 'Pat's plan'
10:00:01 		 [80070057-501-80070057-322]
10:00:01 		 The client operation failed.
10:00:01 		 Microsoft Exchange Information Store
10:00:01 Error synchronizing folder
10:00:01 		 [80070057-501-80070057-322]
10:00:01 		 The client operation failed.
10:00:02 	   3 item(s) added to online folder
10:00:02 Done`

const failedItemBrief = `event=version
event=mailbox
event=scope scope=folder folder=Posteingang
event=error error_kind=message vector=[80070057-501-80070057-322] scope=folder folder=Posteingang failed_item=1
event=error error_kind=folder vector=[80070057-501-80070057-322] scope=folder folder=Posteingang same_cause=vector
event=count scope=folder folder=Posteingang count=3
event=done scope=folder folder=Posteingang`

// The same log in every shape that people hand over gives the same records.
func TestSyncShapes(t *testing.T) {
	curly := strings.NewReplacer("'", "’").Replace(failedItem)
	shapes := map[string]string{
		"as written":           failedItem,
		"CR LF":                strings.ReplaceAll(failedItem, "\n", "\r\n"),
		"quoted mail":          "> " + strings.ReplaceAll(failedItem, "\n", "\n> "),
		"quoted twice":         ">> " + strings.ReplaceAll(failedItem, "\n", "\n>> "),
		"TABs lost":            strings.NewReplacer("\t", "").Replace(failedItem),
		"TABs became blanks":   strings.NewReplacer("\t", "   ").Replace(failedItem),
		"fixed blanks":         strings.NewReplacer(" ", "\u00a0").Replace(failedItem),
		"blank lines":          strings.ReplaceAll(failedItem, "\n", "\n\n"),
		"joined":               strings.ReplaceAll(failedItem, "\n", " "),
		"joined without blank": strings.ReplaceAll(failedItem, "\n", ""),
		"joined, quoted":       "> " + strings.ReplaceAll(failedItem, "\n", " > "),
		"hour without zero":    strings.ReplaceAll(failedItem, "10:00", "9:00"),
		"glued":                strings.NewReplacer("01 \t\t [", "01[", "02 \t   3", "023").Replace(failedItem),
		"British":              strings.NewReplacer("ynchroniz", "ynchronis").Replace(failedItem),
		"curly quotes":         curly,
		"lower case":           strings.ToLower(strings.ReplaceAll(failedItem, "Posteingang", "POSTEINGANG")),
		"time only at heads":   strings.ReplaceAll(failedItem, "10:00:01 \t\t ", "\t\t "),
		"link, no vector":      strings.ReplaceAll(failedItem, "[80070057-501-80070057-322]", "http://www.example.com/redirect.asp?err=80070057-501-80070057-322"),
		"vector on the line":   strings.NewReplacer("'\n10:00:01 \t\t [", "' [", "folder\n10:00:01 \t\t [", "folder [").Replace(failedItem),
	}
	for name, text := range shapes {
		t.Run(name, func(t *testing.T) {
			records := read(syncFormat{}, []byte(text))
			checkTiles(t, []byte(text), records)
			got := strings.ReplaceAll(brief(records), "folder=posteingang", "folder=Posteingang")
			if got != failedItemBrief {
				t.Errorf("records of %q are\n%s\nwant\n%s", text, got, failedItemBrief)
			}
			if who := choose([]byte(text)); who != "outlook_sync" {
				t.Errorf("%q is claimed by %q; want outlook_sync", text, who)
			}
		})
	}
}

func TestSyncWithoutTimes(t *testing.T) {
	text := "Synchronizing Mailbox 'Pat'\nSynchronizing local changes in folder 'A very long\nname of a folder'\n" +
		"Error synchronizing message 'One subject that was\nwrapped'\n[80040305-54A-4DE-322]\nYour server administrator has limited\nthe number of items.\nMAPI 1.0\nDone\n"
	records := read(syncFormat{}, []byte(text))
	checkTiles(t, []byte(text), records)
	if len(records) != 4 {
		t.Fatalf("%d records; want 4:\n%s", len(records), brief(records))
	}
	want := "folder=A very long name of a folder subject=One subject that was wrapped vector=[80040305-54A-4DE-322] hresult=0x80040305 " +
		"msgid=54A result=4DE context=322 provider=MAPI 1.0 detail=Your server administrator has limited the number of items."
	got := show(records[2], "folder", "subject", "vector", "hresult", "msgid", "result", "context", "provider", "detail")
	if got != want {
		t.Errorf("fields are %s\nwant %s", got, want)
	}
}

func TestSyncEntries(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"address book, code glued to the time", "1:00:00 Done\n1:00:40 Microsoft Exchange offline address book\n1:00:400X8004010F",
			"event=done\nevent=oab scope=addressbook"},
		{"address book without code", "1:00:00 Microsoft Exchange offline address book\n", "event=oab scope=addressbook"},
		{"address book cut off before its code", "Not downloading Offline address book files. A server (URL) could not be located.\n0X8004010F", "event=oab scope=addressbook"},
		{"two bare vectors", "[80040803-30141506-0-533]\n[80004005-501-FFFFFEAE-324]",
			"event=error error_kind=vector vector=[80040803-30141506-0-533]\nevent=error error_kind=vector vector=[80004005-501-FFFFFEAE-324]"},
		{"the same vector twice", "Error synchronizing folder\n[80004005-501-4B9-560]\n[80004005-501-4b9-560]",
			"event=error error_kind=folder vector=[80004005-501-4B9-560]"},
		{"the link repeats the vector", "[80004005-501-4B9-560]\nThe client operation failed.\nhttp://example.com/?err=80004005-501-4b9-560",
			"event=error error_kind=vector vector=[80004005-501-4B9-560]"},
		{"a wrapped link", "Error synchronizing folder\nhttp://www.example.com/redirect/outlook.asp?err=80040305-54a-\n4de-421",
			"event=error error_kind=folder vector=[80040305-54A-4DE-421]"},
		{"short vectors", "2:00:00 Synchronization of some deletions failed.\n2:00:00 \t\t [0-130]\n2:00:00 \t\t Could not connect to public folder server.\n2:00:00 \t\t [0-0]",
			"event=error error_kind=deletions vector=[0-130]\nevent=error error_kind=public-folder vector=[0-0]"},
		{"a store-level scope ends the folder", "2:00:00 Synchronizing server changes in folder 'A'\n2:00:00 Synchronizing Views\n2:00:00 Error synchronizing view/form",
			"event=scope scope=folder folder=A\nevent=scope scope=views\nevent=error error_kind=view scope=views"},
		{"the same vector in another folder is another cause", "2:00:00 Synchronizing Folder 'A'\n2:00:00 Error synchronizing message 'x' [80070005-508-0-322]\n" +
			"2:00:00 Synchronizing Folder 'B'\n2:00:00 Error synchronizing folder [80070005-508-0-322]",
			"event=scope scope=folder folder=A\nevent=error error_kind=message vector=[80070005-508-0-322] scope=folder folder=A failed_item=1\n" +
				"event=scope scope=folder folder=B\nevent=error error_kind=folder vector=[80070005-508-0-322] scope=folder folder=B"},
		{"an error names its folder", "2:00:00 Error in folder 'Shared - Plans'\n2:00:00 Error sending message",
			"event=error error_kind=in-folder folder=Shared - Plans\nevent=error error_kind=send failed_item=1"},
		{"additional information", "2:00:00 Error synchronizing message 'x'\n2:00:00 \t\t [80040119-501-80040119-322]\nAdditional Info:\nFailed while syncing item:\nEntryID: 00AB\nErrCtx: 1\nHresult: 80040119\nFnCall: y\n2:00:01 Done",
			"event=error error_kind=message vector=[80040119-501-80040119-322] failed_item=1\nevent=done"},
		{"Exchange 4 context", "2:00:00 Begin CTX: 310\n2:00:00 Error synchronizing folder\n2:00:00 [80040115-501-0-560]\n2:00:00 End CTX: 340",
			"event=notice\nevent=error error_kind=folder vector=[80040115-501-0-560]"},
		{"place-holders", "2:00:00 Synchronizing Mailbox <name>\n2:00:00 \t   <#> item(s) added to offline folder", "event=mailbox\nevent=count"},
		{"wrapped before the name", "2:00:00 Synchronizing local changes in folder\n'A'\n2:00:00 Error synchronizing message\n'x'\n2:00:00 [80070005-508-0-322]",
			"event=scope scope=folder folder=A\nevent=error error_kind=message vector=[80070005-508-0-322] scope=folder folder=A failed_item=1"},
		{"wrapped inside the sentence", "2:00:00 Error synchronizing folder\n2:00:00 \t\t [80070005-508-0-322]\n2:00:00 Synchronizing server changes\nin folder 'A'\n2:00:00 Error synchronizing\nview/form",
			"event=error error_kind=folder vector=[80070005-508-0-322]\nevent=scope scope=folder folder=A\nevent=error error_kind=view scope=folder folder=A"},
		{"an error of the dialog among the lines", "2:00:00 Done\nTask 'Microsoft Exchange' reported error (0x00040820) : 'See the log.'\n2:00:01 Synchronizing Views",
			"event=done\nevent=task-error\nevent=scope scope=views"},
		{"the clock goes back", "2:59:59 Synchronizing Hierarchy\n2:00:00 Done", "event=scope scope=hierarchy\nevent=done scope=hierarchy"},
		{"a clock in a subject", "2:00:00 Error synchronizing message 'Meeting 10:30:00 today'\n2:00:00 [80070057-501-0-322]",
			"event=error error_kind=message vector=[80070057-501-0-322] failed_item=1"},
		{"another language", "2:00:00 Synchronisiere den Ordner\n2:00:00 Fehler beim Synchronisieren\n2:00:00 \t\t [80040305-54A-4DE-421]\n2:00:00 \t\t Zu viele Elemente\n2:00:00 Fertig",
			"event=notice\nevent=error error_kind=vector vector=[80040305-54A-4DE-421]\nevent=notice"},
		{"address book in another language", "2:00:00 Fertig\n2:00:30 Offlineadressbuch\n2:00:30 \t0X8004010F", "event=notice\nevent=oab scope=addressbook"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			records := read(syncFormat{}, []byte(c.text))
			checkTiles(t, []byte(c.text), records)
			if got := brief(records); got != c.want {
				t.Errorf("records of %q are\n%s\nwant\n%s", c.text, got, c.want)
			}
		})
	}
}

// The text of an entry is that of its lines; parts of a joined line stay together.
func TestSyncText(t *testing.T) {
	text := "2:00:00 Error synchronizing folder 2:00:00 [80070005-508-0-322] 2:00:01 Done\nx\n"
	var got []string
	for _, r := range read(syncFormat{}, []byte(text)) {
		got = append(got, r.Text)
	}
	want := "2:00:00 Error synchronizing folder 2:00:00 [80070005-508-0-322] |2:00:01 Done\nx"
	if strings.Join(got, "|") != want {
		t.Errorf("texts are %q; want %q", strings.Join(got, "|"), want)
	}
}

func TestSyncClockInName(t *testing.T) {
	for text, want := range map[string]int{
		"2:00:00 Error synchronizing message 'Call at 10:30:00 with Kim'":                      1,
		"2:00:00 Error synchronizing message 'Call 10:30:00 Done' 2:00:01 Done":                2,
		"2:00:00 Synchronizing Mailbox 'Pat O'Neil' 2:00:00 Done":                              2,
		"2:00:00 Backup of 2026-03-05 10:30:00 was made 2:00:01 Done":                          2,
		"2:00:00 Synchronizer Version 12.0.65292:00:00 Synchronizing Hierarchy":                2,
		"2:00:00 Microsoft Exchange offline address book 2:00:00 0X8019019410:00:00 Done":      2,
		"2:00:00 took 0:00:01.250 2:00:01 Done":                                                2,
		"2:00:00 Downloading from server 'https://x.example.org:443/a?b=1:00:00' 2:00:01 Done": 2,
	} {
		if got := read(syncFormat{}, []byte(text)); len(got) != want {
			t.Errorf("%q has %d entries; want %d:\n%s", text, len(got), want, brief(got))
		}
	}
}

func TestSyncLogsInOneFile(t *testing.T) {
	text := strings.Repeat("12:00:00 Synchronizing Mailbox 'A'\n12:00:00 Done\n", 2) + failedItem + "\n" + failedItem
	records := read(syncFormat{}, []byte(text))
	if got := field(records[len(records)-1], "log"); got != "4" {
		t.Errorf("the last record is of log %s; want 4", got)
	}
	if got := field(records[0], "log"); got != "1" {
		t.Errorf("the first record is of log %s; want 1", got)
	}
}

func TestSyncColours(t *testing.T) {
	rtf := `{\rtf1\ansi{\colortbl\red0\green0\blue0;\red128\green0\blue0;\red255\green0\blue0;}\uc1 1:00:00 Ordner wird abgeglichen\par
\cf2 1:00:00 Etwas ging schief\plain\par
\cf2 1:00:00 \tab
\tab
 Genaueres\plain\par
1:00:01 Fertig\par
\cf1 1:00:02 Achtung\plain\par
}`
	records := read(syncFormat{}, []byte(rtf))
	checkTiles(t, []byte(rtf), records)
	var got []string
	for _, r := range records {
		got = append(got, field(r, "event")+" "+r.Level.String())
	}
	want := "notice info|error error|notice info|notice warning"
	if strings.Join(got, "|") != want {
		t.Errorf("records are %s; want %s", strings.Join(got, "|"), want)
	}
}

func TestSyncTimes(t *testing.T) {
	item := time.Date(2026, 3, 5, 20, 55, 0, 0, time.UTC)
	r := parser.NewReader(strings.NewReader("23:59:59 Synchronizing Hierarchy\n1:55:00 Done\n"), parser.Source{ItemTime: item}, parser.Options{Formats: Formats()})
	var got []string
	for {
		rec, err := r.Next()
		if err != nil {
			break
		}
		got = append(got, rec.Time.Format(time.RFC3339)+" "+rec.Basis.String())
	}
	want := "2026-03-05T23:59:59+05:00 day-inferred|2026-03-06T01:55:00+05:00 day-inferred"
	if strings.Join(got, "|") != want {
		t.Errorf("times are %s; want %s", strings.Join(got, "|"), want)
	}
}

func TestSyncCodes(t *testing.T) {
	text := "1:00:00 Synchronizing Folder 'Case 0x80040600'\n1:00:00 Error synchronizing message 'Re: 0x8004010F'\n1:00:00 [80070005-508-80070057-322]\n" +
		"1:00:01 Microsoft Exchange offline address book\n1:00:01 0x80190194"
	asm := syncFormat{}.Assembler(parser.Source{}).(parser.CodePolicy)
	want := []string{"", "0x80070005 0x80070057", "0x80190194"}
	for i, r := range read(syncFormat{}, []byte(text)) {
		var got []string
		for _, c := range asm.Codes(r) {
			got = append(got, string(c))
		}
		if strings.Join(got, " ") != want[i] {
			t.Errorf("codes of %q are %v; want %q", r.Text, got, want[i])
		}
	}
}

func TestSyncClaims(t *testing.T) {
	claimed := []string{
		"[80040600-501-80040600-560]", "Terminated in error", "Microsoft Exchange offline address book", "9:15:00 Terminated in error",
		"Error synchronizing folder", "> 10:00:00 Synchronizing Hierarchy", "10:00:00 \t   2397 item(s) added to offline folder",
		"Hello,\nthe log says:\n\n" + failedItem + "\n\nWhat should we do?\nRegards\nPat",
		"Microsoft Exchange offline address book 0X8004010F",
	}
	for _, text := range claimed {
		if got := choose([]byte(text)); got != "outlook_sync" {
			t.Errorf("%q is claimed by %q; want outlook_sync", text, got)
		}
	}
	refused := []string{
		"",
		"2026-03-05 13:23:49,376 ERROR 1 Sync [0] - Error synchronizing folder\n2026-03-05 13:23:49,376 ERROR 1 Sync [0] - [80040600-501-80040600-560]\n",
		"2026-03-05 13:23:49,376 ERROR 1 Sync [0] - the item says:\n10:00:00 Error synchronizing folder\n2026-03-05 13:23:49,376 INFO 1 x\n2026-03-05 13:23:50,376 INFO 1 y\n",
		"time;text;code\n10:00:00;Error synchronizing folder;80040600\n10:00:01;Done;0\n",
		"10:00:00,Error synchronizing folder\n10:00:01,Done\n",
		"When you synchronize a folder, Outlook may write\nError synchronizing folder\ninto the item, and the\nMicrosoft Exchange offline address book is not downloaded.\nThe cause is unknown.\nThere is no remedy.\nSee also the manual.\n",
		"func main() {\n\tfmt.Println(\"Error synchronizing folder [80040600-501-80040600-560]\")\n}\n",
		"Synchronizing mailbox data with the server takes time.\nDone.\n",
		"Done\n", "10:00:00 Done\n10:00:01 something else\n", "{550E8400-E29B-41D4-A716-446655440000}\n[550E8400-E29B-41D4-A716-446655440000]\n",
		"13:00:01 connection opened\n13:00:02 connection closed\n", "0x8004010F\n",
		"{\"msg\":\"Error synchronizing folder\"}\n",
		"Terminated in error\n2026-03-05 10:00:00 x\n2026-03-05 10:00:01 y\n",
		"2026-03-05 10:00:00 ERROR the item says:\nError synchronizing folder\n[80040600-501-80040600-560]\n",
	}
	for _, text := range refused {
		if got := choose([]byte(text)); got != "" {
			t.Errorf("%q is claimed by %s; want nobody", text, got)
		}
	}
}
