//go:build go1.23

package main

import "iter"

// benchSwitch: iter.Pull is the one place where Go switches from goroutine to
// goroutine without its scheduler; next() switches there and back.
func benchSwitch() {
	const count = 1000000
	next, stop := iter.Pull(func(yield func(int) bool) {
		for n := 0; yield(n); n++ {
		}
	})
	defer stop()

	report("switch", "called", 2*count, func() {
		for i := 0; i < count; i++ {
			next()
		}
	})
}

// benchGen: each value comes by next(), out of the function that yields it.
func benchGen() {
	const count = 1000000
	next, stop := iter.Pull(func(yield func(uint64) bool) {
		for n := uint64(0); yield(n); n++ {
		}
	})
	defer stop()

	wanted := uint64(0)
	report("gen", "value", count, func() {
		for i := 0; i < count; i++ {
			if n, _ := next(); n != wanted {
				fail(1, "a wrong value")
			}
			wanted++
		}
	})
}
