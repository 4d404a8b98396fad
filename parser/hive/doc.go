// Package hive reads offline registry hives (NTUSER.DAT, SOFTWARE, SYSTEM,
// DEFAULT …) into a tree of [profile.Key] and replays their transaction logs
// (.LOG, .LOG1, .LOG2) in memory. It never opens a file and never changes the
// bytes it was given.
//
// The reader of cells is our own. The module first meant for it,
// www.velocidex.com/golang/regparser, gives every value of up to four bytes as
// four bytes, names as undecoded bytes, no error for damage, no guard against
// cyclic lists, and its log recovery applies nothing; working around each of
// these took more code than the 300 lines here, and the format is simple: keys
// (nk), values (vk) and four kinds of lists in numbered cells.
//
// Invariants: Open does not panic on any input; every key cell is taken into
// the tree at most once, so damaged lists cannot make a cycle or a copy; depth
// and number of keys are bounded; damage is a [Problem] and the readable part
// is read.
package hive
