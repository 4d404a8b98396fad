package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"oxtail/actions"
	"oxtail/parser/profile"
)

// SchemaProfile is the schema of a Profile.
const SchemaProfile = "oxtail.profile/v1"

// A Profile is a mail profile. Schema oxtail.profile/v1.
type Profile struct {
	Schema string `json:"schema"`
	profile.Profile
	SharedWith []string `json:"shared_with,omitempty"` // other profiles on the same account or cache
}

// NewProfiles returns the profiles of an inventory in the form of the schema.
func NewProfiles(inv *actions.Inventory) []Profile {
	shared := sharedWith(inv)
	out := make([]Profile, len(inv.Profiles))
	for i := range inv.Profiles {
		p := inv.Profiles[i]
		if p.Services == nil {
			p.Services = []profile.Service{}
		}
		out[i] = Profile{Schema: SchemaProfile, Profile: p, SharedWith: shared[&inv.Profiles[i]]}
	}
	return out
}

// sharedWith tells for each profile which others use a store of it.
func sharedWith(inv *actions.Inventory) map[*profile.Profile][]string {
	out := map[*profile.Profile][]string{}
	stores := inv.Stores()
	for i := range stores {
		for _, a := range stores[i].Uses {
			for _, b := range stores[i].Uses {
				if name := b.Label(); a.Profile != b.Profile && !slices.Contains(out[a.Profile], name) {
					out[a.Profile] = append(out[a.Profile], name)
				}
			}
		}
	}
	for _, names := range out {
		slices.Sort(names)
	}
	return out
}

// HasOXtender reports whether the profile has an OXtender service.
func (p *Profile) HasOXtender() bool {
	return slices.ContainsFunc(p.Services, func(s profile.Service) bool { return isOXtender(&s) })
}

func isOXtender(s *profile.Service) bool { return strings.EqualFold(s.Name, profile.ServiceOXtender) }

// WriteProfiles writes profiles for a person. With the SupportTool's view, only the
// OXtender services of those profiles that have one.
func WriteProfiles(w io.Writer, profiles []Profile, oxtender bool, opt TextOptions) error {
	t := newText(w, opt)
	if oxtender {
		t.printf("* Profiles that contain OXtender 2 services...\n")
	}
	for i := range profiles {
		t.profile(&profiles[i], oxtender)
	}
	t.printf("%s\n", plural(int64(len(profiles)), "profile"))
	return t.w.Flush()
}

func (t *text) profile(p *Profile, oxtender bool) {
	mark := ""
	if p.Default {
		mark = "  (default)"
	}
	t.printf("%s%s  %s\n", t.paint(bold, Plain(cmp.Or(p.Display, p.Name))), mark, t.paint(dim, Plain(p.Root)))
	if p.Display != p.Name {
		t.wrapped("  stored as: ", Plain(p.Name))
	}
	if p.Source != "" {
		t.wrapped("  read from: ", Plain(strings.Join(append([]string{p.Source}, p.AlsoIn...), "; ")))
	}
	if len(p.SharedWith) > 0 {
		t.wrapped("  "+t.paint(yellow, "shares its cache with: "), Plain(list(p.SharedWith)))
	}
	for i := range p.Services {
		if s := &p.Services[i]; !oxtender || isOXtender(s) {
			t.service(s)
		}
	}
	if oxtender {
		t.printf("\n")
		return
	}
	for i := range p.Accounts {
		a := &p.Accounts[i]
		t.wrapped("  account "+Plain(a.ID)+": ", Plain(strings.TrimSpace(a.Name+" "+a.Email+" "+a.DeliveryStorePath)))
	}
	for i, problem := range p.Problems {
		if i == topUnread && !t.opt.All {
			t.printf("  and %d more problems; see --all\n", len(p.Problems)-i)
			break
		}
		t.wrapped("  "+t.paint(yellow, problem.ID)+" ", Plain(problem.Title+": "+problem.Detail))
	}
	t.printf("\n")
}

func (t *text) service(s *profile.Service) {
	name := cmp.Or(s.Name, "service without a name")
	t.wrapped("  "+Plain(name)+"  ", Plain(s.Display)+"  "+t.paint(dim, Plain(s.UID)))
	if s.Missing {
		t.wrapped("    ", "is listed, but has no section")
	}
	if a := actions.AccountOf(s); a != nil {
		t.wrapped("    account: ", Plain(newAccount(a).String()))
	}
	for _, path := range s.CacheFiles {
		t.wrapped("    cache: ", Plain(path))
	}
	if s.OSTPath != "" || s.EmsmdbUID != "" {
		mode := "off"
		if s.CachedPrivate {
			mode = "on"
		}
		t.wrapped("    cached mode: ", Plain(strings.TrimSpace(mode+" "+s.SyncWindow)))
	}
}

// A ProfileRow is one service of a profile in CSV; a profile without services has one
// row.
type ProfileRow struct {
	Root          string `csv:"root"`
	Name          string `csv:"name"`
	Display       string `csv:"display"`
	Default       string `csv:"default"`
	User          string `csv:"user"`
	Service       string `csv:"service"`
	ServiceName   string `csv:"service_display"`
	ServiceUID    string `csv:"service_uid"`
	AccountServer string `csv:"account_server"`
	AccountUser   string `csv:"account_user"`
	CacheFiles    string `csv:"cache_files"`
	CachedMode    string `csv:"cached_mode"`
	SharedWith    string `csv:"shared_with"`
	Problems      string `csv:"problems"`
	Source        string `csv:"source"`
	Origin        string `csv:"origin"`
}

// Rows returns the profile as rows of CSV.
func (p *Profile) Rows() []ProfileRow {
	base := ProfileRow{
		Root: p.Root, Name: p.Name, Display: p.Display, Default: strconv.FormatBool(p.Default), User: p.User,
		SharedWith: list(p.SharedWith), Source: p.Source, Origin: p.Origin,
	}
	var problems []string
	for _, x := range p.Problems {
		problems = append(problems, x.ID)
	}
	base.Problems = list(slices.Compact(problems))
	if len(p.Services) == 0 {
		return []ProfileRow{base}
	}
	var out []ProfileRow
	for i := range p.Services {
		s := &p.Services[i]
		row := base
		row.Service, row.ServiceName, row.ServiceUID, row.Origin = s.Name, s.Display, s.UID, s.Origin
		row.CacheFiles = list(s.CacheFiles)
		if a := actions.AccountOf(s); a != nil {
			row.AccountServer, row.AccountUser = clean(a.Server), clean(a.User)
		}
		if s.OSTPath != "" || s.EmsmdbUID != "" {
			row.CachedMode = strconv.FormatBool(s.CachedPrivate)
		}
		out = append(out, row)
	}
	return out
}

// WriteProfilesCSV writes one row a service.
func WriteProfilesCSV(w io.Writer, profiles []Profile, oxtender, withBOM bool) error {
	var rows []ProfileRow
	for i := range profiles {
		for _, r := range profiles[i].Rows() {
			if !oxtender || strings.EqualFold(r.Service, profile.ServiceOXtender) {
				rows = append(rows, r)
			}
		}
	}
	return WriteCSV(NewCSV(w, withBOM), rows)
}

// Label names a profile for messages.
func (p *Profile) Label() string {
	if p.Display == p.Name {
		return fmt.Sprintf("%q", p.Name)
	}
	return fmt.Sprintf("%q (stored as %q)", p.Display, p.Name)
}
