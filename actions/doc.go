// Package actions joins findings with the evidence of profiles and cache files
// into cases, judges each case, and writes down what to do about it as a plan.
//
// The chain is: log → finding → account → cache file → every profile that uses it
// → verdict → plan. Each arrow is an Edge that says how it was drawn (Kind) and
// where the proof stands (Source).
//
// It touches nothing: no file, no registry, no process, no clock. Plans are data;
// carrying one out is the business of a Machine.
//
// Invariants: the result does not depend on the order of findings, profiles or
// cache files; every finding stands in exactly one case; a plan that deletes
// anything says what may be lost before it says how.
//
// # How sure a link is
//
// A finding is joined with a store (an account, its cache files and the services
// that use them) by clues. The best clue decides; there is no score.
//
//	clue          what it is                                             alone
//	cache-path    the record names the cache file with its whole path    certain
//	server-user   the record names server and user of the account        certain
//	cache-name    the record names the cache file's name, or its end     likely
//	user          the record names the user of the account               likely
//	server        the record names the server, and one account is on it  likely
//	mailbox       the log belongs to the mailbox of the account          likely
//	supporttool   the record names the profile                           likely
//	same-log      another line of the log names one account, and no      likely, after
//	              other account                                          the above
//	proximity     the log lies beside the cache file                     as same-log
//	user-folder   the log lies in the folder of the cache's owner        as same-log
//	named         user or owner is part of the log's path                unclear
//	bundle        log and profile come from the same folder or archive   unclear
//	only-account  there is no other account that it could be             unclear
//	time          the cache was written while the fault lasted           supports only
//
// Two unclear clues of different kind that point to the same store make a likely link.
// A log that is known to be of another mailbox is not joined by what stands beside it.
// When the best clues point to several stores, the one with the most kinds of clues is
// taken; when there is none, the finding is joined with no store, and its case says
// which it may be.
//
// A case is as sure as its leading finding or the link of that finding, whichever
// is less. Two proofs tell that a cache is shared: the registry (certain) and the
// provider's start-up line (unclear without the registry).
package actions
