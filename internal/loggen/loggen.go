// Package loggen writes logs of the kind that a store provider writes: lines of
// about 137 bytes with times, contexts, object ids and UUIDs, of which about 0.3 %
// are of interest. Benchmarks and property tests use it.
//
// The layout is candidate A of the facts on OXtender logs; no real line of the
// client is public. The same seed gives the same bytes.
package loggen

import (
	"bufio"
	"fmt"
	"io"
	"math/rand"
	"time"
)

// Options say what to write.
type Options struct {
	Lines int
	Seed  int64
	Start time.Time // time of the first line
	NoIDs bool      // leave out random UUIDs and hex ids
}

// Of 1000 lines, so many report trouble and so many report that a folder was
// synchronized: nine folders every 30 s, at the 25 lines a second that are written.
const (
	interesting = 3
	successful  = 12
)

var folders = [...]string{"Inbox", "Sent Items", "Calendar", "Contacts", "Tasks", "Drafts", "Archiv/2025", "Projekte/Übersicht", "Deleted Items"}

var progress = [...]string{
	"DEBUG sync engine: folder '%[1]s' rev=%[2]d state clean, obj %[3]s uid %[4]s",
	"DEBUG http: PUT /usm-json/sync folder=%[1]s bytes=%[2]d took=%[5]dms req=%[3]s",
	"INFO  cache: wrote page %[2]d of '%[1]s' key=%[3]s dirty=%[5]d pool=4096 hit",
	"DEBUG mapi: GetProps entry=%[3]s tags=%[5]d folder '%[1]s' hr=0x00000000",
	"DEBUG sync engine: folder '%[1]s' poll %[5]d objects, next in 30 s, session %[4]s",
	"TRACE queue: pop job %[2]d kind=update obj=%[4]s prio=%[5]d owner=worker left",
}

// success ends a sync cycle of a folder.
const success = "INFO  sync engine: folder '%[1]s' synchronized, %[5]d objects, next in 30 s, session %[4]s"

var trouble = [...]string{
	"ERROR sync engine: folder '%[1]s': UUID %[4]s already in use, object %[2]d rejected",
	"ERROR sync engine: folder '%[1]s': UUID already mapped: %[4]s",
	"ERROR sync engine: No DataObject with UUID %[4]s in folder '%[1]s'",
	"WARN  http: server answered SVL-0019 Too many concurrent requests, retry in %[5]d s",
	"ERROR mapi: SaveChanges failed, hr=0x8004010F, folder '%[1]s' obj %[3]s",
	"ERROR http: connection timed out after 30000 ms, request %[3]s",
	"WARN  cache: slow page write, %[5]d ms, page %[2]d, disk busy",
	"ERROR worker: unexpected state %[5]d in job %[2]d, obj %[3]s",
}

// Write writes a log.
func Write(w io.Writer, o Options) error {
	out := bufio.NewWriterSize(w, 1<<20)
	rng := rand.New(rand.NewSource(o.Seed))
	now := o.Start
	if now.IsZero() {
		now = time.Date(2026, 3, 5, 8, 0, 0, 0, time.UTC)
	}
	for range o.Lines {
		now = now.Add(time.Duration(rng.Intn(80)) * time.Millisecond)
		text := progress[rng.Intn(len(progress))]
		switch draw := rng.Intn(1000); {
		case draw < interesting:
			text = trouble[rng.Intn(len(trouble))]
		case draw < interesting+successful:
			text = success
		}
		fmt.Fprintf(out, "%s: ctx-%02d 0x%04x ", now.Format("2006-01-02 15:04:05.000"), rng.Intn(40), 0x1a00+rng.Intn(12)*4)
		fmt.Fprintf(out, text, folders[rng.Intn(len(folders))], rng.Intn(1_000_000), hexID(rng, o.NoIDs), uuid(rng, o.NoIDs), rng.Intn(400))
		if _, err := out.WriteString("\r\n"); err != nil {
			return fmt.Errorf("write log: %w", err)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write log: %w", err)
	}
	return nil
}

func hexID(rng *rand.Rand, fixed bool) string {
	if fixed {
		return "00000000000000aa"
	}
	return fmt.Sprintf("%016x", rng.Uint64())
}

func uuid(rng *rand.Rand, fixed bool) string {
	if fixed {
		return "00000000-0000-4000-8000-000000000001"
	}
	a, b := rng.Uint64(), rng.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>52, b&0xffffffffffff)
}
