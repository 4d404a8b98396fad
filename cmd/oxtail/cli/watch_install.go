package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"oxtail/internal/report"
	"oxtail/internal/service"
)

// serviceFlags say which installed watch is meant.
type serviceFlags struct {
	name    string
	system  bool
	service bool
}

func (f *serviceFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.name, "name", "", "`name` of the unit, task or service (default "+service.DefaultName+", of a task with the user's name)")
	flags.BoolVar(&f.system, "system", false, "a systemd unit of the computer, not of the user (Linux)")
	flags.BoolVar(&f.service, "service", false, "a Windows service, not a scheduled task of the user (Windows)")
}

// kind tells what is meant on this system.
func (f *serviceFlags) kind() (service.Kind, error) {
	windows := runtime.GOOS == "windows"
	switch {
	case f.system && f.service:
		return "", errors.New("--system and --service contradict each other")
	case windows && f.system:
		return "", withHint(errors.New("--system is for systemd, which Windows has not"), "use --service")
	case !windows && f.service:
		return "", withHint(errors.New("--service is for Windows"), "use --system for a unit of the computer")
	case f.service:
		return service.WinService, nil
	case windows:
		return service.UserTask, nil
	case f.system:
		return service.SystemUnit, nil
	}
	return service.UserUnit, nil
}

// open returns the manager and the name that are meant.
func (f *serviceFlags) open(t *term) (service.Manager, service.Kind, string, error) {
	kind, err := f.kind()
	if err != nil {
		return nil, "", "", err
	}
	name := f.name
	if name == "" {
		name = service.NameFor(kind, t.getenv)
	}
	if err := service.CheckName(name); err != nil {
		return nil, "", "", err
	}
	m, err := service.New(kind, t.getenv)
	return m, kind, name, err
}

// installFlags are the flags of install beside those of watch.
type installFlags struct {
	serviceFlags
	now    bool
	dryRun bool
	runAs  string
}

const serviceChoice = `On Linux it is a systemd unit of the user, which runs while the user is logged in; with --system
it is one of the computer, which reads the logs of all users. On Windows it is a scheduled task
that runs from the user's logon on, with the user's rights: logs, mail profiles and the screen
for pop-ups belong to the user, so this is right for a workstation. With --service it is a
Windows service: it runs without anybody logged in and reads the logs of all users, but sees
their profiles with --all-users only and has no screen, so it is right for servers. It needs an
administrator.
`

// newWatchInstall takes the command watch, whose flags it takes over, and what checks them.
func newWatchInstall(t *term, watch *cobra.Command, check func(context.Context) error) *cobra.Command {
	f := &installFlags{}
	cmd := &cobra.Command{
		Use:   "install [PATH…]",
		Short: "Keep a watch running: systemd unit, scheduled task or Windows service",
		Long: `Registers a watch that the system starts by itself. All flags of oxtail watch are taken over
into it, with absolute paths. Installing again brings it up to date. Without --state the state
is kept in a folder of its own, which is told.

` + serviceChoice + `
--dry-run shows what would be registered. Without --now it starts with the next logon, or the
next start of the computer.

` + exitHelp,
		Example: "  oxtail watch install --now --state ~/watch.d '/var/log/ox/*.log'\n  oxtail watch install --dry-run --service 'C:\\Users\\*\\AppData\\Local\\OXSTORE2\\oxtstore_*.log'\n  oxtail watch install --webhook https://chat.example/hook --webhook-secret-file secret.txt",
	}
	f.add(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&f.now, "now", false, "start it at once, anew if it runs")
	flags.BoolVar(&f.dryRun, "dry-run", false, "show what would be registered, and do nothing")
	flags.StringVar(&f.runAs, "run-as", "", "`user` that a unit of the computer runs as (default root, which may only read; Linux)")
	flags.AddFlagSet(watch.Flags())
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := check(cmd.Context()); err != nil {
			return err
		}
		return runWatchInstall(cmd.Context(), t, f, cmd.Flags(), watch.Flags(), args)
	}
	return cmd
}

func runWatchInstall(ctx context.Context, t *term, f *installFlags, flags, watch *pflag.FlagSet, paths []string) error {
	m, kind, name, err := f.open(t)
	if err != nil {
		return err
	}
	spec, err := f.spec(t, kind, name, flags, watch, paths)
	if err != nil {
		return err
	}
	text, err := m.Describe(spec)
	if err != nil {
		return err
	}
	if f.dryRun {
		return t.print(text)
	}
	note, err := service.PrepareState(kind, spec.State, f.runAs)
	if err != nil {
		return mayHint(err)
	}
	if note != "" {
		t.warnf("%s", note)
	}
	o, err := m.Install(ctx, spec, f.now)
	t.warnExposed(kind, spec, flags)
	return t.tellOutcome(o, err, "state:     "+spec.State, text)
}

