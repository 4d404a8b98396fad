package pe

import (
	"debug/pe"
	"errors"
	"fmt"
	"io"
)

// Machines of a program.
const (
	X86   = "x86"
	X64   = "x64"
	ARM64 = "arm64"
)

// Info is what a program says about itself.
type Info struct {
	Machine string // x86, x64, arm64, or the number in hex
	Bits    int    // 32 or 64; 0 when the headers do not tell
	DLL     bool
	// Version and Product are the four numbers of the version resource as text,
	// "16.0.14026.20308"; "" without such a resource.
	Version, Product string
	// Strings are those of the version resource by name: CompanyName, ProductName …
	Strings map[string]string
}

// ErrNoVersion says that a program has no version resource. The rest of Info is good.
var ErrNoVersion = errors.New("it has no version resource")

// Read looks at a program of size bytes. With an error, Info holds what was readable.
func Read(r io.ReaderAt, size int64) (info Info, err error) {
	if size > MaxFileBytes {
		return info, fmt.Errorf("read program: %d bytes are more than the limit, %d", size, int64(MaxFileBytes))
	}
	defer func() {
		if p := recover(); p != nil { // debug/pe is not made for hostile files
			err = fmt.Errorf("read program: its headers are damaged: %v", p)
		}
	}()
	in := io.NewSectionReader(r, 0, size)
	f, err := pe.NewFile(in)
	if err != nil {
		return info, fmt.Errorf("read program: %w", err)
	}
	defer f.Close() // it owns nothing
	info.Machine, info.Bits = machineOf(f.Machine)
	info.DLL = f.Characteristics&pe.IMAGE_FILE_DLL != 0
	dir, bits := resourceDirectory(f)
	if bits != 0 {
		info.Bits = bits
	}
	if dir.VirtualAddress == 0 || dir.Size == 0 {
		return info, fmt.Errorf("read program: %w", ErrNoVersion)
	}
	w := &walker{in: in, sections: f.Sections, base: dir.VirtualAddress}
	data, err := w.version()
	if err != nil {
		return info, fmt.Errorf("read program: resources: %w", err)
	}
	return info, info.takeVersion(data)
}

// machineOf names a machine.
func machineOf(m uint16) (name string, bits int) {
	switch m {
	case pe.IMAGE_FILE_MACHINE_I386:
		return X86, 32
	case pe.IMAGE_FILE_MACHINE_AMD64:
		return X64, 64
	case pe.IMAGE_FILE_MACHINE_ARM64:
		return ARM64, 64
	}
	return fmt.Sprintf("0x%04x", m), 0
}

// resourceDirectory finds the resources by the optional header.
func resourceDirectory(f *pe.File) (dir pe.DataDirectory, bits int) {
	const index = pe.IMAGE_DIRECTORY_ENTRY_RESOURCE
	switch h := f.OptionalHeader.(type) {
	case *pe.OptionalHeader32:
		bits = 32
		if h.NumberOfRvaAndSizes > index {
			dir = h.DataDirectory[index]
		}
	case *pe.OptionalHeader64:
		bits = 64
		if h.NumberOfRvaAndSizes > index {
			dir = h.DataDirectory[index]
		}
	}
	return dir, bits
}
