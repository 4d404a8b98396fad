package checks

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// An Input is what a run needs besides evidence.
type Input struct {
	Role    Role
	Config  Config
	Answers Answers
	Only    []string // patterns of ids; empty means all
}

// maxProofs bounds the pieces of evidence that one result lists.
const maxProofs = 50

// Run judges the checks, in the order of their ids. Checks that do not concern the role
// are n/a.
func (s *Set) Run(ev Evidence, in Input) []Result {
	var out []Result
	for _, c := range s.list {
		if len(in.Only) > 0 && !slices.ContainsFunc(in.Only, c.Matches) {
			continue
		}
		r := &run{check: c, evidence: ev, in: in}
		out = append(out, r.result())
	}
	return out
}

// Explaining returns the results that failed and explain MAPI_E_FAILONEPROVIDER, in the
// order of the cheapest test.
func Explaining(results []Result) []Result {
	var out []Result
	for _, r := range results {
		if r.Explains != "" {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b Result) int { return cmp.Compare(a.place, b.place) })
	return out
}

// A run is the judging of one check.
type run struct {
	check    *Check
	evidence Evidence
	in       Input
	out      Result
}

func (r *run) result() Result {
	c := r.check
	r.out = Result{
		Schema: Schema, ID: c.ID, Number: c.Number, Title: c.Title, Source: c.Source, Paragraphs: c.Paragraphs, Certainty: c.Certainty,
		Remedy: c.Remedy, Action: string(c.Action), Role: r.in.Role, Evidence: []Proof{},
	}
	switch {
	case !c.Concerns(r.in.Role):
		r.notApplicable("it is for " + roleNames(c.Roles) + ", not for " + r.in.Role.Describe())
	case !r.applies():
	default:
		r.judge()
	}
	if c.Explains != nil && (r.out.Result == Fail || r.out.Result == Warn) {
		r.out.Explains, r.out.place = c.Explains.Why, c.Explains.Place
	}
	return r.out
}

func roleNames(roles []Role) string {
	if len(roles) == 1 {
		return roles[0].Describe()
	}
	return OutlookClient.Describe()
}

func (r *run) notApplicable(why string) {
	r.out.Result = NotApplicable
	r.out.Why = appendNew(r.out.Why, why)
}

// applies looks at the conditions under which the check makes sense. What is not known
// does not rule it out.
func (r *run) applies() bool {
	for i := range r.check.When {
		t := &r.check.When[i]
		o := r.condition(t)
		if o.word == Fail || o.word == Warn || o.word == NotApplicable {
			r.notApplicable(cmp.Or(t.Say, strings.Join(o.why, "; ")))
			r.prove(o.proofs)
			return false
		}
	}
	return true
}

// condition runs a test of which one good value is enough.
func (r *run) condition(t *Test) outcome {
	all := r.test(t)
	if all.word != Fail && all.word != Warn || t.Question != nil {
		return all
	}
	for _, p := range t.Probes {
		obs := r.evidence.Observe(p)
		for i := range obs.Values {
			if j := t.Pass.judge(&obs.Values[i], r.in.Config); !j.bad && !t.Pass.isAll() {
				return outcome{word: Pass}
			}
		}
	}
	return all
}

// judge runs the tests and takes the worst result; a person decides what the evidence
// leaves open.
func (r *run) judge() {
	var outcomes []outcome
	var unseen []string // what would settle the optional tests that were left out
	for i := range r.check.Tests {
		t := &r.check.Tests[i]
		o := r.test(t)
		if t.Optional && (o.word == Unknown || o.word == NeedsPerson) {
			unseen = append(unseen, o.settles...)
			continue
		}
		outcomes = append(outcomes, o)
		r.out.Result = worse(r.out.Result, o.word)
	}
	if r.out.Result == "" {
		r.out.Result = Unknown
	}
	if r.check.Ask != nil && r.out.Result == Unknown {
		o := r.ask(r.check.Ask)
		r.out.Result = o.word
		outcomes = append([]outcome{o}, outcomes...)
	}
	slices.SortStableFunc(outcomes, func(a, b outcome) int { return a.word.rank() - b.word.rank() })
	for _, o := range outcomes {
		r.take(o)
	}
	if r.out.Result == Unknown || r.out.Result == Pass {
		for _, s := range unseen {
			r.out.Settles = appendNew(r.out.Settles, s)
		}
	}
}

// take adds what one test says to the result.
func (r *run) take(o outcome) {
	for _, why := range o.why {
		r.out.Why = appendNew(r.out.Why, why)
	}
	if r.out.Result == Unknown || r.out.Result == NeedsPerson {
		for _, s := range o.settles {
			r.out.Settles = appendNew(r.out.Settles, s)
		}
	}
	if o.question != "" && r.out.Result == NeedsPerson {
		r.out.Questions = appendNew(r.out.Questions, o.question)
	}
	if o.word == r.out.Result && o.remedy != "" {
		r.out.Remedy = o.remedy
	}
	if o.word == r.out.Result && o.action != "" {
		r.out.Action = o.action
	}
	r.prove(o.proofs)
}

