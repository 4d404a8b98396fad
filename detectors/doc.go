// Package detectors turns records into findings.
//
// Rules are data: YAML files in Sigma's vocabulary with an oxtail block that says what
// a match means (docs/rules.md describes every key). The way of a record is
//
//	LoadRules → Rules → NewMatcher → Matcher.Match(record) → []Hit → Collector.Add → Findings
//
// A Matcher has no state and serves many goroutines. It looks for the literals of all
// rules in one pass over a record's text and tries only the rules whose literals are
// there; Rules.Literals hands the same literals to whoever searches raw bytes first.
//
// A Collector is sequential. It puts hits of one fault together, counts failed items,
// follows what becomes of the objects (healed, or failing again and again), and runs
// correlations on event time. Findings are a function of the records alone: neither
// the order in which sources arrive nor the pieces in which they grow nor a restart in
// between (Save, RestoreCollector) changes them. To keep that true, whatever is judged
// across sources is judged in Findings, from what each source left behind; only what
// concerns a single source is decided while its hits come in. Limits are the exception;
// what they left out is told by Notes.
//
// Templates group the error-worded records that no rule knows.
//
// The package never opens files, prints, reads the clock, or judges by anything but
// records; it knows no profiles and no index.
//
// Invariants: every finding cites the places in the sources that prove it; no code of an
// OX server and no weak rule is ever a reason to re-create a service; every list and map
// has a named limit.
package detectors
