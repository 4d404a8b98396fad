package redact

import (
	"bytes"
	"regexp"
	"strings"
	"sync"

	"oxtail/parser/literal"
)

// Masked stands for a secret in outputs, where nobody asks what kind it was.
const Masked = "***"

// A secret is one way in which logs show a password, a token or a session. The last
// group of its pattern is what is taken out.
type secret struct {
	kind    Kind
	hints   []string // lower case; the pattern is tried when the text holds one of them
	pattern *regexp.Regexp
	masks   string // what outputs show, Masked if empty
	needs   string // the pattern cannot match without it
}

const (
	// value is what follows "name=": a quoted text, else all up to a separator.
	value = `(\\+"[^"\r\n]*?\\+"|"(?:[^"\\\r\n]|\\.)*"|'(?:[^'\\\r\n]|\\.)*'|[^\s"'&;,<>]*[^\s"'&;,<>)}\]\\])`
	// sep stands between a name and its value.
	sep = `(\\*["']?\s*(?:[=:]|:=|%3[Dd])\s*)`
	// words are names of values that are secrets.
	words = `password|passwd|passphrase|passwort|kennwort|pwd|secret|credentials?|api[_-]?key|private[_-]?key|access[_-]?token|refresh[_-]?token|id[_-]?token|auth[_-]?token|csrf[_-]?token|otp`
)

