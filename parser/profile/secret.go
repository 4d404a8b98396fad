package profile

import "strings"

// Secret reports whether the data of a profile value must not be decoded,
// shown or exported. It is the only place that decides this; the readers ask it
// before they look at any data, and exporters shall ask it too.
//
// service is the name of the service that owns the value's section, or "" when
// that is not known: ids of 0x6600 to 0x67FF mean what their owner wants, so
// the PST passwords 6703 and 6704 are spared only where the owner is known to
// be another provider. Secret everywhere are secured properties (prefix S,
// DPAPI), the OST key material 6611, the secure mailbox 67F0, and every value
// whose name speaks of a password or token.
func Secret(valueName, service string) bool {
	valueName = strings.TrimSpace(valueName)
	if tag, ok := parseTag(valueName); ok {
		return tag.secured || secretID(tag, service)
	}
	if len(valueName) > 9 { // a damaged or extended name of a secured property
		if tag, ok := parseTag(valueName[:9]); ok && tag.secured {
			return true
		}
	}
	name := strings.ToLower(valueName)
	for _, word := range []string{"password", "passwort", "passwd", "pwd", "kennwort", "secret", "token", "credential"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// secretID reports whether a property id holds key material in its section.
func secretID(t tag, service string) bool {
	switch t.id {
	case 0x6611, 0x67f0:
		return true
	case 0x6703, 0x6704:
		return service == "" || strings.Contains(service, "PST")
	}
	return false
}

// redactURL drops what a URL may carry in secret: user and password before the
// host, query and fragment behind the path.
func redactURL(url string) string {
	url, _, _ = strings.Cut(url, "#")
	url, _, _ = strings.Cut(url, "?")
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok {
		return url
	}
	host, path, hasPath := strings.Cut(rest, "/")
	host = host[strings.LastIndexByte(host, '@')+1:]
	if hasPath {
		path = "/" + path
	}
	return scheme + "://" + host + path
}
