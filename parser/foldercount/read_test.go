package foldercount

import (
	"encoding/binary"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

// exchange is what Export-Csv of Windows PowerShell writes, shortened.
const exchange = "#TYPE Selected.Microsoft.Exchange.Management.Tasks.MailboxFolderConfiguration\r\n" +
	`"Date","Name","Identity","FolderPath","FolderType","ItemsInFolder","FolderSize","LastModifiedTime"` + "\r\n" +
	`"","Top of Information Store","example.org/Users/alex\Top of Information Store","/Top of Information Store","Root","0","0 B (0 bytes)",""` + "\r\n" +
	`"","Posteingang","example.org/Users/alex\Posteingang","/Posteingang","Inbox","1204","1.205 MB (1,263,616 bytes)","05.03.2012 10:11:12"` + "\r\n" +
	`"","A/B","example.org/Users/alex\Posteingang\A` + "\uF8FF" + `B","/Posteingang/A` + "\uF8FF" + `B","User Created","7","12 KB (12,288 bytes)","3/5/2012 10:11:12 AM"` + "\r\n"

func encode16(text string, order binary.AppendByteOrder) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, u)
	}
	return b
}

func TestReadExchange(t *testing.T) {
	for encoding, raw := range map[string][]byte{
		"utf-8":     []byte(exchange),
		"utf-8 ":    []byte("\uFEFF" + exchange),
		"utf-16le":  encode16("\uFEFF"+exchange, binary.LittleEndian),
		"utf-16be":  encode16("\uFEFF"+exchange, binary.BigEndian),
		"utf-16le ": encode16(exchange, binary.LittleEndian),
	} {
		got, err := Read(strings.NewReader(string(raw)))
		if err != nil {
			t.Fatalf("%s: %v", encoding, err)
		}
		if got.Encoding != strings.TrimSpace(encoding) || got.Comma != ',' || got.Mailbox != "example.org/Users/alex" || len(got.Folders) != 3 {
			t.Fatalf("%s: got %s, separator %q, mailbox %q, %d folders", encoding, got.Encoding, got.Comma, got.Mailbox, len(got.Folders))
		}
		inbox, below := got.Folders[1], got.Folders[2]
		at := time.Date(2012, 3, 5, 10, 11, 12, 0, time.UTC)
		if inbox.Path != "/Posteingang" || inbox.Items != 1204 || *inbox.Size != 1263616 || inbox.Type != "Inbox" || !inbox.LastModified.Equal(at) || inbox.Line != 4 {
			t.Errorf("%s: got %+v", encoding, inbox)
		}
		if below.Path != "/Posteingang/A\uF8FFB" || below.Display() != "/Posteingang/A/B" || below.Items != 7 || !below.LastModified.Equal(at) {
			t.Errorf("%s: got %+v", encoding, below)
		}
	}
}

func TestReadForms(t *testing.T) {
	for _, tt := range []struct {
		name, text, path string
		items            int64
	}{
		{"semicolon", "FolderPath;ItemsInFolder\n/Inbox;5\n", "/Inbox", 5},
		{"tab", "FolderPath\tItemsInFolder\n/Inbox\t5\n", "/Inbox", 5},
		{"line for Excel", "sep=;\nFolderPath;ItemsInFolder\n/Inbox;5\n", "/Inbox", 5},
		{"German", "Ordnerpfad;Elemente im Ordner;Ordnergröße\n/Posteingang;5;12 KB (12.288 Bytes)\n", "/Posteingang", 5},
		{"Windows-1252", "Ordner;Anzahl\n/Entw\xfcrfe;5\n", "/Entwürfe", 5},
		{"Outlook's words", "Folder,Server folder contains,Last Synchronized on\nInbox,5,05.03.2012 10:11\n", "/Inbox", 5},
		{"Outlook's path", "Folder,Items\n\\\\Mailbox - Alex\\Inbox\\A,5\n", "/Inbox/A", 5},
		{"identity", "Identity,ItemsInFolder\nalex\\Inbox\\A,5\n", "/Inbox/A", 5},
		{"name only", "Name,ItemsInFolder\nA/B,5\n", "/A\uF8FFB", 5},
		{"group separators", "FolderPath;ItemsInFolder\n/Inbox;1.234\n", "/Inbox", 1234},
		{"visible only", "FolderPath,VisibleItemsInFolder\n/Inbox,5\n", "/Inbox", 5},
		{"empty rows behind", "FolderPath;ItemsInFolder\n/Inbox;5\n;\n\n", "/Inbox", 5},
		{"type in quotes", "\"#TYPE X\"\n\nFolderPath,ItemsInFolder\n/Inbox,5", "/Inbox", 5},
		{"comma in a name", "FolderPath,ItemsInFolder\n\"/Inbox/a, b\",5\n", "/Inbox/a, b", 5},
	} {
		got, err := Read(strings.NewReader(tt.text))
		if err != nil || len(got.Folders) != 1 || got.Folders[0].Path != tt.path || got.Folders[0].Items != tt.items {
			t.Errorf("%s: got %+v, %v; want %s with %d", tt.name, got.Folders, err, tt.path, tt.items)
		}
	}
}

