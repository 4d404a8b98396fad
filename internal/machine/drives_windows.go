package machine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/windows"
)

// FreeBytes is the space that the current user has on the volume of a path.
func (*live) FreeBytes(ctx context.Context, path string) (int64, error) {
	if err := mayUse(ctx, path); err != nil {
		return 0, err
	}
	folder, _, err := existing(path)
	if err != nil {
		return 0, err
	}
	name, err := windows.UTF16PtrFromString(longName(folder))
	if err != nil {
		return 0, fileError("free space", path, err)
	}
	var free, total, all uint64
	if err := windows.GetDiskFreeSpaceEx(name, &free, &total, &all); err != nil {
		return 0, fileError("free space", path, err)
	}
	const most = 1<<63 - 1
	return int64(min(free, most)), nil
}

// existing gives the deepest folder above a path, or the path itself if it is one, that
// is there, and where that really is.
func existing(path string) (folder, real string, err error) {
	for folder = path; ; folder = filepath.Dir(folder) {
		real, err = finalPath(folder)
		if err == nil && isFolder(longName(folder)) {
			return folder, real, nil
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", "", fileError("look at", folder, err)
		}
		if parent := filepath.Dir(folder); parent == folder {
			return "", "", fileError("look at", path, fs.ErrNotExist)
		}
	}
}

// maxFinalPath is the longest path of Windows, in UTF-16 units.
const maxFinalPath = 32_768

// finalPath is where a file or folder really is, links, mounts and substituted drives
// followed, with the prefix of long paths.
func finalPath(path string) (string, error) {
	name, err := windows.UTF16PtrFromString(longName(path))
	if err != nil {
		return "", err
	}
	const share = windows.FILE_SHARE_READ | windows.FILE_SHARE_WRITE | windows.FILE_SHARE_DELETE
	handle, err := windows.CreateFile(name, 0, share, nil, windows.OPEN_EXISTING, windows.FILE_FLAG_BACKUP_SEMANTICS, 0)
	if err != nil {
		return "", err
	}
	defer windows.CloseHandle(handle) // read only: nothing is lost when closing fails
	buf := make([]uint16, maxFinalPath)
	n, err := windows.GetFinalPathNameByHandle(handle, &buf[0], uint32(len(buf)), 0)
	if errors.Is(err, windows.ERROR_MORE_DATA) {
		return finalByParent(path) // Wine has room for 260 characters
	}
	if err != nil {
		return "", err
	}
	return windows.UTF16ToString(buf[:min(int(n), len(buf))]), nil
}

// finalByParent is finalPath of the folder above and the name, if that is no link.
func finalByParent(path string) (string, error) {
	info, err := os.Lstat(longName(path))
	if err != nil {
		return "", err
	}
	if info.Mode()&(fs.ModeSymlink|fs.ModeIrregular) != 0 {
		return "", fmt.Errorf("%s is a link", path)
	}
	above, err := finalPath(filepath.Dir(path))
	return above + `\` + filepath.Base(path), err
}

// IsLocal reports whether a path is on a fixed disk of this computer.
func (*live) IsLocal(ctx context.Context, path string) (bool, error) {
	if err := mayUse(ctx, path); err != nil {
		return false, err
	}
	if strings.HasPrefix(path, `\\`) && !strings.HasPrefix(path, `\\?\`) {
		return false, nil // another computer, which is not asked
	}
	_, real, err := existing(path)
	if err != nil {
		return false, err
	}
	if strings.HasPrefix(real, `\\?\UNC\`) {
		return false, nil
	}
	root, err := windows.UTF16PtrFromString(volume(real))
	if err != nil {
		return false, fileError("find the drive of", path, err)
	}
	switch kind := windows.GetDriveType(root); kind {
	case windows.DRIVE_FIXED:
		return true, nil
	case windows.DRIVE_REMOTE, windows.DRIVE_REMOVABLE, windows.DRIVE_CDROM, windows.DRIVE_RAMDISK:
		return false, nil
	default:
		return false, fmt.Errorf("find the drive of %s: Windows does not know what kind of drive %s is (%d)", path, volume(real), kind)
	}
}

// volume is the root of the drive of a real path.
func volume(real string) string {
	real = strings.TrimPrefix(real, `\\?\`)
	drive, _, _ := strings.Cut(real, `\`)
	return drive + `\`
}
