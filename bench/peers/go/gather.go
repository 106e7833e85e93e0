package main

import (
	"strconv"
	"sync"
)

// benchGather: start many goroutines, wait for all, add up their results.
func benchGather(count int) {
	report("gather", strconv.Itoa(count), count, func() {
		results := make([]int, count)
		var all sync.WaitGroup
		all.Add(count)
		for n := 0; n < count; n++ {
			go func(n int) {
				results[n] = n
				all.Done()
			}(n)
		}
		all.Wait()

		sum := 0
		for _, result := range results {
			sum += result
		}
		if sum != count*(count-1)/2 {
			fail(1, "a wrong sum")
		}
	})
}
