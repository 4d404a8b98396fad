// Package foldercount reads how many items the folders of a mailbox hold, from CSV, and compares two such lists: those of the
// server and those of the offline store. This is the first check of Microsoft KB842284, "Server folder contains" against
// "Offline folder contains".
//
// It reads what Get-MailboxFolderStatistics | Export-Csv writes and what people make of it: with a "#TYPE" line, any of three
// separators, UTF-8, UTF-16 or Windows-1252, English and German column names. It never guesses a number: a row that it cannot
// read is a [SyntaxError] with the line and a remedy, and nothing is compared.
//
// Invariant: in the result of [Compare] every folder of both lists stands exactly once, in an order that does not depend on
// theirs.
package foldercount
