package actions

import (
	"fmt"
	"slices"

	"oxtail/detectors"
	"oxtail/parser/codes"
)

// Names of what can block an action. A reason in Case.BlockedBy begins with one.
const (
	BlockSharedCache  = "shared-cache"    // more than one service refers to the account
	BlockNotCounted   = "profiles-unread" // nobody counted the profiles
	BlockLinkUnclear  = "account-unclear" // which account it is, is a guess
	BlockWarnedBefore = "recreate-failed" // the SupportTool warned that references remained
)

// maxReasons bounds the reasons of a case; JSON of findings has the rest.
const maxReasons = 24

// Recommend gives a case its verdict and action, by the worst of its findings and
// what the inventory says, and holds the action against the gates: a service is
// re-created only for faults that persisted, that the code tables do not call
// something else, and when exactly one service refers to the account.
func Recommend(c *Case) {
	if f, proven := c.shareFinding(); proven {
		c.extra = append(c.extra, f)
	}
	all := c.gated()
	c.Verdict, c.Action = detectors.SourceVerdict(all)
	lead := c.lead(all)
	c.Confidence = c.sure(lead)
	c.Because = c.reasons(lead, all)
	c.BlockedBy = c.blocked()
	c.Next = c.next()
	c.Change = c.changes(all)
}

// gated returns all findings of the case after the gates of single findings.
func (c *Case) gated() []detectors.Finding {
	var all []detectors.Finding
	for _, f := range c.findings {
		g := *f
		if action, why := gate(f); action != f.Action {
			g.Action = action
			g.Because = append(slices.Clone(g.Because), why)
		}
		all = append(all, g)
	}
	return append(all, c.extra...)
}

// gate holds one finding against the rule that only faults of the mapping between
// client and server are mended by a re-creation.
func gate(f *detectors.Finding) (detectors.Action, string) {
	if f.Action != detectors.RecreateService {
		return f.Action, ""
	}
	if f.Verdict != detectors.UUIDMapping {
		return detectors.Manual, fmt.Sprintf("finding %s: a fault of verdict %s is no reason to re-create a service", f.ID, f.Verdict)
	}
	if f.Count < minFailures {
		return detectors.Retry, fmt.Sprintf("finding %s: the fault was seen %d time; only one that comes back calls for a re-creation", f.ID, f.Count)
	}
	if f.IsGone {
		return detectors.None, fmt.Sprintf("finding %s: the fault is gone", f.ID)
	}
	for _, text := range f.Codes {
		if e, known := codes.Lookup(codes.Code(text)); known && !allowsRecreate(e) {
			return actionOf(e), fmt.Sprintf("finding %s: its code %s (%s) calls for %s, never for a re-creation", f.ID, text, e.Name, actionOf(e))
		}
	}
	return f.Action, ""
}

// minFailures is how often a fault must be recorded before a service is re-created. The
// rules ask for more; this holds also for rules of a user.
const minFailures = 2

// allowsRecreate reports whether a code leaves room for a re-creation. No OX server
// code does; of MAPI's, those of retryable, permission, network, server and
// address-book faults do not.
func allowsRecreate(e codes.Entry) bool {
	if _, isHRESULT := e.Code.HRESULT(); !isHRESULT {
		return false
	}
	switch detectors.Action(e.Action) {
	case detectors.Retry, detectors.ServerAdmin, detectors.UserPermission, detectors.CheckNetwork, detectors.CheckCredentials:
		return false
	}
	switch detectors.Verdict(e.Verdict) {
	case detectors.Permission, detectors.AddressBook, detectors.Server, detectors.Network, detectors.Auth:
		return false
	}
	return true
}

func actionOf(e codes.Entry) detectors.Action {
	if e.Action == "" || detectors.Action(e.Action) == detectors.RecreateService {
		return detectors.Manual
	}
	return detectors.Action(e.Action)
}

// lead returns the finding that decided the verdict.
func (c *Case) lead(all []detectors.Finding) *detectors.Finding {
	var second *detectors.Finding
	for i := range all {
		switch f := &all[i]; {
		case f.Verdict == c.Verdict && f.Action == c.Action && !f.Weak:
			return f
		case f.Verdict == c.Verdict && second == nil:
			second = f
		}
	}
	return second
}

// sure is the confidence of the leading finding, or that of its link if that is less.
func (c *Case) sure(lead *detectors.Finding) detectors.Confidence {
	if lead == nil {
		return detectors.Unclear
	}
	sure := lead.Confidence
	if lead.Rule == ruleStartUp && c.share.read && !c.share.agrees() {
		return detectors.Unclear
	}
	if link, linked := c.linked[lead.ID]; linked {
		sure = lessSure(sure, link.confidence())
	}
	return sure
}

func lessSure(a, b detectors.Confidence) detectors.Confidence {
	order := []detectors.Confidence{detectors.Certain, detectors.Likely, detectors.Unclear}
	if slices.Index(order, b) > slices.Index(order, a) {
		return b
	}
	return a
}

