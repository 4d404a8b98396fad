package machine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"

	"oxtail/parser/profile"
	"oxtail/parser/regfile"
)

var (
	advapi32      = windows.NewLazySystemDLL("advapi32.dll")
	regSetValueEx = advapi32.NewProc("RegSetValueExW")
	regFlushKey   = advapi32.NewProc("RegFlushKey")
)

// userKey is a key of the current user.
func userKey(parts []string) *liveKey {
	return &liveKey{
		hive: registry.CURRENT_USER, name: parts[len(parts)-1], path: parts,
		shown: `HKCU\` + strings.Join(parts, `\`),
	}
}

// ExportKey writes a key of the current user as a .reg file.
func (*live) ExportKey(ctx context.Context, key string, w io.Writer) error {
	parts, err := keyParts(key)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return err
	}
	return regfile.Write(w, currentUser+`\`+key, userKey(parts))
}

// RestoreKey makes a key of the current user what it was when it was exported. Once it
// has begun it goes on when ctx ends: half a profile is none.
func (*live) RestoreKey(ctx context.Context, key string, reg []byte) error {
	want, err := exported(key, reg)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return err
	}
	parts, _ := keyParts(key) // exported has checked it
	if err := restore(registry.CURRENT_USER, key, userKey(parts), want); err != nil {
		return fmt.Errorf(`restore HKCU\%s: %w; import the .reg file of the backup by hand`, key, err)
	}
	if err := sameKey(userKey(parts), want); err != nil {
		return fmt.Errorf(`restore HKCU\%s: it was written, but reads back otherwise: %w`, key, err)
	}
	return nil
}

// restore makes one key and all below it equal to want.
func restore(above registry.Key, path string, live *liveKey, want profile.Key) error {
	h, _, err := registry.CreateKey(above, path, registry.QUERY_VALUE|registry.SET_VALUE|registry.ENUMERATE_SUB_KEYS|registry.CREATE_SUB_KEY)
	if err != nil {
		return fmt.Errorf("open %s: %w", live.place(), err)
	}
	defer regFlushKey.Call(uintptr(h)) // the registry does it by itself a little later
	defer h.Close()
	if err := restoreValues(h, live, want); err != nil {
		return err
	}
	wanted, err := want.Subkeys()
	if err != nil {
		return err
	}
	has, err := live.Subkeys()
	if err != nil {
		return err
	}
	for _, sub := range has {
		same := func(k profile.Key) bool { return profile.FoldName(k.Name()) == profile.FoldName(sub.Name()) }
		if !slices.ContainsFunc(wanted, same) {
			if err := deleteTree(h, sub.(*liveKey)); err != nil {
				return err
			}
		}
	}
	for _, sub := range wanted {
		below := &liveKey{hive: live.hive, name: sub.Name(), path: append(slices.Clip(live.path), sub.Name()), shown: live.place() + `\` + sub.Name()}
		if err := restore(h, sub.Name(), below, sub); err != nil {
			return err
		}
	}
	return nil
}

// restoreValues makes the values of one key equal to those of want.
func restoreValues(h registry.Key, live *liveKey, want profile.Key) error {
	have, err := live.Values()
	if err != nil {
		return err
	}
	values, err := want.Values()
	if err != nil {
		return err
	}
	for _, c := range valueChanges(have, values) {
		if c.set == nil {
			err = h.DeleteValue(c.name)
		} else {
			err = setValue(h, *c.set)
		}
		if err != nil {
			return fmt.Errorf("%s: value %q: %w", live.place(), c.name, err)
		}
	}
	return nil
}

// setValue writes a value of any type with its bytes as they are.
func setValue(h registry.Key, v profile.Value) error {
	name, err := windows.UTF16PtrFromString(v.Name)
	if err != nil {
		return err
	}
	rc, _, _ := regSetValueEx.Call(uintptr(h), uintptr(unsafe.Pointer(name)), 0, uintptr(v.Type),
		uintptr(unsafe.Pointer(unsafe.SliceData(v.Data))), uintptr(len(v.Data)))
	if rc != 0 {
		return windows.Errno(rc)
	}
	return nil
}

// deleteTree deletes a key below h with all below it.
func deleteTree(h registry.Key, key *liveKey) error {
	subs, err := key.Subkeys()
	if err != nil {
		return err
	}
	name := key.path[len(key.path)-1]
	if len(subs) > 0 {
		own, err := registry.OpenKey(h, name, registry.ENUMERATE_SUB_KEYS)
		if err != nil {
			return fmt.Errorf("open %s: %w", key.place(), err)
		}
		defer own.Close() // read only: nothing is lost when closing fails
		for _, sub := range subs {
			if err := deleteTree(own, sub.(*liveKey)); err != nil {
				return err
			}
		}
	}
	if err := registry.DeleteKey(h, name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("delete %s: %w", key.place(), err)
	}
	return nil
}
