package twin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"oxtail/actions/apply"
	"oxtail/parser/profile"
	"oxtail/parser/regfile"
)

// hive is the only hive of a twin.
const hive = "HKEY_CURRENT_USER"

// Config says what a twin begins with.
type Config struct {
	Registry  profile.Key // the user's hive; its subkey is Software. nil is an empty one
	Files     []File
	Identity  apply.Identity
	Now       time.Time
	Env       map[string]string // by upper-case name
	Processes []Process
	Free      int64             // bytes that the disk says are free; 0 is plenty
	Remote    []string          // starts of paths that are not on a local disk, besides \\
	Silent    []string          // services whose providers take their configuration without a dialog
	Mappings  []profile.Mapping // of the user, for properties of providers
}

// A Process of a twin.
type Process struct {
	apply.Process
	Holds   []string  `json:"holds,omitempty"` // files that it has open
	MAPI    bool      `json:"mapi,omitempty"`  // uses the profile
	Yields  apply.How `json:"yields"`          // the mildest way of closing that it obeys; beyond CloseTerminate none
	Service bool      `json:"service,omitempty"`
}

// A Twin is a computer in memory. It is an apply.Machine.
type Twin struct {
	root      *node
	files     map[string]*file
	who       apply.Identity
	now       time.Time
	env       map[string]string
	processes []*Process
	free      int64
	quota     int64 // bytes that can really be written; -1 is no limit
	remote    []string
	silent    []string
	mappings  []profile.Mapping
	security  string
	searching bool // the service WSearch runs
	made      int  // services created so far
	memory    map[string]remembered
	templates map[string]template
	faults    map[string]*fault
	ended     map[uint32]time.Time // processes that are ending, by when they are gone
	calls     []string
	owner     bool
}

var _ apply.Machine = (*Twin)(nil)

// plenty is the free space of a twin whose evidence does not tell.
const plenty = 1 << 40 // bytes

// New makes a twin.
func New(c Config) (*Twin, error) {
	t := &Twin{
		root: &node{}, files: map[string]*file{}, who: c.Identity, now: c.Now, env: maps.Clone(c.Env), free: c.Free, quota: -1, remote: c.Remote,
		silent: c.Silent, mappings: c.Mappings, security: "D:(A;OICI;KA;;;SY)(A;OICI;KA;;;OW)", searching: true, owner: true,
		memory: map[string]remembered{}, templates: map[string]template{}, faults: map[string]*fault{}, ended: map[uint32]time.Time{},
	}
	if c.Registry != nil {
		root, err := copyTree(c.Registry, 0)
		if err != nil {
			return nil, fmt.Errorf("copy the registry: %w", err)
		}
		t.root = root
	}
	if t.env == nil {
		t.env = map[string]string{}
	}
	if t.free == 0 {
		t.free = plenty
	}
	t.who.Simulated = true
	for i := range c.Processes {
		p := c.Processes[i]
		t.processes = append(t.processes, &p)
	}
	for _, f := range c.Files {
		t.files[pathKey(f.Path)] = newFile(f)
	}
	t.learn()
	return t, nil
}

// enter notes a call. It ends early when ctx does.
func (t *Twin) enter(ctx context.Context, call string) error {
	t.calls = append(t.calls, call)
	return ctx.Err()
}

// Identity tells who works on the twin.
func (t *Twin) Identity(ctx context.Context) (apply.Identity, error) {
	return t.who, t.enter(ctx, "Identity")
}

// Now is the twin's clock.
func (t *Twin) Now() time.Time { return t.now }

// Wait moves the clock.
func (t *Twin) Wait(ctx context.Context, d time.Duration) error {
	if err := t.enter(ctx, "Wait"); err != nil {
		return err
	}
	t.now = t.now.Add(d)
	return nil
}

// Inventory reads the profiles.
func (t *Twin) Inventory(ctx context.Context) (*profile.Inventory, error) {
	if err := t.enter(ctx, "Inventory"); err != nil {
		return nil, err
	}
	return t.inventory()
}

func (t *Twin) inventory() (*profile.Inventory, error) {
	return profile.Read(&node{subs: []*node{{name: hive, subs: t.root.subs, values: t.root.values}}}, profile.Options{Source: "twin", Env: t.env, Mappings: t.mappings})
}

