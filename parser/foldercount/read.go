package foldercount

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// MaxBytes is the largest file that is read. 100,000 folders, Exchange's end, with all columns take about 50 MB.
const MaxBytes = 64 << 20

// MaxFolders is the largest number of rows. A mailbox holds at most 10,000 folders a level and is long unusable before this.
const MaxFolders = 200_000

// maxHeaderLines is how far the header row is looked for: "#TYPE", blank lines and a title may stand before it.
const maxHeaderLines = 20

// Error tells the line first, for people who open the file.
func (e *SyntaxError) Error() string {
	if e.Line == 0 {
		return e.Problem + "; " + e.Remedy
	}
	return fmt.Sprintf("line %d: %s; %s", e.Line, e.Problem, e.Remedy)
}

// remedyExport is how to make a file that can be read.
const remedyExport = "export again with Get-MailboxFolderStatistics MAILBOX | Export-Csv FILE -Encoding UTF8"

// Read reads a list of folder counts. An error other than one of r is a *SyntaxError.
func Read(r io.Reader) (Listing, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return Listing{}, fmt.Errorf("read folder counts: %w", err)
	}
	if len(raw) > MaxBytes {
		return Listing{}, &SyntaxError{Problem: fmt.Sprintf("the file is larger than %d MB", MaxBytes>>20), Remedy: "export one mailbox a file"}
	}
	text, encoding := decode(raw)
	listing := Listing{Encoding: encoding, Columns: map[string]string{}}
	body, skipped, err := listing.findHeader(string(text))
	if err != nil {
		return Listing{}, err
	}
	return listing, listing.readRows(body, skipped)
}

// findHeader finds header row and separator. body begins with the header row, skipped lines stand before it.
func (l *Listing) findHeader(text string) (body string, skipped int, err error) {
	rest := text
	for n := range maxHeaderLines {
		line, after, more := strings.Cut(rest, "\n")
		line = strings.TrimSuffix(line, "\r")
		if comma, told := strings.CutPrefix(strings.ToLower(line), "sep="); told && len(comma) == 1 {
			l.Comma = rune(comma[0]) // a line for Excel
		} else if l.Comma = separatorOf(line); l.Comma != 0 {
			return rest, n, nil
		}
		if !more {
			break
		}
		rest = after
	}
	if strings.TrimSpace(text) == "" {
		return "", 0, &SyntaxError{Problem: "the file is empty", Remedy: remedyExport}
	}
	return "", 0, &SyntaxError{
		Line: 1, Problem: "no header with a folder and an item count, such as FolderPath and ItemsInFolder, in the first lines", Remedy: remedyExport,
	}
}

// separatorOf returns the separator by which the line is a usable header, or 0.
func separatorOf(line string) rune {
	if strings.HasPrefix(line, "#TYPE") {
		return 0
	}
	for _, comma := range []rune{',', ';', '\t', '|'} {
		header, err := newReader(line, comma).Read()
		if err == nil && findColumns(header).usable() {
			return comma
		}
	}
	return 0
}

func newReader(text string, comma rune) *csv.Reader {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = comma, -1, true
	return r
}

// readRows reads the header and all rows behind it.
func (l *Listing) readRows(body string, skipped int) error {
	r := newReader(body, l.Comma)
	header, err := r.Read()
	if err != nil {
		return syntaxError(err, skipped)
	}
	found := findColumns(header)
	for f, i := range found {
		l.Columns[string(f)] = strings.TrimSpace(header[i])
	}
	width := len(header)
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return syntaxError(err, skipped)
		}
		line, _ := r.FieldPos(0)
		if err := l.addRow(row, found, width, line+skipped); err != nil {
			return err
		}
	}
	if len(l.Folders) == 0 {
		return &SyntaxError{Line: skipped + 1, Problem: "there is no folder behind the header", Remedy: "check that the mailbox exists, and " + remedyExport}
	}
	return nil
}

