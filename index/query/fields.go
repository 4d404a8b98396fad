package query

import "slices"

// Builtin lists the fields that every record has, in alphabetical order. Besides them,
// every named capture of a format is a field.
func Builtin() []string {
	return []string{
		"account", "after", "before", "case", "code", "component", "episode", "format", "level", "message", "problem", "profile",
		"rule", "source", "text", "thread", "time", "time_basis", "uuid", "verdict",
	}
}

// Judged lists the fields that findings and cases give to the records that prove them,
// in alphabetical order. The caller of a search labels the records for them.
func Judged() []string { return []string{"account", "case", "episode", "profile", "verdict"} }

// Captures lists the named captures of the formats of this program, in alphabetical order.
func Captures() []string {
	return []string{
		"account_server", "account_user", "app", "category", "channel", "collection", "command", "computer", "context", "count",
		"count_did", "count_in", "count_of", "date_order", "description", "detail", "device_id", "device_type", "direction",
		"error_id", "error_kind", "event", "event_id", "failed_item", "file", "flags", "folder", "folder_id", "guessed", "harmless",
		"hresult", "http_status", "item", "last_pass", "list", "log", "mailbox", "message_class", "msgid", "object", "outcome",
		"pass", "phase", "pid", "profile", "provider", "reason", "repeat", "result", "same_cause", "scope", "server", "service",
		"sid", "subject", "task", "task_id", "user", "vector", "version", "when",
	}
}

// known returns all names of fields: the fixed ones and those that an index holds.
func known(more []string) []string {
	names := slices.Concat(Builtin(), Captures(), more)
	slices.Sort(names)
	return slices.Compact(names)
}
