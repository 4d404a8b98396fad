package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
)

// The objects of watch. Fields are only added.
const (
	SchemaEpisode     = "oxtail.episode/v1"
	SchemaLoss        = "oxtail.loss/v1"
	SchemaLag         = "oxtail.lag/v1"
	SchemaWatchStatus = "oxtail.watch-status/v1"
)

// An Episode is the findings of one fault from its start to its end. Schema
// oxtail.episode/v1.
type Episode struct {
	Schema   string `json:"schema"`
	ID       string `json:"id"`
	State    string `json:"state"`   // open, ongoing, healed, silent
	Finding  string `json:"finding"` // id
	First    string `json:"first,omitempty"`
	Last     string `json:"last,omitempty"`
	Count    int    `json:"count"` // records
	LastGood string `json:"last_good,omitempty"`
}

// NewEpisode returns an episode in the form of the schema.
func NewEpisode(id, state, finding string, first, last, lastGood time.Time, count int) Episode {
	return Episode{
		Schema: SchemaEpisode, ID: id, State: state, Finding: finding,
		First: stamp(first), Last: stamp(last), LastGood: stamp(lastGood), Count: count,
	}
}

// A Loss is a range of bytes that was, or may have been, lost while following a file.
// Schema oxtail.loss/v1.
type Loss struct {
	Schema   string `json:"schema"`
	Source   string `json:"source"`
	From     int64  `json:"from"`         // offset of the first byte
	To       *int64 `json:"to,omitempty"` // offset after the last byte; absent if unknown
	Why      string `json:"why"`
	Possible bool   `json:"possible,omitempty"` // nobody can tell whether anything was lost
	Time     string `json:"time"`               // when it was noticed
}

// NewLoss returns a loss in the form of the schema. A negative end is unknown.
func NewLoss(source string, from, to int64, why string, possible bool, at time.Time) Loss {
	l := Loss{Schema: SchemaLoss, Source: clean(source), From: from, Why: clean(why), Possible: possible, Time: stamp(at)}
	if to >= 0 {
		l.To = &to
	}
	return l
}

// Text returns the loss for people: a line, or more when it is long.
func (l *Loss) Text() string {
	span := "bytes from " + humanize.Comma(l.From) + " on"
	if l.To != nil {
		span = fmt.Sprintf("%s at %s", plural(*l.To-l.From, "byte"), humanize.Comma(l.From))
	}
	word := "gap"
	if l.Possible {
		word = "possible gap"
	}
	var b strings.Builder
	t := newText(&b, TextOptions{})
	t.wrapped(fmt.Sprintf("%s  %s  ", clock(l.Time), word), fmt.Sprintf("%s: %s: %s", Plain(l.Source), span, Plain(l.Why)))
	_ = t.w.Flush() // a strings.Builder takes all
	return strings.TrimSuffix(b.String(), "\n")
}

// A Lag says that a watch falls behind, or that it has caught up. Schema oxtail.lag/v1.
type Lag struct {
	Schema string `json:"schema"`
	State  string `json:"state"` // behind, caught-up
	Since  string `json:"since"` // what was written after it was not read in time
	LagMS  int64  `json:"lag_ms"`
	Time   string `json:"time"` // when it was noticed
}

// NewLag returns a lag in the form of the schema.
func NewLag(state string, since, at time.Time, lag time.Duration) Lag {
	return Lag{Schema: SchemaLag, State: state, Since: stamp(since), LagMS: lag.Milliseconds(), Time: stamp(at)}
}

// Text returns the lag as one line for people.
func (l *Lag) Text() string {
	if l.State == "behind" {
		return fmt.Sprintf("%s  behind   what was written since %s is not all read", clock(l.Time), clock(l.Since))
	}
	return fmt.Sprintf("%s  caught up  it was up to %d s behind", clock(l.Time), l.LagMS/1000)
}

// clock returns the time of day of a stamp, for lines that are read as they come.
func clock(stamp string) string {
	t, err := time.Parse(time.RFC3339Nano, stamp)
	if err != nil {
		return "--:--:--"
	}
	return t.Format("15:04:05")
}

// EpisodeText returns what an episode says to people: a line with the state and the
// title, the newest record, then the next step when it begins.
func EpisodeText(e *Episode, f *Finding, now time.Time, colour bool) string {
	var b strings.Builder
	t := newText(&b, TextOptions{Colour: colour})
	paint := colourOf(f.Severity)
	if e.State == "healed" {
		paint = green
	}
	t.printf("%s  %s  %-8s  %s → %s  (%s)\n", now.Format("15:04:05"), t.paint(bold+";"+paint, fmt.Sprintf("%-7s", e.State)),
		Plain(f.Severity), Plain(f.Title), Plain(f.Action), recordCount(e.Count))
	const indent = "        "
	if n := len(f.Evidence); n > 0 {
		t.wrapped(indent, Plain(evidencePlace(&f.Evidence[n-1])))
		if e.State == "open" {
			t.printf("%s%s\n", indent, t.paint(dim, Shorten(Plain(f.Evidence[n-1].Text), textWidth-len(indent))))
		}
	}
	if e.State == "open" {
		if len(f.Evidence) == 0 && len(f.Because) > 0 {
			t.wrapped(indent, Plain(f.Because[0]))
		}
		if step := nextStep[f.Action]; step != "" {
			t.wrapped(indent, "next: "+step)
		}
	}
	if e.State == "healed" || e.State == "silent" {
		t.printf("%sfrom %s to %s\n", indent, orUnknown(e.First), orUnknown(e.Last))
	}
	_ = t.w.Flush() // a strings.Builder takes all
	return b.String()
}

