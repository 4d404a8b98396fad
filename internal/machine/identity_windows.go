package machine

import (
	"context"
	"debug/pe"
	"errors"
	"fmt"

	"golang.org/x/sys/windows"

	"oxtail/actions/apply"
	"oxtail/parser/profile"
)

// Identity tells who works on this computer.
func (l *live) Identity(ctx context.Context) (apply.Identity, error) {
	if err := ctx.Err(); err != nil {
		return apply.Identity{}, err
	}
	token := windows.GetCurrentProcessToken()
	user, err := token.GetTokenUser()
	if err != nil {
		return apply.Identity{}, fmt.Errorf("find out the current user: %w", err)
	}
	id := apply.Identity{SID: user.User.Sid.String(), User: accountName(user.User.Sid), Elevated: token.IsElevated(), Bits: l.bits, Outlook: l.outlook}
	if id.Computer, err = windows.ComputerName(); err != nil {
		return apply.Identity{}, fmt.Errorf("find out the computer's name: %w", err)
	}
	if err := windows.ProcessIdToSessionId(windows.GetCurrentProcessId(), &id.Session); err != nil {
		return apply.Identity{}, fmt.Errorf("find out the Windows session: %w", err)
	}
	return id, nil
}

// accountName is DOMAIN\name of a SID, or the SID where Windows knows no name.
func accountName(sid *windows.SID) string {
	name, domain, _, err := sid.LookupAccount("")
	switch {
	case err != nil:
		return sid.String()
	case domain == "":
		return name
	}
	return domain + `\` + name
}

// views are both halves of HKEY_LOCAL_MACHINE.
func views() []profile.Key {
	var out []profile.Key
	for _, view := range []View{View64, View32} {
		if root, err := LocalMachine(view); err == nil {
			out = append(out, root)
		}
	}
	return out
}

// outlookHere is the bitness of the installed Outlook, 0 without one.
func outlookHere() int { return outlookBits(views(), machineOf) }

// errNoOutlook says that Windows does not know where Outlook is.
var errNoOutlook = errors.New("no Outlook is registered on this computer")

// machineOf reads for which processor a program was made.
func machineOf(path string) (uint16, error) {
	if path == "" {
		return 0, errNoOutlook
	}
	in, err := openShared(path)
	if err != nil {
		return 0, err
	}
	defer in.Close() // read only: nothing is lost when closing fails
	file, err := pe.NewFile(in)
	if err != nil {
		return 0, fmt.Errorf("read %s: %w", path, err)
	}
	return file.Machine, nil
}
