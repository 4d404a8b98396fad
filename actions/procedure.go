package actions

import (
	"fmt"
	"slices"
	"strconv"

	"oxtail/parser/profile"
)

// The procedures that are written down in public documents, step by step. Sources
// are the paragraphs of docs/procedures.md.

// closePrograms are the steps before anything touches a profile or its cache.
func (b *builder) closePrograms(sources ...string) {
	b.add(
		Step{ID: "close-outlook", Title: "Close Outlook and wait until OUTLOOK.EXE is gone", Kind: StepClose, Target: "OUTLOOK.EXE", NeedsPerson: true,
			Why:          "A program that still works on the profile keeps the cache in use, and what it has not written yet is lost.",
			Verification: "No process OUTLOOK.EXE of this user runs; its windows vanish before it ends.", Undo: "start Outlook", Sources: sources},
		Step{ID: "close-search", Title: "End SearchProtocolHost.exe and other programs that use the profile", Kind: StepClose, Target: "SearchProtocolHost.exe", NeedsPerson: true,
			Why:          "The Windows search indexer opens profiles, too. It ends when it is idle; stopping the service WSearch needs an administrator.",
			Verification: "No process has a MAPI provider loaded, and the cache files can be opened exclusively.", Undo: "start the service WSearch again", Sources: sources},
	)
}

// recreateService is the procedure of the OXtender 2 page.
func (b *builder) recreateService() string {
	b.assume(AssumeServiceCount, b.subject(), "1", "a second service keeps the cache in use, and the faults with it")
	b.assume(AssumeProfileCount, b.subject(), "1", "as above, over all profiles of the user")
	if b.target.ServiceUID != "" {
		b.assume(AssumeServiceExists, b.target.Origin, b.target.ServiceUID, "the plan names the service by its UID; names may repeat")
	}
	b.assumeProfile()
	if b.target.ServiceUID != "" && !b.target.DefaultStore {
		b.assume(AssumeNotDefaultStore, b.target.ServiceUID, "yes", "deleting the default store needs the user's consent")
	}
	b.assume(AssumeOwner, b.owner(), "yes", "another user's run would lock the owner out of the profiles")
	b.assumeFiles()
	b.assumeLocal()
	b.assumePrograms()
	b.add(
		Step{ID: "back-up", Title: "Back up what is not on the server yet: unsent mail, unsynchronised items", Kind: StepBackUp, NeedsPerson: true, Target: b.profile(),
			Why:          "Deleting the service deletes all of its local data for good, before anything is fetched again.",
			Verification: "The export (File, Open & Export, to a .pst) opens and holds the Outbox and the folders named in the findings.", Sources: []string{"OX-08"}},
	)
	if b.target.DefaultStore {
		b.add(Step{ID: "consent", Title: "Agree that the service holds the default store of the profile", Kind: StepAsk, NeedsPerson: true, Target: b.target.ServiceUID,
			Why:          "While it is gone the profile delivers mail nowhere; other programs that start then may fail.",
			Verification: "The user has said yes."})
	}
	b.closePrograms("OX-11")
	b.add(
		Step{ID: "export-profile", Title: "Export the profile's registry key to a .reg file", Kind: StepExport, Target: b.profileKey(),
			Why:          "It is the way back if the service cannot be created again.",
			Verification: "oxtail profiles FILE.reg shows the profile with all its services.", Undo: "delete the export", On: b.object()},
		Step{ID: "list-cache-before", Title: "Note which cache files there are", Kind: StepVerify, Target: b.files(`%LOCALAPPDATA%\OXSTORE2`),
			Why:          "Only the list before tells later whether the old cache is gone.",
			Verification: `oxtail caches %LOCALAPPDATA%\OXSTORE2, or the SupportTool's "Listing cache file information".`, Sources: []string{"OX-04", "OX-12"}},
	)
	b.removeReferences()
	b.add(Step{ID: "count-profiles", Title: "Verify that exactly one profile refers to " + b.account(), Kind: StepVerify, Target: b.account(),
		Why:          "Profiles with the same account share one cache; a second reference keeps it, and the faults with it.",
		Verification: "oxtail profiles shows one service for the account; the start-up line of the newest oxtstore_ log agrees.", Sources: []string{"OX-05", "OX-09"}})
	b.add(
		Step{ID: "recreate", Title: fmt.Sprintf("Re-create the service: SupportTool, tab Profiles, select %s, Recreate service", b.profile()), Kind: StepRecreate, Destructive: true, NeedsPerson: true,
			Target:       b.target.ServiceUID,
			Why:          "The service is deleted with its cache and created anew, so that the next synchronisation begins with nothing. The tool lies in the installation folder, Open-Xchange\\Oxtender 2.",
			Verification: "The SupportTool reports success without the warning about existing cache file references.",
			On:           b.object(),
			Undo:         "import the exported .reg file and put the copies of the cache files back; oxtail apply --undo does both", Sources: []string{"OX-02", "OX-06", "OX-07", "OX-10"}},
		Step{ID: "verify-cache-gone", Title: "Verify that the old cache files no longer exist", Kind: StepVerify, Target: b.files(`%LOCALAPPDATA%\OXSTORE2`),
			Why:          "A success message proves nothing: a provider in use is only marked for deletion.",
			Verification: "The .odb and .psz of the list before are gone. If they are not: look for other references and holders, log off and on, try again.",
			Sources:      []string{"OX-12", "OX-13"}},
		Step{ID: "first-sync", Title: "Start Outlook and let the first synchronisation finish", Kind: StepStart, Target: "OUTLOOK.EXE", NeedsPerson: true,
			Why:          "All data comes from the server again.",
			Verification: "New cache files appear, and no UUID error comes back in the oxtstore_ logs.", Sources: []string{"OX-01", "OX-06"}},
		Step{ID: "import-back-up", Title: "Put back what was backed up and is missing on the server", Kind: StepPerson, NeedsPerson: true,
			Why:          "The first synchronisation brings only what the server has.",
			Verification: "The items of the back-up are in Outlook and in webmail.", Sources: []string{"OX-08"}},
	)
	return "Re-create the OXtender service in profile " + b.profile()
}

