package service

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"fmt"
	"unicode/utf16"
)

// The elements of a task, after the schema of task scheduler 2.0 (Windows Vista and
// later). Of the settings, those are written whose defaults would end a watch: on
// batteries, after three days, at the first failure.
type taskXML struct {
	XMLName      xml.Name         `xml:"Task"`
	Version      string           `xml:"version,attr"`
	Namespace    string           `xml:"xmlns,attr"`
	Registration taskRegistration `xml:"RegistrationInfo"`
	Logon        taskLogon        `xml:"Triggers>LogonTrigger"`
	Principal    taskPrincipal    `xml:"Principals>Principal"`
	Settings     taskSettings     `xml:"Settings"`
	Actions      taskActions      `xml:"Actions"`
}

type taskRegistration struct {
	Author      string `xml:"Author"`
	Description string `xml:"Description"`
}

// taskLogon begins at a logon and then asks every few minutes: RestartOnFailure counts
// for what could not be started only ([MS-TSCH] 2.5.4.2), not for what ended.
type taskLogon struct {
	Interval     string `xml:"Repetition>Interval"`
	StopAfterAll bool   `xml:"Repetition>StopAtDurationEnd"`
	Enabled      bool   `xml:"Enabled"`
	UserID       string `xml:"UserId"`
}

type taskPrincipal struct {
	ID        string `xml:"id,attr"`
	UserID    string `xml:"UserId"`
	LogonType string `xml:"LogonType"`
	RunLevel  string `xml:"RunLevel"`
}

type taskSettings struct {
	MultipleInstances  string      `xml:"MultipleInstancesPolicy"`
	NotOnBatteries     bool        `xml:"DisallowStartIfOnBatteries"`
	StopOnBatteries    bool        `xml:"StopIfGoingOnBatteries"`
	HardTerminate      bool        `xml:"AllowHardTerminate"`
	StartWhenAvailable bool        `xml:"StartWhenAvailable"`
	OnlyWithNetwork    bool        `xml:"RunOnlyIfNetworkAvailable"`
	OnDemand           bool        `xml:"AllowStartOnDemand"`
	Enabled            bool        `xml:"Enabled"`
	Hidden             bool        `xml:"Hidden"`
	OnlyIfIdle         bool        `xml:"RunOnlyIfIdle"`
	WakeToRun          bool        `xml:"WakeToRun"`
	TimeLimit          string      `xml:"ExecutionTimeLimit"`
	Priority           int         `xml:"Priority"`
	Restart            taskRestart `xml:"RestartOnFailure"`
}

type taskRestart struct {
	Interval string `xml:"Interval"`
	Count    int    `xml:"Count"`
}

type taskActions struct {
	Context string   `xml:"Context,attr"`
	Exec    taskExec `xml:"Exec"`
}

type taskExec struct {
	Command   string `xml:"Command"`
	Arguments string `xml:"Arguments"`
	Directory string `xml:"WorkingDirectory"`
}

// Task returns the XML of a scheduled task: it runs from the logon of one user on, with
// that user's ordinary rights, in that user's session.
func Task(s Spec) (string, error) {
	if err := s.checkWindows(); err != nil {
		return "", err
	}
	if s.User == "" {
		return "", fmt.Errorf("install %s: the user of the task is not known", s.Name)
	}
	t := taskXML{
		Version: "1.2", Namespace: "http://schemas.microsoft.com/windows/2004/02/mit/task",
		Registration: taskRegistration{"oxtail", "Follows logs and tells faults of mail synchronisation. Written by oxtail watch install."},
		Logon:        taskLogon{"PT5M", false, true, s.User},
		Principal:    taskPrincipal{"Author", s.User, "InteractiveToken", "LeastPrivilege"},
		Settings: taskSettings{
			MultipleInstances: "IgnoreNew", HardTerminate: true, StartWhenAvailable: true, OnDemand: true, Enabled: true,
			TimeLimit: "PT0S", // none
			Priority:  7,      // below normal, as background work is
			Restart:   taskRestart{"PT1M", 255},
		},
		Actions: taskActions{"Author", taskExec{s.Program, CommandLine(s.Args), s.State}},
	}
	body, err := xml.MarshalIndent(t, "", "  ")
	if err != nil {
		return "", fmt.Errorf("install %s: %w", s.Name, err)
	}
	return `<?xml version="1.0" encoding="UTF-16"?>` + "\r\n" + string(bytes.ReplaceAll(body, []byte("\n"), []byte("\r\n"))) + "\r\n", nil
}

// utf16File returns text as the task scheduler reads it: UTF-16LE with its mark.
func utf16File(text string) []byte {
	out := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(text)) {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	return out
}
