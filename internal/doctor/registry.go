package doctor

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"oxtail/actions/checks"
	"oxtail/parser/profile"
	"oxtail/parser/regfile"
)

// A mount is a registry tree and the place in the registry where its root stands.
type mount struct {
	source string // evidence file
	at     string // HKLM, HKLM\SOFTWARE, HKCU …
	user   string // SID of the user, where the tree tells
	key    profile.Key
	whole  bool // the tree holds all that is below at; else it covers what it lists
	gaps   bool // an export of which some lines could not be read: it proves no absence
	// sets is the number of the current control set in a SYSTEM hive, 0 when not known.
	sets int
}

// A registry answers questions about keys from all trees of the evidence.
type registry struct {
	mounts []mount
	is32   bool // 32-bit Windows: there is one view
}

// Views of HKLM\SOFTWARE.
const (
	view64 = "64"
	view32 = "32"
)

// addTree finds out where a tree stands in the registry.
func (r *registry) addTree(source string, root profile.Key, whole, gaps bool) error {
	subs, err := root.Subkeys()
	if err != nil && len(subs) == 0 {
		return err
	}
	if whole {
		r.mounts = append(r.mounts, hiveMount(source, root, subs))
		return nil
	}
	first := len(r.mounts)
	for _, hive := range subs {
		r.addHive(source, hive, false)
	}
	for i := range r.mounts[first:] {
		r.mounts[first+i].gaps = gaps
	}
	return nil
}

// settle finds out whether Windows has one view of HKLM\SOFTWARE only.
func (r *registry) settle() {
	const environment = `HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment`
	keys, _ := r.find(environment, view64)
	for _, k := range keys {
		if v, ok := valueOf(k.key, "PROCESSOR_ARCHITECTURE"); ok {
			r.is32 = strings.EqualFold(textOf(v), "x86")
			return
		}
	}
	other, covered := r.find(`HKLM\SOFTWARE\WOW6432Node`, view64)
	r.is32 = covered && len(other) == 0
}

// addHive mounts a predefined key of an export, or of the running computer.
func (r *registry) addHive(source string, hive profile.Key, whole bool) {
	m := mount{source: source, key: hive, whole: whole || regfile.Listed(hive)}
	switch name := profile.FoldName(hive.Name()); name {
	case "HKEY_LOCAL_MACHINE":
		m.at = "HKLM"
		m.sets = currentSet(child(hive, "SYSTEM"))
	case "HKEY_CURRENT_USER":
		m.at = "HKCU"
	case "HKEY_USERS":
		subs, _ := hive.Subkeys() // what cannot be listed is not covered
		for _, user := range subs[:min(len(subs), maxTrees)] {
			r.mounts = append(r.mounts, mount{source: source, at: "HKCU", user: user.Name(), key: user, whole: m.whole || regfile.Listed(user)})
		}
		return
	default:
		return
	}
	r.mounts = append(r.mounts, m)
}

// hiveMount tells the hives apart by what only they have.
func hiveMount(source string, root profile.Key, subs []profile.Key) mount {
	has := func(name string) bool {
		return slices.ContainsFunc(subs, func(k profile.Key) bool { return strings.EqualFold(k.Name(), name) })
	}
	m := mount{source: source, key: root, whole: true, at: "?"}
	switch {
	case has("Select") || has("ControlSet001"):
		m.at, m.sets = `HKLM\SYSTEM`, currentSet(root)
	case has("Microsoft") && !has("Software"):
		m.at = `HKLM\SOFTWARE`
	case has("Software"):
		m.at = "HKCU"
	}
	return m
}

// currentSet tells which ControlSet00N a SYSTEM key calls the current one: the value
// Current of Select, or the only one there is.
func currentSet(system profile.Key) int {
	if system == nil {
		return 0
	}
	if v, ok := valueOf(child(system, "Select"), "Current"); ok && len(v.Data) >= 1 {
		if n, err := strconv.Atoi(textOf(v)); err == nil && n > 0 && n < 1000 {
			return n
		}
	}
	subs, _ := system.Subkeys() // a set that cannot be listed is not found
	only := 0
	for _, sub := range subs {
		n, err := strconv.Atoi(strings.TrimPrefix(profile.FoldName(sub.Name()), "CONTROLSET"))
		if err != nil {
			continue
		}
		if only != 0 {
			return 0
		}
		only = n
	}
	return only
}

// A found is a key that a path led to.
type found struct {
	key    profile.Key // nil: the path is covered, and the key is not there
	path   string      // as shown: HKLM\SOFTWARE\…
	source string
	user   string
	sure   bool // the tree covers the key and everything below it
}

// find follows a path in all trees. Elements * stand for any subkey. covered is set when
// at least one tree covers all that the path can mean.
func (r *registry) find(path, view string) (keys []found, covered bool) {
	for i := range r.mounts {
		m := &r.mounts[i]
		for _, relative := range m.relative(path, view, r.is32) {
			w := walker{mount: m}
			w.walk(m.key, relative, m.at, m.whole)
			keys = append(keys, w.found...)
			covered = covered || w.covered
			if len(w.found) > 0 {
				break
			}
		}
	}
	return keys, covered
}

