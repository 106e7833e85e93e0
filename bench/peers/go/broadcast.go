package main

import (
	"runtime"
	"strconv"
)

// benchBroadcast: Go has none; a channel for each subscriber is what its users
// write. count messages are sent before the sender waits until all have them.
func benchBroadcast(count int) {
	const subscribers, capacity = 100, 64
	seen := 0
	channels := make([]chan uint64, subscribers)
	for i := range channels {
		channels[i] = make(chan uint64, capacity)
		go func(messages chan uint64) {
			for range messages {
				seen++
			}
		}(channels[i])
	}

	rounds := 1000 / count
	deliveries := rounds * count * subscribers
	report("broadcast", strconv.Itoa(count), deliveries, func() {
		for i := 0; i < rounds; i++ {
			all := seen + count*subscribers
			for n := 0; n < count; n++ {
				for _, channel := range channels {
					channel <- uint64(n)
				}
			}
			for seen < all {
				runtime.Gosched()
			}
		}
	})
}
