package detectors

import (
	"encoding/json"
	"html"
	"math/rand"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"oxtail/parser"
	"oxtail/parser/codes"
)

func TestLiteralsOfPatternsAndExpressions(t *testing.T) {
	regexpLiterals := func(source string) literals {
		tree, err := syntax.Parse(source, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		return nodeNeeds(tree.Simplify())
	}
	tests := []struct {
		name string
		got  literals
		want literals
	}{
		{"plain", parsePattern("Already Mapped").needs(), literals{"already mapped"}},
		{"longest part", parsePattern("ab*Already?mapped to*").needs(), literals{"mapped to"}},
		{"too short", parsePattern("*ab*").needs(), nil},
		{"quotes are escaped in JSON", parsePattern(`folder "Inbox" gone`).needs(), literals{"inbox"}},
		{"letters beyond ASCII", parsePattern("Entwürfe").needs(), literals{"entw"}},
		{"rare word before common ones", regexpLiterals(`(?i)error.{0,5}dataobject`), literals{"dataobject"}},
		{"alternation", regexpLiterals(`(?:mapped|in use)`), literals{"in use", "mapped"}},
		{"optional is no need", regexpLiterals(`(?:mapped)?`), nil},
		{"repeated", regexpLiterals(`(?:mapped){2,}`), literals{"mapped"}},
		{"one branch without", regexpLiterals(`mapped|\d+`), nil},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, tt.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestLiteralsByFormat(t *testing.T) {
	set := load(t, map[string]string{
		"a.yml": detectionRule("a", "sel: {message|contains: zebra}"),
		"b.yml": detectionRule("b", "sel: {event: error}") + "logsource: {service: outlook_sync}\n",
		"c.yml": detectionRule("c", "sel: {message|contains: border}") + "oxtail: {cycle: true}\n",
		"d.yml": detectionRule("d", "sel: {code: '0x8004010F'}") + "oxtail: {heals: {keywords: [resolved]}}\n",
		"e.yml": detectionRule("e", "sel: {code: 'SVL-0017'}"),
	})
	lits, complete := set.Literals("")
	if diff := cmp.Diff([]string{"-2147221233", "010f", "svl-0017", "zebra"}, lits); diff != "" || !complete {
		t.Errorf("Literals(\"\"), complete %v (-want +got):\n%s", complete, diff)
	}
	if _, complete = set.Literals("outlook_sync"); complete {
		t.Error("Literals(outlook_sync) is complete, though rule b has none")
	}
	if got := set.Unfiltered("outlook_sync"); !slices.Equal(got, []string{"b"}) {
		t.Errorf("Unfiltered(outlook_sync) = %v; want b", got)
	}
	lits, complete = set.HealLiterals("")
	if !slices.Equal(lits, []string{"border", "resolved"}) || !complete {
		t.Errorf("HealLiterals = %v, %v; want border and resolved", lits, complete)
	}
}

// asciiLower is what a raw scanner compares: bytes, A to Z as a to z.
func asciiLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

func holdsOne(raw string, lits literals) bool {
	raw = asciiLower(raw)
	return slices.ContainsFunc(lits, func(l string) bool { return strings.Contains(raw, l) })
}

// spellings returns a text as formats write it that escape some characters.
func spellings(t testing.TB, text string) []string {
	quoted, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	dotNet := strings.NewReplacer("'", `\u0027`, "+", `\u002B`, "&", `\u0026`, "<", `\u003C`, ">", `\u003E`, "`", `\u0060`).Replace(text)
	return []string{text, string(quoted), dotNet, html.EscapeString(text), strings.ReplaceAll(text, `"`, `""`), strings.ReplaceAll(text, "/", `\/`)}
}

// mutate returns a text that is like the samples but in another case, other company
// or cut.
func mutate(rng *rand.Rand, texts []string) string {
	text := texts[rng.Intn(len(texts))]
	switch rng.Intn(5) {
	case 0:
		text = strings.ToUpper(text)
	case 1:
		text += " " + texts[rng.Intn(len(texts))]
	case 2:
		text = "07:08:09 [" + texts[rng.Intn(len(texts))] + "] " + text
	case 3:
		text = text[:rng.Intn(len(text)+1)]
	case 4:
		text = strings.ReplaceAll(text, " ", "\n")
	}
	return strings.ToValidUTF8(text, "")
}

// TestLiteralsAreSound: a record that a rule matches holds one of the rule's literals
// in its raw text, in every spelling. Folds that leave ASCII are left out: (?i)k also
// matches the Kelvin sign, which no log writes.
func TestLiteralsAreSound(t *testing.T) {
	set, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, r := range set.list {
		for _, s := range append(r.Hits, r.Misses...) {
			if s.Text != "" {
				texts = append(texts, s.Text)
			}
		}
	}
	if len(texts) < 100 {
		t.Fatalf("only %d sample texts", len(texts))
	}
	m := NewMatcher(set)
	rng := rand.New(rand.NewSource(1))
	matched := 0
	for range 5000 {
		text := mutate(rng, texts)
		rec := &parser.Record{Text: text, Message: text, Codes: codes.Find(text), UUIDs: parser.UUIDs(text)}
		hits := m.Match(rec, EventContext{Source: "s"})
		for _, h := range hits {
			need := h.Rule.program.root.needs()
			if h.Kind == HitHeal {
				need = h.Rule.heals.needs()
			}
			matched++
			for _, raw := range spellings(t, text) {
				if need != nil && !holdsOne(raw, need) {
					t.Fatalf("rule %s matches %q without one of its literals %q in %q", h.Rule.ID, text, need, raw)
				}
			}
		}
	}
	if matched < 1000 {
		t.Errorf("only %d matches; the texts prove nothing", matched)
	}
}

// TestIndexLosesNothing: the matcher finds what trying every rule finds.
func TestIndexLosesNothing(t *testing.T) {
	set, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	m := NewMatcher(set)
	check := func(rec *parser.Record, format string) {
		ctx := EventContext{Source: "s", Format: format}
		var got []string
		for _, h := range m.Match(rec, ctx) {
			got = append(got, h.Rule.ID)
		}
		if want := matchAll(m, rec, ctx); !slices.Equal(got, want) {
			t.Fatalf("Match(%q) = %v; all rules one by one: %v", rec.Text, got, want)
		}
	}
	rng := rand.New(rand.NewSource(2))
	var texts []string
	for _, r := range set.list {
		for _, s := range append(r.Hits, r.Misses...) {
			format := s.Format
			if format == "" {
				format = r.sampleFormat()
			}
			check(s.record(), format)
			if s.Text != "" {
				texts = append(texts, s.Text)
			}
		}
	}
	for range 1000 {
		text := mutate(rng, texts)
		check(&parser.Record{Text: text, Message: text, Codes: codes.Find(text), UUIDs: parser.UUIDs(text)}, "")
	}
}

// matchAll is Match without the index.
func matchAll(m *Matcher, rec *parser.Record, ctx EventContext) []string {
	e := &newScratch(m).event
	e.reset(rec, ctx)
	var hits []Hit
	for i := range m.probes {
		p := &m.probes[i]
		if m.rules[p.rule].applies(ctx.Format) && !(p.kind == HitHeal && blocksHealing(rec, lowestRows(hits))) && p.check(e) {
			hits = append(hits, m.hit(e, p))
		}
	}
	var out []string
	for _, h := range lowestRows(hits) {
		out = append(out, h.Rule.ID)
	}
	return out
}

// lowestRows drops hits of a table when one with a lower row is there: what Match
// does by not trying them.
func lowestRows(hits []Hit) []Hit {
	if len(hits) < 2 {
		return hits
	}
	out := make([]Hit, 0, len(hits))
	for i := range hits {
		if !beaten(hits, i) {
			out = append(out, hits[i])
		}
	}
	return out
}

func beaten(hits []Hit, at int) bool {
	h := &hits[at]
	if h.Kind != HitFault || h.Rule.Table == "" {
		return false
	}
	for i := range hits {
		o := &hits[i]
		if i == at || o.Kind != HitFault || o.Rule.Table != h.Rule.Table {
			continue
		}
		if o.Rule.Row < h.Rule.Row || o.Rule.Row == h.Rule.Row && i < at {
			return true
		}
	}
	return false
}
