package apply

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// undo takes back what was done, in reverse order, and tells whether all of it is as
// before. Each part looks first what is there: an operation may have failed half way.
func (r *run) undo(ctx context.Context) bool {
	whole := true
	for _, op := range slices.Backward(r.ops) {
		if !op.changes() || op.Undone {
			continue
		}
		err := r.undoOp(ctx, op)
		op.Undone = err == nil
		entry := Entry{Event: EventUndo, Step: op.step, Op: op, State: StepUndone}
		if err != nil {
			whole = false
			entry.State, entry.Error = StepNotUndone, err.Error()
			r.res.Warnings = append(r.res.Warnings, fmt.Sprintf("not undone: %s: %v", op, err))
		}
		if err := r.journal(ctx, entry); err != nil {
			r.res.Warnings = append(r.res.Warnings, err.Error())
		}
		r.markUndone(op, err)
	}
	if whole {
		if err := r.restoreFiles(ctx); err != nil {
			whole = false
			r.res.Warnings = append(r.res.Warnings, fmt.Sprintf("not undone: %v", err))
		}
	}
	if !whole && r.backup != nil {
		r.res.Remedies = append(r.res.Remedies, "close all mail programs, then: oxtail apply --undo "+r.backup.ID)
	}
	return whole
}

// markUndone notes in the result of a step that it was undone, or not.
func (r *run) markUndone(op *Op, err error) {
	for i := range r.res.Steps {
		s := &r.res.Steps[i]
		if s.ID != op.step || s.State == StepFailed {
			continue
		}
		s.State = StepUndone
		if err != nil {
			s.State, s.Error = StepNotUndone, err.Error()
		}
	}
}

// undoOp takes back one operation.
func (r *run) undoOp(ctx context.Context, op *Op) error {
	if op.Name == OpRename {
		return r.renameBack(ctx, op)
	}
	return r.restoreKey(ctx, op.Key)
}

// renameBack gives a file its name back. A new file in its place is kept under another
// name.
func (r *run) renameBack(ctx context.Context, op *Op) error {
	moved, err := r.exists(ctx, op.To)
	if err != nil {
		return err
	}
	if !moved {
		return nil // it was never moved, or is back already
	}
	taken, err := r.exists(ctx, op.From)
	if err != nil {
		return err
	}
	if taken {
		aside, err := freeName(ctx, r.m, op.From+".new")
		if err != nil {
			return err
		}
		if err := r.m.Rename(ctx, op.From, aside); err != nil {
			return fmt.Errorf("move %s out of the way: %w", op.From, err)
		}
		r.res.Warnings = append(r.res.Warnings, fmt.Sprintf("a new %s was there; it is kept as %s", op.From, aside))
	}
	if err := r.m.Rename(ctx, op.To, op.From); err != nil {
		return fmt.Errorf("rename %s back: %w", op.To, err)
	}
	return nil
}

// restoreKey makes a profile equal to the backup, unless it is.
func (r *run) restoreKey(ctx context.Context, key string) error {
	if r.backup == nil {
		return fmt.Errorf("there is no backup of HKCU\\%s", key)
	}
	at := slices.IndexFunc(r.backup.Saved, func(s Saved) bool { return s.Kind == SavedProfile && strings.EqualFold(s.Key, key) })
	if at < 0 {
		return fmt.Errorf("backup %s does not hold HKCU\\%s", r.backup.ID, key)
	}
	want, err := r.backup.read(ctx, r.m, r.backup.Saved[at], maxRegistry)
	if err != nil {
		return err
	}
	if r.hasKey(ctx, key, want) {
		return nil
	}
	if err := r.keepReplaced(ctx, key); err != nil {
		return err
	}
	if err := r.m.RestoreKey(ctx, key, want); err != nil {
		return fmt.Errorf("restore HKCU\\%s: %w", key, err)
	}
	if !r.hasKey(ctx, key, want) {
		return fmt.Errorf("HKCU\\%s is not as in the backup after it was restored", key)
	}
	return nil
}

// keepReplaced exports a profile that is about to be replaced because the user asked for
// it, into the folder of the backup: it may hold what was changed since.
func (r *run) keepReplaced(ctx context.Context, key string) error {
	if !r.asked {
		return nil // a run that failed has changed it just now
	}
	path, err := freeName(ctx, r.m, r.backup.Folder+`\`+r.m.Now().UTC().Format("20060102-150405")+"-replaced.reg")
	if err != nil {
		return err
	}
	out, err := r.m.Create(ctx, path)
	if err != nil {
		return fmt.Errorf("create %s: %w", path, err)
	}
	err = r.m.ExportKey(ctx, key, out)
	if e := out.Close(); err == nil {
		err = e
	}
	if err != nil {
		return fmt.Errorf("export HKCU\\%s to %s: %w", key, path, err)
	}
	r.res.Next = append(r.res.Next, "the profile as it was until now is in "+path)
	return nil
}

// hasKey reports whether a key holds what was exported.
func (r *run) hasKey(ctx context.Context, key string, want []byte) bool {
	var now bytes.Buffer
	return r.m.ExportKey(ctx, key, &now) == nil && bytes.Equal(now.Bytes(), want)
}

// restoreFiles writes cache files that are gone, because MAPI deleted them, from their
// copies.
func (r *run) restoreFiles(ctx context.Context) error {
	if r.backup == nil || !slices.ContainsFunc(r.ops, func(o *Op) bool { return o.Name == OpDelete || o.Name == OpCreate || o.Name == OpConfigure }) {
		return nil
	}
	var failed []error
	for _, s := range r.backup.Saved {
		if s.Kind == SavedCache {
			if err := r.restoreFile(ctx, s); err != nil {
				failed = append(failed, fmt.Errorf("restore %s: %w", s.Original, err))
			}
		}
	}
	return errors.Join(failed...)
}

func (r *run) restoreFile(ctx context.Context, s Saved) error {
	switch _, err := r.m.Stat(ctx, s.Original); {
	case err == nil:
		if compareFile(ctx, r.m, s.Original, s.SHA256) == nil {
			return nil
		}
		aside, err := freeName(ctx, r.m, s.Original+".new")
		if err != nil {
			return err
		}
		if err := r.m.Rename(ctx, s.Original, aside); err != nil {
			return err
		}
		r.res.Warnings = append(r.res.Warnings, fmt.Sprintf("a new %s was there; it is kept as %s", s.Original, aside))
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	return copyBack(ctx, r.m, r.backup.Folder+`\`+s.File, s)
}

// copyBack writes a file from its copy, and compares it.
func copyBack(ctx context.Context, m Machine, from string, s Saved) error {
	if err := compareFile(ctx, m, from, s.SHA256); err != nil {
		return err
	}
	in, err := m.Open(ctx, from)
	if err != nil {
		return err
	}
	defer in.Close() // read only: nothing is lost when closing fails
	out, err := m.Create(ctx, s.Original)
	if err != nil {
		return err
	}
	_, err = copyAll(ctx, out, in)
	if e := out.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return compareFile(ctx, m, s.Original, s.SHA256)
}
