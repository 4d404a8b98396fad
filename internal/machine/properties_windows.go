package machine

import (
	"context"
	"fmt"
	"strings"

	"oxtail/actions/apply"
	"oxtail/parser/profile"
)

// Properties lists the values of a service and its providers.
func (l *live) Properties(ctx context.Context, profileName, uid string) ([]apply.Property, error) {
	if _, err := parseUID(uid); err != nil {
		return nil, err
	}
	inv, err := l.Inventory(ctx)
	if err != nil {
		return nil, err
	}
	path, err := profilePath(inv, profileName, uid)
	if err != nil {
		return nil, err
	}
	properties, err := propertiesOf(userKey(strings.Split(path, `\`)), uid)
	if err != nil {
		return nil, fmt.Errorf("read the properties of service %s in profile %q: %w", uid, profileName, err)
	}
	return properties, nil
}

// profilePath finds the key of the profile of that name that has the service: profiles
// of an older Outlook stay behind under the same name.
func profilePath(inv *profile.Inventory, name, uid string) (string, error) {
	for i := range inv.Profiles {
		p := &inv.Profiles[i]
		if !strings.EqualFold(p.Name, name) && !strings.EqualFold(p.Display, name) {
			continue
		}
		for _, s := range p.Services {
			if strings.EqualFold(s.UID, uid) {
				return p.Root + `\` + p.Name, nil
			}
		}
	}
	return "", fmt.Errorf("no profile %q has the service %s", name, uid)
}
