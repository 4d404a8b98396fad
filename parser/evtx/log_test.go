package evtx

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"oxtail/parser/evtx/evtxtest"
)

// day is when the events of the tests happened.
func day() time.Time { return time.Date(2031, 5, 6, 7, 8, 9, 123456700, time.UTC) }

// alert is a dialog of Outlook, as Office logs it.
func alert(id uint64) evtxtest.Event {
	return evtxtest.Event{
		ID: id, Time: day().Add(time.Duration(id) * time.Second), Provider: "Microsoft Office 16 Alerts", EventID: 300, Level: 4,
		Channel: "OAlerts", Computer: "PC1.example.org", SID: []byte{1, 2, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 233, 3, 0, 0},
		Data:   []string{"Microsoft Outlook", "Cannot open <your> \"default\" e-mail folders & more.\r\nTäglich 😀", "200042", "16.0.1.2", "0x8004010F", ""},
		Binary: []byte{0xca, 0xfe},
	}
}

// plain is an event without a template.
func plain(id uint64) evtxtest.Event {
	return evtxtest.Event{ID: id, Time: day(), Provider: "Application Error", EventID: 1000, Level: 2, Channel: "Application", Computer: "PC1",
		Named: [][2]string{{"AppName", "OUTLOOK.EXE"}, {"ModuleName", "oxstor32.dll"}}}
}

// alerts returns the alerts with the numbers from … to.
func alerts(from, to uint64) []evtxtest.Event {
	var out []evtxtest.Event
	for id := from; id <= to; id++ {
		out = append(out, alert(id))
	}
	return out
}

func TestEvents(t *testing.T) {
	data := evtxtest.Log([]evtxtest.Event{alert(1), plain(2), alert(3)})
	events, damage := readAll(t, data)
	if len(events) != 3 || damage != nil {
		t.Fatalf("%d events, %v; want 3", len(events), damage)
	}
	want := `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="Microsoft Office 16 Alerts"></Provider>` +
		`<EventID Qualifiers="0">300</EventID><Level>4</Level><TimeCreated SystemTime="2031-05-06T07:08:12.1234567Z"></TimeCreated>` +
		`<EventRecordID>3</EventRecordID><Channel>OAlerts</Channel><Computer>PC1.example.org</Computer><Security UserID="S-1-5-21-1001"></Security></System>` +
		"<EventData><Data>Microsoft Outlook</Data><Data>Cannot open &lt;your&gt; &quot;default&quot; e-mail folders &amp; more.\r\nTäglich 😀</Data>" +
		`<Data>200042</Data><Data>16.0.1.2</Data><Data>0x8004010F</Data><Data></Data><Binary>CAFE</Binary></EventData></Event>`
	if got := string(events[2].XML); got != want {
		t.Errorf("event 3:\ngot  %s\nwant %s", got, want)
	}
	if !strings.Contains(string(events[1].XML), `<Data Name="AppName">OUTLOOK.EXE</Data>`) {
		t.Errorf("event 2 is %s", events[1].XML)
	}
	for i, e := range events {
		checkPlace(t, data, e)
		if e.ID != uint64(i+1) || e.Problem != "" {
			t.Errorf("event %d has number %d, problem %q", i+1, e.ID, e.Problem)
		}
	}
	if got := events[0].Time; !got.Equal(day().Add(time.Second)) || got.Location() != time.UTC {
		t.Errorf("time %v, want %v in UTC", got, day().Add(time.Second))
	}
}

// TestDamage holds what is told of damaged logs: how many events are left, and words
// of the loss.
func TestDamage(t *testing.T) {
	const second = evtxtest.HeaderBytes + evtxtest.ChunkBytes // offset of the second chunk
	le := binary.LittleEndian
	f := func(name string, spoil func([]byte) []byte, events int, words ...string) {
		t.Run(name, func(t *testing.T) {
			log := evtxtest.Log(alerts(1, 3), alerts(4, 6), alerts(7, 8))
			got, damage := readAll(t, spoil(log))
			if len(got) != events {
				t.Errorf("%d events, want %d", len(got), events)
			}
			if len(words) == 0 {
				if damage != nil {
					t.Errorf("damage %v, want none", damage)
				}
				return
			}
			for _, w := range words {
				if damage == nil || !strings.Contains(damage.Error(), w) {
					t.Errorf("damage is %v, want %q", damage, w)
				}
			}
		})
	}
	same := func(b []byte) []byte { return b }
	f("sound", same, 8)
	f("old chunk count of a log in use", func(b []byte) []byte {
		b[42], b[120] = 1, flagDirty
		evtxtest.SealHeader(b)
		return b
	}, 8)
	f("unused slots", func(b []byte) []byte { return append(b, make([]byte, 2*evtxtest.ChunkBytes)...) }, 8)
	f("header", func(b []byte) []byte { b[20]++; return b }, 8, "header of the file")
	f("magic of the file", func(b []byte) []byte { b[0]++; return b }, 8, "header of the file")
	f("value changed", func(b []byte) []byte { b[second+600] ^= 1; return b }, 8, "checksum of the events in chunk 1")
	f("no checksums are kept", func(b []byte) []byte {
		b[120] = flagNoCRC
		le.PutUint32(b[124:], 0)
		for at := evtxtest.HeaderBytes; at < len(b); at += evtxtest.ChunkBytes {
			le.PutUint32(b[at+52:], 0)
			le.PutUint32(b[at+124:], 0)
		}
		return b
	}, 8)
	f("head of a chunk", func(b []byte) []byte { clear(b[second : second+512]); return b }, 8, "header of chunk 1")
	f("size of an event", func(b []byte) []byte { b[second+512+4]++; return b }, 7, "chunk 1 hold no event", "(byte 70144", "1 events)")
	f("size at the end of an event", func(b []byte) []byte {
		at := second + 512
		b[at+int(le.Uint32(b[at+4:]))-4]++
		return b
	}, 8, "size at its end is damaged")
	f("head of a chunk that holds older events behind its own", func(b []byte) []byte {
		old := evtxtest.Chunk(alerts(1, 60))
		chunk := b[second : second+evtxtest.ChunkBytes]
		end := int(le.Uint32(chunk[48:]))
		copy(chunk[end+200:], old[end+200:]) // in the middle of an event
		clear(chunk[40:60])
		return b
	}, 8, "header of chunk 1")
	f("a chunk of zeros", func(b []byte) []byte { clear(b[second : second+evtxtest.ChunkBytes]); return b }, 5, "chunk 1 is empty")
	f("a chunk overwritten", func(b []byte) []byte {
		copy(b[second:second+evtxtest.ChunkBytes], bytes.Repeat([]byte("x"), evtxtest.ChunkBytes))
		return b
	}, 5, "header of chunk 1", "hold no event")
	f("cut in the middle of the second chunk", func(b []byte) []byte { return b[:second+600] }, 3, "cut off", "chunk 1", "3 events)")
	f("cut behind the events", func(b []byte) []byte { return b[:len(b)-1000] }, 8, "cut off inside chunk 2")
	f("cut between chunks", func(b []byte) []byte { return b[:second] }, 3, "room for 1 of its 3 chunks")
	f("cut inside the header", func(b []byte) []byte { return b[:100] }, 0, "inside its header")
	f("garbage in the flags", func(b []byte) []byte { le.PutUint32(b[120:], 0xdeadbeef); return b }, 8)
}

