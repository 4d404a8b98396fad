package checks

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// said is evidence that answers every probe alike.
type said struct{ obs Observation }

func (s said) Observe(Probe) Observation { return s.obs }

func values(texts ...string) []Value {
	var out []Value
	for _, t := range texts {
		out = append(out, Value{Is: t})
	}
	return out
}

// oneCheck loads a check with a test of one condition.
func oneCheck(t *testing.T, test string) *Set {
	t.Helper()
	text := strings.Replace(goodCheck, "      pass: {equals: C}\n", test, 1)
	set, err := Load(fstest.MapFS{"c.yml": &fstest.MapFile{Data: []byte(text)}})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// TestConditions holds each condition against values.
func TestConditions(t *testing.T) {
	conf := Config{"exchange_domain": "example.com", "exchange_domain_netbios": "EX", "xphone_min_version": "6.0"}
	for _, c := range []struct {
		test string
		obs  Observation
		want Word
	}{
		{"pass: {at-least: 6.5.8353}", Observation{Values: values("6.5.8353.0")}, Pass},
		{"pass: {at-least: 6.5.8353.0}", Observation{Values: values("6.5.8353")}, Pass},
		{"pass: {at-least: 6.5.8353}", Observation{Values: values("6.5.10000")}, Pass},
		{"pass: {at-least: 6.5.8353}", Observation{Values: values("6.5.8244.0")}, Fail},
		{"pass: {at-least: 6.5.8353}", Observation{Values: values("6.5.8353.0", "6.5.8244")}, Fail},
		{"pass: {at-least: 6.5.8353}", Observation{Values: values("unknown")}, Unknown},
		{"pass: {at-least: 15.0.712.24}", Observation{Values: values("15.0.712.3")}, Fail},
		{"pass: {at-least: $xphone_min_version}", Observation{Values: values("10.0")}, Pass},
		{"pass: {at-least: $exchange_min_version}", Observation{Values: values("10.0")}, Unknown},
		{"pass: {below: '15.1'}", Observation{Values: values("15.1.1")}, Fail},
		{"pass: {below: '15.1'}", Observation{Values: values("15.0.9999")}, Pass},
		{"pass: {more-than: 2}", Observation{Values: values("3")}, Pass},
		{"pass: {more-than: 2}", Observation{Values: values("2")}, Fail},
		{"pass: {more-than: 2}", Observation{Values: values("text")}, Fail},
		{"pass: {equals: ExchangeMAPI}", Observation{Values: values("exchangemapi")}, Pass},
		{"pass: {one-of: [a, b]}", Observation{Values: values("B", "a")}, Pass},
		{"pass: {not-one-of: [a]}", Observation{Values: values("A")}, Fail},
		{"pass: {begins: ['15.']}", Observation{Values: values("15.0.")}, Pass},
		{"pass: {none: true}", Observation{Covered: true}, Pass},
		{"pass: {none: true}", Observation{}, Unknown},
		{"pass: {none: true}", Observation{Values: values("x")}, Fail},
		{"pass: {none: true}\n      warn: {equals: x}", Observation{Values: values("x")}, Warn},
		{"pass: {none: true}\n      warn: {equals: x}", Observation{Values: values("x", "y")}, Fail},
		{"pass: {none: true}\n      else: warn", Observation{Values: values("x")}, Warn},
		{"pass: {any: true}", Observation{Values: values("x")}, Pass},
		{"pass: {same: release}", Observation{Values: values("15.0.1", "15.0.2")}, Pass},
		{"pass: {same: release}", Observation{Values: values("15.0.1", "15.1.1")}, Fail},
		{"pass: {same: text}", Observation{Values: values("a", "A")}, Pass},
		{"pass: {count: 1, at-least: '1'}", Observation{Values: values("2"), Covered: true}, Pass},
		{"pass: {count: 1, at-least: '1'}", Observation{Values: values("2", "3"), Covered: true}, Fail},
		{"pass: {equals: x}\n      whole: true", Observation{Values: values("x")}, Unknown},
		{"pass: {equals: x}\n      whole: true", Observation{Values: values("y")}, Fail},
		{"pass: {equals: x}\n      absent: pass", Observation{Covered: true}, Pass},
		{"pass: {equals: x}\n      absent: n/a", Observation{Covered: true}, NotApplicable},
		{"pass: {equals: x}", Observation{Covered: true}, Fail},
		{"pass: {in-domain: account}", Observation{Values: values(`EX\svc`)}, Pass},
		{"pass: {in-domain: account}", Observation{Values: values(`ex.ample\svc`)}, Fail},
		{"pass: {in-domain: account}", Observation{Values: values(`svc@EXAMPLE.com`)}, Pass},
		{"pass: {in-domain: account}", Observation{Values: values(`NT AUTHORITY\NetworkService`)}, Fail},
		{"pass: {in-domain: account}", Observation{Values: values(`org-1\user-1`)}, Unknown},
		{"pass: {in-domain: computer}", Observation{Values: values(`domain-12.invalid`)}, Unknown},
		{"pass: {equals: ExchangeMAPI}", Observation{Values: values("host-1")}, Unknown},
		{"pass: {equals: ExchangeMAPI}", Observation{Values: values("host-1", "Outlook")}, Fail},
		{"pass: {in-domain: computer}", Observation{Values: values(`Example.com.`)}, Pass},
		{"pass: {in-domain: computer}", Observation{Values: values(`sub.example.com`)}, Fail},
	} {
		set := oneCheck(t, "      "+c.test+"\n")
		got := set.Run(said{c.obs}, Input{Role: OutlookClient, Config: conf})
		if len(got) != 1 || got[0].Result != c.want {
			t.Errorf("%s on %v is %+v; want %s", c.test, c.obs, got, c.want)
		}
	}
}

// TestDomains: without the NetBIOS name, that of the DNS name is taken, and another one
// proves nothing.
func TestDomains(t *testing.T) {
	for _, c := range []struct {
		conf    Config
		account string
		want    judged
	}{
		{Config{}, `EX\a`, judged{open: true}}, {Config{}, `LocalSystem`, judged{bad: true}},
		{Config{"exchange_domain": "ex.com"}, `EX\a`, judged{}}, {Config{"exchange_domain": "ex.com"}, `OTHER\a`, judged{open: true}},
		{Config{"exchange_domain": "ex.com"}, `ex.com\a`, judged{}}, {Config{"exchange_domain_netbios": "EX"}, `OTHER\a`, judged{bad: true}},
		{Config{"exchange_domain": "ex.com"}, `a@other.com`, judged{bad: true}}, {Config{"exchange_upn_suffix": "other.com"}, `a@other.com`, judged{}},
	} {
		if got := c.conf.accountInDomain(c.account); got.bad != c.want.bad || got.open != c.want.open {
			t.Errorf("%s with %v: %+v; want %+v", c.account, c.conf, got, c.want)
		}
	}
}

// TestAnswers: answers decide where evidence does not, and never against it.
func TestAnswers(t *testing.T) {
	ask := "      pass: {equals: x}\n  ask: {text: 'Is it so?', good: 'yes'}\n"
	for _, c := range []struct {
		obs    Observation
		answer string
		want   Word
	}{
		{Observation{}, "", NeedsPerson}, {Observation{}, Yes, Pass}, {Observation{}, No, Fail}, {Observation{}, DoNotKnow, Unknown}, {Observation{}, NotForUs, NotApplicable},
		{Observation{Values: values("x")}, No, Pass}, {Observation{Values: values("y")}, Yes, Fail},
	} {
		in := Input{Role: OutlookClient, Answers: Answers{}}
		if c.answer != "" {
			in.Answers["ENV900"] = Answer{Answer: c.answer}
		}
		if got := oneCheck(t, ask).Run(said{c.obs}, in)[0]; got.Result != c.want {
			t.Errorf("%v answered %q: %s; want %s", c.obs, c.answer, got.Result, c.want)
		}
	}
	set, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"ENV011: yes": "", "env042.OWN: ja": "", `{"schema":"oxtail.answers/v1","answers":{"ENV011":{"answer":"no","by":"x"}}}`: "",
		"ENV011: maybe": `line 1: unexpected answer "maybe"`, "ENV999: yes": "no check asks", "- a": "want names and values", `{"schema":"x/v1"}`: `schema is "x/v1"`,
		"a: [": "not YAML", "a: &a x\nb: *a": "aliases are not supported",
	} {
		_, err := set.ParseAnswers([]byte(text))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v; want %q", text, err, want)
		}
	}
	if a, _ := set.ParseAnswers([]byte("env042.OWN: ja")); a["ENV042.own"].Answer != Yes {
		t.Errorf("answers %v", a)
	}
}

