package report

import (
	"fmt"
	"io"
	"strings"

	"oxtail/actions"
)

// NewPlan returns a plan, redacted. Its schema is that of actions.Plan, since a plan is
// read again when it is carried out; names and paths that something is done to stay as
// they are.
func NewPlan(p actions.Plan) actions.Plan {
	p.BlockedBy, p.Change = cleanAll(p.BlockedBy), cleanAll(p.Change)
	loss := make([]actions.Loss, len(p.Loss))
	for i, l := range p.Loss {
		l.Why = cleanAll(l.Why)
		loss[i] = l
	}
	p.Loss = loss
	return p
}

// WritePlan writes a plan for a person.
func WritePlan(w io.Writer, p *actions.Plan, opt TextOptions) error {
	t := newText(w, opt)
	t.printf("%s  %s\n", t.paint(bold, Plain(p.Title)), t.paint(dim, "["+Plain(p.ID)+", "+Plain(string(p.Kind))+"]"))
	if p.Case != "" {
		t.printf("  for case %s\n", Plain(p.Case))
	}
	t.target(&p.Target)
	for _, b := range p.BlockedBy {
		t.wrapped("  "+t.paint(bold+";"+red, "BLOCKED by")+" ", Plain(b))
	}
	if len(p.Loss) > 0 {
		t.head("WHAT MAY BE LOST")
		for _, l := range p.Loss {
			t.wrapped("  ", Plain(lossText(l.What, l.Known, l.Why)))
		}
	}
	if len(p.Assumptions) > 0 {
		t.head("ASSUMED, to be checked again before anything is done")
		for _, a := range p.Assumptions {
			t.wrapped("  "+Plain(a.ID)+"  ", Plain(assumptionText(&a)))
		}
	}
	t.head("STEPS")
	for i := range p.Steps {
		t.step(i+1, &p.Steps[i])
	}
	for _, x := range p.Change {
		t.wrapped("would change this: ", Plain(x))
	}
	if len(p.Sources) > 0 {
		t.wrapped("sources: ", "docs/procedures.md "+strings.Join(p.Sources, ", "))
	}
	t.printf("%s\n", t.paint(dim, "Nothing was changed: a plan only says what to do."))
	return t.w.Flush()
}

func (t *text) target(x *actions.Target) {
	if x.Profile != "" {
		name := x.ProfileDisplay
		if name != x.Profile {
			name += " (stored as " + x.Profile + ")"
		}
		t.wrapped("  profile: ", Plain(name))
	}
	if x.Service != "" || x.ServiceUID != "" {
		t.wrapped("  service: ", Plain(strings.TrimSpace(x.Service+" "+x.ServiceUID)))
	}
	if x.Account != nil {
		t.wrapped("  account: ", Plain(newAccount(x.Account).String()))
	}
	t.listed("  cache files: ", x.CacheFiles)
}

func lossText(what, known string, why []string) string {
	text := what + ": " + known
	if len(why) > 0 {
		text += " (" + strings.Join(why, "; ") + ")"
	}
	return text
}

func assumptionText(a *actions.Assumption) string {
	return fmt.Sprintf("%s %s = %s; %s", a.Kind, a.Subject, a.Expected, a.Why)
}

func (t *text) step(n int, s *actions.Step) {
	marks := stepMarks(s)
	t.wrapped(fmt.Sprintf("  %d. ", n), t.paint(bold, Plain(s.Title))+marks)
	t.wrapped("     why: ", Plain(s.Why))
	t.wrapped("     done when: ", Plain(s.Verification))
	if s.Undo != "" {
		t.wrapped("     undo: ", Plain(s.Undo))
	}
	if len(s.Sources) > 0 {
		t.wrapped("     source: ", Plain(list(s.Sources)))
	}
}

// stepMarks says what a person must know before a step.
func stepMarks(s *actions.Step) string {
	if s.NoWayBack {
		return "  [cannot be undone; by a person]"
	}
	switch {
	case s.Destructive && s.NeedsPerson:
		return "  [destroys data; by a person]"
	case s.Destructive:
		return "  [destroys data]"
	case s.NeedsPerson:
		return "  [by a person]"
	}
	return ""
}

// WritePlanMarkdown writes a plan for a ticket.
func WritePlanMarkdown(w io.Writer, p *actions.Plan) error {
	m := newMarkdown(w, TextOptions{})
	m.printf("# %s\n\n| | |\n|---|---|\n", prose(p.Title))
	m.row("plan", p.ID+" ("+string(p.Kind)+")")
	m.row("case", p.Case)
	m.row("profile", p.Target.ProfileDisplay)
	m.row("service", strings.TrimSpace(p.Target.Service+" "+p.Target.ServiceUID))
	if p.Target.Account != nil {
		m.row("account", newAccount(p.Target.Account).String())
	}
	m.row("cache files", list(p.Target.CacheFiles))
	m.row("blocked by", list(p.BlockedBy))
	if len(p.Loss) > 0 {
		m.printf("\n## What may be lost\n\n")
		for _, l := range p.Loss {
			m.printf("- %s\n", prose(lossText(l.What, l.Known, l.Why)))
		}
	}
	if len(p.Assumptions) > 0 {
		m.printf("\n## Assumed\n\n")
		for i := range p.Assumptions {
			m.printf("- %s\n", prose(assumptionText(&p.Assumptions[i])))
		}
	}
	m.printf("\n## Steps\n\n")
	for i := range p.Steps {
		s := &p.Steps[i]
		m.printf("%d. **%s**%s  \n   why: %s  \n   done when: %s\n", i+1, prose(s.Title), prose(stepMarks(s)), prose(s.Why), prose(s.Verification))
	}
	return m.w.Flush()
}
