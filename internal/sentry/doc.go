// Package sentry watches mail profiles and cache files and says what turns bad while it
// looks: a second service that begins to use the cache of an account, a cache file that
// vanishes or whose size jumps, a store that nears its limit, a store that Outlook
// recorded as damaged.
//
// It compares snapshots that a Looker gives. Polling is the truth, a notification only
// ends a pause. Each fault is said once; it stands until it is said to be over. Who
// shares an account, and which store is damaged, is judged by package actions.
//
// It reads, and writes nothing but the file that Options.Memory names. It never reads
// the clock. Invariant: what could not be read is neither gone nor smaller.
package sentry
