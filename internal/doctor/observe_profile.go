package doctor

import (
	"fmt"
	"slices"
	"strings"

	"oxtail/actions/checks"
	"oxtail/parser/profile"
)

// observeProfile answers a probe of mail profiles.
func (f *Facts) observeProfile(p checks.Probe) checks.Observation {
	_, covered := f.registry.find(`HKCU\Software\Microsoft\Office\16.0\Outlook\Profiles`, view64)
	out := checks.Observation{Covered: covered || len(f.inventory.Profiles) > 0}
	if !out.Covered {
		out.Settles = []string{"the mail profiles: NTUSER.DAT of the user, or a .reg export"}
	}
	switch p.Field {
	case "ost":
		out.Values = f.ofExchange(func(s *profile.Service) (string, string) {
			if s.OSTPath == "" {
				return "none", "has no offline file"
			}
			return "offline", "uses " + s.OSTPath
		})
	case "cached-mode":
		out.Values = f.ofExchange(f.cachedMode)
	case "delivery":
		out.Values = f.deliveries()
	case "default":
		out.Values = f.problemsOf(profile.DefaultMissing)
	case "duplicates":
		out.Values = f.problemsOf(profile.CacheShared)
	case "problems":
		out.Values = f.problemsOf()
	case "deleted":
		out.Values = f.problemsOf(profile.DeletedLeftover)
	case "picked":
		out.Values = f.settings("PickLogonProfile")
	case "access":
		// On the running computer the owner has just read the profiles.
		out.Values = append(f.problemsOf(profile.KeyAccess), f.problemsOf(profile.KeyUnreadable)...)
		if out.Covered = f.live && len(f.inventory.Profiles) > 0; !out.Covered {
			out.Values = f.problemsOf(profile.KeyAccess)
			out.Settles = []string{"oxtail doctor on the computer itself, run by the owner of the profiles"}
		}
	default:
		for i := range f.inventory.Profiles {
			pr := &f.inventory.Profiles[i]
			out.Values = append(out.Values, checks.Value{Is: pr.Display, Text: f.summary(pr), Place: pr.Origin, Source: pr.Source})
		}
	}
	out.Values = out.Values[:min(len(out.Values), maxFound)]
	return out
}

// summary describes a profile in one line.
func (f *Facts) summary(p *profile.Profile) string {
	var services []string
	for i := range p.Services {
		services = append(services, p.Services[i].Name)
	}
	mark := ""
	if p.Default {
		mark = " (default)"
	}
	return fmt.Sprintf("profile %s%s: %s; %d accounts", p.Display, mark, strings.Join(services, ", "), len(p.Accounts))
}

// ofExchange asks something of each Exchange service.
func (f *Facts) ofExchange(ask func(*profile.Service) (is, text string)) []checks.Value {
	var out []checks.Value
	for i := range f.inventory.Profiles {
		p := &f.inventory.Profiles[i]
		for j := range p.Services {
			s := &p.Services[j]
			if !strings.EqualFold(s.Name, "MSEMS") {
				continue
			}
			is, text := ask(s)
			out = append(out, checks.Value{Is: is, Text: fmt.Sprintf("%s of profile %s %s", s.Display, p.Display, text), Place: s.Origin, Source: p.Source})
		}
	}
	return out
}

// hasExchange reports whether a profile has an Exchange service.
func hasExchange(p *profile.Profile) bool {
	return slices.ContainsFunc(p.Services, func(s profile.Service) bool { return strings.EqualFold(s.Name, "MSEMS") })
}

// cachedMode tells whether cached mode is on: the profile's flags, unless a policy or the
// sync window says otherwise.
func (f *Facts) cachedMode(s *profile.Service) (is, text string) {
	for _, v := range f.settings("Enable") {
		if strings.Contains(strings.ToLower(v.Place), `\outlook\cached mode\`) {
			if v.Is == "0" {
				return "off", "is kept online by the policy " + v.Place
			}
			return "on", "is cached by the policy " + v.Place
		}
	}
	for _, v := range f.settings("NoOST") {
		if v.Is == "2" || v.Is == "3" {
			return "off", "may have no offline file by the policy " + v.Place
		}
	}
	switch {
	case s.SyncWindow == "online":
		return "off", "has a sync window of online mode"
	case s.CachedPrivate:
		return "on", fmt.Sprintf("is cached (flags 0x%x)", s.ConfigFlags)
	}
	return "off", fmt.Sprintf("is not cached (flags 0x%x)", s.ConfigFlags)
}

// settings finds options and policies that override profiles.
func (f *Facts) settings(name string) []checks.Value {
	var out []checks.Value
	for _, s := range f.inventory.Settings {
		if strings.EqualFold(s.Name, name) {
			out = append(out, checks.Value{Is: s.Value, Text: s.Name + " = " + s.Value, Place: s.Origin})
		}
	}
	return out
}

// deliveries tells where the MAPI accounts of profiles with Exchange deliver to.
func (f *Facts) deliveries() []checks.Value {
	var out []checks.Value
	for i := range f.inventory.Profiles {
		p := &f.inventory.Profiles[i]
		if !hasExchange(p) {
			continue
		}
		for _, a := range p.Accounts {
			if a.Kind != "mapi" || !ofService(p, a.ServiceUID, "MSEMS") {
				continue
			}
			v := checks.Value{Is: "mailbox", Text: "account " + a.Name + " delivers to the mailbox", Place: a.Origin, Source: p.Source}
			if a.DeliveryStorePath != "" {
				v.Is, v.Text = "file", "account "+a.Name+" delivers to "+a.DeliveryStorePath
			}
			out = append(out, v)
		}
	}
	return out
}

// ofService reports whether a service UID is that of a service with a name.
func ofService(p *profile.Profile, uid, name string) bool {
	return slices.ContainsFunc(p.Services, func(s profile.Service) bool {
		return strings.EqualFold(s.UID, uid) && strings.EqualFold(s.Name, name)
	})
}

// problemsOf lists the problems of some ids; without ids those that no check of its own
// has and that keep a profile from working.
func (f *Facts) problemsOf(ids ...string) []checks.Value {
	own := []string{profile.DefaultMissing, profile.CacheShared, profile.DeletedLeftover, profile.KeyAccess, profile.StoreCorrupt}
	var out []checks.Value
	seen := map[string]bool{}
	add := func(source string, list []profile.Problem) {
		for _, p := range list {
			if len(ids) > 0 && !slices.Contains(ids, p.ID) || len(ids) == 0 && slices.Contains(own, p.ID) {
				continue
			}
			text := p.ID + " " + p.Title + ": " + p.Detail
			if !seen[text] { // what several profiles share stands with each of them
				out = append(out, checks.Value{Is: p.ID, Text: text, Place: p.Origin, Source: source})
			}
			seen[text] = true
		}
	}
	add("", f.inventory.Problems)
	for i := range f.inventory.Profiles {
		add(f.inventory.Profiles[i].Source, f.inventory.Profiles[i].Problems)
	}
	return out
}