func TestParseConfig(t *testing.T) {
	for text, want := range map[string]string{
		"exchange_domain: ex.com\n": "", `{"config":{"exchange_domain":"ex.com"},"results":{"ENV001":"pass"}}`: "", "exchange_domain: [a]": "single text", "x: y": "no check asks",
	} {
		c, err := ParseConfig([]byte(text))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) || want == "" && c["exchange_domain"] != "ex.com" {
			t.Errorf("%q: %v, %v; want %q", text, c, err, want)
		}
	}
}

func TestMatches(t *testing.T) {
	c := &Check{ID: "ENV203"}
	for pattern, want := range map[string]bool{"ENV203": true, "env2xx": true, "ENVXXX": true, "ENV2": false, "ENV3xx": false, "": false} {
		if c.Matches(pattern) != want {
			t.Errorf("%q: %v; want %v", pattern, !want, want)
		}
	}
}

// TestExplainingOrder: those that explain the error come in the order of the cheapest test.
func TestExplainingOrder(t *testing.T) {
	set, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	results := set.Run(said{Observation{Values: []Value{{Is: "bad"}}, Covered: true}}, Input{Role: XPhoneServer, Config: Config{"exchange_domain": "a.b", "exchange_domain_netbios": "A"}})
	var places []int
	for _, r := range Explaining(results) {
		places = append(places, r.place)
	}
	if len(places) == 0 || !slices.IsSorted(places) {
		t.Errorf("places %v; want them in order", places)
	}
}

// TestChecksAreComplete demands of the shipped checks what a person needs.
func TestChecksAreComplete(t *testing.T) {
	set, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range set.List() {
		if c.Number == 0 || strings.HasSuffix(c.Title, ".") || !strings.HasSuffix(c.Remedy, ".") && !strings.HasSuffix(c.Remedy, ")") {
			t.Errorf("%s: number %d, title %q, remedy %q", c.ID, c.Number, c.Title, c.Remedy)
		}
		if len(c.Tests) == 0 && c.Ask == nil {
			t.Errorf("%s asks nothing", c.ID)
		}
	}
}
