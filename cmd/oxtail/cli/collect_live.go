package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"oxtail/internal/bundle"
	"oxtail/internal/doctor"
	"oxtail/internal/machine"
	"oxtail/internal/redact"
)

// eventWindow is how far back events are taken without --since.
const eventWindow = 14 * 24 * time.Hour

// collectLive adds the running computer: the known places, and a folder with exports of its
// registry and event logs. The function that it returns removes the folder.
func (t *term) collectLive(_ context.Context, opts *bundle.Options) (remove func(), err error) {
	nothing := func() {}
	if runtime.GOOS != "windows" {
		return nothing, withHint(errNotLive, "give a tree that stands for the computer: oxtail collect -o bundle.zip PATH; --help says more")
	}
	folder, err := os.MkdirTemp("", "oxtail-collect-")
	if err != nil {
		return nothing, err
	}
	remove = func() {
		if err := bundle.RemoveFolder(folder); err != nil {
			t.warnf("remove the exports in %s: %v", folder, err)
		}
	}
	reg, err := machine.OpenRegistry(machine.Options{})
	if err != nil {
		return remove, err
	}
	problems, err := bundle.ExportRegistry(reg.Root, folder)
	if err != nil {
		return remove, err
	}
	for _, text := range problems {
		opts.Missing = append(opts.Missing, bundle.Skipped{Path: "registry", Why: text, Fault: true})
	}
	since := opts.Since
	if since.IsZero() {
		since = t.now().Add(-eventWindow)
	}
	for _, channel := range []string{"Application", "OAlerts"} {
		query := fmt.Sprintf("*[System[TimeCreated[@SystemTime>='%s']]]", since.UTC().Format("2006-01-02T15:04:05.000Z"))
		if err := machine.ExportEvents(channel, query, filepath.Join(folder, channel+".evtx")); err != nil {
			opts.Missing = append(opts.Missing, bundle.Skipped{Path: channel, Why: err.Error(), Fault: true})
		}
	}
	opts.Live, opts.Env = true, t.getenv
	opts.Paths = []string{folder}
	opts.Learn = func(c *redact.Case) {
		c.LearnName(redact.User, t.getenv("USERNAME"))
		c.LearnName(redact.Host, t.getenv("COMPUTERNAME"))
		c.LearnName(redact.Org, t.getenv("USERDOMAIN"))
	}
	system, err := bundle.JSON("system.json", t.systemFacts())
	opts.Extra = append(opts.Extra, system)
	return remove, err
}

// systemFacts tells what the environment knows of the computer, for doctor.
func (t *term) systemFacts() *doctor.System {
	now := t.now()
	zone, offset := now.Zone()
	s := &doctor.System{Schema: doctor.SystemSchema}
	s.Computer = doctor.Computer{Name: t.getenv("COMPUTERNAME"), Domain: t.getenv("USERDNSDOMAIN")}
	s.Clock = doctor.Clock{Local: now, Zone: zone, OffsetMin: offset / 60}
	return s
}
