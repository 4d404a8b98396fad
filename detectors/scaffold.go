package detectors

import "fmt"

// Scaffold returns the text of a new rule file, for "oxtail rules new". It loads, and
// its samples say what to put in their places.
func Scaffold(id string) (string, error) {
	if !identifier.MatchString(id) {
		return "", fmt.Errorf("rule id %q: want letters, digits, dots, hyphens and underscores, 64 at most", id)
	}
	return fmt.Sprintf(scaffold, id), nil
}

const scaffold = `# Sigma rule with an oxtail block; docs/rules.md describes every key.
title: What is wrong, in a few words
id: %s
status: experimental
description: What the record says and where it comes from.
references:
  - where the text of the record is documented, or who saw it
falsepositives:
  - what may look the same and is harmless
level: medium               # informational, low, medium, high, critical
logsource:
  product: oxtender
  # service: oxtstore_a     # format names, if the rule is about these only
detection:
  words:
    message|contains|all:   # plain words first: they make the rule fast
      - example
      - went wrong
  harmless:
    message|contains: 'went wrong: 0'
  condition: words and not harmless
oxtail:
  verdict: unknown          # or by-code: what the record's error code says
  action: manual
  confidence: likely        # certain, likely, unclear
  explain: Why it matters, for someone who does not know the program.
  change: What would change this verdict.
  # key: [uuid, folder]     # fields that tell one fault from another
  # extract:
  #   folder: "folder '(?P<folder>[^']+)'"
  # heals: {keywords: [synchronized], key: [uuid, folder]}
  samples:
    hit:
      - the example went wrong in folder 'Inbox'
      - 'ERROR: Example went wrong again'
    miss:
      - 'example counters: went wrong: 0'
      - everything is fine
`
