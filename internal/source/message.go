package source

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/richardlehane/mscfb"

	"oxtail/parser/lzfu"
)

// Limits of a .msg file.
const (
	maxMessageBytes  = 256 << 20 // Exchange allows 150 MB; the directory of a larger one could overflow the decoder's stack
	maxPropertyBytes = 64 << 20  // of one text in it
	maxFieldBytes    = 64 << 10  // of a subject or name
)

// Names in a .msg file, [MS-OXMSG].
const (
	propertyStream   = "__properties_version1.0"
	propertyPrefix   = "__substg1.0_"
	attachmentPrefix = "__attach_version1.0_#"
)

// Properties that are read, by id and type.
const (
	propSubject      = "0037"
	propSubmitTime   = 0x00390040
	propSenderName   = "0C1A"
	propSenderMail   = "0C1F"
	propDeliveryTime = 0x0E060040
	propCreation     = 0x30070040
	propBody         = "1000"
	propRTF          = "10090102"
	propHTML         = "10130102"
	propDisplayName  = "3001"
	propData         = "37010102"
	propEmbedded     = "3701000D"
	propShortName    = "3704"
	propLongName     = "3707"
	propCodePage     = 0x3FFD0003
	propInternetPage = 0x3FDE0003
)

// compound gives the text of a .msg file and its attachments. Other compound
// files (old Office documents, installers) are no logs.
func (w *walker) compound(o *origin, look look) error {
	if err := w.makeRandom(o); err != nil {
		w.skip(o.path, err)
		return nil
	}
	if o.at.n > maxMessageBytes {
		return w.give(o, look, item{})
	}
	ra, closer, err := o.at.open()
	if err != nil {
		w.skip(o.path, err)
		return nil
	}
	defer closer.Close()
	c, err := openCompound(ra)
	if err != nil {
		w.skip(o.path, &Error{Path: o.path, Reason: ReasonDamaged, After: -1,
			Err: fmt.Errorf("the compound file (.msg) is damaged: %w", err), Remedy: "save the item again"})
		return nil
	}
	if c.files[propertyStream] == nil {
		return w.give(o, look, item{})
	}
	return w.message(o, c, "")
}

// A compoundFile is a file system in a file. It is not safe for use by several
// goroutines, so that each reader opens its own.
type compoundFile struct {
	files map[string]*mscfb.File // by path, with slashes
	names []string               // of storages and streams, sorted
}

func openCompound(ra io.ReaderAt) (c *compoundFile, err error) {
	err = guard(func() error {
		r, err := mscfb.New(ra)
		if err != nil {
			return err
		}
		c = &compoundFile{files: make(map[string]*mscfb.File, len(r.File))}
		for _, f := range r.File[min(1, len(r.File)):] {
			name := strings.Join(append(slices.Clone(f.Path), f.Name), "/")
			if c.files[name] == nil {
				c.files[name] = f
				c.names = append(c.names, name)
			}
		}
		slices.Sort(c.names)
		return nil
	})
	return c, err
}

// message gives the item whose properties are below prefix.
func (w *walker) message(o *origin, c *compoundFile, prefix string) error {
	look := look{formCompound, KindItem, "mail item (.msg)"}
	p := c.properties(prefix)
	it := item{
		subject:   c.text(prefix, propSubject, p.codePage()),
		sender:    c.text(prefix, propSenderName, p.codePage()),
		submitted: p.submitted(),
	}
	if it.sender == "" {
		it.sender = c.text(prefix, propSenderMail, p.codePage())
	}
	body := *o
	body.size, body.at = -1, nil
	at := o.at
	body.open = func() (io.ReadCloser, error) { return openBody(at, prefix) }
	if err := w.give(&body, look, it); err != nil {
		return err
	}
	return w.messageAttachments(o, c, prefix)
}

// openBody gives the text of an item: the plain one, or the RTF that Outlook
// keeps alone in many items, or the text of the HTML.
func openBody(at *region, prefix string) (io.ReadCloser, error) {
	ra, closer, err := at.open()
	if err != nil {
		return nil, err
	}
	defer closer.Close()
	c, err := openCompound(ra)
	if err != nil {
		return nil, err
	}
	p := c.properties(prefix)
	text, err := c.string(prefix, propBody, p.codePage(), maxPropertyBytes)
	if errors.Is(err, errNoProperty) || err == nil && len(bytes.TrimSpace(text)) == 0 {
		text, err = c.otherBody(prefix, p)
	}
	if errors.Is(err, errNoProperty) {
		err = nil
	}
	return io.NopCloser(io.MultiReader(bytes.NewReader(text), failing{err})), nil
}

// otherBody gives the text of an item that has no plain one.
func (c *compoundFile) otherBody(prefix string, p properties) ([]byte, error) {
	packed, err := c.read(prefix+propertyPrefix+propRTF, maxPropertyBytes)
	if err == nil && len(packed) > 0 {
		return lzfu.Decode(packed)
	}
	page, err := c.read(prefix+propertyPrefix+propHTML, maxPropertyBytes)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(newHTMLText(toUTF8(bytes.NewReader(page), codePage(p.long(propInternetPage)))))
}

// errNoProperty is returned for a property that an item does not have.
var errNoProperty = errors.New("the item has no such property")

