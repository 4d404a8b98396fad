package store

import "fmt"

// Weight says what a Problem means for the store.
type Weight string

// The weights, worst first.
const (
	Damage Weight = "damage" // the header is damaged, or the file is no whole store
	InUse  Weight = "in-use" // fits a store that is being written; damage only if it lasts while no program holds the file
	Limit  Weight = "limit"  // the file is near or at the size at which Outlook stops writing
	Remark Weight = "remark" // worth knowing, no fault
)

// Problem is one thing that is not as it should be. Ids are stable; a withdrawn one is not given away again.
type Problem struct {
	ID     string `json:"id"` // "STO001"
	Title  string `json:"title"`
	Weight Weight `json:"weight"`
	Offset int64  `json:"offset"` // byte in the file at which it shows
	Want   string `json:"want"`
	Got    string `json:"got"`
	Remedy string `json:"remedy"`
}

// String is one line for people.
func (p Problem) String() string {
	return fmt.Sprintf("%s %s: want %s, got %s", p.ID, p.Title, p.Want, p.Got)
}

// problemKind indexes the catalogue.
type problemKind int

const (
	problemEmpty problemKind = iota
	problemShort
	problemMagic
	problemClient
	problemVersion
	problemPartialCRC
	problemFullCRC
	problemCut
	problemGrown
	problemRoot
	problemAllocation
	problemSentinel
	problemCrypt
	problemProtected
	problemMisnamed
	problemWarnSize
	problemMaxSize
	problemRead
	problemKinds // count
)

const (
	remedyRebuild = "an .ost is a copy of the mailbox: save unsent items, rename it and let Outlook build it anew; a .pst goes to ScanPST"
	remedyCopy    = "close Outlook and SearchProtocolHost and copy the file again; if it stays so, treat it as damaged"
	remedySize    = "archive or delete items and compact the file, or raise MaxLargeFileSize; an ANSI store needs converting to Unicode"
	remedyOrigin  = "check where the file comes from; it is no store that this program knows"
)

// catalogue returns the fixed part of a Problem.
func (k problemKind) catalogue() Problem {
	switch k {
	case problemEmpty:
		return Problem{ID: "STO001", Title: "file is empty", Weight: Damage, Remedy: remedyRebuild}
	case problemShort:
		return Problem{ID: "STO002", Title: "file ends within the header", Weight: Damage, Remedy: remedyRebuild}
	case problemMagic:
		return Problem{ID: "STO003", Title: "no store signature", Weight: Damage, Remedy: remedyOrigin}
	case problemClient:
		return Problem{ID: "STO004", Title: "unknown client signature", Weight: Damage, Remedy: remedyOrigin}
	case problemVersion:
		return Problem{ID: "STO005", Title: "unknown version", Weight: Damage, Remedy: remedyOrigin}
	case problemPartialCRC:
		return Problem{ID: "STO006", Title: "partial header checksum is wrong", Weight: Damage, Remedy: remedyRebuild}
	case problemFullCRC:
		return Problem{ID: "STO007", Title: "full header checksum is wrong", Weight: Damage, Remedy: remedyRebuild}
	case problemCut:
		return Problem{ID: "STO008", Title: "file is shorter than its header says", Weight: InUse, Remedy: remedyCopy}
	case problemGrown:
		return Problem{ID: "STO009", Title: "file is longer than its header says", Weight: InUse, Remedy: remedyCopy}
	}
	return k.catalogueDetail()
}

// catalogueDetail holds the entries that concern single fields, the name and the limits.
func (k problemKind) catalogueDetail() Problem {
	switch k {
	case problemRoot:
		return Problem{ID: "STO010", Title: "root page cannot be there", Weight: Damage, Remedy: remedyRebuild}
	case problemAllocation:
		return Problem{ID: "STO011", Title: "unknown allocation state", Weight: Damage, Remedy: remedyRebuild}
	case problemSentinel:
		return Problem{ID: "STO012", Title: "sentinel byte is wrong", Weight: Damage, Remedy: remedyRebuild}
	case problemCrypt:
		return Problem{ID: "STO013", Title: "unknown encryption method", Weight: Damage, Remedy: remedyOrigin}
	case problemProtected:
		return Problem{ID: "STO014", Title: "content is protected by Windows Information Protection", Weight: Remark,
			Remedy: "read the store on the computer that protects it"}
	case problemMisnamed:
		return Problem{ID: "STO015", Title: "extension does not fit the content", Weight: Remark,
			Remedy: "go by the content; Outlook opens a store by its kind, so rename the file before it is opened"}
	case problemWarnSize:
		return Problem{ID: "STO016", Title: "size is at the limit from which no more data is accepted", Weight: Limit, Remedy: remedySize}
	case problemMaxSize:
		return Problem{ID: "STO017", Title: "size is at the limit at which the file stops growing", Weight: Limit, Remedy: remedySize}
	case problemRead:
		return Problem{ID: "STO018", Title: "header could not be read", Weight: InUse,
			Remedy: "close the programs that hold the file, or copy it, and check the medium"}
	}
	panic(fmt.Sprintf("BUG: problem kind %d is not in the catalogue", k))
}

func (k problemKind) at(offset int64, want, got string) Problem {
	p := k.catalogue()
	p.Offset, p.Want, p.Got = offset, want, got
	return p
}

func (h *Header) add(k problemKind, offset int64, want, got string) {
	h.Problems = append(h.Problems, k.at(offset, want, got))
}
