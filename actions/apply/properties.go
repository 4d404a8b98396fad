package apply

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"oxtail/parser/profile"
	"oxtail/parser/regfile"
)

// Property types, the low half of a tag.
const (
	propLong    = 0x0003
	propBoolean = 0x000b
	propString8 = 0x001e
	propUnicode = 0x001f
	propBinary  = 0x0102
)

// PropertiesOf reads the properties of a service and its providers out of the key of a
// profile. Secret values are listed without their content.
func PropertiesOf(key profile.Key, uid string) ([]Property, error) {
	section, err := profile.Find(key, uid)
	if err != nil {
		return nil, err
	}
	if section == nil {
		return nil, fmt.Errorf("the profile has no section %s", uid)
	}
	values, err := section.Values()
	if err != nil {
		return nil, err
	}
	service := textOf(values, "3d09")
	out := sectionProperties(uid, service, values)
	for _, v := range values {
		if tag, _, ok := tagOf(v.Name); !ok || tag&0xffff != propBinary || tag>>16 < 0x3d00 || tag>>16 > 0x3d02 {
			continue
		}
		for data := v.Data; len(data) >= 16; data = data[16:] {
			provider, err := profile.Find(key, hex.EncodeToString(data[:16]))
			if provider == nil || err != nil {
				continue // listed without a section: a problem of the profile, told elsewhere
			}
			below, err := provider.Values()
			if err != nil {
				return nil, err
			}
			out = append(out, sectionProperties(hex.EncodeToString(data[:16]), service, below)...)
		}
	}
	return out, nil
}

// textOf finds a text by its property id.
func textOf(values []profile.Value, id string) string {
	for _, v := range values {
		if len(v.Name) == 8 && strings.EqualFold(v.Name[4:], id) {
			return profile.DecodeUTF16(v.Data)
		}
	}
	return ""
}

// tagOf reads the name of a value: type, then id. The tag has them the other way round.
func tagOf(name string) (tag uint32, secured, ok bool) {
	if secured = len(name) == 9 && (name[0] == 'S' || name[0] == 's'); secured {
		name = name[1:]
	}
	n, err := strconv.ParseUint(name, 16, 32)
	return uint32(n)<<16 | uint32(n)>>16, secured, err == nil && len(name) == 8
}

func sectionProperties(section, service string, values []profile.Value) []Property {
	var out []Property
	for _, v := range values {
		tag, _, ok := tagOf(v.Name)
		if !ok {
			continue
		}
		p := Property{Section: section, Tag: tag, Type: typeName(tag)}
		if p.Secured = profile.Secret(v.Name, service); !p.Secured {
			p.Text = valueText(tag, v)
		}
		if len(p.Text) > MaxPropertyText {
			p.Text, p.Cut = p.Text[:MaxPropertyText], true
		}
		out = append(out, p)
	}
	return out
}

func typeName(tag uint32) string {
	switch tag & 0xffff {
	case propLong:
		return "long"
	case propBoolean:
		return "boolean"
	case propString8, propUnicode:
		return "text"
	case propBinary:
		return "binary"
	}
	return "other"
}

func valueText(tag uint32, v profile.Value) string {
	switch tag & 0xffff {
	case propLong, propBoolean:
		var raw [8]byte
		copy(raw[:], v.Data)
		return strconv.FormatUint(binary.LittleEndian.Uint64(raw[:]), 10)
	case propString8, propUnicode:
		return profile.DecodeUTF16(v.Data)
	}
	return hex.EncodeToString(v.Data)
}

