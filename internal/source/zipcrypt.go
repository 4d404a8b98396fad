package source

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"hash"
	"hash/crc32"
	"io"
)

// zipMethodAES is the method of members encrypted with AES (WinZip AE-1, AE-2).
const zipMethodAES = 99

// A zipAES is what the extra field of an AES member says.
type zipAES struct {
	version  uint16 // 1 has a CRC, 2 none
	keyBytes int
	method   uint16 // how it was packed before it was encrypted
}

func parseAES(b []byte) *zipAES {
	if len(b) < 7 || b[4] < 1 || b[4] > 3 {
		return nil
	}
	return &zipAES{
		version:  binary.LittleEndian.Uint16(b),
		keyBytes: 8 * (int(b[4]) + 1),
		method:   binary.LittleEndian.Uint16(b[5:]),
	}
}

// decrypt returns a reader of the packed content with the first password that
// fits its check bytes.
func (m *zipMember) decrypt(r io.Reader, passwords []string) (io.Reader, error) {
	if m.flags&zipFlagStrong != 0 {
		return nil, unsupported("", "is encrypted with PKWARE's strong encryption, which oxtail cannot read", "unpack it first")
	}
	if m.aes != nil {
		return m.decryptAES(r, passwords)
	}
	return m.decryptClassic(r, passwords)
}

// Layout of an AES member: salt, check bytes, content, authentication code.
const (
	aesCheckBytes  = 2
	aesMACBytes    = 10
	aesRounds      = 1000
	zipCryptHeader = 12
)

func (m *zipMember) decryptAES(r io.Reader, passwords []string) (io.Reader, error) {
	key := m.aes.keyBytes
	head := make([]byte, key/2+aesCheckBytes)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, io.ErrUnexpectedEOF
	}
	salt, check := head[:key/2], head[key/2:]
	size := m.packed - int64(len(head)) - aesMACBytes
	if size < 0 {
		return nil, io.ErrUnexpectedEOF
	}
	for _, password := range passwords {
		derived, err := pbkdf2.Key(sha1.New, password, salt, aesRounds, 2*key+aesCheckBytes)
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(derived[2*key:], check) {
			continue
		}
		block, err := aes.NewCipher(derived[:key])
		if err != nil {
			return nil, err
		}
		return &aesReader{r: r, left: size, block: block, mac: hmac.New(sha1.New, derived[key:2*key])}, nil
	}
	return nil, needsPassword("", len(passwords))
}

// An aesReader decrypts in counter mode; WinZip's counter is little-endian and
// starts at 1, unlike that of crypto/cipher.
type aesReader struct {
	r       io.Reader
	left    int64
	block   cipher.Block
	mac     hash.Hash
	counter uint64
	pad     [aes.BlockSize]byte
	used    int // bytes of pad used; 0 means that a new one is needed
}

func (a *aesReader) Read(p []byte) (int, error) {
	if a.left <= 0 {
		return 0, a.verify()
	}
	n, err := a.r.Read(p[:min(int64(len(p)), a.left)])
	a.left -= int64(n)
	a.mac.Write(p[:n])
	for i := range p[:n] {
		if a.used == 0 {
			a.counter++
			var c [aes.BlockSize]byte
			binary.LittleEndian.PutUint64(c[:], a.counter)
			a.block.Encrypt(a.pad[:], c[:])
		}
		p[i] ^= a.pad[a.used]
		a.used = (a.used + 1) % aes.BlockSize
	}
	if err == io.EOF && a.left > 0 {
		err = io.ErrUnexpectedEOF
	} else if err == io.EOF {
		err = nil
	}
	return n, err
}

// verify compares the authentication code behind the content.
func (a *aesReader) verify() error {
	if a.mac == nil {
		return io.EOF
	}
	code := make([]byte, aesMACBytes)
	if _, err := io.ReadFull(a.r, code); err != nil {
		return io.ErrUnexpectedEOF
	}
	if !hmac.Equal(code, a.mac.Sum(nil)[:aesMACBytes]) {
		return errors.New("authentication code does not match: it is damaged or was changed")
	}
	a.mac = nil
	return io.EOF
}

// decryptClassic reads PKWARE's traditional encryption. Its single check byte
// lets one wrong password in 256 pass; the CRC finds that out at the end.
func (m *zipMember) decryptClassic(r io.Reader, passwords []string) (io.Reader, error) {
	head := make([]byte, zipCryptHeader)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, io.ErrUnexpectedEOF
	}
	want := byte(m.crc >> 24)
	if m.streamed() {
		want = byte(m.dosTime >> 8)
	}
	for _, password := range passwords {
		c := newClassic(password)
		var last byte
		for _, b := range head {
			last = c.decrypt(b)
		}
		if last == want {
			return &classicReader{r: r, c: c}, nil
		}
	}
	return nil, needsPassword("", len(passwords))
}

// A classic is the state of PKWARE's traditional cipher.
type classic struct{ k0, k1, k2 uint32 }

func newClassic(password string) *classic {
	c := &classic{0x12345678, 0x23456789, 0x34567890}
	for i := range len(password) {
		c.update(password[i])
	}
	return c
}

func (c *classic) update(plain byte) {
	c.k0 = crcByte(c.k0, plain)
	c.k1 = (c.k1+c.k0&0xff)*134775813 + 1
	c.k2 = crcByte(c.k2, byte(c.k1>>24))
}

func crcByte(crc uint32, b byte) uint32 {
	return crc32.IEEETable[byte(crc)^b] ^ crc>>8
}

func (c *classic) decrypt(b byte) byte {
	t := c.k2 | 2
	plain := b ^ byte(t*(t^1)>>8)
	c.update(plain)
	return plain
}

type classicReader struct {
	r io.Reader
	c *classic
}

func (r *classicReader) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	for i := range p[:n] {
		p[i] = r.c.decrypt(p[i])
	}
	return n, err
}
