package profile

import "strings"

// Key is one registry key. It is all that this package knows of a registry.
//
// Contract, held by parser/profile/keytest for every implementation:
// names are as stored; the root's name may be anything. Subkeys and Values
// return what could be read together with an error for what could not, without
// two names that are equal by [FoldName]; values come in stored order, subkeys
// in any that is the same every time. A value without a name is the key's
// default value. Callers do not modify Value.Data.
type Key interface {
	Name() string
	Subkeys() ([]Key, error)
	Values() ([]Value, error)
}

// Value is one registry value with the bytes that the registry holds: texts
// (REG_SZ, REG_EXPAND_SZ, REG_MULTI_SZ) are UTF-16LE, numbers little endian.
type Value struct {
	Name string
	Type uint32
	Data []byte
}

// Registry value types, as in winnt.h.
const (
	TypeNone        uint32 = 0
	TypeString      uint32 = 1
	TypeExpand      uint32 = 2
	TypeBinary      uint32 = 3
	TypeDword       uint32 = 4
	TypeDwordBE     uint32 = 5
	TypeLink        uint32 = 6
	TypeMultiString uint32 = 7
	TypeQword       uint32 = 11
)

// FoldName gives the form of a key or value name that is compared: the
// registry ignores letter case.
func FoldName(name string) string { return strings.ToUpper(name) }

// Find walks from key down a path of names separated by backslashes. It
// returns nil when a name is missing, and the error of the last key that could
// not be listed completely, since the missing name may lie there.
func Find(key Key, path string) (Key, error) {
	var unsure error
	for name := range strings.SplitSeq(path, `\`) {
		next, err := child(key, name)
		if err != nil {
			unsure = err
		}
		if next == nil {
			return nil, unsure
		}
		key = next
	}
	return key, nil
}

// child finds one subkey by name without regard to letter case.
func child(key Key, name string) (Key, error) {
	subkeys, err := key.Subkeys()
	for _, sub := range subkeys {
		if strings.EqualFold(sub.Name(), name) {
			return sub, nil
		}
	}
	return nil, err
}
