package report

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"

	"oxtail/parser/foldercount"
)

// SchemaComparison is the schema of a Comparison.
const SchemaComparison = "oxtail.comparison/v1"

// A Comparison is what two lists of folder counts say about a synchronisation. Schema
// oxtail.comparison/v1.
type Comparison struct {
	Schema      string       `json:"schema"`
	Server      string       `json:"server"`  // file
	Offline     string       `json:"offline"` // file
	Mailbox     string       `json:"mailbox,omitempty"`
	Verdict     string       `json:"verdict"`
	Action      string       `json:"action"`
	Confidence  string       `json:"confidence"`
	Pattern     string       `json:"pattern"`
	Compared    int          `json:"compared"`
	Equal       int          `json:"equal"`
	Different   int          `json:"different"`
	ServerOnly  int          `json:"server_only"`
	OfflineOnly int          `json:"offline_only"`
	Missing     int64        `json:"missing"` // items that the offline side lacks
	Surplus     int64        `json:"surplus"` // items that only the offline side has
	Doubts      []string     `json:"doubts,omitempty"`
	Checks      []string     `json:"checks,omitempty"` // ids of the checks to go on with
	Next        []string     `json:"next,omitempty"`
	Folders     []FolderDiff `json:"folders"`
}

// A FolderDiff is one folder of a Comparison.
type FolderDiff struct {
	Path             string `json:"path"`
	State            string `json:"state"`
	Match            string `json:"match,omitempty"`
	ServerItems      *int64 `json:"server_items,omitempty"`
	OfflineItems     *int64 `json:"offline_items,omitempty"`
	LastSynchronized string `json:"last_synchronized,omitempty"`
	Unsynced         string `json:"not_expected_equal,omitempty"` // why the folder has no part in the verdict
}

// NewComparison returns a comparison in the form of the schema.
func NewComparison(server, offline string, mailbox string, differences []foldercount.Difference, j foldercount.Judgement) Comparison {
	c := Comparison{
		Schema: SchemaComparison, Server: server, Offline: offline, Mailbox: clean(mailbox), Verdict: string(j.Verdict), Action: string(j.Action),
		Confidence: string(j.Confidence), Pattern: string(j.Pattern), Compared: j.Compared, Equal: j.EqualCount, Different: j.DiffCount,
		ServerOnly: j.ServerOnly, OfflineOnly: j.OfflineOnly, Missing: j.Missing, Surplus: j.Surplus, Checks: j.Next, Folders: []FolderDiff{},
	}
	for _, d := range j.Doubts {
		c.Doubts = append(c.Doubts, string(d))
	}
	c.Next = comparisonNext(j.Action)
	for i := range differences {
		c.Folders = append(c.Folders, newFolderDiff(&differences[i]))
	}
	return c
}

// comparisonNext says in the words of KB842284 what comes next.
func comparisonNext(a foldercount.Action) []string {
	switch a {
	case foldercount.CheckProfile:
		return []string{
			"check that new mail is delivered to the mailbox and that cached mode is on (oxtail plan --manual sync-settings)",
			"synchronise by hand, Send/Receive for the folder and then for all, and compare again",
		}
	case foldercount.RebuildOST:
		return []string{
			"check that new mail is delivered to the mailbox and that cached mode is on (oxtail plan --manual sync-settings)",
			"synchronise by hand, and compare again",
			"when it stays like this, rename the .ost and let Outlook make a new one (oxtail plan --rebuild-ost FILE)",
		}
	case foldercount.Manual:
		return []string{"give lists of the same folders of both sides"}
	}
	return nil
}

func newFolderDiff(d *foldercount.Difference) FolderDiff {
	out := FolderDiff{Path: clean(d.Path()), State: string(d.State), Match: string(d.Match), Unsynced: d.Unsynced}
	if d.Server != nil {
		out.ServerItems = &d.Server.Items
	}
	if d.Offline != nil {
		out.OfflineItems = &d.Offline.Items
	}
	for _, f := range []*foldercount.Folder{d.Offline, d.Server} {
		if f != nil && out.LastSynchronized == "" {
			out.LastSynchronized = f.SynchronizedText
			if !f.LastSynchronized.IsZero() {
				out.LastSynchronized = f.LastSynchronized.Format("2006-01-02T15:04:05")
			}
		}
	}
	return out
}

