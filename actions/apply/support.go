package apply

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"oxtail/actions"
)

// supportRoots are the folders in which Office keeps the support files of Exchange, one
// folder below for each language.
func supportRoots() []string {
	return []string{`%CommonProgramFiles%\System\MSMAPI`, `%CommonProgramFiles(x86)%\System\MSMAPI`, `%CommonProgramW6432%\System\MSMAPI`}
}

// languages are the numbers of the folders that are looked at: those of the languages
// that Office is sold in most.
func languages() []int {
	return []int{1033, 1031, 1036, 1034, 1040, 1043, 1041, 1042, 1046, 1045, 1049, 1029, 1030, 1035, 1044, 1053, 1055, 2052, 1028, 2057, 2070, 1038, 1032, 1025, 1037}
}

// checkElevated demands the rights to rename program files.
func (r *run) checkElevated(context.Context, *actions.Step) error {
	if r.who.Elevated || r.o.DryRun {
		return nil
	}
	way := "apply the plan again there"
	if r.renamed() {
		way = "run oxtail apply --resume there"
	}
	return refuse("start a prompt as administrator, logged on as the same user, and "+way, "renaming program files needs an administrator; only this step does")
}

// renamed reports whether this run has renamed something already.
func (r *run) renamed() bool {
	return slices.ContainsFunc(r.ops, func(o *Op) bool { return o.Name == OpRename && !o.Undone })
}

// supportFile is the file that a step is about.
func supportFile(s *actions.Step) string { return strings.TrimPrefix(s.ID, "rename-") + ".dll" }

// supportFiles finds all copies of a support file.
func (r *run) supportFiles(ctx context.Context, name string) ([]string, error) {
	var out []string
	for _, root := range supportRoots() {
		root = r.m.Expand(root)
		if strings.Contains(root, "%") {
			continue // the variable is not known here, for instance on 32-bit Windows
		}
		for _, language := range languages() {
			path := fmt.Sprintf(`%s\%d\%s`, root, language, name)
			there, err := r.exists(ctx, path)
			if err != nil {
				return nil, fmt.Errorf("look at %s: %w", path, err)
			}
			if there && !slices.ContainsFunc(out, func(x string) bool { return strings.EqualFold(x, path) }) {
				out = append(out, path)
			}
		}
	}
	return out, nil
}

func (r *run) tellSupport(ctx context.Context, s *actions.Step) ([]string, error) {
	files, err := r.supportFiles(ctx, supportFile(s))
	if err != nil {
		return nil, err
	}
	var out []string
	for _, path := range files {
		out = append(out, "would rename "+path+", version "+r.version(ctx, path)+", as an administrator")
	}
	if len(out) == 0 {
		out = append(out, supportFile(s)+" was not found; newer versions of Office do not have it there")
	}
	return out, nil
}

// renameSupport moves the copies of a support file away.
func (r *run) renameSupport(ctx context.Context, s *actions.Step) (outcome, error) {
	files, err := r.supportFiles(ctx, supportFile(s))
	if err != nil {
		return outcome{}, err
	}
	out := done()
	for _, path := range files {
		version := r.version(ctx, path)
		to, err := r.rename(ctx, path, ".old")
		if err != nil {
			return out, fmt.Errorf("rename %s: %w", path, err)
		}
		out.facts = append(out.facts, fmt.Sprintf("%s, version %s, is %s now", path, version, to))
	}
	if len(files) == 0 {
		out.state = StepSkipped
		out.facts = append(out.facts, supportFile(s)+" was not found; newer versions of Office do not have it there")
	}
	return out, nil
}

// repaired waits for a person to repair Office, and looks whether the files are back.
func (r *run) repaired(ctx context.Context, s *actions.Step) (outcome, error) {
	var moved []*Op
	for _, o := range r.ops {
		if o.Name == OpRename && !o.Undone {
			moved = append(moved, o)
		}
	}
	if len(moved) == 0 {
		return outcome{state: StepSkipped, facts: []string{"no file was renamed"}}, nil
	}
	if err := r.confirm(ctx, "Is this done: "+s.Title+"?", s.Why); err != nil {
		return byHand("repair Office, then go on with oxtail apply --resume, or put the files back with oxtail apply --undo"), nil
	}
	out := done()
	for _, o := range moved {
		there, err := r.exists(ctx, o.From)
		switch {
		case err != nil:
			return out, fmt.Errorf("look at %s: %w", o.From, err)
		case there:
			out.facts = append(out.facts, fmt.Sprintf("%s is back, version %s (before %s)", o.From, r.version(ctx, o.From), r.version(ctx, o.To)))
		default:
			out.warn("%s is not back: repair Office again (Control Panel, Programs and Features, Microsoft Office, Change), or put the old file back with oxtail apply --undo", o.From)
		}
	}
	return out, nil
}

// Limits and marks of the version of a program file.
const (
	maxProgram     = 32 << 20 // bytes; the support files have less than two MB
	fixedInfoMark  = 0xFEEF04BD
	fixedInfoBytes = 16 // up to the end of the version of the file
)

// version reads the version out of the resources of a program file, "unknown" when there
// is none. The fixed part begins with a mark that nothing else is likely to hold.
func (r *run) version(ctx context.Context, path string) string {
	in, err := r.m.Open(ctx, path)
	if err != nil {
		return "unknown"
	}
	defer in.Close() // read only: nothing is lost when closing fails
	data, err := io.ReadAll(io.LimitReader(in, maxProgram))
	if err != nil && !errors.Is(err, fs.ErrClosed) {
		return "unknown"
	}
	at := bytes.Index(data, binary.LittleEndian.AppendUint32(nil, fixedInfoMark))
	if at < 0 || at+fixedInfoBytes > len(data) {
		return "unknown"
	}
	high, low := binary.LittleEndian.Uint32(data[at+8:]), binary.LittleEndian.Uint32(data[at+12:])
	return fmt.Sprintf("%d.%d.%d.%d", high>>16, high&0xffff, low>>16, low&0xffff)
}
