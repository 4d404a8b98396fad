package checks

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A Kind is a kind of probe.
type Kind string

// The kinds of probes.
const (
	Registry  Kind = "registry"   // a value, or the presence of a key
	Uninstall Kind = "uninstall"  // version of an installed program, by its name
	File      Kind = "file"       // version, machine or presence of a file
	Service   Kind = "service"    // account or state of services, by name
	Group     Kind = "group"      // groups of the service account
	Domain    Kind = "domain"     // of the computer
	Process   Kind = "process"    // running programs
	Office    Kind = "office"     // what Office is installed
	Windows   Kind = "windows"    // the operating system
	Outlook   Kind = "outlook"    // traces of Outlook, installed or left over
	Disk      Kind = "disk"       // free space where the caches lie
	Cache     Kind = "cache"      // places, leftovers and damage of cache files
	StoreSize Kind = "store-size" // stores against the limits that hold for them
	Profile   Kind = "profile"    // what mail profiles say
	Provider  Kind = "provider"   // DLLs of the services in profiles
	Clock     Kind = "clock"      // how far the clock is off
	Log       Kind = "log"        // codes and rules in logs
	Exchange  Kind = "exchange"   // versions of Exchange servers
	XML       Kind = "xml"        // a configured entry in a configuration file
	Setting   Kind = "setting"    // a value of the user's configuration
)

// A Probe asks the evidence for values.
type Probe struct {
	Kind   Kind
	Key    string   // registry: the key; * stands for any subkey. file: where the file's path stands
	Value  string   // registry: the value's name, "" for the default value, * for all; see HasValue
	View   string   // registry: 64, 32 or both
	Shared bool     // registry: both views show one key on Windows 7 and later
	Name   string   // uninstall, service: part of the name; xml: name of the file; setting: name
	Field  string   // what is asked
	Names  []string // file, process: base names
	Codes  []string // log
	Rules  []string // log: ids of rules
	Logs   []string // log: formats, by the beginning of their names, that must have been read; empty means any
	SIDs   []string // group: last number of the group's SID
	Factor int      // disk: times the size of the cache
	Bits   int      // file: asked only when Outlook has so many bits; 0 means always
	Line   int

	HasValue bool // registry: a value is asked for, not the key itself
}

// probeArgs names the arguments of each kind, those that must be there first.
func probeArgs() map[Kind]struct{ must, may []string } {
	type args = struct{ must, may []string }
	return map[Kind]args{
		Registry:  {[]string{"key"}, []string{"value", "view", "shared"}},
		Uninstall: {[]string{"name"}, []string{"field"}},
		File:      {nil, []string{"names", "field", "key", "value", "view", "bits"}},
		Service:   {[]string{"name", "field"}, nil},
		Group:     {[]string{"sids"}, nil},
		Domain:    {nil, nil},
		Process:   {nil, []string{"names", "field"}},
		Office:    {[]string{"field"}, nil},
		Windows:   {[]string{"field"}, nil},
		Outlook:   {nil, nil},
		Disk:      {[]string{"factor"}, nil},
		Cache:     {[]string{"field"}, nil},
		StoreSize: {nil, nil},
		Profile:   {[]string{"field"}, nil},
		Provider:  {[]string{"field"}, nil},
		Clock:     {nil, nil},
		Log:       {nil, []string{"codes", "rules", "logs", "field"}},
		Exchange:  {nil, []string{"field"}},
		XML:       {[]string{"name", "field"}, nil},
		Setting:   {[]string{"name"}, nil},
	}
}

// fieldWords names the fields that a kind knows.
func fieldWords() map[Kind][]string {
	return map[Kind][]string{
		Uninstall: {"version", "name"},
		File:      {"exists", "present", "version", "build", "machine"},
		Service:   {"account", "state"},
		Process:   {"running", "elevation", "bits", "holders"},
		Office:    {"summary", "bits"},
		Windows:   {"summary", "updates", "join"},
		Cache:     {"exists", "place", "leftovers", "damage", "remote", "corrupt", "pending", "names"},
		Profile:   {"summary", "ost", "delivery", "cached-mode", "default", "duplicates", "problems", "access", "deleted", "picked"},
		Provider:  {"registered", "bits", "exists"},
		Log:       {"count", "clean", "damage"},
		Exchange:  {"version", "release", "logs"},
		XML:       {"entry"},
	}
}

