package redact

import (
	"strings"
	"testing"
)

// plainLines name people and places in the ways that logs of many programs do.
const plainLines = `1 Postfach: Erika Mustermann
2 Mailbox 'Hugo Habicht' opened
3 Benutzer=zweig77
4 user klapper logged in
5 User klapper2: login ok
6 Anmeldung als FIRMA\storch
7 Server: EXCH01
8 connected to exch02.firma-intern.lan port 443
9 Betreff: Gehaltsverhandlung Storch
10 Subject 'Kuendigung Habicht'
11 subject="Rechnung 4711 offen"
12 IP 10.1.2.3:8080 and fe80::1ff:fe23:4567:890a%12
13 from=<klaus.zeisig@firma.example> to=<r.amsel@firma.example>
14 session id 0x3fa9c1b2d4e5f607
15 Token: abcDEF123456ghiJKL
16 Kennwort: "ge heim"
17 <user name="drossel"/><account login="meise01" server="ex03"/>
18 {"user":{"name":"fink","id":7},"owner":"Gimpel, Gustav","to":["Star, Susi"],"client":{"host":"pc-fink"}}
19 Error: could not open mailbox of Rotkehlchen, Rita (rita.r)
20 Hello Frau Mustermann
21 mailbox=Hans Specht server=EX9
22 /o=Firma/ou=AG/cn=Recipients/cn=kuckuck
23 https://klaus:passwort1@ox.firma.de/ajax?user=elster&password=krah
24 Logged on as: falke
25 Account name: Bussard Bernd
26 Computername: NB-4711
27 \\fileserver7\profiles$\milan
28 profile "Uhu Ursula" uses OST C:\Users\uhu.ursula\AppData\Local\Microsoft\Outlook\uhu@firma.de.ost
29 display name = Eule, Else
30 sender: Kauz Karl <k.kauz@firma.de>
31 Item 'Urlaub von Sperling' could not be synchronized, subject: Urlaub von Sperling
32 login: geier / Passw0rt!
34 USERNAME=adler COMPUTERNAME=WS-ADLER USERDOMAIN=FIRMA
35 Connecting to mail server mx7 as user kranich
36 auth user: reiher; pass: r3iher
37 Exchange server EXMBX05 not reachable
38 X-Forwarded-For: 172.16.5.9
39 Cookie: JSESSIONID=ABCDEF0123456789.node1
40 HttpOnly open-xchange-session-xyz=98f7a6b5
41 Authorization: Digest username="wachtel", realm="x", response="abcdef0123456789"
42 the mailbox Fasan, Fritz <fasan@firma.de> was moved
43 EntryID 00000000 ... PR_SUBJECT: Angebot Fa. Pirol
44 Betreff = "Geheime Sache"
45 [Subject] Lohnabrechnung Juni
46 SMTP: RCPT TO:<lerche@firma.de>
47 host=10.9.8.7 user=nachtigall@firma.de
48 smtp.firma.de: 250 ok
49 DC=firma,DC=local OU=Users CN=Kiebitz Klara
50 <t:Mailbox><t:Name>Pelikan Paul</t:Name><t:EmailAddress>pp@firma.de</t:EmailAddress></t:Mailbox>
51 <Subject>Vertrag Marabu</Subject><From>Ibis Ina</From>
52 Benutzer "Flamingo Fred" hat keine Berechtigung
53 for user pinguin@firma.de (Pinguin, Paula)
54 Host Name:                 PC-ZIEGE
55 System Name	PC-LUCHS
56 User Name	FIRMA\otter1
57 Registered Owner:          Biber, Bruno
59 {"ts":"2026","msg":"Subject: Geheimplan\nUser: luchs1\nServer: EXS4","lvl":"e"}
60 {"msg":"open C:\\Users\\dachs\\x and \\\\nas5\\home$\\marder"}
61 <user>iltis</user> <server>wiesel9</server> [user=biene][host=wabe-1] (user: hummel)
58 Logon Server:              \\DC-WOLF`

// TestPlainLines holds that of the names in plainLines none is left.
func TestPlainLines(t *testing.T) {
	out := strings.ToLower(redactAll(t, newCase(t, Options{}), plainLines)[0])
	for name := range strings.FieldsSeq("mustermann habicht zweig klapper firma storch exch0 gehalt kuendigung rechnung 10.1.2.3 fe80 zeisig amsel 3fa9c1 abcdef123456 heim drossel meise ex03 fink gimpel star, rotkehlchen rita specht ex9 kuckuck klaus passwort1 elster krah falke bussard bernd nb-4711 fileserver milan uhu eule else kauz urlaub geier passw0rt weih adler mx7 kranich reiher r3iher exmbx 172.16 98f7 wachtel fasan fritz pirol geheime lohn lerche 10.9 nachtigall kiebitz klara pelikan marabu ibis flamingo pinguin paula ziege luchs otter1 biber bruno wolf geheimplan luchs1 exs4 dachs nas5 marder iltis wiesel9 biene wabe hummel") {
		for line := range strings.SplitSeq(out, "\n") {
			if strings.Contains(line, name) {
				t.Errorf("%q is left in %q", name, line)
			}
		}
	}
}
