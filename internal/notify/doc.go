// Package notify tells the person at a Windows workstation, and the event log, what a
// watch found: a pop-up for each notice, and a record in the Application log.
//
// Its senders take the notices of package watch (oxtail.notice/v1) and fit its queues.
// It tells no log line unmasked: secrets are taken out, texts are cut to what Windows
// takes, and a storm of notices becomes one. Everything but the calls of Windows is in
// files without a build tag and is tested on every system.
//
// A pop-up needs a desktop: a service has none. It is a balloon of Shell_NotifyIcon,
// which Windows 10 and 11 show as a toast; the toast API proper wants an application
// with an identity of its own in the start menu, which a portable program has not.
package notify
