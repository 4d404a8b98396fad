// Package detectors turns records into findings.
package detectors
