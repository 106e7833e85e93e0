package main

import (
	"fmt"
	"runtime"
	"sort"
	"time"
)

// benchPost: numbers sent over a buffered channel, from a goroutine with a
// thread of its own to one that waits. GOMAXPROCS is 2 here, or they would
// take turns on one processor.
func benchPost() {
	const count, wakes = 100000, 2000
	runtime.GOMAXPROCS(2)
	posts := make(chan int, 1024)
	wake := make(chan time.Time, 1)
	done := make(chan bool)
	times := make([]time.Duration, 0, wakes)

	go func() {
		for n := range posts {
			if n == count-1 {
				done <- true
			}
		}
	}()
	go func() {
		for asked := range wake {
			times = append(times, time.Since(asked))
			done <- true
		}
	}()

	runtime.LockOSThread()
	report("post", "rate", count, func() {
		for n := 0; n < count; n++ {
			posts <- n
		}
		<-done
	})
	for i := 0; i < wakes; i++ {
		time.Sleep(100 * time.Microsecond)
		wake <- time.Now()
		<-done
	}
	sort.Slice(times, func(i, k int) bool { return times[i] < times[k] })
	fmt.Printf("post wake %d\n", times[len(times)/2].Nanoseconds())
	fmt.Printf("post wake99 %d\n", times[len(times)*99/100].Nanoseconds())
}
