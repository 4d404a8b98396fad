package profile

// Limits of one Read. A tree beyond them is read up to the limit and gets a
// problem of id PRF021.
const (
	// MaxUsers bounds the user roots of one tree; a terminal server has hundreds.
	MaxUsers = 1024
	// MaxProfiles bounds the profiles below one root key; 500 have been asked for.
	MaxProfiles = 4096
	// MaxSections bounds the subkeys of one profile; real ones have about 50.
	MaxSections = 8192
	// MaxSectionValues bounds the values that are looked at in one section.
	MaxSectionValues = 4096
	// MaxTextBytes bounds one decoded text; Windows paths end at 64 KiB.
	MaxTextBytes = 128 << 10
	// MaxListItems bounds the members of a multi-valued property or UID list.
	MaxListItems = 4096
	// MaxProblems bounds the problems of one profile; the rest is counted.
	MaxProblems = 1000
	// MaxFactsPerService bounds what one provider's sections may tell.
	MaxFactsPerService = 256
)
