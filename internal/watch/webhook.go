package watch

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// maxAnswer is how much of a webhook's answer is read, in bytes.
const maxAnswer = 4 << 10

// A Webhook is a Sender that posts JSON to an address that the user gave.
//
// With a secret, the header X-Oxtail-Signature is "sha256=" and the HMAC-SHA256, in hex,
// of X-Oxtail-Timestamp, a dot and the body. X-Oxtail-Id is the hash of the body: tries
// of one notice have the same.
type Webhook struct {
	url    string
	secret []byte
	now    func() time.Time
	client *http.Client
}

var _ Sender = (*Webhook)(nil)

// NewWebhook returns a Webhook. secret may be empty.
func NewWebhook(address string, secret []byte, now func() time.Time) (*Webhook, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("address of the webhook: %w", err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("address of the webhook %s: want http:// or https:// and a host", u.Redacted())
	}
	client := &http.Client{
		Timeout:       sendTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // only the address that was given
	}
	return &Webhook{url: address, secret: secret, now: now, client: client}, nil
}

// Name implements Sender. The address may hold a token, so only its host is told.
func (h *Webhook) Name() string {
	u, err := url.Parse(h.url)
	if err != nil {
		return "webhook"
	}
	return "webhook " + u.Host
}

// Send implements Sender.
func (h *Webhook) Send(ctx context.Context, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("post to %s: %w", h.Name(), ErrForGood)
	}
	stamp := strconv.FormatInt(h.now().Unix(), 10)
	id := sha256.Sum256(body)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "oxtail")
	req.Header.Set("X-Oxtail-Id", hex.EncodeToString(id[:8]))
	req.Header.Set("X-Oxtail-Timestamp", stamp)
	if len(h.secret) > 0 {
		req.Header.Set("X-Oxtail-Signature", "sha256="+Sign(h.secret, stamp, body))
	}
	res, err := h.client.Do(req)
	if err != nil {
		return fmt.Errorf("post to %s: %w", h.Name(), unwrapURL(err))
	}
	defer res.Body.Close()
	_, _ = io.CopyN(io.Discard, res.Body, maxAnswer) // so that the connection can be used again
	switch {
	case res.StatusCode < 300:
		return nil
	case res.StatusCode == http.StatusTooManyRequests || res.StatusCode == http.StatusRequestTimeout || res.StatusCode >= 500:
		return fmt.Errorf("post to %s: answer %s", h.Name(), res.Status)
	}
	return fmt.Errorf("post to %s: answer %s: %w", h.Name(), res.Status, ErrForGood)
}

// unwrapURL takes the address, which may hold a token, out of an error of package http.
func unwrapURL(err error) error {
	if e, ok := err.(*url.Error); ok {
		return e.Err
	}
	return err
}

// Sign returns the signature of a body that was posted at a time: HMAC-SHA256 in hex.
func Sign(secret []byte, stamp string, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(stamp + "."))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}
