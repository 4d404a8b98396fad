package doctor

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"oxtail/internal/source"
	"oxtail/parser"
	"oxtail/parser/pe"
	"oxtail/parser/winpath"
)

// A taker reads a whole report or list.
type taker func(path string, data []byte) error

// readerOf finds out what a text is by its name and first bytes, and who reads it. It is
// nil for a log.
func (g *Gatherer) readerOf(path string, head []byte) taker {
	base := strings.ToLower(winpath.Base(path))
	switch {
	case base == "mapisvc.inf":
		return g.keepDocument(&g.facts.infs)
	case base == "atlas.xml":
		return g.keepDocument(&g.facts.atlas)
	}
	text := textOfHead(head)
	switch {
	case strings.HasPrefix(text, "{") && strings.Contains(text, `"schema"`):
		return g.bundleReader(text)
	case isNFO(text):
		return g.takeNFO
	case isMSInfo(text):
		return g.takeMSInfo
	case isSystemInfo(text):
		return g.takeSystemInfo
	case isDirListing(text):
		return g.takeDirListing
	case isProductTable(text):
		return g.takeProducts
	case isFileTable(text):
		return g.takeFileTable
	}
	return nil
}

// textOfHead decodes the first bytes of a text.
func textOfHead(head []byte) string {
	var out []string
	lines := parser.NewLineReader(bytes.NewReader(head), parser.Encoding{})
	for len(out) < 60 {
		l, err := lines.Next()
		if err != nil {
			break
		}
		out = append(out, l.Text)
	}
	return strings.TrimLeft(strings.Join(out, "\n"), " \t\r\n\ufeff")
}

// linesOf decodes a whole text into lines.
func linesOf(data []byte, each func(number int, line string) bool) {
	lines := parser.NewLineReader(bytes.NewReader(data), parser.Encoding{})
	for {
		l, err := lines.Next()
		if err != nil || !each(l.Number, strings.TrimRight(l.Text, "\r\n")) {
			return
		}
	}
}

// keepDocument keeps a configuration file.
func (g *Gatherer) keepDocument(list *[]document) taker {
	return func(path string, data []byte) error {
		if len(*list) >= maxDocuments {
			return fmt.Errorf("more than %d files of this name; the rest is left out", maxDocuments)
		}
		*list = append(*list, document{path, data})
		return nil
	}
}

// bundleReader tells the JSON files of a bundle by their schema.
func (g *Gatherer) bundleReader(head string) taker {
	switch schema := schemaIn(head); schema {
	case FileListSchema:
		return g.takeFileList
	case ServicesSchema:
		return func(path string, data []byte) error {
			var list Services
			err := fromJSON(data, &list)
			list.Services = list.Services[:min(len(list.Services), maxItems)]
			g.facts.services = append(g.facts.services, sourcedServices{path, list})
			return err
		}
	case ProcessesSchema:
		return func(path string, data []byte) error {
			var list Processes
			err := fromJSON(data, &list)
			list.Processes = list.Processes[:min(len(list.Processes), maxItems)]
			list.Holders = list.Holders[:min(len(list.Holders), maxItems)]
			g.facts.processes = append(g.facts.processes, sourcedProcesses{path, list})
			return err
		}
	case SystemSchema:
		return func(path string, data []byte) error {
			var s System
			err := fromJSON(data, &s)
			g.facts.systems = append(g.facts.systems, sourcedSystem{path, s})
			return err
		}
	}
	return nil
}

// schemaIn finds the schema in the beginning of a JSON object.
func schemaIn(head string) string {
	_, rest, _ := strings.Cut(head, `"schema"`)
	rest = strings.TrimLeft(rest, " \t\r\n:")
	rest, ok := strings.CutPrefix(rest, `"`)
	schema, _, closed := strings.Cut(rest, `"`)
	if !ok || !closed {
		return ""
	}
	return schema
}

// fromJSON decodes one object.
func fromJSON(data []byte, to any) error {
	if err := json.Unmarshal(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), to); err != nil {
		return fmt.Errorf("the JSON is damaged: %w", err)
	}
	return nil
}

// takeFileList takes files/*.json of a bundle.
func (g *Gatherer) takeFileList(path string, data []byte) error {
	var list FileList
	err := fromJSON(data, &list)
	for _, l := range list.Folders {
		g.facts.files.addFolder(l)
	}
	for i, f := range list.Files {
		if !g.facts.files.add(f, path) {
			return fmt.Errorf("more than %d files in all lists; %d of this one are left out", maxFiles, len(list.Files)-i)
		}
	}
	return err
}

// addProgram reads the version of a program or DLL that lies in the evidence.
func (g *Gatherer) addProgram(st *source.Stream) {
	if g.programs++; g.programs > maxPrograms {
		if g.programs == maxPrograms+1 {
			g.fault(st.Path, "more than %d programs and DLLs; the versions of the others were not read", maxPrograms)
		}
		return
	}
	f := ListedFile{Path: st.Path, Bytes: st.Size, Modified: st.ModTime}
	if st.ReaderAt != nil && !st.Once && st.Size >= 0 {
		if in, closer, err := st.ReaderAt(); err == nil {
			info, _ := pe.Read(in, st.Size) // what is not readable stays empty
			f.Version, f.Product, f.Machine = info.Version, info.Product, info.Machine
			_ = closer.Close() // read only
		}
	}
	g.facts.files.add(f, st.Path)
}
