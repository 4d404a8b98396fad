package index

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Version is the version of the files of an index. An index of another version is refused.
const Version = 4

const catalogueName = "catalogue.json"

// A catalogue is what an index consists of. It is replaced as a whole.
type catalogue struct {
	Version  int       `json:"version"`
	Next     int       `json:"next"` // number of the next segment
	Segments []part    `json:"segments"`
	Sources  []*Source `json:"sources"` // in the order in which they were added
	Fields   []string  `json:"fields,omitempty"`
}

// A part is a segment as the catalogue knows it.
type part struct {
	Name    string `json:"name"`
	Size    int64  `json:"size"` // bytes of the segment file
	Blocks  int    `json:"blocks"`
	Records int64  `json:"records"`
	Raw     int64  `json:"raw"`             // bytes of text
	Plain   bool   `json:"plain,omitempty"` // its words stand in the segment file
	Words   uint32 `json:"words,omitempty"` // checksum of the files of the word index, if there is one
}

// A Source is a byte stream whose records are in the index.
type Source struct {
	ID       string    `json:"id"`             // of permalinks; follows from the first bytes, so it survives a new name
	Path     string    `json:"path"`           // "bundle.zip!/logs/a.log" for an archive member
	Key      string    `json:"key,omitempty"`  // of the generation of a file that is followed: no two contents share one
	Past     bool      `json:"past,omitempty"` // an earlier generation of its path, which another source has now
	Base     string    `json:"base"`           // file on disk that holds it
	BaseSize int64     `json:"base_size"`
	BaseTime time.Time `json:"base_time"` // last change of Base
	ItemTime time.Time `json:"item_time,omitzero"`
	ModTime  time.Time `json:"mod_time,omitzero"`

	Format   string `json:"format,omitempty"`
	Encoding string `json:"encoding,omitempty"`
	Quick    bool   `json:"quick,omitempty"`    // its records were read without their codes and UUIDs, which stand in their text
	Decoded  bool   `json:"decoded,omitempty"`  // its blocks hold decoded records
	Whole    bool   `json:"whole,omitempty"`    // must be read again as a whole when it grows
	Complete bool   `json:"complete,omitempty"` // false when an interrupted run left it half read
	Problem  string `json:"problem,omitempty"`  // why it was not fully read

	Done     int64     `json:"done"` // bytes whose records are in the index
	HeadLen  int       `json:"head_len"`
	HeadSum  uint32    `json:"head_sum"` // checksum of the first HeadLen bytes
	TailLen  int       `json:"tail_len"`
	TailSum  uint32    `json:"tail_sum"` // checksum of the last TailLen bytes before Done
	Records  int64     `json:"records"`
	Problems int64     `json:"problems"`
	First    time.Time `json:"first,omitzero"`
	Last     time.Time `json:"last,omitzero"`
	Basis    string    `json:"basis,omitempty"` // weakest basis of its times

	Extents []Extent `json:"extents"`
}

// An Extent is a run of consecutive blocks of a source in one segment.
type Extent struct {
	Segment string `json:"segment"`
	From    int    `json:"from"`
	Blocks  int    `json:"blocks"`
}

// A VersionError says that an index was written by another version of the program.
type VersionError struct {
	Dir  string
	Have int
}

// Error names both versions.
func (e *VersionError) Error() string {
	return fmt.Sprintf("read index %s: it has version %d; this program reads version %d", e.Dir, e.Have, Version)
}

// Hint names the remedy.
func (e *VersionError) Hint() string {
	return "an index holds nothing that the logs do not: remove it with oxtail index drop --index " + e.Dir + " and add the logs again"
}

// A MissingError says that there is no index in a folder.
type MissingError struct{ Dir string }

// Error names the folder.
func (e *MissingError) Error() string { return fmt.Sprintf("there is no index in %s", e.Dir) }

// Hint names the remedy.
func (e *MissingError) Hint() string {
	return "make one with oxtail index add PATH…, or search files directly: oxtail search QUERY PATH…"
}

func readCatalogue(dir string) (*catalogue, error) {
	name := filepath.Join(dir, catalogueName)
	var b []byte
	err := untilFree(func() (err error) {
		b, err = os.ReadFile(name)
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &MissingError{dir}
	}
	if err != nil {
		return nil, fmt.Errorf("read index: %w", err)
	}
	var version struct{ Version int }
	if err := json.Unmarshal(b, &version); err != nil {
		return nil, fmt.Errorf("read %s: %w; remove the index with oxtail index drop and add the logs again", name, err)
	}
	if version.Version != Version {
		return nil, &VersionError{dir, version.Version}
	}
	c := &catalogue{}
	if err := json.Unmarshal(b, c); err != nil {
		return nil, fmt.Errorf("read %s: %w; remove the index with oxtail index drop and add the logs again", name, err)
	}
	return c, nil
}

// save replaces the catalogue: everything that it names must be on disk by then.
func (c *catalogue) save(dir string, create func(string) (newFile, error)) error {
	b, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encode catalogue: %w", err)
	}
	name := filepath.Join(dir, catalogueName)
	if err := writeSynced(create, name+".new", b); err != nil {
		return err
	}
	if err := replace(name+".new", name); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return syncDir(dir)
}

// replace renames a file over another.
func replace(from, to string) error {
	return untilFree(func() error { return os.Rename(from, to) })
}

// untilFree does what fails on Windows while another process has the file open or
// replaces it, which takes it a moment.
func untilFree(do func() error) error {
	const tries, pause = 50, 20 * time.Millisecond
	var err error
	for range tries {
		if err = do(); !isBusy(err) {
			return err
		}
		time.Sleep(pause)
	}
	return err
}

func writeSynced(create func(string) (newFile, error), name string, b []byte) error {
	f, err := create(name)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// source returns the source that has a path now.
func (c *catalogue) source(path string) *Source {
	for _, s := range c.Sources {
		if s.Path == path && !s.Past {
			return s
		}
	}
	return nil
}
