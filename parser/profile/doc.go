// Package profile reads Outlook mail profiles out of a registry tree: which
// services a profile has, which account and cache file each of them uses, and
// where the parts of a profile contradict each other.
//
// It sees the registry through [Key] only, so a .reg export, an offline hive
// and the live registry give the same [Inventory]. It never opens a file,
// never changes anything, and never decodes a secured value: [Secret] alone
// decides what is secret, and a secret's bytes leave no trace in the inventory.
//
// Invariants: Read does not panic on any tree; its memory is bounded by the
// limits named in limits.go; two runs over one tree give equal inventories;
// every fact names the registry path it was read from; damage is a [Problem],
// not a stop.
package profile
