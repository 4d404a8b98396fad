package machine

import (
	"errors"
	"io/fs"

	"oxtail/parser/hive"
	"oxtail/parser/profile"
)

// hiveFile is the hive of a user who is not logged on, as a key. It is parsed when its
// subkeys are asked for.
type hiveFile struct {
	sid, folder string
	read        func(path string, most int64) ([]byte, error)
	note        func(place string, lost bool, format string, args ...any)
	shelf       *shelf
}

var _ profile.Key = (*hiveFile)(nil)

// shelf holds the hive that was read last. A terminal server has hundreds of users, and
// their hives together do not fit in memory.
type shelf struct {
	of   *hiveFile
	root profile.Key
	err  error
}

// Name gives the SID, as the key of a loaded hive has it.
func (h *hiveFile) Name() string { return h.sid }

// Subkeys gives the keys at the root of the hive.
func (h *hiveFile) Subkeys() ([]profile.Key, error) {
	root, err := h.open()
	if root == nil {
		return nil, err
	}
	return root.Subkeys()
}

// Values gives the values at the root of the hive.
func (h *hiveFile) Values() ([]profile.Value, error) {
	root, err := h.open()
	if root == nil {
		return nil, err
	}
	return root.Values()
}

// open gives the hive from the shelf, or reads it.
func (h *hiveFile) open() (profile.Key, error) {
	if h.shelf.of != h {
		*h.shelf = shelf{of: h}
		h.shelf.root, h.shelf.err = h.load()
	}
	return h.shelf.root, h.shelf.err
}

// errNoHive says that a user has no hive, and so no profiles.
var errNoHive = errors.New("no hive")

// load reads and parses the hive. Mandatory profiles have their hive in NTUSER.MAN.
func (h *hiveFile) load() (profile.Key, error) {
	for _, name := range []string{`\NTUSER.DAT`, `\NTUSER.MAN`} {
		path := h.folder + name
		data, err := h.read(path, MaxHiveBytes)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			h.note(path, true, "%v; the registry of user %s was not read: %s", err, h.sid, remedy(err))
			return nil, err
		}
		return h.parse(path, data)
	}
	h.note(h.folder, false, "user %s has no NTUSER.DAT in %s", h.sid, h.folder)
	return nil, errNoHive
}

// remedy says what helps against an error of reading a hive.
func remedy(err error) string {
	if IsHeld(err) {
		return "another program has it open; log the user off, or let the user run this"
	}
	if errors.Is(err, fs.ErrPermission) {
		return "administrators may read the files of other users"
	}
	return "give a copy of the file"
}

// parse opens a hive with its transaction logs, if it was not written completely.
func (h *hiveFile) parse(path string, data []byte) (profile.Key, error) {
	opened, err := hive.Open(data)
	if err == nil && !opened.Dirty {
		return h.sound(path, opened), nil
	}
	var logs [][]byte
	for _, end := range []string{".LOG1", ".LOG2", ".LOG"} {
		log, logErr := h.read(path+end, MaxHiveBytes)
		if logErr == nil && hive.IsLog(log) {
			logs = append(logs, log)
		}
	}
	if opened, err = hive.Open(data, logs...); err != nil {
		h.note(path, true, "read %s: %v", path, err)
		return nil, err
	}
	return h.sound(path, opened), nil
}

// sound gives the tree of a hive and notes its damage.
func (h *hiveFile) sound(path string, opened *hive.Hive) profile.Key {
	switch n := len(opened.Problems) + opened.MoreProblems; n {
	case 0:
	case 1: // also that it was not written completely, and its logs do not help
		h.note(path, true, "%s: %s", path, opened.Problems[0].Detail)
	default:
		h.note(path, true, "%s: the hive is damaged in %d places, the first: %s", path, n, opened.Problems[0].Detail)
	}
	if n := opened.Replayed.Entries; n > 0 {
		h.note(path, false, "%s: %d entries of its transaction logs were applied in memory", path, n)
	}
	return opened.Root()
}
