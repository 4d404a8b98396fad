package detectors

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

var identifier = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// rule reads one document. It returns nil when the document is no rule.
func (f *file) rule(n *yaml.Node, common placeholders) *Rule {
	r := &Rule{
		File: f.name, Line: n.Line, Confidence: Likely, Verdict: Unknown, Action: Manual, Gap: defaultGap(), Burst: defaultBurst(),
	}
	var id, name, level, ignored string
	var tail, detection, correlation *yaml.Node
	var ignoredList []string
	keep := func(to **yaml.Node) reader { return func(n *yaml.Node) { *to = n } }
	f.fields(n, "a rule", map[string]reader{
		"title": f.text("title", &r.Title), "id": f.text("id", &id), "name": f.text("name", &name),
		"status": f.text("status", &r.Status), "description": f.text("description", &r.Description),
		"author": f.text("author", &r.Author), "date": f.text("date", &r.Date), "modified": f.text("modified", &r.Modified),
		"references": f.texts("references", &r.References), "tags": f.texts("tags", &r.Tags),
		"falsepositives": f.texts("falsepositives", &r.FalsePositives), "level": f.text("level", &level),
		"license": f.text("license", &ignored), "taxonomy": f.text("taxonomy", &ignored),
		"fields": f.texts("fields", &ignoredList), "scope": f.texts("scope", &ignoredList), "related": func(*yaml.Node) {},
		"logsource": func(n *yaml.Node) { f.logsource(n, &r.LogSource) },
		"detection": keep(&detection), "correlation": keep(&correlation), "oxtail": keep(&tail),
	})
	f.identify(n, r, id, name, level)
	var block oxtailBlock
	if tail != nil {
		block = f.oxtail(tail, r, common)
	}
	switch {
	case detection != nil && correlation != nil:
		f.errorf(correlation, "a document is a rule with a detection or a correlation, not both")
	case detection != nil:
		r.program = f.detection(detection, block.placeholders.with(common))
	case correlation != nil:
		r.Correlation = f.correlation(correlation)
	case r.Builtin == BuiltinNone:
		f.errorf(n, "the document has no detection and no correlation, so it is no rule")
	}
	f.complete(n, r)
	return r
}

// identify checks the names and the level of a rule.
func (f *file) identify(n *yaml.Node, r *Rule, id, name, level string) {
	if id == "" {
		id, name = name, ""
	}
	switch {
	case id == "":
		f.errorf(n, "the rule has no id")
	case !identifier.MatchString(id):
		f.errorf(n, "id %q: want letters, digits, dots, hyphens and underscores, 64 at most", id)
	}
	if name != "" && !identifier.MatchString(name) {
		f.errorf(n, "name %q: want letters, digits, dots, hyphens and underscores, 64 at most", name)
	}
	if r.Title == "" {
		f.errorf(n, "rule %q has no title", id)
	}
	r.ID, r.Name = id, name
	r.Level = SeverityMedium
	if level == "" {
		return
	}
	severity, err := ParseSeverity(level)
	if err != nil {
		f.errorf(n, "rule %q: %v", id, err)
	}
	r.Level = severity
}

// complete fills in defaults and checks what only the whole rule shows.
func (f *file) complete(n *yaml.Node, r *Rule) {
	if r.Weak && r.Confidence == Likely {
		r.Confidence = Unclear
	}
	switch {
	case r.Absorb && r.Table == "":
		f.errorf(n, "rule %q: absorb needs a table", r.ID)
	case r.Within > 0 && r.Table == "":
		f.errorf(n, "rule %q: within needs a table", r.ID)
	case r.Builtin != BuiltinNone && (r.program.root != nil || r.Correlation != nil):
		f.errorf(n, "rule %q: a built-in detector has no detection or correlation of its own", r.ID)
	case r.Correlation != nil && (r.Table != "" || r.heals != nil || r.Persist != nil || r.Cycle):
		f.errorf(n, "rule %q: table, heals, persists and cycle go with a detection, not with a correlation", r.ID)
	}
	r.declaredSilent = r.Silent
}

// wantedFields returns the fields of the record that hits of the rule carry for the
// collector. Correlations add theirs when the set is put together.
func wantedFields(r *Rule) []string {
	out := append([]string{"uuid", "folder", "log", "code", "failed_item", "mailbox"}, r.Key...)
	if r.Item == ItemDistinct {
		out = append(out, r.ItemOf)
	}
	if r.heals != nil {
		out = append(out, r.heals.key...)
	}
	return unique(out)
}