// removeReferences has a step for each service that refers to the account too.
func (b *builder) removeReferences() {
	if b.store == nil {
		return
	}
	for i, u := range b.store.Distinct() {
		if u.Service.UID == b.target.ServiceUID && u.Profile.Name == b.target.Profile && u.Profile.Root == b.target.Root {
			continue
		}
		title := removal(u, Use{Profile: b.profileOf()})
		b.add(Step{ID: fmt.Sprintf("remove-reference-%d", i+1), Title: "R" + title[1:],
			Kind: StepRemoveReference, Target: u.Service.Origin, NeedsPerson: true, Destructive: true,
			On:           &Object{u.Profile.Name, u.Profile.Display, u.Profile.Root, u.Service.UID},
			Why:          "It refers to the same account and shares its cache.",
			Verification: "oxtail profiles no longer shows the service.", Undo: "add the service again in Control Panel, Mail", Sources: []string{"OX-09", "OX-13"}})
	}
}

// profileOf returns the profile that the plan is about, nil when the evidence has none.
func (b *builder) profileOf() *profile.Profile {
	for _, u := range b.store.Uses {
		if u.Profile.Name == b.target.Profile && u.Profile.Root == b.target.Root {
			return u.Profile
		}
	}
	return nil
}

func (b *builder) profileKey() string {
	if b.target.Root == "" {
		return `HKCU\…\Profiles`
	}
	return `HKCU\` + b.target.Root + `\` + b.target.Profile
}

// manualProfile is the alternative of the OXtender 2 page.
func (b *builder) manualProfile() string {
	b.assume(AssumeOwner, b.owner(), "yes", "profiles belong to one Windows user")
	b.assumeProfile()
	b.assumePrograms()
	b.add(Step{ID: "back-up", Title: "Back up what is not on the server yet: unsent mail, unsynchronised items, .pst files", Kind: StepBackUp, NeedsPerson: true, Target: b.profile(),
		Why: "Deleting a profile deletes the local data of its OXtender services.", Verification: "The export opens and holds the Outbox.", Sources: []string{"OX-08"}})
	b.closePrograms("OX-11")
	b.add(Step{ID: "export-profile", Title: "Export the registry keys of the profiles to .reg files", Kind: StepExport, Target: b.profileKey(),
		Why: "They hold the settings of all other accounts in the profile.", Verification: "oxtail profiles FILE.reg shows each of them.", Undo: "delete the exports"})
	for i, o := range b.profileObjects() {
		b.add(Step{ID: fmt.Sprintf("delete-profile-%d", i+1), Title: fmt.Sprintf("Delete the profile %s in Control Panel, Mail, Show Profiles", o.name()), Kind: StepRemoveReference,
			Target: o.Display, On: o.known(), NeedsPerson: true, Destructive: true, Why: "Every profile that points to the account has to go, or its cache stays.",
			Verification: "oxtail profiles no longer shows it.", Undo: "import the exported .reg file", Sources: []string{"OX-14"}})
	}
	b.add(
		Step{ID: "verify-cache-gone", Title: "Verify that the cache files of the account are gone", Kind: StepVerify, Target: b.files(`%LOCALAPPDATA%\OXSTORE2`),
			Why: "A cache that stays would be used again.", Verification: "oxtail caches shows none, or only orphans: rename those to .old.", Sources: []string{"OX-12", "OX-14"}},
		Step{ID: "new-profile", Title: "Create a new profile with an OXtender 2 service for " + b.account(), Kind: StepPerson, NeedsPerson: true, Target: b.account(),
			Why: "It starts a clean synchronisation.", Verification: "oxtail profiles shows one service for the account.", Undo: "delete the new profile", Sources: []string{"OX-03", "OX-14"}},
		Step{ID: "first-sync", Title: "Start Outlook with the new profile and let the first synchronisation finish", Kind: StepStart, Target: "OUTLOOK.EXE", NeedsPerson: true,
			Why: "All data comes from the server again.", Verification: "New cache files appear, and no UUID error comes back.", Sources: []string{"OX-06", "OX-14"}},
	)
	return "Delete all profiles on " + b.account() + " and create a new one"
}

// profileObjects lists the profiles of the store; without one the step is general.
func (b *builder) profileObjects() []Object {
	if b.store == nil || len(b.store.Uses) == 0 {
		return []Object{{}}
	}
	var out []Object
	for _, u := range b.store.Distinct() {
		o := Object{Profile: u.Profile.Name, Display: ProfileLabel(u.Profile), Root: u.Profile.Root}
		if !slices.Contains(out, o) {
			out = append(out, o)
		}
	}
	return out
}

// name names a profile for people.
func (o Object) name() string {
	if o.Profile == "" {
		return "(each that points to the account)"
	}
	return strconv.Quote(o.Display)
}

// known is the object for a program, nil when the step is general.
func (o Object) known() *Object {
	if o.Profile == "" {
		return nil
	}
	return &o
}

// object is the service that the plan is about, nil when it is not known.
func (b *builder) object() *Object {
	if b.target.Profile == "" {
		return nil
	}
	return &Object{b.target.Profile, b.target.ProfileDisplay, b.target.Root, b.target.ServiceUID}
}

// assumeProfile demands that the profile still has its name.
func (b *builder) assumeProfile() {
	if b.target.Profile != "" {
		b.assume(AssumeProfileExists, b.target.Profile, "yes", "a profile is named as it was when the plan was made")
	}
}

// assumeLocal demands that the files lie on a disk of the computer.
func (b *builder) assumeLocal() {
	for _, path := range b.target.CacheFiles {
		b.assume(AssumeLocal, path, "yes", "who has a file on a network open cannot be found out")
	}
}

// rebuildOST is the procedure of KB842284.
func (b *builder) rebuildOST() string {
	file := b.files("the .ost file of the profile")
	if b.target.Profile != "" {
		b.assume(AssumeCachedMode, b.target.Profile, "on", "without cached mode no new .ost is made")
		b.assume(AssumeOwner, b.owner(), "yes", "the file belongs to one Windows user")
	}
	b.assumeProfile()
	b.assumeFiles()
	b.assumeLocal()
	b.assumePrograms()
	b.assumeSpace()
	b.add(
		Step{ID: "check-settings", Title: "Check the synchronisation settings first: deliver to the mailbox, cached mode on", Kind: StepVerify, Target: b.profile(),
			Why:          "Wrong settings look the same as a damaged file, and are mended without losing anything.",
			Verification: "oxtail plan --manual sync-settings lists them; oxtail profiles shows cached mode and the .ost.", Sources: []string{"KB-05", "KB-06", "KB-07"}},
		Step{ID: "manual-sync", Title: "Synchronise once by hand: Send/Receive, the folder, then all", Kind: StepPerson, NeedsPerson: true,
			Why:          "Only when this does not help is the file suspected. After a long pause it may take more than 30 minutes.",
			Verification: "The item counts of server and offline folder are compared again (oxtail compare).", Sources: []string{"KB-08", "KB-09", "KB-12"}},
		Step{ID: "back-up", Title: "Save items that are only in the .ost: Outbox, Local Failures, Conflicts", Kind: StepBackUp, NeedsPerson: true, Target: file,
			Why:          "The server does not have them. An old .ost can be opened by its own profile only, and not at all when the account is removed.",
			Verification: "The export opens and holds them."},
	)
	b.closePrograms("KB-14")
	b.add(
		Step{ID: "export-profile", Title: "Export the profile's registry key to a .reg file, and note what is known of the .ost", Kind: StepExport, Target: b.profileKey(), On: b.object(),
			Why: "It tells later which file belonged to which profile.", Verification: "oxtail profiles FILE.reg shows the profile.", Undo: "delete the export"},
		Step{ID: "find-ost", Title: "Locate the .ost file", Kind: StepVerify, Target: file,
			Why: "A computer may have several, and leftovers beside them.", Verification: "oxtail caches shows which .ost the profile refers to.", Sources: []string{"KB-15", "KB-16"}},
		Step{ID: "rename-ost", Title: "Rename " + file + " to end in .old", Kind: StepRename, Target: file,
			Why:          "Outlook makes a new file when it finds none. The old one is kept.",
			Verification: "The .old file is there with the same size, the .ost is not.", Undo: "close Outlook, delete the new .ost, rename the .old file back", Sources: []string{"KB-13", "KB-17"}},
		Step{ID: "start-sync", Title: "Start Outlook, Send/Receive All", Kind: StepStart, Target: "OUTLOOK.EXE", NeedsPerson: true,
			Why: "The mailbox is copied into a new file.", Verification: "A new .ost appears and grows; the status bar shows the synchronisation.", Sources: []string{"KB-18"}},
		Step{ID: "verify-counts", Title: "Compare the item counts of server and offline folders", Kind: StepVerify, Target: b.profile(),
			Why: "Equal counts say that the copy is complete.", Verification: "oxtail compare --server … --offline … says healthy.", Sources: []string{"KB-02", "KB-03", "KB-18"}},
		Step{ID: "delete-old", Title: "Delete the .old file when nothing is missed for some weeks", Kind: StepPerson, NeedsPerson: true, Destructive: true, NoWayBack: true, Target: file,
			Why: "Until then it is the only copy of what never reached the server.", Verification: "Nobody has asked for it.", Sources: []string{"KB-19"}},
	)
	return "Rebuild the .ost of profile " + b.profile()
}

// assumeSpace demands room for a second copy of the store.
func (b *builder) assumeSpace() {
	if b.store == nil {
		return
	}
	for _, f := range b.store.Files {
		if f.State != CacheMissing && f.Bytes > 0 {
			b.assume(AssumeSpace, f.OnComputer(), fmt.Sprint(f.Bytes), "old and new file lie side by side")
		}
	}
}

// syncSettings is the part of KB842284 that comes before any repair.
func (b *builder) syncSettings() string {
	b.add(
		Step{ID: "compare-counts", Title: "Compare the item counts of server and offline folders", Kind: StepVerify, Target: b.profile(), NeedsPerson: true,
			Why:          "Equal counts say that synchronisation works. A missing Synchronisation tab says that the profile uses no offline folders.",
			Verification: "Folder, Properties, Synchronisation; or oxtail compare with both lists.", Sources: []string{"KB-01", "KB-02", "KB-03"}},
		Step{ID: "deliver-to", Title: "New mail must be delivered to the mailbox, not to a .pst", Kind: StepVerify, Target: b.profile(),
			Why: "Mail that is delivered elsewhere never stands in the mailbox.", Verification: "oxtail profiles shows the delivery store of the account.", Sources: []string{"KB-04", "KB-05"}},
		Step{ID: "cached-mode", Title: "Use Cached Exchange Mode must be on", Kind: StepVerify, Target: b.profile(),
			Why: "Without it there is no .ost that could be synchronised.", Verification: "oxtail profiles shows cached_private.", Undo: "turn it off again", Sources: []string{"KB-06"}},
		Step{ID: "restart-outlook", Title: "Close Outlook and start it again", Kind: StepStart, Target: "OUTLOOK.EXE", NeedsPerson: true,
			Why: "Changed settings count from the next start.", Verification: "The settings are still as set.", Sources: []string{"KB-07"}},
		Step{ID: "manual-sync", Title: "Send/Receive for the folder, then for all folders", Kind: StepPerson, NeedsPerson: true,
			Why: "It shows whether the settings were the cause.", Verification: "The status bar ends without error; a long pause makes it take more than 30 minutes.", Sources: []string{"KB-08", "KB-09"}},
		Step{ID: "automatic-sync", Title: "Send immediately when connected, and an automatic send/receive when exiting, must be on", Kind: StepPerson, NeedsPerson: true,
			Why: "Otherwise offline folders age until somebody synchronises by hand.", Verification: "Options, Mail Setup, Send/Receive.", Sources: []string{"KB-10", "KB-11"}},
		Step{ID: "compare-again", Title: "Compare the counts again", Kind: StepVerify, Target: b.profile(), NeedsPerson: true,
			Why: "When all folders but the Inbox are equal, or none is, the .ost may be damaged.", Verification: "oxtail compare; then oxtail plan --rebuild-ost.", Sources: []string{"KB-12"}},
	)
	return "Check the synchronisation settings of profile " + b.profile()
}

// supportFiles is the last resort of KB842284.
func (b *builder) supportFiles() string {
	b.assumePrograms()
	b.add(Step{ID: "rebuilt-before", Title: "Make sure that a new .ost did not help", Kind: StepAsk, NeedsPerson: true,
		Why: "Replacing program files is the last of the three measures.", Verification: "oxtail compare still shows differences after rebuild-ost.", Sources: []string{"KB-20"}})
	b.closePrograms("KB-14", "KB-21")
	for _, name := range []string{"emsabp32.dll", "emsmdb32.dll", "emsui32.dll"} {
		b.add(Step{ID: "rename-" + name[:len(name)-len(".dll")], Title: "Rename " + name + " to end in .old", Kind: StepRename, NeedsPerson: true,
			Target: `Common Files\System\MSMAPI\<lcid>\` + name, Why: "A damaged support file must be out of the way before the original comes back.",
			Verification: "The .old file is there, the .dll is not.", Undo: "rename it back", Sources: []string{"KB-21", "KB-22", "KB-23"}})
	}
	b.add(
		Step{ID: "repair-office", Title: "Repair Office: Control Panel, Programs and Features, Microsoft Office, Change, Repair", Kind: StepRun, NeedsPerson: true,
			Why: "Setup puts the missing files back.", Verification: "The three files are there again, with the version of OUTLOOK.EXE.", Sources: []string{"KB-24"}},
		Step{ID: "start-sync", Title: "Start Outlook, Send/Receive All", Kind: StepStart, Target: "OUTLOOK.EXE", NeedsPerson: true,
			Why: "It shows whether the files were the cause.", Verification: "oxtail compare says healthy.", Sources: []string{"KB-18"}},
	)
	return "Replace the Exchange support files of Outlook"
}
