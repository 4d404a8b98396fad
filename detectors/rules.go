package detectors

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// MaxRules is the largest number of rules in a set. SigmaHQ's whole collection is
// below 5,000; each rule costs memory and a little time per record.
const MaxRules = 10_000

// Rules is a set of rules, ordered by id. It is immutable: the methods that change
// something return a new set.
type Rules struct {
	list     []*Rule
	formats  []string // names of formats beside those of oxtail
	warnings []*LoadError
}

//go:embed rules
var embedded embed.FS

// Default returns the rules that are part of oxtail.
func Default() (*Rules, error) {
	sub, err := fs.Sub(embedded, "rules")
	if err != nil {
		return nil, fmt.Errorf("open the embedded rules: %w", err)
	}
	return LoadRules(sub)
}

// LoadRules reads all rule files, *.yml and *.yaml, of a folder and the folders in
// it. It returns all problems at once: the error joins a LoadError for each.
func LoadRules(fsys fs.FS) (*Rules, error) { return new(Rules).Load(fsys) }

// Load returns the set with the rules of a folder added, as LoadRules reads them. A
// rule of the folder replaces the one with its id, and its correlations may count
// rules of the set.
func (s *Rules) Load(fsys fs.FS) (*Rules, error) {
	names, err := ruleFiles(fsys)
	if err != nil {
		return nil, err
	}
	var docs []document
	var errs []error
	common := make(placeholders)
	var files []*file
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			errs = append(errs, fmt.Errorf("read rule %s: %w", name, err))
			continue
		}
		f := &file{name: name}
		files = append(files, f)
		docs = append(docs, f.split(data, common)...)
	}
	added := new(Rules)
	for _, d := range docs {
		r := d.file.rule(d.node, common)
		r.Source = d.source
		added.list = append(added.list, r)
	}
	for _, f := range files {
		errs = append(errs, f.errs...)
		added.warnings = append(added.warnings, f.warnings...)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return s.Merge(added)
}

// ruleFiles returns the paths of the rule files in order.
func ruleFiles(fsys fs.FS) ([]string, error) {
	var out []string
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if ext := strings.ToLower(path.Ext(name)); !d.IsDir() && (ext == ".yml" || ext == ".yaml") {
			out = append(out, name)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list rule files: %w", err)
	}
	slices.Sort(out)
	return out, nil
}

// A document is one YAML document of a rule file.
type document struct {
	file   *file
	node   *yaml.Node
	source string
}

// split returns the documents of a file. Those that only define place-holders are
// taken at once: they serve all files of the folder.
func (f *file) split(data []byte, common placeholders) []document {
	var out []document
	roots := f.documents(data)
	lines := strings.SplitAfter(string(data), "\n")
	for i, n := range roots {
		if n.Kind == yaml.MappingNode && len(n.Content) == 2 && n.Content[0].Value == "placeholders" {
			for name, values := range f.placeholderMap(n.Content[1]) {
				common[name] = values
			}
			continue
		}
		end := len(lines)
		if i+1 < len(roots) {
			end = roots[i+1].Line - 1
		}
		source := strings.Join(lines[min(n.Line-1, len(lines)):min(end, len(lines))], "")
		out = append(out, document{f, n, strings.TrimSuffix(strings.TrimSpace(source), "\n---") + "\n"})
	}
	return out
}

// finish orders the set, checks ids and resolves references.
func (s *Rules) finish() []error {
	if len(s.list) > MaxRules {
		return []error{fmt.Errorf("%d rules are more than the limit, %d", len(s.list), MaxRules)}
	}
	slices.SortStableFunc(s.list, func(a, b *Rule) int { return strings.Compare(a.ID, b.ID) })
	names, errs := s.names()
	for i, r := range s.list {
		if r.Correlation != nil {
			resolved := *r
			resolved.Correlation = r.Correlation.copy()
			errs = append(errs, resolved.resolve(names)...)
			s.list[i] = &resolved
			names[r.ID] = &resolved
		}
	}
	if len(errs) == 0 {
		errs = s.cycles(names)
	}
	if len(errs) == 0 {
		s.wire()
	}
	return errs
}

// names returns the rules by id and by name, which share one name space.
func (s *Rules) names() (map[string]*Rule, []error) {
	names := make(map[string]*Rule, len(s.list))
	var errs []error
	for _, r := range s.list {
		for _, name := range [...]string{r.ID, r.Name} {
			if name == "" {
				continue
			}
			if other, taken := names[name]; taken && other != r {
				errs = append(errs, &LoadError{r.File, r.Line, fmt.Sprintf("rule %q is there twice; also in %s:%d", name, other.File, other.Line)})
				continue
			}
			names[name] = r
		}
	}
	return names, errs
}