func (r *run) prove(proofs []Proof) {
	for _, p := range proofs {
		if len(r.out.Evidence) == maxProofs {
			r.out.Why = appendNew(r.out.Why, fmt.Sprintf("only the first %d pieces of evidence are listed", maxProofs))
			return
		}
		if !slices.Contains(r.out.Evidence, p) {
			r.out.Evidence = append(r.out.Evidence, p)
		}
	}
}

// An outcome is what one test says.
type outcome struct {
	word     Word
	why      []string
	settles  []string
	proofs   []Proof
	question string
	remedy   string
	action   string
}

// test runs one test.
func (r *run) test(t *Test) outcome {
	if t.Question != nil {
		o := r.ask(t.Question)
		if o.word == Fail {
			o.remedy, o.action = t.Remedy, string(t.Action)
			o.why = appendNew(o.why, t.Say)
		}
		return o
	}
	obs := Observation{Covered: true}
	for _, p := range t.Probes {
		obs.merge(r.evidence.Observe(p))
	}
	o := r.weigh(t, &obs)
	for _, remark := range obs.Remarks {
		o.why = appendNew(o.why, remark)
	}
	if o.word == Unknown {
		for _, s := range obs.Settles {
			o.settles = appendNew(o.settles, s)
		}
	}
	if o.word == Fail || o.word == Warn {
		o.remedy, o.action = t.Remedy, string(t.Action)
	}
	return o
}

// weigh holds an observation against the conditions of a test.
func (r *run) weigh(t *Test, obs *Observation) outcome {
	o := outcome{proofs: proofs(obs.Values)}
	if len(obs.Values) == 0 {
		return r.nothing(t, obs)
	}
	good := r.hold(&t.Pass, obs.Values)
	if good.bad { // what is bad goes first
		bad := func(v Value) int {
			if t.Pass.judge(&v, r.in.Config).bad {
				return 0
			}
			return 1
		}
		values := slices.Clone(obs.Values)
		slices.SortStableFunc(values, func(a, b Value) int { return bad(a) - bad(b) })
		o.proofs = proofs(values)
	}
	switch {
	case good.bad:
		o.word = t.Else
		if !t.Warn.isZero() && t.Else == Fail {
			if soft := r.hold(&t.Warn, obs.Values); !soft.bad && !soft.open {
				o.word = Warn
			}
		}
		if t.Say == "" || !good.plain {
			o.why = appendNew(nil, good.why)
		}
		o.why = appendNew(o.why, t.Say)
	case good.open:
		o.word, o.settles = Unknown, appendNew(nil, good.settles)
	case t.Whole && !obs.Covered:
		o.word = Unknown
		o.why = append(o.why, "what was found is good, but not every place was seen")
	default:
		o.word = Pass
	}
	return o
}

// nothing is the outcome of a test whose probes found nothing.
func (r *run) nothing(t *Test, obs *Observation) outcome {
	var o outcome
	if !obs.Covered {
		return outcome{word: Unknown}
	}
	switch {
	case t.Absent == Unknown:
		return outcome{word: Unknown, why: appendNew(nil, cmp.Or(t.Remark, "the evidence covers the place, and nothing of the kind is there"))}
	case t.Absent != "":
		o.word = t.Absent
	case t.Pass.None, t.Pass.Any, t.Pass.Same != "":
		o.word = Pass
	default:
		o.word = Fail
	}
	o.why = appendNew(o.why, t.Remark)
	if o.word == Fail || o.word == Warn {
		o.why = appendNew(o.why, t.Say)
	}
	return o
}

// hold holds values against a condition. A bad value goes before an open one.
func (r *run) hold(c *Condition, values []Value) judged {
	var out judged
	for i := range values {
		j := c.judge(&values[i], r.in.Config)
		switch {
		case j.bad && out.bad:
			out.plain = out.plain && j.plain
			out.why = strings.Join(appendNew(strings.Split(out.why, "; "), j.why), "; ")
		case j.bad, j.open && !out.bad && !out.open:
			out = j
		}
	}
	if out.bad || !c.isAll() {
		return out
	}
	if all := c.judgeAll(values); all.bad {
		return all
	}
	return out
}

// ask takes the answer to a question.
func (r *run) ask(q *Question) outcome {
	a, answered := r.in.Answers[q.Key]
	if !answered {
		return outcome{word: NeedsPerson, question: q.Text, settles: []string{"an answer to " + q.Key + ": oxtail doctor --ask, or --answers"}}
	}
	o := outcome{proofs: []Proof{{Source: a.By, Place: a.Time, Text: fmt.Sprintf("%s — %s", q.Text, a.Answer)}}}
	if a.Note != "" {
		o.why = []string{a.Note}
	}
	switch a.Answer {
	case q.Good:
		o.word = Pass
	case DoNotKnow:
		o.word, o.settles = Unknown, []string{"someone who can answer " + q.Key}
	case NotForUs:
		o.word = NotApplicable
		o.why = append(o.why, "answered so")
	default:
		o.word = Fail
	}
	return o
}

func proofs(values []Value) []Proof {
	var out []Proof
	for _, v := range values {
		out = append(out, Proof{Source: v.Source, Place: v.Place, Text: cmp.Or(v.Text, v.Is)})
	}
	return out
}
