package report

import (
	"bufio"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"unicode"

	"github.com/gocarina/gocsv"
)

// CSV as RFC 4180 says: a header, fields in quotes where needed, CR LF after each
// row. Line feeds of a log's text stay inside the quotes, so a row is a record for
// every reader of CSV. Columns are only added at the end.

// bom tells Excel that the file is UTF-8.
const bom = "\uFEFF"

// A CSV writes rows of one kind.
type CSV struct {
	out     *rowWriter
	started bool
}

// NewCSV returns a writer of rows; withBOM puts a byte order mark first, for Excel.
func NewCSV(w io.Writer, withBOM bool) *CSV {
	c := &CSV{out: &rowWriter{w: bufio.NewWriter(w)}}
	if withBOM {
		c.out.text(bom)
	}
	return c
}

// CSVRow is one of the types of rows.
type CSVRow interface {
	FindingRow | RecordRow | SourceRow | CaseRow | ProfileRow | CacheRow | EntryRow | FolderRow | DiffRow | CheckRow
}

// WriteCSV writes rows, the header before the first of them. It may be called again
// with more rows of the same type; an empty call writes the header alone.
func WriteCSV[R CSVRow](c *CSV, rows []R) error {
	write := gocsv.MarshalCSVWithoutHeaders
	if !c.started {
		c.started = true
		write = gocsv.MarshalCSV
	}
	for i := range rows {
		neutralize(&rows[i])
	}
	if err := write(rows, c.out); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return c.out.Error()
}

// A FindingRow is a finding in CSV.
type FindingRow struct {
	ID            string `csv:"id"`
	Rule          string `csv:"rule"`
	Title         string `csv:"title"`
	Severity      string `csv:"severity"`
	Verdict       string `csv:"verdict"`
	Action        string `csv:"action"`
	Confidence    string `csv:"confidence"`
	First         string `csv:"first"`
	Last          string `csv:"last"`
	Count         int    `csv:"count"`
	Codes         string `csv:"codes"`
	UUIDs         string `csv:"uuids"`
	Folders       string `csv:"folders"`
	AccountServer string `csv:"account_server"`
	AccountUser   string `csv:"account_user"`
	Mailbox       string `csv:"mailbox"`
	Profiles      string `csv:"profiles"`
	CacheFiles    string `csv:"cache_files"`
	Because       string `csv:"because"`
	Evidence      string `csv:"evidence"` // source:line of each
	Source        string `csv:"source"`   // of the first evidence, as are those below
	Offset        string `csv:"offset"`
	Length        string `csv:"length"`
	Line          string `csv:"line"`
	Time          string `csv:"time"`
	TimeBasis     string `csv:"time_basis"`
	Text          string `csv:"text"`
	Change        string `csv:"change"`
	FailedItems   int    `csv:"failed_items"`
}

// A SourceRow is a source in CSV.
type SourceRow struct {
	Path        string `csv:"path"`
	Kind        string `csv:"kind"`
	Format      string `csv:"format"`
	FormatShare string `csv:"format_share"`
	Encoding    string `csv:"encoding"`
	Bytes       int64  `csv:"bytes"`
	Records     int64  `csv:"records"`
	Problems    int64  `csv:"problems"`
	First       string `csv:"first"`
	Last        string `csv:"last"`
	TimeBasis   string `csv:"time_basis"`
	Mailbox     string `csv:"mailbox"`
	Verdict     string `csv:"verdict"`
	Action      string `csv:"action"`
	Codes       string `csv:"codes"`
	Folders     string `csv:"folders"`
	FailedItems int    `csv:"failed_items"`
	Error       string `csv:"error"`
	Remedy      string `csv:"remedy"`
}

// A RecordRow is a record in CSV.
type RecordRow struct {
	Source    string `csv:"source"`
	Offset    int64  `csv:"offset"`
	Length    int64  `csv:"length"`
	Line      int    `csv:"line"`
	Time      string `csv:"time"`
	TimeBasis string `csv:"time_basis"`
	Level     string `csv:"level"`
	Component string `csv:"component"`
	Thread    string `csv:"thread"`
	Message   string `csv:"message"`
	Codes     string `csv:"codes"`
	UUIDs     string `csv:"uuids"`
	Fields    string `csv:"fields"` // name=value of each
	Problem   string `csv:"problem"`
}

