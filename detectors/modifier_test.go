package detectors

import (
	"strings"
	"testing"
	"testing/fstest"

	"oxtail/parser"
)

// loadOne loads rule files given as name → text and fails the test on errors.
func load(t testing.TB, files map[string]string) *Rules {
	t.Helper()
	set, err := LoadRules(ruleFS(files))
	if err != nil {
		t.Fatalf("LoadRules: %v", err)
	}
	return set
}

func ruleFS(files map[string]string) fstest.MapFS {
	fsys := make(fstest.MapFS)
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

// detectionRule wraps the lines of a detection block into a rule. Without a
// condition it is "sel".
func detectionRule(id, lines string) string {
	if !strings.Contains(lines, "condition:") {
		lines += "\ncondition: sel"
	}
	return "title: T\nid: " + id + "\ndetection:\n  " + strings.ReplaceAll(strings.TrimSpace(lines), "\n", "\n  ") + "\n"
}

// recordOf makes a record of name=value pairs.
func recordOf(pairs ...string) *parser.Record {
	rec := &parser.Record{Line: 1}
	for i := 0; i+1 < len(pairs); i += 2 {
		rec.Fields = append(rec.Fields, parser.Field{Name: pairs[i], Value: pairs[i+1]})
	}
	return rec
}

func matches(t *testing.T, set *Rules, rec *parser.Record) bool {
	t.Helper()
	return len(NewMatcher(set).Match(rec, EventContext{Source: "s"})) > 0
}

// TestModifiers holds the 34 checks of a Sigma compiler, and the near misses behind
// them, against the compiler.
func TestModifiers(t *testing.T) {
	const users = "\noxtail:\n  placeholders: {users: [bob, eve]}\n"
	tests := []struct {
		id    string
		rule  string
		event []string
		want  bool
	}{
		{"1 equality ignores case", `sel: {Component: sync}`, []string{"Component", "SYNC"}, true},
		{"2 wildcards", `sel: {Message: 'fold?r*failed'}`, []string{"Message", "Folder Inbox failed"}, true},
		{"3 contains", `sel: {Message|contains: '8004010F'}`, []string{"Message", "hr=0x8004010f in Inbox"}, true},
		{"4 startswith", `sel: {User|startswith: svc}`, []string{"User", "svc-backup"}, true},
		{"5 endswith", `sel: {Image|endswith: ook.exe}`, []string{"Image", "outlook.exe"}, true},
		{"6 contains all", `sel: {Message|contains|all: [uuid, mapped]}`, []string{"Message", "UUID already mapped"}, true},
		{"7 one is missing", `sel: {Message|contains|all: [uuid, mapped]}`, []string{"Message", "UUID unknown"}, false},
		{"8 re searches", `sel: {Message|re: '^\[[0-9A-F]{8}-[0-9A-F]+'}`, []string{"Message", "[80040305-54A-4DE-1900]"}, true},
		{"9 re keeps case", `sel: {Message|re: uuid}`, []string{"Message", "UUID"}, false},
		{"10 re with i", `sel: {Message|re|i: uuid}`, []string{"Message", "UUID"}, true},
		{"11 cidr", `sel: {Address|cidr: 10.0.0.0/8}`, []string{"Address", "10.1.2.3"}, true},
		{"12 windash", `sel: {CommandLine|windash|contains: ' -resetfolders'}`, []string{"CommandLine", "outlook.exe /resetfolders"}, true},
		{"13 base64", `sel: {Message|base64|contains: shared}`, []string{"Message", "arg c2hhcmVk end"}, true},
		{"14 base64offset", `sel: {Message|base64offset|contains: shared}`, []string{"Message", "eHNoYXJlZA=="}, true},
		{"15 wide base64offset", `sel: {Message|wide|base64offset|contains: uuid}`, []string{"Message", "dQB1AGkAZAA="}, true},
		{"16 fieldref equal", `sel: {OldId|fieldref: NewId}`, []string{"OldId", "7", "NewId", "7"}, true},
		{"17 fieldref different", `sel: {OldId|fieldref: NewId}`, []string{"OldId", "7", "NewId", "8"}, false},
		{"18 exists true", `sel: {Account|exists: true}`, []string{"Account", "a"}, true},
		{"19 exists false", `sel: {Account|exists: false}`, []string{"Folder", "Inbox"}, true},
		{"20 cased", `sel: {Component|cased: sync}`, []string{"Component", "SYNC"}, false},
		{"21 gte", `sel: {Retries|gte: 5}`, []string{"Retries", "7"}, true},
		{"22 lt", `sel: {Retries|lt: 5}`, []string{"Retries", "7"}, false},
		{"23 neq", `sel: {Level|neq: info}`, []string{"Level", "error"}, true},
		{"24 null", `sel: {Account: null}`, []string{"Folder", "Inbox"}, true},
		{"25 integer", `sel: {EventID: 27}`, []string{"EventID", "27"}, true},
		{"26 list of values", `sel: {Level: [error, fatal]}`, []string{"Level", "fatal"}, true},
		{"27 list of maps", `sel: [{Level: fatal}, {Component: sync}]`, []string{"Component", "sync"}, true},
		{"28 1 of", "sel1: {Level: fatal}\nsel2: {Component: sync}\ncondition: 1 of sel*", []string{"Component", "sync"}, true},
		{"29 all of them", "sel1: {Level: fatal}\nsel2: {Component: sync}\ncondition: all of them", []string{"Component", "sync"}, false},
		{"30 and not", "sel: {Component: sync}\nknown: {Folder: Junk}\ncondition: sel and not known", []string{"Component", "sync", "Folder", "Inbox"}, true},
		{"31 parentheses", "a: {A: a}\nb: {B: b}\nc: {C: c}\ncondition: (a or b) and not (c and a)", []string{"B", "b", "C", "c"}, true},
		{"32 keywords", "words: ['*8004010F*']\ncondition: words", []string{"Message", "error 8004010F"}, true},
		{"33 backslash", `sel: {Image|endswith: '\outlook.exe'}`, []string{"Image", `C:\x\OUTLOOK.EXE`}, true},
		{"34 expand", `sel: {User|expand: '%users%'}`, []string{"User", "bob"}, true},

		{"34 other name", `sel: {User|expand: '%users%'}`, []string{"User", "mallory"}, false},
		{"null is not empty", `sel: {Account: null}`, []string{"Account", ""}, false},
		{"empty is empty", `sel: {Account: ''}`, []string{"Account", ""}, true},
		{"empty is not absent", `sel: {Account: ''}`, []string{"Folder", "x"}, false},
		{"null in a list", `sel: {Account: [null, bob]}`, []string{"Folder", "x"}, true},
		{"exists with an empty value", `sel: {Account|exists: true}`, []string{"Account", ""}, true},
		{"neq of an absent field", `sel: {Level|neq: info}`, []string{"Folder", "x"}, false},
		{"neq of an equal one", `sel: {Level|neq: info}`, []string{"Level", "INFO"}, false},
		{"neq of a list", `sel: {Level|neq: [info, debug]}`, []string{"Level", "debug"}, false},
		{"neq of a list with null", `sel: {Level|neq: [null, info]}`, []string{"Level", "info"}, false},
		{"neq null", `sel: {Level|neq: null}`, []string{"Level", "x"}, true},
		{"quoted number", `sel: {EventID: '27'}`, []string{"EventID", "27"}, true},
		{"number is whole", `sel: {EventID: 27}`, []string{"EventID", "270"}, false},
		{"escaped star", `sel: {Message: 'a\*b'}`, []string{"Message", "a*b"}, true},
		{"escaped star is no wildcard", `sel: {Message: 'a\*b'}`, []string{"Message", "axb"}, false},
		{"escaped question mark", `sel: {Message: 'a\?'}`, []string{"Message", "ab"}, false},
		{"backslash and wildcard", `sel: {Message: 'C:\\*'}`, []string{"Message", `C:\Temp`}, true},
		{"backslash and wildcard, other text", `sel: {Message: 'C:\\*'}`, []string{"Message", `C:Temp`}, false},
		{"33 with two backslashes", `sel: {Image|endswith: '\\outlook.exe'}`, []string{"Image", `C:\x\outlook.exe`}, true},
		{"? is one character", `sel: {Message: 'Ordner?'}`, []string{"Message", "Ordnerü"}, true},
		{"? is not none", `sel: {Message: 'Ordner?'}`, []string{"Message", "Ordner"}, false},
		{"* goes over lines", `sel: {Message: 'a*c'}`, []string{"Message", "a\nb\nc"}, true},
		{"fieldref without the other", `sel: {OldId|fieldref: NewId}`, []string{"OldId", "7"}, false},
		{"fieldref without both", `sel: {OldId|fieldref: NewId}`, []string{"X", "7"}, false},
		{"fieldref ignores case", `sel: {A|fieldref: B}`, []string{"A", "x", "B", "X"}, true},
		{"fieldref neq", `sel: {A|fieldref|neq: B}`, []string{"A", "x", "B", "y"}, true},
		{"fieldref startswith", `sel: {A|fieldref|startswith: B}`, []string{"A", "xyz", "B", "xy"}, true},
		{"cidr outside", `sel: {Address|cidr: 10.0.0.0/8}`, []string{"Address", "11.1.2.3"}, false},
		{"cidr IPv6", `sel: {Address|cidr: '2001:db8::/32'}`, []string{"Address", "2001:db8:1::5"}, true},
		{"cidr mapped IPv4", `sel: {Address|cidr: 10.0.0.0/8}`, []string{"Address", "::ffff:10.1.2.3"}, true},
		{"cidr of no address", `sel: {Address|cidr: 10.0.0.0/8}`, []string{"Address", "10.example"}, false},
		{"windash dash", `sel: {C|windash|contains: ' -x'}`, []string{"C", "a -x"}, true},
		{"windash en dash", `sel: {C|windash|contains: ' -x'}`, []string{"C", "a –x"}, true},
		{"windash em dash", `sel: {C|windash|contains: ' -x'}`, []string{"C", "a —x"}, true},
		{"windash bar", `sel: {C|windash|contains: ' -x'}`, []string{"C", "a ―x"}, true},
		{"windash none", `sel: {C|windash|contains: ' -x'}`, []string{"C", "a +x"}, false},
		{"windash inside a word stays", `sel: {C|windash|contains: 'a-x'}`, []string{"C", "a/x"}, false},
		{"Ä is ä", `sel: {F: 'Entwürfe Ä'}`, []string{"F", "ENTWÜRFE ä"}, true},
		{"ß is not ss", `sel: {F: 'straße'}`, []string{"F", "STRASSE"}, false},
		{"dotless i is no i", `sel: {F: 'inbox'}`, []string{"F", "ınbox"}, false},
		{"dotted I is no i", `sel: {F: 'inbox'}`, []string{"F", "İnbox"}, false},
		{"I is i", `sel: {F: 'inbox'}`, []string{"F", "INBOX"}, true},
		{"re and line feeds", `sel: {M|re: 'a.c'}`, []string{"M", "a\nc"}, false},
		{"re with s", `sel: {M|re|s: 'a.c'}`, []string{"M", "a\nc"}, true},
		{"re begins at the text", `sel: {M|re: '^b'}`, []string{"M", "a\nb"}, false},
		{"re with m", `sel: {M|re|m: '^b'}`, []string{"M", "a\nb"}, true},
		{"field names ignore case", `sel: {eventid: 27}`, []string{"EventID", "27"}, true},
		{"any value of a field", `sel: {Address: b}`, []string{"Address", "a", "Address", "b"}, true},
		{"on is a text", `sel: {Switch: on}`, []string{"Switch", "on"}, true},
		{"on is not true", `sel: {Switch: on}`, []string{"Switch", "true"}, false},
		{"0x10 is a text", `sel: {Code: 0x10}`, []string{"Code", "0x10"}, true},
		{"0x10 is not 16", `sel: {Code: 0x10}`, []string{"Code", "16"}, false},
		{"1_000 is a text", `sel: {Count: 1_000}`, []string{"Count", "1_000"}, true},
		{"a date is a text", `sel: {Day: 2026-01-01}`, []string{"Day", "2026-01-01"}, true},
		{"010 is a text", `sel: {N: 010}`, []string{"N", "8"}, false},
		{"a whole number beyond floats", `sel: {N|gt: 9007199254740992}`, []string{"N", "9007199254740993"}, true},
		{"a text is no number", `sel: {N|gte: 0}`, []string{"N", "many"}, false},
		{"fractions", `sel: {N|lte: 1.5}`, []string{"N", "1.25"}, true},
		{"base64 has case", `sel: {M|base64|contains: shared}`, []string{"M", "C2HHCMVK"}, false},
		{"keywords are any of them", "words: [alpha, beta]\ncondition: words", []string{"M", "the BETA"}, true},
		{"keywords all", "words: {'|all': [alpha, beta]}\ncondition: words", []string{"M", "beta"}, false},
		{"keywords in two fields", "words: {'|all': [alpha, beta]}\ncondition: words", []string{"M", "alpha", "N", "beta"}, true},
		{"keywords re", "words: {'|re': ['b.ta']}\ncondition: words", []string{"M", "beta"}, true},
		{"all of with a pattern", "sel_a: {A: a}\nsel_b: {B: b}\ncondition: all of sel_*", []string{"A", "a", "B", "b"}, true},
		{"them leaves out underscores", "sel: {A: a}\n_x: {B: b}\ncondition: all of them or _x", []string{"A", "a"}, true},
		{"list of conditions", "a: {A: a}\nb: {B: b}\ncondition: [a, b]", []string{"B", "b"}, true},
		{"operators ignore case", "a: {A: a}\nb: {B: b}\ncondition: a AND NOT b", []string{"A", "a"}, true},
		{"and binds before or", "a: {A: a}\nb: {B: b}\nc: {C: c}\ncondition: a or b and c", []string{"A", "a"}, true},
	}
	for _, tt := range tests {
		t.Run(tt.id, func(t *testing.T) {
			set := load(t, map[string]string{"r.yml": detectionRule("r", tt.rule) + users})
			if got := matches(t, set, recordOf(tt.event...)); got != tt.want {
				t.Errorf("%s on %q = %v; want %v", tt.rule, tt.event, got, tt.want)
			}
		})
	}
}

func TestRecordPartsAreFields(t *testing.T) {
	rec := &parser.Record{
		Text: "07:00 ERROR Sync: gone", Message: "gone", Level: parser.LevelError, Component: "Sync", Thread: "7",
		Codes: nil, UUIDs: []parser.UUID{"5d1c2a40-0000-4000-8000-00000000a001"}, Problem: "odd", Basis: parser.DayInferred,
	}
	rec.Codes = append(rec.Codes, "0x8004010F", "SVL-0017")
	for _, sel := range []string{
		"message: gone", "text|contains: ERROR", "level: error", "component: sync", "thread: 7", "format: f1",
		"source|endswith: .log", "code: 0x8004010f", "code|startswith: SVL-", "uuid|exists: true", "time_basis: day-inferred", "problem: odd",
	} {
		set := load(t, map[string]string{"r.yml": detectionRule("r", "sel: {'"+strings.Replace(sel, ": ", "': ", 1)+"}")})
		if len(NewMatcher(set).Match(rec, EventContext{Source: "a.log", Format: "f1"})) != 1 {
			t.Errorf("%s does not match %+v", sel, rec)
		}
	}
}

func TestServiceRestrictsTheFormat(t *testing.T) {
	text := detectionRule("r", "sel: {M: a}") + "logsource: {service: [outlook_sync, windows_event_*]}\n"
	m := NewMatcher(load(t, map[string]string{"r.yml": text}))
	for format, want := range map[string]bool{"outlook_sync": true, "windows_event_xml": true, "outlook_modres": false, "": false} {
		if got := len(m.Match(recordOf("M", "a"), EventContext{Format: format})) == 1; got != want {
			t.Errorf("match in format %q = %v; want %v", format, got, want)
		}
	}
}

func TestServiceWordsOfOthers(t *testing.T) {
	tests := []struct {
		service, format string
		want            bool
	}{
		{"oxtstore", "oxtstore_b", true}, {"oxtstore", "eas_zpush", false}, {"oxtstore*", "oxtstore_b", true},
		{"application", "windows_event_xml", true}, {"application", "", true}, {"[application, gwsmo]", "outlook_sync", false},
		{"my_log", "outlook_sync", false}, {"my_log", "my_log", true},
	}
	for _, tt := range tests {
		text := detectionRule("r", "sel: {M: a}") + "logsource: {product: windows, service: " + tt.service + "}\n"
		set, err := load(t, map[string]string{"r.yml": text}).WithFormats("my_log")
		if err != nil {
			t.Fatal(err)
		}
		if got := len(NewMatcher(set).Match(recordOf("M", "a"), EventContext{Format: tt.format})) == 1; got != tt.want {
			t.Errorf("service %s in format %q = %v; want %v", tt.service, tt.format, got, tt.want)
		}
	}
}

func TestNamesOfSigmaFields(t *testing.T) {
	set := load(t, map[string]string{"r.yml": detectionRule("r", "sel: {EventID: 27, Provider_Name: Outlook, level: [warn]}")})
	rec := recordOf("event_id", "27", "provider", "Outlook", "level", "WARN")
	rec.Level = parser.LevelWarning
	if !matches(t, set, rec) {
		t.Errorf("Sigma's names of event fields do not match %+v", rec.Fields)
	}
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{"ABC": "abc", "Äß": "äß", "İ": "İ", "\u212a": "\u212a", "a\xffB": "a\xffb", "ẞ": "ß", "ΣΑ": "σα"} {
		if got := fold(in); got != want {
			t.Errorf("fold(%q) = %q; want %q", in, got, want)
		}
	}
}
