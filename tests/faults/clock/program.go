// Tells how a Go program sees its clock: by sleeping, timers, tickers and plain readings.
package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"sync/atomic"
	"time"
)

func say(what string, since time.Time) {
	now := time.Now()
	fmt.Printf("%s %.3f %.3f\n", what, now.Sub(since).Seconds(), now.Round(0).Sub(since.Round(0)).Seconds())
}

func waiting(start time.Time) {
	done := make(chan string)
	go func() { time.Sleep(300 * time.Second); done <- "slept" }()
	go func() { <-time.NewTimer(200 * time.Second).C; done <- "timer" }()
	go func() {
		over, cancel := context.WithTimeout(context.Background(), 250*time.Second)
		defer cancel()
		<-over.Done()
		done <- "context"
	}()
	for range 3 {
		say(<-done, start)
	}
}

func ticking(start time.Time) {
	ticker := time.NewTicker(time.Second)
	for count := 1; ; count++ {
		<-ticker.C
		say("tick", start)
	}
}

// Garbage and readings on all processors at once: the clock must not go back for anybody, and nothing may hang.
func reading() {
	var back, reads atomic.Int64
	for range 4 {
		go func() {
			last := time.Now()
			for {
				garbage := make([]byte, 1<<16)
				now := time.Now()
				if now.Before(last) || now.Round(0).Before(last.Round(0)) {
					back.Add(1)
				}
				last = now
				reads.Add(int64(len(garbage)) >> 16)
			}
		}()
	}
	for reads.Load() < 300000 {
		runtime.Gosched()
	}
	fmt.Printf("read %d\n", back.Load())
}

func main() {
	start := time.Now()
	fmt.Printf("begin %d\n", start.Unix())
	switch os.Args[1] {
	case "waiting":
		waiting(start)
	case "ticking":
		ticking(start)
	case "reading":
		reading()
	}
}
