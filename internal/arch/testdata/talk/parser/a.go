package parser

import (
	"fmt"
	"log"
	"os"
	"time"
)

func talk() {
	fmt.Println("x")
	log.Fatalf("x")
	fmt.Fprintln(os.Stderr, "x")
	println("x")
	_ = time.Now()
	_ = os.Getenv("HOME")
	os.Exit(1)
	_ = fmt.Sprint("fine")
}

type host struct{ Getenv func(string) string }

func fine(os host) { _ = time.Duration(1) }
