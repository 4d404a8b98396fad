// Package plant makes names and secrets, hides them in inputs of every type, and looks
// for what is left of them. Leak tests use it.
//
// It never makes a name that an input holds for another reason, so whatever [Set.Find]
// finds has leaked. All of it is made up and the same in every run.
package plant

import (
	"fmt"
	"strings"
	"unicode"
)

// A Person is somebody whose traces are planted.
type Person struct {
	First, Last string
	Login       string
	Host        string // NetBIOS name of the computer
	IP          string
	Subject     string
	Password    string
	Token       string
	Session     string
}

// A Set is all that is planted.
type Set struct {
	People  []Person
	Domain  string // DNS name
	NetBIOS string
	Server  string // host of the mail server, without domain
}

// people is how many persons a set has: with nine names and secrets each, 234 plants.
const people = 26

// New returns the set.
func New() *Set {
	first := []string{"Brelwig", "Tarnuko", "Ödalwin", "Quendoli", "Zäzilie", "Hüttfrid", "Morwenka", "Ysgarde", "Plomfrit", "Vränzel", "Kniestri", "Dulwonga", "Fröbel"}
	last := []string{"Karsunke", "Möllwitz", "Tschorbe", "Überklang", "Fnarwald", "Grözinski", "Wolpertin", "Zschokkwitz", "Hübelmoor", "Quastenfeld", "Rabenjäckel", "Lunkwitzer", "Schnörpel"}
	s := &Set{Domain: "trullwerk-gmbh.de", NetBIOS: "TRULLW", Server: "zmxbrum04"}
	for i := range people {
		p := Person{First: first[i%13], Last: last[(i*5+i/13)%13] + strings.Repeat("ow", i/13)}
		p.Login = fmt.Sprintf("%s%s%02d", ascii(p.First[:2]), ascii(p.Last), i)
		p.Host = fmt.Sprintf("QPC%s%02d", strings.ToUpper(ascii(p.Last))[:5], i)
		p.IP = fmt.Sprintf("198.51.%d.%d", 100+i, 11+i*7)
		if i%4 == 3 {
			p.IP = fmt.Sprintf("2001:db8:77:%x::%x", 0x9a0+i, 0xbeef+i)
		}
		p.Subject = fmt.Sprintf("Vertrauliches Angebot Nr. %d für die Übernahme %s", 7000+i, strings.ToUpper(p.Last[:3]))
		p.Password = fmt.Sprintf("S3hr-G3heim_%c%d!x", 'a'+i, i*i+17)
		p.Token = fmt.Sprintf("tK%dzzQ9vRpLmW%dxYaBcD", 1000+i*37, i*91+12345)
		p.Session = fmt.Sprintf("%08xcafe%08xf00d", 0x9e3779b9*uint32(i+1), 0x85ebca6b*uint32(i+3))
		s.People = append(s.People, p)
	}
	return s
}

// ascii drops what is not ASCII, in lower case.
func ascii(s string) string {
	return strings.Map(func(r rune) rune {
		if r < unicode.MaxASCII && unicode.IsLetter(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// Mail is a person's mail address.
func (s *Set) Mail(p Person) string {
	return strings.ToLower(ascii(p.First)+"."+ascii(p.Last)) + "@" + s.Domain
}

// Mailbox is the name of a person's mailbox.
func (p Person) Mailbox() string { return p.Last + ", " + p.First }

// Secrets lists everything that must not be found.
func (s *Set) Secrets() []string {
	out := []string{s.Domain, "trullwerk", s.NetBIOS, s.Server}
	for _, p := range s.People {
		mail, _, _ := strings.Cut(s.Mail(p), "@")
		out = append(out, p.Login, p.First, p.Last, mail, p.Host, p.IP, p.Subject, p.Password, p.Token, p.Session)
	}
	return out
}
