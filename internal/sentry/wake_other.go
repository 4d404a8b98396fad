//go:build !windows

package sentry

// ListenRegistry lets the registry ring, which exists on Windows only.
func (b *Bell) ListenRegistry() error { return nil }
