package actions

import (
	"time"

	"oxtail/detectors"
)

// CaseSchema names the JSON form of a Case.
const CaseSchema = "oxtail.case/v1"

// A Case is what is wrong with one store: the findings about it, the account, the
// profiles and cache files, a verdict and what to do.
type Case struct {
	Schema     string               `json:"schema"`
	ID         string               `json:"id"` // stable across runs
	System     System               `json:"system"`
	Verdict    detectors.Verdict    `json:"verdict"`
	Action     detectors.Action     `json:"action"`
	Confidence detectors.Confidence `json:"confidence"`
	Account    *detectors.Account   `json:"account,omitempty"`
	Mailbox    string               `json:"mailbox,omitempty"`
	Profiles   []string             `json:"profiles,omitempty"`
	CacheFiles []string             `json:"cache_files,omitempty"`
	Findings   []string             `json:"findings"` // ids, worst first
	Because    []string             `json:"because,omitempty"`
	BlockedBy  []string             `json:"blocked_by,omitempty"`
	Next       []string             `json:"next,omitempty"`
	Change     []string             `json:"would_change,omitempty"`
	First      time.Time            `json:"first,omitzero"`
	Last       time.Time            `json:"last,omitzero"`
	Edges      []Edge               `json:"edges,omitempty"`
	Meanwhile  []string             `json:"meanwhile,omitempty"` // ids of cases of other systems at the same time

	store    *Store               // nil when no account was found
	findings []*detectors.Finding // those of Findings
	places   Places
	extra    []detectors.Finding // what the inventory itself says, in the form of findings
	linked   map[string]strength // finding id → how sure its link is
	share    shareProof
}

// Store returns the store that the case is about, nil when it was not found.
func (c *Case) Store() *Store { return c.store }
