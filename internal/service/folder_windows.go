package service

import (
	"fmt"
	"os"

	"golang.org/x/sys/windows"
)

// serviceFolder lets the system and administrators into the state folder of a service,
// and nobody else: it quotes logs, and whoever could put links into it could make the
// system write elsewhere. Everybody may make folders where it lies.
const serviceFolder = "O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)"

// PrepareState makes the state folder. The note says what could not be made tight.
func PrepareState(kind Kind, path, _ string) (note string, err error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return "", err
	}
	if kind != WinService {
		return "", nil
	}
	if err := shut(path); err != nil {
		return fmt.Sprintf("other users may read and change the state folder %s: %v", path, err), nil
	}
	return "", nil
}

// shut sets owner and access list of a folder.
func shut(path string) error {
	sd, err := windows.SecurityDescriptorFromString(serviceFolder)
	if err != nil {
		return err
	}
	owner, _, err := sd.Owner()
	if err != nil {
		return err
	}
	dacl, _, err := sd.DACL()
	if err != nil {
		return err
	}
	const what = windows.OWNER_SECURITY_INFORMATION | windows.DACL_SECURITY_INFORMATION | windows.PROTECTED_DACL_SECURITY_INFORMATION
	return windows.SetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, what, owner, nil, dacl, nil)
}
