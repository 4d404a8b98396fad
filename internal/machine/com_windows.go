package machine

import (
	"errors"
	"runtime"

	ole "github.com/go-ole/go-ole"
	"github.com/go-ole/go-ole/oleutil"

	"oxtail/actions/apply"
)

// outlookClass is the name under which Outlook registers itself when it runs.
const outlookClass = "Outlook.Application"

// withOutlook does something with the running Outlook. It never starts one. All of it
// belongs to one thread.
func withOutlook(at func(string), do func(app *ole.IDispatch) error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	at("CoInitializeEx")
	if err := ole.CoInitializeEx(0, ole.COINIT_APARTMENTTHREADED); err != nil {
		return comError("CoInitializeEx", err)
	}
	defer ole.CoUninitialize()
	at("GetActiveObject " + outlookClass)
	unknown, err := oleutil.GetActiveObject(outlookClass)
	if err != nil {
		return comError("GetActiveObject "+outlookClass, err)
	}
	defer unknown.Release()
	app, err := unknown.QueryInterface(ole.IID_IDispatch)
	if err != nil {
		return comError("QueryInterface IDispatch", err)
	}
	defer app.Release()
	return do(app)
}

// comError is a failed call of COM, with its code.
func comError(call string, err error) error {
	var failed *ole.OleError
	if errors.As(err, &failed) {
		return &apply.MAPIError{Call: call, Code: uint32(failed.Code()), Text: failed.Description()}
	}
	return err
}

// quitOutlook asks Outlook to end, as its menu does.
func quitOutlook(at func(string)) error {
	return withOutlook(at, func(app *ole.IDispatch) error {
		at("Application.Quit")
		_, err := oleutil.CallMethod(app, "Quit")
		return comError("Application.Quit", err)
	})
}

// sendReceive asks Outlook for Send/Receive All, without its progress window.
func sendReceive(at func(string)) error {
	return withOutlook(at, func(app *ole.IDispatch) error {
		at("Application.Session")
		got, err := oleutil.GetProperty(app, "Session")
		if err != nil {
			return comError("Application.Session", err)
		}
		defer got.Clear() // its memory goes with the process anyway
		at("NameSpace.SendAndReceive")
		_, err = oleutil.CallMethod(got.ToIDispatch(), "SendAndReceive", false)
		return comError("NameSpace.SendAndReceive", err)
	})
}