func TestNotALog(t *testing.T) {
	for _, data := range []string{"", "x", strings.Repeat("text\n", 40_000)} {
		if _, err := Open(strings.NewReader(data), int64(len(data))); !errors.Is(err, ErrNotALog) {
			t.Errorf("Open(%.10q…) = %v, want ErrNotALog", data, err)
		}
	}
}

// TestWrapped reads a log that is full and goes on at its start.
func TestWrapped(t *testing.T) {
	events, damage := readAll(t, evtxtest.Log(alerts(7, 8), alerts(1, 3), alerts(4, 6)))
	if damage != nil {
		t.Error(damage)
	}
	for i, e := range events {
		if e.ID != uint64(i+1) {
			t.Errorf("event %d has number %d", i+1, e.ID)
		}
	}
}

// TestAppended reads a chunk whose header is older than its last events.
func TestAppended(t *testing.T) {
	log := evtxtest.Log(alerts(1, 4))
	old := evtxtest.Chunk(alerts(1, 2))
	copy(log[evtxtest.HeaderBytes:], old[:512])
	if events, damage := readAll(t, log); len(events) != 4 || damage != nil {
		t.Errorf("%d events, %v; want 4", len(events), damage)
	}
}

// A brokenDisk fails behind its limit.
type brokenDisk struct {
	data  []byte
	limit int64
}

var errDisk = errors.New("disk is broken")

func (d brokenDisk) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > d.limit {
		return 0, errDisk
	}
	return bytes.NewReader(d.data).ReadAt(p, off)
}

func TestReadError(t *testing.T) {
	data := evtxtest.Log(alerts(1, 3), alerts(4, 6))
	if _, err := Open(brokenDisk{data, 64}, int64(len(data))); !errors.Is(err, errDisk) {
		t.Errorf("Open = %v, want the error of the disk", err)
	}
	l, err := Open(brokenDisk{data, int64(len(data)) - 1000}, int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for {
		if _, err = l.Next(); err != nil {
			break
		}
		n++
	}
	if n != 3 || !errors.Is(err, errDisk) {
		t.Errorf("%d events, then %v; want 3 and the error of the disk", n, err)
	}
}

func TestText(t *testing.T) {
	log := evtxtest.Log(alerts(1, 2), alerts(3, 4), alerts(5, 5))
	clear(log[evtxtest.HeaderBytes+evtxtest.ChunkBytes:][:evtxtest.ChunkBytes])
	log = log[:len(log)-100]
	l, err := Open(bytes.NewReader(log), int64(len(log)))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(NewText(l, nil))
	var damage *Damage
	if !errors.As(err, &damage) {
		t.Fatalf("the text ends with %v, want *Damage", err)
	}
	lines := strings.Split(string(text), "\n<?evtx")
	if len(lines) != 3 || !strings.HasSuffix(lines[2], "\"?>\n") {
		t.Fatalf("%d events in %s", len(lines), text)
	}
	for i, want := range []string{`<?evtx offset="4608" length="`, `-loss offset="69632" length="65536" why="chunk 1 is empty: nothing but zeros"?><?evtx offset="135680"`} {
		if got := strings.Split(string(text), "\n<?evtx")[2*i]; !strings.HasPrefix(got, want) {
			t.Errorf("line %d is %.200s, want %s", 2*i, got, want)
		}
	}
	if got := lines[2]; !strings.Contains(got, `</Event><?evtx-loss offset="200604" length="100" why="the file is cut off inside chunk 2"?>`) {
		t.Errorf("the last line is %s", got)
	}
}
