package outlook

import (
	"strings"
	"testing"

	"oxtail/parser"
)

// Nothing is lost of input that repeats one mark of a grammar again and again. (Work
// must grow with the size and not with its square: with 1 MiB for size this test
// takes two minutes, quadratic steps make it hours.)
func TestHostileInput(t *testing.T) {
	const size = 48 << 10
	for _, piece := range []string{
		"1:00:00 ", "1:00:00", "'1:00:00 x", "1:00:00 Error synchronizing folder\n", "1:00:00 [80040600-501-80040600-560]\n", "x\n", "\n", "x\n\n", "> ",
		"Error synchronizing folder ", "Error synchronizing message 'a ", "Error synchronizing folder\nx\n", "http://x?err=80040600-501-80040600-560\n",
		"[80040600-501-80040600-560]", "Microsoft Exchange offline address book\nx\n", "Message class: {SU:x} ", "1:00:00 Message class: {",
		"Task 'x' ", "Task 'x'\n\n", "Task 'x' reported error (0x80040600)\n", "reported error ", "Service 'x'\n", "Service 'x' recreated in profile 'y' ",
		"2012.01.01 01:01:01 Callback::LogText[\n", "\"x\n", "!!", "!!x\n", "    x\n", "**Beginning NDB recovery\n!!x\n", "Source: x\n", "Event ID: 1\n", "P1: x\n",
		"<Event>", "<Event><System>\n", "</Event>", "<a>", "Level,Event ID,Date\n\"", "a,\"\n", "0000: 01\n", "Log Entry: 1\n", "-----\n", "<?xml\n",
		"{\"error\":", "[{\"", "\\\"", "{", "* Listing cache file information\n", "x.odb ",
	} {
		raw := []byte(strings.Repeat(piece, size/len(piece)))
		for _, f := range Formats() {
			records := read(f, raw)
			checkTiles(t, raw, records)
		}
	}
}

// An entry that never ends is handed on in pieces.
func TestEntryLimit(t *testing.T) {
	const size = 3 << 20
	begin := map[string]string{
		"outlook_sync": "Error synchronizing folder\n", "outlook_modres": "Message class: {SU:x}\n", "outlook_sendreceive": "Task 'x'\n",
		"outlook_opmlog": "2012.01.01 01:01:01 x\n", "outlook_scanpst": "!!x\n", "outlook_oabdata": "0000: 01\n",
		"windows_event_text": "Source: x\n", "windows_event_xml": "<Event>\n", "windows_event_csv": "\"", "eas_mailboxlog": "Log Entry: 1\n",
		"ox_api_json": "{\n", "ox_supporttool": "Service 'x'\n",
	}
	for _, f := range Formats() {
		head, ok := begin[f.Name()]
		if !ok {
			t.Fatalf("no case for %s", f.Name())
		}
		raw := []byte(head + strings.Repeat("    "+strings.Repeat("x", 500)+"\n", size/505))
		records := read(f, raw)
		checkTiles(t, raw, records)
		for _, r := range records {
			if len(r.Raw) > maxEntry+parser.MaxLine {
				t.Errorf("%s makes a record of %d bytes", f.Name(), len(r.Raw))
			}
		}
	}
}
