package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// WriteMetrics writes a status in the text format of Prometheus, version 0.0.4.
func (s *WatchStatus) WriteMetrics(w io.Writer) error {
	m := &metrics{}
	m.one("oxtail_watch_files", "gauge", "Files that are followed.", float64(s.Files))
	m.one("oxtail_watch_read_bytes_total", "counter", "Bytes read.", float64(s.Bytes))
	m.one("oxtail_watch_lines_total", "counter", "Lines of the records since the start.", float64(s.Lines))
	m.one("oxtail_watch_records_total", "counter", "Records since the start.", float64(s.Records))
	m.one("oxtail_watch_behind_bytes", "gauge", "Bytes that are there and not handed on.", float64(s.Behind))
	m.one("oxtail_watch_lag_seconds", "gauge", "Longest time in the last minute for which something written waited to be read.", float64(s.LagMS)/1000)
	m.one("oxtail_watch_lagging", "gauge", "1 while the watch falls behind.", oneIf(s.LaggingSince != ""))
	m.one("oxtail_watch_episodes_open", "gauge", "Faults that go on.", float64(s.EpisodesOpen))
	m.one("oxtail_watch_gaps", "gauge", "Ranges that are lost for certain.", float64(s.Gaps))
	m.one("oxtail_watch_possible_gaps", "gauge", "Ranges that may be lost.", float64(s.PossibleGaps))
	m.one("oxtail_watch_lost_bytes", "gauge", "Bytes of the lost ranges whose length is known.", float64(s.LostBytes))
	m.sinks("oxtail_watch_output_queue", "gauge", "Events that wait.", s.Sinks, func(x *SinkStatus) float64 { return float64(x.Queue) })
	m.sinks("oxtail_watch_output_sent_total", "counter", "Events that are out.", s.Sinks, func(x *SinkStatus) float64 { return float64(x.Sent) })
	m.sinks("oxtail_watch_output_dropped_total", "counter", "Events that were given up.", s.Sinks, func(x *SinkStatus) float64 { return float64(x.Dropped) })
	m.sinks("oxtail_watch_output_failing", "gauge", "1 while the last try failed.", s.Sinks, func(x *SinkStatus) float64 { return oneIf(x.Error != "") })
	_, err := io.WriteString(w, m.b.String())
	return err
}

type metrics struct{ b strings.Builder }

func (m *metrics) head(name, kind, help string) {
	fmt.Fprintf(&m.b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

func (m *metrics) one(name, kind, help string, value float64) {
	m.head(name, kind, help)
	fmt.Fprintf(&m.b, "%s %s\n", name, number(value))
}

func (m *metrics) sinks(name, kind, help string, sinks []SinkStatus, value func(*SinkStatus) float64) {
	if len(sinks) == 0 {
		return
	}
	m.head(name, kind, help)
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)
	for i := range sinks {
		fmt.Fprintf(&m.b, "%s{output=\"%s\"} %s\n", name, escape.Replace(sinks[i].Name), number(value(&sinks[i])))
	}
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func oneIf(on bool) float64 {
	if on {
		return 1
	}
	return 0
}
