package parser

import (
	"testing"
	"time"
)

func clockRecords(t *testing.T, clocks ...string) []*Record {
	t.Helper()
	var out []*Record
	for _, c := range clocks {
		at, err := time.Parse("15:04:05", c)
		if err != nil {
			t.Fatal(err)
		}
		r := &Record{}
		r.SetClock(at.Sub(midnight(at)))
		out = append(out, r)
	}
	return out
}

func at(t *testing.T, s string) time.Time {
	t.Helper()
	when, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

func TestInferDays(t *testing.T) {
	cases := []struct {
		name   string
		src    Source
		clocks []string
		want   []string
	}{
		{"submit time gives day and zone", Source{ItemTime: at(t, "2011-04-28T11:37:47Z")}, []string{"16:37:46", "16:37:47"},
			[]string{"2011-04-28T16:37:46+05:00", "2011-04-28T16:37:47+05:00"}},
		{"local day after the UTC day", Source{ItemTime: at(t, "2011-09-19T20:55:00Z")}, []string{"1:55:00"},
			[]string{"2011-09-20T01:55:00+05:00"}},
		{"west of Greenwich, day before", Source{ItemTime: at(t, "2011-09-20T03:10:00Z")}, []string{"20:10:00"},
			[]string{"2011-09-19T20:10:00-07:00"}},
		{"half past zone", Source{ItemTime: at(t, "2020-01-01T10:00:00Z")}, []string{"15:30:01"},
			[]string{"2020-01-01T15:30:01+05:30"}},
		{"midnight inside the log", Source{ItemTime: at(t, "2020-01-02T00:00:05Z")}, []string{"23:59:50", "00:00:05"},
			[]string{"2020-01-01T23:59:50Z", "2020-01-02T00:00:05Z"}},
		{"clock set back an hour is the same day", Source{ItemTime: at(t, "2020-10-25T02:10:00Z")}, []string{"2:59:59", "2:00:01", "2:10:00"},
			[]string{"2020-10-25T02:59:59Z", "2020-10-25T02:00:01Z", "2020-10-25T02:10:00Z"}},
		{"modification time", Source{ModTime: at(t, "2026-03-05T12:00:00Z")}, []string{"11:00:00"},
			[]string{"2026-03-05T11:00:00Z"}},
		{"modification time before the clock", Source{ModTime: at(t, "2026-03-05T08:00:00Z")}, []string{"23:00:00"},
			[]string{"2026-03-04T23:00:00Z"}},
		{"date in the name", Source{Path: "x/oxtstore_2026-03-04.log", ModTime: at(t, "2026-03-09T08:00:00Z")}, []string{"10:00:00"},
			[]string{"2026-03-04T10:00:00Z"}},
		{"date in the name is the first day", Source{Path: "oxtstore_20120305.log"}, []string{"23:59:58", "00:00:01", "00:10:00"},
			[]string{"2012-03-05T23:59:58Z", "2012-03-06T00:00:01Z", "2012-03-06T00:10:00Z"}},
		{"clock set back an hour in a dated file", Source{Path: "2012-10-28.log"}, []string{"2:59:59", "2:00:01"},
			[]string{"2012-10-28T02:59:59Z", "2012-10-28T02:00:01Z"}},
		{"US date in the name", Source{Path: "IMAP-kim-03_05_2026-10_11_12_345.log"}, []string{"10:11:12"},
			[]string{"2026-03-05T10:11:12Z"}},
		{"nothing known", Source{Path: "x.log"}, []string{"10:00:00"}, []string{""}},
	}
	for _, c := range cases {
		records := clockRecords(t, c.clocks...)
		inferDays(records, c.src)
		for i, r := range records {
			got := ""
			if r.Basis != TimeNone {
				got = r.Time.Format(time.RFC3339)
			}
			if got != c.want[i] {
				t.Errorf("%s: record %d at %q; want %q", c.name, i, got, c.want[i])
			}
		}
	}
}
