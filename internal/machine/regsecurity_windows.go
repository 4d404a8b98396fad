package machine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// securityOf reads owner, group and access list of a key of the current user.
func securityOf(ctx context.Context, key string) (*windows.SECURITY_DESCRIPTOR, error) {
	if _, err := keyParts(key); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	h, err := registry.OpenKey(registry.CURRENT_USER, key, windows.READ_CONTROL)
	if err != nil {
		return nil, fmt.Errorf(`read the access list of HKCU\%s: %w`, key, err)
	}
	defer h.Close() // read only: nothing is lost when closing fails
	const parts = windows.OWNER_SECURITY_INFORMATION | windows.GROUP_SECURITY_INFORMATION | windows.DACL_SECURITY_INFORMATION
	sd, err := windows.GetSecurityInfo(windows.Handle(h), windows.SE_REGISTRY_KEY, parts)
	if err != nil {
		return nil, fmt.Errorf(`read the access list of HKCU\%s: %w`, key, err)
	}
	return sd, nil
}

// KeySecurity gives owner, group and access list of a key in SDDL.
func (*live) KeySecurity(ctx context.Context, key string) (string, error) {
	sd, err := securityOf(ctx, key)
	if err != nil {
		return "", err
	}
	return sd.String(), nil
}

// CurrentUserOwns reports whether the current user may change a key and no other person
// owns it. Keys of a user's hive often belong to the administrators or the system, which
// made them for the user.
func (*live) CurrentUserOwns(ctx context.Context, key string) (bool, error) {
	sd, err := securityOf(ctx, key)
	if err != nil {
		return false, err
	}
	owner, _, err := sd.Owner()
	if err != nil {
		return false, fmt.Errorf(`find the owner of HKCU\%s: %w`, key, err)
	}
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return false, fmt.Errorf("find out the current user: %w", err)
	}
	if owner != nil && !owner.Equals(user.User.Sid) &&
		!owner.IsWellKnown(windows.WinBuiltinAdministratorsSid) && !owner.IsWellKnown(windows.WinLocalSystemSid) {
		return false, nil
	}
	h, err := registry.OpenKey(registry.CURRENT_USER, key, registry.READ|registry.WRITE|windows.DELETE)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return false, nil
	case err != nil:
		return false, fmt.Errorf(`open HKCU\%s: %w`, key, err)
	}
	return true, h.Close()
}
