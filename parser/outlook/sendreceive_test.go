package outlook

import (
	"strings"
	"testing"
)

func TestSendReceive(t *testing.T) {
	cases := []struct {
		name, text string
		want       []string
	}{
		{"wrapped before the verb", "Task 'Inbox'\nreported error (0x80042109) : 'No connection.'", []string{"task=Inbox hresult=0x80042109 detail=No connection."}},
		{"wrapped before the code", "Task 'Inbox' reported error\n(0x80042109) : 'No\nconnection.'", []string{"task=Inbox hresult=0x80042109 detail=No connection."}},
		{"blank line inside", "Task 'Inbox' reported error\n\n(0x80042109) : 'x'", []string{"task=Inbox hresult=0x80042109 detail=x"}},
		{"without quotes", "Sending reported error (0x80042109): No connection. HTTP 500.", []string{"task=Sending hresult=0x80042109 detail=No connection. HTTP 500. http_status=500"}},
		{"quotes inside", `Task "Kim's" reported error (0x80042109) : 'The server responded: "550 \'x\'"'`, []string{`task=Kim's hresult=0x80042109 detail=The server responded: "550 \'x\'"`}},
		{"curly quotes", "Task ‘Inbox’ reported error (0x80042109) : ‘x’.", []string{"task=Inbox hresult=0x80042109 detail=x"}},
		{"prose behind a blank line", "Task 'Inbox' reported error (0x80042109) : 'x'\n\nWhat now?", []string{"task=Inbox hresult=0x80042109 detail=x", ""}},
		{"two names, the first without an error", "Task 'A'\nTask 'B' reported error (0x80042109) : 'x'", []string{"", "task=B hresult=0x80042109 detail=x"}},
		{"German, name with a colon", `Fehler (0x80042109) beim Ausführen der Aufgabe "kim: work": "Ein "neuer" Fehler."`, []string{`task=kim: work hresult=0x80042109 detail=Ein "neuer" Fehler.`}},
		{"German, no quotes", `Fehler (0x80042109) beim Ausführen der Aufgabe`, []string{"hresult=0x80042109"}},
		{"another German error", "Fehler (0x80042109) beim Öffnen", []string{""}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			records := read(sendReceiveFormat{}, []byte(c.text))
			checkTiles(t, []byte(c.text), records)
			var got []string
			for _, r := range records {
				got = append(got, show(r, "task", "hresult", "detail", "http_status"))
			}
			if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
				t.Errorf("errors of %q are %q; want %q", c.text, got, c.want)
			}
		})
	}
}
