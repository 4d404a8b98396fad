package machine

import (
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"oxtail/actions/apply"
	"oxtail/parser/profile"
)

// The properties of a service are read from the registry and not through MAPI: it has
// the same values, it marks those that are secured, and reading them needs no process of
// Outlook's bitness.

// Providers of a service, as its section lists them.
func providerLists() []string { return []string{"01023d00", "01023d01", "01023d02"} }

// uidBytes is the size of one UID in a list.
const uidBytes = 16

// propertiesOf reads the section of a service and those of its providers.
func propertiesOf(prof profile.Key, uid string) ([]apply.Property, error) {
	section, err := profile.Find(prof, uid)
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
	service := serviceName(values)
	out := sectionProperties(uid, service, values)
	for _, provider := range providersOf(values) {
		section, err := profile.Find(prof, provider)
		if err != nil {
			return nil, err
		}
		if section == nil {
			continue // profile.Read tells that it is missing
		}
		values, err := section.Values()
		if err != nil {
			return nil, err
		}
		out = append(out, sectionProperties(provider, service, values)...)
	}
	return out, nil
}

// serviceName is PR_SERVICE_NAME of a section.
func serviceName(values []profile.Value) string {
	for _, v := range values {
		switch strings.ToLower(v.Name) {
		case "001f3d09":
			return profile.DecodeUTF16(v.Data)
		case "001e3d09":
			return profile.DecodeUTF16(v.Data) // a REG_SZ, which is UTF-16 as well
		}
	}
	return ""
}

// providersOf gives the UIDs of the provider lists, each once.
func providersOf(values []profile.Value) []string {
	var out []string
	for _, list := range providerLists() {
		for _, v := range values {
			if !strings.EqualFold(v.Name, list) {
				continue
			}
			for uid := range slices.Chunk(v.Data, uidBytes) {
				if text := hex.EncodeToString(uid); len(uid) == uidBytes && !slices.Contains(out, text) {
					out = append(out, text)
				}
			}
		}
	}
	return out
}

// sectionProperties gives the properties of one section, sorted by tag.
func sectionProperties(section, service string, values []profile.Value) []apply.Property {
	var out []apply.Property
	for _, v := range values {
		if p, ok := property(section, service, v); ok {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b apply.Property) int { return cmp.Compare(a.Tag, b.Tag) })
	return out
}

// property reads one value; ok is false for a name that is no property.
func property(section, service string, v profile.Value) (p apply.Property, ok bool) {
	name := strings.ToLower(v.Name)
	digits := strings.TrimPrefix(name, "s") // of a secured one
	tag, err := strconv.ParseUint(digits, 16, 32)
	const digitsOfTag = 8
	if err != nil || len(digits) != digitsOfTag {
		return p, false
	}
	// The name has the type first, the tag has it last.
	p = apply.Property{Section: section, Tag: uint32(tag)<<16 | uint32(tag)>>16}
	p.Type = typeName(p.Tag)
	if profile.Secret(v.Name, service) {
		p.Secured = true
		return p, true
	}
	p.Text = valueText(p.Type, v.Data)
	if len(p.Text) > apply.MaxPropertyText {
		p.Text, p.Cut = strings.ToValidUTF8(p.Text[:apply.MaxPropertyText], ""), true
	}
	return p, true
}

// typeName is the word for the type of a tag.
func typeName(tag uint32) string {
	switch tag & 0xffff {
	case 0x0002, 0x0003:
		return "long"
	case 0x000b:
		return "boolean"
	case 0x001e, 0x001f:
		return "text"
	case 0x0102:
		return "binary"
	}
	return "other"
}

// valueText writes a value as apply.Property has it. One whose size does not fit its
// type is shown as bytes.
func valueText(kind string, data []byte) string {
	switch {
	case kind == "text":
		return profile.DecodeUTF16(data)
	case kind == "long" && len(data) == 4:
		return strconv.Itoa(int(int32(binary.LittleEndian.Uint32(data))))
	case (kind == "long" || kind == "boolean") && len(data) == 2:
		return strconv.Itoa(int(int16(binary.LittleEndian.Uint16(data))))
	}
	return hex.EncodeToString(data)
}
