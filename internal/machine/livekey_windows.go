package machine

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"

	"oxtail/parser/profile"
)

// liveKey is a key of the live registry. It holds its path and no handle.
type liveKey struct {
	hive  registry.Key // a predefined key, which needs no closing
	name  string       // as shown; path has it as the API wants it
	path  []string     // below hive
	shown string       // the path as shown
	view  View         // 0 where the views do not differ
}

var _ profile.Key = (*liveKey)(nil)

// Name gives the name as stored.
func (k *liveKey) Name() string { return k.name }

// Subkeys lists the subkeys in the order of the registry.
func (k *liveKey) Subkeys() ([]profile.Key, error) {
	if len(k.path) >= MaxDepth {
		return nil, k.fault("list", fmt.Errorf("keys are nested more than %d deep", MaxDepth))
	}
	h, err := k.open(registry.ENUMERATE_SUB_KEYS)
	if err != nil {
		return nil, k.fault("list", err)
	}
	defer h.Close() // read only: nothing is lost when closing fails
	names, err := h.ReadSubKeyNames(-1)
	if err != nil {
		err = k.fault("list", err)
	}
	subs := make([]profile.Key, 0, len(names))
	seen := make(map[string]bool, len(names))
	for _, name := range names {
		shown := visible(name)
		// A key that is made while the list is taken can come twice.
		if folded := profile.FoldName(shown); !seen[folded] {
			seen[folded] = true
			path := append(slices.Clip(k.path), name)
			subs = append(subs, &liveKey{hive: k.hive, name: shown, path: path, shown: k.place() + `\` + shown, view: k.view})
		}
	}
	return subs, err
}

// Values lists the values in the order of the registry, with the bytes as stored.
func (k *liveKey) Values() ([]profile.Value, error) {
	h, err := k.open(registry.QUERY_VALUE)
	if err != nil {
		return nil, k.fault("read", err)
	}
	defer h.Close() // read only: nothing is lost when closing fails
	names, err := h.ReadValueNames(-1)
	if err == nil && len(names) > MaxValues {
		err = fmt.Errorf("%d values; the first %d are read", len(names), MaxValues)
	}
	values := make([]profile.Value, 0, len(names))
	seen := make(map[string]bool, len(names))
	room := MaxKeyBytes
	for _, name := range names[:min(len(names), MaxValues)] {
		folded := profile.FoldName(visible(name))
		if seen[folded] {
			continue
		}
		seen[folded] = true
		v, valueErr := readValue(h, name, room)
		if valueErr != nil {
			err = fmt.Errorf("value %q: %w", v.Name, valueErr)
			continue
		}
		room -= len(v.Data)
		values = append(values, v)
	}
	if err != nil {
		err = k.fault("read", err)
	}
	return values, err
}

// valueTries is how often a value is asked for that grows between being measured and
// being read.
const valueTries = 5

// readValue gives one value of at most so many bytes, as it is stored: nothing is
// converted, and texts get no NUL that they do not have.
func readValue(h registry.Key, name string, most int) (profile.Value, error) {
	v := profile.Value{Name: visible(name)}
	size, kind, err := h.GetValue(name, nil)
	for range valueTries {
		if err != nil && !errors.Is(err, registry.ErrShortBuffer) {
			return v, err
		}
		if size > most {
			return v, fmt.Errorf("%d bytes; the values of one key are read up to %d MiB", size, MaxKeyBytes>>20)
		}
		v.Type, v.Data = kind, make([]byte, size)
		if size == 0 {
			return v, nil
		}
		if size, kind, err = h.GetValue(name, v.Data); err == nil {
			v.Type, v.Data = kind, v.Data[:size]
			return v, nil
		}
	}
	return v, err
}

// openLevels is how many levels of keys one call goes down: the registry refuses to do
// more than 32 at a time.
const openLevels = 30

// open opens the key, level by level. The caller closes it.
func (k *liveKey) open(access uint32) (registry.Key, error) {
	at, path := k.hive, k.path
	for len(path) > openLevels {
		// A key on the way need not be readable for those below it to be.
		next, err := registry.OpenKey(at, strings.Join(path[:openLevels], `\`), windows.MAXIMUM_ALLOWED|uint32(k.view))
		k.leave(at)
		if err != nil {
			return 0, err
		}
		at, path = next, path[openLevels:]
	}
	h, err := registry.OpenKey(at, strings.Join(path, `\`), access|uint32(k.view))
	k.leave(at)
	return h, err
}

// leave closes a key on the way down, unless it is the predefined one.
func (k *liveKey) leave(at registry.Key) {
	if at != k.hive {
		at.Close() // read only: nothing is lost when closing fails
	}
}

// place is the registry path as people write it.
func (k *liveKey) place() string {
	if len(k.path) > 0 {
		return k.shown
	}
	return k.name
}

// fault names the key in an error.
func (k *liveKey) fault(verb string, err error) error {
	return fmt.Errorf("%s %s: %w", verb, k.place(), err)
}

// visible is a name as the readers of .reg files and hives give it. The API takes and
// gives names that are not valid UTF-16 in a form of its own, which is no UTF-8.
func visible(name string) string {
	if utf8.ValidString(name) {
		return name
	}
	units, err := windows.UTF16FromString(name)
	if err != nil {
		return strings.ToValidUTF8(name, "\uFFFD")
	}
	return string(utf16.Decode(units[:len(units)-1]))
}
