package main

import "strconv"

// benchQueue: numbers from one goroutine to another over a channel, which
// has room for that many; each one that is received.
func benchQueue(capacity int) {
	reportQueue("queue", strconv.Itoa(capacity), capacity)
}

// benchHandover: without room each send waits for its receive.
func benchHandover() {
	reportQueue("handover", "message", 0)
}

func reportQueue(bench, name string, capacity int) {
	const count = 100000
	queue := make(chan uint64, capacity)
	go func() {
		for n := uint64(0); ; n++ {
			queue <- n
		}
	}()

	wanted := uint64(0)
	report(bench, name, count, func() {
		for i := 0; i < count; i++ {
			if <-queue != wanted {
				fail(1, "a wrong message")
			}
			wanted++
		}
	})
}
