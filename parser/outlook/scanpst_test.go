package outlook

import (
	"strings"
	"testing"
)

// Only the last pass says how the file is now, however its beginning is marked.
func TestScanpstPasses(t *testing.T) {
	bad, good := "  !!TC (nid=60D) missing required column (3001001F)\n", "  **Attempting to validate BBT\n"
	cases := []struct{ name, text, want string }{
		{"one", bad, "1*"},
		{"headings", "Scan Number 1\n" + bad + "Scan Number 2\n" + good, "1"},
		{"headings in prefixes", "**Scan Number: 1\n" + bad + "**Scan Number: 2\n" + bad, "1 2*"},
		{"no headings", "**Beginning NDB recovery\n" + bad + "**Beginning NDB recovery\n" + good, "1"},
		{"log appended to", "Microsoft (R) Inbox Repair Tool\n" + bad + "Microsoft (R) Inbox Repair Tool\n" + bad + bad, "1 2* 2*r"},
		{"phases of one pass", "**Beginning NDB recovery\n" + bad + "**Beginning PST/OST recovery\n" + bad, "1* 1*r"},
		{"quoted, indent lost", "> !!Folder (nid=122):\n> Missing PR_DISPLAY_NAME\n> !!Receive folder table missing\n", "1* 1*"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			records := read(scanpstFormat{}, []byte(c.text))
			checkTiles(t, []byte(c.text), records)
			var got []string
			for _, r := range records {
				if field(r, "event") != "error" {
					continue
				}
				mark := field(r, "pass")
				if field(r, "last_pass") == "1" {
					mark += "*"
				}
				if field(r, "repeat") == "1" {
					mark += "r"
				}
				got = append(got, mark)
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("errors of %q are in passes %v; want %s", c.text, got, c.want)
			}
		})
	}
}

func TestScanpstHarmless(t *testing.T) {
	for text, want := range map[string]string{
		"!!AMap page <@17408> has csFree of 900, but should have csFree of 1024": "1",
		"??SAL missing entry (nid=21)":                                           "1",
		"!!Header NID high-water mark has incorrect value":                       "1",
		"!!Failed to add row to the FLT, RowID = 8022":                           "1",
		"!!AMap page <@17408> has invalid signature":                             "",
		"!!Message (nid=8004): Missing PR_SEARCH_KEY":                            "",
	} {
		r := read(scanpstFormat{}, []byte(text))[0]
		if got := field(r, "harmless"); got != want {
			t.Errorf("harmless of %q is %q; want %q", text, got, want)
		}
	}
}

func TestOpmlogSecrets(t *testing.T) {
	const stamp = "2012.01.01 01:01:01 "
	cases := []struct{ text, want string }{
		{"POP3: [tx] USER kim", "POP3: [tx] USER ********"},
		{"POP3: [TX] pass open sesame", "POP3: [TX] pass ********"},
		{"POP3: [tx] APOP kim c4c9334bac560ecc", "POP3: [tx] APOP ********"},
		{"SMTP: [tx] AUTH PLAIN AGtpbQBzZXNhbWU=", "SMTP: [tx] AUTH PLAIN ********"},
		{"SMTP: [tx] AUTH LOGIN", "SMTP: [tx] AUTH LOGIN"},
		{"SMTP: [tx] a2ltLnNhbXBsZQ==", "SMTP: [tx] ********"},
		{"IMAP: [tx] a01 LOGIN kim sesame", "IMAP: [tx] a01 LOGIN ********"},
		{`"POP3: [tx] USER kim")`, `"POP3: [tx] USER ********")`},
		{"POP3: [tx] STARTTLS", "POP3: [tx] STARTTLS"},
		{"POP3: <rx> +OK USER kim", "POP3: <rx> +OK USER kim"},
		{"POP3: [tx] STAT", "POP3: [tx] STAT"},
	}
	for _, c := range cases {
		r := read(opmlogFormat{}, []byte(stamp+c.text))[0]
		if r.Message != c.want || r.Text != stamp+c.want {
			t.Errorf("%q is shown as message %q, text %q; want %q", c.text, r.Message, r.Text, c.want)
		}
	}
}
