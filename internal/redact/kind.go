package redact

// A Kind says what a name names. It is the first word of its pseudonym.
type Kind string

// The kinds of names, which get pseudonyms.
const (
	User    Kind = "user"
	Mailbox Kind = "mailbox"
	Host    Kind = "host"
	Domain  Kind = "domain"
	Org     Kind = "org"
	Subject Kind = "subject"
	IP      Kind = "ip"
	Person  Kind = "name" // one word of a name of several
	SID     Kind = "sid"
)

// The kinds of what is removed for good, or counted only.
const (
	Password Kind = "password"
	Token    Kind = "token"
	Session  Kind = "session"
	Secured  Kind = "secured" // a value that a registry protects, a DPAPI blob
	Address  Kind = "address" // a mail address: a user and a domain
	UUID     Kind = "uuid"
)

// Kinds lists the kinds that have pseudonyms.
func Kinds() []Kind { return []Kind{User, Mailbox, Host, Domain, Org, Subject, IP, Person, SID} }

// removed is what stands for something that is gone for good.
func removed(k Kind) string { return "[removed:" + string(k) + "]" }
