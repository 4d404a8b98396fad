package cli

import (
	"errors"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"

	"oxtail/internal/sentry"
	"oxtail/internal/tail"
	"oxtail/internal/watch"
)

// sentryFlags say which profiles and cache files are watched beside the logs.
type sentryFlags struct {
	evidence evidenceFlags
	off      bool
	allUsers bool
}

func (f *sentryFlags) add(cmd *cobra.Command) {
	f.evidence.add(cmd)
	flags := cmd.Flags()
	flags.Lookup("profiles").Usage = "watch a registry export, hive or `folder` with profiles and cache files, too; may be repeated"
	flags.BoolVar(&f.off, "no-profiles", false, "on Windows: do not watch the profiles and cache files of this computer")
	flags.BoolVar(&f.allUsers, "all-users", false, "on Windows: watch the profiles of all users of the computer; for administrators")
}

// live reports whether the profiles of this computer are watched.
func (f *sentryFlags) live() bool { return runtime.GOOS == "windows" && !f.off }

// any reports whether any profiles are watched.
func (f *sentryFlags) any() bool { return f.live() || len(f.evidence.profiles) > 0 }

// feeds returns what watches the profiles and cache files: those of this computer on
// Windows, and those of the paths that were named.
func (f *sentryFlags) feeds(t *term, state string, warn func(string)) (feeds []watch.Feed, done func(), err error) {
	opts, err := f.evidence.options()
	if err != nil {
		return nil, nil, err
	}
	if f.allUsers && !f.live() {
		return nil, nil, errors.New("--all-users is for the profiles of a running Windows computer")
	}
	bell := sentry.NewBell()
	if f.live() {
		if err := bell.ListenRegistry(); err != nil {
			warn(err.Error() + "; the profiles are looked at from time to time only")
		}
		look := &sentry.Thrifty{Full: &sentry.Computer{AllUsers: f.allUsers, Options: opts}, Changed: bell.Changed}
		feeds = append(feeds, sentry.New(sentry.Options{Look: look, Now: t.now, Waker: bell, Memory: memoryIn(state, "sentry.json"), Warn: warn}))
		t.sayf("watching the profiles and cache files of this computer")
	}
	if len(f.evidence.profiles) > 0 {
		look := &sentry.Thrifty{Full: &sentry.Folders{Paths: f.evidence.profiles, Options: opts}, Paths: f.evidence.profiles}
		feeds = append(feeds, sentry.New(sentry.Options{Look: look, Now: t.now, Waker: tail.Timer{}, Memory: memoryIn(state, "sentry-paths.json"), Warn: warn}))
		for _, path := range f.evidence.profiles {
			t.sayf("watching the profiles and cache files in %s", path)
		}
	}
	return feeds, bell.Close, nil
}

// memoryIn names a file in the state folder, "" when there is none.
func memoryIn(state, name string) string {
	if state == "" {
		return ""
	}
	return filepath.Join(state, name)
}
