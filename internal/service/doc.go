// Package service keeps a watch running without a person at a terminal: as a systemd
// unit, as a scheduled task of a Windows user, or as a Windows service.
//
// What is registered (the text of the unit, the XML of the task, the configuration of
// the service) is made from a Spec by pure functions, and the same Spec gives the same
// bytes. Programs of the system are run by their full paths with arguments of their own,
// never through a shell; which are run is told. To install twice is to update, to
// uninstall what is not there is no fault.
//
// It never decides by guessing whether it runs as a service: an argument says so.
package service
