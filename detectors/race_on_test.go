//go:build race

package detectors

// raceEnabled: the race detector makes pools forget on purpose.
const raceEnabled = true
