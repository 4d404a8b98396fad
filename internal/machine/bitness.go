package machine

import (
	"debug/pe"
	"fmt"
	"strings"

	"oxtail/parser/profile"
)

// The widths of programs, in bits.
const (
	bits32 = 32
	bits64 = 64
)

// helperFor chooses the program that can load Outlook's MAPI. Without an Outlook, or
// with one of the same bitness, it is this program.
func helperFor(own, outlook int, program, folder string, exists func(string) (bool, error)) (string, error) {
	if outlook == 0 || outlook == own {
		return program, nil
	}
	helper := folder + fmt.Sprintf(`\oxtail-mapi%d.exe`, outlook)
	if there, err := exists(helper); err != nil || !there {
		return "", fmt.Errorf("no program for the MAPI of Outlook, which has %d bits where this one has %d: put oxtail-mapi%d.exe of the same release beside it, or run the %d-bit oxtail (not at %s)",
			outlook, own, outlook, outlook, helper)
	}
	return helper, nil
}

// officeVersions are the registry names of Outlook 2016 and later, 2013 and 2010: the
// first one that has 64 bits.
func officeVersions() []string { return []string{"16.0", "15.0", "14.0"} }

// Where Office and Windows tell what is installed, below HKEY_LOCAL_MACHINE.
const (
	clickToRun = `SOFTWARE\Microsoft\Office\ClickToRun\Configuration`
	appPaths   = `SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\OUTLOOK.EXE`
)

// outlookBits tells the bitness of Outlook, 0 when none was found: by its own entry,
// which the Office of either width writes in its own view, by Click-to-Run, and by the
// header of OUTLOOK.EXE.
func outlookBits(views []profile.Key, machineOf func(path string) (uint16, error)) int {
	for _, version := range officeVersions() {
		for _, root := range views {
			if bits := bitsOf(localText(root, `SOFTWARE\Microsoft\Office\`+version+`\Outlook`, "Bitness")); bits != 0 {
				return bits
			}
		}
	}
	for _, root := range views {
		if bits := bitsOf(localText(root, clickToRun, "Platform")); bits != 0 {
			return bits
		}
	}
	machine, err := machineOf(outlookPath(views))
	switch {
	case err != nil:
		return 0
	case machine == pe.IMAGE_FILE_MACHINE_I386:
		return bits32
	}
	return bits64
}

// outlookPath is where OUTLOOK.EXE is registered, "" when it is not.
func outlookPath(views []profile.Key) string {
	for _, root := range views {
		if path := strings.Trim(localText(root, appPaths, ""), `"`); path != "" {
			return path
		}
	}
	for _, root := range views {
		if folder := localText(root, clickToRun, "InstallationPath"); folder != "" {
			return strings.TrimRight(folder, `\`) + `\root\Office16\OUTLOOK.EXE`
		}
	}
	return ""
}

// bitsOf reads Microsoft's word for a width.
func bitsOf(word string) int {
	switch strings.ToLower(word) {
	case "x86":
		return bits32
	case "x64":
		return bits64
	}
	return 0
}

// localText reads a text of a hive, "" when it is not there.
func localText(root profile.Key, key, name string) string {
	found, err := profile.Find(root, key)
	if found == nil || err != nil {
		return ""
	}
	values, _ := found.Values() // what can be read
	for _, v := range values {
		if strings.EqualFold(v.Name, name) && (v.Type == profile.TypeString || v.Type == profile.TypeExpand) {
			return profile.DecodeUTF16(v.Data)
		}
	}
	return ""
}
