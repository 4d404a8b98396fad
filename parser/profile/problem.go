package profile

import "slices"

// Problem is one contradiction or damage in the evidence. IDs are stable.
type Problem struct {
	Source  string `json:"-"`                 // as in Options, for problems that belong to no profile
	ID      string `json:"id"`                // "PRF001"
	Name    string `json:"name"`              // "profile.default-missing"
	Title   string `json:"title"`             // what is wrong in general
	Detail  string `json:"detail"`            // what is wrong here
	Origin  string `json:"origin"`            // registry path
	Profile string `json:"profile,omitempty"` // name as stored; empty if it concerns no single profile
}

// Rule describes one kind of problem.
type Rule struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Title  string `json:"title"`
	Remedy string `json:"remedy"`
	// Live marks rules that need the running computer and are not judged by
	// Read; their ids are reserved here for the reader that can.
	Live bool `json:"live,omitempty"`
}

// The ids of the rules.
const (
	DefaultMissing   = "PRF001"
	ServiceGhost     = "PRF002"
	ProviderMissing  = "PRF003"
	ProviderStray    = "PRF004"
	BacklinkWrong    = "PRF005"
	OrphanSection    = "PRF006"
	AccountGhost     = "PRF007"
	AccountUnlisted  = "PRF008"
	CacheShared      = "PRF009"
	PathMissing      = "PRF010"
	PathForeign      = "PRF011"
	StoreForgotten   = "PRF012"
	DLLUnregistered  = "PRF013"
	DeletedLeftover  = "PRF014"
	KeyAccess        = "PRF015"
	ValueUnreadable  = "PRF016"
	WidthsMixed      = "PRF017"
	ServiceListLost  = "PRF018"
	UIDListCut       = "PRF019"
	KeyUnreadable    = "PRF020"
	LimitReached     = "PRF021"
	StoreCorrupt     = "PRF022"
	AccountUnclear   = "PRF023"
	PathUnresolved   = "PRF024"
	AddressBookEmpty = "PRF025"
)

// Rules lists every kind of problem, in the order of the ids.
func Rules() []Rule {
	return []Rule{
		{DefaultMissing, "profile.default-missing", "the default profile does not exist", "choose an existing profile in Mail (control panel)", false},
		{ServiceGhost, "profile.service-ghost", "a listed service has no section", "remove and re-create the service", false},
		{ProviderMissing, "profile.provider-missing", "a provider of a service has no section", "remove and re-create the service", false},
		{ProviderStray, "profile.provider-stray", "a listed provider belongs to no service", "re-create the profile if it misbehaves", false},
		{BacklinkWrong, "profile.backlink-wrong", "a provider names another service than the one that lists it", "remove and re-create the service", false},
		{OrphanSection, "profile.orphan-section", "a service or provider section that nothing lists", "left over from a removed service; no repair needed unless services misbehave", false},
		{AccountGhost, "profile.account-ghost", "an account belongs to no service of the profile", "remove the account and add it again", false},
		{AccountUnlisted, "profile.account-unlisted", "an account is in none of the account lists", "remove the account and add it again", false},
		{CacheShared, "profile.cache-shared", "several services use one cache file or one OXtender account", "remove the duplicate references before anything is re-created", false},
		{PathMissing, "profile.path-missing", "a cache or store path does not exist", "check the path on the computer", true},
		{PathForeign, "profile.path-foreign", "a path lies in another user's folder", "check whether the profile was copied from another user", false},
		{StoreForgotten, "profile.store-forgotten", "a store is remembered that no service has", "harmless; it tells of a store that was used earlier", false},
		{DLLUnregistered, "profile.dll-unregistered", "the DLL of a service is not registered", "repair the installation of the provider", true},
		{DeletedLeftover, "profile.deleted-leftover", "a profile was deleted while in use", "it goes at the next logon; restart if it stays", false},
		{KeyAccess, "profile.acl", "the owner has no access to the profiles", "restore the owner's access to the profiles key", true},
		{ValueUnreadable, "profile.value-unreadable", "a value cannot be decoded", "export the profile again; if it stays, the value is damaged", false},
		{WidthsMixed, "profile.widths-mixed", "32-bit and 64-bit Outlook both wrote this profile", "use one bitness of Outlook and of the provider", false},
		{ServiceListLost, "profile.service-list-lost", "the profile has no list of services", "the profile is empty or damaged: create a new one", false},
		{UIDListCut, "profile.uid-list-cut", "a list of section ids is cut", "export the profile again; if it stays, the profile is damaged", false},
		{KeyUnreadable, "profile.key-unreadable", "a registry key could not be read completely", "check access rights, or export again", false},
		{LimitReached, "profile.limit-reached", "more than the reader takes; the rest was left out", "split the evidence, or look for a damaged export", false},
		{StoreCorrupt, "profile.store-corrupt", "Outlook recorded a damaged store", "repair the store (PST) or rebuild it (OST)", false},
		{AccountUnclear, "profile.account-unclear", "server and user of an OXtender service were not found for certain", "add the property ids to the mapping table", false},
		{PathUnresolved, "profile.path-unresolved", "a path contains a variable whose value is not in the evidence", "give the value of the variable", false},
		{AddressBookEmpty, "profile.address-book-path-empty", "the folder of the offline address book is empty (0x8007007A)", "re-create the Exchange service", false},
	}
}

// newProblem fills in name and title from the rule.
func newProblem(id, origin, detail string) Problem {
	rules := Rules()
	i := slices.IndexFunc(rules, func(r Rule) bool { return r.ID == id })
	if i < 0 {
		panic("BUG: no rule " + id)
	}
	return Problem{ID: id, Name: rules[i].Name, Title: rules[i].Title, Detail: detail, Origin: origin}
}
