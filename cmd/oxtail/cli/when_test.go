package cli

import (
	"testing"
	"time"
)

func TestParseWhen(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 5, 1, 30, 0, 0, time.UTC) // 02:30 in Berlin
	for _, c := range []struct {
		in   string
		zone *time.Location
		end  bool
		want string // RFC 3339 in UTC; empty: an error
	}{
		{"2026-03-01", nil, false, "2026-03-01T00:00:00Z"},
		{"2026-03-01", nil, true, "2026-03-02T00:00:00Z"},
		{"2026-03-01", berlin, false, "2026-02-28T23:00:00Z"},
		{"01.03.2026", nil, false, "2026-03-01T00:00:00Z"},
		{"2026-03-01T10:11:12Z", berlin, true, "2026-03-01T10:11:12Z"},
		{"2026-03-01T10:11:12+02:00", nil, false, "2026-03-01T08:11:12Z"},
		{"2026-03-01 10:11", berlin, false, "2026-03-01T09:11:00Z"},
		{"2h", nil, false, "2026-03-04T23:30:00Z"},
		{"90m ago", nil, false, "2026-03-05T00:00:00Z"},
		{"3d", nil, true, "2026-03-02T01:30:00Z"},
		{"1w", nil, false, "2026-02-26T01:30:00Z"},
		{"now", nil, false, "2026-03-05T01:30:00Z"},
		{"today", nil, false, "2026-03-05T00:00:00Z"},
		{"Yesterday", nil, false, "2026-03-04T00:00:00Z"},
		{"yesterday", berlin, true, "2026-03-04T23:00:00Z"},
		{"", nil, false, ""}, {"2026-13-01", nil, false, ""}, {"-2h", nil, false, ""}, {"d", nil, false, ""},
		{"999999999d", nil, false, ""}, {"morgen", nil, false, ""},
	} {
		got, err := parseWhen(c.in, now, c.zone, c.end)
		switch {
		case c.want == "" && err == nil:
			t.Errorf("parseWhen(%q) = %v; want an error", c.in, got)
		case c.want != "" && (err != nil || got.UTC().Format(time.RFC3339) != c.want):
			t.Errorf("parseWhen(%q, %v, end %v) = %v, %v; want %s", c.in, c.zone, c.end, got.UTC(), err, c.want)
		}
	}
}

func TestParseZone(t *testing.T) {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		in     string
		offset int // seconds
		ok     bool
	}{
		{"UTC", 0, true}, {"Europe/Berlin", 3600, true}, {"+05:30", 19800, true}, {"-0800", -28800, true}, {"+01", 3600, true},
		{"Mars/Olympus", 0, false}, {"+1", 0, false},
	} {
		zone, err := parseZone(c.in)
		if (err == nil) != c.ok {
			t.Errorf("parseZone(%q): error %v; want ok %v", c.in, err, c.ok)
			continue
		}
		if err == nil {
			if _, got := at.In(zone).Zone(); got != c.offset {
				t.Errorf("parseZone(%q) has offset %d; want %d", c.in, got, c.offset)
			}
		}
	}
}