// UnmarshalYAML reads "registry: {key: …, value: …}".
func (p *Probe) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode || len(n.Content) != 2 {
		return fmt.Errorf("line %d: a probe is one kind with its arguments, such as registry: {key: …}", n.Line)
	}
	p.Kind, p.Line = Kind(n.Content[0].Value), n.Line
	known, ok := probeArgs()[p.Kind]
	if !ok {
		return fmt.Errorf("line %d: unknown probe %q; want one of %s", n.Line, p.Kind, joined(slices.Sorted(maps.Keys(probeArgs()))))
	}
	args := n.Content[1]
	if args.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: the arguments of %s must be a map", args.Line, p.Kind)
	}
	given := map[string]bool{}
	for i := 0; i+1 < len(args.Content); i += 2 {
		name, value := args.Content[i], args.Content[i+1]
		if !slices.Contains(known.must, name.Value) && !slices.Contains(known.may, name.Value) {
			return fmt.Errorf("line %d: unknown argument %q of probe %s; it takes %s", name.Line, name.Value, p.Kind,
				strings.Join(append(slices.Clone(known.must), known.may...), ", "))
		}
		if given[name.Value] {
			return fmt.Errorf("line %d: argument %q of probe %s stands twice", name.Line, name.Value, p.Kind)
		}
		given[name.Value] = true
		if err := p.set(name.Value, value); err != nil {
			return fmt.Errorf("line %d: argument %s of probe %s: %w", value.Line, name.Value, p.Kind, err)
		}
	}
	for _, name := range known.must {
		if !given[name] {
			return fmt.Errorf("line %d: probe %s needs %s", n.Line, p.Kind, name)
		}
	}
	return nil
}

// set takes one argument.
func (p *Probe) set(name string, value *yaml.Node) error {
	switch name {
	case "key":
		return value.Decode(&p.Key)
	case "value":
		p.HasValue = true
		return value.Decode(&p.Value)
	case "view":
		p.View = value.Value
		if !slices.Contains([]string{"64", "32", "both"}, p.View) {
			return fmt.Errorf("unexpected %q; want 64, 32 or both", p.View)
		}
	case "shared":
		return value.Decode(&p.Shared)
	case "name":
		return value.Decode(&p.Name)
	case "field":
		p.Field = value.Value
		if words := fieldWords()[p.Kind]; !slices.Contains(words, p.Field) {
			return fmt.Errorf("unexpected %q; want one of %s", p.Field, joined(words))
		}
	case "names":
		return value.Decode(&p.Names)
	case "codes":
		return value.Decode(&p.Codes)
	case "rules":
		return value.Decode(&p.Rules)
	case "logs":
		return value.Decode(&p.Logs)
	case "sids":
		return value.Decode(&p.SIDs)
	case "bits":
		return value.Decode(&p.Bits)
	case "factor":
		return value.Decode(&p.Factor)
	}
	return nil
}

func joined[T ~string](words []T) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = string(w)
	}
	return strings.Join(out, ", ")
}

// Evidence answers probes.
type Evidence interface {
	Observe(p Probe) Observation
}

// An Observation is what the evidence says to a probe.
type Observation struct {
	Values  []Value
	Covered bool     // the evidence covers every place where a value could be
	Remarks []string // what to add to the result
	Settles []string // what evidence would tell more, when not Covered
}

// A Value is one thing that a probe found.
type Value struct {
	Is     string // what conditions look at
	Text   string // what people see; Is when empty
	Place  string // registry path, line or path in the evidence
	Source string // evidence file
}

// merge adds another observation of the same test.
func (o *Observation) merge(other Observation) {
	o.Values = append(o.Values, other.Values...)
	o.Covered = o.Covered && other.Covered
	for _, r := range other.Remarks {
		o.Remarks = appendNew(o.Remarks, r)
	}
	for _, s := range other.Settles {
		o.Settles = appendNew(o.Settles, s)
	}
}

func appendNew(list []string, text string) []string {
	if text == "" || slices.Contains(list, text) {
		return list
	}
	return append(list, text)
}
