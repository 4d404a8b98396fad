package checks

import "regexp"

// pseudonyms are what stands in redacted evidence for names: see oxtail redact.
var pseudonyms = regexp.MustCompile(`(?i)\b(?:domain-[1-9][0-9]*\.invalid|(?:user|mailbox|host|org|subject|ip|name)-[1-9][0-9]*)\b|\[removed:`)

// Redacted reports whether a text holds a pseudonym. Such a text equals no name that a
// person knows, so that it differs proves nothing.
func Redacted(text string) bool { return pseudonyms.MatchString(text) }

// settlesRedacted is what would tell more than a pseudonym.
const settlesRedacted = "the evidence with its names: oxtail unredact with the key of the customer, or the checks on the computer itself"
