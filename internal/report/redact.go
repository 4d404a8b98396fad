package report

import "oxtail/internal/redact"

// mask stands for what Redact took out.
const mask = redact.Masked

// Redact takes passwords, tokens and session ids out of text of a log. All writers
// use it on all evidence. What a secret is, package redact says, for bundles, too.
func Redact(s string) string { return redact.Mask(s) }
