package profile

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"
)

// readState reads the sections of fixed name that concern the whole profile.
func (r *reader) readState() {
	p := &r.current.out
	if v, ok := r.section(instanceSection).value("0102300b"); ok && len(v.Data) == uidBytes {
		p.InstanceID = hex.EncodeToString(v.Data)
	}
	s := r.section(outlookSection)
	if s == nil {
		return
	}
	p.SyncMode, _ = s.number("0003041f")
	state, _ := s.number("00030398")
	p.OfflineState = state & 3
	for _, name := range []string{"1102039b", "1102044e", "1102032f", "11020434"} {
		v, ok := s.value(name)
		if !ok {
			continue
		}
		for _, entryID := range r.listOf(s, v, typeMVBinary).items {
			if path := PSTPath(entryID); path != "" {
				p.KnownStores = append(p.KnownStores, Fact{KindPath, path, s.at(name)})
			}
		}
	}
}

// readDeleted reads the profiles that were deleted while in use.
func (r *reader) readDeleted(root profilesRoot, parent Key) {
	path := root.parent + `\Deleted Profiles`
	origin := r.user.origin + `\` + path
	deleted, err := child(parent, "Deleted Profiles")
	if err != nil {
		return // the same listing error was reported for Profiles
	}
	if deleted == nil {
		return
	}
	keys := sortedKeys(r.subkeys(deleted, origin, MaxProfiles))
	r.problem(DeletedLeftover, origin, fmt.Sprintf("%d deleted profiles are left", len(keys)))
	for _, key := range keys {
		r.inv.Deleted = append(r.inv.Deleted, r.readProfile(key, path))
	}
}

// corruptTimeLayout is how Outlook writes the time of a damage record.
const corruptTimeLayout = "2006-01-02-15:04::05"

// readCorrupt reads the damage that Outlook recorded.
func (r *reader) readCorrupt() {
	for _, version := range []string{"15.0", "16.0"} {
		path := `Software\Microsoft\Office\` + version + `\MAPI\Stores\CorruptFiles`
		key := r.find(path)
		if key == nil {
			continue
		}
		s := r.readSection(key, r.user.origin+`\`+path)
		for _, v := range s.values {
			r.addCorrupt(s, v)
		}
	}
}

// addCorrupt decodes one record: a number and a file name; the time is the
// name of the value.
func (r *reader) addCorrupt(s *section, v Value) {
	if v.Name == "" || v.Type != TypeBinary {
		return
	}
	if len(v.Data) < 4 {
		r.problem(ValueUnreadable, s.at(v.Name), fmt.Sprintf("a damage record of %d bytes", len(v.Data)))
		return
	}
	code := binary.LittleEndian.Uint32(v.Data)
	record := CorruptStore{
		Recorded: v.Name, Path: DecodeUTF16(v.Data[4:]), Action: code >> 16,
		Kind: fmt.Sprint(code & 0xffff), User: r.user.user, Origin: s.at(v.Name),
	}
	if kinds := []string{"undefined", "small", "large", "tardis"}; int(code&0xffff) < len(kinds) {
		record.Kind = kinds[code&0xffff]
	}
	if at, err := time.Parse(corruptTimeLayout, v.Name); err == nil {
		record.LocalTime = at.Format("2006-01-02T15:04:05.999999")
	}
	r.inv.Corrupt = append(r.inv.Corrupt, record)
	r.problem(StoreCorrupt, record.Origin, fmt.Sprintf("%s was found damaged (%s)", record.Path, record.Recorded))
}

// readSettings reads the policies and options that override profiles.
func (r *reader) readSettings() {
	paths := []string{`Software\Microsoft\Exchange\Client\Options`}
	for _, version := range []string{"15.0", "16.0"} {
		base := `Software\Policies\Microsoft\Office\` + version + `\outlook\`
		paths = append(paths, base+"cached mode", base+"ost")
	}
	for _, path := range paths {
		key := r.find(path)
		if key == nil {
			continue
		}
		s := r.readSection(key, r.user.origin+`\`+path)
		for _, v := range s.values {
			r.addSetting(s, v)
		}
	}
}

// addSetting keeps a number or text; binary options say nothing here.
func (r *reader) addSetting(s *section, v Value) {
	if Secret(v.Name, "") || v.Name == "" {
		return
	}
	text := ""
	switch v.Type {
	case TypeDword, TypeDwordBE:
		n, ok := uint32Of(v)
		if !ok {
			return
		}
		text = fmt.Sprint(n)
	case TypeString, TypeExpand:
		text = DecodeUTF16(v.Data)
	default:
		return
	}
	r.inv.Settings = append(r.inv.Settings, Setting{Name: v.Name, Value: text, User: r.user.user, Origin: s.at(v.Name)})
}

// userEnv gathers the owner's variables: as given, as the tree's volatile
// environment says (live and .reg only), and as the shell folders imply.
func (r *reader) userEnv() map[string]string {
	env := map[string]string{}
	for name, value := range r.opts.Env {
		env[FoldName(name)] = value
	}
	fill := func(name, value string) {
		if _, known := env[FoldName(name)]; !known && value != "" && LooksLikePath(value) && value[0] != '%' {
			env[FoldName(name)] = value
		}
	}
	if key := r.find("Volatile Environment"); key != nil {
		s := r.readSection(key, r.user.origin+`\Volatile Environment`)
		for _, name := range []string{"LOCALAPPDATA", "APPDATA", "USERPROFILE"} {
			fill(name, s.named(name))
		}
	}
	const folders = `Software\Microsoft\Windows\CurrentVersion\Explorer\Shell Folders`
	if key := r.find(folders); key != nil {
		s := r.readSection(key, r.user.origin+`\`+folders)
		fill("LOCALAPPDATA", s.named("Local AppData"))
		fill("APPDATA", s.named("AppData"))
	}
	fill("USERPROFILE", homeOf(env["LOCALAPPDATA"]))
	return env
}
