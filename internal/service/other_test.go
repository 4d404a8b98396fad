//go:build !windows

package service

import (
	"os"
	"os/user"
	"path/filepath"
	"syscall"
	"testing"
)

// TestPrepareState: the folder belongs to the user that the watch runs as, and to nobody
// else; a user that is not there is an error before anything is made.
func TestPrepareState(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	if _, err := PrepareState(SystemUnit, dir, "no-such-user-here"); err == nil {
		t.Error("a folder for a user that is not there")
	}
	if _, err := os.Stat(filepath.Dir(dir)); err == nil {
		t.Error("the folder was made for nobody")
	}
	owner, want := "", os.Getuid()
	if want == 0 {
		if u, err := user.Lookup("nobody"); err == nil {
			owner = u.Username
			want = 65534
		}
	}
	if _, err := PrepareState(SystemUnit, dir, owner); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	if st := info.Sys().(*syscall.Stat_t); int(st.Uid) != want || info.Mode().Perm() != 0o700 {
		t.Errorf("folder of user %d, mode %o; want %d, 700", st.Uid, info.Mode().Perm(), want)
	}
}
