package doctor

import (
	"fmt"
	"slices"

	"oxtail/actions"
	"oxtail/actions/checks"
	"oxtail/detectors"
)

// failOneProvider is the error that the FAQ sends on to the checks.
const (
	failOneProvider     = "0x8004011D"
	failOneProviderRule = "mapi-failoneprovider"
)

// IsProviderFault reports whether a finding is MAPI_E_FAILONEPROVIDER.
func IsProviderFault(f *detectors.Finding) bool {
	return f.Rule == failOneProviderRule || slices.Contains(f.Codes, failOneProvider)
}

// Explain adds to each finding and case with MAPI_E_FAILONEPROVIDER the failed checks
// that explain it: first of the reasons, and first of what to do.
func Explain(cases []actions.Case, findings []detectors.Finding, results []checks.Result) {
	because, next := reasons(results)
	if len(because) == 0 {
		return
	}
	faults := map[string]bool{}
	for i := range findings {
		if f := &findings[i]; IsProviderFault(f) {
			faults[f.ID] = true
			f.Because = slices.Concat(because, f.Because)
		}
	}
	for i := range cases {
		c := &cases[i]
		if slices.ContainsFunc(c.Findings, func(id string) bool { return faults[id] }) {
			c.Because, c.Next = slices.Concat(because, c.Because), slices.Concat(next, c.Next)
		}
	}
}

// reasons says of each check that explains the error why, and what to do.
func reasons(results []checks.Result) (because, next []string) {
	for _, r := range checks.Explaining(results) {
		proof := ""
		if len(r.Evidence) > 0 {
			proof = ": " + r.Evidence[0].String()
		}
		because = append(because, fmt.Sprintf("%s %ss (%s)%s; it explains MAPI_E_FAILONEPROVIDER: %s", r.ID, r.Result, r.Title, proof, r.Explains))
		next = append(next, r.ID+": "+r.Remedy)
	}
	return because, next
}

// ExplainBy judges the checks with what the facts alone tell, and adds them to the cases.
// It does nothing when there is nothing to explain.
func ExplainBy(f *Facts, cases []actions.Case, findings []detectors.Finding) error {
	if !slices.ContainsFunc(findings, func(fd detectors.Finding) bool { return IsProviderFault(&fd) }) {
		return nil
	}
	set, err := checks.Default()
	if err != nil {
		return fmt.Errorf("read the checks: %w", err)
	}
	role, _ := f.Role()
	Explain(cases, findings, set.Run(f, checks.Input{Role: role}))
	return nil
}
