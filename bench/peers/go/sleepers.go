package main

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// benchSleepers: many goroutines asleep at once, until the same moment.
func benchSleepers(count, milliseconds int) {
	resident, tables := memory()
	begin := time.Now()
	moment := begin.Add(time.Duration(milliseconds) * time.Millisecond)
	var asleep, awake atomic.Int64

	var all sync.WaitGroup
	all.Add(count)
	for i := 0; i < count; i++ {
		go func() {
			asleep.Add(1)
			time.Sleep(time.Until(moment))
			awake.Add(1)
			all.Done()
		}()
	}
	for asleep.Load() < int64(count) {
		runtime.Gosched()
	}
	started := time.Since(begin)
	residentNow, tablesNow := memory()
	if awake.Load() > 0 || time.Now().After(moment) {
		fail(3, fmt.Sprintf("too short: %d ms for %d", milliseconds, count))
	}

	all.Wait()
	woken := time.Since(moment)
	resident, tables = residentNow-resident, tablesNow-tables
	each := func(bytes int) float64 { return float64(bytes) / float64(count) }
	fmt.Printf("sleepers memory %.1f\n", each(resident))
	fmt.Printf("sleepers with-tables %.1f\n", each(resident+tables))
	million := (started + woken).Seconds() * 1e6 / float64(count)
	fmt.Printf("sleepers seconds %.4f\n", million)
	fmt.Printf("sleepers started %.4f\n", started.Seconds())
}
