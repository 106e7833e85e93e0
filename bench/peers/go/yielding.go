package main

import (
	"fmt"
	"runtime"
	"time"
)

// benchYield: every goroutine yields, over and over, and counts its turns. The
// counter need not be atomic: on one processor a goroutine is interrupted at
// most every 10 ms, and hardly ever inside the addition.
func benchYield(count int) {
	turns := 0
	for i := 1; i < count; i++ {
		go func() {
			for {
				turns++
				runtime.Gosched()
			}
		}()
	}
	for turns < 4*count {
		turns++
		runtime.Gosched()
	}

	rounds := (100000 + count - 1) / count
	before := turns
	begin := time.Now()
	for time.Since(begin) < window {
		for i := 0; i < rounds; i++ {
			turns++
			runtime.Gosched()
		}
	}
	spent := float64(time.Since(begin).Nanoseconds())
	fmt.Printf("yield %d %.4f\n", count, spent/float64(turns-before))
}
