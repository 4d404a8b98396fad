package profile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// ServiceOXtender is the name of the OXtender 2 service.
const ServiceOXtender = "OXSTOR_SVC"

// Kinds of facts. A mapping says which kind a value is.
const (
	KindCache   = "cache"   // a cache or store file
	KindPath    = "path"    // a path that is no cache file: DLL, log, folder
	KindServer  = "server"  // the address of the server
	KindUser    = "user"    // the login name
	KindMailbox = "mailbox" // a mailbox or mail address that is not the login
	KindIgnore  = "ignore"  // known to be of no interest
)

// Shapes of texts.
const (
	ShapePath  = "path"  // X:\, \\, %VAR%, or the ending .odb or .psz
	ShapeURL   = "url"   // http:// or https://
	ShapeLogin = "login" // a login-like word or mail address
	ShapeAny   = "any"   // whatever the property holds
)

// Mapping is one row of the table that says what the values of a provider's
// sections mean. The first row that fits decides, so a user's rows go first.
// The property ids of OXtender 2 are not public, therefore the default rows go
// by shape alone.
type Mapping struct {
	Service  string `json:"service"`  // PR_SERVICE_NAME, or "*"
	Property string `json:"property"` // value name ("001f6702"), id ("6702"), id range ("6600-67ff"), or "*"
	Shape    string `json:"shape"`    // one of the Shape constants; "" is any
	Kind     string `json:"kind"`     // one of the Kind constants
}

// DefaultMappings gives the rows that need no knowledge of property ids.
func DefaultMappings() []Mapping {
	return []Mapping{
		{ServiceOXtender, "*", ShapeURL, KindServer},
		{ServiceOXtender, "*", ShapePath, KindCache},
		{ServiceOXtender, "6600-67ff", ShapeLogin, KindUser},
	}
}

// ParseMappings reads rows from a JSON array of objects. Unknown names are
// errors, since a misspelt row would silently never fit.
func ParseMappings(data []byte) ([]Mapping, error) {
	var rows []Mapping
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&rows); err != nil {
		return nil, fmt.Errorf("read mapping table: %w", err)
	}
	for i, row := range rows {
		if err := row.check(); err != nil {
			return nil, fmt.Errorf("mapping table, row %d: %w", i+1, err)
		}
	}
	return rows, nil
}

// check reports the first field of a row that can never fit.
func (m Mapping) check() error {
	switch m.Shape {
	case "", ShapeAny, ShapePath, ShapeURL, ShapeLogin:
	default:
		return fmt.Errorf("unexpected shape %q; want path, url, login or any", m.Shape)
	}
	switch m.Kind {
	case KindCache, KindPath, KindServer, KindUser, KindMailbox, KindIgnore:
	default:
		return fmt.Errorf("unexpected kind %q; want cache, path, server, user, mailbox or ignore", m.Kind)
	}
	if m.Service == "" || m.Property == "" {
		return fmt.Errorf("service and property must be given; * fits all")
	}
	return nil
}

// fits reports whether a row applies to a text.
func (m Mapping) fits(service, valueName, text string) bool {
	return (m.Service == "*" || strings.EqualFold(m.Service, service)) &&
		m.fitsProperty(valueName) && fitsShape(m.Shape, text)
}

// fitsProperty compares the property pattern with a value name.
func (m Mapping) fitsProperty(valueName string) bool {
	if m.Property == "*" || strings.EqualFold(m.Property, valueName) {
		return true
	}
	tag, ok := parseTag(valueName)
	if !ok {
		return false
	}
	low, high, isRange := strings.Cut(m.Property, "-")
	if !isRange {
		high = low
	}
	from, errFrom := strconv.ParseUint(low, 16, 16)
	to, errTo := strconv.ParseUint(high, 16, 16)
	return errFrom == nil && errTo == nil && uint64(tag.id) >= from && uint64(tag.id) <= to
}

// fitsShape reports whether a text has a shape.
func fitsShape(shape, text string) bool {
	switch shape {
	case ShapePath:
		return LooksLikePath(text) || isOXCache(text)
	case ShapeURL:
		return looksLikeURL(text)
	case ShapeLogin:
		return looksLikeLogin(text)
	default:
		return true
	}
}

// LooksLikePath reports whether a text starts as a Windows path does: a drive,
// two backslashes or an environment variable.
func LooksLikePath(text string) bool {
	if len(text) >= 3 && text[1] == ':' && (text[2] == '\\' || text[2] == '/') {
		return unicode.IsLetter(rune(text[0]))
	}
	if strings.HasPrefix(text, `\\`) {
		return len(text) > 2
	}
	return len(text) > 2 && text[0] == '%' && strings.Contains(text[1:], "%")
}

// isOXCache reports whether a path ends like an OXtender cache file.
func isOXCache(text string) bool {
	ext := fileExt(text)
	return ext == ".odb" || ext == ".psz"
}

// looksLikeURL knows the two schemes that the connector can talk.
func looksLikeURL(text string) bool {
	scheme, rest, ok := strings.Cut(strings.ToLower(text), "://")
	return ok && rest != "" && (scheme == "http" || scheme == "https") && !strings.ContainsAny(rest, " \t")
}

// maxLoginRunes bounds a login name; directory services stop at 256.
const maxLoginRunes = 256

// looksLikeLogin accepts mail addresses, DOMAIN\user and plain names. Signs
// that passwords like and logins do not are refused, so that a password in
// plain text is not taken for a user.
func looksLikeLogin(text string) bool {
	if text == "" || len(text) > maxLoginRunes || LooksLikePath(text) || looksLikeURL(text) {
		return false
	}
	if ext := fileExt(text); ext == ".dll" || ext == ".exe" {
		return false
	}
	letters := 0
	for _, r := range text {
		switch {
		case unicode.IsLetter(r):
			letters++
		case unicode.IsDigit(r) || strings.ContainsRune(`._-+@\'`, r):
		default:
			return false
		}
	}
	return letters > 0 && strings.Count(text, "@") <= 1 && strings.Count(text, `\`) <= 1
}

// looksLikeMail is the stricter form that decides between several logins.
func looksLikeMail(text string) bool {
	local, domain, ok := strings.Cut(text, "@")
	return ok && local != "" && strings.Contains(strings.Trim(domain, "."), ".")
}
