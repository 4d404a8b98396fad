package machine

import (
	"errors"
	"fmt"
	"runtime"
	"syscall"
	"unsafe"

	"oxtail/actions/apply"
)

// The slots of MAPI's interfaces that are called; 0 to 2 are those of IUnknown.
const (
	slotQueryInterface = 0
	slotRelease        = 2
	slotGetLastError   = 3 // of all interfaces below

	slotGetProfileTable   = 4 // IProfAdmin
	slotSetDefaultProfile = 10
	slotAdminServices     = 11

	slotGetMsgServiceTable  = 4 // IMsgServiceAdmin
	slotCreateMsgService    = 5
	slotDeleteMsgService    = 6
	slotConfigureMsgService = 9
	slotCreateMsgServiceEx  = 15 // IMsgServiceAdmin2

	slotSetColumns = 7 // IMAPITable
	slotQueryRows  = 19
)

// slots is more than any of the interfaces has.
const slots = 32

// object is any interface of MAPI. It is memory of MAPI, which does not move.
type object struct{ vtbl *[slots]uintptr }

// guid is an interface id. Those of MAPI differ in the first field only.
type guid struct {
	first uint32
	rest  [12]byte
}

func mapiIID(first uint32) *guid { return &guid{first, [12]byte{4: 0xC0, 11: 0x46}} }

// iidMsgServiceAdmin2 is in Outlook 2003 and later.
const iidMsgServiceAdmin2 = 0x00020387

// call calls a slot of the object. Arguments may be converted pointers if the conversion
// stands in the argument list: that keeps what they point to alive and in its place, and
// only for this call.
//
//go:uintptrescapes
func (o *object) call(slot int, args ...uintptr) uintptr {
	const mostArguments = 10
	all := make([]uintptr, 0, mostArguments)
	all = append(all, uintptr(unsafe.Pointer(o)))
	all = append(all, args...)
	r, _, _ := syscall.SyscallN(o.vtbl[slot], all...)
	return r
}

// release gives the object back.
func (o *object) release() {
	if o != nil {
		o.call(slotRelease)
	}
}

// session is MAPI in use. Everything of it belongs to one thread.
type session struct {
	lib   *mapiLib
	admin *object           // IProfAdmin
	at    func(call string) // told before each call
}

// withMAPI starts MAPI on a locked thread, does something with it, and ends it.
func withMAPI(at func(string), do func(*session) (*helperAnswer, error)) (*helperAnswer, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	lib, err := startMAPI(at)
	if err != nil {
		return nil, err
	}
	defer lib.stop()
	s := &session{lib: lib, at: at}
	at("MAPIAdminProfiles")
	r, _, _ := syscall.SyscallN(lib.admin, 0, uintptr(unsafe.Pointer(&s.admin)))
	if err := failed("MAPIAdminProfiles", r); err != nil {
		return nil, err
	}
	defer s.admin.release()
	return do(s)
}

// errorText is MAPIERROR.
type errorText struct {
	version   uint32
	text      *byte
	component *byte
	lowLevel  uint32
	context   uint32
}

// check makes an error of a result, with what the object says about it.
func (s *session) check(o *object, call string, result uintptr) error {
	err := failed(call, result)
	if err == nil {
		return nil
	}
	var text *errorText
	if r := o.call(slotGetLastError, result, 0, uintptr(unsafe.Pointer(&text))); int32(r) == 0 && text != nil {
		var e *apply.MAPIError
		if errors.As(err, &e) {
			e.Text = s.said(text)
		}
		s.lib.freeBuffer(unsafe.Pointer(text))
	}
	return err
}

// maxErrorText bounds what MAPI says about an error, in bytes.
const maxErrorText = 1024

// said puts the texts of an error together.
func (s *session) said(t *errorText) string {
	text := fromANSI(t.text)
	if component := fromANSI(t.component); component != "" {
		text = component + ": " + text
	}
	if t.lowLevel != 0 {
		text += fmt.Sprintf(" (low-level error 0x%08X)", t.lowLevel)
	}
	return text[:min(len(text), maxErrorText)]
}

// profiles reads the profile table.
func (s *session) profiles() ([]MAPIProfile, error) {
	s.at("GetProfileTable")
	var table *object
	r := s.admin.call(slotGetProfileTable, 0, uintptr(unsafe.Pointer(&table)))
	if err := s.check(s.admin, "GetProfileTable", r); err != nil {
		return nil, err
	}
	defer table.release()
	rows, err := s.rows(table, tagDisplayName, tagDefaultProfile)
	var out []MAPIProfile
	for _, r := range rows {
		out = append(out, MAPIProfile{Name: r.text(tagDisplayName), Default: r.number(tagDefaultProfile) != 0})
	}
	return out, err
}

// setDefault makes a profile the default.
func (s *session) setDefault(name string) error {
	text, err := ansi(name)
	if err != nil {
		return err
	}
	s.at("SetDefaultProfile")
	return s.check(s.admin, "SetDefaultProfile", s.admin.call(slotSetDefaultProfile, uintptr(unsafe.Pointer(text)), 0))
}
