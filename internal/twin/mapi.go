package twin

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"oxtail/actions/apply"
	"oxtail/parser/profile"
	"oxtail/parser/winpath"
)

// The sections and values of a profile that a twin changes.
const (
	listSection  = "9207f3e0a3b11019908b08002b2a56c2"
	serviceList  = "01023d0e"
	uidBytes     = 16
	nameValue    = "001f3d09"
	displayValue = "001f3001"
	backLink     = "01023d0c"
)

// providerLists are the lists of providers, of a service and of a profile.
func providerLists() []string { return []string{"01023d00", "01023d01", "01023d02"} }

// A template is what MapiSvc.inf says of a service.
type template struct {
	service  []profile.Value // of the section, without what belongs to one service
	provider []profile.Value
	list     string // the list that its provider stands in
}

// remembered is what a provider keeps of an account, so that a simulated person can enter
// it again.
type remembered struct {
	service, provider []profile.Value
}

// A fault makes a call of MAPI fail.
type fault struct {
	code  uint32
	after int // calls that pass before
}

// Fail makes calls of MAPI fail with an HRESULT, after so many have passed. The points are
// those of Extended MAPI, such as "DeleteMsgService".
func (t *Twin) Fail(point string, code uint32, after int) { t.faults[point] = &fault{code, after} }

// Heal takes all faults back.
func (t *Twin) Heal() { clear(t.faults) }

// Points lists the calls of MAPI that Fail knows, in the order of a re-creation.
func Points() []string {
	return []string{
		"MAPIInitialize", "MAPIAdminProfiles", "AdminServices", "GetMsgServiceTable", "HrQueryAllRows", "QueryRows", "DeleteMsgService", "DeleteMsgService.after",
		"QueryInterface", "CreateMsgServiceEx", "CreateMsgServiceEx.after", "ConfigureMsgService", "ConfigureMsgService.after",
	}
}

// pass goes through calls of MAPI.
func (t *Twin) pass(points ...string) error {
	for _, point := range points {
		f := t.faults[point]
		if f == nil {
			continue
		}
		if f.after > 0 {
			f.after--
			continue
		}
		return &apply.MAPIError{Call: strings.TrimSuffix(point, ".after"), Code: f.code}
	}
	return nil
}

// place is a profile in the registry.
type place struct {
	root string
	key  *node
}