func TestReadErrors(t *testing.T) {
	for _, tt := range []struct {
		name, text, want string
		line             int
	}{
		{"empty", "", "the file is empty", 0},
		{"blank", "\n \n", "the file is empty", 0},
		{"no header", "/Inbox,5\n", "no header with a folder", 1},
		{"a log", strings.Repeat("10:11:12 Synchronizing\n", 50), "no header with a folder", 1},
		{"no rows", "#TYPE x\nFolderPath,ItemsInFolder\n", "there is no folder behind the header", 2},
		{"no number", "FolderPath,ItemsInFolder\n/A,1\n/Inbox,many\n", `the count "many" of folder /Inbox is no number`, 3},
		{"fraction", "FolderPath;ItemsInFolder\n/Inbox;1,5\n", `the count "1,5"`, 2},
		{"negative", "FolderPath;ItemsInFolder\n/Inbox;-1\n", `the count "-1"`, 2},
		{"too large", "FolderPath;ItemsInFolder\n/Inbox;99999999999999999999\n", `is no number`, 2},
		{"no count", "FolderPath,ItemsInFolder\n/Inbox,\n", "folder /Inbox has no item count", 2},
		{"no folder", "FolderPath,ItemsInFolder\n,5\n", "the row names no folder", 2},
		{"comma without quotes", "#TYPE x\r\nFolderPath,ItemsInFolder\r\n/a, b,5\r\n", "the row has 3 columns, the header has 2", 3},
		{"quote not closed", "FolderPath,ItemsInFolder\n/A,1\n\"/Inbox,5\n/B,6\n", "a quotation mark", 3},
		{"two mailboxes", "Identity,ItemsInFolder\nalex\\Inbox,5\nbob\\Inbox,6\n", `the row is of mailbox "bob"`, 3},
	} {
		_, err := Read(strings.NewReader(tt.text))
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || syntax.Line != tt.line || !strings.Contains(err.Error(), tt.want) || syntax.Remedy == "" {
			t.Errorf("%s: got %v; want line %d, %q and a remedy", tt.name, err, tt.line, tt.want)
		}
	}
	broken := errors.New("device gone")
	if _, err := Read(failing{broken}); !errors.Is(err, broken) {
		t.Errorf("got %v; want the reader's own error in it", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestParseTime(t *testing.T) {
	day := time.Date(2012, 3, 5, 10, 11, 12, 0, time.UTC)
	late := time.Date(2012, 3, 25, 22, 11, 12, 0, time.UTC)
	for _, tt := range []struct {
		text string
		want time.Time
	}{
		{"05.03.2012 10:11:12", day}, {"5.3.2012 10:11:12", day}, {"2012-03-05T10:11:12", day}, {"2012-03-05 10:11:12", day},
		{"3/5/2012 10:11:12 AM", day}, {"3/5/2012 10:11:12\u202FAM", day}, {"25/03/2012 22:11:12", late}, {"3/25/2012 22:11:12", late},
		{"3/25/2012 10:11:12 PM", late}, {"03/05/2012 10:11:12", time.Time{}}, {"gestern", time.Time{}}, {"", time.Time{}},
	} {
		if got, ok := parseTime(tt.text); !got.Equal(tt.want) || ok == tt.want.IsZero() {
			t.Errorf("parseTime(%q) = %v, %v; want %v", tt.text, got, ok, tt.want)
		}
	}
}

func TestParseSize(t *testing.T) {
	for text, want := range map[string]int64{
		"1.205 MB (1,263,616 bytes)": 1263616, "1,205 MB (1.263.616 Bytes)": 1263616, "12 KB (12\u00A0288 octets)": 12288, "0 B (0 bytes)": 0,
		"4096": 4096, "12 KB": -1, "": -1, "(": -1, "()": -1,
	} {
		got, ok := parseSize(text)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("parseSize(%q) = %d; want %d", text, got, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	seeds := []string{exchange, string(encode16("\uFEFF"+exchange, binary.LittleEndian)), "FolderPath;ItemsInFolder\n/Inbox;5\n", "Identity,ItemsInFolder\na\\b\\c,1.234\n", "\"", "sep=;"}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, server, offline string) {
		s, err := Read(strings.NewReader(server))
		var syntax *SyntaxError
		if err != nil && !errors.As(err, &syntax) {
			t.Errorf("Read(%q): %v is no *SyntaxError", server, err)
		}
		if err == nil && len(s.Folders) == 0 {
			t.Errorf("Read(%q) gives neither folders nor an error", server)
		}
		o, _ := Read(strings.NewReader(offline))
		got := Compare(s.Folders, o.Folders)
		sides := 0
		for _, d := range got {
			sides += oneWhen(d.Server != nil) + oneWhen(d.Offline != nil)
		}
		if sides != len(s.Folders)+len(o.Folders) {
			t.Errorf("%d folders of %d and %d in the comparison", sides, len(s.Folders), len(o.Folders))
		}
		if again := Compare(s.Folders, o.Folders); !reflect.DeepEqual(got, again) {
			t.Error("two comparisons differ")
		}
		Judge(got)
	})
}
