package evidence

import (
	"oxtail/parser/profile"
)

// locate notes where the registry paths that findings may cite stand in the file.
func (g *Gatherer) locate(path string, root profile.Key, inv *profile.Inventory) {
	at := make(map[string]profile.Place)
	note := func(origin string) {
		if p, ok := profile.Locate(root, origin); ok {
			at[origin] = p
		}
	}
	for i := range inv.Profiles {
		p := &inv.Profiles[i]
		for j := range p.Services {
			note(p.Services[j].Origin)
		}
		for j := range p.Problems {
			note(p.Problems[j].Origin)
		}
	}
	for i := range inv.Problems {
		note(inv.Problems[i].Origin)
	}
	if len(at) > 0 {
		g.places[path] = at
	}
}
