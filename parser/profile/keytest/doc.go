// Package keytest holds every implementation of [profile.Key] to one contract:
// a tree of known content, writers that put it into the forms that readers
// take, and the checks. It is for tests only.
//
// The writers are also the way to make registry evidence in other tests: build
// a [Node], write it with [RegFile] or [HiveFile].
package keytest