// secrets lists what is taken out, the more specific first. Names of users are not
// secrets, except in the logon lines of mail protocols.
var secrets = []secret{
	{ // Authorization: Basic dXNlcjpwYXNz; Cookie: a=b; c=d
		Token, []string{"authorization", "cookie", "x-auth-token", "x-api-key"},
		regexp.MustCompile(`(?i)\b((?:proxy-)?authorization|(?:set-)?cookie2?|x-auth-token|x-api-key)(\\*["']?\s*[:=]\s*\\*["']?)(Digest [^\r\n]+|[^\r\n"'\\]+)`), "", "",
	},
	{ // Bearer eyJhbGciOi…
		Token, []string{"bearer ", "basic ", "negotiate ", "ntlm ", "bearer+", "basic+", "bearer%20", "basic%20"},
		regexp.MustCompile(`(?i)\b(bearer|basic|negotiate|ntlm)((?: |\+|%20)+)([A-Za-z0-9+/=_.~-]{12,}|[A-Za-z0-9+/]{2,}=+)`), "", "",
	},
	{ // a JSON web token anywhere
		Token, []string{"eyj"},
		regexp.MustCompile(`(\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?)`), "", "",
	},
	{ // https://user:password@host
		Password, []string{"://"},
		regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://[^\s/:@"'<>]*:)([^\s/@"'<>]+)@`), "", "@",
	},
	{ // DPAPI blobs: hexadecimal, with or without separators, and base64
		Secured, []string{"d08c9ddf", "d0,8c,9d,df", "d0 8c 9d df", "aqaaancmnd8"},
		regexp.MustCompile(`(?i)((?:01[ ,]?00[ ,]?00[ ,]?00[ ,]?)?d0[ ,]?8c[ ,]?9d[ ,]?df[ ,]?(?:[0-9a-f]{2}[ ,]?)*[0-9a-f]{2}|AQAAANCMnd8[A-Za-z0-9+/=]+)`), "", "",
	},
	{ // open-xchange-secret-abc=…, JSESSIONID=…
		Session, []string{"open-xchange-", "jsessionid"},
		regexp.MustCompile(`(?i)\b(open-xchange-[a-z]+(?:-[A-Za-z0-9]+)?|jsessionid)` + sep + value), "", "",
	},
	{ // <Password>…</Password>
		Password, []string{"pass", "pwd", "kennwort", "secret", "token", "credential"},
		regexp.MustCompile(`(?i)(<(?:\w+:)?[\w.-]*(?:` + words + `|token)[\w.-]*(?:\s[^<>]*[^<>/])?>\s*)([^<\s][^<]*)<`), "", "",
	},
	{ // <Data Name="Password">…, <add key="Password" value="…"/>
		Password, []string{"pass", "pwd", "kennwort", "secret", "token", "credential"},
		regexp.MustCompile(`(?i)((?:name|key)\s*=\s*["'][^"'<>]*(?:` + words + `|token)[^"'<>]*["'](?:\s+value\s*=\s*|[^<>]*>))("[^"]*"|'[^']*'|[^<"']+)`), "", "",
	},
	{ // {"name":"Password","value":"…"}
		Password, []string{"pass", "pwd", "kennwort", "secret", "token", "credential"},
		regexp.MustCompile(`(?i)(["'](?:name|key)["']\s*:\s*["'][^"']*(?:` + words + `|token)[^"']*["']\s*,\s*["']value["']\s*:\s*)` + value), "", "",
	},
	{ // the password is …; --password …
		Password, []string{"pass", "pwd", "kennwort"},
		regexp.MustCompile(`(?i)(\b(?:password|passwort|kennwort|pwd) (?:is|was|ist|lautet|war):? +|(?:^|\s)--?(?:password|passwd|pwd) +)` + value), "", "",
	},
	{ // password=…, "pwd": "…", Kennwort: …
		Password, []string{"pass", "pwd", "kennwort", "secret", "credential", "api_key", "api-key", "apikey", "private", "token", "otp=", "otp:", "otp\""},
		regexp.MustCompile(`(?i)([a-z_.-]*(?:` + words + `)(?:\d|hash)?)` + sep + value), "", "",
	},
	{ // session=…, token=…: with "=" or as a JSON member; "session: started" is none
		Session, []string{"session", "token", "sid=", "sid\"", "sid%3d", "auth", "ticket", "sig=", "sig\"", "sig%3d"},
		regexp.MustCompile(`(?i)\b((?:[a-z]+[_-])*(?:session(?:_?id|_?key|_?token)?|token|sid|auth|ticket|sig))(\\*"\s*:\s*|'\s*:\s*|\s*(?:=|%3[Dd])\s*)` + value), "", "",
	},
	{ // session: 8f3e0c1a9d…, a long word with digits
		Session, []string{"session:", "session id", "sessionid", "session-id", "session_id", "session ", "token:", "token "},
		regexp.MustCompile(`(?i)\b(session(?:[ _-]?id)?|token)((?:: *| +['"]))([A-Za-z0-9+/=_-]*[0-9][A-Za-z0-9+/=_-]{11,}|[A-Za-z0-9+/=_-]{11,}[0-9][A-Za-z0-9+/=_-]*)`), "", "",
	},
	{ // session id 0x3fa9…
		Session, []string{"session id ", "session-id "},
		regexp.MustCompile(`(?i)\b(session[ -]id +)((?:0x)?[0-9a-f]{8,}|\{[0-9a-f-]{36}\})`), "", "",
	},
	{ // pass: r3iher; "tests pass: 12" is none
		Password, []string{"pass:", "pass=", "pass =", "pw:", "pw=", "pass\""},
		regexp.MustCompile(`(?i)\b((?:pass|pw)["']?\s*[:=]\s*["']?)([^\s"'&;,<>]*(?:[a-z][^\s"'&;,<>]*[0-9!#$%]|[0-9!#$%][^\s"'&;,<>]*[a-z])[^\s"'&;,<>)\]]*)`), "", "",
	},
	{ // login: anna / geheim; "N/A" and addresses are none
		Password, []string{"login:", "user:", "account:", "zugang:", "benutzer:"},
		regexp.MustCompile(`(?i)\b((?:login|user|account|zugang|benutzer): *\S+ +/ +)(\S+)`), "", "",
	},
	{ // <SessionId>…</SessionId>
		Session, []string{"<session"},
		regexp.MustCompile(`(?i)(<session(?:[_-]?(?:id|key|token))?>\s*)([^<\s][^<]*)<`), "", "",
	},
	{ // POP: PASS …; USER …. At the start of a line or after a mark of direction
		Password, []string{"pass ", "user ", "apop "},
		regexp.MustCompile(`(?m)(?:^|[\]>:|]\s*|\bC: |\btx\W+)(PASS|USER|APOP)( +)([^\r\n]+)`), "", "",
	},
	{ // SMTP: AUTH PLAIN …; IMAP: a1 AUTHENTICATE PLAIN …
		Password, []string{"auth"},
		regexp.MustCompile(`(?i)\b(AUTH(?:ENTICATE)? +(?:PLAIN|LOGIN|CRAM-MD5|DIGEST-MD5|NTLM|GSSAPI|XOAUTH2|OAUTHBEARER))( +)([A-Za-z0-9+/=]+)`), "", "",
	},
	{ // IMAP: a1 LOGIN user password
		Password, []string{"login "},
		regexp.MustCompile(`\b([A-Za-z]*\d+ LOGIN +)((?:"[^"\r\n]*"|\S+) +(?:"[^"\r\n]*"|\S+))`), Masked + " " + Masked, "",
	},
}

