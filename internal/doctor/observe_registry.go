package doctor

import (
	"fmt"
	"strings"

	"oxtail/actions/checks"
	"oxtail/parser/profile"
)

// observeRegistry answers a probe of a key or value.
func (f *Facts) observeRegistry(p checks.Probe) checks.Observation {
	switch p.View {
	case "both":
		return f.bothViews(p)
	case view32:
		return f.oneView(p, view32)
	}
	return f.oneView(p, view64)
}

// bothViews asks the 64-bit and the 32-bit view.
func (f *Facts) bothViews(p checks.Probe) checks.Observation {
	out := f.oneView(p, view64)
	if f.registry.is32 {
		return out
	}
	other := f.oneView(p, view32)
	if p.Shared && other.Covered && len(other.Values) == 0 && len(out.Values) > 0 && f.lacks(p.Key, view32) {
		other.Remarks = append(other.Remarks, "the 32-bit view has no key of its own, so it shows the same one, as from Windows 7 on")
	} else if other.Covered && len(other.Values) == 0 && p.HasValue && len(out.Values) > 0 {
		other.Values = []checks.Value{{Is: "", Text: "no value in the 32-bit view", Place: inView(p.Key, view32)}}
	}
	return merged(out, other)
}

// lacks reports whether a key is not there where the evidence covers it.
func (f *Facts) lacks(key, view string) bool {
	keys, covered := f.registry.find(key, view)
	return covered && len(keys) == 0
}

// merged joins two observations that answer one question together.
func merged(a, b checks.Observation) checks.Observation {
	a.Values = append(a.Values, b.Values...)
	a.Covered = a.Covered && b.Covered
	a.Remarks = append(a.Remarks, b.Remarks...)
	a.Settles = append(a.Settles, b.Settles...)
	return a
}

// oneView asks one view.
func (f *Facts) oneView(p checks.Probe, view string) checks.Observation {
	keys, covered := f.registry.find(p.Key, view)
	out := checks.Observation{Covered: covered}
	for _, k := range keys {
		if !p.HasValue {
			out.Values = append(out.Values, checks.Value{Is: k.key.Name(), Text: "the key is there", Place: k.path, Source: k.source})
			continue
		}
		values, whole := valuesOf(k, p.Value)
		out.Values = append(out.Values, values...)
		out.Covered = out.Covered && (whole || len(values) > 0)
		if len(out.Values) >= maxFound {
			out.Values = out.Values[:maxFound]
			out.Covered = false
			break
		}
	}
	if !out.Covered {
		out.Settles = []string{settlesKey(p.Key, view)}
	}
	return out
}

// valuesOf gives the values of a key that a name means; a name that ends in * means all
// that begin so. whole says that all values of the key could be read.
func valuesOf(k found, name string) (out []checks.Value, whole bool) {
	prefix, isPrefix := strings.CutSuffix(name, "*")
	values, err := k.key.Values()
	for _, v := range values {
		same := strings.EqualFold(v.Name, name)
		if isPrefix {
			same = len(v.Name) >= len(prefix) && strings.EqualFold(v.Name[:len(prefix)], prefix)
		}
		if same && !profile.Secret(v.Name, "") {
			out = append(out, registryValue(k, v))
		}
	}
	return out, err == nil
}

// registryValue shows a value with its place.
func registryValue(k found, v profile.Value) checks.Value {
	text, name, place := textOf(v), v.Name, k.path+`\`+v.Name
	if name == "" {
		name, place = "(default)", k.path
	}
	return checks.Value{Is: text, Text: fmt.Sprintf("%s = %s", name, text), Place: place, Source: k.source}
}

// inView gives the path under which a view of a key stands.
func inView(key, view string) string {
	if rest, is := cutPath(key, `HKLM\SOFTWARE`); is && view == view32 {
		return `HKLM\SOFTWARE\WOW6432Node\` + rest
	}
	return key
}

// settlesKey says what evidence would show a key.
func settlesKey(key, view string) string {
	shown := inView(key, view)
	if at := strings.IndexByte(shown, '*'); at > 0 {
		shown = strings.TrimSuffix(shown[:at], `\`)
	}
	hive := "the user's NTUSER.DAT"
	switch {
	case strings.HasPrefix(key, `HKLM\SOFTWARE`):
		hive = "the SOFTWARE hive"
	case strings.HasPrefix(key, `HKLM\SYSTEM`):
		hive = "the SYSTEM hive"
	}
	return fmt.Sprintf("a .reg export of %s, or %s", shown, hive)
}