// relative gives the path below the mount, in the spellings that it may have there.
func (m *mount) relative(path, view string, is32 bool) [][]string {
	rest, below := cutPath(path, m.at)
	if !below {
		return nil
	}
	elements := strings.Split(rest, `\`)
	if software, is := cutPath(path, `HKLM\SOFTWARE`); is && view == view32 && !is32 {
		elements = strings.Split(`WOW6432Node\`+software, `\`)
		if m.at == "HKLM" {
			elements = append([]string{"SOFTWARE"}, elements...)
		}
	}
	out := [][]string{elements}
	at := slices.IndexFunc(elements, func(e string) bool { return strings.EqualFold(e, "CurrentControlSet") })
	if at >= 0 && m.sets > 0 {
		set := slices.Clone(elements)
		set[at] = fmt.Sprintf("ControlSet%03d", m.sets)
		if m.at == "HKLM" { // exports and the running computer have the link as well
			return append(out, set)
		}
		return [][]string{set}
	}
	if at >= 0 && child(m.system(), "CurrentControlSet") == nil && child(m.system(), "ControlSet001") != nil {
		return nil // which set is the current one is not known
	}
	return out
}

// system gives the key SYSTEM of a mount, nil when it has none.
func (m *mount) system() profile.Key {
	if m.at == "HKLM" {
		return child(m.key, "SYSTEM")
	}
	return m.key
}

// cutPath cuts a place off the beginning of a path.
func cutPath(path, at string) (rest string, below bool) {
	if len(path) <= len(at) || !strings.EqualFold(path[:len(at)], at) || path[len(at)] != '\\' {
		return "", false
	}
	return path[len(at)+1:], true
}

// A walker follows one path in one tree.
type walker struct {
	mount   *mount
	found   []found
	covered bool
	tried   int
}

// walk goes down from a key. listed says that the tree covers it.
func (w *walker) walk(key profile.Key, elements []string, path string, listed bool) {
	listed = listed || regfile.Listed(key)
	if len(elements) == 0 {
		listed = listed && !w.mount.gaps
		w.found = append(w.found, found{key, path, w.mount.source, w.mount.user, listed})
		w.covered = w.covered || listed
		return
	}
	name := elements[0]
	subs, err := key.Subkeys()
	matched := false
	for _, sub := range subs {
		if name != "*" && !strings.EqualFold(sub.Name(), name) {
			continue
		}
		if w.tried++; w.tried > maxSubkeys || len(w.found) >= maxFound {
			return
		}
		matched = true
		w.walk(sub, elements[1:], path+`\`+sub.Name(), listed)
	}
	isRedacted := func(k profile.Key) bool { return checks.Redacted(k.Name()) }
	if err != nil || w.mount.gaps || !matched && slices.ContainsFunc(subs, isRedacted) {
		return // what is missing may lie in the part that cannot be read
	}
	if listed && (!matched || name == "*") {
		w.covered = true
	}
}

// child finds a subkey, nil when it is not there.
func child(key profile.Key, name string) profile.Key {
	if key == nil {
		return nil
	}
	sub, _ := profile.Find(key, name) // one that cannot be listed is not found
	return sub
}

// valueOf finds a value of a key by its name.
func valueOf(key profile.Key, name string) (profile.Value, bool) {
	if key == nil {
		return profile.Value{}, false
	}
	values, _ := key.Values() // the readable ones
	for _, v := range values {
		if strings.EqualFold(v.Name, name) && !profile.Secret(v.Name, "") {
			return v, true
		}
	}
	return profile.Value{}, false
}

// textOf gives the data of a value as text: numbers in decimal, lists joined.
func textOf(v profile.Value) string {
	switch v.Type {
	case profile.TypeDword, profile.TypeQword, profile.TypeDwordBE:
		var n uint64
		data := slices.Clone(v.Data[:min(len(v.Data), 8)])
		if v.Type != profile.TypeDwordBE {
			slices.Reverse(data)
		}
		for _, b := range data {
			n = n<<8 | uint64(b)
		}
		return strconv.FormatUint(n, 10)
	case profile.TypeString, profile.TypeExpand, profile.TypeLink:
		return profile.DecodeUTF16(v.Data)
	case profile.TypeMultiString:
		return strings.Join(multiText(v.Data), "; ")
	}
	if words := runsOf(v.Data); words != "" {
		return words
	}
	return fmt.Sprintf("%d bytes", len(v.Data))
}

// Limits of the texts inside binary data: shorter ones are chance, more are not shown.
const (
	shortestRun = 4 // characters
	mostRuns    = 3
)

// runsOf gives the texts in UTF-16 inside binary data, "" when there are none.
func runsOf(data []byte) string {
	var runs []string
	var run []rune
	end := func() {
		if len(run) >= shortestRun && len(runs) < mostRuns {
			runs = append(runs, string(run))
		}
		run = run[:0]
	}
	for ; len(data) >= 2; data = data[2:] {
		r := rune(data[0]) | rune(data[1])<<8
		if r < 0x20 || r >= 0x2000 || r >= 0x7f && r < 0xa0 {
			end()
			continue
		}
		run = append(run, r)
	}
	end()
	return strings.Join(runs, "; ")
}

// multiText cuts a REG_MULTI_SZ.
func multiText(data []byte) []string {
	var out []string
	for len(data) >= 2 && len(out) < maxFound {
		end := 0
		for end+1 < len(data) && (data[end] != 0 || data[end+1] != 0) {
			end += 2
		}
		if end > 0 {
			out = append(out, profile.DecodeUTF16(data[:min(end, len(data))]))
		}
		data = data[min(end+2, len(data)):]
	}
	return out
}