// Row returns the finding as a row of CSV.
func (f *Finding) Row() FindingRow {
	row := FindingRow{
		ID: f.ID, Rule: f.Rule, Title: f.Title, Severity: f.Severity, Verdict: f.Verdict, Action: f.Action,
		Confidence: f.Confidence, First: f.First, Last: f.Last, Count: f.Count,
		Codes: list(f.Codes), UUIDs: list(f.UUIDs), Folders: list(f.Folders), Mailbox: f.Mailbox,
		Profiles: list(f.Profiles), CacheFiles: list(f.CacheFiles), Because: list(f.Because), Change: f.Change, FailedItems: f.FailedItems,
	}
	if f.Account != nil {
		row.AccountServer, row.AccountUser = f.Account.Server, f.Account.User
	}
	var places []string
	for _, e := range f.Evidence {
		places = append(places, e.place())
	}
	row.Evidence = list(places)
	if len(f.Evidence) > 0 {
		e := f.Evidence[0]
		row.Source, row.Offset, row.Length = e.Source, strconv.FormatInt(e.Offset, 10), strconv.FormatInt(e.Length, 10)
		row.Time, row.TimeBasis, row.Text = e.Time, e.TimeBasis, e.Text
		if e.Line > 0 {
			row.Line = strconv.Itoa(e.Line)
		}
	}
	return row
}

// Row returns the source as a row of CSV.
func (s *Source) Row() SourceRow {
	row := SourceRow{
		Path: s.Path, Kind: s.Kind, Format: s.Format, Encoding: s.Encoding,
		Bytes: s.Bytes, Records: s.Records, Problems: s.Problems, First: s.First, Last: s.Last, TimeBasis: s.TimeBasis,
		Mailbox: s.Mailbox, Verdict: s.Verdict, Action: s.Action, Codes: list(s.Codes), Folders: list(s.Folders),
		FailedItems: s.FailedItems, Error: s.Error, Remedy: s.Remedy,
	}
	if s.Format != "" {
		row.FormatShare = strconv.FormatFloat(s.FormatShare, 'f', -1, 64)
	}
	return row
}

// Row returns the record as a row of CSV.
func (r *Record) Row() RecordRow {
	return RecordRow{
		Source: r.Source, Offset: r.Offset, Length: r.Length, Line: r.Line, Time: r.Time, TimeBasis: r.TimeBasis,
		Level: r.Level, Component: r.Component, Thread: r.Thread, Message: r.Message,
		Codes: list(r.Codes), UUIDs: list(r.UUIDs), Fields: list(pairs(r.Fields)), Problem: r.Problem,
	}
}

// place returns "source:line", or the offset where no line is known.
func (e *Evidence) place() string {
	if e.Line > 0 {
		return e.Source + ":" + strconv.Itoa(e.Line)
	}
	return e.Source + "@" + strconv.FormatInt(e.Offset, 10)
}

func list(items []string) string { return strings.Join(items, "; ") }

// neutralize makes all text cells of a row harmless to a spreadsheet.
func neutralize(row any) {
	v := reflect.ValueOf(row).Elem()
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.String {
			f.SetString(Cell(tame(f.String())))
		}
	}
}

// Cell returns text that no spreadsheet takes for a formula: one that begins with
// = + - @, a tab or a line end, also after blanks, gets an apostrophe in front.
func Cell(s string) string {
	for _, r := range s {
		switch {
		case strings.ContainsRune("=+-@\t\r\n|＝＋－＠", r):
			return "'" + s
		case unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || unicode.IsControl(r):
			continue
		}
		return s
	}
	return s
}

// A rowWriter writes rows of CSV. It implements gocsv.CSVWriter. The standard
// library's writer would turn line feeds inside of fields into CR LF, too.
type rowWriter struct {
	w   *bufio.Writer
	err error
}

var _ gocsv.CSVWriter = (*rowWriter)(nil)

// Write writes one row.
func (r *rowWriter) Write(row []string) error {
	for i, field := range row {
		if i > 0 {
			r.text(",")
		}
		if !strings.ContainsAny(field, ",\"\r\n") && field == strings.TrimSpace(field) {
			r.text(field)
			continue
		}
		r.text(`"`)
		r.text(strings.ReplaceAll(field, `"`, `""`))
		r.text(`"`)
	}
	r.text("\r\n")
	return r.err
}

func (r *rowWriter) text(s string) {
	if r.err == nil {
		_, r.err = r.w.WriteString(s)
	}
}

// Flush writes what is buffered.
func (r *rowWriter) Flush() {
	if r.err == nil {
		r.err = r.w.Flush()
	}
}

// Error returns the first error of writing.
func (r *rowWriter) Error() error { return r.err }

// WriteFindingsCSV writes one row a finding.
func (d *Document) WriteFindingsCSV(w io.Writer, withBOM bool) error {
	rows := make([]FindingRow, len(d.Findings))
	for i := range d.Findings {
		rows[i] = d.Findings[i].Row()
	}
	return WriteCSV(NewCSV(w, withBOM), rows)
}

// WriteSourcesCSV writes one row a source.
func (d *Document) WriteSourcesCSV(w io.Writer, withBOM bool) error {
	rows := make([]SourceRow, len(d.Sources))
	for i := range d.Sources {
		rows[i] = d.Sources[i].Row()
	}
	return WriteCSV(NewCSV(w, withBOM), rows)
}
