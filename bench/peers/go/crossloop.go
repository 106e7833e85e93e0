package main

import "runtime"

// benchCrossloop: messages between two goroutines that do not share a thread:
// one has its own. GOMAXPROCS is 2 here.
func benchCrossloop() {
	const count, trips = 100000, 10000
	runtime.GOMAXPROCS(2)
	queue := make(chan uint64, 128)
	done := make(chan bool)
	there, back := make(chan uint64, 1), make(chan uint64, 1)

	go func() {
		for n := range queue {
			if n == count-1 {
				done <- true
			}
		}
	}()
	go func() {
		for n := range there {
			back <- n
		}
	}()

	runtime.LockOSThread()
	report("crossloop", "rate", count, func() {
		for n := uint64(0); n < count; n++ {
			queue <- n
		}
		<-done
	})
	report("crossloop", "trip", trips, func() {
		for n := uint64(0); n < trips; n++ {
			there <- n
			if <-back != n {
				fail(1, "a wrong message")
			}
		}
	})
}
