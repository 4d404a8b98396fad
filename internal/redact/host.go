package redact

import "strings"

// splitHost cuts the name of a host into the host and its domain, by the labels.
func splitHost(fqdn string) (host, domain string) {
	labels := strings.Split(fqdn, ".")
	keep := 2
	if n := len(labels); n > 2 && len(labels[n-1]) == 2 {
		switch strings.ToLower(labels[n-2]) {
		case "co", "com", "org", "net", "ac", "gov", "gv", "or":
			keep = 3
		}
	}
	if len(labels) <= keep {
		return "", fqdn
	}
	return strings.Join(labels[:len(labels)-keep], "."), strings.Join(labels[len(labels)-keep:], ".")
}

// mailProviders have users everywhere; their names are no names of a customer.
var mailProviders = map[string]bool{
	"gmail": true, "googlemail": true, "gmx": true, "web": true, "outlook": true, "hotmail": true, "yahoo": true, "icloud": true,
	"live": true, "t-online": true, "aol": true, "freenet": true, "onmicrosoft": true, "example": true, "mail": true, "localhost": true, "posteo": true, "arcor": true,
}

// domain learns a domain, and the name of its owner in it.
func (c *candidates) domain(fqdn string) {
	host, domain := splitHost(fqdn)
	if isPublicHost(fqdn) && host != "" {
		return
	}
	if host != "" { // a mail domain may have a host's form: anna@mail.example.com
		c.add(Host, host, isCommon(host))
	}
	c.add(Domain, domain, false)
	owner, _, _ := strings.Cut(domain, ".")
	if len(owner) >= minPart && !mailProviders[owner] {
		c.add(Org, owner, false)
	}
}

// host learns the name of a host, with or without a domain.
func (c *candidates) host(name string) {
	switch {
	case isPublicHost(name):
	case strings.Contains(name, "."):
		c.domain(name)
	default:
		c.add(Host, name, false)
	}
}

// domainName is what stands for the domain of an address.
func (s *scanner) domainName(host string) string {
	if p := s.r.hostName(host, true); p != "" {
		return p
	}
	return host // a public one
}

// hostName is what stands for the name of a host, "" if it is not known and nothing
// says that it is one.
func (r *Redactor) hostName(name string, certain bool) string {
	if isPublicHost(name) {
		return ""
	}
	lower := strings.ToLower(name)
	if !strings.Contains(lower, ".") {
		if p := r.names.find(lower); p != "" || !certain {
			return p
		}
		return removed(Host)
	}
	if !certain && !r.tops[lower[strings.LastIndexByte(lower, '.')+1:]] {
		return ""
	}
	for at := 0; ; {
		if p, ok := r.domains[lower[at:]]; ok {
			if at == 0 {
				return p
			}
			label := lower[:at-1]
			if h := r.names.find(label); h != "" {
				return h + "." + p
			}
			return removed(Host) + "." + p
		}
		dot := strings.IndexByte(lower[at:], '.')
		if dot < 0 {
			break
		}
		at += dot + 1
	}
	if certain {
		return removed(Host)
	}
	return ""
}
