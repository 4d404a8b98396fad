package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"oxtail/actions"
	"oxtail/actions/apply"
)

// NewApply returns the result of a plan, redacted.
func NewApply(r *apply.Result) *apply.Result {
	out := *r
	out.Because, out.Remedies, out.Warnings, out.Next = cleanAll(r.Because), cleanAll(r.Remedies), cleanAll(r.Warnings), cleanAll(r.Next)
	out.PropsBefore, out.PropsAfter = cleanProperties(r.PropsBefore), cleanProperties(r.PropsAfter)
	out.Gates = slices.Clone(r.Gates)
	for i := range out.Gates {
		out.Gates[i].Text, out.Gates[i].Remedy = clean(out.Gates[i].Text), clean(out.Gates[i].Remedy)
	}
	out.Steps = slices.Clone(r.Steps)
	for i := range out.Steps {
		s := &out.Steps[i]
		s.Facts, s.Warnings, s.Error, s.Remedy = cleanAll(s.Facts), cleanAll(s.Warnings), clean(s.Error), clean(s.Remedy)
	}
	return &out
}

func cleanProperties(list []apply.Property) []apply.Property {
	out := slices.Clone(list)
	for i := range out {
		out[i].Text = clean(out[i].Text)
	}
	return out
}

// WriteApplyJSON writes the steps, one object a line, then the result.
func WriteApplyJSON(w io.Writer, r *apply.Result) error {
	for i := range r.Steps {
		if err := WriteJSON(w, &r.Steps[i]); err != nil {
			return err
		}
	}
	return WriteJSON(w, r)
}

// stateColours are the colours of how runs and steps end.
func stateColour(s apply.State) string {
	switch s {
	case apply.RunDone, apply.StepConfirmed, apply.RunDryRun, apply.StepWouldDo:
		return green
	case apply.RunWarnings, apply.StepWarned, apply.RunByHand, apply.StepUndone:
		return yellow
	case apply.StepSkipped, apply.StepNotReached:
		return dim
	}
	return red
}

// stateWords say in the first line how a run ended.
func stateWords(r *apply.Result) string {
	switch r.State {
	case apply.RunDone:
		return "DONE, and verified by facts"
	case apply.RunWarnings:
		return "FINISHED, BUT NOT VERIFIED"
	case apply.RunByHand:
		return "BY HAND: nothing was changed"
	case apply.RunDryRun:
		return "IT WOULD BE DONE: nothing was changed"
	case apply.RunRefused:
		return "REFUSED: nothing was changed"
	case apply.RunUndone:
		return "UNDONE: everything is as before"
	case apply.RunPartly:
		return "PARTLY DONE"
	}
	return strings.ToUpper(string(r.State))
}

// WriteApply writes the result for a person: how it ended, what was done step by step,
// and the cache files before and after.
func WriteApply(w io.Writer, r *apply.Result, opt TextOptions) error {
	t := newText(w, opt)
	t.printf("%s\n", t.paint(bold+";"+stateColour(r.State), stateWords(r)))
	t.wrapped("  ", Plain(r.Title)+"  ["+Plain(r.Plan)+"]")
	t.target(&r.Target)
	t.wrapped("  run: ", Plain(r.Run)+runPlace(r))
	t.reasons("because", r.Because)
	t.reasons("warning:", r.Warnings)
	t.reasons("remedy:", r.Remedies)
	t.reasons("next:", r.Next)
	t.gates(r)
	if len(r.Steps) > 0 {
		t.head("STEPS")
		for i := range r.Steps {
			t.stepResult(&r.Steps[i])
		}
	}
	t.cacheList("before", r.Before)
	t.cacheList("after", r.After)
	t.properties("before", r.PropsBefore)
	t.properties("after", r.PropsAfter)
	if r.BackupID != "" {
		t.printf("\n")
		t.wrapped("backup: ", Plain(r.Backup))
		if r.State != apply.RunUndone {
			t.wrapped("undo: ", "oxtail apply --undo "+Plain(r.BackupID))
		}
	}
	return t.w.Flush()
}

