package profile

import (
	"fmt"
	"strings"
)

// section is one subkey of a profile, or any other key, with its values read.
type section struct {
	name   string
	origin string
	key    Key
	values []Value
	byName map[string]int // folded value name → index of values
	owner  string         // name of the service that owns it, as far as known
}

// readSection reads the values of a key. What cannot be read is reported.
func (r *reader) readSection(key Key, origin string) *section {
	s := &section{name: key.Name(), origin: origin, key: key}
	values, err := key.Values()
	if err != nil {
		r.problem(KeyUnreadable, origin, err.Error())
	}
	if len(values) > MaxSectionValues {
		r.problem(LimitReached, origin, fmt.Sprintf("%d values; the first %d were read", len(values), MaxSectionValues))
		values = values[:MaxSectionValues]
	}
	s.values = values
	s.byName = make(map[string]int, len(values))
	for i, v := range values {
		if _, twice := s.byName[FoldName(v.Name)]; !twice {
			s.byName[FoldName(v.Name)] = i
		}
	}
	return s
}

// subkeys lists a key and reports what cannot be listed.
func (r *reader) subkeys(key Key, origin string, limit int) []Key {
	keys, err := key.Subkeys()
	if err != nil {
		r.problem(KeyUnreadable, origin, err.Error())
	}
	if len(keys) > limit {
		r.problem(LimitReached, origin, fmt.Sprintf("%d subkeys; the first %d were read", len(keys), limit))
		keys = keys[:limit]
	}
	return keys
}

// value finds a value by name. A secret is never found.
func (s *section) value(name string) (Value, bool) {
	if s == nil {
		return Value{}, false
	}
	i, ok := s.byName[FoldName(name)]
	if !ok || Secret(s.values[i].Name, s.owner) {
		return Value{}, false
	}
	return s.values[i], true
}

// has reports whether a property is there, as text of either kind.
func (s *section) has(id string) bool {
	_, wide := s.value("001f" + id)
	_, narrow := s.value("001e" + id)
	return wide || narrow
}

// text reads a text property by id, the Unicode one first.
func (s *section) text(id string) string {
	text, _ := s.textAt(id)
	return text
}

// textAt reads a text property by id with its origin.
func (s *section) textAt(id string) (text, origin string) {
	for _, name := range []string{"001f" + id, "001e" + id} {
		if text := s.named(name); text != "" {
			return text, s.at(name)
		}
	}
	return "", ""
}

// named reads a text value by its full name, whatever way it is stored.
func (s *section) named(name string) string {
	v, ok := s.value(name)
	if !ok {
		return ""
	}
	text, _ := valueText(v)
	return text
}

// number reads a number by its full name; ok is false if there is none.
func (s *section) number(name string) (n uint32, ok bool) {
	v, ok := s.value(name)
	if !ok {
		return 0, false
	}
	return uint32Of(v)
}

// at gives the registry path of a value.
func (s *section) at(valueName string) string {
	if i, ok := s.byName[FoldName(valueName)]; ok {
		valueName = s.values[i].Name
	}
	return s.origin + `\` + valueName
}

// uidList reads a list of section ids and reports one that is cut.
func (r *reader) uidList(s *section, name string) []string {
	v, ok := s.value(name)
	if !ok {
		return nil
	}
	names, whole := uids(v.Data)
	if !whole {
		r.problem(UIDListCut, s.at(name), fmt.Sprintf("%d bytes are not a list of ids of 16 bytes each", len(v.Data)))
	}
	return names
}

// uid reads one section id.
func (s *section) uid(name string) string {
	v, ok := s.value(name)
	if !ok {
		return ""
	}
	names, whole := uids(v.Data)
	if !whole || len(names) != 1 {
		return ""
	}
	return names[0]
}

// listOf decodes a multi-valued property, reports damage, and remembers which
// bitness of Outlook wrote it.
func (r *reader) listOf(s *section, v Value, kind uint16) list {
	decoded, err := decodeList(kind, v.Data)
	if err != nil {
		r.problem(ValueUnreadable, s.at(v.Name), err.Error())
	}
	if decoded.width != 0 {
		r.noteWidth(decoded.width, s.at(v.Name))
	}
	return decoded
}

// textsOf gives all texts of a value: one, or the members of a list.
func (r *reader) textsOf(s *section, v Value) []string {
	tag, isTag := parseTag(v.Name)
	if isTag && (tag.kind == typeMVString8 || tag.kind == typeMVUnicode) {
		return r.listOf(s, v, tag.kind).texts(tag.kind)
	}
	isText := v.Type == TypeString || v.Type == TypeExpand
	if isTag {
		isText = tag.kind == typeString8 || tag.kind == typeUnicode
	}
	if !isText {
		return nil
	}
	text, ok := valueText(v)
	if !ok {
		return nil
	}
	return []string{text}
}

// pathTexts gives the path-like single texts of a section, in value order.
func (s *section) pathTexts() []Fact {
	var paths []Fact
	for _, v := range s.values {
		tag, ok := parseTag(v.Name)
		if !ok || Secret(v.Name, s.owner) || (tag.kind != typeString8 && tag.kind != typeUnicode) {
			continue
		}
		text, ok := valueText(v)
		if ok && LooksLikePath(text) && printable(text) {
			paths = append(paths, Fact{KindPath, text, s.at(v.Name)})
		}
	}
	return paths
}

// sameUID compares two section names; letter case never matters.
func sameUID(a, b string) bool { return strings.EqualFold(a, b) }
