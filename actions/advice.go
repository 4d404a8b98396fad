package actions

// The procedures that no document of our sources describes step by step: what a
// careful engineer does for the other actions.

// repairStore is ScanPST on a .pst, or on an .ost that must not be rebuilt.
func (b *builder) repairStore() string {
	file := b.files("the data file")
	b.assumeFiles()
	b.assumePrograms()
	b.closePrograms()
	b.add(
		Step{ID: "copy-file", Title: "Copy " + file + " to another disk", Kind: StepBackUp, Target: file, NeedsPerson: true,
			Why: "A .pst is the only copy of its data, and the repair writes into the file itself.", Verification: "The copy has the same size and opens read-only.", Undo: "delete the copy"},
		Step{ID: "scanpst", Title: "Run ScanPST on it, with its own back-up, until a run reports no errors", Kind: StepRun, Target: file, NeedsPerson: true, Destructive: true,
			Why: "Each run mends what the one before made reachable.", Verification: "oxtail scan of the ScanPST log says healthy for the last pass.", Undo: "put the copy back"},
		Step{ID: "open-file", Title: "Open it in Outlook and look into Recovered Personal Folders", Kind: StepPerson, NeedsPerson: true,
			Why: "What lost its place is put there.", Verification: "Nothing that the user misses is gone."},
	)
	return "Repair the data file with ScanPST"
}

// fixItem is about single items that fail again and again.
func (b *builder) fixItem() string {
	b.add(
		Step{ID: "find-item", Title: "Find the item: folder and subject are in the finding; look into Sync Issues, Local Failures, Outbox, too", Kind: StepPerson, NeedsPerson: true,
			Why: "One item stops, or is skipped, again and again; the store is sound.", Verification: "The item is found."},
		Step{ID: "save-item", Title: "Save a copy of it (.msg) outside the mailbox", Kind: StepBackUp, NeedsPerson: true,
			Why: "Mending may mean to delete it.", Verification: "The copy opens.", Undo: "delete the copy"},
		Step{ID: "mend-item", Title: "Make it smaller, complete it, or delete it", Kind: StepPerson, NeedsPerson: true, Destructive: true,
			Why: "The server refuses it as it is; repeating is useless.", Verification: "The next synchronisation log does not name it.", Undo: "open the saved copy"},
	)
	return "Mend or delete the items that cannot be synchronised"
}

// retry is to wait and look again.
func (b *builder) retry() string {
	b.add(
		Step{ID: "wait", Title: "Let one more synchronisation run", Kind: StepPerson, NeedsPerson: true,
			Why: "The fault is known to pass; acting now would do harm for nothing.", Verification: "A later run is in the log."},
		Step{ID: "scan-again", Title: "Scan the logs again", Kind: StepVerify,
			Why: "Only a fault that comes back for the same object calls for more.", Verification: "oxtail scan shows whether the finding healed, or counts on.", Sources: []string{"OX-06", "OX-07"}},
	)
	return "Wait for the next synchronisation and look again"
}

// removeSafely removes the other references, when there are any: programs are closed and
// the profiles saved before.
func (b *builder) removeSafely() {
	if b.store == nil || !b.store.Shared() {
		b.removeReferences()
		return
	}
	b.assume(AssumeOwner, b.owner(), "yes", "another user's run would lock the owner out of the profiles")
	b.assumeProfile()
	b.assumePrograms()
	b.closePrograms()
	b.add(Step{ID: "export-profile", Title: "Export the registry keys of the profiles to .reg files", Kind: StepExport, Target: b.profileKey(), On: b.object(),
		Why: "It is the way back if the wrong service is removed.", Verification: "oxtail profiles FILE.reg shows each of them.", Undo: "delete the exports"})
	b.removeReferences()
}

// advice holds the procedures that are questions to people elsewhere.
func (b *builder) advice(kind PlanKind) string {
	one := func(id, title, why, verification string, sources ...string) {
		b.add(Step{ID: id, Title: title, Kind: StepPerson, NeedsPerson: true, Why: why, Verification: verification, Sources: sources})
	}
	switch kind {
	case PlanServerAdmin:
		one("tell-admin", "Give the finding with its codes, error ids and times to the server's administrator", "Nothing on this computer mends it.", "The administrator finds the error ids in the server's log.")
		one("sync-again", "Synchronise again when the administrator is done", "It shows whether that was all.", "oxtail scan shows the finding healed.")
		return "Hand it to the server's administrator"
	case PlanUserPermission:
		one("name-right", "Name the folder or module and the user that lacks the right", "The server refuses it on purpose.", "Owner or administrator has answered.")
		one("grant-right", "Ask the owner of the folder, or the administrator, for the right", "A new cache would be refused in the same way.", "oxtail scan shows the finding healed.")
		return "Ask for the missing right"
	case PlanCheckProfile:
		one("look-at-profile", "Look at the profile: oxtail profiles names what contradicts itself", "Profile and cache must point to each other.", "oxtail profiles shows no problem.", "OX-03", "OX-09")
		b.removeSafely()
		one("count-services", "Remove services that refer to the same account, all but one", "They share one cache.", "oxtail profiles shows one service for the account.", "OX-05", "OX-09")
		return "Check the mail profile"
	case PlanCheckNetwork:
		one("check-connection", "Check name resolution, proxy, firewall and certificate for the server", "The client does not reach the server.", "The server's address opens in a browser on the same computer.")
		return "Check the connection to the server"
	case PlanCheckLogin:
		one("check-login", "Log in to webmail with the same user and password", "The server refuses the login.", "Webmail opens; then enter the password in the profile again.")
		return "Check user name and password"
	case PlanNothing:
		return "Nothing to do"
	}
	one("read-evidence", "Read the evidence of the findings and decide", "No rule knows a safe remedy.", "The cause is known.")
	return "A person has to judge this"
}
