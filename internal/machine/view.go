package machine

// View chooses which half of HKEY_LOCAL_MACHINE\Software a key shows on 64-bit Windows:
// programs of the two widths have their own. It does not matter in HKEY_CURRENT_USER
// and HKEY_USERS, whose Software both widths share, nor on 32-bit Windows.
type View uint32

// The views, with the bits that the registry takes when a key is opened.
const (
	View64 View = 0x100
	View32 View = 0x200
)
