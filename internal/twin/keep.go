package twin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"oxtail/actions/apply"
	"oxtail/parser/profile"
	"oxtail/parser/winpath"
)

// keptName is the file that tells a folder with a twin from other evidence.
const keptName = "twin.json"

// KeptSchema names the JSON form of what is kept beside the registry and the files.
const KeptSchema = "oxtail.twin/v1"

// kept is what registry and files do not tell.
type kept struct {
	Schema    string                `json:"schema"`
	Identity  apply.Identity        `json:"identity"`
	Now       time.Time             `json:"now"`
	Env       map[string]string     `json:"env"`
	Free      int64                 `json:"free_bytes"`
	Remote    []string              `json:"remote,omitempty"`
	Silent    []string              `json:"silent,omitempty"`
	Processes []Process             `json:"processes,omitempty"`
	Searching bool                  `json:"searching"`
	Made      int                   `json:"services_made"`
	Memory    map[string]keptMemory `json:"memory,omitempty"`
	Files     []keptFile            `json:"files,omitempty"`
}

type keptFile struct {
	Path     string    `json:"path"`
	Bytes    int64     `json:"bytes"`
	Modified time.Time `json:"modified"`
	Born     time.Time `json:"born,omitzero"`
}

type keptMemory struct {
	Service  []profile.Value `json:"service,omitempty"`
	Provider []profile.Value `json:"provider,omitempty"`
}

// Save writes the twin as evidence: profiles.reg, the files below a folder for each drive,
// and twin.json, so that Load makes an equal twin of it. Names use forward slashes. Of
// files whose content is not known only what is known is written.
func (t *Twin) Save(write func(name string, content io.Reader) error) error {
	reg, err := t.Registry()
	if err != nil {
		return err
	}
	if err := write("profiles.reg", bytes.NewReader(reg)); err != nil {
		return err
	}
	k := kept{
		Schema: KeptSchema, Identity: t.who, Now: t.now, Env: t.env, Free: t.free, Remote: t.remote, Silent: t.silent, Searching: t.searching, Made: t.made,
		Memory: map[string]keptMemory{},
	}
	for name, m := range t.memory {
		k.Memory[name] = keptMemory{m.service, m.provider}
	}
	for _, p := range t.alive() {
		k.Processes = append(k.Processes, *p)
	}
	for _, key := range slices.Sorted(maps.Keys(t.files)) {
		f := t.files[key]
		name, ok := diskName(f.path)
		if !ok {
			continue
		}
		if err := write(name, bytes.NewReader(f.data)); err != nil {
			return err
		}
		k.Files = append(k.Files, keptFile{f.path, f.size(t.now), f.modified, f.born})
	}
	data, err := json.MarshalIndent(&k, "", "  ")
	if err != nil {
		return fmt.Errorf("keep the twin: %w", err)
	}
	return write(keptName, bytes.NewReader(append(data, '\n')))
}

// diskName is the name of a file in the folder of a twin that is kept: C/Users/….
func diskName(path string) (string, bool) {
	drive, rest, ok := strings.Cut(path, `:\`)
	if !ok || len(drive) != 1 || strings.ContainsAny(rest, "/:*?\"<>|\x00") {
		return "", false
	}
	for part := range strings.SplitSeq(rest, `\`) {
		if part == "" || part == "." || part == ".." {
			return "", false
		}
	}
	return drive + "/" + strings.ReplaceAll(rest, `\`, "/"), true
}

// configure puts what was kept into the configuration of a twin.
func (k *kept) configure(c *Config) {
	c.Identity, c.Now, c.Env, c.Free, c.Remote, c.Processes = k.Identity, k.Now, maps.Clone(k.Env), k.Free, k.Remote, k.Processes
	if len(c.Silent) == 0 {
		c.Silent = k.Silent
	}
	if c.Env == nil {
		c.Env = map[string]string{}
	}
	c.Files = nil
}

// restore completes a twin that was made of what was kept.
func (k *kept) restore(t *Twin) {
	t.searching, t.made = k.Searching, k.Made
	for name, m := range k.Memory {
		t.memory[name] = remembered{m.Service, m.Provider}
	}
}

// times gives the files of the evidence the times and sizes that were kept.
func (k *kept) times(files []File) map[string]*file {
	out := map[string]*file{}
	for _, f := range files {
		out[pathKey(f.Path)] = newFile(f)
	}
	for _, x := range k.Files {
		f := out[pathKey(x.Path)]
		if f == nil {
			f = newFile(File{Path: winpath.Clean(x.Path)})
			out[pathKey(x.Path)] = f
		}
		f.modified, f.bytes, f.born = x.Modified, max(x.Bytes, int64(len(f.data))), x.Born
	}
	return out
}