// Mask takes passwords, tokens and session ids out of text that is shown. All writers
// of internal/report use it on all evidence.
func Mask(s string) string {
	lower := strings.ToLower(s)
	for i := range secrets {
		x := &secrets[i]
		if !hinted(lower, x.hints) || !strings.Contains(lower, x.needs) {
			continue
		}
		s, _ = x.replace(s, func(val string) string {
			if x.masks != "" {
				return x.masks
			}
			return Masked
		})
	}
	return s
}

func hinted(s string, hints []string) bool {
	for _, h := range hints {
		if strings.Contains(s, h) {
			return true
		}
	}
	return false
}

// replace replaces the last group of each match, unless it was replaced before.
func (x *secret) replace(s string, with func(string) string) (string, int) {
	matches := x.pattern.FindAllStringSubmatchIndex(s, -1)
	if matches == nil {
		return s, 0
	}
	var out strings.Builder
	from, n := 0, 0
	for _, m := range matches {
		a, b := m[len(m)-2], m[len(m)-1]
		if a < 0 || isGone(s[a:b]) || x.kind == Session && isSID(s[a:b]) {
			continue
		}
		out.WriteString(s[from:a])
		out.WriteString(with(s[a:b]))
		from = b
		n++
	}
	out.WriteString(s[from:])
	return out.String(), n
}

// isGone reports whether a value was taken out before.
func isGone(val string) bool {
	val = strings.TrimLeft(val, `\"'`)
	return strings.HasPrefix(val, "[removed:") || strings.HasPrefix(val, Masked)
}

// isSID reports whether what seems to be a session is the security identifier of a
// user, as in "sid":"S-1-5-21-…". It is a name, and no secret.
func isSID(val string) bool {
	digits, ok := strings.CutPrefix(strings.ToUpper(strings.Trim(val, `\"'`)), "S-1-")
	return ok && strings.Trim(digits, "0123456789-") == ""
}

// hintSet finds the places where a secret may stand, at memory speed.
var hintSet = sync.OnceValue(func() *literal.Set {
	var all []string
	for i := range secrets {
		all = append(all, secrets[i].hints...)
	}
	set, err := literal.New(all)
	if err != nil {
		panic("BUG: hints of secrets: " + err.Error())
	}
	return set
})

// removeSecrets takes secrets out of lines of text and counts them by kind. It
// returns text itself when there is none.
func removeSecrets(text []byte, counts Counts) []byte {
	set := hintSet()
	var out []byte
	from := 0
	for at := set.Index(text, 0); at >= 0; {
		start := bytes.LastIndexByte(text[:at], '\n') + 1
		end := lineEnd(text, at)
		if line, ok := removeFromLine(text[start:end], counts); ok {
			out = append(append(out, text[from:start]...), line...)
			from = end
		}
		if end >= len(text) {
			break
		}
		at = set.Index(text, end)
	}
	if from == 0 {
		return text
	}
	return append(out, text[from:]...)
}

func lineEnd(text []byte, at int) int {
	if n := bytes.IndexByte(text[at:], '\n'); n >= 0 {
		return at + n
	}
	return len(text)
}

func removeFromLine(raw []byte, counts Counts) (string, bool) {
	line := string(raw)
	lower := strings.ToLower(line)
	changed := false
	for i := range secrets {
		x := &secrets[i]
		if !hinted(lower, x.hints) || !strings.Contains(lower, x.needs) {
			continue
		}
		next, n := x.replace(line, func(val string) string { return keepQuotes(val, removed(x.kind)) })
		if n > 0 {
			line, changed = next, true
			counts.add(x.kind, n)
		}
	}
	return line, changed
}

// keepQuotes replaces what stands between the quotes of a value, so that JSON and XML
// stay readable.
func keepQuotes(val, with string) string {
	for _, q := range []string{`\\\"`, `\"`, `"`, `'`} {
		if strings.HasPrefix(val, q) && strings.HasSuffix(val, q) && len(val) >= 2*len(q) {
			return q + with + q
		}
	}
	return with
}
