package diff

import (
	"fmt"
	"strings"

	"oxtail/actions"
)

// cacheFiles compares the cache files of both sides: by path, and where the path is
// another one, by a name that each side has once.
func cacheFiles(before, after *Side) []Change {
	a, b := cacheFacts(before), cacheFacts(after)
	names, others := onceNamed(a), onceNamed(b)
	for name, key := range names {
		if to, ok := others[name]; ok && to != key && !has(b, key) && !has(a, to) {
			a[to] = a[key]
			delete(a, key)
		}
	}
	return changes(a, b)
}

func has(m map[string]thing, key string) bool {
	_, ok := m[key]
	return ok
}

// onceNamed returns the keys of files whose base name no other one has.
func onceNamed(files map[string]thing) map[string]string {
	out, twice := make(map[string]string), make(map[string]bool)
	for key := range files {
		name := base(key)
		if _, ok := out[name]; ok {
			twice[name] = true
		}
		out[name] = key
	}
	for name := range twice {
		delete(out, name)
	}
	return out
}

func cacheFacts(s *Side) map[string]thing {
	out := make(map[string]thing)
	if s.Inventory == nil {
		return out
	}
	for i := range s.Inventory.Caches {
		c := &s.Inventory.Caches[i]
		key := place(s.Root, c.Path)
		t := out[key]
		t.name, t.owner = c.Path, c.Owner
		t.facts = append(t.facts, factsOfCache(c)...)
		out[key] = t
	}
	return out
}

// factsOfCache leaves the time of the last change out: copying into a bundle changes it.
func factsOfCache(c *actions.CacheFile) []string {
	out := []string{"state " + c.State}
	if c.Bytes >= 0 {
		out = append(out, fmt.Sprintf("%d bytes", c.Bytes))
	}
	if c.Content != "" {
		out = append(out, "content "+c.Content)
	}
	if c.Head != "" {
		const shown = 12 // digits: enough to see that two files begin differently
		out = append(out, "begins with SHA-256 "+c.Head[:min(shown, len(c.Head))])
	}
	if len(c.HeldBy) > 0 {
		out = append(out, "held by "+strings.Join(c.HeldBy, ", "))
	}
	for _, d := range c.Damage {
		out = append(out, "damage: "+d)
	}
	return out
}