// WriteComparison writes a comparison for a person: the folders that differ, or all.
func WriteComparison(w io.Writer, c *Comparison, opt TextOptions) error {
	t := newText(w, opt)
	colour := red
	switch c.Verdict {
	case "healthy":
		colour = green
	case "unknown":
		colour = yellow
	}
	t.printf("%s → %s (%s)\n", t.paint(bold+";"+colour, Plain(c.Verdict)), t.paint(bold, Plain(c.Action)), Plain(c.Confidence))
	t.wrapped("  ", fmt.Sprintf("%d folders compared: %d equal, %d different; %d on the server only, %d offline only; offline %d items fewer, %d more",
		c.Compared, c.Equal, c.Different, c.ServerOnly, c.OfflineOnly, c.Missing, c.Surplus))
	cells := [][]string{{"folder", "server", "offline", "last synchronised", "state"}}
	for i := range c.Folders {
		if f := &c.Folders[i]; t.opt.All || f.State != string(foldercount.Equal) {
			state := f.State
			if f.Unsynced != "" {
				state += ", " + f.Unsynced
			}
			cells = append(cells, []string{
				shorten(Plain(f.Path), maxPathWidth), items(f.ServerItems), items(f.OfflineItems),
				Plain(cmp.Or(strings.Replace(f.LastSynchronized, "T", " ", 1), "-")), cut(Plain(state), maxPathWidth),
			})
		}
	}
	if len(cells) > 1 {
		t.table(cells, "lrrll")
	}
	for _, d := range c.Doubts {
		t.wrapped("  cannot be ruled out: ", Plain(doubtText(d)))
	}
	for i, n := range c.Next {
		t.wrapped(fmt.Sprintf("  next %d. ", i+1), n)
	}
	return t.w.Flush()
}

// doubtText puts a doubt into words.
func doubtText(d string) string {
	switch foldercount.Doubt(d) {
	case foldercount.DoubtStillSyncing:
		return "it is still synchronising; after a long pause that takes over 30 minutes"
	case foldercount.DoubtSyncWindow:
		return "cached mode keeps only some months of mail; fewer items offline are then right"
	case foldercount.DoubtUnsentLocal:
		return "the offline side has items that the server lacks; save them before a rebuild"
	case foldercount.DoubtOneSided:
		return "some folders stand in one list only; the lists may cover different folders"
	case foldercount.DoubtFewFolders:
		return "too few folders were compared to show a pattern"
	case foldercount.DoubtMatchedName:
		return "some folders were joined by known names of default folders"
	}
	return d
}

func items(n *int64) string {
	if n == nil {
		return "-"
	}
	return strconv.FormatInt(*n, 10)
}

// A FolderRow is one folder of a comparison in CSV.
type FolderRow struct {
	Path             string `csv:"path"`
	State            string `csv:"state"`
	ServerItems      string `csv:"server_items"`
	OfflineItems     string `csv:"offline_items"`
	LastSynchronized string `csv:"last_synchronized"`
	NotExpectedEqual string `csv:"not_expected_equal"`
}

// WriteComparisonCSV writes one row a folder, equal ones included.
func WriteComparisonCSV(w io.Writer, c *Comparison, withBOM bool) error {
	rows := make([]FolderRow, len(c.Folders))
	for i, f := range c.Folders {
		rows[i] = FolderRow{Path: f.Path, State: f.State, LastSynchronized: f.LastSynchronized, NotExpectedEqual: f.Unsynced}
		if f.ServerItems != nil {
			rows[i].ServerItems = items(f.ServerItems)
		}
		if f.OfflineItems != nil {
			rows[i].OfflineItems = items(f.OfflineItems)
		}
	}
	return WriteCSV(NewCSV(w, withBOM), rows)
}
