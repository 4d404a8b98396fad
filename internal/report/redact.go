package report

import (
	"regexp"
	"strings"
)

// mask stands for what Redact took out.
const mask = "***"

// A secret is one way in which logs show a password, a token or a session.
type secret struct {
	hints   []string // lower case; the pattern is tried when the text holds one of them
	pattern *regexp.Regexp
	replace string
}

// value is what follows "name=": a quoted text, else all up to a separator.
const value = `("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s"'&;,<>)}\]]+)`

// secrets lists what is taken out, the more specific first. Names of users stay,
// except in the logon lines of mail protocols: who is concerned is evidence.
var secrets = []secret{
	{ // Authorization: Basic dXNlcjpwYXNz; Cookie: a=b; c=d
		[]string{"authorization", "cookie", "x-auth-token", "x-api-key"},
		regexp.MustCompile(`(?i)\b((?:proxy-)?authorization|(?:set-)?cookie2?|x-auth-token|x-api-key)(["']?\s*[:=]\s*)[^\r\n"']+`),
		"${1}${2}" + mask,
	},
	{ // Bearer eyJhbGciOi…
		[]string{"bearer ", "basic ", "negotiate ", "ntlm "},
		regexp.MustCompile(`(?i)\b(bearer|basic|negotiate|ntlm)( +)[A-Za-z0-9+/=_.~-]{12,}`),
		"${1}${2}" + mask,
	},
	{ // a JSON web token anywhere
		[]string{"eyj"},
		regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?`),
		mask,
	},
	{ // https://user:password@host
		[]string{"://"},
		regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://[^\s/:@"'<>]*):[^\s/@"'<>]+@`),
		"${1}:" + mask + "@",
	},
	{ // open-xchange-secret-abc=…, JSESSIONID=…
		[]string{"open-xchange-", "jsessionid"},
		regexp.MustCompile(`(?i)\b(open-xchange-[a-z]+(?:-[A-Za-z0-9]+)?|jsessionid)(["']?\s*[=:]\s*)` + value),
		"${1}${2}" + mask,
	},
	{ // password=…, "pwd": "…", Kennwort: …
		[]string{"pass", "pwd", "kennwort", "secret", "credential", "api", "private", "token"},
		regexp.MustCompile(`(?i)([a-z_.-]*(?:password|passwd|passphrase|passwort|kennwort|pwd|secret|credentials?|api[_-]?key|private[_-]?key|access[_-]?token|refresh[_-]?token|id[_-]?token|auth[_-]?token|csrf[_-]?token|otp)(?:\d|hash)?)(["']?\s*(?:[=:]|:=)\s*)` + value),
		"${1}${2}" + mask,
	},
	{ // session=…, token=…: with "=" or as a JSON member; "session: started" is none
		[]string{"session", "token", "sid=", "auth", "ticket", "sig="},
		regexp.MustCompile(`(?i)\b((?:[a-z]+[_-])*(?:session(?:_?id|_?key|_?token)?|token|sid|auth|ticket|sig))("\s*:\s*|'\s*:\s*|\s*=\s*)` + value),
		"${1}${2}" + mask,
	},
	{ // session: 8f3e0c1a9d…, a long word with digits
		[]string{"session", "token"},
		regexp.MustCompile(`(?i)\b(session(?:[ _-]?id)?|token)(: *)([A-Za-z0-9+/=_-]*[0-9][A-Za-z0-9+/=_-]{11,}|[A-Za-z0-9+/=_-]{11,}[0-9][A-Za-z0-9+/=_-]*)`),
		"${1}${2}" + mask,
	},
	{ // POP: PASS …; USER …. At the start of a line or after a mark of direction
		[]string{"pass ", "user ", "apop "},
		regexp.MustCompile(`(?m)(^|[\]>:|]\s*|\bC: |\btx\W+)(PASS|USER|APOP)( +)[^\r\n]+`),
		"${1}${2}${3}" + mask,
	},
	{ // SMTP: AUTH PLAIN …; IMAP: a1 AUTHENTICATE PLAIN …
		[]string{"auth"},
		regexp.MustCompile(`(?i)\b(AUTH(?:ENTICATE)? +(?:PLAIN|LOGIN|CRAM-MD5|DIGEST-MD5|NTLM|GSSAPI|XOAUTH2|OAUTHBEARER))( +)[A-Za-z0-9+/=]+`),
		"${1}${2}" + mask,
	},
	{ // IMAP: a1 LOGIN user password
		[]string{"login "},
		regexp.MustCompile(`\b([A-Za-z]*\d+ LOGIN +)(?:"[^"\r\n]*"|\S+) +(?:"[^"\r\n]*"|\S+)`),
		"${1}" + mask + " " + mask,
	},
}

// Redact takes passwords, tokens and session ids out of text of a log. All writers
// use it on all evidence.
func Redact(s string) string {
	lower := strings.ToLower(s)
	for _, x := range secrets {
		if containsAny(lower, x.hints) {
			s = x.pattern.ReplaceAllString(s, x.replace)
		}
	}
	return s
}

func containsAny(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}
