package keytest

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"oxtail/parser/profile"
)

// Run holds an implementation to the contract of [profile.Key]: root must hold
// the content of [Fixture] and give it twice.
func Run(t *testing.T, root profile.Key) {
	t.Helper()
	Equal(t, root, Fixture())
	Equal(t, root, Fixture())
	for _, path := range []string{`names\MIXED case`, `Names\größe`, `Types`} {
		if key, err := profile.Find(root, path); key == nil || err != nil {
			t.Errorf("Find(%q) = %v, %v; want the key, whatever its letter case", path, key, err)
		}
	}
	if key, err := profile.Find(root, `Types\nowhere`); key != nil || err != nil {
		t.Errorf("Find of a missing key = %v, %v; want nil, nil", key, err)
	}
}

// Equal compares two trees: names, types, data, the order of values. The names
// of the two roots may differ, and the order of keys: a .reg file has its own.
func Equal(t *testing.T, got, want profile.Key) {
	t.Helper()
	equal(t, "", got, want)
}

// equal compares two keys and goes on below them.
func equal(t *testing.T, path string, got, want profile.Key) {
	t.Helper()
	equalValues(t, path, got, want)
	gotKeys, err := got.Subkeys()
	if err != nil {
		t.Errorf("Subkeys of %q: %v", path, err)
	}
	wantKeys, _ := want.Subkeys()
	if len(gotKeys) != len(wantKeys) {
		t.Errorf("%q has %d subkeys, want %d", path, len(gotKeys), len(wantKeys))
		return
	}
	sortKeys(gotKeys)
	sortKeys(wantKeys)
	for i := range wantKeys {
		name := wantKeys[i].Name()
		if gotKeys[i].Name() != name {
			t.Errorf("subkey %d of %q is %q, want %q", i, path, gotKeys[i].Name(), name)
			continue
		}
		equal(t, path+`\`+name, gotKeys[i], wantKeys[i])
	}
}

// sortKeys orders keys by name.
func sortKeys(keys []profile.Key) {
	slices.SortFunc(keys, func(a, b profile.Key) int { return strings.Compare(a.Name(), b.Name()) })
}

// equalValues compares the values of two keys.
func equalValues(t *testing.T, path string, got, want profile.Key) {
	t.Helper()
	gotValues, err := got.Values()
	if err != nil {
		t.Errorf("Values of %q: %v", path, err)
	}
	wantValues, _ := want.Values()
	if len(gotValues) != len(wantValues) {
		t.Errorf("%q has %d values, want %d", path, len(gotValues), len(wantValues))
		return
	}
	for i, w := range wantValues {
		g := gotValues[i]
		if g.Name != w.Name || g.Type != w.Type || !bytes.Equal(g.Data, w.Data) {
			t.Errorf("value %d of %q is %q of type %d with %d bytes, want %q of type %d with %d bytes",
				i, path, g.Name, g.Type, len(g.Data), w.Name, w.Type, len(w.Data))
		}
	}
}
