package outlook

import "strings"

// masked replaces what must not be shown.
const masked = "********"

// mask hides names and passwords in commands that the client sent. Outlook masks
// passwords itself; user names and the tokens of AUTH it does not.
func (a *opmlogAssembler) mask(text string) string {
	at := indexSent(text)
	if at < 0 {
		return text
	}
	command := strings.TrimLeft(text[at:], " ")
	at = len(text) - len(command)
	keep := secretAt(command)
	if keep < 0 && isToken(command) && (a.authing || looksRandom(command)) {
		keep = 0
	}
	if keep < 0 {
		return text
	}
	tail := command[keep:]
	if end := strings.LastIndex(tail, `")`); end >= 0 {
		return text[:at+keep] + masked + tail[end:]
	}
	return text[:at+keep] + masked
}

// indexSent returns the index behind the mark of a command that was sent, or -1.
func indexSent(text string) int {
	for _, mark := range [...]string{"[tx]", "<tx>"} {
		if at := strings.Index(strings.ToLower(text), mark); at >= 0 && at+len(mark) <= len(text) {
			return at + len(mark)
		}
	}
	return -1
}

// secretAt returns where the secret of a command begins, -1 if it holds none. The
// name of the method behind AUTH is kept.
func secretAt(command string) int {
	if tag, rest, ok := strings.Cut(command, " "); ok && (starts(rest, "login ") || starts(rest, "authenticate ")) {
		return len(tag) + 1 + secretAt(rest) // IMAP numbers its commands
	}
	for _, verb := range [...]string{"user ", "pass ", "apop ", "login ", "auth ", "authenticate "} {
		if !starts(command, verb) {
			continue
		}
		keep := len(verb)
		if verb[0] == 'a' && verb[1] == 'u' {
			method := strings.IndexAny(command[keep:], " \t")
			if method < 0 {
				return -1
			}
			keep += method + 1
		}
		return keep
	}
	return -1
}

// isToken reports whether a command is one word of base64: an answer to a challenge.
func isToken(command string) bool {
	command = strings.TrimSuffix(trim(command), `")`)
	if len(command) < 4 || len(command)%4 != 0 {
		return false
	}
	return strings.Trim(command, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") == ""
}

// looksRandom tells a token from a command of a mail protocol, which is upper case.
func looksRandom(command string) bool {
	const shortest = 8 // bytes; shorter words are commands
	return len(command) >= shortest && strings.ToUpper(command) != command
}

// noteCredentials follows the dialogue of AUTH: what the client sends until the
// server decides are credentials.
func (a *opmlogAssembler) noteCredentials(text string) {
	lower := strings.ToLower(text)
	if at := indexSent(text); at >= 0 {
		if command := strings.TrimLeft(text[at:], " "); starts(command, "auth") {
			a.authing = true
		}
		return
	}
	if _, answer, ok := strings.Cut(lower, "<rx>"); ok {
		answer = trim(answer)
		a.authing = a.authing && (strings.HasPrefix(answer, "334") || answer == "+" || strings.HasPrefix(answer, "+ "))
	}
}
