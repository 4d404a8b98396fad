package hive

import (
	"bytes"
	"encoding/binary"
	"testing"

	"oxtail/parser/profile"
	"oxtail/parser/profile/keytest"
)

// walk reads everything and checks the promises of a tree.
func walk(t *testing.T, key profile.Key, depth int) (keys int) {
	if depth > MaxDepth {
		t.Fatalf("deeper than %d", MaxDepth)
	}
	_, _ = key.Values()
	subkeys, _ := key.Subkeys()
	keys = 1
	for _, sub := range subkeys {
		keys += walk(t, sub, depth+1)
	}
	return keys
}

func smallHive() []byte {
	root := &keytest.Node{KeyName: "root"}
	root.Key("a").Key("b").Text("v", "a text of its own cell")
	root.Key("Größe").Dword("n", 1)
	root.Key("Жизнь").Text("", "x")
	return keytest.HiveFile(root)
}

func FuzzHive(f *testing.F) {
	seeds := [][]byte{smallHive(), smallHive()[:5000]}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, seed := range seeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		before := bytes.Clone(data)
		h, err := Open(data)
		if err != nil {
			return
		}
		if keys := walk(t, h.Root(), 0); keys != h.Keys || keys > len(data)/76 {
			t.Errorf("%d keys walked, %d counted, %d bytes", keys, h.Keys, len(data))
		}
		if !bytes.Equal(before, data) {
			t.Error("Open changed its input")
		}
	})
}

func FuzzReplay(f *testing.F) {
	primary, before, after := dirtyPair(f)
	f.Add(newLog(primary, 6, after), newLog(primary, 7, before), true)
	f.Add(dirtLog(primary, after), []byte(nil), false)
	f.Add(newLog(primary, 6, before, after), newLog(primary, 4, before), true)
	f.Fuzz(func(t *testing.T, one, two []byte, seal bool) {
		if seal { // else no mutation would get past the hashes
			one, two = sealLog(bytes.Clone(one)), sealLog(bytes.Clone(two))
		}
		h, err := Open(primary, one, two)
		if err != nil {
			return
		}
		if max := len(primary) + maxGrowth; len(h.data) > max {
			t.Errorf("the hive grew to %d bytes, limit %d", len(h.data), max)
		}
		walk(t, h.Root(), 0)
	})
}

// sealLog mends the checksum and hashes of a log as far as it can be followed.
func sealLog(log []byte) []byte {
	if len(log) < sectorBytes {
		return log
	}
	keytest.Seal(log)
	for pos := sectorBytes; pos+entryHeadBytes <= len(log) && string(log[pos:pos+4]) == "HvLE"; {
		size := int(binary.LittleEndian.Uint32(log[pos+4:]))
		if size < sectorBytes || size > len(log)-pos {
			break
		}
		sealEntry(log[pos : pos+size])
		pos += size
	}
	return log
}
