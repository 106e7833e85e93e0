package main

import (
	"runtime"
	"strconv"
)

// benchThread: calls on four goroutines that have threads of their own, count
// under way at a time. Go has no pool of threads to ask: a call that blocks
// blocks its goroutine's thread. This is for code that needs another thread.
func benchThread(count int) {
	const calls, threads = 2000, 4
	runtime.GOMAXPROCS(2)
	type call struct {
		work func()
		done chan bool
	}
	queue := make(chan call)

	for i := 0; i < threads; i++ {
		go func() {
			runtime.LockOSThread()
			for asked := range queue {
				asked.work()
				asked.done <- true
			}
		}()
	}
	report("thread", strconv.Itoa(count), calls, func() {
		finished := make(chan bool)
		for i := 0; i < count; i++ {
			go func(mine int) {
				done := make(chan bool)
				for ; mine > 0; mine-- {
					queue <- call{func() {}, done}
					<-done
				}
				finished <- true
			}((calls + i) / count)
		}
		for i := 0; i < count; i++ {
			<-finished
		}
	})
}
