// Package redact takes out of text what tells who and where: mail addresses, users,
// mailboxes, hosts, domains, subjects, IP addresses, and, for good, secrets.
//
// A case is redacted in two passes. The first learns names over all inputs: a mailbox
// that a profile names is a name in a log, too. The second replaces each name by its
// pseudonym, "mailbox-3", the same one in every file, encoding and spelling. Numbers go
// by the first place of a name in the order of the inputs, not by which goroutine met it
// first. A [Key] keeps what a pseudonym stood for; a secret is never in it.
//
// It changes text only and keeps the number of lines and the encoding. It never opens a
// file, and never gives out bytes that it cannot read as text: those are an [ErrBinary].
//
// Invariants: what is a secret is decided here, once, for this package and for all
// output of internal/report; memory is bounded by the limits in limits.go, whatever is
// handed over; two runs with equal keys over equal inputs give equal bytes.
package redact