// addRow turns a row into a Folder. Rows without any text, as spreadsheets leave them at the end, are passed over.
func (l *Listing) addRow(row []string, found columns, width, line int) error {
	if strings.TrimSpace(strings.Join(row, "")) == "" {
		return nil
	}
	if len(row) != width {
		return &SyntaxError{Line: line, Problem: fmt.Sprintf("the row has %d columns, the header has %d", len(row), width),
			Remedy: "put texts that hold the separator in quotes, or " + remedyExport}
	}
	if len(l.Folders) == MaxFolders {
		return &SyntaxError{Line: line, Problem: fmt.Sprintf("there are more than %d folders", MaxFolders), Remedy: "export one mailbox a file"}
	}
	folder := Folder{Line: line, Type: found.cell(row, fieldType)}
	folder.Path = l.pathOf(row, found)
	if folder.Path == "" {
		return &SyntaxError{Line: line, Problem: "the row names no folder", Remedy: remedyExport}
	}
	if err := l.sameMailbox(found.cell(row, fieldIdentity), line); err != nil {
		return err
	}
	if err := folder.readNumbers(row, found); err != nil {
		err.Line = line
		return err
	}
	folder.ModifiedText, folder.SynchronizedText = found.cell(row, fieldModified), found.cell(row, fieldSynchronized)
	folder.LastModified, _ = parseTime(folder.ModifiedText)
	folder.LastSynchronized, _ = parseTime(folder.SynchronizedText)
	l.Folders = append(l.Folders, folder)
	return nil
}

// readNumbers reads the counts. A wrong or missing item count is an error; sizes and the like may be in a form not known.
func (f *Folder) readNumbers(row []string, found columns) *SyntaxError {
	counts := map[field]*int64{}
	for _, name := range []field{fieldItems, fieldVisible, fieldUnread} {
		text := found.cell(row, name)
		if text == "" {
			continue
		}
		n, ok := parseCount(text)
		if !ok {
			return &SyntaxError{Problem: fmt.Sprintf("the count %q of folder %s is no number", text, f.Path), Remedy: "correct the row, or " + remedyExport}
		}
		counts[name] = &n
	}
	if size, ok := parseSize(found.cell(row, fieldSize)); ok {
		f.Size = &size
	}
	f.Visible, f.Unread = counts[fieldVisible], counts[fieldUnread]
	switch {
	case counts[fieldItems] != nil:
		f.Items = *counts[fieldItems]
	case f.Visible != nil:
		f.Items = *f.Visible
	default:
		return &SyntaxError{Problem: fmt.Sprintf("folder %s has no item count", f.Path), Remedy: "correct the row, or " + remedyExport}
	}
	return nil
}

// pathOf reads the folder's path from the best column.
func (l *Listing) pathOf(row []string, found columns) string {
	if path := cleanPath(found.cell(row, fieldPath)); path != "" {
		return path
	}
	if _, folder := splitIdentity(found.cell(row, fieldIdentity)); folder != "" {
		return cleanPath(strings.ReplaceAll(folder, `\`, "/"))
	}
	name := found.cell(row, fieldName)
	if name == "" {
		return ""
	}
	return "/" + strings.ReplaceAll(name, "/", string(slashInName))
}

// sameMailbox refuses files of several mailboxes: their folders have the same paths.
func (l *Listing) sameMailbox(identity string, line int) error {
	mailbox, _ := splitIdentity(identity)
	switch {
	case mailbox == "" || strings.EqualFold(mailbox, l.Mailbox):
	case l.Mailbox == "":
		l.Mailbox = mailbox
	default:
		return &SyntaxError{Line: line, Problem: fmt.Sprintf("the row is of mailbox %q, those before it are of %q", mailbox, l.Mailbox),
			Remedy: "export one mailbox a file"}
	}
	return nil
}

// splitIdentity parts `domain/unit/alex\Inbox\Projects`.
func splitIdentity(identity string) (mailbox, folder string) {
	mailbox, folder, found := strings.Cut(identity, `\`)
	if !found {
		return "", ""
	}
	return strings.TrimSpace(mailbox), folder
}

// syntaxError translates an error of encoding/csv, whose lines count from the header row.
func syntaxError(err error, skipped int) error {
	var parse *csv.ParseError
	if !errors.As(err, &parse) {
		return fmt.Errorf("read folder counts: %w", err)
	}
	problem := "the row cannot be read: " + parse.Err.Error()
	if errors.Is(parse.Err, csv.ErrQuote) || errors.Is(parse.Err, csv.ErrBareQuote) {
		problem = "a quotation mark stands in the middle of a text or is never closed"
	}
	return &SyntaxError{Line: parse.StartLine + skipped, Problem: problem, Remedy: "double quotation marks within texts and close the last one, or " + remedyExport}
}
