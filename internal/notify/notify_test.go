package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

// episode is an oxtail.notice/v1 object about a fault.
func episode(state, severity, title, text string) []byte {
	object := map[string]any{
		"schema":  "oxtail.notice/v1",
		"episode": map[string]any{"schema": "oxtail.episode/v1", "id": "e1", "state": state, "finding": "f1", "count": 3},
		"finding": map[string]any{
			"schema": "oxtail.finding/v1", "id": "f1", "rule": "uuid-in-use", "title": title, "severity": severity, "verdict": "uuid-mapping", "action": "recreate-service",
			"account": map[string]any{"server": "https://ox.example.org", "user": "anna"}, "profiles": []string{"Outlook"}, "because": []string{"seen three times"},
			"evidence": []any{map[string]any{"source": `C:\Temp\oxtstore_1.log`, "offset": 0, "length": 9, "line": 7, "time_basis": "none", "text": text}},
		},
	}
	data, err := json.Marshal(object)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return data
}

const loss = `{"schema":"oxtail.notice/v1","loss":{"schema":"oxtail.loss/v1","source":"a.log","from":0,"to":4096,"why":"NUL bytes","time":"2026-03-05T10:14:03Z"}}`

// TestRead: what is told of each state, in which words, how loud.
func TestRead(t *testing.T) {
	for _, test := range []struct {
		body  []byte
		level Level
		title string
		texts []string
	}{
		{episode("open", "high", "UUID already in use", "ERROR UUID x already in use"), Error, "UUID already in use",
			[]string{"high, uuid-mapping. Next: recreate-service.", "anna at https://ox.example.org, profile Outlook", "seen three times", `C:\Temp\oxtstore_1.log:7`, "ERROR UUID x already in use"}},
		{episode("ongoing", "medium", "Slow", ""), Warning, "Still: Slow", []string{"medium, uuid-mapping. Next: recreate-service."}},
		{episode("healed", "critical", "Gone", ""), Info, "Over: Gone", []string{"Nothing to do."}},
		{episode("silent", "high", "Quiet", ""), Info, "Not seen any more: Quiet", []string{"Nothing to do."}},
		{episode("open", "low", "Small", ""), Info, "Small", nil},
		{[]byte(loss), Warning, "oxtail: a gap in a log", []string{"a.log: 4,096 bytes at 0: NUL bytes"}},
	} {
		n, err := Read(test.body)
		if err != nil || n.Level != test.level || n.Title != test.title {
			t.Errorf("Read(%s) = level %d, title %q, error %v; want %d, %q", test.body, n.Level, n.Title, err, test.level, test.title)
		}
		for _, want := range test.texts {
			if !strings.Contains(n.Text, want) {
				t.Errorf("text %q; want %q in it", n.Text, want)
			}
		}
	}
	for _, bad := range []string{"", "{", "[]", `{"episode":{}}`, `{"finding":{"id":"f"}}`} {
		if n, err := Read([]byte(bad)); err == nil {
			t.Errorf("Read(%q) = %+v; want an error", bad, n)
		}
	}
}

// TestSecrets: no password, token or escape sequence of a log reaches a screen or the
// event log, whoever made the notice.
func TestSecrets(t *testing.T) {
	n, err := Read(episode("open", "high", "Login \x1b[31m refused", "login of anna password=geheim123 Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.abc.def\x07\u202e"))
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"geheim123", "eyJhbGci", "\x1b", "\x07", "\u202e"} {
		if strings.Contains(n.Title+n.Text, secret) {
			t.Errorf("%q is in %q, %q", secret, n.Title, n.Text)
		}
	}
}

// TestCut: texts fit by UTF-16 units, are cut between characters and say so.
func TestCut(t *testing.T) {
	for _, test := range []struct {
		text  string
		units int
		want  string
	}{
		{"abc", 3, "abc"}, {"abcd", 3, "ab…"}, {"äöü", 3, "äöü"}, {"a😀b", 4, "a😀b"}, {"a😀b", 3, "a…"}, {"😀😀", 3, "😀…"}, {"", 3, ""}, {"ab", 1, "…"},
	} {
		got := cut(test.text, test.units)
		if got != test.want || len(utf16.Encode([]rune(got))) > test.units {
			t.Errorf("cut(%q, %d) = %q; want %q", test.text, test.units, got, test.want)
		}
	}
}

// A screen is a Popup that remembers.
type screen struct {
	shown  []string
	levels []Level
	err    error
}

