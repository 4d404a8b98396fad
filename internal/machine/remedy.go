package machine

import (
	"slices"

	"oxtail/parser/codes"
)

// remedyOf says what to do when a call of MAPI's administration fails with a code. The
// codes' own table speaks of logs, where most of them mean something else.
func remedyOf(call string, code codes.Code) string {
	for _, r := range callRemedies() {
		if r.code == code && (len(r.calls) == 0 || slices.Contains(r.calls, call)) {
			return r.text
		}
	}
	entry, _ := codes.Lookup(code)
	return entry.Remedy
}

// A callRemedy holds for a code of some calls, or of all when none is named.
type callRemedy struct {
	code  codes.Code
	calls []string
	text  string
}

// callRemedies is the table; the first row that fits counts.
func callRemedies() []callRemedy {
	start := []string{"MAPIInitialize", "MAPIAdminProfiles"}
	make := []string{"CreateMsgService", "CreateMsgServiceEx"}
	const account = "sort out the account with whoever administers the server: its password, its hours, or whether it is enabled"
	const lookAgain = "another program changed the profile meanwhile; look again and make a new plan"
	const half = "the service may be half made: list the services of the profile and compare"
	const room = "free memory or disk space, then try again"
	const ours = "this is a fault of oxtail: report the call and the code"
	return []callRemedy{
		{"0x80004005", start, "MAPI did not start: check that Outlook has the bitness of the helper, that it is the default mail client, and that VCRUNTIME140_1.dll is there"},
		{"0x80070005", nil, "you are not the owner of the profile, or the access list of the Profiles key shuts you out: run as its owner, without elevation"},
		{"0x8007000E", nil, room},
		{"0x8004010E", nil, room},
		{"0x8004010D", nil, room},
		{"0x80040116", nil, room},
		{"0x80070057", nil, ours},
		{"0x80040102", nil, "this MAPI does not know the call; is Outlook older than 2003, or another program the mail client?"},
		{"0x80040103", nil, ours},
		{"0x80040106", nil, ours},
		{"0x80040108", nil, lookAgain},
		{"0x80040109", nil, lookAgain},
		{"0x8004010A", nil, lookAgain},
		{"0x8004010B", nil, "a program holds the profile or its cache files: close the holders, then try again"},
		{"0x8004010F", make, "the service is not in MapiSvc.inf of this Outlook: install or repair its provider"},
		{"0x8004010F", nil, "the profile, service or section is gone: look again and make a new plan"},
		{"0x80040110", nil, "the installed MAPI is of another version: repair Office"},
		{"0x80040111", nil, "there is no such profile, or it has a password"},
		{"0x80040112", nil, half},
		{"0x80040113", nil, half},
		{"0x80040115", nil, "check the network to the server, then try again"},
		{"0x80040119", nil, "see what MAPI says; the event log of Windows may say more"},
		{"0x8004011B", nil, "a section of the profile is damaged: make a new profile"},
		{"0x8004011C", nil, "values are missing: let the provider's dialog ask for them (assisted mode)"},
		{"0x8004011D", nil, "a provider did not start: check the installation of each provider, and that the helper's manifest names this Windows"},
		{"0x80040120", nil, account},
		{"0x80040121", nil, account},
		{"0x80040122", nil, account},
		{"0x80040123", nil, account},
		{"0x80040124", nil, account},
		{"0x80040400", nil, "try once more, then stop"},
		{"0x80040401", nil, "try once more, then stop"},
		{"0x80040600", nil, "the cache is damaged; it is renamed before the service is made anew"},
		{"0x80040605", start, "there is no usable MAPI: check the default mail client, the path of its DLL, and its bitness, in this order"},
		{"0x80040605", nil, "the service's provider has no way to be configured: repair its installation"},
		{"0x80040606", nil, "MAPI cannot be used in this kind of process: run oxtail in the user's own session"},
		{"0x800401F3", nil, "no Outlook is installed for this user"},
		{"0x800401E3", nil, "Outlook is not running for this user, or with other rights: start oxtail with the same elevation as Outlook"},
	}
}
