// Package places knows where OXtender and Outlook keep logs and cache files, and in which order to look.
//
// It builds paths from the environment that it is given and looks at no disk: whoever probes a place says which one was hit.
// None of the places of OXtender's logs is documented; they are guesses in a fixed order, and each says so in Basis.
package places

import (
	"strings"

	"oxtail/parser/winpath"
)

// Purpose is what a place is searched for.
type Purpose string

// The purposes.
const (
	Logs   Purpose = "logs"
	Caches Purpose = "caches"
)

// Basis says how well a place is known.
type Basis string

// The bases, best first.
const (
	Documented Basis = "documented" // by the maker
	Guessed    Basis = "guessed"    // likely, never confirmed
)

// Place is one folder to search.
type Place struct {
	Path      string // of Windows, variables replaced
	Purpose   Purpose
	Patterns  []string // file names to take, "*" as in a shell, compared without letter case
	Recursive bool     // sub-folders too
	Basis     Basis
	Why       string // "store provider's cache folder"
}

// rule is a Place before its variable is replaced.
type rule struct {
	variable string // of the environment
	below    string // folder below it
	oldOnly  bool   // only where %LOCALAPPDATA% does not exist: Windows XP and older
	place    Place
}

// KnownPlaces lists the places in the order in which they are to be probed: logs first, then caches. env answers for the
// user whose places are wanted; places whose variable it does not know are left out, so on other systems the list is empty. A
// place that the user names himself comes before all of these.
func KnownPlaces(env func(string) string) []Place {
	var list []Place
	seen := map[string]bool{}
	for _, r := range append(logRules(), cacheRules()...) {
		root := env(r.variable)
		if root == "" || r.oldOnly && env("LOCALAPPDATA") != "" {
			continue
		}
		p := r.place
		p.Path = winpath.Clean(root + `\` + r.below)
		id := string(p.Purpose) + strings.ToLower(p.Path) + strings.Join(p.Patterns, "|")
		if !seen[id] { // not winpath.Key: on XP only one of the folders that it takes for equal exists
			seen[id] = true
			list = append(list, p)
		}
	}
	return list
}

// providerLogs are the spellings of the store provider's log names, likeliest first.
func providerLogs() []string { return []string{"oxtstore_*", "oxstore_*", "oxstor*_*"} }

// Folders below the profile of a user of Windows XP; the second is that of a German one.
const (
	localXP   = `Local Settings\Application Data`
	localXPDE = `Lokale Einstellungen\Anwendungsdaten`
)

func logRules() []rule {
	provider := func(variable, below, why string, recursive, oldOnly bool) rule {
		return rule{variable, below, oldOnly, Place{Purpose: Logs, Patterns: providerLogs(), Recursive: recursive, Basis: Guessed, Why: why}}
	}
	outlook := func(below, pattern, why string) rule {
		return rule{"TEMP", below, false, Place{Purpose: Logs, Patterns: []string{pattern}, Basis: Documented, Why: why}}
	}
	return []rule{
		provider("LOCALAPPDATA", `OXSTORE2`, "store provider's cache folder", true, false),
		provider("USERPROFILE", localXP+`\OXSTORE2`, "store provider's cache folder, Windows XP", true, true),
		provider("USERPROFILE", localXPDE+`\OXSTORE2`, "store provider's cache folder, German Windows XP", true, true),
		provider("LOCALAPPDATA", `Open-Xchange`, "maker's local folder", true, false),
		provider("APPDATA", `Open-Xchange`, "maker's roaming folder", true, false),
		provider("TEMP", ``, "temporary files", false, false),
		provider("ProgramFiles(x86)", `Open-Xchange\Oxtender 2`, "install folder", true, false),
		provider("ProgramW6432", `Open-Xchange\Oxtender 2`, "install folder", true, false),
		provider("ProgramFiles", `Open-Xchange\Oxtender 2`, "install folder", true, false),
		outlook(`Outlook Logging`, "*.log", "Outlook's transport logs"),
		outlook(`OLC Logging`, "OLC-*", "Outlook connector"),
		outlook(`OLkAS`, "*", "Exchange web services"),
		outlook(``, "Olkdisc.log", "Autodiscover"),
		outlook(``, "Outlook.exe.log", "Outlook's trace"),
	}
}

func cacheRules() []rule {
	ox := func(variable, below, why string, oldOnly bool) rule {
		return rule{variable, below, oldOnly, Place{Purpose: Caches, Patterns: []string{"*"}, Recursive: true, Basis: Documented, Why: why}}
	}
	outlook := func(variable, below, why string, oldOnly bool) rule {
		return rule{variable, below, oldOnly, Place{
			Purpose: Caches, Patterns: []string{"*.ost*", "*.nst*", "*.pst*", "*.old", "*.bak"}, Basis: Documented, Why: why}}
	}
	return []rule{
		ox("LOCALAPPDATA", `OXSTORE2`, "OXtender caches", false),
		ox("USERPROFILE", localXP+`\OXSTORE2`, "OXtender caches, Windows XP", true),
		ox("USERPROFILE", localXPDE+`\OXSTORE2`, "OXtender caches, German Windows XP", true),
		outlook("LOCALAPPDATA", `Microsoft\Outlook`, "Outlook's stores", false),
		outlook("LOCALAPPDATA", `Microsoft\Outlook\EasCache`, "Outlook's ActiveSync cache", false),
		outlook("USERPROFILE", localXP+`\Microsoft\Outlook`, "Outlook's stores, Windows 2000 and XP", true),
		outlook("USERPROFILE", localXPDE+`\Microsoft\Outlook`, "Outlook's stores, German Windows 2000 and XP", true),
		outlook("USERPROFILE", `Documents\Outlook Files`, "Outlook's archives", false),
		outlook("windir", localXP+`\Microsoft\Outlook`, "Outlook's stores, Windows 95 and 98", true),
	}
}
