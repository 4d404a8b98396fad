package profile

import "strings"

// CacheKey gives the form of a Windows path in which two spellings of one file
// are equal: variables of env expanded, \\?\ and its relatives dropped, one
// kind of separator, no letter case, "." and ".." resolved. The endings .odb
// and .psz are dropped, since two files of one base name are one cache.
// env maps upper-case variable names to values and may be nil.
func CacheKey(path string, env map[string]string) string {
	path, _ = expand(strings.Trim(path, " \t\"\x00"), env)
	path = strings.ReplaceAll(path, "/", `\`)
	path = strings.ToLower(dropDevicePrefix(path))
	path = cleanPath(path)
	if isOXCache(path) {
		path = path[:len(path)-len(".odb")]
	}
	return path
}

// expand replaces the %VARIABLES% of a path once, without looking into the
// values again. It names the first variable that env does not have.
func expand(path string, env map[string]string) (expanded, unknown string) {
	var out strings.Builder
	for {
		before, rest, ok := strings.Cut(path, "%")
		name, after, closed := strings.Cut(rest, "%")
		out.WriteString(before)
		if !ok || !closed {
			out.WriteString(path[len(before):])
			return out.String(), unknown
		}
		value, known := env[strings.ToUpper(name)]
		if !known {
			value = "%" + name + "%"
			if unknown == "" {
				unknown = name
			}
		}
		out.WriteString(value)
		path = after
	}
}

// dropDevicePrefix removes the prefixes that only say how to open a path.
func dropDevicePrefix(path string) string {
	for _, prefix := range []string{`\\?\`, `\\.\`, `\??\`} {
		rest, ok := strings.CutPrefix(path, prefix)
		if !ok {
			continue
		}
		if len(rest) >= 4 && strings.EqualFold(rest[:4], `UNC\`) {
			return `\\` + rest[4:]
		}
		return rest
	}
	return path
}

// cleanPath resolves empty, "." and ".." components and keeps a UNC start.
func cleanPath(path string) string {
	start := ""
	if strings.HasPrefix(path, `\\`) {
		start = `\\`
	}
	var parts []string
	for part := range strings.SplitSeq(path, `\`) {
		switch {
		case part == "" || part == ".":
		case part == ".." && len(parts) > 1:
			parts = parts[:len(parts)-1]
		default:
			parts = append(parts, part)
		}
	}
	return start + strings.Join(parts, `\`)
}

// fileExt gives the lower-case ending of a path, with its dot.
func fileExt(path string) string {
	base := path[strings.LastIndexAny(path, `\/`)+1:]
	dot := strings.LastIndexByte(base, '.')
	if dot <= 0 {
		return ""
	}
	return strings.ToLower(base[dot:])
}

// AccountKey gives the form in which two spellings of one account are equal:
// scheme and host without letter case, no default port, no slash at the end,
// no credentials; the user without letter case. It is "" unless both server
// and user are known, because half an account proves nothing.
func AccountKey(server, user string) string {
	server, user = ServerKey(server), strings.ToLower(strings.TrimSpace(user))
	if server == "" || user == "" {
		return ""
	}
	return server + " " + user
}

// ServerKey gives the compared form of a server address. The path keeps its
// letter case: servers may tell paths apart.
func ServerKey(server string) string {
	server = redactURL(strings.TrimSpace(server))
	scheme, rest, ok := strings.Cut(server, "://")
	if !ok {
		return strings.ToLower(strings.TrimRight(server, "/"))
	}
	scheme = strings.ToLower(scheme)
	host, path, _ := strings.Cut(rest, "/")
	host = withoutDefaultPort(scheme, strings.ToLower(host))
	path = strings.TrimRight(path, "/")
	if path != "" {
		path = "/" + path
	}
	return scheme + "://" + host + path
}

// withoutDefaultPort drops :443 of https and :80 of http, and the dot that may
// end a full host name. A bare IPv6 address has no port to drop.
func withoutDefaultPort(scheme, host string) string {
	port := map[string]string{"https": ":443", "http": ":80"}[scheme]
	if port != "" {
		host = strings.TrimSuffix(host, port)
	}
	return strings.TrimSuffix(strings.TrimSuffix(host, ":"), ".")
}
