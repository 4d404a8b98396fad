package report

// The objects of the JSON output, one a line. They are a promise: fields are only
// added, and what is not known is left out. Times are RFC 3339.

// A Document is the whole result of a scan, ready to be written: redacted, and in
// the order of output.
type Document struct {
	Sources   []Source
	Findings  []Finding // worst first
	Cases     []Case    // worst first
	Templates []Template
	Notes     []Note
	Summary   Summary
}

// A Source is what was learned of one byte stream. Schema oxtail.source/v1.
type Source struct {
	Schema      string   `json:"schema"`
	Path        string   `json:"path"`
	Kind        string   `json:"kind,omitempty"`
	Format      string   `json:"format,omitempty"`
	FormatTitle string   `json:"format_title,omitempty"`
	FormatShare float64  `json:"format_share,omitempty"` // of the head's lines, 0 to 1
	Encoding    string   `json:"encoding,omitempty"`
	Bytes       int64    `json:"bytes"`
	Records     int64    `json:"records"`
	Problems    int64    `json:"problems"` // records that were not understood
	First       string   `json:"first,omitempty"`
	Last        string   `json:"last,omitempty"`
	TimeBasis   string   `json:"time_basis,omitempty"`
	Mailbox     string   `json:"mailbox,omitempty"`
	Verdict     string   `json:"verdict"`
	Action      string   `json:"action"`
	Codes       []string `json:"codes,omitempty"`
	Folders     []string `json:"folders,omitempty"`
	FailedItems int      `json:"failed_items"`
	Error       string   `json:"error,omitempty"`  // why it was not fully read
	Remedy      string   `json:"remedy,omitempty"` // what helps against Error
	Budget      string   `json:"budget,omitempty"` // limit that stopped it
}

// A Finding is a fault that a rule found, with its proof. Schema oxtail.finding/v1.
type Finding struct {
	Schema     string     `json:"schema"`
	ID         string     `json:"id"`
	Rule       string     `json:"rule"`
	Title      string     `json:"title"`
	Severity   string     `json:"severity"`
	Verdict    string     `json:"verdict"`
	Action     string     `json:"action"`
	Confidence string     `json:"confidence"`
	First      string     `json:"first,omitempty"`
	Last       string     `json:"last,omitempty"`
	Count      int        `json:"count"`
	Codes      []string   `json:"codes,omitempty"`
	UUIDs      []string   `json:"uuids,omitempty"`
	Folders    []string   `json:"folders,omitempty"`
	Account    *Account   `json:"account,omitempty"`
	Mailbox    string     `json:"mailbox,omitempty"`
	Profiles   []string   `json:"profiles,omitempty"`
	CacheFiles []string   `json:"cache_files,omitempty"`
	Because    []string   `json:"because,omitempty"`
	Evidence   []Evidence `json:"evidence"`

	FailedItems int    `json:"failed_items"`
	Explain     string `json:"explain,omitempty"` // why it matters
	Change      string `json:"change,omitempty"`  // what would change the verdict
	Weak        bool   `json:"weak,omitempty"`    // shown, not recommended
	Gone        bool   `json:"gone,omitempty"`    // the fault healed, perhaps at an unknown time
	Healed      string `json:"healed,omitempty"`  // when it was gone
}

// An Account is the server account that a finding concerns.
type Account struct {
	Server string `json:"server,omitempty"`
	User   string `json:"user,omitempty"`
}

// Evidence is one place in a source that proves a finding.
type Evidence struct {
	Source    string `json:"source"`
	Offset    int64  `json:"offset"`         // bytes from the start of the source
	Length    int64  `json:"length"`         // bytes
	Line      int    `json:"line,omitempty"` // 1-based
	Time      string `json:"time,omitempty"`
	TimeBasis string `json:"time_basis,omitempty"`
	Text      string `json:"text"`
}

// A Template is a family of error-worded records that no rule knows. Schema
// oxtail.template/v1.
type Template struct {
	Schema   string     `json:"schema"`
	Pattern  string     `json:"pattern"` // the text with what varies masked
	Count    int        `json:"count"`   // records
	First    string     `json:"first,omitempty"`
	Last     string     `json:"last,omitempty"`
	Evidence []Evidence `json:"evidence"` // the first of them
}

// A Note is something about the scan that people should know although nothing was
// lost. Schema oxtail.note/v1.
type Note struct {
	Schema string `json:"schema"`
	Path   string `json:"path,omitempty"`
	Text   string `json:"text"`
	Count  int    `json:"count,omitempty"`
}

// A Summary is the whole scan in one line, the last one. Schema oxtail.summary/v1.
type Summary struct {
	Schema     string         `json:"schema"`
	Sources    int            `json:"sources"`
	NotRead    int            `json:"not_read"`
	Bytes      int64          `json:"bytes"`
	Records    int64          `json:"records"`
	Problems   int64          `json:"problems"`
	Findings   SeverityCounts `json:"findings"`
	Verdict    string         `json:"verdict"`
	Action     string         `json:"action"`
	Incomplete bool           `json:"incomplete"`
	Version    string         `json:"version"`
}

// SeverityCounts counts findings by severity; all are always present.
type SeverityCounts struct {
	Critical      int `json:"critical"`
	High          int `json:"high"`
	Medium        int `json:"medium"`
	Low           int `json:"low"`
	Informational int `json:"informational"`
}

// A Record is one record of a source. Schema oxtail.record/v1.
type Record struct {
	Schema    string            `json:"schema"`
	Source    string            `json:"source"`
	Offset    int64             `json:"offset"` // bytes
	Length    int64             `json:"length"` // bytes
	Line      int               `json:"line"`   // 1-based
	Time      string            `json:"time,omitempty"`
	TimeBasis string            `json:"time_basis,omitempty"`
	Level     string            `json:"level,omitempty"`
	Component string            `json:"component,omitempty"`
	Thread    string            `json:"thread,omitempty"`
	Message   string            `json:"message"`
	Codes     []string          `json:"codes,omitempty"`
	UUIDs     []string          `json:"uuids,omitempty"`
	Fields    map[string]string `json:"fields,omitempty"`
	Problem   string            `json:"problem,omitempty"`
}

// The names of the schemas.
const (
	SchemaSource   = "oxtail.source/v1"
	SchemaFinding  = "oxtail.finding/v1"
	SchemaTemplate = "oxtail.template/v1"
	SchemaNote     = "oxtail.note/v1"
	SchemaSummary  = "oxtail.summary/v1"
	SchemaRecord   = "oxtail.record/v1"
)
