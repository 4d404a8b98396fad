package redact

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

func newCase(t testing.TB, opts Options) *Case {
	t.Helper()
	key, err := NewKey([]byte("0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	return New(key, opts)
}

// redactAll learns from all inputs and redacts each.
func redactAll(t testing.TB, c *Case, inputs ...string) []string {
	t.Helper()
	for _, in := range inputs {
		if err := c.Learn(context.Background(), strings.NewReader(in)); err != nil {
			t.Fatal(err)
		}
	}
	r, err := c.Seal()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, in := range inputs {
		var b bytes.Buffer
		if _, err := r.Copy(context.Background(), &b, strings.NewReader(in)); err != nil {
			t.Fatal(err)
		}
		out = append(out, b.String())
	}
	return out
}

func TestLines(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"mail from anna.lang@kunde.de to x", "mail from user-1@domain-1.invalid to x"},
		{"open C:\\Users\\anna\\AppData\\x.log", "open C:\\Users\\user-1\\AppData\\x.log"},
		{`{"p":"C:\\Users\\anna\\AppData"}`, `{"p":"C:\\Users\\user-1\\AppData"}`},
		{"logon KUNDE\\anna ok", "logon org-1\\user-1 ok"},
		{`open \\SRV01\share\x`, `open \\host-1\share\x`},
		{"GET https://ox.kunde.de/ajax/x?user=anna", "GET https://host-1.domain-1.invalid/ajax/x?user=user-1"},
		{"connect to 192.0.2.7:443 and 2001:db8::17 at 10:11:12", "connect to ip-1:443 and ip-2 at 10:11:12"},
		{"Version 16.0.0.1, version=1.2.3.4, 127.0.0.1", "Version 16.0.0.1, version=1.2.3.4, 127.0.0.1"},
		{"7:05:10 Synchronizing Mailbox 'Sample, Kim'", "7:05:10 Synchronizing Mailbox 'mailbox-1'"},
		{"Error synchronizing message 'Angebot: Kim's Garten'", "Error synchronizing message 'subject-1'"},
		{"Local subject: {SU:Garden {spring} plan}", "Local subject: {SU:subject-1}"},
		{"Message class: {SU:IPM.Appointment}", "Message class: {SU:IPM.Appointment}"},
		{"10:183:jdoe:JSON:device0001: Sync executed", "10:183:user-1:JSON:device0001: Sync executed"},
		{"x --- POST: jdoe(192.0.2.7) application/json", "x --- POST: user-1(ip-1) application/json"},
		{"3c5a1 - jdoe - 2012-03-05T10:11:12+01:00 DEBUG", "3c5a1 - user-1 - 2012-03-05T10:11:12+01:00 DEBUG"},
		{"<Computer>PC-17.kunde.de</Computer>", "<Computer>host-1.domain-1.invalid</Computer>"},
		{`<Data Name="SubjectUserName">anna</Data>`, `<Data Name="SubjectUserName">user-1</Data>`},
		{`<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event">`, `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event">`},
		{`"user":"anna","server":"ex01","password":"geheim"`, `"user":"user-1","server":"host-1","password":"[removed:password]"`},
		{`x={\"user\":\"anna\",\"password\":\"ge heim\"}`, `x={\"user\":\"user-1\",\"password\":\"[removed:password]\"}`},
		{"server: connection lost", "server: connection lost"},
		{"user: not allowed", "user: not allowed"},
		{"/o=Kunde/ou=First Administrative Group/cn=Recipients/cn=anna", "/o=org-1/ou=First Administrative Group/cn=Recipients/cn=user-1"},
		{"<password>geheim</password>", "<password>[removed:password]</password>"},
		{"SID S-1-5-21-111-222-333-1001", "SID S-1-5-21-0-0-1-1001"},
		{"UUID 5d1c2a40-7b10-4c55-9e01-000000000001 already in use", "UUID 5d1c2a40-7b10-4c55-9e01-000000000001 already in use"},
		{"OpenXchange.HTTPClient.OXAddIn com.openexchange.usm.api System.Net.Http", "OpenXchange.HTTPClient.OXAddIn com.openexchange.usm.api System.Net.Http"},
		{"user%3Danna%26mail%3Danna%40kunde.de", "user%3Duser-1%26mail%3Duser-1%40domain-1.invalid"},
		{"x user-1 y user=anna", "x user-1 y user=user-2"},
		{"on computer WS-LINDE-07 by user j.doe2, user not found, host name unknown", "on computer host-1 by user user-1, user not found, host name unknown"},
		{"C:\\x\\ox.kunde.de_anna@kunde.de.odb", "C:\\x\\host-1.domain-1.invalid_user-1@domain-1.invalid.odb"},
		{`{"from":"finding:f52cba15d93c5","to":"log:C:\\x.log"}`, `{"from":"finding:f52cba15d93c5","to":"log:C:\\x.log"}`},
		{`{"path":"C:\\Program Files (x86)\\Open-Xchange\\x64\\a.dll"}`, `{"path":"C:\\Program Files (x86)\\Open-Xchange\\x64\\a.dll"}`},
		{"the store C:\\Users\\b\\b@x.de.ost is", "the store C:\\Users\\user-1\\user-1@domain-1.invalid.ost is"},
	} {
		got := redactAll(t, newCase(t, Options{}), c.in)[0]
		if got != c.want {
			t.Errorf("redact(%q)\n got %q\nwant %q", c.in, got, c.want)
		}
	}
}

func TestLearnedElsewhere(t *testing.T) {
	out := redactAll(t, newCase(t, Options{}),
		"Mailbox: Müller, Jörg\nuser=jmueller\n",
		"opened cache of JMUELLER; M\xfcller, J\xf6rg was here\nJ\\u00f6rg %4A%C3%B6rg J%C3%B6rg J&#246;rg J\\'f6rg J=C3=B6rg\n")
	want := "opened cache of user-1; mailbox-1 was here\nname-2 %4A%C3%B6rg name-2 name-2 name-2 name-2\n"
	if out[1] != want {
		t.Errorf("got  %q\nwant %q", out[1], want)
	}
}
