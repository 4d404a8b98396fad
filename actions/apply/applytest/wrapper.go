package applytest

import (
	"context"
	"errors"
	"io"
	"time"

	"oxtail/actions/apply"
	"oxtail/parser/profile"
)

// errBroken is what a broken call gives.
var errBroken = errors.New("broken on purpose")

// A hooked machine asks a hook before every call, and before every write.
type hooked struct {
	m    apply.Machine
	hook func(call string) error
}

var _ apply.Machine = (*hooked)(nil)

func (h *hooked) Inventory(ctx context.Context) (*profile.Inventory, error) {
	if err := h.hook("Inventory"); err != nil {
		return nil, err
	}
	return h.m.Inventory(ctx)
}

func (h *hooked) ExportKey(ctx context.Context, key string, w io.Writer) error {
	if err := h.hook("ExportKey"); err != nil {
		return err
	}
	return h.m.ExportKey(ctx, key, w)
}

func (h *hooked) RestoreKey(ctx context.Context, key string, reg []byte) error {
	if err := h.hook("RestoreKey"); err != nil {
		return err
	}
	return h.m.RestoreKey(ctx, key, reg)
}

func (h *hooked) KeySecurity(ctx context.Context, key string) (string, error) {
	if err := h.hook("KeySecurity"); err != nil {
		return "", err
	}
	return h.m.KeySecurity(ctx, key)
}

func (h *hooked) CurrentUserOwns(ctx context.Context, key string) (bool, error) {
	if err := h.hook("CurrentUserOwns"); err != nil {
		return false, err
	}
	return h.m.CurrentUserOwns(ctx, key)
}

func (h *hooked) Stat(ctx context.Context, path string) (apply.File, error) {
	if err := h.hook("Stat"); err != nil {
		return apply.File{}, err
	}
	return h.m.Stat(ctx, path)
}

func (h *hooked) List(ctx context.Context, folder string) ([]apply.File, error) {
	if err := h.hook("List"); err != nil {
		return nil, err
	}
	return h.m.List(ctx, folder)
}

func (h *hooked) Open(ctx context.Context, path string) (io.ReadCloser, error) {
	if err := h.hook("Open"); err != nil {
		return nil, err
	}
	return h.m.Open(ctx, path)
}

// A hookedWriter writes half of what it is given when its hook says no.
type hookedWriter struct {
	io.WriteCloser
	hook func(call string) error
}

func (w *hookedWriter) Write(p []byte) (int, error) {
	if err := w.hook("Write"); err != nil {
		if errors.Is(err, errDead) {
			return 0, err
		}
		n, _ := w.WriteCloser.Write(p[:len(p)/2]) // the error that matters is that of the hook
		return n, err
	}
	return w.WriteCloser.Write(p)
}

func (h *hooked) writer(w io.WriteCloser, err error) (io.WriteCloser, error) {
	if err != nil {
		return nil, err
	}
	return &hookedWriter{w, h.hook}, nil
}

func (h *hooked) Create(ctx context.Context, path string) (io.WriteCloser, error) {
	if err := h.hook("Create"); err != nil {
		return nil, err
	}
	return h.writer(h.m.Create(ctx, path))
}

func (h *hooked) Append(ctx context.Context, path string) (io.WriteCloser, error) {
	if err := h.hook("Append"); err != nil {
		return nil, err
	}
	return h.writer(h.m.Append(ctx, path))
}

func (h *hooked) Rename(ctx context.Context, from, to string) error {
	if err := h.hook("Rename"); err != nil {
		return err
	}
	return h.m.Rename(ctx, from, to)
}

func (h *hooked) Remove(ctx context.Context, path string) error {
	if err := h.hook("Remove"); err != nil {
		return err
	}
	return h.m.Remove(ctx, path)
}

func (h *hooked) FreeBytes(ctx context.Context, path string) (int64, error) {
	if err := h.hook("FreeBytes"); err != nil {
		return 0, err
	}
	return h.m.FreeBytes(ctx, path)
}

