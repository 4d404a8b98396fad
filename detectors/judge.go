package detectors

import (
	"strings"

	"oxtail/parser/codes"
)

// A judgement is what a hit means: the rule's own words, or those of the code tables.
type judgement struct {
	Verdict Verdict    `json:"verdict"`
	Action  Action     `json:"action"`
	Code    codes.Code `json:"code,omitempty"` // that decided, if any
}

// judge returns the judgement of a hit.
func judge(h *Hit) judgement {
	j := judgement{Verdict: h.Rule.Verdict, Action: h.Rule.Action}
	if j.Verdict != ByCode && j.Action != ByCode {
		return j
	}
	byCode := judgeCodes(h)
	j.Code = byCode.Code
	if j.Verdict == ByCode {
		j.Verdict = byCode.Verdict
	}
	if j.Action == ByCode {
		j.Action = byCode.Action
	}
	return j
}

// judgeCodes goes by the first code of the record that the tables call a failure,
// else by the category of an OX code, else by what is known of the first code.
func judgeCodes(h *Hit) judgement {
	first := judgement{Verdict: Unknown, Action: Manual}
	for i, c := range h.Codes {
		j, known := judgeCode(h, c)
		if known && Worse(j.Verdict, Informational) {
			return j
		}
		if i == 0 || known && first.Verdict == Unknown {
			first = j
		}
	}
	return first
}

func judgeCode(h *Hit, c codes.Code) (judgement, bool) {
	if e, ok := codes.Lookup(c); ok && e.Verdict != "" && e.Action != "" {
		return judgement{Verdict(e.Verdict), Action(e.Action), c}, true
	}
	if _, hresult := c.HRESULT(); hresult {
		return judgement{Unknown, Manual, c}, false
	}
	j, ok := judgeCategory(category(h, c))
	j.Code = c
	return j, ok
}

// category returns the category that the record names for an OX code: a field, or
// the words behind the code in the server's log form.
func category(h *Hit, c codes.Code) string {
	if v, ok := h.Field("category"); ok {
		return v
	}
	_, rest, ok := strings.Cut(h.Evidence.Text, string(c)+" Categories=")
	if !ok {
		return ""
	}
	end := strings.IndexFunc(rest, func(r rune) bool { return r != '_' && (r < 'A' || r > 'Z') })
	if end >= 0 {
		rest = rest[:end]
	}
	return rest
}

// judgeCategory judges an OX server error by its category. None of them is ever a
// reason to re-create a service.
func judgeCategory(category string) (judgement, bool) {
	switch strings.ToUpper(category) {
	case "TRY_AGAIN", "SERVICE_DOWN":
		return judgement{Verdict: Server, Action: Retry}, true
	case "CONNECTIVITY":
		return judgement{Verdict: Network, Action: Retry}, true
	case "CONFLICT":
		return judgement{Verdict: Item, Action: Retry}, true
	case "USER_INPUT", "TRUNCATED":
		return judgement{Verdict: Item, Action: FixItem}, true
	case "PERMISSION_DENIED":
		return judgement{Verdict: Permission, Action: UserPermission}, true
	case "CONFIGURATION":
		return judgement{Verdict: Configuration, Action: ServerAdmin}, true
	case "CAPACITY", "ERROR":
		return judgement{Verdict: Server, Action: Manual}, true
	case "WARNING":
		return judgement{Verdict: Informational, Action: None}, true
	}
	return judgement{Verdict: Unknown, Action: Manual}, false
}
