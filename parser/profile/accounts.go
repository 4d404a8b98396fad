package profile

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
)

// accountLists names the lists of mail accounts, address books and data files.
func accountLists() []string {
	return []string{
		"{ED475418-B0D6-11D2-8C3B-00104B2A6676}",
		"{ED475419-B0D6-11D2-8C3B-00104B2A6676}",
		"{ED475420-B0D6-11D2-8C3B-00104B2A6676}",
	}
}

// accountKind names the class of an account.
func accountKind(classID string) string {
	const tail = "-B0D6-11D2-8C3B-00104B2A6676}"
	switch strings.ToUpper(classID) {
	case "{ED475411" + tail:
		return "pop3"
	case "{ED475412" + tail:
		return "imap"
	case "{ED475413" + tail:
		return "http"
	case "{ED475414" + tail:
		return "mapi"
	case "{ED475415" + tail:
		return "eas"
	case "{4DB5CBF0-3B77-4852-BC8E-BB81908861F3}":
		return "hotmail"
	}
	if strings.HasPrefix(strings.ToUpper(classID), "{4DB5CBF2-") {
		return "ldap"
	}
	return ""
}

// readAccounts reads the account manager of the current profile, by id.
func (r *reader) readAccounts() {
	manager := r.section(accountSection)
	if manager == nil {
		return
	}
	listed := r.accountIDs(manager)
	for _, key := range sortedKeys(r.subkeys(manager.key, manager.origin, MaxListItems)) {
		if len(key.Name()) != 8 || strings.Trim(strings.ToLower(key.Name()), "0123456789abcdef") != "" {
			continue
		}
		account := r.readAccount(r.readSection(key, manager.origin+`\`+key.Name()))
		r.current.out.Accounts = append(r.current.out.Accounts, account)
		if !listed[strings.ToLower(account.ID)] && !r.isUnlistedBook(manager, account) {
			r.problem(AccountUnlisted, account.Origin, fmt.Sprintf("account %s (%s) is in none of the account lists", account.ID, account.Name))
		}
	}
}

// isUnlistedBook spares an address book in a profile that keeps no list of
// address books at all: there the missing entry says nothing.
func (r *reader) isUnlistedBook(manager *section, account MailAccount) bool {
	if _, ok := manager.value(accountLists()[1]); ok {
		return false
	}
	i := slices.IndexFunc(r.current.out.Services, func(s Service) bool { return sameUID(s.UID, account.ServiceUID) })
	if i < 0 || len(r.current.out.Services[i].Providers) == 0 {
		return false
	}
	return !slices.ContainsFunc(r.current.out.Services[i].Providers, func(p Provider) bool {
		return p.ResourceType != 34 && p.ResourceType != 35
	})
}

// accountIDs collects the ids of the three lists.
func (r *reader) accountIDs(manager *section) map[string]bool {
	ids := map[string]bool{}
	for _, name := range accountLists() {
		v, ok := manager.value(name)
		if !ok {
			continue
		}
		if len(v.Data)%4 != 0 {
			r.problem(UIDListCut, manager.at(name), fmt.Sprintf("%d bytes are not a list of numbers of 4 bytes each", len(v.Data)))
		}
		for data := v.Data[:min(len(v.Data), 4*MaxListItems)]; len(data) >= 4; data = data[4:] {
			ids[fmt.Sprintf("%08x", binary.LittleEndian.Uint32(data))] = true
		}
	}
	return ids
}

// readAccount reads one account and checks its link to a service.
func (r *reader) readAccount(s *section) MailAccount {
	account := MailAccount{
		ID:          s.name,
		ClassID:     s.named("clsid"),
		Name:        firstOf(s.named("Account Name"), s.named("Display Name")),
		Email:       s.named("Email"),
		ServiceUID:  s.uid("Service UID"),
		ServiceName: s.named("Service Name"),
		Origin:      s.origin,
	}
	account.Kind = accountKind(account.ClassID)
	account.Server = firstOf(s.named("POP3 Server"), s.named("IMAP Server"), s.named("HTTP Server"))
	account.User = firstOf(s.named("POP3 User"), s.named("IMAP User"), s.named("HTTP User"))
	if v, ok := s.value("Delivery Store EntryID"); ok {
		account.DeliveryStorePath = PSTPath(v.Data)
	}
	if account.ServiceUID != "" && !r.isService(account.ServiceUID) {
		r.problem(AccountGhost, s.at("Service UID"), fmt.Sprintf(
			"account %s (%s) belongs to service %s, which the profile does not have", account.ID, account.Name, account.ServiceUID))
	}
	return account
}

// isService reports whether a UID is a service of the profile that exists.
func (r *reader) isService(uid string) bool {
	return slices.ContainsFunc(r.current.out.Services, func(s Service) bool {
		return sameUID(s.UID, uid) && !s.Missing
	})
}