// spec is the watch that is to be installed.
func (f *installFlags) spec(t *term, kind service.Kind, name string, flags, watch *pflag.FlagSet, paths []string) (service.Spec, error) {
	s := service.Spec{Name: name, User: f.runAs}
	var err error
	if s.Program, err = os.Executable(); err != nil {
		return s, fmt.Errorf("find the program: %w", err)
	}
	if err := absoluteFlags(flags, watch); err != nil {
		return s, err
	}
	if s.State = flags.Lookup("state").Value.String(); s.State == "" {
		if s.State, err = service.DefaultState(kind, name, t.getenv); err != nil {
			return s, err
		}
	}
	if err := f.checkPaths(t, kind, flags, paths); err != nil {
		return s, err
	}
	args := append(flagArgs(flags, watch), "--state="+s.State)
	if len(paths) > 0 {
		args = append(args, "--")
	}
	for _, path := range paths {
		if path, err = filepath.Abs(path); err != nil {
			return s, err
		}
		args = append(args, path)
	}
	s.Writable = writable(flags)
	switch kind {
	case service.UserTask, service.WinService:
		as := "task"
		if kind == service.WinService {
			as = "service"
		} else if s.User, err = service.CurrentUser(); err != nil {
			return s, err
		}
		s.Args = []string{"watch", "service-run", "--as=" + as, "--name=" + name, "--log=" + filepath.Join(s.State, "service.log"), "--"}
	default:
		s.Args = []string{"watch"}
	}
	s.Args = append(s.Args, args...)
	return s, nil
}

// checkPaths refuses what cannot work once nobody looks.
func (f *installFlags) checkPaths(t *term, kind service.Kind, flags *pflag.FlagSet, paths []string) error {
	computer := kind == service.SystemUnit || kind == service.WinService
	switch {
	case f.runAs != "" && kind != service.SystemUnit:
		return errors.New("--run-as needs --system")
	case computer && len(paths) == 0:
		return withHint(errors.New("a watch of the computer has no known places, since those are the places of a user"), "name the logs: oxtail watch install PATH")
	case kind == service.WinService && isSet(flags, "toast"):
		return withHint(errors.New("a service has no screen for --toast"), "use --event-log, or leave out --service")
	case len(paths) == 0:
		_, err := t.watchedPaths(nil)
		return err
	}
	return nil
}

func isSet(flags *pflag.FlagSet, name string) bool {
	f := flags.Lookup(name)
	return f != nil && f.Value.String() == "true"
}

// pathFlags are the flags of watch whose values are paths. A test holds the list against
// the flags.
func pathFlags() []string {
	return []string{"state", "output", "index", "webhook-secret-file", "formats", "rules", "exec", "profiles", "mappings", "level-tuning"}
}

// absoluteFlags makes the paths of flags absolute: what keeps the watch running starts it
// in another folder.
func absoluteFlags(flags, watch *pflag.FlagSet) error {
	var failed error
	flags.Visit(func(x *pflag.Flag) {
		if watch.Lookup(x.Name) == nil || !slices.Contains(pathFlags(), x.Name) || failed != nil {
			return
		}
		if list, ok := x.Value.(pflag.SliceValue); ok {
			values := list.GetSlice()
			for i := range values {
				if values[i], failed = absolute(x.Name, values[i]); failed != nil {
					return
				}
			}
			failed = list.Replace(values)
			return
		}
		value, err := absolute(x.Name, x.Value.String())
		if failed = err; err == nil {
			failed = x.Value.Set(value)
		}
	})
	return failed
}

// absolute makes one path absolute. A program is looked for now: the search path is
// another one later.
func absolute(flag, path string) (string, error) {
	switch {
	case path == "" || flag == "index" && path == "default":
		return path, nil
	case flag == "exec":
		if found := service.Find(path); found != "" {
			path = found
		}
	}
	return filepath.Abs(path)
}

// flagArgs writes the flags of watch that were given as arguments, but for the state.
func flagArgs(flags, watch *pflag.FlagSet) []string {
	var out []string
	flags.Visit(func(x *pflag.Flag) {
		if watch.Lookup(x.Name) == nil || x.Name == "state" {
			return
		}
		values := []string{x.Value.String()}
		switch v := x.Value.(type) {
		case pflag.SliceValue:
			values = v.GetSlice()
		case *size:
			values[0] = strconv.FormatInt(int64(*v), 10) // its text is rounded
		}
		for _, value := range values {
			out = append(out, "--"+x.Name+"="+value)
		}
	})
	return out
}

