package main

import "runtime"

// benchSelect: one of eight channels becomes ready at a time.
func benchSelect() {
	const count = 100000
	var sources [8]chan uint64
	for i := range sources {
		sources[i] = make(chan uint64, 1)
	}
	seen, sum := 0, uint64(0)
	go func() {
		for {
			var n uint64
			select {
			case n = <-sources[0]:
			case n = <-sources[1]:
			case n = <-sources[2]:
			case n = <-sources[3]:
			case n = <-sources[4]:
			case n = <-sources[5]:
			case n = <-sources[6]:
			case n = <-sources[7]:
			}
			seen++
			sum += n
		}
	}()

	report("select", "8", count, func() {
		all := seen + count
		for n := 0; n < count; n++ {
			sources[n%8] <- uint64(n)
			runtime.Gosched()
		}
		for seen < all {
			runtime.Gosched()
		}
	})
}
