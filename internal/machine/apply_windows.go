package machine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sys/windows"

	"oxtail/actions/apply"
	"oxtail/parser/profile"
)

// live is this computer.
type live struct {
	opts    ApplyOptions
	program string   // path of this program
	bits    int      // of this process
	outlook int      // bitness of Outlook, 0 without one
	state   string   // folder of backups and the journal
	windows *desktop // top-level windows
}

var _ apply.Machine = (*live)(nil)

// This is the computer that the program runs on. The error says why nothing can be
// changed on it.
func This(opts ApplyOptions) (apply.Machine, error) {
	l := &live{opts: opts, bits: helperBits, state: opts.StateFolder, windows: theDesktop()}
	var err error
	if l.program, err = os.Executable(); err != nil {
		return nil, fmt.Errorf("find the path of this program: %w", err)
	}
	if l.opts.Helpers == "" {
		l.opts.Helpers = filepath.Dir(l.program)
	}
	if l.state == "" {
		local, err := windows.KnownFolderPath(windows.FOLDERID_LocalAppData, 0)
		if err != nil {
			return nil, fmt.Errorf("find the folder of local application data: %w", err)
		}
		l.state = filepath.Join(local, "oxtail")
	}
	l.outlook = outlookHere()
	return l, nil
}

// Now is the clock of the computer.
func (*live) Now() time.Time { return time.Now() }

// Wait sleeps for d, or until ctx ends.
func (*live) Wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

// Inventory reads all profiles of the current user anew.
func (*live) Inventory(ctx context.Context) (*profile.Inventory, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r, err := OpenRegistry(Options{})
	if err != nil {
		return nil, err
	}
	inv, err := profile.Read(r.Root, profile.Options{Source: Source, Env: r.Env})
	if err != nil {
		return nil, err
	}
	for _, n := range r.Notes() {
		if n.Lost {
			return nil, fmt.Errorf("%s: %s", n.Place, n.Text)
		}
	}
	return inv, nil
}

// helper gives the program that can load the MAPI of Outlook: this one, or the one of
// the other bitness.
func (l *live) helper() (string, error) {
	return helperFor(l.bits, l.outlook, l.program, l.opts.Helpers, exists)
}

// ask does one thing in a helper. Outlook's own door is the same for both widths.
func (l *live) ask(ctx context.Context, r helperRequest) (*helperAnswer, error) {
	program, err := l.program, error(nil)
	if r.Op != opQuit && r.Op != opSync {
		program, err = l.helper()
	}
	if err != nil {
		return nil, err
	}
	c, err := startChild(program)
	if err != nil {
		return nil, err
	}
	return c.ask(ctx, r, l.limit(r))
}

// limit is the time that a request may take.
func (l *live) limit(r helperRequest) time.Duration {
	switch {
	case r.Dialogs:
		return DialogTime
	case l.opts.HelperTime > 0:
		return l.opts.HelperTime
	}
	return HelperTime
}

// CanMAPI starts MAPI once, and reads the profile table.
func (l *live) CanMAPI(ctx context.Context) error {
	_, err := l.Profiles(ctx)
	return err
}

// Profiles reads MAPI's own list of profiles.
func (l *live) Profiles(ctx context.Context) ([]MAPIProfile, error) {
	answer, err := l.ask(ctx, helperRequest{Op: opProfiles})
	if err != nil {
		return nil, err
	}
	return answer.Profiles, nil
}

// SetDefaultProfile makes a profile the default.
func (l *live) SetDefaultProfile(ctx context.Context, name string) error {
	_, err := l.ask(ctx, helperRequest{Op: opSetDefault, Profile: name})
	return err
}

// Services lists the services of a profile as MAPI does.
func (l *live) Services(ctx context.Context, profileName string) ([]apply.Service, error) {
	answer, err := l.ask(ctx, helperRequest{Op: opServices, Profile: profileName})
	if err != nil {
		return nil, err
	}
	return answer.Services, nil
}

// DeleteService is DeleteMsgService. Its success proves nothing: look afterwards.
func (l *live) DeleteService(ctx context.Context, profileName, uid string) error {
	_, err := l.ask(ctx, helperRequest{Op: opDelete, Profile: profileName, UID: uid})
	return err
}

// CreateService makes a service. When it fails, half of it may be there.
func (l *live) CreateService(ctx context.Context, profileName, service, display string, ui apply.UI) (string, error) {
	answer, err := l.ask(ctx, helperRequest{Op: opCreate, Profile: profileName, Service: service, Display: display, Dialogs: bool(ui)})
	if err != nil {
		return "", err
	}
	if _, err := parseUID(answer.UID); err != nil {
		return "", fmt.Errorf("CreateMsgService: %w", err)
	}
	return answer.UID, nil
}

// errNothing says that a provider would have nothing to go by.
var errNothing = errors.New("ConfigureMsgService needs values, or a dialog")

// ConfigureService sets properties of a service, or lets its provider ask.
func (l *live) ConfigureService(ctx context.Context, profileName, uid string, properties []apply.Property, ui apply.UI) error {
	if len(properties) == 0 && !bool(ui) {
		return errNothing
	}
	_, err := l.ask(ctx, helperRequest{Op: opConfigure, Profile: profileName, UID: uid, Properties: properties, Dialogs: bool(ui)})
	return err
}

// silentServices lists services that need no dialog: their configuration is the
// documented path of a file, or nothing. That of OXSTOR_SVC is not public.
func silentServices() []string { return []string{"MSUPST MS", "MSPST MS", "CONTAB"} }

// CanConfigure reports whether a service is known to need no dialog.
func (l *live) CanConfigure(_ context.Context, service string) bool {
	return slices.Contains(silentServices(), service) || slices.Contains(l.opts.Silent, service)
}

// SendReceiveAll asks a running Outlook to synchronise everything.
func (l *live) SendReceiveAll(ctx context.Context) error {
	_, err := l.ask(ctx, helperRequest{Op: opSync})
	return err
}
