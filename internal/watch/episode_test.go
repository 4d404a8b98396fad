package watch

import (
	"strings"
	"testing"
	"time"

	"oxtail/detectors"
)

// TestEpisodes walks one fault through its life.
func TestEpisodes(t *testing.T) {
	now := time.Date(2026, 3, 5, 10, 0, 0, 0, time.UTC)
	s := NewEpisodes(30*time.Minute, 15*time.Minute, detectors.SeverityLow, nil)
	f := detectors.Finding{ID: "f1", Rule: "r", UUIDs: []string{"u"}, Severity: detectors.SeverityHigh, Last: now}
	for _, step := range []struct {
		after time.Duration
		count int
		gone  bool
		want  string // states that are told
	}{
		{0, 1, false, "open"},
		{time.Second, 5, false, ""},      // cool-down
		{10 * time.Minute, 6, false, ""}, //
		{6 * time.Minute, 7, false, "ongoing"},
		{29 * time.Minute, 7, false, ""}, //
		{2 * time.Minute, 7, false, "silent"},
		{time.Hour, 7, false, ""},       // told once
		{time.Minute, 8, false, "open"}, // again
		{time.Minute, 8, true, "healed"},
		{time.Minute, 8, true, ""},
		{time.Minute, 9, false, "open"},
		{-24 * time.Hour, 9, false, ""}, // the clock is set back
		{29 * time.Minute, 9, false, ""},
		{2 * time.Minute, 9, false, "silent"},
	} {
		now = now.Add(step.after)
		f.Count, f.IsGone = step.count, step.gone
		var got []string
		for _, told := range s.Update([]detectors.Finding{f}, now, true) {
			got = append(got, string(told.Episode.State))
		}
		if strings.Join(got, " ") != step.want {
			t.Errorf("after %v with %d records, gone %v: told %q; want %q", step.after, step.count, step.gone, got, step.want)
		}
	}
	list := s.List()
	if len(list) != 1 || list[0].Number != 3 || list[0].Count != 1 {
		t.Errorf("episodes %+v; want the third of the fault, with one record", list)
	}
}

// TestOneEpisodePerFault: sources, not faults, are many.
func TestOneEpisodePerFault(t *testing.T) {
	now := time.Date(2026, 3, 5, 10, 0, 0, 0, time.UTC)
	s := NewEpisodes(time.Hour, time.Hour, detectors.SeverityLow, nil)
	find := func(source, uuid string, sev detectors.Severity) detectors.Finding {
		f := detectors.Finding{ID: source + uuid, Rule: "r", Source: source, Severity: sev, Count: 1, Last: now}
		if uuid != "" {
			f.UUIDs = []string{uuid}
		}
		return f
	}
	told := s.Update([]detectors.Finding{
		find("a", "u1", detectors.SeverityHigh), find("b", "u1", detectors.SeverityHigh), // one fault
		find("a", "u2", detectors.SeverityHigh),
		find("a", "", detectors.SeverityHigh), find("b", "", detectors.SeverityHigh), // two: nothing else tells them apart
		find("a", "u3", detectors.SeverityInformational), // too light
	}, now, true)
	if len(told) != 4 || told[0].Episode.Count != 2 {
		t.Errorf("told %d episodes, the first with %d records; want 4 and 2", len(told), told[0].Episode.Count)
	}
	old := find("c", "u9", detectors.SeverityHigh)
	old.Last = now.Add(-48 * time.Hour)
	if told := s.Update([]detectors.Finding{old}, now, false); len(told) != 1 || told[0].Episode.State != Silent {
		t.Errorf("a fault of long ago: %+v; want it to begin as silent", told)
	}
}
