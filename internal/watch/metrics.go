package watch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"oxtail/internal/report"
)

const (
	// metricsEvery is how old the numbers of Metrics may be.
	metricsEvery = time.Second

	// metricsTimeout bounds one request.
	metricsTimeout = 5 * time.Second

	// metricsHeader is the longest header of a request, in bytes.
	metricsHeader = 8 << 10
)

// Metrics gives out the status of a watch at /metrics, in the text format of Prometheus,
// to programs of this computer and to nobody else.
type Metrics struct {
	listener net.Listener
	server   *http.Server
	status   atomic.Pointer[report.WatchStatus]
}

// ListenMetrics opens a port of this computer, such as 127.0.0.1:9464, [::1]:9464 or
// localhost:9464. Other addresses are refused: the names of files and receivers are
// nobody else's business.
func ListenMetrics(address string) (*Metrics, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("address of the metrics %s: %w; want 127.0.0.1:PORT", address, err)
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("address of the metrics %s: only this computer may ask; want 127.0.0.1:PORT or [::1]:PORT", address)
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, fmt.Errorf("listen for metrics: %w", err)
	}
	m := &Metrics{listener: l}
	m.server = &http.Server{
		Handler: http.HandlerFunc(m.answer), ReadTimeout: metricsTimeout, WriteTimeout: metricsTimeout, IdleTimeout: metricsTimeout, MaxHeaderBytes: metricsHeader,
	}
	return m, nil
}

// Address returns the URL of the metrics.
func (m *Metrics) Address() string { return "http://" + m.listener.Addr().String() + "/metrics" }

// serve answers until ctx ends.
func (m *Metrics) serve(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { _ = m.server.Close() })
	defer stop()
	if err := m.server.Serve(m.listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("metrics: %w", err)
	}
	return nil
}

// answer writes the newest status. A page of another site that was given a loopback
// address by its name server is told apart by its Host.
func (m *Metrics) answer(w http.ResponseWriter, r *http.Request) {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	ip := net.ParseIP(host)
	switch {
	case host != "localhost" && (ip == nil || !ip.IsLoopback()):
		http.Error(w, "only this computer may ask", http.StatusForbidden)
		return
	case r.URL.Path != "/metrics":
		http.NotFound(w, r)
		return
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		http.Error(w, "want GET", http.StatusMethodNotAllowed)
		return
	}
	st := m.status.Load()
	if st == nil {
		http.Error(w, "the first look is not over", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_ = st.WriteMetrics(w) // who asked is gone
}