// resolve replaces the names in a correlation by ids.
func (r *Rule) resolve(names map[string]*Rule) []error {
	c := r.Correlation
	var errs []error
	ids := make([]string, 0, len(c.refs))
	for _, ref := range c.refs {
		base, known := names[ref.name]
		switch {
		case !known:
			errs = append(errs, &LoadError{r.File, ref.line, fmt.Sprintf("correlation %q names an unknown rule %q%s", r.ID, ref.name, suggest(ref.name, sortedKeys(names)))})
		case base.Builtin != BuiltinNone:
			errs = append(errs, &LoadError{r.File, ref.line, fmt.Sprintf("correlation %q: the built-in rule %q has no matches to count", r.ID, ref.name)})
		case slices.Contains(ids, base.ID):
			errs = append(errs, &LoadError{r.File, ref.line, fmt.Sprintf("correlation %q names rule %q twice, by id and by name", r.ID, base.ID)})
		default:
			ids = append(ids, base.ID)
			for alias, byRule := range c.Aliases {
				if field, ok := byRule[ref.name]; ok {
					c.Aliases[alias][base.ID] = field
				}
			}
		}
	}
	c.Rules = ids
	return errs
}

// cycles reports correlations that count themselves.
func (s *Rules) cycles(names map[string]*Rule) []error {
	const visiting, done = 1, 2
	state := make(map[string]int)
	var errs []error
	var visit func(r *Rule)
	visit = func(r *Rule) {
		if r.Correlation == nil || state[r.ID] == done {
			return
		}
		if state[r.ID] == visiting {
			errs = append(errs, &LoadError{r.File, r.Line, fmt.Sprintf("correlation %q counts itself in the end", r.ID)})
			return
		}
		state[r.ID] = visiting
		for _, id := range r.Correlation.Rules {
			visit(names[id])
		}
		state[r.ID] = done
	}
	for _, r := range s.list {
		visit(r)
	}
	return errs
}

// wire gives base rules the fields that their correlations need, and silences them
// unless a correlation lets them report. Rules are replaced, never changed.
func (s *Rules) wire() {
	fields := make(map[string][]string)
	generate := make(map[string]bool)
	compared := make(map[string][]string) // table → fields that its absorbing rules compare
	for _, r := range s.list {
		if r.Correlation != nil {
			r.Correlation.demand(fields, generate)
		}
		if r.Absorb {
			compared[r.Table] = append(compared[r.Table], r.Key...)
		}
	}
	for i, r := range s.list {
		reports, counted := generate[r.ID]
		base := *r
		base.bind(slices.Concat(formatNames(), s.formats))
		base.wanted = unique(slices.Concat(wantedFields(r), fields[r.ID], compared[r.Table]))
		base.Silent = r.declaredSilent || counted && !reports
		s.list[i] = &base
	}
}

// demand notes which fields the correlation needs of its base rules, and which of
// them may report.
func (c *Correlation) demand(fields map[string][]string, generate map[string]bool) {
	for _, id := range c.Rules {
		for _, g := range c.GroupBy {
			fields[id] = append(fields[id], c.fieldOf(g, id))
		}
		if c.Field != "" {
			fields[id] = append(fields[id], c.fieldOf(c.Field, id))
		}
		generate[id] = generate[id] || c.Generate
	}
}

// All returns the rules, ordered by id.
func (s *Rules) All() []*Rule { return slices.Clone(s.list) }

// Len returns the number of rules.
func (s *Rules) Len() int { return len(s.list) }

// Warnings returns what is doubtful, but no error, in the rule files.
func (s *Rules) Warnings() []*LoadError { return slices.Clone(s.warnings) }

// Lookup returns the rule with an id or name.
func (s *Rules) Lookup(id string) (*Rule, bool) {
	for _, r := range s.list {
		if r.ID == id || r.Name == id && id != "" {
			return r, true
		}
	}
	return nil, false
}

// Merge returns the rules of both sets. A rule of other replaces the one with its id.
func (s *Rules) Merge(other *Rules) (*Rules, error) {
	replaced := make(map[string]bool, len(other.list))
	for _, r := range other.list {
		replaced[r.ID] = true
	}
	out := &Rules{warnings: slices.Concat(s.warnings, other.warnings), formats: slices.Concat(s.formats, other.formats)}
	for _, r := range s.list {
		if !replaced[r.ID] {
			out.list = append(out.list, r)
		}
	}
	out.list = append(out.list, other.list...)
	if errs := out.finish(); len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return out, nil
}