// reasons puts those of the verdict first, then those of the links.
func (c *Case) reasons(lead *detectors.Finding, all []detectors.Finding) []string {
	var out []string
	add := func(f *detectors.Finding) {
		for _, why := range f.Because {
			out = appendNew(out, why)
		}
	}
	if lead != nil {
		out = append(out, lead.Title)
		add(lead)
	}
	for _, why := range c.share.reasons() {
		out = appendNew(out, why)
	}
	for i := range all {
		if f := &all[i]; f.ID == "" || f.Action != c.findingAction(f.ID) {
			add(f)
		}
	}
	for _, why := range c.Because { // what Link noted
		out = appendNew(out, why)
	}
	if more := len(out) - maxReasons; more > 0 {
		out = append(out[:maxReasons], fmt.Sprintf("and %d more reasons", more))
	}
	return out
}

// findingAction is the action that the detectors gave a finding.
func (c *Case) findingAction(id string) detectors.Action {
	for _, f := range c.findings {
		if f.ID == id {
			return f.Action
		}
	}
	return ""
}

// blocked lists what stands against the action, if it is one that loses data.
func (c *Case) blocked() []string {
	if c.Action != detectors.RecreateService {
		return nil
	}
	var out []string
	switch {
	case c.store == nil || !c.share.read:
		out = append(out, BlockNotCounted+": which profiles refer to the account is not known; give the registry export or NTUSER.DAT of the user as well")
	case c.share.proven():
		out = append(out, fmt.Sprintf("%s: %d services refer to the account: %s", BlockSharedCache, c.share.services, someOf(c.share.names)))
	}
	if c.Confidence == detectors.Unclear && c.store != nil {
		out = append(out, BlockLinkUnclear+": that the log is about "+c.store.Name()+" is a guess")
	}
	if c.share.warned != "" && !c.share.proven() {
		out = append(out, BlockWarnedBefore+": the last re-creation left references to the cache ("+c.share.warned+"); find them first")
	}
	return out
}

// next lists what to do now, in order.
func (c *Case) next() []string {
	var out []string
	if c.share.proven() {
		out = append(out, c.removalSteps()...)
	}
	p := c.Plan()
	for i := range p.Steps {
		if s := &p.Steps[i]; s.Kind != StepRemoveReference {
			out = appendNew(out, s.Title)
		}
	}
	return out
}

// removalSteps name the references to remove. Which profile is to keep the service
// is for a person to say; the default profile is the likely one.
func (c *Case) removalSteps() []string {
	out := []string{fmt.Sprintf("decide which one profile keeps the service (%s)", keepHint(c.store))}
	extra := c.store.extraUses(c.store.kept())
	for i, u := range extra {
		if i == maxNamed {
			out = append(out, fmt.Sprintf("do the same in %d more profiles; the plan lists them", len(extra)-i))
			break
		}
		out = append(out, removal(u, c.store.kept())+", in Control Panel, Mail")
	}
	return out
}

// removal says how to remove a use: by the service, or by its whole profile unless that
// is the one that is kept.
func removal(u, kept Use) string {
	if u.Profile == kept.Profile {
		return fmt.Sprintf("remove the service %q (%s) from profile %q", u.Service.Display, u.Service.UID, u.Label())
	}
	return fmt.Sprintf("remove the service %q from profile %q, or the whole profile", u.Service.Display, u.Label())
}

// kept returns the use that keeps the service: that of the default profile, else the
// first one.
func (s *Store) kept() Use {
	uses := s.Distinct()
	for _, u := range uses {
		if u.Profile.Default {
			return u
		}
	}
	return uses[0]
}

// extraUses are all uses but the one that is kept.
func (s *Store) extraUses(kept Use) []Use {
	return slices.DeleteFunc(s.Distinct(), func(u Use) bool { return u.Profile == kept.Profile && u.Service == kept.Service })
}

func keepHint(s *Store) string {
	u := s.kept()
	if u.Profile.Default {
		return "the default profile is " + u.Label()
	}
	return "none of them is the default profile"
}

// changes says what would change the verdict: the findings' own words, then those of
// the gates.
func (c *Case) changes(all []detectors.Finding) []string {
	var out []string
	for i := range all {
		if all[i].Verdict == c.Verdict && all[i].Change != "" {
			out = appendNew(out, all[i].Change)
		}
	}
	switch {
	case c.Action != detectors.RecreateService:
	case c.share.proven():
		out = append(out, "When one service is left that refers to the account, the re-creation is no longer blocked.")
	default:
		out = append(out, "A second service that refers to the account blocks the re-creation.")
	}
	if c.store != nil && c.share.said != 0 && !c.share.agrees() {
		out = append(out, "The registry of every Windows user and of every Outlook version on the computer settles how many profiles there are.")
	}
	return out
}
