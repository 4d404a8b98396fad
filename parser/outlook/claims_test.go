package outlook

import "testing"

// Pasted fragments are claimed by the grammar that they belong to.
func TestClaimsFragments(t *testing.T) {
	cases := []struct{ text, want string }{
		{"1:55:22 Message class: {SU:IPM.Note}\n1:55:22 Local subject: {SU:x}", "outlook_modres"},
		{"3:15:10 Not equal (conflict) named property: 0x82180003", "outlook_modres"},
		{"Task 'kim@example.org - Sending' reported error (0x800CCC0F) : 'x'", "outlook_sendreceive"},
		{"Task 'Inbox'\nreported error\n(0x80048002) : 'cancelled'", "outlook_sendreceive"},
		{`Fehler (0x8004010F) beim Ausführen der Aufgabe "kim": "x"`, "outlook_sendreceive"},
		{"> task ‘Inbox’ reported error (0X80048002): ‘cancelled’", "outlook_sendreceive"},
		{"Sending reported error (0x80042109) : 'Outlook cannot connect'", "outlook_sendreceive"},
		{"2012.09.03 10:11:14 mail.example.org: ReportStatus: RSF_COMPLETED, hr = 0x800ccc92", "outlook_opmlog"},
		{"!!Receive folder table missing", "outlook_scanpst"},
		{"    !!TC (nid=60E) missing required column (3001001F)\n    !!Folder (nid=8022):\n        Missing PR_DISPLAY_NAME", "outlook_scanpst"},
		{"Fatal Error: 80040818", "outlook_scanpst"},
		{"No errors were found in this file.", "outlook_scanpst"},
		{"Inbox Repair Tool\nOnly minor inconsistencies were found in this file. Repairing the file is optional.", "outlook_scanpst"},
		{"Tool zum Reparieren des Posteingangs\nDie Datei D:\\mail\\kim.pst wird von einer anderen Anwendung verwendet.", "outlook_scanpst"},
		{"Zugriff verweigert: D:\\mail\\kim.pst", "outlook_scanpst"},
		{"Réparateur de boîte de réception\nAucune erreur détectée dans ce fichier.", "outlook_scanpst"},
		{"Réparateur de boîte de réception\nUne erreur inattendue s'est produite.", "outlook_scanpst"},
		{"Errors have been detected in the file D:\\mail\\kim.ost.", "windows_event_text"},
		{"Errors have been detected in the file\nD:\\mail\\kim.ost. Quit all programs and use the\nInbox Repair Tool.", "windows_event_text"},
		{"Event ID: 25\nSource: Outlook\nfree/busy", "windows_event_text"},
		{"Quelle: Outlook\nEreignis-ID: 27\nDer Vorgang ist fehlgeschlagen.", "windows_event_text"},
		{"<Event><System><Provider Name='Outlook'/><EventID>27</EventID></System></Event>", "windows_event_xml"},
		{"Level,Date and Time,Source,Event ID,Task Category\n", "windows_event_csv"},
		{"Ebene\tDatum und Uhrzeit\tQuelle\tEreignis-ID\tAufgabenkategorie\n", "windows_event_csv"},
		{"RecordNumber,EventRecordId,TimeCreated,EventId,Level,Provider,Channel,Payload\n", "windows_event_csv"},
		{`{"error":"x","code":"LGI-0006","category":1,"error_id":"1-2"`, "ox_api_json"},
		{"{\n\"error\": \"x\",\n\"categories\": \"ERROR\"\n}", "ox_api_json"},
		{"Service 'OXSTOR_SVC' recreated in profile 'Outlook', but there were\nwarnings regarding existing cache file references.", "ox_supporttool"},
		{"* Listing cache file information...", "ox_supporttool"},
	}
	for _, c := range cases {
		if got := choose([]byte(c.text)); got != c.want {
			t.Errorf("%q is claimed by %q; want %s", c.text, got, c.want)
		}
	}
}

// Other logs, tables, prose and source code are not claimed.
func TestClaimsNearMisses(t *testing.T) {
	for _, text := range []string{
		"2026-03-05 10:00:00,123 ERROR 1 App - Task 'Inbox' reported error (0x80048002) : 'cancelled'\n2026-03-05 10:00:01,000 INFO 1 App - done\n",
		"2026-03-05 10:00:00,123 ERROR 1 App - !!TC (nid=60E) missing required column\n",
		"2026-03-05 10:00:00 Service 'OXSTOR_SVC' recreated in profile 'Outlook'\n2026-03-05 10:00:01 done\n",
		"The task reported an error (see 0x80048002).\n",
		"Task 'Inbox' is done\n",
		"Fehler (0x80070005) beim Öffnen der Datei\n",
		"!! look here !!\n!! important\n",
		"** bold **\nText about it.\n?? what\n",
		"Zugriff verweigert\n", "Une erreur inattendue\n", "The file ist nicht vorhanden\n",
		"build finished\nNo errors were found\nall tests ran\n12 packages\n",
		"2026.09.03 10:11:14 service started\n2026.09.03 10:11:15 service stopped\n",
		"0000: 4d 5a 90 00 03 00 00 00 MZ......\n0008: 04 00 00 00 ff ff 00 00 ........\n",
		"0000: 01 00 00 00 00 00 00 00 ........\n",
		"<html><body><p>Event</p></body></html>\n", "<Events><item/></Events>\n",
		"<?xml version=\"1.0\"?>\n<config><EventID>3</EventID></config>\n",
		"name,date,value\na,b,c\n", "time,level,source,message\n10:00:00,error,x,y\n",
		"source: git\nevent: push\n", "Source: https://example.org\nThis is prose.\n",
		`{"level":"error","msg":"x","time":"2026-03-05T10:00:00Z"}` + "\n" + `{"level":"info","msg":"y"}` + "\n",
		`{"data":{"error":"x","error_id":"1-2","code":"FLD-0008"}}`, `{"error":"x"}` + "\n", `{"error":{"code":404}}` + "\n",
		"* first\n* second\n", "package main\n\nimport \"fmt\"\n\n// Message class: {SU:x}\nfunc main() { fmt.Println(\"Message class: {SU:\") }\n",
		"04/02/2024 17:36:09 [15244] [ERROR] [kim] Unable to Fetch 'x'\n", "Mar  5 10:00:00 host app[1]: Terminated in error\n",
		"Log Entry: 3\nsomething\n",
	} {
		if got := choose([]byte(text)); got != "" {
			t.Errorf("%q is claimed by %s; want nobody", text, got)
		}
	}
}
