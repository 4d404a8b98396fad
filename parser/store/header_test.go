package store

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"
)

const soundBytes = 64 << 10

func TestReadHeaderSound(t *testing.T) {
	for _, tt := range []struct {
		client  string
		version uint16
		kind    Kind
		layout  Layout
		content string
	}{
		{"SM", 14, KindPST, LayoutANSI, "pst ansi"},
		{"SO", 15, KindOST, LayoutANSI, "ost ansi"},
		{"SM", 20, KindPST, LayoutUnicode, "pst unicode"},
		{"SM", 23, KindPST, LayoutUnicode, "pst unicode"},
		{"SO", 23, KindOST, LayoutUnicode, "ost unicode"},
		{"SO", 36, KindOST, LayoutUnicode4K, "ost unicode 4k"},
		{"SM", 37, KindPST, LayoutUnicode, "pst unicode"},
	} {
		h := read(synthetic(tt.client, tt.version, soundBytes))
		if h.Kind != tt.kind || h.Layout != tt.layout || h.Content() != tt.content || h.Version != tt.version {
			t.Errorf("%s %d: got %s, %s, %q, version %d", tt.client, tt.version, h.Kind, h.Layout, h.Content(), h.Version)
		}
		if len(h.Problems) != 0 || h.Damaged() || !h.Parsed() {
			t.Errorf("%s %d: got problems %v, parsed %v; want none, true", tt.client, tt.version, h.Problems, h.Parsed())
		}
		if h.EndOfFile != soundBytes || h.Crypt != CryptPermute || h.Allocation != 2 || !h.PartialCRC.OK() {
			t.Errorf("%s %d: got end %d, crypt %s, allocation %d, crc %v", tt.client, tt.version, h.EndOfFile, h.Crypt, h.Allocation, h.PartialCRC)
		}
		if want := tt.layout != LayoutANSI; h.FullCRC.Present != want {
			t.Errorf("%s %d: full checksum present = %v; want %v", tt.client, tt.version, h.FullCRC.Present, want)
		}
	}
}

// edit changes one byte, by default with the checksums put right again, so that the check behind them is what speaks.
func edit(at int, v byte, reseal bool) func([]byte) []byte {
	return func(b []byte) []byte {
		b[at] = v
		if reseal {
			seal(b)
		}
		return b
	}
}

func TestReadHeaderProblems(t *testing.T) {
	for _, tt := range []struct {
		name    string
		version uint16
		change  func([]byte) []byte
		want    []string
		damaged bool
	}{
		{"empty", 23, func([]byte) []byte { return nil }, []string{"STO001"}, true},
		{"three bytes", 23, func(b []byte) []byte { return b[:3] }, []string{"STO003"}, true},
		{"magic alone", 23, func(b []byte) []byte { return b[:4] }, []string{"STO002"}, true},
		{"header cut", 23, func(b []byte) []byte { return b[:300] }, []string{"STO002"}, true},
		{"unicode header cut before its last sum", 23, func(b []byte) []byte { return b[:520] }, []string{"STO002"}, true},
		{"zeros", 23, func(b []byte) []byte { return make([]byte, len(b)) }, []string{"STO003"}, true},
		{"client unknown", 23, edit(8, 'X', true), []string{"STO004"}, true},
		{"version unknown, sums right", 23, edit(10, 99, true), []string{"STO005"}, true},
		{"version unknown, sums wrong", 23, edit(10, 99, false), []string{"STO005", "STO006"}, true},
		{"byte in both sums", 23, edit(100, 1, false), []string{"STO006", "STO007"}, true},
		{"byte in the full sum only", 23, edit(500, 1, false), []string{"STO007"}, true},
		{"stored partial sum", 23, edit(5, 0xAA, false), []string{"STO006"}, true},
		{"ansi: byte in the sum", 14, edit(100, 1, false), []string{"STO006"}, true},
		{"ansi: byte behind the sum", 14, edit(500, 1, false), []string{}, false},
		{"cut by one byte", 36, func(b []byte) []byte { return b[:len(b)-1] }, []string{"STO008"}, false},
		{"cut before the root page", 36, func(b []byte) []byte { return b[:pageBytes4K] }, []string{"STO008", "STO010", "STO010"}, true},
		{"grown", 14, func(b []byte) []byte { return append(b, 0) }, []string{"STO009"}, false},
		{"node root unaligned", 23, edit(224, 7, true), []string{"STO010"}, true},
		{"block root far outside", 23, edit(247, 0xFF, true), []string{"STO010"}, true},
		{"allocation not valid is no fault", 23, edit(248, 0, true), []string{}, false},
		{"allocation unknown", 23, edit(248, 3, true), []string{"STO011"}, true},
		{"sentinel", 23, edit(512, 0, true), []string{"STO012"}, true},
		{"crypt unknown", 23, edit(513, 7, true), []string{"STO013"}, true},
		{"protected", 37, edit(513, 0x10, true), []string{"STO014"}, false},
	} {
		h := read(tt.change(synthetic("SM", tt.version, soundBytes)))
		if got := ids(h.Problems); !slices.Equal(got, tt.want) || h.Damaged() != tt.damaged {
			t.Errorf("%s: got %v, damaged %v; want %v, %v", tt.name, got, h.Damaged(), tt.want, tt.damaged)
		}
	}
}

