package main

import (
	"runtime"
	"sync"
)

const lockTasks, lockCount = 10, 100000

// benchLock: sync.Mutex, which whoever comes first may take; one that waited
// is preferred only after a millisecond.
func benchLock() {
	var lock sync.Mutex
	held := 0

	report("lock", "free", lockCount, func() {
		for i := 0; i < lockCount; i++ {
			lock.Lock()
			held++
			lock.Unlock()
		}
	})
	report("lock", "contended", lockCount, func() {
		contend(func() {
			for i := 0; i < lockCount/lockTasks; i++ {
				lock.Lock()
				held++
				runtime.Gosched()
				lock.Unlock()
			}
		})
	})
}

// benchSemaphore: a buffered channel, which is Go's own word for it. The
// Weighted one of golang.org/x/sync took half as long here while it was free,
// and half as long again when contended.
func benchSemaphore() {
	permits := make(chan struct{}, 4)
	held := 0

	report("semaphore", "free", lockCount, func() {
		for i := 0; i < lockCount; i++ {
			permits <- struct{}{}
			held++
			<-permits
		}
	})
	report("semaphore", "contended", lockCount, func() {
		contend(func() {
			for i := 0; i < lockCount/lockTasks; i++ {
				permits <- struct{}{}
				held++
				runtime.Gosched()
				<-permits
			}
		})
	})
}

// contend runs work in ten goroutines, to the end of all.
func contend(work func()) {
	var all sync.WaitGroup
	all.Add(lockTasks)
	for i := 0; i < lockTasks; i++ {
		go func() {
			work()
			all.Done()
		}()
	}
	all.Wait()
}
