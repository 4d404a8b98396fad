package profile

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// Numbers of an Exchange section.
const (
	flagsCachedPrivate = 0x180      // both bits: cached mode is on
	windowOnline       = 0x7fffffff // a sync window of this many days or months: online mode
)

// readExchange reads the section that holds the Exchange account of a service.
func (r *reader) readExchange(service *Service, s *section) {
	e := r.exchangeOf(service, s)
	if e == nil {
		return
	}
	if e.owner == "" {
		e.owner = service.Name
	}
	r.readOST(service, e)
	service.Server = firstOf(e.text("6602"), e.text("6608"))
	service.UserDN = e.text("6603")
	service.Mailbox = firstOf(e.text("660b"), e.text("6620"), e.text("663d"), e.text("6607"))
	service.SMTPAddress = firstOf(afterColon(e.text("6641")), e.text("663d"))
	service.ServerVersion = serverVersion(e)
	r.addExchangeFacts(service, e)
	if v, ok := e.value("001f660e"); ok && DecodeUTF16(v.Data) == "" {
		r.problem(AddressBookEmpty, e.at("001f660e"), "PR_PROFILE_AB_FILES_PATH is there, but empty")
	}
}

// readOST reads the cached mode and its file.
func (r *reader) readOST(service *Service, e *section) {
	path, origin := e.textAt("6610")
	if path != "" {
		service.OSTPath = path
		addFact(service, Fact{KindCache, path, origin})
	}
	service.ConfigFlags, _ = e.number("00036601")
	service.CachedPrivate = service.ConfigFlags&flagsCachedPrivate == flagsCachedPrivate
	months, hasMonths := e.number("00036649")
	days, hasDays := e.number("0003665a")
	service.SyncMonths, service.SyncDays = months, days
	if hasMonths || hasDays {
		service.SyncWindow = syncWindow(days, months, hasMonths)
	}
}

// exchangeOf finds the Exchange section: by the link of the service, by the
// older link of the Outlook section, or the fixed one of Outlook 2007.
func (r *reader) exchangeOf(service *Service, s *section) *section {
	for _, from := range []*section{s, r.section(outlookSection)} {
		uid := from.uid("01023d15")
		if uid == "" {
			continue
		}
		service.EmsmdbUID = uid
		if e := r.section(uid); e != nil {
			return e
		}
		r.problem(ProviderMissing, from.at("01023d15"), fmt.Sprintf("Exchange section %s does not exist", uid))
	}
	if e := r.section(exchangeSection); e != nil && len(e.values) > 0 {
		service.EmsmdbUID = exchangeSection
		return e
	}
	return nil
}

// addExchangeFacts gives server, user and mailbox with their origins.
func (r *reader) addExchangeFacts(service *Service, e *section) {
	for _, row := range []struct{ id, kind string }{
		{"6602", KindServer}, {"6603", KindUser}, {"660b", KindMailbox},
		{"6607", KindMailbox}, {"663d", KindMailbox}, {"6641", KindMailbox},
	} {
		if text, origin := e.textAt(row.id); text != "" {
			addFact(service, Fact{row.kind, afterColon(text), origin})
		}
	}
}

// syncWindow reads days and months together as Outlook does.
func syncWindow(days, months uint32, hasMonths bool) string {
	switch {
	case days == windowOnline:
		return "online"
	case days > 0:
		return fmt.Sprintf("%d days", days)
	case !hasMonths:
		return "12 months"
	case months == windowOnline:
		return "online"
	case months == 0:
		return "all"
	case months < 12 || months%12 != 0:
		return fmt.Sprintf("%d months", months)
	case months == 12:
		return "1 year"
	default:
		return fmt.Sprintf("%d years", months/12)
	}
}

// serverVersion reads PR_PROFILE_SERVER_FULL_VERSION: four numbers of 16 bits.
func serverVersion(e *section) string {
	v, ok := e.value("0102663b")
	if !ok || len(v.Data) != 8 {
		return ""
	}
	n := func(at int) uint16 { return binary.LittleEndian.Uint16(v.Data[at:]) }
	return fmt.Sprintf("%d.%d.%d.%d", n(0), n(2), n(4), n(6))
}

// afterColon drops the address type of "SMTP:anna@example.org".
func afterColon(address string) string {
	if kind, rest, ok := strings.Cut(address, ":"); ok && strings.EqualFold(kind, "SMTP") {
		return rest
	}
	return address
}

// firstOf gives the first text that is not empty.
func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
