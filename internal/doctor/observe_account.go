package doctor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"oxtail/actions/checks"
)

const servicesKey = `HKLM\SYSTEM\CurrentControlSet\Services`

// serviceTypes of the registry that are drivers, not programs.
const driverTypes = 0x1 | 0x2 | 0x4 | 0x8

// allServices lists the services that the registry and lists tell of.
func (f *Facts) allServices() (list []Service, places []checks.Value, covered bool) {
	keys, covered := f.registry.find(servicesKey+`\*`, view64)
	// A .reg of single services covers these, and not what else there may be.
	_, whole := f.registry.find(servicesKey+`\no such service`, view64)
	covered = covered && whole
	for _, k := range keys {
		s, is := registryService(k)
		if !is || len(list) >= maxItems {
			continue
		}
		list = append(list, s)
		places = append(places, checks.Value{Place: k.path, Source: k.source})
	}
	for _, from := range f.services {
		covered = covered || from.list.Complete
		for _, s := range from.list.Services {
			if !slices.ContainsFunc(list, func(o Service) bool {
				return strings.EqualFold(o.Name, s.Name) && (s.Account == "" || strings.EqualFold(o.Account, s.Account))
			}) {
				list = append(list, s)
				places = append(places, checks.Value{Place: s.Name, Source: from.source})
			}
		}
	}
	return list, places, covered
}

// registryService reads one service; drivers are none.
func registryService(k found) (Service, bool) {
	s := Service{Name: k.key.Name()}
	for field, to := range map[string]*string{"DisplayName": &s.Display, "ImagePath": &s.Image, "ObjectName": &s.Account} {
		if v, ok := valueOf(k.key, field); ok {
			*to = textOf(v)
		}
	}
	if v, ok := valueOf(k.key, "Start"); ok {
		s.Start = map[string]string{"2": "auto", "3": "manual", "4": "disabled"}[textOf(v)]
	}
	isDriver := strings.HasSuffix(strings.ToLower(s.Image), ".sys")
	if v, ok := valueOf(k.key, "Type"); ok {
		var n int
		_, err := fmt.Sscan(textOf(v), &n)
		isDriver = isDriver || err == nil && n&driverTypes != 0
	}
	if s.Account == "" && s.Image != "" && k.sure {
		s.Account = "LocalSystem" // what Windows takes when a service names no account
	}
	return s, !isDriver && (s.Account != "" || s.Image != "" || s.Display != "")
}

// observeService answers a probe of services by a part of their name.
func (f *Facts) observeService(p checks.Probe) checks.Observation {
	list, places, covered := f.allServices()
	out := checks.Observation{Covered: covered}
	if !covered {
		out.Settles = []string{"a .reg export of " + servicesKey + ", the SYSTEM hive, or services.json of oxtail collect"}
	}
	for i, s := range list {
		if !containsFold(s.Name, p.Name) && !containsFold(s.Display, p.Name) && !containsFold(s.Image, p.Name) {
			continue
		}
		is := s.Account
		if p.Field == "state" {
			is = s.State
		}
		if is == "" || len(out.Values) == maxFound {
			continue
		}
		v := places[i]
		v.Is, v.Text = is, fmt.Sprintf("service %s (%s): %s", s.Name, cmp.Or(s.Display, s.Image), is)
		if p.Field == "account" {
			v.Text = fmt.Sprintf("service %s (%s) runs as %s", s.Name, cmp.Or(s.Display, s.Image), is)
		}
		out.Values = append(out.Values, v)
	}
	return out
}

// observeDomain tells the domain of the computer.
func (f *Facts) observeDomain() checks.Observation {
	const key = `HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters`
	out := f.oneView(checks.Probe{Key: key, Value: "Domain", HasValue: true}, view64)
	if len(out.Values) > 0 && out.Values[0].Is == "" {
		out.Values = nil // a workgroup
	}
	for _, s := range f.systems {
		switch c := s.Computer; {
		case c.Join == JoinWorkgroup:
			out.Covered = true
			out.Remarks = append(out.Remarks, "the computer is in the workgroup "+c.Domain)
		case c.Domain != "" && !slices.ContainsFunc(out.Values, func(v checks.Value) bool { return strings.EqualFold(v.Is, c.Domain) }):
			out.Values = append(out.Values, checks.Value{Is: c.Domain, Text: "domain " + c.Domain, Place: "domain", Source: s.source})
		}
	}
	if len(out.Values) == 0 && !out.Covered {
		out.Settles = append(out.Settles, "the text that systeminfo prints")
	}
	return out
}

// observeGroup looks for groups among those of the service's account, by the last number
// of their SID.
func (f *Facts) observeGroup(p checks.Probe) checks.Observation {
	var out checks.Observation
	for _, s := range f.systems {
		for _, a := range s.Accounts {
			if a.Groups == nil || !f.isServiceAccount(a.Name) {
				continue
			}
			out.Covered = true
			for _, sid := range a.Groups {
				last := sid[strings.LastIndexByte(sid, '-')+1:]
				if slices.Contains(p.SIDs, last) && strings.HasPrefix(strings.ToUpper(sid), "S-1-5-21-") {
					out.Values = append(out.Values, checks.Value{Is: last, Text: fmt.Sprintf("%s is a member of %s", a.Name, sid), Place: a.Name, Source: s.source})
				}
			}
		}
	}
	if !out.Covered {
		out.Settles = []string{"the groups of the service account: oxtail doctor on the server itself"}
	}
	return out
}

// isServiceAccount reports whether an account is that of a service of the vendor.
func (f *Facts) isServiceAccount(name string) bool {
	o := f.observeService(checks.Probe{Name: f.named("$service_name"), Field: "account"})
	return slices.ContainsFunc(o.Values, func(v checks.Value) bool { return strings.EqualFold(v.Is, name) })
}
