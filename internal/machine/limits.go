package machine

// Limits of reading the live registry.
const (
	// MaxDepth is how deep keys may be nested: as deep as the registry allows, and as
	// the readers of .reg files and hives go. A link that leads back up ends there.
	MaxDepth = 512
	// MaxValues bounds the values of one key; a profile reader takes 4096 of them.
	MaxValues = 65_536
	// MaxKeyBytes bounds the data of one key's values. A value may have megabytes.
	MaxKeyBytes = 128 << 20
	// MaxHiveBytes bounds one NTUSER.DAT or transaction log; usual ones have 1 to 50 MB.
	MaxHiveBytes = 512 << 20
	// MaxUsers bounds the users of one computer; a terminal server has hundreds.
	MaxUsers = 1024
	// MaxNotes bounds the notes; the rest is counted in the last one.
	MaxNotes = 1000
)
