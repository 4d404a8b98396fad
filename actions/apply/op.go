package apply

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
)

// An OpName names one change of the computer.
type OpName string

// The changes. Each is in the journal before it is made and after.
const (
	OpBackUp      OpName = "back-up"
	OpRename      OpName = "rename-file"
	OpDelete      OpName = "delete-service"
	OpCreate      OpName = "create-service"
	OpConfigure   OpName = "configure-service"
	OpClose       OpName = "close-program"
	OpStopSearch  OpName = "stop-search"
	OpStartSearch OpName = "start-search"
	OpStart       OpName = "start-outlook"
	OpSendAll     OpName = "send-receive-all"
)

// An Op is one change of the computer, with what is needed to undo it.
type Op struct {
	Name    OpName   `json:"name"`
	From    string   `json:"from,omitempty"` // rename
	To      string   `json:"to,omitempty"`
	Profile string   `json:"profile,omitempty"` // as MAPI takes the name
	UID     string   `json:"uid,omitempty"`     // of the service; of a new one when it is there
	Service string   `json:"service,omitempty"`
	Key     string   `json:"key,omitempty"`    // registry key that it changes
	Backup  string   `json:"backup,omitempty"` // id
	SHA256  string   `json:"sha256,omitempty"` // back-up: of the manifest
	Process *Process `json:"process,omitempty"`
	How     string   `json:"how,omitempty"`
	Ran     bool     `json:"ran,omitempty"`   // stop-search: the service ran before
	Known   []string `json:"known,omitempty"` // create: UIDs of the services before
	Begun   bool     `json:"-"`               // in this run or the one that is resumed
	Ended   bool     `json:"-"`               // without an error
	Undone  bool     `json:"-"`               // and the computer is as before
	step    string   // that made it
}

// changes reports whether an operation changes profiles or files, and so calls for undo.
func (o *Op) changes() bool {
	switch o.Name {
	case OpRename, OpDelete, OpCreate, OpConfigure:
		return true
	}
	return false
}

func (o *Op) String() string {
	switch o.Name {
	case OpRename:
		return fmt.Sprintf("rename %s to %s", o.From, o.To)
	case OpDelete:
		return fmt.Sprintf("delete service %s of profile %q", o.UID, o.Profile)
	case OpCreate:
		return fmt.Sprintf("create a service %s in profile %q", o.Service, o.Profile)
	case OpConfigure:
		return fmt.Sprintf("configure service %s of profile %q", o.UID, o.Profile)
	case OpClose:
		return fmt.Sprintf("close %s (%d) by %s", o.Process.Name, o.Process.ID, o.How)
	case OpBackUp:
		return "back up to " + o.Backup
	}
	return string(o.Name)
}

// do makes a change: it is in the journal before it begins, and after it has ended. An
// operation that fails may still have changed something, so it is kept for the undo.
func (r *run) do(ctx context.Context, op *Op, act func(context.Context) error) error {
	op.step = r.step
	begin := *op
	if err := r.j.Write(ctx, Entry{Run: r.res.Run, Event: EventOpBegin, Step: r.step, Op: &begin}); err != nil {
		return err
	}
	op.Begun = true
	r.ops = append(r.ops, op)
	err := act(ctx)
	end := Entry{Run: r.res.Run, Event: EventOpEnd, Step: r.step, Op: op}
	if err != nil {
		end.Error = err.Error()
	}
	// What was done must be known to a later run even when this one is being stopped.
	if e := r.j.Write(context.WithoutCancel(ctx), end); err == nil {
		err = e
	}
	op.Ended = err == nil
	return err
}

// find gives the last operation of a step that fits, nil when there is none.
func (r *run) find(fits func(*Op) bool) *Op {
	for i := len(r.ops) - 1; i >= 0; i-- {
		if r.ops[i].step == r.step && fits(r.ops[i]) {
			return r.ops[i]
		}
	}
	return nil
}

// rename moves a file to a free name, numbered if need be, and gives that name. A file
// that a run before has moved already stays where it is.
func (r *run) rename(ctx context.Context, from, ending string) (string, error) {
	if done := r.find(func(o *Op) bool { return o.Name == OpRename && o.From == from }); done != nil {
		if _, err := r.m.Stat(ctx, from); errors.Is(err, fs.ErrNotExist) {
			return done.To, nil
		}
	}
	to, err := freeName(ctx, r.m, from+ending)
	if err != nil {
		return "", err
	}
	op := &Op{Name: OpRename, From: from, To: to}
	return to, r.do(ctx, op, func(ctx context.Context) error { return r.m.Rename(ctx, from, to) })
}

// maxNumbered is the highest number that is tried behind a name.
const maxNumbered = 1000

// freeName gives the name itself, or with the first free number from 2 on.
func freeName(ctx context.Context, m Machine, name string) (string, error) {
	for n := 1; n <= maxNumbered; n++ {
		try := name
		if n > 1 {
			try = fmt.Sprintf("%s%d", name, n)
		}
		switch _, err := m.Stat(ctx, try); {
		case errors.Is(err, fs.ErrNotExist):
			return try, nil
		case err != nil:
			return "", err
		}
	}
	return "", refuse("remove old files of this name", "%s: %d names are taken", name, maxNumbered)
}
