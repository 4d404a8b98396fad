package foldercount

// Verdict is the answer of the folder check, in the words that all of the program's verdicts use.
type Verdict string

// The verdicts that a folder check can give.
const (
	Healthy      Verdict = "healthy"       // every compared folder is equal
	FolderFault  Verdict = "folder"        // single folders differ
	StoreCorrupt Verdict = "store-corrupt" // the pattern after which KB842284 suspects the .ost itself
	Unknown      Verdict = "unknown"       // nothing could be compared
)

// Action is what to do first.
type Action string

// The actions that a folder check can lead to. KB842284 verifies the profile before anything else; rebuilding the .ost comes after a
// synchronisation by hand that did not help.
const (
	None         Action = "none"
	CheckProfile Action = "check-profile"
	RebuildOST   Action = "rebuild-ost"
	Manual       Action = "manual"
)

// Pattern is what the differing folders look like.
type Pattern string

// The patterns.
const (
	PatternNone   Pattern = "none"    // all equal
	PatternSingle Pattern = "single"  // some differ, some are equal
	PatternInbox  Pattern = "inbox"   // the Inbox alone differs: "if all folders except the Inbox folder are synchronized"
	PatternAll    Pattern = "all"     // none is equal: "or if you cannot synchronize the folders"
	PatternNoData Pattern = "no-data" // no folder stands in both lists
)

// Confidence is how sure the verdict is.
type Confidence string

// The confidences.
const (
	Certain Confidence = "certain" // the numbers prove it
	Likely  Confidence = "likely"  // the article's own conclusion; it says "may"
	Unclear Confidence = "unclear"
)

// Doubt is something that the numbers cannot rule out, and that would change the verdict.
type Doubt string

// The doubts.
const (
	DoubtStillSyncing Doubt = "still-syncing"   // a long pause makes synchronisation take over 30 minutes; count again afterwards
	DoubtSyncWindow   Doubt = "sync-window"     // cached mode may be set to keep only some months of mail: less offline is then right
	DoubtUnsentLocal  Doubt = "unsent-local"    // the offline side has more: items that a rebuild would lose if they never reached the server
	DoubtOneSided     Doubt = "one-sided"       // folders stand in one list only; the lists may differ in scope
	DoubtFewFolders   Doubt = "few-folders"     // fewer than two folders were compared: no pattern can show
	DoubtMatchedName  Doubt = "matched-by-name" // folders were joined by known names of default folders
)

// Judgement is the verdict over a comparison with what it rests on.
type Judgement struct {
	Verdict     Verdict
	Action      Action
	Confidence  Confidence
	Pattern     Pattern
	Next        []string // ids of the checks to go on with, in the article's order (ENV102 …)
	Doubts      []Doubt
	Compared    int   // folders in both lists that count
	EqualCount  int   // of these, equal
	DiffCount   int   // of these, different
	ServerOnly  int   // folders with items of the server alone, without those that are never synchronised
	OfflineOnly int   // the same, offline
	Missing     int64 // items that the offline side lacks, over folders where it has fewer
	Surplus     int64 // items that the offline side has beyond the server's, over folders where it has more
}

// minPattern is how many folders must have been compared before "all differ" or "the Inbox alone" says anything.
const minPattern = 2

// Judge applies the rule of KB842284: equal numbers mean that synchronisation works. Otherwise the profile is checked and the
// folders are synchronised by hand; when all folders but the Inbox are equal, or none is, the .ost may be damaged.
func Judge(differences []Difference) Judgement {
	var j Judgement
	var inboxDiffers, items bool
	for _, d := range differences {
		j.count(d)
		if d.State == Differs && d.inbox {
			inboxDiffers = true
		}
		if d.State == Equal && d.Unsynced == "" && d.Server.Items > 0 {
			items = true // an empty folder is equal whether synchronisation works or not
		}
	}
	j.Pattern = j.pattern(inboxDiffers, items)
	j.decide()
	j.doubt(differences)
	return j
}

// count adds one folder. Folders that are never synchronised have no part.
func (j *Judgement) count(d Difference) {
	if d.Unsynced != "" {
		return
	}
	switch d.State {
	case Equal:
		j.Compared++
		j.EqualCount++
	case Differs:
		j.Compared++
		j.DiffCount++
		j.Missing += max(0, d.Missing())
		j.Surplus += max(0, -d.Missing())
	case ServerOnly:
		j.ServerOnly += oneWhen(d.Missing() > 0)
	case OfflineOnly:
		j.OfflineOnly += oneWhen(d.Missing() < 0)
	}
}

func oneWhen(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// pattern needs some equal folder with items in it before it says that synchronisation works somewhere.
func (j *Judgement) pattern(inboxDiffers, equalWithItems bool) Pattern {
	switch {
	case j.Compared == 0:
		return PatternNoData
	case j.DiffCount == 0:
		return PatternNone
	case j.Compared >= minPattern && j.DiffCount >= minPattern && !equalWithItems:
		return PatternAll
	case j.Compared >= minPattern && j.DiffCount == 1 && inboxDiffers && equalWithItems:
		return PatternInbox
	}
	return PatternSingle
}

// decide sets verdict, action and the checks that follow. Their ids are those of the environment checks after KB842284: 102 offline
// folders set up, 103 delivery to the mailbox, 104 cached mode, 105 synchronise by hand, 106 automatically, 107 and 108 damaged .ost,
// 109 quit programs, 112 count again, 113 and 114 support files.
func (j *Judgement) decide() {
	profile := []string{"ENV102", "ENV103", "ENV104", "ENV105", "ENV106"}
	rebuild := append(profile, "ENV107", "ENV109", "ENV108", "ENV112", "ENV113", "ENV114")
	switch j.Pattern {
	case PatternNoData:
		j.Verdict, j.Action, j.Confidence, j.Next = Unknown, Manual, Unclear, []string{"ENV102"}
	case PatternNone:
		j.Verdict, j.Action, j.Confidence = Healthy, None, Certain
		if j.ServerOnly+j.OfflineOnly > 0 {
			j.Verdict, j.Action, j.Confidence, j.Next = FolderFault, CheckProfile, Unclear, append(profile, "ENV112")
		}
	case PatternSingle:
		j.Verdict, j.Action, j.Confidence, j.Next = FolderFault, CheckProfile, Likely, append(profile, "ENV112")
	case PatternInbox, PatternAll:
		j.Verdict, j.Action, j.Confidence, j.Next = StoreCorrupt, RebuildOST, Likely, rebuild
	}
}

// doubt lists what the numbers leave open.
func (j *Judgement) doubt(differences []Difference) {
	add := func(d Doubt, when bool) {
		if when {
			j.Doubts = append(j.Doubts, d)
		}
	}
	named := false
	for _, d := range differences {
		named = named || d.Match == MatchedByName && d.Unsynced == ""
	}
	add(DoubtStillSyncing, j.DiffCount > 0)
	add(DoubtSyncWindow, j.Missing > 0)
	add(DoubtUnsentLocal, j.Surplus > 0 || j.OfflineOnly > 0)
	add(DoubtOneSided, j.ServerOnly+j.OfflineOnly > 0)
	add(DoubtFewFolders, j.Compared < minPattern)
	add(DoubtMatchedName, named)
}
