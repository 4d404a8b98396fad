package bundle

import (
	"archive/zip"
	"bufio"
	"compress/flate"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"oxtail/internal/redact"
)

// schemaWork names the form of the state of a working folder.
const schemaWork = "oxtail.collect-work/v1"

const (
	workSuffix  = ".work"      // the working folder is named after the archive
	stateName   = "state.json" // in it
	workPerm    = 0o700        // what is in it may not be redacted wholly
	outPerm     = 0o600
	saveEvery   = 64      // parts between two writes of the state
	copyBuffer  = 1 << 20 // bytes
	maxStateLen = 256 << 20
)

// A state is what an interrupted run has made.
type state struct {
	Schema string          `json:"schema"`
	Parts  map[string]made `json:"parts"` // by source and all else that its bytes depend on
}

// made is one part in the working folder.
type made struct {
	File   string        `json:"file"`
	Bytes  int64         `json:"bytes"`
	SHA256 string        `json:"sha256"`
	Counts redact.Counts `json:"counts"`
}

// A work is a working folder beside the archive.
type work struct {
	dir   string
	state state
	next  int
	files map[string]string // path of part → file
	dirty int
}

// openWork creates the working folder, or goes on in that of an interrupted run.
func openWork(output string, resume bool) (*work, error) {
	w := &work{dir: output + workSuffix, state: state{Schema: schemaWork, Parts: map[string]made{}}, files: map[string]string{}}
	if _, err := os.Stat(w.dir); err == nil {
		old, err := readState(filepath.Join(w.dir, stateName))
		if err != nil {
			return nil, fmt.Errorf("%s is in the way, and is no working folder of oxtail: %w", w.dir, err)
		}
		if resume {
			w.state = *old
			w.next = len(old.Parts)
			for _, m := range old.Parts {
				n, _ := strconv.Atoi(m.File) // a name that is no number is never made anew
				w.next = max(w.next, n)
			}
			return w, nil
		}
		if err := RemoveFolder(w.dir); err != nil {
			return nil, fmt.Errorf("clear the working folder: %w", err)
		}
	}
	if err := os.MkdirAll(w.dir, workPerm); err != nil {
		return nil, fmt.Errorf("make the working folder: %w", err)
	}
	return w, w.save()
}

func readState(name string) (*state, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close() // read only: nothing is lost when closing fails
	var s state
	if err := json.NewDecoder(io.LimitReader(f, maxStateLen)).Decode(&s); err != nil {
		return nil, err
	}
	if s.Schema != schemaWork {
		return nil, fmt.Errorf("schema %q; want %q", s.Schema, schemaWork)
	}
	if s.Parts == nil {
		s.Parts = map[string]made{}
	}
	return &s, nil
}

// save writes the state.
func (w *work) save() error {
	data, err := json.Marshal(&w.state)
	if err != nil {
		return fmt.Errorf("write the state of the working folder: %w", err)
	}
	tmp := filepath.Join(w.dir, stateName+".tmp")
	if err := os.WriteFile(tmp, data, outPerm); err != nil {
		return err
	}
	w.dirty = 0
	return os.Rename(tmp, filepath.Join(w.dir, stateName))
}

// reuse finds a part of an earlier run, and reads it to see that it is whole.
func (w *work) reuse(id string) (made, bool) {
	m, ok := w.state.Parts[id]
	if !ok || m.File != filepath.Base(m.File) {
		return m, false
	}
	f, err := os.Open(filepath.Join(w.dir, m.File))
	if err != nil {
		return m, false
	}
	defer f.Close() // read only: nothing is lost when closing fails
	sum := sha256.New()
	if n, err := io.Copy(sum, f); err != nil || n != m.Bytes {
		return m, false
	}
	return m, hex.EncodeToString(sum.Sum(nil)) == m.SHA256
}

func (w *work) use(part, file string) { w.files[part] = file }

