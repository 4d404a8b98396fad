package report

import (
	"io"
	"time"

	"oxtail/actions/apply"
)

// A BackupVerdict says whether a backup is whole. Schema oxtail.backup-check/v1.
type BackupVerdict struct {
	Schema string   `json:"schema"`
	ID     string   `json:"id"`
	Whole  bool     `json:"whole"`
	Files  int      `json:"files"`
	Faults []string `json:"faults,omitempty"`
}

// WriteBackups lists backups for a person, oldest first.
func WriteBackups(w io.Writer, list []apply.Manifest, opt TextOptions) error {
	t := newText(w, opt)
	if len(list) == 0 {
		t.printf("no backups\n")
	}
	for i := range list {
		b := &list[i]
		t.printf("%s  %s  %s\n", t.paint(bold, Plain(b.ID)), b.Time.UTC().Format(time.DateTime), Size(b.Bytes))
		t.wrapped("  ", Plain(b.Title)+", "+plural(int64(len(b.Saved)), "file")+", run "+Plain(b.Run))
		t.wrapped("  ", Plain(b.Folder))
	}
	return t.w.Flush()
}

// WriteBackupVerdicts says for a person which backups are whole.
func WriteBackupVerdicts(w io.Writer, list []BackupVerdict, opt TextOptions) error {
	t := newText(w, opt)
	if len(list) == 0 {
		t.printf("no backups\n")
	}
	for i := range list {
		v := &list[i]
		if v.Whole {
			t.printf("%s  %s, %s with the checksums of the manifest\n", t.paint(green, "whole  "), Plain(v.ID), plural(int64(v.Files), "file"))
			continue
		}
		t.printf("%s  %s\n", t.paint(bold+";"+red, "damaged"), Plain(v.ID))
		t.reasons("because", v.Faults)
	}
	return t.w.Flush()
}

// WritePruned says for a person what was removed.
func WritePruned(w io.Writer, list []apply.Pruned, opt TextOptions) error {
	t := newText(w, opt)
	var bytes int64
	failed := 0
	for _, p := range list {
		if p.Error != "" {
			failed++
			t.wrapped(t.paint(red, "not removed:")+" ", Plain(p.Path)+": "+Plain(p.Error))
			continue
		}
		bytes += p.Bytes
		t.wrapped("removed: ", Plain(p.Path))
	}
	t.printf("%s removed, %s free again\n", plural(int64(len(list)-failed), "file"), Size(bytes))
	return t.w.Flush()
}