func TestEveryByteOfTheHeaderIsGuarded(t *testing.T) {
	sound := synthetic("SO", 36, soundBytes)
	for at := 0; at < HeaderBytes; at++ {
		b := bytes.Clone(sound)
		b[at] ^= 0x40
		if h := read(b); len(h.Problems) == 0 {
			t.Errorf("byte %d flipped: no problem told", at)
		}
	}
}

// failingReader gives some bytes and then fails, as a file that another program has locked in part.
type failingReader struct{ head []byte }

func (f failingReader) ReadAt(b []byte, off int64) (int, error) {
	return copy(b, f.head), errors.New("part of the file is locked")
}

func TestReadHeaderKeepsWhatWasReadBeforeAFailure(t *testing.T) {
	h := ReadHeader(failingReader{synthetic("SO", 23, soundBytes)[:100]}, soundBytes)
	if got, want := ids(h.Problems), []string{"STO018", "STO002"}; !slices.Equal(got, want) || h.Kind != KindOST || h.Version != 23 {
		t.Errorf("got %v, %s, %d; want %v, ost, 23", got, h.Kind, h.Version, want)
	}
}

func TestReadHeaderWithAWrongSize(t *testing.T) {
	b := synthetic("SO", 23, soundBytes)
	for _, size := range []int64{-1, 0, 1, soundBytes * 2} {
		h := ReadHeader(bytes.NewReader(b), size)
		if len(h.Problems) == 0 {
			t.Errorf("size %d: no problem told", size)
		}
	}
	if h := ReadHeader(io.NewSectionReader(bytes.NewReader(b), 0, 20), soundBytes); !slices.Contains(ids(h.Problems), "STO002") {
		t.Errorf("file that shrank while it was read: got %v; want STO002", ids(h.Problems))
	}
}

func TestCatalogueIsComplete(t *testing.T) {
	seen := map[string]bool{}
	for k := problemKind(0); k < problemKinds; k++ {
		p := k.catalogue()
		if p.Title == "" || p.Weight == "" || p.Remedy == "" || seen[p.ID] {
			t.Errorf("entry %d: %+v is incomplete or its id is taken", k, p)
		}
		seen[p.ID] = true
	}
	if len(seen) == 0 {
		t.Fatal("the catalogue is empty")
	}
}

