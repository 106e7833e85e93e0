package main

// benchStart: start an empty goroutine and wait for its result. A channel is
// how Go returns a result; one channel serves all, since making one for each
// start costs more. A WaitGroup in its place took as long here.
func benchStart() {
	const count = 100000
	result := make(chan int)

	report("start", "await", count, func() {
		for n := 0; n < count; n++ {
			go func(n int) { result <- n }(n)
			if <-result != n {
				fail(1, "a wrong result")
			}
		}
	})
}
