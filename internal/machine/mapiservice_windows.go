package machine

import (
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"unsafe"

	"golang.org/x/sys/windows"

	"oxtail/actions/apply"
	"oxtail/parser/profile"
)

// serviceUIAllowed lets a provider ask by a dialog.
const serviceUIAllowed = 0x10

// services is an IMsgServiceAdmin: the message services of one profile.
type services struct {
	*session
	admin *object
}

// uid is a MAPIUID.
type uid [16]byte

func (u uid) String() string { return hex.EncodeToString(u[:]) }

// parseUID reads a UID as parser/profile writes it.
func parseUID(text string) (u uid, err error) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(u) {
		return u, fmt.Errorf("%q is no UID of a service; want 32 hexadecimal digits", text)
	}
	copy(u[:], raw)
	return u, nil
}

// withServices opens the services of a profile. A name as it is stored in the registry
// may be escaped; MAPI wants it as people see it.
func (s *session) withServices(name string, do func(*services) (*helperAnswer, error)) (*helperAnswer, error) {
	admin, err := s.openServices(name)
	if shown := profile.DecodeName(name); shown != name && hasCode(err, mapiLogonFailed, mapiNotFound) {
		admin, err = s.openServices(shown)
	}
	if err != nil {
		return nil, err
	}
	defer admin.release()
	return do(&services{s, admin})
}

// openServices is AdminServices of one name.
func (s *session) openServices(name string) (*object, error) {
	text, err := ansi(name)
	if err != nil {
		return nil, err
	}
	s.at("AdminServices")
	var admin *object
	r := s.admin.call(slotAdminServices, uintptr(unsafe.Pointer(text)), 0, 0, 0, uintptr(unsafe.Pointer(&admin)))
	return admin, s.check(s.admin, "AdminServices", r)
}

// list reads the table of services.
func (s *services) list() ([]apply.Service, error) {
	s.at("GetMsgServiceTable")
	var table *object
	r := s.admin.call(slotGetMsgServiceTable, 0, uintptr(unsafe.Pointer(&table)))
	if err := s.check(s.admin, "GetMsgServiceTable", r); err != nil {
		return nil, err
	}
	defer table.release()
	rows, err := s.rows(table, tagServiceUID, tagServiceName, tagDisplayName, tagResourceFlags)
	var out []apply.Service
	for _, r := range rows {
		out = append(out, apply.Service{
			UID: hex.EncodeToString(r.bytes(tagServiceUID)), Name: r.text(tagServiceName),
			Display: r.text(tagDisplayName), ResourceFlags: r.number(tagResourceFlags),
		})
	}
	return out, err
}

// delete is DeleteMsgService.
func (s *services) delete(u uid) error {
	s.at("DeleteMsgService")
	return s.check(s.admin, "DeleteMsgService", s.admin.call(slotDeleteMsgService, uintptr(unsafe.Pointer(&u))))
}

// create makes a service and gives its UID: by IMsgServiceAdmin2, or where that is
// missing from the list before and after.
func (s *services) create(service, display string, flags uintptr) (string, error) {
	name, err := ansi(service)
	if err != nil {
		return "", err
	}
	text, err := ansi(display)
	if err != nil {
		return "", err
	}
	s.at("QueryInterface")
	var admin2 *object
	r := s.admin.call(slotQueryInterface, uintptr(unsafe.Pointer(mapiIID(iidMsgServiceAdmin2))), uintptr(unsafe.Pointer(&admin2)))
	if uint32(r) == mapiNoInterface {
		return s.createAndFind(name, text, flags)
	}
	if err := s.check(s.admin, "QueryInterface", r); err != nil {
		return "", err
	}
	defer admin2.release()
	s.at("CreateMsgServiceEx")
	var made uid
	r = admin2.call(slotCreateMsgServiceEx, uintptr(unsafe.Pointer(name)), uintptr(unsafe.Pointer(text)), 0, flags, uintptr(unsafe.Pointer(&made)))
	if err := s.check(admin2, "CreateMsgServiceEx", r); err != nil {
		return "", err
	}
	return made.String(), nil
}

// createAndFind is create without IMsgServiceAdmin2.
func (s *services) createAndFind(name, display *byte, flags uintptr) (string, error) {
	before, err := s.list()
	if err != nil {
		return "", err
	}
	s.at("CreateMsgService")
	r := s.admin.call(slotCreateMsgService, uintptr(unsafe.Pointer(name)), uintptr(unsafe.Pointer(display)), 0, flags)
	if err := s.check(s.admin, "CreateMsgService", r); err != nil {
		return "", err
	}
	after, err := s.list()
	if err != nil {
		return "", err
	}
	for _, v := range after {
		if !slices.ContainsFunc(before, func(old apply.Service) bool { return old.UID == v.UID }) {
			return v.UID, nil
		}
	}
	return "", errors.New("CreateMsgService said yes, but the new service is not in the list")
}

// configure is ConfigureMsgService.
func (s *services) configure(u uid, properties []apply.Property, flags uintptr) error {
	var pin runtime.Pinner // what the values point to is not seen by call
	defer pin.Unpin()
	list := make([]propValue, 0, len(properties))
	for _, p := range properties {
		v, err := propertyValue(&pin, p)
		if err != nil {
			return fmt.Errorf("property 0x%08X: %w", p.Tag, err)
		}
		list = append(list, v)
	}
	s.at("ConfigureMsgService")
	r := s.admin.call(slotConfigureMsgService, uintptr(unsafe.Pointer(&u)), 0, flags,
		uintptr(len(list)), uintptr(unsafe.Pointer(unsafe.SliceData(list))))
	return s.check(s.admin, "ConfigureMsgService", r)
}

// errSecured says that a value must not be passed on.
var errSecured = errors.New("its value is secured and was never read")

// propertyValue makes the value of a property in the form that MAPI takes: texts are
// passed in the ANSI code page, whatever the registry has.
func propertyValue(pin *runtime.Pinner, p apply.Property) (propValue, error) {
	v := propValue{tag: p.Tag}
	switch {
	case p.Secured:
		return v, errSecured
	case p.Cut:
		return v, fmt.Errorf("its value is longer than %d bytes and was not read completely", apply.MaxPropertyText)
	}
	switch p.Tag & typeMask {
	case typeANSI, typeUnicode:
		text, err := ansi(p.Text)
		if err != nil {
			return v, err
		}
		pin.Pin(text)
		v.tag = p.Tag&^typeMask | typeANSI
		v.value[0] = uintptr(unsafe.Pointer(text))
	case typeBinary:
		return binaryProperty(pin, v, p.Text)
	case typeLong, typeShort, typeBoolean:
		n, err := strconv.ParseInt(p.Text, 10, 64)
		if err != nil || n < -1<<31 || n > 1<<32-1 {
			return v, fmt.Errorf("%q is no number of its type", p.Text)
		}
		v.value[0] = uintptr(uint32(n))
	default:
		return v, fmt.Errorf("values of type 0x%04X cannot be set", p.Tag&typeMask)
	}
	return v, nil
}

// binaryProperty makes a PT_BINARY.
func binaryProperty(pin *runtime.Pinner, v propValue, digits string) (propValue, error) {
	data, err := hex.DecodeString(digits)
	if err != nil {
		return v, err
	}
	v.value[0] = uintptr(uint32(len(data)))
	if len(data) > 0 {
		pin.Pin(&data[0])
		v.value[1] = uintptr(unsafe.Pointer(&data[0]))
	}
	return v, nil
}

// helperBits is what this process can load.
const helperBits = 8 * int(unsafe.Sizeof(windows.Handle(0)))
