package indexing

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"oxtail/actions"
	"oxtail/index"
	"oxtail/internal/evidence"
	"oxtail/parser/profile"
)

// evidenceVersion changes when the form of the kept evidence changes.
const evidenceVersion = 1

// maxEvidence bounds the file of kept evidence in bytes: a bundle of a thousand profiles
// is a few megabytes.
const maxEvidence = 256 << 20

// keptEvidence is what an index keeps of profiles and cache files, as they were when their
// paths were added: hives and caches change and vanish as logs do.
type keptEvidence struct {
	Version int            `json:"version"`
	Parts   []evidencePart `json:"parts"`
}

// An evidencePart is what one "index add" saw.
type evidencePart struct {
	Given     []string           `json:"given"` // paths as they were given
	Roots     []string           `json:"roots"` // the same, absolute
	Inventory *actions.Inventory `json:"inventory"`
}

func readEvidence(dir string) (*keptEvidence, error) {
	name := filepath.Join(dir, index.EvidenceName)
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return &keptEvidence{Version: evidenceVersion}, nil
	}
	if err == nil && info.Size() > maxEvidence {
		err = fmt.Errorf("it has %d bytes, more than %d", info.Size(), maxEvidence)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read the profiles of the index: %w", err)
	}
	k := &keptEvidence{}
	if err := json.Unmarshal(data, k); err != nil {
		return nil, fmt.Errorf("read %s: %w; remove it and add the paths again", name, err)
	}
	if k.Version != evidenceVersion {
		return &keptEvidence{Version: evidenceVersion}, nil // it comes back with the next add
	}
	return k, nil
}

// keep puts the evidence of one add in the place of what was kept of the same paths.
func (a *adder) keep(dir string, paths []string, from *evidence.Gatherer) error {
	inv, problems := from.Finish()
	for _, p := range problems {
		a.res.Problems = append(a.res.Problems, p.Text)
	}
	a.res.Profiles, a.res.Caches = len(inv.Profiles), len(inv.Caches)
	old, err := readEvidence(dir)
	if err != nil {
		old = &keptEvidence{Version: evidenceVersion} // what cannot be read is written anew
	}
	part := evidencePart{Given: paths, Inventory: inv}
	for _, p := range paths {
		root, err := filepath.Abs(p)
		if err != nil {
			return fmt.Errorf("keep profiles: %w", err)
		}
		part.Roots = append(part.Roots, root)
	}
	old.add(part)
	data, err := json.Marshal(old)
	if err != nil {
		return fmt.Errorf("keep profiles: %w", err)
	}
	return a.w.Attach(index.EvidenceName, data)
}

// add takes the evidence of one add. Parts without profiles and cache files are joined:
// logs may be added one by one, by the thousand.
func (k *keptEvidence) add(part evidencePart) {
	k.Parts = slices.DeleteFunc(k.Parts, func(o evidencePart) bool { return part.covers(o) })
	if part.bare() {
		if slices.ContainsFunc(k.Parts, func(o evidencePart) bool { return o.covers(part) }) {
			return
		}
		if at := slices.IndexFunc(k.Parts, func(o evidencePart) bool { return o.bare() }); at >= 0 {
			o := &k.Parts[at]
			o.Given, o.Roots = append(o.Given, part.Given...), append(o.Roots, part.Roots...)
			o.Inventory.Logs = append(o.Inventory.Logs, part.Inventory.Logs...)
			return
		}
	}
	k.Parts = append(k.Parts, part)
}

// bare reports whether a part tells of logs only.
func (p *evidencePart) bare() bool {
	i := p.Inventory
	return i != nil && len(i.Profiles)+len(i.Deleted)+len(i.Corrupt)+len(i.Settings)+len(i.Problems)+len(i.Caches) == 0
}

// covers reports whether all roots of another part lie in this one's.
func (p *evidencePart) covers(o evidencePart) bool {
	for _, root := range o.Roots {
		inside := func(mine string) bool {
			return root == mine || strings.HasPrefix(root, strings.TrimSuffix(mine, string(filepath.Separator))+string(filepath.Separator))
		}
		if !slices.ContainsFunc(p.Roots, inside) {
			return false
		}
	}
	return true
}

// Inventory returns the profiles and cache files that an index keeps, and the paths under
// which they were given. It is nil for an index that keeps none: one that only watch
// wrote, or an older program.
func Inventory(dir string) (*actions.Inventory, []string, error) {
	kept, err := readEvidence(dir)
	if err != nil || len(kept.Parts) == 0 {
		return nil, nil, err
	}
	out := &actions.Inventory{Places: actions.Places{}}
	var given []string
	var profiles []*profile.Inventory
	for _, p := range kept.Parts {
		given = append(given, p.Given...)
		if i := p.Inventory; i != nil {
			profiles = append(profiles, &profile.Inventory{Profiles: i.Profiles, Deleted: i.Deleted, Corrupt: i.Corrupt, Settings: i.Settings, Problems: i.Problems})
			out.Caches = append(out.Caches, i.Caches...)
			out.Logs = append(out.Logs, i.Logs...)
			for source, places := range i.Places {
				out.Places[source] = places
			}
		}
	}
	out.Caches = lastOf(out.Caches, func(c actions.CacheFile) string { return c.Path })
	out.Logs = lastOf(out.Logs, func(l actions.Log) string { return l.Path })
	if len(profiles) == 1 {
		i := profiles[0] // as it was, in the order in which it was found
		out.Profiles, out.Deleted, out.Corrupt, out.Settings, out.Problems = i.Profiles, i.Deleted, i.Corrupt, i.Settings, i.Problems
		return out, given, nil
	}
	all := profile.Merge(profiles...)
	out.Profiles, out.Deleted, out.Corrupt, out.Settings, out.Problems = all.Profiles, all.Deleted, all.Corrupt, all.Settings, all.Problems
	return out, given, nil
}

// lastOf keeps, of several with one name, the one that was added last, in its place.
func lastOf[T any](list []T, name func(T) string) []T {
	last := make(map[string]int, len(list))
	for i, x := range list {
		last[name(x)] = i
	}
	out := list[:0:0]
	for i, x := range list {
		if last[name(x)] == i {
			out = append(out, x)
		}
	}
	return out
}