// profile finds a profile by the name that MAPI takes.
func (t *Twin) profile(name string) (place, error) {
	inv, err := t.inventory()
	if err != nil {
		return place{}, err
	}
	for _, p := range inv.Profiles {
		if strings.EqualFold(p.Display, name) || strings.EqualFold(p.Name, name) {
			if key := t.root.at(p.Root + `\` + p.Name); key != nil {
				return place{p.Root, key}, nil
			}
		}
	}
	return place{}, &apply.MAPIError{Call: "AdminServices", Code: 0x80040111}
}

// session opens the services of a profile.
func (t *Twin) session(ctx context.Context, call, profileName string) (*node, error) {
	if err := t.enter(ctx, call); err != nil {
		return nil, err
	}
	if err := t.pass("MAPIInitialize", "MAPIAdminProfiles", "AdminServices"); err != nil {
		return nil, err
	}
	for _, c := range profileName {
		if c > 0xff {
			return nil, fmt.Errorf("profile %q: %w", profileName, apply.ErrName)
		}
	}
	at, err := t.profile(profileName)
	return at.key, err
}

// CanMAPI says yes unless initialising fails.
func (t *Twin) CanMAPI(ctx context.Context) error {
	if err := t.enter(ctx, "CanMAPI"); err != nil {
		return err
	}
	return nil
}

// CanConfigure goes by the list of the configuration.
func (t *Twin) CanConfigure(ctx context.Context, service string) bool {
	return t.enter(ctx, "CanConfigure") == nil && slices.ContainsFunc(t.silent, func(s string) bool { return strings.EqualFold(s, service) })
}

// Services lists the services of a profile.
func (t *Twin) Services(ctx context.Context, profileName string) ([]apply.Service, error) {
	key, err := t.session(ctx, "Services", profileName)
	if err != nil {
		return nil, err
	}
	if err := t.pass("GetMsgServiceTable", "HrQueryAllRows", "QueryRows"); err != nil {
		return nil, err
	}
	var out []apply.Service
	for _, uid := range uidsOf(key, serviceList) {
		s := key.sub(uid)
		if s == nil {
			continue
		}
		var flags [4]byte
		copy(flags[:], s.value("00033009"))
		out = append(out, apply.Service{UID: uid, Name: textOf(s, nameValue), Display: textOf(s, displayValue), ResourceFlags: binary.LittleEndian.Uint32(flags[:])})
	}
	return out, nil
}

// uidsOf reads a list of UIDs in the section of lists.
func uidsOf(key *node, list string) []string {
	section := key.sub(listSection)
	if section == nil {
		return nil
	}
	return split(section.value(list))
}

func split(data []byte) []string {
	var out []string
	for ; len(data) >= uidBytes; data = data[uidBytes:] {
		out = append(out, hex.EncodeToString(data[:uidBytes]))
	}
	return out
}

func textOf(n *node, value string) string { return profile.DecodeUTF16(n.value(value)) }

// Properties lists the properties of a service and its providers.
func (t *Twin) Properties(ctx context.Context, profileName, uid string) ([]apply.Property, error) {
	key, err := t.session(ctx, "Properties", profileName)
	if err != nil {
		return nil, err
	}
	return apply.PropertiesOf(key, uid)
}

// notFound is what MAPI says of a UID that the profile does not have.
func notFound(call string) error { return &apply.MAPIError{Call: call, Code: 0x8004010F} }

// DeleteService deletes a service with its sections; the provider deletes its cache
// files, unless another service uses them or a program has one open.
func (t *Twin) DeleteService(ctx context.Context, profileName, uid string) error {
	key, err := t.session(ctx, "DeleteService", profileName)
	if err != nil {
		return err
	}
	if err := t.pass("DeleteMsgService"); err != nil {
		return err
	}
	section := key.sub(uid)
	if section == nil {
		return notFound("DeleteMsgService")
	}
	cache, err := t.ownCaches(uid)
	if err != nil {
		return err
	}
	kept := remembered{service: section.values}
	for _, list := range providerLists() {
		for _, provider := range split(section.value(list)) {
			if p := key.sub(provider); p != nil && kept.provider == nil {
				kept.provider = p.values
			}
			unlist(key, list, provider)
			key.remove(provider)
		}
	}
	t.memory[textOf(section, nameValue)] = kept
	unlist(key, serviceList, uid)
	key.remove(uid)
	for _, path := range cache {
		if !t.holdsAny(path) {
			delete(t.files, pathKey(path))
		}
	}
	return t.pass("DeleteMsgService.after")
}

// ownCaches lists the cache files of a service that no other one uses.
func (t *Twin) ownCaches(uid string) ([]string, error) {
	inv, err := t.inventory()
	if err != nil {
		return nil, err
	}
	var own, others []string
	for _, p := range inv.Profiles {
		for i := range p.Services {
			if files := t.cachesOf(&p.Services[i]); strings.EqualFold(p.Services[i].UID, uid) {
				own = append(own, files...)
			} else {
				others = append(others, files...)
			}
		}
	}
	return slices.DeleteFunc(own, func(path string) bool {
		return slices.ContainsFunc(others, func(x string) bool { return pathKey(x) == pathKey(path) })
	}), nil
}

// cachesOf lists the cache files of a service, both halves of each pair.
func (t *Twin) cachesOf(s *profile.Service) []string {
	var out []string
	for _, path := range s.CacheFiles {
		out = append(out, halves(t.Expand(path))...)
	}
	return out
}

// halves gives both files of a pair.
func halves(path string) []string {
	switch winpath.Ext(path) {
	case ".odb":
		return []string{path, path[:len(path)-4] + ".psz"}
	case ".psz":
		return []string{path, path[:len(path)-4] + ".odb"}
	}
	return []string{path}
}

// unlist takes a UID out of a list of the profile.
func unlist(key *node, list, uid string) {
	section := key.sub(listSection)
	if section == nil {
		return
	}
	old := section.value(list)
	if old == nil {
		return
	}
	var out []byte
	for _, x := range split(old) {
		if !strings.EqualFold(x, uid) {
			raw, _ := hex.DecodeString(x) // split has just encoded it
			out = append(out, raw...)
		}
	}
	section.set(list, out)
}

// enlist adds a UID to a list of the profile.
func enlist(key *node, list, uid string) {
	raw, _ := hex.DecodeString(uid) // made by newUID
	section := key.make(listSection)
	section.set(list, append(slices.Clone(section.value(list)), raw...))
}

// learn takes the services of all profiles for those of MapiSvc.inf.
func (t *Twin) learn() {
	inv, err := t.inventory()
	if err != nil {
		return // an empty registry; nothing is known then
	}
	for _, p := range inv.Profiles {
		key := t.root.at(p.Root + `\` + p.Name)
		for _, s := range p.Services {
			if section := key.sub(s.UID); section != nil {
				t.learnService(key, s.Name, section)
			}
		}
	}
}

// learnService takes down what a service of this name consists of.
func (t *Twin) learnService(key *node, name string, section *node) {
	if _, known := t.templates[name]; known {
		return
	}
	made := template{service: standard(section.values)}
	for _, list := range providerLists() {
		for _, provider := range split(section.value(list)) {
			if n := key.sub(provider); n != nil && made.list == "" {
				made.provider, made.list = standard(n.values), list
			}
		}
	}
	t.templates[name] = made
}

// standard keeps the values that every service of a kind has: names, DLLs, flags.
func standard(values []profile.Value) []profile.Value {
	var out []profile.Value
	for _, v := range values {
		if slices.Contains([]string{nameValue, "001f3d0a", "001f3d0b", "001f300a", "00033009", "00033e03"}, strings.ToLower(v.Name)) {
			out = append(out, v)
		}
	}
	return out
}

// newUID gives a UID that depends on nothing but the number of services made before.
func (t *Twin) newUID(what string) string {
	sum := sha256.Sum256([]byte(what + strconv.Itoa(t.made)))
	return hex.EncodeToString(sum[:uidBytes])
}

// CreateService makes a service that is not configured yet.
func (t *Twin) CreateService(ctx context.Context, profileName, service, display string, _ apply.UI) (string, error) {
	key, err := t.session(ctx, "CreateService", profileName)
	if err != nil {
		return "", err
	}
	if err := t.pass("QueryInterface", "CreateMsgServiceEx"); err != nil {
		return "", err
	}
	made, known := t.templates[service]
	if !known {
		return "", notFound("CreateMsgServiceEx")
	}
	t.made++
	uid, provider := t.newUID("service"), t.newUID("provider")
	section := &node{name: uid, values: slices.Clone(made.service)}
	section.set(displayValue, utf16Bytes(display))
	key.subs = append(key.subs, section)
	enlist(key, serviceList, uid)
	if made.list != "" {
		raw, _ := hex.DecodeString(provider) // made by newUID
		section.set(made.list, raw)
		own, _ := hex.DecodeString(uid) // made by newUID
		below := &node{name: provider, values: slices.Clone(made.provider)}
		below.set(backLink, own)
		below.set(displayValue, utf16Bytes(display))
		key.subs = append(key.subs, below)
		enlist(key, made.list, provider)
	}
	return uid, t.pass("CreateMsgServiceEx.after")
}

func utf16Bytes(text string) []byte {
	var out []byte
	for _, unit := range append(utf16.Encode([]rune(text)), 0) {
		out = binary.LittleEndian.AppendUint16(out, unit)
	}
	return out
}

// ConfigureService sets properties, or lets a simulated person enter what the deleted
// service had. The provider itself chooses where the cache lies.
func (t *Twin) ConfigureService(ctx context.Context, profileName, uid string, properties []apply.Property, ui apply.UI) error {
	key, err := t.session(ctx, "ConfigureService", profileName)
	if err != nil {
		return err
	}
	if err := t.pass("ConfigureMsgService"); err != nil {
		return err
	}
	section := key.sub(uid)
	if section == nil {
		return notFound("ConfigureMsgService")
	}
	var provider *node
	for _, list := range providerLists() {
		for _, p := range split(section.value(list)) {
			provider = key.sub(p)
		}
	}
	if provider == nil {
		provider = section
	}
	kept := t.memory[textOf(section, nameValue)]
	for _, side := range []struct {
		to     *node
		values []profile.Value
	}{{section, kept.service}, {provider, kept.provider}} {
		for _, v := range side.values {
			isPath := profile.LooksLikePath(profile.DecodeUTF16(v.Data))
			if isOwn(v.Name) && (bool(ui) || isPath) {
				side.to.set(v.Name, v.Data)
			}
		}
	}
	for _, p := range properties {
		t.setProperty(section, provider, kept, p)
	}
	return t.pass("ConfigureMsgService.after")
}

// isOwn reports whether a value is a property of the provider.
func isOwn(name string) bool {
	return len(name) == 8 && (name[4:6] == "66" || name[4:6] == "67")
}

// setProperty puts a property where the deleted service had it, else into the provider's
// section.
func (t *Twin) setProperty(section, provider *node, kept remembered, p apply.Property) {
	name := fmt.Sprintf("%04x%04x", p.Tag&0xffff, p.Tag>>16)
	var data []byte
	switch p.Type {
	case "text":
		name, data = fmt.Sprintf("001f%04x", p.Tag>>16), utf16Bytes(p.Text)
	case "long", "boolean":
		n, _ := strconv.ParseUint(p.Text, 10, 32) // a number of ours, or 0
		data = binary.LittleEndian.AppendUint32(nil, uint32(n))
		if p.Type == "boolean" {
			data = data[:2]
		}
	default:
		return
	}
	if slices.ContainsFunc(kept.service, func(v profile.Value) bool { return strings.EqualFold(v.Name, name) }) {
		section.set(name, data)
		return
	}
	provider.set(name, data)
}
