package profile

import "strings"

// Secret reports whether the data of a profile value must not be decoded,
// shown or exported. It is the only place that decides this; readers ask it
// before they look at any data, and exporters can ask it too.
//
// Secret are: secured properties (prefix S, DPAPI), the OST key material 6611,
// the secure mailbox 67F0, the PST passwords 6703 and 6704, and every value
// with a name that speaks of a password or token. The ids are secret in every
// section, since what an unknown provider keeps under them is unknown: better a
// missing path than a shown password.
func Secret(valueName string) bool {
	if tag, ok := parseTag(valueName); ok {
		return tag.secured || secretID(tag)
	}
	name := strings.ToLower(valueName)
	for _, word := range []string{"password", "passwort", "passwd", "pwd", "kennwort", "secret", "token", "credential"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// secretID reports whether a property id belongs to key material.
func secretID(t tag) bool {
	switch t.id {
	case 0x6611, 0x67f0, 0x6703, 0x6704:
		return true
	}
	return false
}

// redactedURL drops what a URL may carry in secret: user and password before
// the host, query and fragment behind the path.
func redactedURL(url string) string {
	if end := strings.IndexAny(url, "?#"); end >= 0 {
		url = url[:end]
	}
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok {
		return url
	}
	host, path, _ := strings.Cut(rest, "/")
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		host = host[at+1:]
	}
	if len(host)+1 > len(rest) && path == "" {
		return scheme + "://" + host
	}
	if !strings.Contains(rest, "/") {
		return scheme + "://" + host
	}
	return scheme + "://" + host + "/" + path
}