// evidencePlace names the source and, for a log, the line of evidence.
func evidencePlace(e *Evidence) string {
	if e.Line == 0 {
		return e.Source
	}
	return fmt.Sprintf("%s:%d", e.Source, e.Line)
}

func recordCount(n int) string {
	if n == 1 {
		return "1 record"
	}
	return humanize.Comma(int64(n)) + " records"
}

func orUnknown(stamp string) string {
	if stamp == "" {
		return "unknown"
	}
	return stamp
}

// RecordText returns a record on a line of its own: its place, its time if it has one,
// and what it says.
func RecordText(r *Record) string {
	at := r.Time
	if at != "" {
		at += "  "
	}
	return fmt.Sprintf("%s:%d: %s%s\n", Plain(r.Source), r.Line, at, Plain(r.Message))
}

// A WatchStatus says how a watch is doing. Schema oxtail.watch-status/v1.
type WatchStatus struct {
	Schema        string       `json:"schema"`
	Running       bool         `json:"running"`
	Started       string       `json:"started"`
	Updated       string       `json:"updated"`
	Version       string       `json:"version"`
	Files         int          `json:"files"`
	Bytes         int64        `json:"bytes"`   // read since the start
	Lines         int64        `json:"lines"`   // of the records
	Records       int64        `json:"records"` // since the start
	Behind        int64        `json:"behind"`  // bytes that are there and not handed on
	LagMS         int64        `json:"lag_ms"`  // longest time in the last minute for which something written waited to be read
	LaggingSince  string       `json:"lagging_since,omitempty"`
	EpisodesOpen  int          `json:"episodes_open"`  // now
	EpisodesTotal int          `json:"episodes_total"` // remembered
	Gaps          int          `json:"gaps"`           // certain losses
	PossibleGaps  int          `json:"possible_gaps"`
	LostBytes     int64        `json:"lost_bytes"` // of the ranges that are known
	Losses        []Loss       `json:"losses,omitempty"`
	Sinks         []SinkStatus `json:"sinks,omitempty"`
}

// A SinkStatus says how an output is doing.
type SinkStatus struct {
	Name    string `json:"name"`
	Queue   int    `json:"queue"`   // events that wait
	Sent    int64  `json:"sent"`    // events
	Dropped int64  `json:"dropped"` // events that found the queue full, or failed for good
	Error   string `json:"error,omitempty"`
}

// Text returns the status for people.
func (s *WatchStatus) Text() string {
	var b strings.Builder
	if s.Running {
		fmt.Fprintf(&b, "running since %s, last sign %s\n", s.Started, s.Updated)
	} else {
		fmt.Fprintf(&b, "not running; started %s, last sign %s\n", s.Started, s.Updated)
	}
	fmt.Fprintf(&b, "files      %s followed, %s read, %s records, %s behind\n", humanize.Comma(int64(s.Files)), Size(s.Bytes), humanize.Comma(s.Records), Size(s.Behind))
	fmt.Fprintf(&b, "episodes   %d open, %d remembered\n", s.EpisodesOpen, s.EpisodesTotal)
	fmt.Fprintf(&b, "gaps       %s\n", s.GapText())
	fmt.Fprintf(&b, "lag        %d ms%s\n", s.LagMS, laggingText(s.LaggingSince))
	for _, x := range s.Sinks {
		fmt.Fprintf(&b, "output     %s: %d sent, %d waiting, %d dropped%s\n", Plain(x.Name), x.Sent, x.Queue, x.Dropped, orNothing(x.Error))
	}
	for i := range s.Losses {
		fmt.Fprintf(&b, "%s\n", s.Losses[i].Text())
	}
	return b.String()
}

// GapText says what is lost in a few words: "1 gap: 4,096 bytes before 10:14:03".
func (s *WatchStatus) GapText() string {
	if s.Gaps+s.PossibleGaps == 0 {
		return "none"
	}
	last := map[bool]string{}
	for i := range s.Losses {
		last[s.Losses[i].Possible] = " before " + clock(s.Losses[i].Time)
	}
	var parts []string
	if s.Gaps > 0 {
		size := ""
		if s.LostBytes > 0 {
			size = " " + plural(s.LostBytes, "byte")
		}
		if s.Gaps > 1 && last[false] != "" {
			last[false] = ", the last" + last[false]
		}
		parts = append(parts, plural(int64(s.Gaps), "gap")+":"+size+last[false])
	}
	if s.PossibleGaps > 0 {
		parts = append(parts, plural(int64(s.PossibleGaps), "possible gap")+last[true])
	}
	return strings.Join(parts, "; ")
}

func laggingText(since string) string {
	if since == "" {
		return ""
	}
	return ", behind since " + clock(since)
}

func orNothing(err string) string {
	if err == "" {
		return ""
	}
	return "; " + Plain(err)
}
