package actions

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"oxtail/detectors"
)

// OwnFindings returns what the inventory itself proves in the cases, without any log:
// an account that several services share, a profile that contradicts itself, a
// damaged store. The cases must have been judged (see Cases) and list the findings then.
func OwnFindings(cases []Case) []detectors.Finding {
	var out []detectors.Finding
	for i := range cases {
		c := &cases[i]
		for j := range c.extra {
			f := c.own(c.extra[j])
			if slices.Contains(c.Findings, f.ID) {
				continue
			}
			c.Findings = append(c.Findings, f.ID)
			out = append(out, f)
		}
	}
	return out
}

// own completes a finding of the inventory: its id, whom it concerns, and the evidence
// file with the registry paths that prove it.
func (c *Case) own(f detectors.Finding) detectors.Finding {
	sum := sha256.Sum256([]byte(strings.Join(append([]string{c.ID, f.Rule}, f.Because...), "\x00")))
	f.ID, f.Count = "f"+hex.EncodeToString(sum[:6]), 1
	f.Account, f.Mailbox = c.Account, c.Mailbox
	if len(f.Profiles) == 0 {
		f.Profiles = c.Profiles
	}
	if len(f.CacheFiles) == 0 {
		f.CacheFiles = c.CacheFiles
	}
	if len(f.Evidence) == 0 {
		f.Evidence = c.registryEvidence()
	}
	return f
}

// registryEvidence cites the sections of the case's services.
func (c *Case) registryEvidence() []detectors.Evidence {
	var out []detectors.Evidence
	if c.store == nil {
		return out
	}
	for _, u := range c.store.Uses {
		out = append(out, c.places.cite(u.Profile.Source, u.Service.Origin))
	}
	return out
}
