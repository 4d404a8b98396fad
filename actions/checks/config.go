package checks

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A Config holds the values that the sources leave to the user, by name.
type Config map[string]string

// A Name is one value that may be configured.
type Name struct {
	Name  string
	Means string
}

// ConfigNames lists what may be configured.
func ConfigNames() []Name {
	return []Name{
		{"xphone_min_version", "lowest good version of the XPhone server (ENV001)"},
		{"exchange_min_version", "lowest good version of the Exchange server (ENV002)"},
		{"exchange_version", "version of the Exchange server, where no evidence names it"},
		{"exchange_domain", "DNS name of the domain of the Exchange server (ENV008, ENV009)"},
		{"exchange_domain_netbios", "NetBIOS name of that domain (ENV008)"},
		{"exchange_upn_suffix", "suffix of its user names, if not the DNS name (ENV008)"},
		{"service_name", "part of the name of the vendor's service (default XPhone)"},
		{"product_name", "part of the name of the vendor's product (default XPhone)"},
		{"atlas_entry", "the XML element that atlas.xml must hold, as the vendor gives it (ENV025)"},
	}
}

// Set takes one value. Names that nothing asks for are refused.
func (c Config) Set(name, value string) error {
	if !slices.ContainsFunc(ConfigNames(), func(n Name) bool { return n.Name == name }) {
		var known []string
		for _, n := range ConfigNames() {
			known = append(known, n.Name)
		}
		return fmt.Errorf("no check asks for a value %q; there are %s", name, strings.Join(known, ", "))
	}
	c[name] = strings.TrimSpace(value)
	return nil
}

// MaxConfigBytes bounds a file with configured values or answers.
const MaxConfigBytes = 1 << 20

// ParseConfig reads a JSON or YAML file: names and values, either alone or under "config".
func ParseConfig(data []byte) (Config, error) {
	root, err := mapping(data)
	if err != nil {
		return nil, err
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value == "config" && root.Content[i+1].Kind == yaml.MappingNode {
			root = root.Content[i+1]
			break
		}
	}
	conf := Config{}
	var errs []error
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		if value.Kind != yaml.ScalarNode {
			errs = append(errs, fmt.Errorf("line %d: the value of %s must be a single text", value.Line, key.Value))
			continue
		}
		if err := conf.Set(key.Value, value.Value); err != nil {
			errs = append(errs, fmt.Errorf("line %d: %w", key.Line, err))
		}
	}
	return conf, errors.Join(errs...)
}

// mapping reads the root of a YAML or JSON file, which must be a map.
func mapping(data []byte) (*yaml.Node, error) {
	if len(data) > MaxConfigBytes {
		return nil, fmt.Errorf("%d bytes are more than the limit, %d", len(data), MaxConfigBytes)
	}
	docs, err := documents(data)
	if err != nil {
		return nil, err
	}
	if len(docs) == 0 {
		return &yaml.Node{Kind: yaml.MappingNode}, nil
	}
	if len(docs) > 1 || docs[0].Kind != yaml.MappingNode {
		return nil, errors.New("want names and values, one a line, such as exchange_domain: example.local")
	}
	return docs[0], nil
}

// resolve gives a text, or the configured value that it names.
func (c Config) resolve(text string) (value, settles string) {
	name, isName := strings.CutPrefix(text, "$")
	if !isName {
		return text, ""
	}
	if c[name] == "" {
		return "", "the value " + name + ": --set " + name + "=…"
	}
	return c[name], ""
}

// accountInDomain holds an account against the domain of Exchange.
func (c Config) accountInDomain(account string) judged {
	domain, kind := accountDomain(account)
	switch kind {
	case accountBuiltIn:
		return judged{bad: true, why: account + " is no account of the domain"}
	case accountLocal:
		return judged{bad: true, why: account + " is an account of this computer"}
	case accountUPN:
		for _, name := range []string{"exchange_domain", "exchange_upn_suffix"} {
			if c[name] != "" && strings.EqualFold(domain, c[name]) {
				return judged{}
			}
		}
		if c["exchange_domain"] == "" && c["exchange_upn_suffix"] == "" {
			return judged{open: true, settles: "the domain of the Exchange server: --set exchange_domain=…"}
		}
		return judged{bad: true, why: fmt.Sprintf("%s is of %s", account, domain)}
	}
	if c["exchange_domain"] == "" && c["exchange_domain_netbios"] == "" {
		return judged{open: true, settles: "the domain of the Exchange server: --set exchange_domain=… and exchange_domain_netbios=…"}
	}
	first, _, _ := strings.Cut(c["exchange_domain"], ".")
	switch {
	case strings.EqualFold(domain, c["exchange_domain_netbios"]), strings.EqualFold(domain, c["exchange_domain"]):
		return judged{}
	case c["exchange_domain_netbios"] != "":
		return judged{bad: true, why: fmt.Sprintf("%s is of %s", account, domain)}
	case strings.EqualFold(domain, first):
		return judged{} // the NetBIOS name is the first part of the DNS name unless someone chose another
	}
	return judged{open: true, settles: "the NetBIOS name of the domain: --set exchange_domain_netbios=…"}
}

// computerInDomain holds the domain of the computer against that of Exchange.
func (c Config) computerInDomain(domain string) judged {
	switch {
	case strings.TrimSpace(domain) == "":
		return judged{bad: true, why: "the computer is in no domain"}
	case c["exchange_domain"] == "" && c["exchange_domain_netbios"] == "":
		return judged{open: true, settles: "the domain of the Exchange server: --set exchange_domain=…"}
	case strings.EqualFold(strings.TrimSuffix(domain, "."), c["exchange_domain"]), strings.EqualFold(domain, c["exchange_domain_netbios"]):
		return judged{}
	case strings.Contains(domain, ".") && c["exchange_domain"] == "":
		return judged{open: true, settles: "the DNS name of the domain: --set exchange_domain=…"}
	}
	return judged{bad: true, why: fmt.Sprintf("the computer is in %s", domain)}
}

// An accountKind says how an account is written.
type accountKind int

const (
	accountDownLevel accountKind = iota // DOMAIN\name
	accountUPN                          // name@suffix
	accountLocal                        // .\name
	accountBuiltIn                      // LocalSystem, NT AUTHORITY\…
)

// accountDomain takes the name of a service account apart.
func accountDomain(account string) (domain string, kind accountKind) {
	account = strings.TrimSpace(account)
	if at := strings.LastIndexByte(account, '@'); at > 0 && !strings.Contains(account, `\`) {
		return account[at+1:], accountUPN
	}
	domain, _, found := strings.Cut(account, `\`)
	switch {
	case !found:
		return "", accountBuiltIn // LocalSystem, or a name without a place
	case domain == ".":
		return "", accountLocal
	case slices.Contains([]string{"nt authority", "nt-autorität", "nt service", "builtin", "vordefiniert"}, strings.ToLower(domain)):
		return "", accountBuiltIn
	}
	return domain, accountDownLevel
}
