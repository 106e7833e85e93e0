package main

import (
	"fmt"
	"sync"
	"time"
)

// benchAwaited: many timers without a goroutine each, until the same moment.
func benchAwaited(count, milliseconds int) {
	resident, tables := memory()
	begin := time.Now()
	moment := begin.Add(time.Duration(milliseconds) * time.Millisecond)

	var all sync.WaitGroup
	all.Add(count)
	timers := make([]*time.Timer, count)
	for i := range timers {
		timers[i] = time.AfterFunc(time.Until(moment), all.Done)
	}
	started := time.Since(begin)
	residentNow, tablesNow := memory()
	if time.Now().After(moment) {
		fail(3, fmt.Sprintf("too short: %d ms for %d", milliseconds, count))
	}

	all.Wait()
	woken := time.Since(moment)
	resident, tables = residentNow-resident, tablesNow-tables
	each := func(bytes int) float64 { return float64(bytes) / float64(count) }
	fmt.Printf("awaited memory %.1f\n", each(resident))
	fmt.Printf("awaited with-tables %.1f\n", each(resident+tables))
	million := (started + woken).Seconds() * 1e6 / float64(count)
	fmt.Printf("awaited seconds %.4f\n", million)
	fmt.Printf("awaited started %.4f\n", started.Seconds())
}