func (h *hooked) IsLocal(ctx context.Context, path string) (bool, error) {
	if err := h.hook("IsLocal"); err != nil {
		return false, err
	}
	return h.m.IsLocal(ctx, path)
}

func (h *hooked) StateFolder() string       { return h.m.StateFolder() }
func (h *hooked) Expand(path string) string { return h.m.Expand(path) }
func (h *hooked) Now() time.Time            { return h.m.Now() }

func (h *hooked) Wait(ctx context.Context, d time.Duration) error {
	if err := h.hook("Wait"); err != nil {
		return err
	}
	return h.m.Wait(ctx, d)
}

func (h *hooked) Identity(ctx context.Context) (apply.Identity, error) {
	if err := h.hook("Identity"); err != nil {
		return apply.Identity{}, err
	}
	return h.m.Identity(ctx)
}

func (h *hooked) Running(ctx context.Context, names ...string) ([]apply.Process, error) {
	if err := h.hook("Running"); err != nil {
		return nil, err
	}
	return h.m.Running(ctx, names...)
}

func (h *hooked) Holders(ctx context.Context, files []string) (apply.Holders, error) {
	if err := h.hook("Holders"); err != nil {
		return apply.Holders{}, err
	}
	return h.m.Holders(ctx, files)
}

func (h *hooked) Close(ctx context.Context, p apply.Process, how apply.How) error {
	if err := h.hook("Close"); err != nil {
		return err
	}
	return h.m.Close(ctx, p, how)
}

func (h *hooked) StartOutlook(ctx context.Context, profileName string) error {
	if err := h.hook("StartOutlook"); err != nil {
		return err
	}
	return h.m.StartOutlook(ctx, profileName)
}

func (h *hooked) SendReceiveAll(ctx context.Context) error {
	if err := h.hook("SendReceiveAll"); err != nil {
		return err
	}
	return h.m.SendReceiveAll(ctx)
}

func (h *hooked) StopSearch(ctx context.Context) (bool, error) {
	if err := h.hook("StopSearch"); err != nil {
		return false, err
	}
	return h.m.StopSearch(ctx)
}

func (h *hooked) StartSearch(ctx context.Context) error {
	if err := h.hook("StartSearch"); err != nil {
		return err
	}
	return h.m.StartSearch(ctx)
}

func (h *hooked) CanMAPI(ctx context.Context) error {
	if err := h.hook("CanMAPI"); err != nil {
		return err
	}
	return h.m.CanMAPI(ctx)
}

func (h *hooked) Services(ctx context.Context, profileName string) ([]apply.Service, error) {
	if err := h.hook("Services"); err != nil {
		return nil, err
	}
	return h.m.Services(ctx, profileName)
}

func (h *hooked) Properties(ctx context.Context, profileName, uid string) ([]apply.Property, error) {
	if err := h.hook("Properties"); err != nil {
		return nil, err
	}
	return h.m.Properties(ctx, profileName, uid)
}

func (h *hooked) DeleteService(ctx context.Context, profileName, uid string) error {
	if err := h.hook("DeleteService"); err != nil {
		return err
	}
	return h.m.DeleteService(ctx, profileName, uid)
}

func (h *hooked) CreateService(ctx context.Context, profileName, service, display string, ui apply.UI) (string, error) {
	if err := h.hook("CreateService"); err != nil {
		return "", err
	}
	return h.m.CreateService(ctx, profileName, service, display, ui)
}

func (h *hooked) ConfigureService(ctx context.Context, profileName, uid string, properties []apply.Property, ui apply.UI) error {
	if err := h.hook("ConfigureService"); err != nil {
		return err
	}
	return h.m.ConfigureService(ctx, profileName, uid, properties, ui)
}

func (h *hooked) CanConfigure(ctx context.Context, service string) bool {
	return h.m.CanConfigure(ctx, service)
}
