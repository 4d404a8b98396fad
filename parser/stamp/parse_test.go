package stamp

import (
	"testing"
	"time"
)

// utc is the notation of wanted times: zoneless stamps are read as UTC.
const utc = "2006-01-02T15:04:05.999999999"

func TestParse(t *testing.T) {
	tests := []struct {
		in   string
		want string
		rest string // what follows the timestamp
		zone bool
	}{
		{"2012-03-05 10:11:12", "2012-03-05T10:11:12", "", false},
		{"2012-03-05 10:11:12.345: <ctx> text", "2012-03-05T10:11:12.345", ": <ctx> text", false},
		{"2012-03-05 10:11:12,345 [7] DEBUG", "2012-03-05T10:11:12.345", " [7] DEBUG", false},
		{"2012-03-05T10:11:12.345678901Z x", "2012-03-05T10:11:12.345678901", " x", true},
		{"2012-03-05T10:11:12+01:00 x", "2012-03-05T09:11:12", " x", true},
		{"2012-03-05T10:11:12-0530", "2012-03-05T15:41:12", "", true},
		{"2012-03-05T10:11:12+01] x", "2012-03-05T09:11:12", "] x", true},
		{"2010-07-19T16:53:58.264+05:30 3ac A:", "2010-07-19T11:23:58.264", " 3ac A:", true},
		{"2012-03-05 10:11:12 +0200 x", "2012-03-05T08:11:12", " x", true},
		{"2012-03-05 10:11:12 CET x", "2012-03-05T09:11:12", " x", true},
		{"2012-03-05 10:11:12 MESZ: x", "2012-03-05T08:11:12", ": x", true},
		{"2012-03-05 10:11:12 ERROR x", "2012-03-05T10:11:12", " ERROR x", false},
		{"2012-03-05 10:11:12 -1234 x", "2012-03-05T10:11:12", " -1234 x", false},
		{"2012-03-05 10:11:12:345 x", "2012-03-05T10:11:12.345", " x", false},
		{"2012-03-05 10:11:12: 345 x", "2012-03-05T10:11:12", ": 345 x", false},
		{"2012-03-05 10:11 x", "2012-03-05T10:11:00", " x", false},
		{"2003.07.11 15:10:55>> x", "2003-07-11T15:10:55", ">> x", false},
		{"2012/3/5 1:02:03", "2012-03-05T01:02:03", "", false},
		{"05.03.2012 10:11:12.345] [0x1a2c]", "2012-03-05T10:11:12.345", "] [0x1a2c]", false},
		{"05.03.12, 10:11:12 x", "2012-03-05T10:11:12", " x", false},
		{"13/02/2024 17:36:09 [1]", "2024-02-13T17:36:09", " [1]", false},
		{"02/13/2024 17:36:09 [1]", "2024-02-13T17:36:09", " [1]", false},
		{"04/02/2024 17:36:09 [1]", "2024-02-04T17:36:09", " [1]", false},
		{"3/15/2012 10:11:12 PM x", "2012-03-15T22:11:12", " x", false},
		{"3/15/2012 12:11:12 AM", "2012-03-15T00:11:12", "", false},
		{"3/15/2012 12:11 pm, x", "2012-03-15T12:11:00", ", x", false},
		{"Mar  5 10:11:12 host x[1]: y", "0000-03-05T10:11:12", " host x[1]: y", false},
		{"Mär  5 10:11:12 host", "0000-03-05T10:11:12", " host", false},
		{"M\xe4r  5 10:11:12 host", "0000-03-05T10:11:12", " host", false},
		{"Okt 05 10:11:12 host", "0000-10-05T10:11:12", " host", false},
		{"Mar 5, 2012 10:11:12 PM com.x", "2012-03-05T22:11:12", " com.x", false},
		{"Mon Mar  5 10:11:12 2012 x", "2012-03-05T10:11:12", " x", false},
		{"Mon Mar  5 10:11:12.123456 2012] x", "2012-03-05T10:11:12.123456", "] x", false},
		{"Mon Mar 05 10:11:12 CET 2012", "2012-03-05T09:11:12", "", true},
		{"Mon, 05 Mar 2012 10:11:12 +0100", "2012-03-05T09:11:12", "", true},
		{"Mo 05.03.2012 10:11", "2012-03-05T10:11:00", "", false},
		{"Montag, 5. März 2012 10:11 x", "2012-03-05T10:11:00", " x", false},
		{"05/Mar/2012:10:11:12 +0100] \"GET", "2012-03-05T09:11:12", "] \"GET", true},
		{"05-Mar-2012 10:11:12.345 INFO", "2012-03-05T10:11:12.345", " INFO", false},
		{"5 Mär 2012 10:11:12", "2012-03-05T10:11:12", "", false},
		{"05. Dezember 2012 10:11:12", "2012-12-05T10:11:12", "", false},
		{"20120305-101112 x", "2012-03-05T10:11:12", " x", false},
		{"20120305T101112.5Z x", "2012-03-05T10:11:12.5", " x", true},
		{"20120305101112 x", "2012-03-05T10:11:12", " x", false},
		{"20120305101112345 x", "2012-03-05T10:11:12.345", " x", false},
		{"20120305 10:11:12.345 x", "2012-03-05T10:11:12.345", " x", false},
		{"1330942272 x", "2012-03-05T10:11:12", " x", true},
		{"1330942272.25 x", "2012-03-05T10:11:12.25", " x", true},
		{"1330942272345 x", "2012-03-05T10:11:12.345", " x", true},
		{"1330942272345678 x", "2012-03-05T10:11:12.345678", " x", true},
		{"10:11:12 x", "0000-01-01T10:11:12", " x", false},
		{"10:11:12.345 x", "0000-01-01T10:11:12.345", " x", false},
		{"1:02:03 PM x", "0000-01-01T13:02:03", " x", false},
		{"2016-12-31T23:59:60Z", "2017-01-01T00:00:00", "", true},
	}
	for _, tt := range tests {
		got, n, ok := Parse(tt.in)
		if !ok {
			t.Errorf("Parse(%q) is not recognised", tt.in)
			continue
		}
		if at := got.Time(time.UTC).Format(utc); at != tt.want && at+".0" != tt.want && got.Time(time.UTC).Format("2006-01-02T15:04:05") != tt.want {
			t.Errorf("Parse(%q) = %s, want %s", tt.in, at, tt.want)
		}
		if rest := tt.in[n:]; rest != tt.rest {
			t.Errorf("Parse(%q) leaves %q, want %q", tt.in, rest, tt.rest)
		}
		if got.Has(Zone) != tt.zone {
			t.Errorf("Parse(%q) has a zone: %v, want %v", tt.in, got.Has(Zone), tt.zone)
		}
		raw, m, ok := Parse([]byte(tt.in))
		if raw != got || m != n || !ok {
			t.Errorf("Parse([]byte(%q)) = %v, %d, %v; differs from the text", tt.in, raw, m, ok)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, in := range []string{
		"", "x", "2012", "2012-03-05", "2012-13-05 10:11:12", "2012-02-30 10:11:12", "2012-03-05 25:11:12", "2012-03-05 10:61:12",
		"10:11", "12:30 lunch", "3:15", "192.168.10.20 x", "1.2.3.4", "12345", "0123456789", "12345678901", "May the force", "Mon 5",
		"Marble 5 10:11:12", "10:183:MYUSER:EAS:device: text", "2012-03-05 13:11:12 AM", "31/31/2012 10:11:12", "2012-03-05 10:11:12abc",
		"20120305-1011", "99999999999999", "1/2", "1.2.2012", "Service 'x'", "Sonne 5 10:11:12", "10:11:1", "2012-03-0510:11:12",
	} {
		if got, n, ok := Parse(in); ok {
			t.Errorf("Parse(%q) = %v, %d, want it refused", in, got, n)
		}
	}
}

func TestParseAllocatesNothing(t *testing.T) {
	line := []byte("2012-03-05 10:11:12.345: text")
	if n := testing.AllocsPerRun(100, func() { Parse(line) }); n != 0 {
		t.Errorf("Parse allocates %v times, want 0", n)
	}
}

func TestWithYearBefore(t *testing.T) {
	tests := []struct{ in, mod, want string }{
		{"Mar  5 10:11:12", "2012-06-01", "2012"},
		{"Dec 31 23:59:59", "2012-01-01", "2011"},
		{"Jan  1 00:00:00", "2011-12-31", "2012"}, // a day of slack: a clock ahead
		{"Feb 29 10:00:00", "2015-06-01", "2012"},
		{"Jul  1 10:00:00", "2012-06-01", "2011"},
	}
	for _, tt := range tests {
		s, _, _ := Parse(tt.in)
		mod, _ := time.Parse("2006-01-02", tt.mod)
		if got := s.WithYearBefore(mod).Time(time.UTC).Format("2006"); got != tt.want {
			t.Errorf("%q before %s is of year %s, want %s", tt.in, tt.mod, got, tt.want)
		}
	}
}

func FuzzStamp(f *testing.F) {
	seeds := []string{"2012-03-05 10:11:12.345: x", "Mon, 05 Mar 2012 10:11:12 +0100", "1330942272345", "M\xe4r 5 10:11:12", "3/5/12 1:02 PM", "@40000000433225833b6e1a8c"}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add(s, "%Y-%m-%d %H:%M:%S")
	}
	f.Fuzz(func(t *testing.T, text, layout string) {
		s, n, ok := Parse(text)
		raw, m, rawOK := Parse([]byte(text))
		if s != raw || n != m || ok != rawOK {
			t.Fatalf("Parse(%q) differs between text and bytes", text)
		}
		if ok && (n <= 0 || n > len(text) || !s.valid()) {
			t.Fatalf("Parse(%q) = %+v, %d", text, s, n)
		}
		l, err := Compile(layout)
		if err != nil {
			return
		}
		if s, n, ok := l.Parse(text); ok && (n <= 0 || n > len(text) || !s.valid()) {
			t.Fatalf("layout %q of %q = %+v, %d", layout, text, s, n)
		}
	})
}

func BenchmarkParseISO(b *testing.B) {
	line := []byte("2012-03-05 10:11:12.345: some text")
	for b.Loop() {
		Parse(line)
	}
}