// Exclude returns the set without the rules with the given ids, and without the
// correlations that count one of them. Ids that no rule has are an error.
func (s *Rules) Exclude(ids ...string) (*Rules, error) {
	gone := make(map[string]bool)
	for _, id := range ids {
		r, known := s.Lookup(id)
		if !known {
			return nil, fmt.Errorf("exclude rule %q: there is no such rule%s", id, suggest(id, s.ids()))
		}
		gone[r.ID] = true
	}
	for grown := true; grown; {
		grown = false
		for _, r := range s.list {
			if r.Correlation != nil && !gone[r.ID] && slices.ContainsFunc(r.Correlation.Rules, func(id string) bool { return gone[id] }) {
				gone[r.ID], grown = true, true
			}
		}
	}
	out := &Rules{warnings: s.warnings, formats: s.formats}
	for _, r := range s.list {
		if !gone[r.ID] {
			out.list = append(out.list, r)
		}
	}
	if errs := out.finish(); len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return out, nil
}

func (s *Rules) ids() []string {
	out := make([]string, len(s.list))
	for i, r := range s.list {
		out[i] = r.ID
	}
	return out
}

// Tune returns the set with other levels for the given rule ids.
func (s *Rules) Tune(levels map[string]Severity) (*Rules, error) {
	out := &Rules{list: slices.Clone(s.list), formats: s.formats, warnings: s.warnings}
	for _, id := range sortedKeys(levels) {
		i := slices.IndexFunc(out.list, func(r *Rule) bool { return r.ID == id || r.Name == id && id != "" })
		if i < 0 {
			return nil, fmt.Errorf("tune rule %q: there is no such rule%s", id, suggest(id, s.ids()))
		}
		tuned := *out.list[i]
		tuned.Level = levels[id]
		out.list[i] = &tuned
	}
	return out, nil
}

// ParseLevels reads a level-tuning file: a YAML map of rule ids and levels.
func ParseLevels(name string, data []byte) (map[string]Severity, error) {
	f := &file{name: name}
	out := make(map[string]Severity)
	for _, n := range f.documents(data) {
		for _, p := range f.pairs(n, "the level tuning") {
			level, err := ParseSeverity(p.value.Value)
			if err != nil {
				f.errorf(p.value, "%v", err)
				continue
			}
			out[p.key.Value] = level
		}
	}
	return out, errors.Join(f.errs...)
}

// WithFormats returns the set for a program that knows more formats than those of
// oxtail: services of rules may name them.
func (s *Rules) WithFormats(names ...string) (*Rules, error) {
	out := &Rules{list: slices.Clone(s.list), formats: slices.Concat(s.formats, names), warnings: s.warnings}
	if errs := out.finish(); len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return out, nil
}

// Literals returns lower-case ASCII texts such that every record that a rule for
// logs of the format can match contains at least one of them in its raw text, in any
// case. It does so for formats whose records are pieces of the raw text; sources that
// are decoded first (RTF, UTF-16, wrapped mail quotes) must be searched decoded.
//
// complete is false when a rule applies that has no such texts (see Unfiltered):
// then every record must be built. Healing records and borders of sync cycles are
// left out, see HealLiterals.
func (s *Rules) Literals(format string) (lits []string, complete bool) {
	complete = true
	for _, r := range s.list {
		if r.program.root == nil || r.Cycle || !r.applies(format) {
			continue
		}
		own := r.program.root.needs()
		complete = complete && own != nil
		lits = append(lits, own...)
	}
	slices.Sort(lits)
	return slices.Compact(lits), complete
}

// Unfiltered returns the ids of the rules for logs of the format that have no
// literals, so that each makes Literals incomplete.
func (s *Rules) Unfiltered(format string) []string {
	var out []string
	for _, r := range s.list {
		if r.program.root != nil && !r.Cycle && r.applies(format) && r.program.root.needs() == nil {
			out = append(out, r.ID)
		}
	}
	return out
}

// HealLiterals is Literals for the records that heal faults and for those that mark
// the borders of sync cycles. They matter only beside a fault of a rule with heals
// or persists, so a scanner may look for them in a second pass over such sources.
func (s *Rules) HealLiterals(format string) (lits []string, complete bool) {
	complete = true
	add := func(own literals) {
		complete = complete && own != nil
		lits = append(lits, own...)
	}
	for _, r := range s.list {
		if !r.applies(format) {
			continue
		}
		if r.heals != nil {
			add(r.heals.needs())
		}
		if r.Cycle && r.program.root != nil {
			add(r.program.root.needs())
		}
	}
	slices.Sort(lits)
	return slices.Compact(lits), complete
}
