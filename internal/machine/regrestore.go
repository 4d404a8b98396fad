package machine

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"oxtail/parser/profile"
	"oxtail/parser/regfile"
)

// currentUser is the only hive in which anything is changed.
const currentUser = "HKEY_CURRENT_USER"

// errKey says that a path names no key that may be saved or restored.
var errKey = errors.New("no path of a key below HKEY_CURRENT_USER")

// keyParts splits the path of a key below HKEY_CURRENT_USER.
func keyParts(key string) ([]string, error) {
	parts := strings.Split(key, `\`)
	if slices.Contains(parts, "") || strings.HasPrefix(strings.ToUpper(parts[0]), "HKEY_") || len(parts) > MaxDepth {
		return nil, fmt.Errorf("%q: %w", key, errKey)
	}
	return parts, nil
}

// errExport says that an export cannot be used to restore a key.
var errExport = errors.New("the export cannot be restored")

// exported reads the export of one key and nothing else. Everything is checked before
// the registry is touched: an export that is damaged, that deletes, or that reaches
// outside of the key is refused as a whole.
func exported(key string, reg []byte) (profile.Key, error) {
	parts, err := keyParts(key)
	if err != nil {
		return nil, err
	}
	f, err := regfile.Parse(reg)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", errExport, err)
	case len(f.Problems) > 0:
		return nil, fmt.Errorf("%w: line %d: %s", errExport, f.Problems[0].Line, f.Problems[0].Detail)
	case len(f.Deletions) > 0:
		return nil, fmt.Errorf("%w: line %d deletes something", errExport, f.Deletions[0].Line)
	}
	at := f.Root()
	for _, name := range append([]string{currentUser}, parts...) {
		if at, err = onlyKey(at, name); err != nil {
			return nil, fmt.Errorf(`%w as HKCU\%s: %w`, errExport, key, err)
		}
	}
	if !regfile.Listed(at) {
		return nil, fmt.Errorf(`%w as HKCU\%s: it holds only a part of that`, errExport, key)
	}
	return at, checkValues(at)
}

// onlyKey goes down to a key that must be all that there is.
func onlyKey(at profile.Key, name string) (profile.Key, error) {
	subs, err := at.Subkeys()
	if err != nil {
		return nil, err
	}
	values, err := at.Values()
	if err != nil {
		return nil, err
	}
	for _, sub := range subs {
		if profile.FoldName(sub.Name()) != profile.FoldName(name) {
			return nil, fmt.Errorf("it also holds %s", sub.Name())
		}
	}
	if len(subs) != 1 || len(values) != 0 {
		return nil, fmt.Errorf("%s is not all that it holds (%d keys, %d values)", name, len(subs), len(values))
	}
	return subs[0], nil
}

// checkValues refuses links: a key that holds one is another key.
func checkValues(key profile.Key) error {
	values, err := key.Values()
	if err != nil {
		return err
	}
	for _, v := range values {
		if v.Type == profile.TypeLink {
			return fmt.Errorf("%w: %s is a link", errExport, key.Name())
		}
	}
	subs, err := key.Subkeys()
	if err != nil {
		return err
	}
	for _, sub := range subs {
		if err := checkValues(sub); err != nil {
			return err
		}
	}
	return nil
}

// A valueChange is one step that turns the values of a key into others.
type valueChange struct {
	name string
	set  *profile.Value // nil deletes
}

// valueChanges are the steps from have to want, few of them, so that want also comes out
// in its order: a value is changed in its place, but one that is missing among the others
// can only be put behind them.
func valueChanges(have, want []profile.Value) []valueChange {
	same := 0
	for same < len(have) && same < len(want) && have[same].Name == want[same].Name {
		same++
	}
	var out []valueChange
	for i := range want[:same] {
		if have[i].Type != want[i].Type || !slices.Equal(have[i].Data, want[i].Data) {
			out = append(out, valueChange{want[i].Name, &want[i]})
		}
	}
	for _, v := range have[same:] {
		out = append(out, valueChange{name: v.Name})
	}
	for i := range want[same:] {
		out = append(out, valueChange{want[same+i].Name, &want[same+i]})
	}
	return out
}

// sameKey reports what differs between two trees, nil when nothing does. The order of
// values is not looked at: Wine has one of its own.
func sameKey(got, want profile.Key) error {
	values, err := got.Values()
	if err != nil {
		return err
	}
	wanted, err := want.Values()
	if err != nil {
		return err
	}
	byName := func(a, b profile.Value) int { return strings.Compare(a.Name, b.Name) }
	values, wanted = slices.SortedFunc(slices.Values(values), byName), slices.SortedFunc(slices.Values(wanted), byName)
	if n := len(valueChanges(values, wanted)); n > 0 {
		return fmt.Errorf("%s: %d values are not as they were", want.Name(), n)
	}
	subs, err := got.Subkeys()
	if err != nil {
		return err
	}
	wantedSubs, err := want.Subkeys()
	if err != nil {
		return err
	}
	if len(subs) != len(wantedSubs) {
		return fmt.Errorf("%s: %d keys below it; want %d", want.Name(), len(subs), len(wantedSubs))
	}
	for _, sub := range wantedSubs {
		i := slices.IndexFunc(subs, func(k profile.Key) bool { return profile.FoldName(k.Name()) == profile.FoldName(sub.Name()) })
		if i < 0 {
			return fmt.Errorf("%s: no %s below it", want.Name(), sub.Name())
		}
		if err := sameKey(subs[i], sub); err != nil {
			return err
		}
	}
	return nil
}