func unique(list []string) []string {
	var out []string
	seen := make(map[string]bool, len(list))
	for _, s := range list {
		if s = fold(s); !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

func (f *file) logsource(n *yaml.Node, to *LogSource) {
	f.fields(n, "logsource", map[string]reader{
		"product": f.text("product", &to.Product), "category": f.text("category", &to.Category),
		"service": f.texts("service", &to.Services), "definition": f.text("definition", &to.Definition),
	})
}

// with returns the rule's own place-holders on top of those of its folder.
func (p placeholders) with(common placeholders) placeholders {
	out := make(placeholders, len(p)+len(common))
	for name, values := range common {
		out[name] = values
	}
	for name, values := range p {
		out[name] = values
	}
	return out
}

// placeholderMap reads lists of values by name.
func (f *file) placeholderMap(n *yaml.Node) placeholders {
	out := make(placeholders)
	for _, p := range f.pairs(n, "placeholders") {
		var values []string
		f.texts("place-holder "+p.key.Value, &values)(p.value)
		out[p.key.Value] = values
	}
	return out
}

// An oxtailBlock is what the oxtail block holds beside the rule's own fields.
type oxtailBlock struct {
	placeholders placeholders
}

// oxtail reads the block that says what a match means.
func (f *file) oxtail(n *yaml.Node, r *Rule, common placeholders) oxtailBlock {
	var block oxtailBlock
	var per, item string
	verdicts := append(Verdicts(), ByCode)
	actions := append(Actions(), ByCode)
	f.fields(n, "oxtail", map[string]reader{
		"verdict": choice(f, "verdict", verdicts, &r.Verdict), "action": choice(f, "action", actions, &r.Action),
		"confidence": choice(f, "confidence", []Confidence{Certain, Likely, Unclear}, &r.Confidence),
		"explain":    f.text("explain", &r.Explain), "change": f.text("change", &r.Change),
		"table": f.text("table", &r.Table), "row": f.number("row", 0, &r.Row), "absorb": f.flag("absorb", &r.Absorb),
		"within": f.span("within", &r.Within),
		"key": func(n *yaml.Node) {
			r.keySet = true
			f.texts("key", &r.Key)(n)
		},
		"per": f.text("per", &per), "item": f.text("item", &item),
		"weak": f.flag("weak", &r.Weak), "cycle": f.flag("cycle", &r.Cycle), "silent": f.flag("silent", &r.Silent),
		"extract":      func(n *yaml.Node) { r.extract = f.extractions(n) },
		"persists":     func(n *yaml.Node) { r.Persist = f.persists(n) },
		"placeholders": func(n *yaml.Node) { block.placeholders = f.placeholderMap(n) },
		"heals":        func(n *yaml.Node) { r.heals = f.healing(n, common) },
		"builtin":      choice(f, "builtin", []Builtin{BuiltinGap, BuiltinBurst}, &r.Builtin),
		"gap":          func(n *yaml.Node) { f.gap(n, &r.Gap) },
		"burst":        func(n *yaml.Node) { f.burst(n, &r.Burst) },
		"samples": func(n *yaml.Node) {
			f.fields(n, "samples", map[string]reader{
				"hit":  func(n *yaml.Node) { f.samples(n, &r.Hits) },
				"miss": func(n *yaml.Node) { f.samples(n, &r.Misses) },
			})
		},
	})
	f.scope(n, r, per, item)
	if r.heals != nil {
		r.heals.group = healGroup(n)
	}
	return block
}

// healGroup names the good news of a rule by what its block says of it: rules that say
// the same are healed by the same record, which is then looked at once.
func healGroup(block *yaml.Node) string {
	sum := sha256.New()
	for i := 0; i+1 < len(block.Content); i += 2 {
		if name := block.Content[i].Value; name == "heals" || name == "extract" {
			writeNode(sum, block.Content[i+1])
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

func writeNode(w io.Writer, n *yaml.Node) {
	fmt.Fprintf(w, "%d %q %q\n", n.Kind, n.Tag, n.Value)
	for _, c := range n.Content {
		writeNode(w, c)
	}
}

// scope reads how matches are put together and counted.
func (f *file) scope(n *yaml.Node, r *Rule, per, item string) {
	switch per {
	case "", "source":
	case "case":
		r.PerCase = true
	default:
		f.errorf(n, "%s", unexpectedText("per", per, []string{"source", "case"}))
	}
	switch word, rest, _ := strings.Cut(item, " "); word {
	case "":
	case "each":
		r.Item = ItemEach
	case "distinct":
		r.Item, r.ItemOf = ItemDistinct, "item"
		if rest != "" {
			r.ItemOf = strings.TrimSpace(rest)
		}
	default:
		f.errorf(n, "%s", unexpectedText("item", item, []string{"each", "distinct", "distinct FIELD"}))
	}
}

// Defaults of persists: the second failure counts when it comes after half a minute,
// which is longer than one sync repeats itself.
const (
	defaultPersistTimes = 2
	defaultPersistApart = 30 * time.Second
)

func (f *file) persists(n *yaml.Node) *Persist {
	p := &Persist{Times: defaultPersistTimes, Apart: defaultPersistApart, Action: RecreateService, Confidence: Likely}
	f.fields(n, "persists", map[string]reader{
		"times": f.number("times", 2, &p.Times), "apart": f.span("apart", &p.Apart),
		"action":     choice(f, "action", Actions(), &p.Action),
		"confidence": choice(f, "confidence", []Confidence{Certain, Likely, Unclear}, &p.Confidence),
	})
	return p
}

// An extraction takes named parts out of a record's text.
type extraction struct {
	field string
	re    *expression
}

// extractions reads regular expressions by field name; a list is tried in order.
func (f *file) extractions(n *yaml.Node) []extraction {
	var out []extraction
	for _, p := range f.pairs(n, "extract") {
		for _, v := range scalars(p.value) {
			if v.Kind != yaml.ScalarNode {
				f.errorf(v, "extract takes regular expressions")
				continue
			}
			if re, ok := f.regexp(v, ""); ok {
				out = append(out, extraction{fold(p.key.Value), re})
			}
		}
	}
	return out
}
