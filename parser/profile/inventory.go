package profile

// Inventory is what one registry tree tells about mail profiles.
type Inventory struct {
	Profiles []Profile      `json:"profiles"`
	Deleted  []Profile      `json:"deleted,omitempty"`        // below "Deleted Profiles": leftovers, in use by nobody
	Corrupt  []CorruptStore `json:"corrupt_stores,omitempty"` // damage that Outlook recorded
	Settings []Setting      `json:"settings,omitempty"`       // policies and options that override a profile
	Problems []Problem      `json:"problems,omitempty"`       // of the tree; those of one profile are with it
}

// Profile is one mail profile. The JSON names are those of the
// oxtail.profile/v1 listing.
type Profile struct {
	Source   string        `json:"source,omitempty"`  // evidence file, as given in Options
	AlsoIn   []string      `json:"also_in,omitempty"` // further sources that show the same profile, after Merge
	User     string        `json:"user,omitempty"`    // SID or hive name where one tree holds several users
	Root     string        `json:"root"`              // root key below the user's hive
	Name     string        `json:"name"`              // as stored
	Display  string        `json:"display"`           // decoded, never for writing
	Default  bool          `json:"default"`
	Services []Service     `json:"services"` // in the order of the service list
	Accounts []MailAccount `json:"accounts,omitempty"`
	Sections int           `json:"sections"` // subkeys of the profile
	// Unreferenced are the orphan sections, sorted.
	Unreferenced []string  `json:"unreferenced_service_or_provider_sections,omitempty"`
	InstanceID   string    `json:"instance_id,omitempty"`
	SyncMode     uint32    `json:"cache_sync_mode,omitempty"` // 1 headers, 2 full items, 3 headers then full items
	OfflineState uint32    `json:"offline_state,omitempty"`   // 1 offline, 2 online, when last used
	KnownStores  []Fact    `json:"known_stores,omitempty"`    // paths in the store lists of the Outlook section
	Problems     []Problem `json:"problems,omitempty"`
	Origin       string    `json:"origin"`
}

// Service is one message service of a profile.
type Service struct {
	UID           string `json:"uid"`
	Name          string `json:"name,omitempty"` // PR_SERVICE_NAME, not localised: OXSTOR_SVC, MSEMS …
	Display       string `json:"display,omitempty"`
	DLL           string `json:"dll,omitempty"` // as stored, without "32"
	Entry         string `json:"entry,omitempty"`
	ResourceFlags uint32 `json:"resource_flags"`
	Missing       bool   `json:"missing,omitempty"` // listed, but has no section
	Exchange
	Providers []Provider `json:"providers,omitempty"` // stores, address books, transports

	// Account is the OXtender account: server URL and user.
	Account *Account `json:"account,omitempty"`
	// CacheFiles are the cache or store files: .odb/.psz, .ost, .pst.
	CacheFiles []string `json:"cache_files,omitempty"`
	// Facts are all findings behind Account and CacheFiles, with origins.
	Facts  []Fact `json:"facts,omitempty"`
	Origin string `json:"origin"`

	cacheKeys []string // CacheFiles in compared form, with the owner's variables
}

// Exchange is what the emsmdbUID section of an MSEMS service says.
type Exchange struct {
	EmsmdbUID     string `json:"emsmdb_uid,omitempty"`
	OSTPath       string `json:"ost_path,omitempty"`
	ConfigFlags   uint32 `json:"config_flags,omitempty"`   // PR_PROFILE_CONFIG_FLAGS
	CachedPrivate bool   `json:"cached_private,omitempty"` // cached mode is on
	SyncMonths    uint32 `json:"sync_months,omitempty"`
	SyncDays      uint32 `json:"sync_days,omitempty"`
	SyncWindow    string `json:"sync_window,omitempty"` // months and days read together
	Server        string `json:"server,omitempty"`
	UserDN        string `json:"user_dn,omitempty"`
	Mailbox       string `json:"mailbox,omitempty"`
	SMTPAddress   string `json:"smtp_address,omitempty"`
	ServerVersion string `json:"server_version,omitempty"`
}

// Provider is one provider of a service.
type Provider struct {
	UID           string   `json:"uid"`
	Display       string   `json:"display,omitempty"`
	DLL           string   `json:"dll,omitempty"`
	ResourceType  uint32   `json:"resource_type,omitempty"` // 33 store, 34 and 35 address book, 36 transport
	ResourceFlags uint32   `json:"resource_flags"`
	ServiceUID    string   `json:"service_uid,omitempty"` // back link
	Paths         []string `json:"paths,omitempty"`       // path-like texts, in value order
	Missing       bool     `json:"missing,omitempty"`
	Origin        string   `json:"origin"`
}

// MailAccount is one entry of Outlook's account manager.
type MailAccount struct {
	ID                string `json:"id"` // 8 hexadecimal digits
	ClassID           string `json:"clsid"`
	Name              string `json:"name"`
	Kind              string `json:"kind,omitempty"` // pop3, imap, http, mapi, eas, hotmail, ldap
	Email             string `json:"email,omitempty"`
	Server            string `json:"server,omitempty"` // incoming mail
	User              string `json:"user,omitempty"`
	ServiceUID        string `json:"service_uid,omitempty"`
	ServiceName       string `json:"service_name,omitempty"`
	DeliveryStorePath string `json:"delivery_store_path,omitempty"`
	Origin            string `json:"origin"`
}

// Account names an OXtender account. Both parts together are its identity.
type Account struct {
	Server string `json:"server,omitempty"` // URL without credentials and query
	User   string `json:"user,omitempty"`
}

// Fact is one value of the evidence with the registry path it stands at.
type Fact struct {
	Kind   string `json:"kind"` // one of the Kind constants
	Value  string `json:"value"`
	Origin string `json:"origin"`
}

// CorruptStore is one record of Outlook's own damage list.
type CorruptStore struct {
	Recorded  string `json:"recorded"`             // value name as stored
	LocalTime string `json:"local_time,omitempty"` // 2006-01-02T15:04:05; the zone is not known
	Path      string `json:"path"`
	Kind      string `json:"kind"`   // undefined, small, large, tardis or the number
	Action    uint32 `json:"action"` // meaning not public
	User      string `json:"user,omitempty"`
	Origin    string `json:"origin"`
}

// Setting is a policy or option that overrides what profiles say.
type Setting struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	User   string `json:"user,omitempty"`
	Origin string `json:"origin"`
}

// AllProblems gives the problems of the tree and then those of each profile.
func (inv *Inventory) AllProblems() []Problem {
	all := append([]Problem(nil), inv.Problems...)
	for _, group := range [][]Profile{inv.Profiles, inv.Deleted} {
		for _, p := range group {
			all = append(all, p.Problems...)
		}
	}
	return all
}
