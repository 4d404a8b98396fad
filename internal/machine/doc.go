// Package machine is the computer that oxtail runs on: its live registry, the hives of
// users who are not logged on, the places where each user's caches lie; and, as the
// apply.Machine that [This] gives, its files, programs and MAPI.
//
// Only that machine changes anything, and only what actions/apply asks for: it restores
// keys of the current user from an export of the same key, renames files but never over
// another one, removes what lies in its own state folder, closes and starts programs,
// and calls MAPI in a child process (helper.go says why). Everything else only reads. It
// never loads a hive, and keeps no key and no hive file open: each is opened for one
// reading and closed, because a hive that somebody holds cannot be loaded when its user
// logs on.
//
// Invariant: what the live registry gives is what a .reg export or the hive file of
// the same moment gives; parser/profile/keytest holds it to that. What could not be
// read is an error of the key or a [Note], never a stop.
//
// The live registry exists on Windows only. Everything that is not its API is in files
// without a build tag and works on registry trees and functions that it is given, so it
// is tested on every system.
package machine