// writable lists the folders and files that outputs write to.
func writable(flags *pflag.FlagSet) []string {
	var out []string
	for _, name := range []string{"output", "index"} {
		x := flags.Lookup(name)
		if x == nil || x.Value.String() == "" || x.Value.String() == "default" {
			continue
		}
		path := x.Value.String()
		if name == "output" {
			path = filepath.Dir(path) // rotated files lie beside
		}
		out = append(out, path)
	}
	return out
}

// warnExposed tells what others of the computer could do with what was installed.
func (t *term) warnExposed(kind service.Kind, spec service.Spec, flags *pflag.FlagSet) {
	if kind == service.WinService && service.Exposed(spec.Program) {
		t.warnf("%s may be replaced by people who are no administrators, and the service runs it as the system", spec.Program)
		t.hintf("put oxtail into a folder below C:\\Program Files and install again")
	}
	if x := flags.Lookup("webhook"); x != nil && x.Value.String() != "" && (kind == service.WinService || kind == service.SystemUnit) {
		t.warnf("every user of this computer can read the address of the webhook in what was registered")
	}
}

// print writes to standard output.
func (t *term) print(text string) error {
	return t.output("", func(w io.Writer, _ bool) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

// tellOutcome tells what was done, then what is left to do.
func (t *term) tellOutcome(o service.Outcome, err error, more ...string) error {
	var b strings.Builder
	if o.Change != "" {
		fmt.Fprintf(&b, "%s: %s\n", report.Plain(o.What), o.Change)
	}
	if o.Path != "" && o.Change != "" && o.Change != service.Absent {
		fmt.Fprintf(&b, "file:      %s\n", report.Plain(o.Path))
	}
	for _, c := range o.Ran {
		fmt.Fprintf(&b, "ran:       %s\n", report.Plain(service.Line(c)))
	}
	if o.Change != "" {
		for _, text := range more {
			fmt.Fprintf(&b, "%s\n", strings.TrimRight(text, "\r\n"))
		}
	}
	if e := t.print(b.String()); e != nil {
		return e
	}
	for _, n := range o.Notes {
		t.sayf("%s", n)
	}
	for i := range o.ToRun {
		if err == nil {
			t.hintf("run: %s", service.Line(o.ToRun[i]))
		} else { // the hint that is added last is told first
			err = withHint(err, "left to run: "+service.Line(o.ToRun[len(o.ToRun)-1-i]))
		}
	}
	if errors.Is(err, service.ErrNotInstalled) {
		err = withHint(err, "install it: oxtail watch install; --name, --system and --service say which one is meant")
	}
	return mayHint(err)
}

// mayHint names the remedy when the system does not let us.
func mayHint(err error) error {
	switch {
	case !errors.Is(err, os.ErrPermission):
		return err
	case runtime.GOOS == "windows":
		return withHint(err, "open a window as administrator and run it there")
	}
	return withHint(err, "run it as root, for instance with sudo, or leave out --system")
}

func newWatchUninstall(t *term) *cobra.Command {
	return newWatchDo(t, "uninstall", "Stop an installed watch and take it away", `Stops a watch that was installed and takes its unit, task or service away. Its state folder
stays, so that a later watch can go on. That there is none is no fault.`, service.Manager.Uninstall)
}

func newWatchStart(t *term) *cobra.Command {
	return newWatchDo(t, "start", "Start an installed watch", `Starts a watch that was installed. One that runs goes on.`, service.Manager.Start)
}

func newWatchStop(t *term) *cobra.Command {
	return newWatchDo(t, "stop", "Stop an installed watch", `Stops a watch that was installed. It saves its state. A unit and a service start again with
the next logon or the next start of the computer, a task when it is started.`, service.Manager.Stop)
}

// newWatchDo is a command that does one thing with an installed watch.
func newWatchDo(t *term, word, short, long string, do func(service.Manager, context.Context, string) (service.Outcome, error)) *cobra.Command {
	f := &serviceFlags{}
	cmd := &cobra.Command{
		Use: word, Short: short, Args: noArgs,
		Long:    long + "\n\n" + serviceChoice + "\n" + exitHelp,
		Example: "  oxtail watch " + word + "\n  oxtail watch " + word + " --name mail --system",
		RunE: func(cmd *cobra.Command, _ []string) error {
			m, _, name, err := f.open(t)
			if err != nil {
				return err
			}
			o, err := do(m, cmd.Context(), name)
			return t.tellOutcome(o, err)
		},
	}
	f.add(cmd)
	return cmd
}