// properties lists those of the service as they are now; from the backup when the service
// is gone, or MAPI cannot be asked.
func (r *run) properties(ctx context.Context, uid string) ([]Property, error) {
	t := &r.plan.Target
	if r.o.Mode != ModePlan && !r.o.DryRun && r.m.CanMAPI(ctx) == nil {
		if list, err := r.m.Properties(ctx, mapiName(t.ProfileDisplay, t.Profile), uid); err == nil {
			return list, nil
		}
	}
	if r.backup != nil && uid == t.ServiceUID {
		return r.savedProperties(ctx)
	}
	var out bytes.Buffer
	key := t.Root + `\` + t.Profile
	if err := r.m.ExportKey(ctx, key, &out); err != nil {
		return nil, fmt.Errorf("read HKCU\\%s: %w", key, err)
	}
	return propertiesIn(out.Bytes(), key, uid)
}

// savedProperties reads the properties of the old service out of the backup.
func (r *run) savedProperties(ctx context.Context) ([]Property, error) {
	key := r.plan.Target.Root + `\` + r.plan.Target.Profile
	at := slices.IndexFunc(r.backup.Saved, func(s Saved) bool { return s.Kind == SavedProfile && strings.EqualFold(s.Key, key) })
	if at < 0 {
		return nil, fmt.Errorf("backup %s does not hold HKCU\\%s", r.backup.ID, key)
	}
	data, err := r.backup.read(ctx, r.m, r.backup.Saved[at], maxRegistry)
	if err != nil {
		return nil, err
	}
	return propertiesIn(data, key, r.plan.Target.ServiceUID)
}

// propertiesIn reads the properties of a service out of an export.
func propertiesIn(reg []byte, key, uid string) ([]Property, error) {
	file, err := regfile.Parse(reg)
	if err != nil {
		return nil, err
	}
	found, err := profile.Find(file.Root(), `HKEY_CURRENT_USER\`+key)
	if found == nil {
		return nil, fmt.Errorf("the export does not hold HKCU\\%s (%v)", key, err)
	}
	return PropertiesOf(found, uid)
}

// credentials are user and password in a URL.
var credentials = regexp.MustCompile(`://[^/\s@]*@`)

// redacted takes out what must not be shown.
func redacted(list []Property) []Property {
	out := slices.Clone(list)
	for i := range out {
		p := &out[i]
		if p.Secured || isSecretID(p.Tag>>16) {
			p.Text, p.Secured = "", true
		}
		p.Text = credentials.ReplaceAllString(p.Text, "://***@")
	}
	return out
}

// isSecretID knows key material and passwords: of the .ost, of the mailbox, of a .pst.
func isSecretID(id uint32) bool {
	return id == 0x6611 || id == 0x67f0 || id == 0x6703 || id == 0x6704
}

// Ids of properties.
const (
	idDisplayName = 0x3001
	idConfigFlags = 0x6601 // of an Exchange section
	idFirstOwn    = 0x6600 // of the provider
	idLastOwn     = 0x67ff
)

// copied chooses the properties that a new service gets from the old one: what belongs to
// the provider, as numbers and texts. Never secrets, ids, entry ids, record keys, links
// between sections, or paths of the old cache.
func (r *run) copied(list []Property) []Property {
	var out []Property
	for _, p := range list {
		id := p.Tag >> 16
		own := id >= idFirstOwn && id <= idLastOwn && id != idConfigFlags || id == idDisplayName
		switch {
		case !own, p.Secured, p.Cut, isSecretID(id), p.Type != "long" && p.Type != "boolean" && p.Type != "text":
		case p.Type == "text" && (p.Text == "" || r.isPath(p.Text)):
		case slices.ContainsFunc(out, func(x Property) bool { return x.Tag>>16 == id }):
		default:
			if p.Type == "text" {
				p.Tag = id<<16 | propString8
			}
			out = append(out, p)
		}
	}
	return out
}

// isPath reports whether a text is the path of a cache, or any other path: where the old
// cache lies must not be written into the new service.
func (r *run) isPath(text string) bool {
	lower := strings.ToLower(text)
	return profile.LooksLikePath(text) || strings.HasSuffix(lower, ".odb") || strings.HasSuffix(lower, ".psz")
}