// create creates the file of a part.
func (w *work) create(part string) (*bufferedFile, error) {
	w.next++
	name := strconv.Itoa(w.next)
	f, err := os.OpenFile(filepath.Join(w.dir, name), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, outPerm)
	if err != nil {
		return nil, err
	}
	w.files[part] = name
	return &bufferedFile{bufio.NewWriterSize(f, copyBuffer), f}, nil
}

type bufferedFile struct {
	*bufio.Writer
	f *os.File
}

func (b *bufferedFile) Close() error { return errors.Join(b.Flush(), b.f.Close()) }

// keep notes a part that is whole.
func (w *work) keep(id string, p Part, counts redact.Counts) error {
	w.state.Parts[id] = made{File: w.files[p.Path], Bytes: p.Bytes, SHA256: p.SHA256, Counts: counts}
	if w.dirty++; w.dirty < saveEvery {
		return nil
	}
	return w.save()
}

// pack writes the archive, which appears whole or not at all.
func (w *work) pack(ctx context.Context, output string, man *Manifest) error {
	tmp := filepath.Join(w.dir, "bundle.tmp")
	out, err := os.OpenFile(tmp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, outPerm)
	if err != nil {
		return err
	}
	err = w.zip(ctx, out, man)
	if e := out.Sync(); err == nil {
		err = e
	}
	if e := out.Close(); err == nil {
		err = e
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", output, err)
	}
	return os.Rename(tmp, output)
}

func (w *work) zip(ctx context.Context, out io.Writer, man *Manifest) error {
	buf := bufio.NewWriterSize(out, copyBuffer)
	z := zip.NewWriter(buf)
	z.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, flate.BestSpeed) })
	head, err := z.CreateHeader(&zip.FileHeader{Name: ManifestName, Method: zip.Deflate, Modified: man.Created})
	if err != nil {
		return err
	}
	if err := man.write(head); err != nil {
		return err
	}
	for _, p := range man.Parts {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := w.add(z, p, man.Created); err != nil {
			return err
		}
	}
	return errors.Join(z.Close(), buf.Flush())
}

func (w *work) add(z *zip.Writer, p Part, created time.Time) error {
	if !p.Modified.IsZero() {
		created = p.Modified
	}
	to, err := z.CreateHeader(&zip.FileHeader{Name: p.Path, Method: zip.Deflate, Modified: created})
	if err != nil {
		return err
	}
	f, err := os.Open(filepath.Join(w.dir, w.files[p.Path]))
	if err != nil {
		return err
	}
	defer f.Close() // read only: nothing is lost when closing fails
	_, err = io.Copy(to, f)
	return err
}

// unpacked makes the bundle a folder.
func (w *work) unpacked(ctx context.Context, output string, man *Manifest) error {
	if entries, err := os.ReadDir(output); err == nil && len(entries) > 0 {
		return fmt.Errorf("write %s: the folder is not empty", output)
	}
	for _, p := range man.Parts {
		if err := ctx.Err(); err != nil {
			return err
		}
		target := filepath.Join(output, filepath.FromSlash(p.Path))
		if err := os.MkdirAll(filepath.Dir(target), 0o777); err != nil {
			return err
		}
		if err := os.Rename(filepath.Join(w.dir, w.files[p.Path]), target); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(output, 0o777); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(output, ManifestName), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, outPerm)
	if err != nil {
		return err
	}
	return errors.Join(man.write(f), f.Close())
}

// remove removes the working folder.
func (w *work) remove() error {
	if err := RemoveFolder(w.dir); err != nil {
		return fmt.Errorf("remove the working folder: %w", err)
	}
	return nil
}

// RemoveFolder removes a folder of files that this program has made. It never goes into
// folders below: there are none of ours.
func RemoveFolder(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		err = errors.Join(err, os.Remove(filepath.Join(dir, e.Name())))
	}
	return errors.Join(err, os.Remove(dir))
}