// ExportKey writes a key as a .reg file.
func (t *Twin) ExportKey(ctx context.Context, key string, w io.Writer) error {
	if err := t.enter(ctx, "ExportKey"); err != nil {
		return err
	}
	n := t.root.at(key)
	if n == nil {
		return fmt.Errorf("HKCU\\%s does not exist", key)
	}
	return regfile.Write(w, hive+`\`+key, n)
}

// RestoreKey makes a key as it was exported.
func (t *Twin) RestoreKey(ctx context.Context, key string, reg []byte) error {
	if err := t.enter(ctx, "RestoreKey"); err != nil {
		return err
	}
	f, err := regfile.Parse(reg)
	if err != nil {
		return err
	}
	if len(f.Problems) > 0 || len(f.Deletions) > 0 {
		return fmt.Errorf("the export of HKCU\\%s is damaged", key)
	}
	at := f.Root()
	for _, name := range strings.Split(hive+`\`+key, `\`) {
		if at, err = onlyKey(at, name); err != nil {
			return err
		}
	}
	n, err := copyTree(at, 0)
	if err != nil {
		return err
	}
	old := t.root.make(key)
	old.subs, old.values = n.subs, n.values
	return nil
}

// onlyKey goes down to a key that must be all that there is.
func onlyKey(at profile.Key, name string) (profile.Key, error) {
	subs, err := at.Subkeys()
	if err != nil {
		return nil, err
	}
	if len(subs) != 1 || !strings.EqualFold(subs[0].Name(), name) {
		return nil, fmt.Errorf("the export holds keys other than %s", name)
	}
	return subs[0], nil
}

// KeySecurity gives a made-up access list.
func (t *Twin) KeySecurity(ctx context.Context, key string) (string, error) {
	if err := t.enter(ctx, "KeySecurity"); err != nil {
		return "", err
	}
	if t.root.at(key) == nil {
		return "", fmt.Errorf("HKCU\\%s does not exist", key)
	}
	return t.security, nil
}

// CurrentUserOwns says yes, unless a test says otherwise.
func (t *Twin) CurrentUserOwns(ctx context.Context, key string) (bool, error) {
	if err := t.enter(ctx, "CurrentUserOwns"); err != nil {
		return false, err
	}
	if t.root.at(key) == nil {
		return false, fmt.Errorf("HKCU\\%s does not exist", key)
	}
	return t.owner, nil
}

// Registry writes the whole registry, for comparisons and to keep the twin.
func (t *Twin) Registry() ([]byte, error) {
	var out bytes.Buffer
	err := regfile.Write(&out, hive, t.root)
	return out.Bytes(), err
}

// StateFolder is where a real computer has it.
func (t *Twin) StateFolder() string { return t.Expand(`%LOCALAPPDATA%\oxtail`) }

// Expand puts in the values of the variables; unknown ones stay.
func (t *Twin) Expand(path string) string {
	var out strings.Builder
	for {
		from := strings.IndexByte(path, '%')
		if from < 0 {
			return out.String() + path
		}
		length := strings.IndexByte(path[from+1:], '%')
		if length < 0 {
			return out.String() + path
		}
		to := from + 1 + length
		if value, known := t.env[strings.ToUpper(path[from+1:to])]; known {
			out.WriteString(path[:from] + value)
			path = path[to+1:]
			continue
		}
		out.WriteString(path[:to]) // its second sign may begin the next variable
		path = path[to:]
	}
}

// Calls lists the calls so far, by name.
func (t *Twin) Calls() []string { return slices.Clone(t.calls) }

// SetOwner says whether the user owns the keys of the profiles.
func (t *Twin) SetOwner(owns bool) { t.owner = owns }

// SetIdentity makes it somebody else's computer.
func (t *Twin) SetIdentity(who apply.Identity) { t.who = who; t.who.Simulated = true }

// Edit changes the registry as another program would: the values of an export are put
// beside those that there are, and its deletions are carried out.
func (t *Twin) Edit(reg []byte) error {
	f, err := regfile.Parse(reg)
	if err != nil {
		return err
	}
	for _, d := range f.Deletions {
		at := strings.LastIndexByte(d.Key, '\\')
		parent := t.root.at(strings.TrimPrefix(d.Key[:at], hive+`\`))
		if parent == nil || d.Value != "" {
			return errors.New("twin: only whole keys can be deleted")
		}
		parent.remove(d.Key[at+1:])
	}
	add, err := copyTree(f.Root(), 0)
	if err != nil {
		return err
	}
	if user := add.sub(hive); user != nil {
		overlay(t.root, user)
	}
	t.learn()
	return nil
}

// overlay puts the values of a tree over those of another.
func overlay(n, from *node) {
	for _, v := range from.values {
		n.values = slices.DeleteFunc(n.values, func(x profile.Value) bool { return strings.EqualFold(x.Name, v.Name) })
		n.values = append(n.values, v)
	}
	for _, s := range from.subs {
		overlay(n.make(s.name), s)
	}
}