func TestCheckName(t *testing.T) {
	for _, tt := range []struct {
		client, name string
		want         []string
	}{
		{"SM", "archive.pst", []string{}},
		{"SM", "misnamed.OST", []string{"STO015"}},
		{"SO", "alex.nst", []string{}},
		{"SO", `C:\Users\alex\outlook.pst`, []string{"STO015"}},
		{"SO", "outlook.old", []string{}},
		{"SO", "outlook", []string{}},
		{"XX", "outlook.pst", []string{}},
	} {
		h := read(synthetic(tt.client, 23, soundBytes))
		if got := ids(h.CheckName(tt.name)); !slices.Equal(got, tt.want) {
			t.Errorf("CheckName(%q) of %s = %v; want %v", tt.name, tt.client, got, tt.want)
		}
	}
}

func TestCheckLimits(t *testing.T) {
	const gb = int64(1) << 30
	for _, tt := range []struct {
		name   string
		layout Layout
		size   int64
		limits Limits
		want   []string
	}{
		{"small", LayoutUnicode, gb, DefaultLimits(LayoutUnicode, 16), []string{}},
		{"20 GB of today", LayoutUnicode, 20 * gb, DefaultLimits(LayoutUnicode, 16), []string{}},
		{"19 GB of 2007", LayoutUnicode, 19 * gb, DefaultLimits(LayoutUnicode, 12), []string{"STO016"}},
		{"20 GB of 2007", LayoutUnicode, 20 * gb, DefaultLimits(LayoutUnicode, 12), []string{"STO017"}},
		{"47.5 GB of today", LayoutUnicode4K, 48640 << 20, DefaultLimits(LayoutUnicode4K, 0), []string{"STO016"}},
		{"50 GB of today", LayoutUnicode4K, 50 * gb, DefaultLimits(LayoutUnicode4K, 14), []string{"STO017"}},
		{"ansi below", LayoutANSI, 0x74404400 - 1, DefaultLimits(LayoutANSI, 11), []string{}},
		{"ansi warn", LayoutANSI, 0x74404400, DefaultLimits(LayoutANSI, 11), []string{"STO016"}},
		{"ansi max", LayoutANSI, 0x7BB04400, DefaultLimits(LayoutANSI, 11), []string{"STO017"}},
		{"ansi end, limits lifted", LayoutANSI, 2 * gb, Limits{}, []string{"STO017"}},
		{"raised by policy", LayoutUnicode, 50 * gb, RegistryLimits(LayoutUnicode, 16, 95*1024, 100*1024, "policy"), []string{}},
		{"nonsense in the registry", LayoutUnicode, 50 * gb, RegistryLimits(LayoutUnicode, 16, -1, 1<<40, "policy"), []string{"STO017"}},
	} {
		h := Header{Layout: tt.layout, Size: tt.size}
		if got := ids(h.CheckLimits(tt.limits)); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v; want %v", tt.name, got, tt.want)
		}
	}
}

func FuzzHeader(f *testing.F) {
	seeds := 0
	for _, version := range []uint16{14, 15, 20, 23, 36, 37, 99} {
		for _, size := range []int{HeaderBytes, 4096, 16384} {
			f.Add(synthetic("SO", version, size), int64(size), "x.ost")
			seeds++
		}
	}
	f.Add([]byte{}, int64(0), "")
	f.Add([]byte(magic), int64(-5), "x.pst")
	if seeds == 0 {
		f.Fatal("no seeds")
	}
	f.Fuzz(func(t *testing.T, b []byte, size int64, name string) {
		h := ReadHeader(bytes.NewReader(b), size)
		again := ReadHeader(bytes.NewReader(b), size)
		if !slices.Equal(h.Problems, again.Problems) {
			t.Errorf("two readings differ: %v and %v", h.Problems, again.Problems)
		}
		if h.Parsed() && h.PartialCRC.Stored != h.PartialCRC.Computed && !h.Damaged() {
			t.Errorf("wrong checksum, but no damage told: %+v", h)
		}
		if !h.IsStore && h.Content() != "" {
			t.Errorf("Content() = %q of what is no store", h.Content())
		}
		h.CheckName(name)
		h.CheckLimits(DefaultLimits(h.Layout, 0))
	})
}
