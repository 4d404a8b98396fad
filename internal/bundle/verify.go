package bundle

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
)

// A Problem is something in which a bundle is not what its manifest says.
type Problem struct {
	Path string `json:"path"`
	Text string `json:"text"`
}

// ErrNoBundle says that something has no manifest.
var ErrNoBundle = errors.New("is no bundle: it has no manifest.json of oxtail")

// maxProblems bounds the problems of one bundle that are told.
const maxProblems = 1000

// Verify compares a bundle, an archive or an unpacked folder, with its manifest. Nothing is
// unpacked: a path that leads out of the bundle is told, and never followed.
func Verify(ctx context.Context, name string) (*Manifest, []Problem, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, nil, err
	}
	if info.IsDir() {
		root, err := os.OpenRoot(name)
		if err != nil {
			return nil, nil, err
		}
		defer root.Close() // read only: nothing is lost when closing fails
		return verify(ctx, root.FS(), folderNames)
	}
	z, err := zip.OpenReader(name)
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", name, err)
	}
	defer z.Close() // read only: nothing is lost when closing fails
	return verify(ctx, z, func(context.Context, fs.FS) ([]string, error) {
		var names []string
		for _, f := range z.File {
			if !strings.HasSuffix(f.Name, "/") {
				names = append(names, f.Name)
			}
		}
		return names, nil
	})
}

func folderNames(ctx context.Context, fsys fs.FS) ([]string, error) {
	var names []string
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.IsDir() {
			names = append(names, name)
		}
		if len(names) > 2*maxParts {
			return fmt.Errorf("more than %d files", 2*maxParts)
		}
		return ctx.Err()
	})
	return names, err
}

// A verifier gathers the problems of one bundle.
type verifier struct {
	fsys     fs.FS
	have     map[string]int
	problems []Problem
}

func (v *verifier) problem(name, format string, args ...any) {
	if len(v.problems) < maxProblems {
		v.problems = append(v.problems, Problem{name, fmt.Sprintf(format, args...)})
	}
}

func verify(ctx context.Context, fsys fs.FS, list func(context.Context, fs.FS) ([]string, error)) (*Manifest, []Problem, error) {
	names, err := list(ctx, fsys)
	if err != nil {
		return nil, nil, err
	}
	v := &verifier{fsys: fsys, have: map[string]int{}}
	for _, n := range names {
		v.have[n]++
		if v.have[n] == 2 {
			v.problem(n, "is there more than once")
		}
		if !isInside(n) {
			v.problem(n, "names a place outside of the bundle")
		}
	}
	man, err := readManifest(fsys)
	if err != nil {
		return nil, nil, err
	}
	listed := map[string]bool{ManifestName: true}
	for _, p := range man.Parts {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		if listed[p.Path] {
			v.problem(p.Path, "is listed more than once")
			continue
		}
		listed[p.Path] = true
		v.part(p)
	}
	for _, n := range names {
		if !listed[n] {
			v.problem(n, "is not in the manifest")
		}
	}
	return man, v.problems, nil
}

// isInside reports whether a name of an archive stays in it, on every system.
func isInside(name string) bool {
	return fs.ValidPath(name) && name != "." && !strings.ContainsAny(name, "\\:\x00") && path.Clean(name) == name
}

func readManifest(fsys fs.FS) (*Manifest, error) {
	f, err := fsys.Open(ManifestName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoBundle
	}
	if err != nil {
		return nil, err
	}
	defer f.Close() // read only: nothing is lost when closing fails
	data, err := io.ReadAll(io.LimitReader(f, maxManifestBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read the manifest: %w", err)
	}
	if len(data) > maxManifestBytes {
		return nil, fmt.Errorf("read the manifest: larger than %d MB", maxManifestBytes>>20)
	}
	var m Manifest
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("read the manifest: %w", err)
	}
	if m.Schema != SchemaManifest {
		return nil, fmt.Errorf("%w: its schema is %q", ErrNoBundle, m.Schema)
	}
	return &m, nil
}

// part compares one part with what the manifest says of it.
func (v *verifier) part(p Part) {
	switch {
	case !isInside(p.Path):
		v.problem(p.Path, "the manifest names a place outside of the bundle")
		return
	case v.have[p.Path] == 0:
		v.problem(p.Path, "is missing")
		return
	}
	f, err := v.fsys.Open(p.Path)
	if err != nil {
		v.problem(p.Path, "read: %v", err)
		return
	}
	defer f.Close() // read only: nothing is lost when closing fails
	sum := sha256.New()
	n, err := io.Copy(sum, io.LimitReader(f, p.Bytes+1)) // not more: the sizes differ then
	switch {
	case err != nil:
		v.problem(p.Path, "read: %v", err)
	case n != p.Bytes:
		v.problem(p.Path, "has another size than the manifest says, %d bytes", p.Bytes)
	case hex.EncodeToString(sum.Sum(nil)) != p.SHA256:
		v.problem(p.Path, "was changed: its SHA-256 is not that of the manifest")
	}
}