// read returns the content of a stream, up to most bytes.
func (c *compoundFile) read(name string, most int64) (b []byte, err error) {
	f := c.files[name]
	if f == nil {
		return nil, errNoProperty
	}
	err = guard(func() error {
		var err error
		b, err = io.ReadAll(io.LimitReader(&compoundReader{f: f}, min(f.Size, most)))
		return err
	})
	return b, err
}

// A compoundReader reads a stream of a compound file from the start. The decoder
// joins the end of a stream to its last bytes and tells it as an error when the
// chain of sectors ends too early.
type compoundReader struct {
	f   *mscfb.File
	off int64
}

func (r *compoundReader) Read(p []byte) (n int, err error) {
	p = p[:min(int64(len(p)), r.f.Size-r.off)]
	if len(p) == 0 {
		return 0, io.EOF
	}
	err = guard(func() error {
		var err error
		n, err = r.f.Read(p)
		return err
	})
	r.off += int64(n)
	if err == io.EOF && r.off < r.f.Size || n == 0 && err == nil {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// string returns a text property as UTF-8.
func (c *compoundFile) string(prefix, id, charset string, most int64) ([]byte, error) {
	b, err := c.read(prefix+propertyPrefix+id+"001F", most)
	if !errors.Is(err, errNoProperty) {
		return bytes.TrimRight(utf16Text(b), "\x00"), err
	}
	b, err = c.read(prefix+propertyPrefix+id+"001E", most)
	text, decodeErr := io.ReadAll(toUTF8(bytes.NewReader(b), charset))
	if decodeErr != nil {
		text = b
	}
	return bytes.TrimRight(text, "\x00"), err
}

// text returns a short text property, empty if there is none.
func (c *compoundFile) text(prefix, id, charset string) string {
	b, _ := c.string(prefix, id, charset, maxFieldBytes)
	return strings.ToValidUTF8(string(b), "\ufffd")
}

func utf16Text(b []byte) []byte {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}

// properties are the values of fixed length of an item, by tag.
type properties map[uint32]uint64

// Layout of a property stream: a header, then entries of tag, flags and value.
const (
	propertyEntryBytes   = 16
	propertyHeadBytes    = 32 // of the item itself
	propertySubheadBytes = 24 // of an item inside an item
)

func (c *compoundFile) properties(prefix string) properties {
	p := properties{}
	b, _ := c.read(prefix+propertyStream, maxPropertyBytes)
	head := propertyHeadBytes
	if prefix != "" {
		head = propertySubheadBytes
	}
	for b = b[min(head, len(b)):]; len(b) >= propertyEntryBytes; b = b[propertyEntryBytes:] {
		p[binary.LittleEndian.Uint32(b)] = binary.LittleEndian.Uint64(b[8:])
	}
	return p
}

func (p properties) long(tag uint32) uint32 { return uint32(p[tag]) }

// codePage returns the charset of the 8-bit texts of an item.
func (p properties) codePage() string { return codePage(p.long(propCodePage)) }

// submitted returns when the item was submitted; sync logs are submitted,
// delivered and created at once.
func (p properties) submitted() time.Time {
	for _, tag := range []uint32{propSubmitTime, propDeliveryTime, propCreation} {
		if t := fileTime(p[tag]); !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

// messageAttachments gives what is attached to the item below prefix.
func (w *walker) messageAttachments(o *origin, c *compoundFile, prefix string) error {
	var names namer
	for _, name := range c.names {
		below, ok := strings.CutPrefix(name, prefix+attachmentPrefix)
		if !ok || strings.Contains(below, "/") {
			continue
		}
		if o.depth+1 > w.opts.Budget.MaxDepth {
			w.skip(o.path, budgetError(o.path, "depth", int64(w.opts.Budget.MaxDepth)))
			return nil
		}
		if !o.led.member() {
			w.skip(o.path, budgetError(o.path, "members", int64(w.opts.Budget.MaxMembers)))
			return nil
		}
		if err := w.messageAttachment(o, c, name+"/", &names); err != nil {
			return err
		}
	}
	return nil
}

// messageAttachment gives one attachment: a file, or an item inside the item.
func (w *walker) messageAttachment(o *origin, c *compoundFile, prefix string, names *namer) error {
	data, embedded := c.files[prefix+propertyPrefix+propData], prefix+propertyPrefix+propEmbedded+"/"
	isItem := c.files[embedded+propertyStream] != nil
	if data == nil && !isItem {
		return nil // a link to a file elsewhere, or an OLE object
	}
	name, note := names.name(c.attachmentName(prefix))
	if !w.filter.wants(name, true) {
		return nil
	}
	a := o.member(name, note, -1, time.Time{})
	if isItem {
		a.at = o.at
		return w.message(a, c, embedded)
	}
	a.size = data.Size
	at, stream, t := o.at, prefix+propertyPrefix+propData, &tally{}
	a.open = func() (io.ReadCloser, error) {
		ra, closer, err := at.open()
		if err != nil {
			return nil, err
		}
		c, err := openCompound(ra)
		if err != nil || c.files[stream] == nil {
			return nil, errors.Join(io.ErrUnexpectedEOF, err, closer.Close())
		}
		r := &meteredReader{r: &compoundReader{f: c.files[stream]}, led: a.led, t: t, path: a.path}
		return &joined{Reader: r, c: closer}, nil
	}
	return w.enter(a)
}

func (c *compoundFile) attachmentName(prefix string) string {
	for _, id := range []string{propLongName, propShortName, propDisplayName} {
		if name := c.text(prefix, id, "windows-1252"); name != "" {
			return name
		}
	}
	return "attachment"
}
