package profile

import (
	"fmt"
	"slices"
	"strings"
)

// Sections with a fixed name.
const (
	mapiSection     = "9207f3e0a3b11019908b08002b2a56c2" // service and provider lists
	outlookSection  = "0a0d020000000000c000000000000046" // Outlook's own state
	exchangeSection = "13dbb0c8aa05101a9bb000aa002fc45a" // Exchange settings up to Outlook 2007
	instanceSection = "8503020000000000c000000000000046" // id of the profile instance
	accountSection  = "9375cff0413111d3b88a00104b2a6676" // account manager
)

// providerLists names the lists of store, address-book and transport providers.
func providerLists() []string { return []string{"01023d00", "01023d01", "01023d02"} }

// profileReader holds the state of one profile.
type profileReader struct {
	out      Profile
	sections map[string]*section // by folded name
	names    []string            // folded names in stored order
	listed   map[string]bool     // sections that a service list or provider list names
	widths   map[int]string      // offset width → first place where it was seen
}

// readProfile reads one profile. It leaves Default to the caller.
func (r *reader) readProfile(key Key, root string) Profile {
	origin := r.user.origin + `\` + root + `\` + key.Name()
	p := &profileReader{
		out: Profile{
			Source: r.opts.Source, User: r.user.user, Root: root, Name: key.Name(),
			Display: DecodeName(key.Name()), Services: []Service{}, Origin: origin,
		},
		sections: map[string]*section{}, listed: map[string]bool{}, widths: map[int]string{},
	}
	r.current = p
	defer func() { r.current = nil }()
	r.loadSections(key)
	r.readServices()
	r.readState()
	r.readAccounts()
	r.checkProfile()
	return p.out
}

// loadSections reads the values of every subkey of the profile.
func (r *reader) loadSections(key Key) {
	p := r.current
	for _, sub := range r.subkeys(key, p.out.Origin, MaxSections) {
		name := FoldName(sub.Name())
		p.out.Sections++
		if p.sections[name] != nil {
			continue
		}
		p.sections[name] = r.readSection(sub, p.out.Origin+`\`+sub.Name())
		p.names = append(p.names, name)
	}
}

// section finds a section of the current profile; nil if there is none.
func (r *reader) section(name string) *section { return r.current.sections[FoldName(name)] }

// readServices reads the services in the order of the service list.
func (r *reader) readServices() {
	p := r.current
	lists := r.section(mapiSection)
	if _, ok := lists.value("01023d0e"); !ok {
		r.problem(ServiceListLost, p.out.Origin+`\`+mapiSection, "value 01023d0e is missing")
		return
	}
	for _, uid := range r.uidList(lists, "01023d0e") {
		if p.listed[FoldName(uid)] {
			continue
		}
		p.listed[FoldName(uid)] = true
		p.out.Services = append(p.out.Services, r.readService(uid))
	}
}

// readService reads one service with its providers.
func (r *reader) readService(uid string) Service {
	s := r.section(uid)
	service := Service{UID: uid, Origin: r.current.out.Origin + `\` + uid}
	if s == nil {
		service.Missing = true
		r.problem(ServiceGhost, r.section(mapiSection).at("01023d0e"),
			fmt.Sprintf("service %s is listed, but has no section", uid))
		return service
	}
	service.Origin = s.origin
	service.Name = s.text("3d09")
	s.owner = service.Name
	service.Display = s.text("3001")
	service.DLL = s.text("3d0a")
	service.Entry = s.text("3d0b")
	service.ResourceFlags, _ = s.number("00033009")
	reached := []*section{s}
	for _, list := range providerLists() {
		for _, provider := range r.uidList(s, list) {
			section := r.readProvider(&service, provider, s.at(list))
			reached = appendNew(reached, section)
		}
	}
	for _, extra := range r.uidList(s, "01023d0d") {
		reached = appendNew(reached, r.section(extra))
	}
	r.readKnown(&service, s, reached)
	return service
}

// appendNew adds a section that exists and is not in the list yet.
func appendNew(sections []*section, s *section) []*section {
	if s == nil || slices.Contains(sections, s) {
		return sections
	}
	return append(sections, s)
}

// readProvider reads one provider of a service, adds it to the service and
// gives its section, nil if it has none.
func (r *reader) readProvider(service *Service, uid, listedAt string) *section {
	p := r.current
	p.listed[FoldName(uid)] = true
	provider := Provider{UID: uid, Origin: p.out.Origin + `\` + uid}
	s := r.section(uid)
	if s == nil {
		provider.Missing = true
		service.Providers = append(service.Providers, provider)
		r.problem(ProviderMissing, listedAt, fmt.Sprintf("provider %s of service %q has no section", uid, service.Name))
		return nil
	}
	if s.owner == "" {
		s.owner = service.Name
	}
	provider.Origin = s.origin
	provider.Display = s.text("3001")
	provider.DLL = s.text("300a")
	provider.ResourceType, _ = s.number("00033e03")
	provider.ResourceFlags, _ = s.number("00033009")
	provider.ServiceUID = s.uid("01023d0c")
	for _, path := range s.pathTexts() {
		provider.Paths = append(provider.Paths, path.Value)
	}
	service.Providers = append(service.Providers, provider)
	if provider.ServiceUID != "" && !sameUID(provider.ServiceUID, service.UID) {
		r.problem(BacklinkWrong, s.at("01023d0c"), fmt.Sprintf(
			"provider %s is listed by service %s, but names service %s", uid, service.UID, provider.ServiceUID))
	}
	return s
}

// readKnown reads what only the provider's kind tells: account and cache.
func (r *reader) readKnown(service *Service, s *section, reached []*section) {
	switch {
	case strings.EqualFold(service.Name, "MSEMS"):
		r.readExchange(service, s)
	case strings.Contains(service.Name, "PST") && service.Name != "MSPST AB":
		for _, section := range reached {
			r.addStorePaths(service, section)
		}
	}
	r.readMapped(service, reached)
	r.keepCacheKeys(service)
}

// addStorePaths takes the paths of a PST provider section for its store.
func (r *reader) addStorePaths(service *Service, s *section) {
	if _, isStore := s.number("00033e03"); !isStore {
		return
	}
	for _, path := range s.pathTexts() {
		path.Kind = KindCache
		addFact(service, path)
	}
}

// addFact records a fact; a cache fact is also one of the service's files.
func addFact(service *Service, fact Fact) {
	if len(service.Facts) >= MaxFactsPerService {
		return
	}
	service.Facts = append(service.Facts, fact)
	if fact.Kind == KindCache && !slices.Contains(service.CacheFiles, fact.Value) {
		service.CacheFiles = append(service.CacheFiles, fact.Value)
	}
}

// keepCacheKeys computes the compared forms while the owner's variables are at
// hand. A path with an unknown variable is comparable for this user only.
func (r *reader) keepCacheKeys(service *Service) {
	for _, path := range service.CacheFiles {
		key := CacheKey(path, r.env)
		if _, unknown := expand(path, r.env); unknown != "" {
			key = r.opts.Source + "|" + r.user.origin + "|" + key
			r.problem(PathUnresolved, service.Origin, fmt.Sprintf("%s: the value of %%%s%% is not known", path, unknown))
		}
		service.cacheKeys = append(service.cacheKeys, key)
	}
}

// noteWidth remembers which bitness wrote a value of the profile.
func (r *reader) noteWidth(width int, origin string) {
	if r.current == nil {
		return
	}
	if _, seen := r.current.widths[width]; !seen {
		r.current.widths[width] = origin
	}
}
