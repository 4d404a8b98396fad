package foldercount

import "strings"

// place is a default folder of a mailbox, whatever it is called.
type place string

// The places. Those below Sync Issues stand only there.
const (
	placeRoot       place = "root"
	placeInbox      place = "inbox"
	placeSent       place = "sent items"
	placeDeleted    place = "deleted items"
	placeDrafts     place = "drafts"
	placeCalendar   place = "calendar"
	placeContacts   place = "contacts"
	placeTasks      place = "tasks"
	placeNotes      place = "notes"
	placeJournal    place = "journal"
	placeOutbox     place = "outbox"
	placeJunk       place = "junk"
	placeArchive    place = "archive"
	placeSyncIssues place = "sync issues"
	placeConflicts  place = "conflicts"
	placeLocal      place = "local failures"
	placeServer     place = "server failures"
)

// placeByName knows the English and German names of default folders, folded to lower case.
func placeByName(name string) place {
	switch strings.ToLower(name) {
	case "top of information store", "oberste ebene des informationsspeichers", "ipm_subtree":
		return placeRoot
	case "inbox", "posteingang":
		return placeInbox
	case "sent items", "gesendete elemente", "gesendete objekte":
		return placeSent
	case "deleted items", "gelöschte elemente", "gelöschte objekte":
		return placeDeleted
	case "drafts", "entwürfe":
		return placeDrafts
	case "calendar", "kalender":
		return placeCalendar
	case "contacts", "kontakte":
		return placeContacts
	case "tasks", "aufgaben":
		return placeTasks
	case "notes", "notizen":
		return placeNotes
	}
	return placeByLaterName(name)
}

// placeByLaterName is the rest of placeByName: folders that not every mailbox has.
func placeByLaterName(name string) place {
	switch strings.ToLower(name) {
	case "journal":
		return placeJournal
	case "outbox", "postausgang":
		return placeOutbox
	case "junk e-mail", "junk email", "junk-e-mail", "junk-email", "junk mail":
		return placeJunk
	case "archive", "archiv":
		return placeArchive
	case "sync issues", "synchronisierungsprobleme", "synchronisationsprobleme":
		return placeSyncIssues
	}
	return ""
}

// placeBelowSyncIssues knows the folders within Sync Issues.
func placeBelowSyncIssues(name string) place {
	switch strings.ToLower(name) {
	case "conflicts", "konflikte":
		return placeConflicts
	case "local failures", "lokale fehler":
		return placeLocal
	case "server failures", "serverfehler":
		return placeServer
	}
	return ""
}

// placeByType translates Exchange's FolderType, which is the same in every language.
func placeByType(folderType string) place {
	switch strings.ToLower(folderType) {
	case "root":
		return placeRoot
	case "inbox":
		return placeInbox
	case "sentitems":
		return placeSent
	case "deleteditems":
		return placeDeleted
	case "drafts":
		return placeDrafts
	case "calendar":
		return placeCalendar
	case "contacts":
		return placeContacts
	case "tasks":
		return placeTasks
	case "notes":
		return placeNotes
	}
	return placeByLaterType(folderType)
}

func placeByLaterType(folderType string) place {
	switch strings.ToLower(folderType) {
	case "journal":
		return placeJournal
	case "outbox":
		return placeOutbox
	case "junkemail":
		return placeJunk
	case "archive":
		return placeArchive
	case "syncissues":
		return placeSyncIssues
	case "conflicts":
		return placeConflicts
	case "localfailures":
		return placeLocal
	case "serverfailures":
		return placeServer
	}
	return ""
}

// unsynced tells why a folder has no counterpart by design: "" for ordinary folders.
func unsynced(key string, folderType string) string {
	top, _, _ := strings.Cut(strings.TrimPrefix(key, "/"), "/")
	switch {
	case key == "/" || key == "/"+mark(placeRoot):
		return "the root of the mailbox holds no items of its own"
	case top == mark(placeSyncIssues) || placeByLaterType(folderType) == placeSyncIssues:
		return "the Sync Issues folders are kept by Outlook itself"
	case top == mark(placeOutbox):
		return "the Outbox holds what is not yet sent"
	case strings.HasPrefix(strings.ToLower(folderType), "recoverableitems") || isServerOnly(top):
		return "the server keeps this folder to itself"
	}
	return ""
}

// isServerOnly knows the folders of Recoverable Items and the like, which Exchange lists at the top and no client synchronises.
// Their names are not translated.
func isServerOnly(top string) bool {
	switch top {
	case "recoverable items", "deletions", "versions", "purges", "audits", "calendar logging", "discoveryholds", "substrateholds", "adminauditlogs":
		return true
	}
	return false
}

// mark is how a place stands in a key. No folder name can hold the character.
func mark(p place) string { return "\x00" + string(p) }
