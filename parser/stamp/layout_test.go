package stamp

import (
	"testing"
	"time"
)

func TestLayout(t *testing.T) {
	tests := []struct{ layout, in, want string }{
		{"%Y-%m-%d %H:%M:%S.%L", "2012-03-05 10:11:12.345 x", "2012-03-05T10:11:12.345"},
		{"%Y-%m-%d %H:%M:%S,%f", "2012-03-05 10:11:12,345678 x", "2012-03-05T10:11:12.345678"},
		{"%d/%m/%Y %H:%M:%S", "04/02/2024 17:36:09", "2024-02-04T17:36:09"},
		{"%m/%d/%Y %I:%M:%S %p", "04/02/2024 05:36:09 PM", "2024-04-02T17:36:09"},
		{"%b %e %H:%M:%S", "Mar  5 10:11:12", "0000-03-05T10:11:12"},
		{"%a %b %d %T %Y", "Mon Mar 05 10:11:12 2012", "2012-03-05T10:11:12"},
		{"%d/%b/%Y:%H:%M:%S %z", "05/Mar/2012:10:11:12 +0100", "2012-03-05T09:11:12"},
		{"%FT%T%z", "2012-03-05T10:11:12Z", "2012-03-05T10:11:12"},
		{"%Y-%m-%d %H:%M:%S", "2012-03-05 10:11:12,345 x", "2012-03-05T10:11:12.345"},
		{"%s", "1330942272", "2012-03-05T10:11:12"},
		{"%i", "1330942272345", "2012-03-05T10:11:12.345"},
		{"%6", "1330942272345678", "2012-03-05T10:11:12.345678"},
		{"+%s", "+1330942272", "2012-03-05T10:11:12"},
		{"%q", "4f549140", "2012-03-05T10:11:12"},
		{"%@", "@400000004f54914a1490a100", "2012-03-05T10:11:12.345022720"},
		{"%m%d %H:%M:%S.%f", "0517 15:04:22.619632", "0000-05-17T15:04:22.619632"},
		{"%y%m%d %H%M%S", "120305 101112", "2012-03-05T10:11:12"},
		{"100%% %H:%M", "100% 10:11", "0000-01-01T10:11:00"},
	}
	for _, tt := range tests {
		l, err := Compile(tt.layout)
		if err != nil {
			t.Errorf("Compile(%q): %v", tt.layout, err)
			continue
		}
		got, _, ok := l.Parse(tt.in)
		want, err := time.Parse("2006-01-02T15:04:05", tt.want)
		if err != nil {
			t.Fatal(err)
		}
		if at := got.Time(time.UTC); !ok || !at.Equal(want) {
			t.Errorf("layout %q of %q = %v %v, want %v", tt.layout, tt.in, at, ok, want)
		}
	}
}

func TestLayoutRefuses(t *testing.T) {
	for _, layout := range []string{"%", "%Q", "%Y-%m-%", string(make([]byte, maxLayout+1))} {
		if _, err := Compile(layout); err == nil {
			t.Errorf("Compile(%q) succeeds, want an error", layout)
		}
	}
	l, _ := Compile("%Y-%m-%d %I:%M")
	for _, in := range []string{"", "2012-03-05", "2012-03-05 13:11", "12-03-05 10:11", "2012-03-05T10:11"} {
		if got, _, ok := l.Parse(in); ok {
			t.Errorf("layout %q of %q = %v, want it refused", l, in, got)
		}
	}
}

func TestSurvey(t *testing.T) {
	tests := []struct {
		name  string
		lines []string
		mod   string
		want  Order
	}{
		{"a day above 12", []string{"04/02/2024 10:00:00", "13/02/2024 10:00:00"}, "", DayFirst},
		{"a second number above 12", []string{"04/02/2024 10:00:00", "04/13/2024 10:00:00"}, "", MonthFirst},
		{"the first number moves on", []string{"04/02/2024 23:59:00", "05/02/2024 00:01:00"}, "", DayFirst},
		{"the second number moves on", []string{"04/02/2024 23:59:00", "04/03/2024 00:01:00"}, "", MonthFirst},
		{"twelve-hour clock", []string{"04/02/2024 10:00:00 AM"}, "", MonthFirst},
		{"nothing tells", []string{"04/02/2024 10:00:00", "04/02/2024 10:00:01"}, "", OrderUnknown},
		{"not after the last change", []string{"04/02/2024 10:00:00"}, "2024-02-05", DayFirst},
		{"near the last change", []string{"04/02/2024 10:00:00"}, "2024-04-02", MonthFirst},
		{"last change says nothing", []string{"04/02/2024 10:00:00"}, "2025-01-01", OrderUnknown},
		{"dots are European", []string{"04.02.2024 10:00:00"}, "2024-04-02", OrderUnknown},
	}
	for _, tt := range tests {
		var v Survey
		for _, line := range tt.lines {
			s, _, _ := Parse(line)
			v.Observe(s)
		}
		mod, _ := time.Parse("2006-01-02", tt.mod)
		if got := v.Near(mod); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// TestAgainst holds that before the end of a file only the future decides.
func TestAgainst(t *testing.T) {
	tests := []struct {
		line, mod string
		want      Order
	}{
		{"05/11/2024 10:00:00", "2024-06-01", MonthFirst}, // 5 November has not come yet
		{"11/05/2024 10:00:00", "2024-06-01", DayFirst},
		{"05/04/2024 10:00:00", "2024-05-04", OrderUnknown}, // near the last change, but other lines follow
		{"05/11/2024 10:00:00", "2025-06-01", OrderUnknown},
	}
	for _, tt := range tests {
		var v Survey
		s, _, _ := Parse(tt.line)
		v.Observe(s)
		mod, _ := time.Parse("2006-01-02", tt.mod)
		if got := v.Against(mod); got != tt.want {
			t.Errorf("%s, last change %s: %v, want %v", tt.line, tt.mod, got, tt.want)
		}
	}
}