// runPlace says where a run took place.
func runPlace(r *apply.Result) string {
	out := ""
	if r.Mode != "" {
		out += ", mode " + string(r.Mode)
	}
	if r.Simulated {
		return out + ", on a twin: no computer was changed"
	}
	return out + ", on " + Plain(r.Computer) + " as " + Plain(r.User)
}

func (t *text) reasons(label string, list []string) {
	for _, x := range list {
		t.wrapped("  "+label+" ", Plain(x))
	}
}

// gates lists those that are shut, or all with --all.
func (t *text) gates(r *apply.Result) {
	var shown []apply.Gate
	for _, g := range r.Gates {
		if g.State != apply.GatePass || t.opt.All || r.DryRun || r.State == apply.RunByHand {
			shown = append(shown, g)
		}
	}
	if len(shown) == 0 {
		return
	}
	t.head("CHECKED BEFORE ANYTHING IS DONE")
	for _, g := range shown {
		colour := green
		if g.State != apply.GatePass {
			colour = red
		}
		t.wrapped("  "+t.paint(colour, fmt.Sprintf("%-4s", g.State))+"  ", Plain(g.ID)+": "+Plain(g.Text))
		if g.Remedy != "" {
			t.wrapped("        remedy: ", Plain(g.Remedy))
		}
	}
}

func (t *text) stepResult(s *apply.StepResult) {
	undo := ""
	if s.NoUndo {
		undo = "  [no way back]"
	}
	t.wrapped(fmt.Sprintf("  %2d. %s  ", s.Number, t.paint(stateColour(s.State), fmt.Sprintf("%-11s", s.State))), Plain(s.Title)+undo)
	for _, f := range s.Facts {
		t.wrapped("        ", Plain(f))
	}
	for _, x := range s.Warnings {
		t.wrapped("        "+t.paint(yellow, "warning:")+" ", Plain(x))
	}
	if s.Error != "" {
		t.wrapped("        "+t.paint(red, "error:")+" ", Plain(s.Error))
	}
	if s.Remedy != "" {
		t.wrapped("        remedy: ", Plain(s.Remedy))
	}
}

// cacheList writes the cache files as the SupportTool does.
func (t *text) cacheList(when string, list []apply.CacheInfo) {
	if len(list) == 0 {
		return
	}
	t.printf("\n%s\n", t.paint(bold, "* Listing cache file information ("+when+")"))
	for _, c := range list {
		state := "does not exist"
		if c.Exists {
			state = Size(c.Bytes) + ", " + moment(stamp(c.Modified))
		}
		t.wrapped("  ", Plain(c.Path)+": "+state)
	}
}

// topProperties is how many properties are shown; --all lifts it.
const topProperties = 24

// properties writes those of the service, without secrets.
func (t *text) properties(when string, list []apply.Property) {
	if len(list) == 0 {
		return
	}
	t.printf("\n%s\n", t.paint(bold, "* Listing service properties ("+when+")"))
	for i, p := range list {
		if i == topProperties && !t.opt.All {
			t.printf("  and %d more\n", len(list)-i)
			return
		}
		value := p.Text
		if p.Secured {
			value = mask
		}
		t.wrapped(fmt.Sprintf("  %s  %08X  %-7s  ", Plain(p.Section[:min(len(p.Section), 8)]), p.Tag, p.Type), cut(Plain(value), textWidth))
	}
}

// WritePlanBrief writes what a plan will do, for a person who is asked to agree.
func WritePlanBrief(w io.Writer, p *actions.Plan, opt TextOptions) error {
	t := newText(w, opt)
	t.printf("%s  %s\n", t.paint(bold, Plain(p.Title)), t.paint(dim, "["+Plain(p.ID)+"]"))
	t.target(&p.Target)
	for _, b := range p.BlockedBy {
		t.wrapped("  "+t.paint(bold+";"+red, "BLOCKED by")+" ", Plain(b))
	}
	for _, l := range p.Loss {
		t.wrapped("  may be lost: ", Plain(lossText(l.What, l.Known, nil)))
	}
	for i := range p.Steps {
		s := &p.Steps[i]
		t.wrapped(fmt.Sprintf("  %2d. ", i+1), Plain(s.Title)+stepMarks(s))
	}
	return t.w.Flush()
}