func (s *screen) Show(level Level, title, text string) error {
	if s.err != nil {
		return s.err
	}
	s.shown, s.levels = append(s.shown, title+"|"+text), append(s.levels, level)
	return nil
}

func (*screen) Close() error { return nil }

// TestToastRate: a storm is a few pop-ups; the next one counts what was held back, and
// an error is not held by warnings.
func TestToastRate(t *testing.T) {
	now := time.Date(2026, 3, 5, 10, 0, 0, 0, time.UTC)
	s := &screen{}
	toast := &Toast{popup: s, now: func() time.Time { return now }}
	send := func(body []byte) {
		t.Helper()
		now = now.Add(time.Second)
		if err := toast.Send(context.Background(), body); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 20 {
		send(episode("open", "medium", fmt.Sprint("fault ", i), ""))
	}
	if len(s.shown) != perMinute {
		t.Fatalf("%d pop-ups of 20 notices in 20 s; want %d", len(s.shown), perMinute)
	}
	send(episode("open", "high", "worse", ""))
	if len(s.shown) != perMinute+1 || !strings.Contains(s.shown[perMinute], "worse|(16 notices before this one not shown)") {
		t.Errorf("shown %q; want the error, with 16 notices held", s.shown)
	}
	send(episode("open", "critical", "held, too", ""))
	now = now.Add(time.Minute)
	send(episode("open", "low", "later", ""))
	last := len(s.shown) - 1
	if !strings.Contains(s.shown[last], "later|(1 notice before this one not shown)") || s.levels[last] != Error {
		t.Errorf("last pop-up %q, level %d; want 1 held, as loud as that was", s.shown[last], s.levels[last])
	}
	now = now.Add(-time.Hour) // the clock was set back
	send(episode("open", "low", "clock", ""))
	if len(s.shown) != last+2 {
		t.Errorf("%d pop-ups after the clock was set back; want %d", len(s.shown), last+2)
	}
}

// TestToastLimits: what is handed to Windows fits into its structure.
func TestToastLimits(t *testing.T) {
	s := &screen{}
	toast := &Toast{popup: s, now: func() time.Time { return time.Time{} }}
	if err := toast.Send(context.Background(), episode("open", "high", strings.Repeat("title ", 100), strings.Repeat("text ", 1000))); err != nil {
		t.Fatal(err)
	}
	title, text, _ := strings.Cut(s.shown[0], "|")
	if n, m := len(utf16.Encode([]rune(title))), len(utf16.Encode([]rune(text))); n > maxTitle || m > maxText || n < maxTitle-6 || m < maxText-6 {
		t.Errorf("title of %d units, text of %d; want nearly %d and %d", n, m, maxTitle, maxText)
	}
	s.err = errors.New("no desktop")
	if err := toast.Send(context.Background(), episode("healed", "high", "x", "")); !errors.Is(err, s.err) {
		t.Errorf("error %v; want that of the pop-up, so that it is tried again", err)
	}
}

// A book is a Writer that remembers.
type book struct {
	ids    []uint32
	levels []Level
	texts  []string
}

func (b *book) Write(level Level, id uint32, text string) error {
	b.ids, b.levels, b.texts = append(b.ids, id), append(b.levels, level), append(b.texts, text)
	return nil
}

func (*book) Close() error { return nil }

// TestEventLog: each state has its id, for ever; nothing is held back, long texts are cut.
func TestEventLog(t *testing.T) {
	b := &book{}
	log := &EventLog{b}
	for state, id := range map[string]uint32{"open": 100, "ongoing": 101, "healed": 102, "silent": 103} {
		if err := log.Send(context.Background(), episode(state, "high", "Fault", strings.Repeat("x", 2000))); err != nil {
			t.Fatal(err)
		}
		if got := b.ids[len(b.ids)-1]; got != id {
			t.Errorf("state %s has event id %d; want %d", state, got, id)
		}
	}
	if err := log.Send(context.Background(), []byte(loss)); err != nil || b.ids[4] != 110 || b.levels[4] != Warning {
		t.Errorf("loss: error %v, id %d, level %d; want 110, warning", err, b.ids[4], b.levels[4])
	}
	if err := log.Send(context.Background(), episode("open", "high", "Fault", strings.Repeat("x", 50_000))); err != nil || len(b.texts[5]) > 3*maxEvent || len(b.texts[5]) < maxEvent-5 {
		t.Errorf("error %v, text of %d bytes; want at most %d units", err, len(b.texts[5]), maxEvent)
	}
	if err := log.Send(context.Background(), []byte("{}")); err == nil {
		t.Error("a body that is no notice was written")
	}
}
